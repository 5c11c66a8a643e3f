"""What is enforced and kept, as the tables have it: every row, on both databases, whatever somebody made of it."""

from hashlib import sha256

from rules import measures
from rules.casework import catalogue
from rules.casework.file import Paper
from rules.contact import Channel
from rules.standing import Adjustment, Restriction
from storage.proofs import adjustment_as_kept, restriction_as_kept
from storage.restrictions import written_digest
from tests.storage.office import AT, after

LIMIT = measures.parse({"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"})
ONE = Restriction("R1", (LIMIT,), AT, after(days=1), reason="half \ud800 and \0", approved_by="Head")
NEED = Adjustment("half \ud800 and \0", frozenset({Channel.CALL}), AT, forms=("large_print",))
NOTE = {"category": "abusive_language", "what": "Shouted"}


def test_every_row_is_given_as_it_is(record):
    """By party, merged or not; read again it is what was written, and its digest that of the writing."""

    def job(tx):
        rosa, other = tx.add_party("R. Example"), tx.add_party("S. Sample")
        tx.add_restriction(rosa, ONE)
        tx.add_adjustment(rosa, NEED)
        tx.put_adjustment(other, "P1", NEED)
        return rosa, other

    rosa, other = record.write_now(job)
    numbers = record.read_now(lambda reader: reader.party_numbers(0, 500))
    assert (numbers, record.read_now(lambda reader: reader.party_numbers(rosa, 500))) == ((rosa, other), (other,))
    found = record.read_now(lambda reader: dict(reader.enforced(numbers)))
    assert found[rosa].restrictions == {"R1": (restriction_as_kept(ONE), written_digest(ONE))}
    assert (found[rosa].adjustments, found[rosa].unpapered) == ({}, 1)
    assert (found[other].adjustments, found[other].unpapered) == ({"P1": adjustment_as_kept(NEED)}, 0)


def test_a_row_that_nobody_can_read_is_given_as_none(record):
    """Whoever verifies goes on with the others."""

    def job(tx):
        rosa = tx.add_party("R. Example")
        tx.add_restriction(rosa, ONE)
        tx.put_adjustment(rosa, "P1", NEED)
        tx.link.plain("UPDATE restrictions SET measures = '[7]'", {})
        tx.link.plain("UPDATE adjustments SET open = 'x'", {})
        return rosa

    rosa = record.write_now(job)
    ((_, found),) = record.read_now(lambda reader: list(reader.enforced((rosa,))))
    assert (found.restrictions["R1"][0], found.adjustments) == (None, {"P1": None})


def test_sealed_bytes_are_read_piece_by_piece(record):
    """Each paper with the digest of the bytes that are there, whatever the row says."""

    def job(tx):
        rosa = tx.add_party("R. Example")
        for number in ("P1", "P2"):
            paper = Paper(number, AT, "A. Clerk", "", catalogue.parse("note_incident", NOTE))
            tx.add_paper(rosa, paper, tx.case_file(rosa).version)
            tx.keep_evidence(number, b"the same")
        return None

    record.write_now(job)
    kept = sha256(b"the same").hexdigest()
    assert record.read_now(lambda reader: dict(reader.sealed_contents())) == {"P1": kept, "P2": kept}
