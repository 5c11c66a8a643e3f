"""`parley waiting` and `parley sheet`: what a person reads before and between decisions."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from rules.waiting_for import WaitingFor
from storage.entries import State

MEASURES = 'measures=[{kind="volume_limit", channels=["call"], count=1, per="week"}]'


@pytest.fixture
def rosa(office, parley):
    """A party with an incident and a warning that was not sent yet."""
    assert parley("party", "add", "Rosa Example", "--email", "rosa@example.org").code == 0
    noted = parley("act", "note_incident", "Rosa Example", "category=abusive_language", "what=Shouted.", "--json")
    incident = json.loads(noted.out)["paper"]["id"]
    assert parley("act", "warn", "Rosa Example", f"incidents={incident}", "text=Please stop.").code == 0
    return incident


def test_what_waits_is_a_table(rosa, parley):
    """Each with its party and what somebody has to do; what was done a moment ago is not late."""
    said = parley("waiting")
    assert said.code == 0
    assert "Rosa Example" in said.out
    assert "a warning's letter" in said.out
    assert "1 waiting, nothing overdue" in said.out
    (one,) = json.loads(parley("waiting", "--json").out)
    assert (one["name"], one["what"], one["overdue"]) == ("Rosa Example", "warning_letter", False)


def test_nothing_waits_in_a_new_office(office, parley):
    """An empty list is a sentence."""
    assert parley("waiting").out == "Nothing waits.\n"


def test_the_sheet_is_read_before_a_proposal(rosa, office, parley):
    """Our own part, what the measures would have done, and the milder ones beside them."""
    office.entry(whose="party:1", party_id=1, sender="email:rosa@example.org")
    said = parley("sheet", "Rosa Example", 'measures=[{kind="block"}]')
    assert said.code == 0, said.err
    for words in ("1 by email", "Our part:", "Nobody has asked yet", "1 refuse", "1 file", "a total block"):
        assert words in said.out
    found = json.loads(parley("sheet", "Rosa Example", MEASURES, "--json").out)
    assert found["would_have"][0]["outcomes"] == {"deliver": 1}
    said = parley("sheet", "Rosa Example", 'measures=[{kind="stop_case", case="HS-1234"}]')
    assert "it cannot be told" in " ".join(said.out.split())
    assert not found["total_block"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(("Nobody", MEASURES), "No party has this", id="a party that is not there"),
        pytest.param(
            ("Rosa Example", 'measures=[{kind="exile"}]'), "there is no measure 'exile'", id="no such measure"
        ),
        pytest.param(("Rosa Example", "measures=[]"), "Write the measures", id="no measures"),
        pytest.param(("Rosa Example", "reason=x"), "Write the measures", id="something else"),
    ],
)
def test_a_sheet_of_nothing_is_a_sentence(rosa, parley, arguments, sentence):
    """Bad input ends with 2 and a sentence."""
    said = parley("sheet", *arguments)
    assert said.code == 2
    assert sentence in said.err


def test_a_data_breach_waits_with_its_72_hours(rosa, parley):
    """It stands with its party, its time and what to do."""
    said = parley("correct", "rosa@example.org", "--party", "Rosa Example", "--reason", "It was a neighbour")
    assert said.code == 0, said.err
    (one,) = [each for each in json.loads(parley("waiting", "--json").out) if each["what"] == "breach"]
    assert (one["name"], one["overdue"]) == ("Rosa Example", False)
    assert "data breach" in " ".join(parley("waiting").out.split())


def test_W4_that_somebody_drew_up_a_sheet_is_on_record(rosa, office, parley):
    """It reads from a party's file."""
    assert parley("sheet", "Rosa Example", MEASURES).code == 0
    acts = office.read(lambda reader: reader.acts(limit=1))
    assert (acts[0].act, acts[0].about) == ("read_file", "party:1")


def test_a_file_that_cannot_be_read_waits_and_hides_nothing(rosa, office, parley):
    """The lists go on; the file itself is a sentence that names the paper, and 75."""
    assert parley("party", "add", "S. Sample").code == 0
    office.write(lambda tx: tx.link.plain("UPDATE papers SET data = '{' WHERE act = 'warn'", {}))
    waits = json.loads(parley("waiting", "--json").out)
    assert [(each["name"], each["what"]) for each in waits if each["what"] == "unreadable"] == [
        ("Rosa Example", "unreadable")
    ]
    listed = parley("party", "list")
    assert listed.code == 0 and "S. Sample" in listed.out and "cannot be" in listed.out
    for arguments in (("party", "show", "1"), ("export",), ("act", "note_incident", "1", "category=other", "what=x")):
        said = parley(*arguments)
        assert said.code == 75, said
        assert "cannot be read" in said.err


