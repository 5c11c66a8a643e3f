"""`parley correct` and the queue of breaches to assess; `parley links`: suggestions and nothing else."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from adapters.mail.maildir import Maildir
from rules import identity
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import State

RAW = b"From: R. Example <r@example.org>\r\nSubject: Hello\r\n\r\nFirst line\r\n"
HERS = "r@example.org"


@pytest.fixture
def party(office):
    """A party with an address and a number."""

    def job(tx):
        number = tx.add_party("Rosa Example")
        for typed in (HERS, "01632 960001"):
            tx.add_identifier(identity.anything(typed), number, how="on the form", by="intake")
        return number

    return office.write(job)


def correct(parley, *more, who="Rosa Example", identifier=HERS):
    """Say that the wrong person was met."""
    return parley("correct", identifier, "--party", who, "--reason", "she rang: it is hers", *more)


def test_the_wrong_person(office, parley, party):
    """What waited is in its inbox, what was refused is listed, the apology is shown, the breach is in the queue."""
    mine = {"whose": f"party:{party}", "party_id": party, "sender": f"email:{HERS}"}
    held = office.entry(State.HELD, Outcome.HOLD, raw=RAW, release_at=office.now + timedelta(days=3), **mine)
    refused = office.entry(State.REFUSED, Outcome.REFUSE, ago=timedelta(days=2), **mine)
    said = correct(parley)
    assert said.code == 0, said.err
    assert f"released     {held} to its inbox" in said.out
    assert f"turned away  {refused}, email of " in said.out
    assert "We are sorry" in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    assert "not sent" in said.out
    (found,) = Maildir(office.state / "mail").find("enquiries@office.example.org", held)
    assert found.path.read_bytes().endswith(RAW)
    listed = " ".join(parley("queue", "list").out.split())
    assert "Rosa Example" in listed
    assert "Data breach" in listed
    assert "duty" in listed
    assert "1 waiting" in listed


def test_for_a_program(office, parley, party):
    """One object with what was released, turned away and when the assessment is due; the queue has it too."""
    said = json.loads(correct(parley, "--json").out)
    assert (said["released"], said["turned_away"], said["flags_dismissed"]) == ([], [], 0)
    (waits,) = map(json.loads, parley("queue", "list", "--json").out.splitlines())
    assert (waits["id"], waits["due"], waits["overdue"]) == (said["paper"], said["assess_by"], False)
    assert (waits["breach"], waits["party"], waits["owner"]) == (f"email:{HERS}", "Rosa Example", "duty")


def test_a_breach_in_the_queue(office, parley, party):
    """It can be shown; a look or a release does not close it: assessing it does."""
    number = json.loads(correct(parley, "--json").out)["paper"]
    assert "she rang: it is hers" in parley("queue", "show", number[-7:]).out
    assert parley("queue", "show", number, "--json").code == 0
    for command in ("looked", "release"):
        assert parley("queue", command, number).code == 2
    assert parley("queue", "list", "--json").out


@pytest.mark.parametrize(
    ("who", "identifier", "words"),
    [
        pytest.param("Nobody", HERS, "No party has this", id="no such party"),
        pytest.param("99", HERS, "No party has this", id="no such number"),
        pytest.param("Rosa Example", "nothing", "is no identifier", id="no identifier"),
        pytest.param("Rosa Example", "other@example.org", "not recognised as Rosa Example", id="not theirs"),
        pytest.param("\x1b[2J", HERS, "No party has this", id="a name that would clear the screen"),
    ],
)
def test_refused(office, parley, party, who, identifier, words):
    """A sentence and exit 2; nothing is on the file, and nothing of it is obeyed by the terminal."""
    said = correct(parley, who=who, identifier=identifier)
    assert (said.code, words in said.err, "\x1b" in said.err) == (2, True, False)
    assert office.read(lambda reader: reader.case_file(party)).papers == ()


def test_by_its_number(office, parley, party):
    """A party may be named by its number; a second time there is nothing to correct."""
    assert correct(parley, who=str(party)).code == 0
    assert correct(parley, who=str(party)).code == 2


def test_a_merged_party_is_found_by_its_name(office, parley, party):
    """What is said of the name that it had is done on what it became; its number is refused with the way."""
    other = office.write(lambda tx: tx.add_party("Omar Example"))
    said = parley("act", "merge", str(party), f"other={other}", "reason=one address on both forms")
    assert said.code == 0, said.err
    assert correct(parley, who="Omar Example").code == 0
    again = parley("act", "note_incident", str(other), "category=persistent_contact", "what=Eleven calls")
    assert (again.code, "was merged into Rosa Example" in again.err) == (2, True)


def test_what_nobody_confirmed_for_a_year_is_shown(office, parley, party):
    """Numbers are recycled: an identifier that is stale says so on the file."""
    assert "stale" not in parley("party", "show", str(party)).out
    office.write(lambda tx: tx.link.plain("UPDATE identifiers SET established_at = 1 WHERE kind = 'phone'", {}))
    assert "+441632960001, stale" in parley("party", "show", str(party)).out


def test_links(office, parley, party):
    """Suggestions with their reason, none acted on; without any, a sentence."""
    assert parley("links").out == "Nothing on record suggests that two parties are one.\n"
    other = office.write(lambda tx: tx.add_party("Omar Example"))
    office.write(lambda tx: tx.add_identifier(identity.anything("omar@example.org"), other))
    office.entry(State.HELD, Outcome.HOLD, sender="", whose="nobody", raw=_uncertain())
    office.entry(sender="email:r+new@example.org", whose="email:r+new@example.org", channel=Channel.EMAIL)
    found = [json.loads(line) for line in parley("links", "--json").out.splitlines()]
    assert [(one["why"], one["party"], one["other"], one["sender"]) for one in found] == [
        ("colleagues", party, other, None),
        ("candidates", party, other, None),
        ("spelling", party, None, "email:r+new@example.org"),
    ]
    said = parley("links").out
    assert "Rosa Example and Omar Example both write from" in " ".join(said.split())
    assert max(map(len, said.splitlines())) <= 80
    assert office.read(lambda reader: (reader.aliases(party), reader.case_file(party).papers)) == ((), ())
    dismissed = parley("act", "dismiss_link", str(other), f"other={party}", "reason=Two people at one charity")
    assert dismissed.code == 0, dismissed.err
    assert [json.loads(line)["why"] for line in parley("links", "--json").out.splitlines()] == ["spelling"]


def _uncertain():
    return b"From: r@example.org\r\nFrom: omar@example.org\r\nSubject: Hello\r\n\r\nWho am I?\r\n"
