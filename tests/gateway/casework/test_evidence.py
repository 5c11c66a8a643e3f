"""Sealing and opening: act and bytes together, after the warning, and never what was not sealed."""

from hashlib import sha256

import pytest

from gateway.casework.desk import Stale
from gateway.casework.evidence import EvidenceDamaged, EvidenceRoom, needs_its_bytes
from rules.casework.refused import Refused
from tests.gateway.casework.casework_office import CLERK, MANAGER, Office

CONTENT = b"RIFF\0\0 a recording that nobody should hear by accident"
NAMED = {"mark": "DISTRESSING - voicemail 1", "description": "A voicemail of two minutes"}


@pytest.fixture
def office(folder):
    """An office under SPSO's policy, whose desk seals nothing without its bytes."""
    office = Office(folder, "spso", effects=(needs_its_bytes,))
    yield office
    office.record.close()


@pytest.fixture
def room(office):
    """The evidence room of that office."""
    return EvidenceRoom(office.record, office.casework, office.policy)


def kept(office, number):
    """Give the bytes on record."""
    return office.record.read_now(lambda reader: reader.evidence(number))


def test_SPSO_66_what_is_sealed_is_kept_with_its_paper(office, room):
    """Digest and size are those of the bytes; the paper has neither a byte nor a word of them."""
    done = room.seal(office.party, CONTENT, CLERK, **NAMED)
    (sealed,) = done.shelf.evidence.values()
    assert (sealed.digest, sealed.size) == (sha256(CONTENT).hexdigest(), len(CONTENT))
    assert kept(office, done.paper.id) == CONTENT
    assert office.file().paper(done.paper.id) == done.paper


def test_SPSO_66_above_the_policys_size_nothing_is_kept(office, room):
    """Neither paper nor bytes."""
    with pytest.raises(Refused, match="25 MB at most"):
        room.seal(office.party, bytes(25_000_001), CLERK, **NAMED)
    assert office.file().papers == ()
    assert office.record.read_now(lambda reader: reader.link.plain("SELECT count(*) FROM evidence", {})) == [(0,)]


def test_SPSO_66_an_empty_file_is_no_evidence(office, room):
    """There is nothing to seal."""
    with pytest.raises(Refused, match="nothing to seal"):
        room.seal(office.party, b"", CLERK, **NAMED)


def test_SPSO_66_somebody_faster_is_told(office, room):
    """Who sealed on an older file is told, and nothing of theirs is kept."""
    version = office.file().version
    room.seal(office.party, CONTENT, CLERK, **NAMED)
    with pytest.raises(Stale):
        room.seal(office.party, b"another", CLERK, mark="ANOTHER", description="A letter", version=version)
    assert len(office.file().papers) == 1


def test_SPSO_66_nothing_is_sealed_without_its_bytes(office):
    """A digest that somebody typed in at the desk is refused: there is nothing under it."""
    with pytest.raises(Refused, match="Bring the file"):
        office.do("seal_evidence", **NAMED, digest="a" * 64, size=9)
    assert office.file().papers == ()


def test_SPSO_67_it_is_opened_after_the_warning_and_on_record(office, room):
    """Without the warning nothing is given; with it the bytes come, and the opening is a paper in the chain."""
    number = room.seal(office.party, CONTENT, CLERK, **NAMED).paper.id
    with pytest.raises(Refused, match="DISTRESSING"):
        room.open(office.party, number, MANAGER, reason="For the appeal.", warned=False)
    assert len(office.file().papers) == 1
    opened = room.open(office.party, number, MANAGER, reason="For the appeal.", warned=True)
    assert opened.content == CONTENT
    assert [by for _, by in opened.sealed.opened] == [MANAGER.name]
    assert [paper.act.name for paper in office.file().papers] == ["seal_evidence", "open_evidence"]
    assert len(office.acts("paper")) == 2


def test_SPSO_68_whoever_may_not_gets_nothing(office, room):
    """A caseworker's attempt gives no bytes and leaves no paper."""
    number = room.seal(office.party, CONTENT, CLERK, **NAMED).paper.id
    with pytest.raises(Refused, match="may not do this"):
        room.open(office.party, number, CLERK, reason="Curious.", warned=True)
    assert len(office.file().papers) == 1


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE evidence_contents SET content = x'00'", id="other bytes were put in their place"),
        pytest.param("DELETE FROM evidence", id="the bytes were taken away"),
    ],
)
def test_SPSO_66_what_was_not_sealed_is_never_given(office, room, statement):
    """It is our own fault, not a refusal; nobody is given anything, and no opening is on record."""
    number = room.seal(office.party, CONTENT, CLERK, **NAMED).paper.id
    office.record.write_now(lambda tx: tx.link.plain(statement, {}))
    with pytest.raises(EvidenceDamaged, match=number):
        room.open(office.party, number, MANAGER, reason="For the appeal.", warned=True)
    assert len(office.file().papers) == 1


def test_SPSO_67_nothing_is_opened_where_nobody_is_given_it(office, room):
    """An opening typed in at the desk would be on record though nobody saw anything."""
    number = room.seal(office.party, CONTENT, CLERK, **NAMED).paper.id
    with pytest.raises(Refused, match="evidence open"):
        office.do("open_evidence", MANAGER, evidence=number, reason="For the appeal.", warned=True)
    assert len(office.file().papers) == 1


def test_SPSO_66_the_same_bytes_are_kept_once(office, room):
    """Two papers name them, and each gives them whole."""
    first = room.seal(office.party, CONTENT, CLERK, **NAMED).paper.id
    second = room.seal(office.party, CONTENT, CLERK, mark="COPY", description="The same again").paper.id
    assert [kept(office, number) for number in (first, second)] == [CONTENT, CONTENT]
    (count,) = office.record.read_now(lambda reader: reader.link.plain("SELECT count(*) FROM evidence_contents", {}))
    assert count == (1,)


def test_W4_who_looks_at_the_list_is_on_record(office, room):
    """The list shows marks and descriptions, no byte."""
    room.seal(office.party, CONTENT, CLERK, **NAMED, media_type="audio/mpeg")
    (one,) = room.list(office.party, CLERK)
    assert (one.mark, one.media_type) == (NAMED["mark"], "audio/mpeg")
    assert [act.who for act in office.acts("read_file")] == [CLERK.name]


def test_SPSO_68_who_sees_no_history_sees_no_list(office):
    """Staff at the phones see what to do, not what there is."""
    policy = office.policy.with_changes(rights={"read_file": frozenset({"manager"})})
    with pytest.raises(Refused, match="may not do this"):
        EvidenceRoom(office.record, office.casework, policy).list(office.party, CLERK)
