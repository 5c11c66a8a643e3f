"""`parley brief` and `parley log`: what those at the phones type and read."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest

from gateway.local_times import BadTime, moment_of
from tests.gateway.cli.conftest import Office
from tests.gateway.office import NOW

LETTERS = '{ kind = "return_letters" }'


@pytest.fixture
def rosa(office: Office, parley):
    """A party whose letters go back and who is seen by appointment."""
    file = office.state / "in.toml"
    file.write_text(
        f"""
[[party]]
name = "Rosa Example"
emails = ["rosa@example.org"]
phones = ["+441632960001"]
[[party.restriction]]
reason = "never said"
ground = "persistent_contact"
approved_by = "Head"
notified = true
starts = {office.now.date().replace(day=1).isoformat()}
ends = {office.now.date().replace(year=office.now.year + 1, day=1).isoformat()}
measures = [{LETTERS}, {{ kind = "visit_terms", appointment = true }}]
""",
        "utf-8",
    )
    done = parley("import", str(file))
    assert done.code == 0, done.err


def test_the_brief_is_read_printed_and_asked_by_a_program(rosa, parley, tmp_path):
    """As lines, as one object, as a page; of reception's part alone where asked."""
    said = parley("brief")
    assert said.code == 0, said.err
    for words in ("Rosa Example, party 1 (rosa@example.org, 01632 960001)", "The post room sends it back", 'Say: "'):
        assert words in said.out
    assert "never said" not in said.out
    assert "Nothing is overdue." in said.out
    assert json.loads(parley("brief", "--json").out)["overdue"]["overdue"] == 0
    (person,) = json.loads(parley("brief", "--channel", "visit", "--json").out)["people"]
    assert [one["channels"] for one in person["rows"]] == [["visit"]]
    page = tmp_path / "today.html"
    assert parley("brief", "--page", str(page)).code == 0
    assert "<h1>Today</h1>" in page.read_text("utf-8")
    assert parley("brief", "--page", str(tmp_path / "no" / "where")).code == 2
    assert "Print it." in parley("brief", "--page", str(tmp_path / "today.PDF")).out
    assert (tmp_path / "today.PDF").read_bytes().startswith(b"%PDF-")
    assert "Nothing is in force on anybody here." in parley("brief", "--name", "Nobody").out


def test_a_letter_is_logged_shown_and_taken_back(rosa, parley):
    """With its slip; the second time under the same key it is the same."""
    done = parley("log", "add", "letter", "--party", "Rosa Example", "--note", "On the form", "--key", "k")
    assert done.code == 0, done.err
    assert "To be returned by the post room, with the slip." in done.out
    number = done.out.split()[0]
    assert number in parley("log", "add", "letter", "--party", "1", "--note", "On the form", "--key", "k").out
    assert "We have not kept your letter." in parley("log", "slip", number).out
    assert "| On the form" in parley("log", "show", number).out
    assert "logged by hand" in parley("contacts").out
    assert parley("log", "take-back", number, "--why", "wrong").code == 0
    assert "taken back" in parley("contacts").out
    assert parley("log", "slip", number).code == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(("visit", "--at", "2099-01-01T09:00"), "still to come", id="a time to come"),
        pytest.param(("visit", "--at", "soon"), "Write the time as", id="no time"),
        pytest.param(("visit", "--party", "Nobody"), "No party has this", id="nobody's name"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(rosa, parley, arguments, sentence):
    """Exit code 2."""
    said = parley("log", "add", *arguments)
    assert (said.code, sentence in said.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "2026-03-09T10:00:00+00:00", id="nothing is now"),
        pytest.param("09:30", "2026-03-09T09:30:00+00:00", id="a time of today"),
        pytest.param("2026-07-01 09:30", "2026-07-01T08:30:00+00:00", id="in summer, by the office's clock"),
        pytest.param("2026-07-01T09:30+00:00", "2026-07-01T09:30:00+00:00", id="with an offset of its own"),
        pytest.param("2025-10-26T01:30", "2025-10-26T00:30:00+00:00", id="the first of two hours"),
    ],
)
def test_W7_a_time_is_read_by_the_offices_clock(text, expected):
    """On both nights of the change too."""
    assert moment_of(text, ZoneInfo("Europe/London"), NOW).isoformat() == expected


@pytest.mark.parametrize("text", ["2026-03-29T01:30", "9 March", "25:00", "9999-12-31T23:59-23:59", "2026-02-30T09:00"])
def test_W7_what_was_on_no_clock_is_refused(text):
    """In a sentence."""
    with pytest.raises(BadTime, match=r"clock|Write the time"):
        moment_of(text, ZoneInfo("Europe/London"), NOW)
