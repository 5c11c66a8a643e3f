"""`parley replay` as a person and as a program see it, with an installation and without."""

import json
from collections import Counter
from datetime import timedelta

import pytest

from rules import identity
from rules.contact import Channel
from rules.decision import Outcome
from rules.measures import parse
from rules.standing import PartyKind, Restriction
from storage.entries import State
from tests.gateway.test_replay_files import REAL, plain_count, top
from tests.rules.office import END, START

NUMBER, OTHER = "+441632960001", "+441632960002"
TRIAL = f"""[[party]]
name = "R. Example"
phones = ["{NUMBER}"]
[[party.restriction]]
measures = [{{ kind = "volume_limit", channels = ["call"], count = 1, per = "week" }}]
"""


def lines(*times, sender=NUMBER):
    """Write calls at these hours of 9 March."""
    return "".join(
        json.dumps({"channel": "call", "from": sender, "at": f"2026-03-09T{time}:00Z"}) + "\n" for time in times
    )


@pytest.fixture
def past(tmp_path):
    """Three calls of one number within an hour, one of another."""
    path = tmp_path / "past.jsonl"
    path.write_text(lines("10:00", "10:10", "10:20") + lines("11:00", sender=OTHER))
    return path


@pytest.fixture
def trial(tmp_path):
    """A restriction to try, without approval, notice or days."""
    path = tmp_path / "trial.toml"
    path.write_text(TRIAL)
    return path


def outcomes(said):
    """Give the outcomes of the objects that were printed."""
    assert said.code == 0, said.err
    return [json.loads(line)["outcome"] for line in said.out.splitlines()]


def test_without_an_installation_the_default_policy_is_used(parley, past):
    """Nothing is set up for it, and nothing left behind."""
    said = parley("replay", str(past))
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Policy: Plain default policy. Restrictions: none.\n")
    assert "4 contacts from 2026-03-09 10:00 to 2026-03-09 11:00; 1 flag." in said.out
    rows = [line.split() for line in said.out.splitlines()]
    assert ["connect", "4", "4"] in rows
    assert [NUMBER, "3", "3", "1"] in rows and [OTHER, "1", "1"] in rows
    assert f"{NUMBER} 3 contacts by phone in any 60 minutes 1" in [" ".join(row) for row in rows]
    assert not (past.parent / "var").exists()


def test_restrictions_of_a_file_are_tried(parley, past, trial):
    """They are taken as approved and told, and named by their place in the file."""
    said = parley("replay", str(past), "--restrictions", str(trial), "--json")
    assert outcomes(said) == ["connect", "automated_line", "automated_line", "connect"]
    second = json.loads(said.out.splitlines()[1])
    assert (second["party"], second["reasons"][0]["restriction"]) == ("R. Example", "trial.toml:4")


def test_with_an_installation_what_is_on_record_is_used_and_only_read(parley, office, past):
    """Parties are found by address, domain and exception as the living gateway finds them; nothing is recorded."""

    def put(tx):
        limit = parse({"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"})
        returned = parse({"kind": "return_mail"})
        person, firm = tx.add_party("R. Example"), tx.add_party("Example Ltd", PartyKind.ORGANISATION)
        tx.add_identifier(identity.phone(NUMBER), person)
        tx.add_identifier(identity.domain("example.org"), firm)
        tx.add_identifier(identity.email("free@example.org"), firm, exception=True)
        tx.add_identifier(identity.phone(OTHER), person, shared=True)
        tx.add_identifier(identity.phone(OTHER), firm, shared=True)
        tx.add_restriction(person, Restriction("r1", (limit,), START, END, approved_by="Head"))
        tx.add_restriction(firm, Restriction("r2", (returned,), START, END, approved_by="Head"))

    office.write(put)
    mails = [
        json.dumps({"channel": "email", "from": sender, "at": "2026-03-09T12:00:00Z"}) + "\n"
        for sender in ("a@example.org", "free@example.org", "b@example.org")
    ]
    past.write_text(past.read_text() + "".join(mails))
    said = parley("replay", str(past), "--json")
    assert outcomes(said) == [
        *("connect", "automated_line", "automated_line", "connect"),
        *("return", "deliver", "return"),
    ]
    assert office.read(lambda reader: reader.contacts()) == ()
    assert "Restrictions: those on record." in parley("replay", str(past)).out


def test_another_policy_is_tried(parley, past, tmp_path):
    """A file of one's own changes thresholds; one that is not there is exit 78."""
    shipped = parley("replay", str(past), "--policy", "default")
    assert "; 1 flag." in shipped.out
    own = tmp_path / "own.toml"
    own.write_text('name = "own"\ntitle = "Our own"\n[grounds]\nx = "y"\n[clauses]\nblock = "1"\n')
    said = parley("replay", str(past), "--policy", str(own))
    assert said.out.startswith("Policy: Our own.") and "0 flags" in said.out
    assert parley("replay", str(past), "--policy", "nowhere.toml").code == 78


def test_restrictions_that_bore_on_nothing_are_said(parley, past, trial):
    """A file whose days or numbers fit none of the contacts is not taken for one that changes nothing."""
    trial.write_text(TRIAL.replace("measures", "starts = 2027-01-01\nmeasures"))
    assert "bore on any of them" in parley("replay", str(past), "--restrictions", str(trial)).out


