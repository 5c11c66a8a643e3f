"""`parley retention`: a table of what would go, and what went; `audit verify` says how much that was."""

from __future__ import annotations

import json
from datetime import timedelta

from rules.casework import catalogue
from rules.casework.file import Paper
from storage.entries import State

LONG_AGO = timedelta(days=366 * 3)


def noted(office, ago=timedelta()):
    """Put a party with an incident on record."""

    act = catalogue.parse("note_incident", {"category": "abusive_language", "what": "Shouted.", "day": "2020-01-01"})

    def job(tx):
        party = tx.add_party("R. Example")
        tx.add_paper(party, Paper("P1", office.now - ago, "A. Clerk", "", act), tx.case_file(party).version)
        return party

    return office.write(job)


def test_it_shows_what_would_go_and_deletes_nothing(parley, office):
    """Each class with its months, how many, and when the next; a way to go on."""
    noted(office, LONG_AGO)
    office.entry(State.LOOKED_AT, raw=b"Mail", updated_at=office.now)
    said = parley("retention")
    assert said.code == 0 and said.err == ""
    rows = {line[:22].strip(): line[22:].split() for line in said.out.splitlines()}
    assert rows["incidents"] == ["24", "months", "1", "-"]
    assert rows["mail as it came"][:3] == ["12", "months", "0"]
    assert rows["mail as it came"][3:]
    assert said.out.endswith("To delete what would go now: parley retention --apply\n")
    assert "of retention" not in parley("audit", "verify").out


def test_it_deletes_and_the_chain_still_verifies(parley, office):
    """What went is said by class; a second time nothing is due; `verify` counts the papers."""
    noted(office, LONG_AGO)
    assert parley("retention", "--apply").out == "incidents: 1 deleted\n"
    assert parley("retention", "--apply").out == "Nothing was due.\n"
    verified = parley("audit", "verify")
    assert verified.code == 0
    assert "contents audited runs of retention deleted: 1." in verified.out
    assert json.loads(parley("audit", "verify", "--json").out)["papers_removed"] == 1
    assert "deleted under retention" in parley("party", "show", "R. Example").out


def test_who_asked_for_no_texts_is_kept_and_it_is_said_why(parley, office):
    """A number that sent STOP outlives every class, and stands beside them with the reason."""
    assert "STOP" not in parley("retention").out
    office.write(lambda tx: tx.stop_texts("+447700900001", office.now - LONG_AGO))
    assert "1 number is kept that asked for no texts (STOP)" in parley("retention").out
    parley("retention", "--apply")
    assert json.loads(parley("retention", "--json").out)["texts_stopped"] == 1
    assert "+447700900001" not in parley("retention").out


def test_for_a_program_both_are_one_object(parley, office):
    """Classes with months, due and next; what was deleted by class."""
    noted(office, LONG_AGO)
    outlook = json.loads(parley("retention", "--json").out)
    (incidents,) = [each for each in outlook["classes"] if each["class"] == "incidents"]
    assert incidents == {"class": "incidents", "months": 24, "due": 1, "next": None}
    deleted = json.loads(parley("retention", "--apply", "--json").out)
    assert deleted == {"deleted": {"incidents": 1}, "unreadable": []}


def test_whoever_may_not_is_told_who_may(parley, office, monkeypatch):
    """Under names, a caseworker deletes nothing, and may look."""
    noted(office, LONG_AGO)
    settings = office.state / "parley.toml"
    people = '\n[[people]]\nname = "A. Clerk"\nlogin = "clerk"\nroles = ["caseworker"]\n'
    settings.write_text(settings.read_text("utf-8") + people, "utf-8")
    monkeypatch.setattr("gateway.cli.retention.who", lambda: "clerk")
    said = parley("retention", "--apply")
    assert said.code == 2
    assert "Manager" in said.err
    assert parley("retention").code == 0


def test_a_file_that_cannot_be_read_is_named(parley, office):
    """Nothing of it is deleted, and the number of the party says where to look."""
    party = noted(office, LONG_AGO)
    office.write(lambda tx: tx.link.plain("UPDATE papers SET data = '['", {}))
    for arguments in (("retention",), ("retention", "--apply")):
        said = parley(*arguments)
        assert said.code == 0
        assert said.err == f"The file of these parties cannot be read, so nothing of it is deleted: {party}.\n"
