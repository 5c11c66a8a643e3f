"""What is enforced and kept is held against papers and chain: each row that somebody changed is named (W4)."""

import asyncio
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.casework.auditing import verified
from gateway.casework.auditing_rows import compared
from gateway.casework.desk import Casework
from gateway.casework.evidence import EvidenceRoom
from gateway.import_fields import Terms
from gateway.imports import bring_in
from gateway.retention import Retention
from gateway.tokens import Tokens
from rules.casework import catalogue
from rules.casework.actor import Actor
from rules.policies import Policy
from storage.audit import RETENTION
from storage.record import Record
from tests.gateway.casework.desk import CLERK, MANAGER
from tests.gateway.casework.notice_desk import DAILY, WEEKLY, NoticeDesk
from tests.gateway.office import Clock, office, with_record

HEAD = Actor("H. Head", frozenset({"head"}))

IMPORTED = """
[[party]]
name = "I. Imported"
emails = ["i.imported@example.org"]

[[party.restriction]]
starts = 2026-01-05
ends = 2026-12-31
ground = "persistent_contact"
reason = "Forty calls a week"
approved_by = "Head of Casework"
notified = true
measures = [{kind = "volume_limit", channels = ["email"], count = 1, per = "week"}]

[[party.adjustment]]
need = "large print"
open = ["call"]
forms = ["large_print"]
"""


@dataclass
class Place:
    """Hold an office that was at work, and the ids of what is on its record."""

    record: Record
    file: Path
    policy: Policy
    names: dict[str, object]

    def found(self, *spoils):
        """Change rows past the program, give the sentences, and put all back."""
        sentences: list[str] = []

        def job(tx):
            for spoil in spoils:
                tx.link.plain(spoil.format(**self.names), {})
            sentences.extend(compared(tx, self.policy).differences)
            raise _BackAgain

        with pytest.raises(_BackAgain):
            self.record.write_now(job)
        return sentences


class _BackAgain(Exception):
    """Undo what a test spoilt."""


@pytest.fixture(scope="module")
def place(tmp_path_factory, template):
    """An office with all that can be spoilt, after a merge, a split, a lifting and an import."""
    folder = with_record(tmp_path_factory.mktemp("audited"), template)
    policy, names, now = asyncio.run(_at_work(folder))
    file = folder / "state" / "parley.db"
    with Record.open(f"sqlite:///{file}", now=Clock(now)) as record:
        yield Place(record, file, policy, names)


async def _at_work(folder):
    async with office(folder) as here:
        desk = NoticeDesk(here)
        names = {"party": desk.party, "told": desk.told(WEEKLY)}
        names["notice"] = desk.draft(desk.untold(DAILY), forms=["plain_text"]).id
        names["lifted"] = desk.told(WEEKLY)
        desk.act("lift_restriction", restriction=names["lifted"], reason="It is quiet now.")
        names["need"] = desk.act("agree_adjustment", need="A person answers.", open=["call"]).id
        other = here.party(name="R. Other", emails=["r.other@example.org"])
        desk.do(other, "agree_adjustment", need="Large print.", forms=["large_print"])
        merge = desk.act("merge", other=other, reason="One address.").id
        desk.act("split", merge=merge, reason="Two brothers.")
        room = EvidenceRoom(here.record, desk.casework, here.settings.policy)
        sealed = room.seal(desk.party, b"What was sent", CLERK, mark="DISTRESSING - letter 1", description="A letter.")
        names["sealed"] = sealed.paper.id
        tokens = Tokens(here.record, here.settings, here.clock)
        names["token"] = tokens.add("Program", ["manager"], MANAGER).token.id
        names["old_token"] = tokens.add("Old program", ["manager"], MANAGER).token.id
        tokens.revoke(names["old_token"], MANAGER)
        file = folder / "known.toml"
        file.write_text(IMPORTED, "utf-8")
        brought = bring_in(here.record, file, Terms(here.settings.policy, here.clock(), frozenset()), who="test")
        names["imported"] = brought.restrictions[0]
        return here.settings.policy, names, here.clock()