def test_all_that_waits_is_one_list_with_whose_it_is(rosa, office, parley):
    """Contacts beside files, by role where nobody is named; by kind, by owner, what is overdue, and counted."""
    filed = office.entry(state=State.FILED, look_by=office.now - timedelta(days=1), owner="duty")
    office.entry(state=State.HELD, look_by=office.now + timedelta(days=9), owner="K. Jones")
    found = json.loads(parley("waiting", "--json").out)
    assert [(one["what"], one["owner"], one["overdue"]) for one in found] == [
        ("look", "Caseworker", True),
        ("warning_letter", found[1]["owner"], False),
        ("held", "K. Jones", False),
    ]
    assert found[0]["about"] == filed
    for arguments, expected in (
        (("--overdue",), ["look"]),
        (("--kind", "held", "--kind", "look"), ["look", "held"]),
        (("--owner", "k. jones"), ["held"]),
    ):
        assert [one["what"] for one in json.loads(parley("waiting", *arguments, "--json").out)] == expected
    counted = json.loads(parley("waiting", "--count", "--json").out)
    assert (counted["waiting"], counted["overdue"]) == (3, 1)
    assert counted["overdue_by_kind"] == {"look": 1}
    assert counted["overdue_by_owner"]["Caseworker"] == 1
    assert "3 waiting, 1 overdue" in parley("waiting").out


def test_kinds_are_named_as_the_policy_names_them(office, parley):
    """Each with its words; another one is a sentence and 2."""
    said = parley("waiting", "--kinds").out
    assert all(f"{what.value} " in said and what.words in said for what in WaitingFor)
    wrong = parley("waiting", "--kind", "tea")
    assert (wrong.code, "called tea" in wrong.err) == (2, True)


def test_a_legal_clock_at_the_keyboard(rosa, office, parley):
    """A letter is logged, its clock started from the day it came, made longer, stopped; wrong words are sentences."""
    letter = office.entry(whose="party:1", party_id=1)
    started = parley("clocks", "start", letter, "own_data", "--received", "2026-01-31")
    assert started.out == f"The clock of {letter} runs; its last day is Monday 2 March 2026.\n"
    shown = parley("clocks", "list").out
    assert "2026-03-02 !" in shown and "Rosa Example" in shown
    page = " ".join(parley("party", "show", "1").out.split())
    assert f"{letter}: own data, received 31 Jan 2026; OVERDUE: its last day was 2 Mar 2026." in page
    for arguments in (
        ("pause", "--for", "meaning", "--words", "Which years?", "--on", "2026-02-02"),
        ("resume", "--answer", "2025", "--on", "2026-02-05"),
    ):
        said = parley("clocks", arguments[0], letter[-7:], "own_data", *arguments[1:])
        assert said.code == 0, said.err
        if arguments[0] == "pause":
            assert "rests until they answer" in said.out
            assert "rests since 2026-02-02: we asked what is meant" in " ".join(parley("clocks", "list").out.split())
            assert "RESTS since 2 Feb 2026" in parley("party", "show", "1").out
    assert "3 days of waiting do not count" in " ".join(parley("party", "show", "1").out.split())
    late = parley("clocks", "extend", letter[-7:], "own_data", "--why", "It is complex")
    assert (late.code, "it is over" in late.err) == (2, True)
    assert parley("clocks", "stop", letter[-7:], "own_data", "--as", "answered", "--how", "By post").code == 0
    assert parley("clocks", "list").out == "No legal clock runs.\n"
    (kept,) = [json.loads(line) for line in parley("clocks", "list", "--all", "--json").out.splitlines()]
    assert (kept["stopped"], kept["how"], kept["received"], kept["party"]) == ("answered", "By post", "2026-01-31", 1)
    for arguments, sentence in (
        (("start", letter, "information", "--received", "yesterday"), "Write the day as"),
        (("start", "nothing", "information"), "no such contact"),
        (("stop", letter, "information", "--as", "answered", "--how", "x"), "No clock of this kind"),
    ):
        said = parley("clocks", *arguments)
        assert (said.code, sentence in said.err) == (2, True), said
