"""`parley import-contacts` as a person runs it."""

import json

import pytest

from tests.gateway.past import TWILIO, message, row


@pytest.fixture
def log(tmp_path):
    """A call log of two calls, a leg, and a row that is wrong."""
    path = tmp_path / "calls.csv"
    leg = "CA3,CA1,2026-03-09T10:00:00Z,x,y,outbound-dial,60,completed\n"
    path.write_text(TWILIO + row() + leg + row("CA2", caller="anonymous") + row("CA4", at="2026-02-30T10:00:00Z"))
    return path


def test_calls_and_mail_are_brought_in_and_taken_back(parley, office, log, tmp_path):
    """What was taken, known and left aside is said, what is wrong by its place and the exit code, and the way back."""
    (tmp_path / "one.eml").write_bytes(message())
    said = parley("import-contacts", str(log), str(tmp_path / "one.eml"))
    assert said.code == 1
    assert said.err == f"{log}:5: The time has a day, hour or minute that is none.\n"
    first, aside, wrong, uncounted, no_number, back = said.out.splitlines()
    assert first == "3 contacts brought in: 2 by call, 1 by email from 2026-03-09 to 2026-03-09."
    assert aside == "1 left aside: It is a leg of a call that has a row of its own."
    assert wrong == "1 wrong: named above, and left aside."
    assert uncounted.startswith("1 of them counts for nobody")
    assert no_number == "1 call without a number that can be read."
    run = back.rpartition(" ")[2]
    again = parley("import-contacts", str(log), str(tmp_path / "one.eml"))
    assert again.out.startswith("No new contact was brought in.\n3 contacts known already")
    listed = [json.loads(line) for line in parley("import-contacts", "--runs", "--json").out.splitlines()]
    assert [(one["state"], one["contacts"]) for one in listed] == [("whole", 0), ("whole", 3)]
    assert run in parley("import-contacts", "--runs").out
    assert parley("import-contacts", "--undo", run).out == f"Taken back: 3 contacts of the import {run}.\n"
    assert parley("import-contacts", "--undo", run).err == "It was taken back before.\n"
    assert parley("import-contacts", "--undo", "no").code == 2
    assert "taken back" in parley("import-contacts", "--runs").out
    assert office.read(lambda reader: reader.contacts()) == ()


def test_a_dry_run_says_what_would_be_and_writes_nothing(parley, office, log):
    """The same figures, for a person and for a program."""
    said = parley("import-contacts", "--dry-run", str(log))
    how, counts = said.out.splitlines()[:2]
    assert how.startswith(f"{log}: read as twilio: id=Call Sid, at=Start Time, from=From, to=To")
    assert counts.startswith("2 contacts would be brought in: 2 by call")
    assert "--undo" not in said.out
    told = json.loads(parley("import-contacts", "--dry-run", "--json", str(log)).out)
    assert (told["taken"], told["wrong"], told["run"], told["dry_run"]) == ({"call": 2}, 1, None, True)
    assert told["faults"] == [{"place": f"{log}:5", "text": "The time has a day, hour or minute that is none."}]
    assert parley("import-contacts", "--runs").out == "Nothing was brought in yet.\n"


def test_a_dry_run_says_how_a_strange_log_is_read(parley, office, tmp_path):
    """Which column is taken for what, in which unit and zone, and what is only taken so: before anything is written."""
    (tmp_path / "calls.csv").write_text("Start,Caller,Length (min)\n4/3/2026 10:00,01632960001,1.5\n")
    said = parley("import-contacts", "--dry-run", str(tmp_path / "calls.csv"))
    assert "read as pbx: at=Start, from=Caller, duration=Length (min); a length of 1 is 60 seconds" in said.out
    assert "Europe/London" in said.out
    assert "1 call on days that can be read two ways: 04/03 was taken for 4 March." in said.out
    told = json.loads(parley("import-contacts", "--dry-run", "--json", str(tmp_path / "calls.csv")).out)
    assert (told["days_unsure"], told["first"]) == (1, "2026-03-04T10:00:00+00:00")


def test_another_zone_for_the_same_log_is_said(parley, office, tmp_path):
    """The first import stands, and where the second differs is named."""
    path = tmp_path / "calls.csv"
    path.write_text(TWILIO + row(at="2026-03-09T10:00:00"))
    parley("import-contacts", str(path))
    said = parley("import-contacts", "--zone", "Asia/Tokyo", str(path)).out
    differs = "1 contact known from an earlier import with another time or length, which stands; the first is at "
    assert f"{differs}{path}:2." in said
    told = json.loads(parley("import-contacts", "--zone", "Asia/Tokyo", "--json", str(path)).out)
    assert (told["known_otherwise"], told["known_otherwise_at"]) == (1, [f"{path}:2"])


def test_strict_writes_nothing_where_anything_is_wrong(parley, office, log):
    """All faults are said first, and only then is it refused."""
    said = parley("import-contacts", "--strict", str(log))
    assert (said.code, said.out) == (2, "")
    assert said.err.endswith("Nothing was brought in.\n")
    assert office.read(lambda reader: (reader.contacts(), reader.imports())) == ((), ())
    log.write_text(TWILIO + row())
    assert parley("import-contacts", "--strict", str(log)).code == 0


def test_a_contact_of_the_past_is_shown_as_one(parley, office, log):
    """Whoever lists contacts sees that nothing was decided about it."""
    parley("import-contacts", str(log))
    assert "of the past" in " ".join(parley("contacts").out.split())


REFUSED = {
    "nothing to read": ((), "Name files, or a mailbox"),
    "a format that is none": (("--format", "fax", "x.csv"), "--format is auto, or one of"),
    "a column that is none": (("--columns", "colour=Red", "x.csv"), "--columns is like"),
    "a zone that is none": (("--zone", "Europe/Atlantis", "x.csv"), "There is no time zone"),
    "a day that is none": (("--since", "yesterday", "x.csv"), "Write the time as"),
    "a mailbox that is none": (("--imap", "box"), "There is no mailbox"),
    "a folder without a mailbox": (("--folder", "Old", "x.csv"), "--folder is of the mailbox"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_meant_is_refused_in_a_sentence(what, parley, office):
    """Nothing is begun where the question is no question."""
    arguments, sentence = REFUSED[what]
    said = parley("import-contacts", *arguments)
    assert said.code == 2
    assert sentence in said.err


def test_columns_days_and_zone_are_said_by_hand(parley, office, tmp_path):
    """A log that we do not know is read by the names of its columns."""
    path = tmp_path / "log.csv"
    path.write_text("Begun,Who,How long\n3/9/2026 10:00,01632960001,00:01:05\n")
    columns = "at=Begun,from=Who,duration=How long"
    said = parley(
        "import-contacts", "--columns", columns, "--dates", "mdy", "--zone", "America/New_York", "--json", str(path)
    )
    assert json.loads(said.out)["first"] == "2026-03-09T14:00:00+00:00"


def test_a_file_that_is_none_is_named(parley, office, tmp_path):
    """The rest goes on."""
    said = parley("import-contacts", str(tmp_path / "none"))
    assert (said.code, said.err) == (1, f"{tmp_path}/none: There is no such file.\n")