def test_what_was_not_plain_is_said(parley, tmp_path):
    """Copies, undated and uncertain messages and other files are counted in words."""
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "1.eml").write_text("From: r@example.org\nDate: Mon, 9 Mar 2026 10:00:00 +0000\n\nHello\n")
    (folder / "2.eml").write_text("Received: x\nFrom: r@example.org\nDate: Mon, 9 Mar 2026 10:00:00 +0000\n\nHello\n")
    (folder / "3.eml").write_text("Subject: no sender\n\nHello\n")
    (folder / "notes.txt").write_text("x")
    said = parley("replay", str(folder))
    assert "2 contacts from" in said.out
    assert "1 message without a date" in said.out
    assert "1 further copy of a message" in said.out
    assert "1 contact of which nobody can say who sent it." in said.out
    assert "1 other file in the folders" in said.out
    program = parley("replay", str(folder), "--json")
    assert len(outcomes(program)) == 2 and "1 message without a date" in program.err


def test_bad_files_are_sentences_and_exit_2_before_anything_runs(parley, past, trial):
    """Contacts and restrictions alike."""
    past.write_text(lines("10:00") + '{"channel": "fax"}\n')
    said = parley("replay", str(past))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f'{past}:2: channel is "fax", but must be one of email,')
    past.write_text(lines("10:00"))
    trial.write_text(TRIAL.replace("count = 1", "count = 0"))
    said = parley("replay", str(past), "--restrictions", str(trial))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"{trial}:5: volume_limit: count is 0:")


def test_an_empty_mailbox_is_no_fault(parley, tmp_path):
    """There is nothing to say, and that is said."""
    (tmp_path / "empty.mbox").write_text("")
    assert "There is no contact in these files." in parley("replay", str(tmp_path / "empty.mbox")).out


@pytest.mark.skipif(not REAL.is_dir(), reason="the real mail is not on this machine")
def test_the_ten_most_frequent_senders_of_the_real_mail_are_shown_with_their_counts(parley):
    """1,400 real messages: table and objects name the senders that a plain count over the From fields names."""
    expected = top(plain_count())
    objects = [json.loads(line) for line in parley("replay", str(REAL), "--json").out.splitlines()]
    assert len(objects) == 1400
    assert top(Counter(one["from"] for one in objects if one["from"])) == expected
    rows = [line.split() for line in parley("replay", str(REAL)).out.splitlines()]
    assert [(row[0], int(row[1])) for row in rows if len(row) > 2 and (row[0], row[1]) in _texts(expected)] == expected


def _texts(expected):
    return {(sender, str(count)) for sender, count in expected}


TWO_CALLS = 'name = "two"\n[grounds]\n[clauses]\n[[thresholds]]\nat_least = 2\nper = "hour"\nchannels = ["call"]\n'


def test_other_thresholds_and_measures_are_shown_beside_todays(parley, past, trial, tmp_path):
    """One table of what each measure did, one of who was flagged, each under today's and the others'."""
    two = tmp_path / "two.toml"
    two.write_text(TWO_CALLS)
    asked = ("replay", str(past), "--beside", str(two), "--beside", str(trial))
    said = parley(*asked)
    assert said.code == 0, said.err
    rows = [line.split() for line in said.out.splitlines()]
    assert ["today", "all", "contacts", "4"] in rows and ["two.toml", "all", "contacts", "4"] in rows
    assert ["trial.toml", "all", "contacts", "2", "2"] in rows
    assert ["volume_limit", "1", "2"] in rows
    objects = [json.loads(line) for line in parley(*asked, "--json").out.splitlines()]
    became = {(one["under"], one["measure"]): one for one in objects if "under" in one}
    assert became["trial.toml", "volume_limit"]["refused"] == 2
    flags = {one["text"]: one["times"] for one in objects if "flagged" in one}
    assert flags == {
        "3 contacts by phone in any 60 minutes": {"today": 1, "two.toml": 0, "trial.toml": 1},
        "2 contacts by phone in any 60 minutes": {"today": 0, "two.toml": 1, "trial.toml": 0},
    }
    assert parley("replay", str(past), "--beside", "nowhere.toml").code == 78


def test_contacts_on_record_are_replayed_beside_those_of_files(office, parley, past, trial):
    """From a day on; what came before, and what nobody sent, is none of them. The record is left as it was."""
    number = "phone:+441632960002"
    call = {"channel": Channel.CALL, "sender": number, "whose": number}
    for ago in (timedelta(days=40), timedelta(hours=2), timedelta(hours=1)):
        office.entry(State.ANSWERED, Outcome.CONNECT, ago=ago, talk_s=90, **call)
    office.entry(State.OURS, Outcome.CONNECT, ago=timedelta(hours=1), counts=False, **call)
    since = f"{office.now - timedelta(days=5):%Y-%m-%d}"
    before = office.read(lambda reader: reader.contacts(limit=99))
    found = parley("replay", "--record", "--since", since, "--json")
    assert [json.loads(line)["from"] for line in found.out.splitlines()] == [OTHER] * 2, found.err
    assert len(parley("replay", str(past), "--record", "--since", since, "--json").out.splitlines()) == 6
    beside = parley("replay", "--record", "--since", since, "--beside", "mp-office")
    assert ["mp-office", "all", "contacts", "2"] in [line.split() for line in beside.out.splitlines()]
    assert office.read(lambda reader: reader.contacts(limit=99)) == before
    assert parley("flags").out.startswith("No flags")


def test_what_is_replayed_must_be_said(parley, past, begun):
    """Neither files nor the record, a day without the record, the record without a day: each is refused."""
    assert parley("replay").code == 2
    assert parley("replay", str(past), "--since", "2026-01-01").code == 2
    assert parley("replay", "--record").code == 2
    assert parley("--state", str(begun), "replay", "--record").err.startswith("Say from which day on")