def test_W4_an_office_at_work_is_sound(place):
    """After all that was done there nothing is said; what nothing vouches for is counted."""
    found = verified(place.record, place.policy)
    assert (found.differences, found.papers_wrong, found.broken_at, found.sound) == ((), (), None, True)
    assert found.unvouched == {"adjustments": 1, "identifiers": 3}
    assert place.found() == []


SPOILT = {
    "the measures of a restriction": (
        """UPDATE restrictions SET measures = '[{{"kind":"block"}}]' WHERE id = '{told}'""",
        "Party {party}: restriction {told} is enforced otherwise than its papers say: the measures.",
    ),
    "its end, and that the party was told": (
        "UPDATE restrictions SET ends = ends + 1, told = 'no' WHERE id = '{told}'",
        "Party {party}: restriction {told} is enforced otherwise than its papers say: "
        "the end, whether the party was told.",
    ),
    "a measure that nobody can read": (
        "UPDATE restrictions SET measures = '[7]' WHERE id = '{told}'",
        "Party {party}: restriction {told} cannot be read as it is enforced.",
    ),
    "a restriction that is taken away": (
        "DELETE FROM restrictions WHERE id = '{told}'",
        "Party {party}: restriction {told} stands on its papers, and is not enforced.",
    ),
    "a restriction that is lifted, and bites again": (
        "UPDATE restrictions SET ends = 4102444800000000 WHERE id = '{lifted}'",
        "Party {party}: restriction {lifted} is enforced otherwise than its papers say: the end.",
    ),
    "a restriction that is put in": (
        "INSERT INTO restrictions SELECT 'forged', party_id, measures, starts, ends, reason, ground, approved_by, "
        "told, review_at, contract_agreed, created_at FROM restrictions WHERE id = '{told}'",
        "Party {party}: restriction forged is enforced, and neither a paper nor an import made it.",
    ),
    "a restriction moved to another party": (
        "UPDATE restrictions SET party_id = 2 WHERE id = '{told}'",
        "Party {party}: restriction {told} stands on its papers, and is not enforced.",
        "Party 2: restriction {told} is enforced, and no paper on this file made it.",
    ),
    "an imported restriction": (
        "UPDATE restrictions SET ends = ends + 1 WHERE id = '{imported}'",
        "Party 3: restriction {imported} is not as it was imported.",
    ),
    "an imported restriction that is taken away": (
        "DELETE FROM restrictions WHERE id = '{imported}'",
        "Restriction {imported} was imported, and is not on record any more.",
    ),
    "an imported restriction that nobody can read": (
        "UPDATE restrictions SET measures = '[7]' WHERE id = '{imported}'",
        "Party 3: Its file cannot be shown: paper {imported} cannot be read. "
        "So what is enforced could not be compared.",
    ),
    "the way that an adjustment keeps open": (
        "UPDATE adjustments SET open = '[]' WHERE paper = '{need}'",
        "Party {party}: adjustment {need} is otherwise than its papers say: the ways that stay open.",
    ),
    "an adjustment that is taken away": (
        "DELETE FROM adjustments WHERE paper = '{need}'",
        "Party {party}: adjustment {need} was agreed on its paper, and is not kept to.",
    ),
    "the words of a notice": (
        "UPDATE notices SET text = 'We are sorry.' WHERE id = '{notice}'",
        "Party {party}: notice {notice} is not as it was drafted.",
    ),
    "what was printed of a notice": (
        "UPDATE notices SET printed = x'5b375d' WHERE id = '{notice}'",
        "Party {party}: notice {notice} is not as it was drafted.",
    ),
    "a notice that is emptied": (
        "UPDATE notices SET text = '', printed = x'5b5d' WHERE id = '{notice}'",
        "Party {party}: notice {notice} says nothing any more, which no run of retention did.",
    ),
    "a notice that is taken away": (
        "DELETE FROM notices WHERE id = '{notice}'",
        "Party {party}: notice {notice} was drafted, and is not on record any more.",
    ),
    "sealed bytes": (
        "UPDATE evidence_contents SET content = x'00'",
        "Party {party}: what is kept under paper {sealed} is not what it sealed.",
    ),
    "sealed bytes that are taken away": (
        "DELETE FROM evidence",
        "Party {party}: what paper {sealed} sealed is not on record.",
    ),
    "the roles of a token": (
        """UPDATE tokens SET roles = '["head"]' WHERE id = '{token}'""",
        "Token {token} is not as it was made: its name, its roles, its secret or its end is another.",
    ),
    "the secret of a token": (
        "UPDATE tokens SET digest = 'x' WHERE id = '{token}'",
        "Token {token} is not as it was made: its name, its roles, its secret or its end is another.",
    ),
    "a token that was revoked": (
        "UPDATE tokens SET revoked_at = NULL WHERE id = '{old_token}'",
        "Token {old_token} was revoked, and opens the door again.",
    ),
    "a token that nobody made": (
        "UPDATE tokens SET id = 'forged' WHERE id = '{token}'",
        "Token forged is on record, and nobody made it.",
        "Token {token} was made, and is not on record any more.",
    ),
}


@pytest.mark.parametrize(("spoil", "sentences"), [(spoil, told) for spoil, *told in SPOILT.values()], ids=list(SPOILT))
def test_W4_what_was_changed_past_the_program_is_named(place, spoil, sentences):
    """One sentence each, with numbers and ids alone; nothing else is said."""
    assert place.found(spoil) == [each.format(**place.names) for each in sentences]


def test_W4_a_difference_alone_is_enough(place, tmp_path):
    """Chain and papers are as they were written, and yet it is not sound."""
    copy = tmp_path / "parley.db"
    with sqlite3.connect(place.file) as there, sqlite3.connect(copy) as here:
        there.backup(here)
        here.execute("UPDATE restrictions SET told = 'no' WHERE id = ?", (place.names["told"],))
    with Record.open(f"sqlite:///{copy}", now=Clock()) as record:
        found = verified(record, place.policy)
    assert (found.sound, found.papers_wrong, found.broken_at, len(found.differences)) == (False, (), None, 1)


def test_W4_an_imported_restriction_that_papers_changed_is_counted_and_its_lifting_holds(place, tmp_path, template):
    """Its papers do not say what it was before: that it is lifted they do."""
    copy, clock, file = tmp_path / "parley.db", Clock(), tmp_path / "known.toml"
    shutil.copyfile(template, copy)
    file.write_text(IMPORTED.partition("[[party.adjustment]]")[0], "utf-8")
    with Record.open(f"sqlite:///{copy}", now=clock) as record:
        (number,) = bring_in(record, file, Terms(place.policy, clock(), frozenset()), who="test").restrictions
        desk = Casework(record, place.policy, clock)
        clock.advance(days=1)
        desk.do_now(1, catalogue.parse("lift_restriction", {"restriction": number, "reason": "Quiet."}), MANAGER)
        found = verified(record, place.policy)
        assert (found.sound, sum(found.unvouched.values())) == (True, 2), "it, and the address of the party"
        record.write_now(lambda tx: tx.link.plain("UPDATE restrictions SET ends = ends + 1", {}))
        (sentence,) = verified(record, place.policy).differences
    assert sentence == f"Party 1: restriction {number} is enforced, and its papers say that it was lifted."


def test_W4_PHSO_7_what_retention_deleted_is_no_difference(place, tmp_path, template):
    """An imported restriction goes by its act, which names it; one that goes without is a difference."""
    copy, clock = tmp_path / "parley.db", Clock()
    shutil.copyfile(template, copy)
    file = tmp_path / "known.toml"
    over = IMPORTED.partition("[[party.adjustment]]")[0].replace("2026-12-31", "2026-01-31")
    file.write_text(over, "utf-8")
    with Record.open(f"sqlite:///{copy}", now=clock) as record:
        (number,) = bring_in(record, file, Terms(place.policy, clock(), frozenset()), who="test").restrictions
        assert verified(record, place.policy).sound
        clock.advance(days=366 * 12)
        asyncio.run(Retention(record, place.policy, clock).apply(HEAD))
        assert record.read_now(lambda reader: [dict(each.restrictions) for _, each in reader.enforced((1,))]) == [{}]
        assert verified(record, place.policy).sound
        (act,) = record.read_now(lambda reader: reader.acts_named(RETENTION))
        assert (act.detail["restrictions"], act.detail["papers"]) == ([number], [])
