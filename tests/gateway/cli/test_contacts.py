"""`parley contacts` lists what is on record, for people and for programs."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from rules import identity
from rules.contact import Channel, Nature
from rules.decision import Outcome, Reason
from rules.levels.particulars import Particulars
from rules.repeats import Likeness, Repeat, print_of
from storage.entries import State


def test_an_empty_record(office, parley):
    """Nothing on record is a sentence; for a program it is nothing."""
    assert parley("contacts").out == "No contact is on record that fits.\n"
    assert parley("contacts", "--json").out == ""


def test_what_happened_and_why(office, parley):
    """A person reads who, by which channel, what happened and why, within 80 columns."""
    reason = Reason(
        "r1", "volume_limit", "PHSO-M10", "The limit of 2 by email in a week is used up; it opens again soon"
    )
    office.entry(State.FILED, Outcome.FILE, reasons=(reason,), look_by=office.now + timedelta(days=2))
    said = parley("contacts")
    assert "r@example.org" in said.out
    assert "filed" in said.out
    assert "is used up" in said.out.replace("\n", " ")
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("pages", "files", "said"),
    [(1, 0, "; 1 page "), (12, 2, "; 12 pages, 2 files whose pages nobody counted "), (0, 0, "")],
    ids=["one page", "pages, and files that nobody could count", "neither"],
)
def test_pages_that_a_contact_brought(office, parley, pages, files, said):
    """They stand beside what happened, for people and for programs."""
    number = office.entry(words=7)
    office.write(lambda tx: tx.keep_particulars(number, Particulars(files_not_counted=3)))
    office.write(lambda tx: tx.count_pages(number, pages, files))
    told = " ".join(parley("contacts").out.split()) + " "
    assert said in told
    assert ("page" in told) == bool(said)
    found = json.loads(parley("contacts", "--json").out)
    assert (found["words"], found["pages"], found["files_not_counted"]) == (7, pages, files)


def test_observe_mode_is_told(office, parley):
    """In observe mode both are told: what was done, and what would have been."""
    office.entry(State.DELIVERED, Outcome.REFUSE, carried=Outcome.DELIVER)
    told = " ".join(parley("contacts").out.split())
    assert "delivered" in told
    assert "would be refused" in told.replace(" | ", " ")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["--channel", "call"], 1, id="one channel"),
        pytest.param(["--channel", "call", "--channel", "email"], 3, id="two channels"),
        pytest.param(["--outcome", "file"], 1, id="one outcome"),
        pytest.param(["--limit", "2"], 2, id="a limit"),
        pytest.param(["--party", "R. Example"], 2, id="a party by name"),
        pytest.param(["--whose", "r@example.org"], 2, id="an address leads to its party"),
        pytest.param(["--whose", "01632 960001"], 1, id="a number that is on nobody"),
        pytest.param(["--whose", "phone:+441632960001"], 1, id="as an alert names it"),
        pytest.param(["--since", "2000-01-01"], 3, id="since a day long ago"),
        pytest.param(["--until", "2000-01-01"], 0, id="until a day long ago"),
        pytest.param(["--since", "2099-01-01T10:00"], 0, id="since a moment to come"),
    ],
)
def test_filters(office, parley, arguments, expected):
    """Each filter leaves what it names."""

    def party(tx):
        number = tx.add_party("R. Example")
        tx.add_identifier(identity.email("r@example.org"), number)
        return number

    number = office.write(party)
    office.entry(whose=f"party:{number}", party_id=number)
    office.entry(State.FILED, Outcome.FILE, whose=f"party:{number}", party_id=number)
    phone = {"whose": "phone:+441632960001", "sender": "phone:+441632960001"}
    office.entry(State.ANSWERED, Outcome.CONNECT, channel=Channel.CALL, **phone)
    found = parley("contacts", "--json", *arguments).out.splitlines()
    assert len(found) == expected


def test_for_a_program(office, parley):
    """One object a line, with the keys of `parley replay` and where the contact is now."""
    number = office.entry(State.HELD, Outcome.HOLD, release_at=office.now + timedelta(hours=2))
    (line,) = parley("contacts", "--json").out.splitlines()
    data = json.loads(line)
    assert data["id"] == number
    assert (data["channel"], data["party"], data["from"]) == ("email", None, "r@example.org")
    assert (data["outcome"], data["carried"], data["state"]) == ("hold", "hold", "held")
    assert data["reasons"] == [
        {"restriction": "", "measure": "", "clause": "", "text": "No restriction is in force on this sender"}
    ]
    assert data["release_at"] is not None


def test_what_a_message_is(office, parley):
    """Mail of machines is named, whether it counts or not."""
    office.entry(nature=Nature.BOUNCE, counts=False)
    office.entry(nature=Nature.LIST)
    told = " ".join(parley("contacts").out.split())
    assert "mail of ours was not delivered, which counts for nothing" in told.replace(" | ", " ")
    assert "mail of a list" in told
    assert [json.loads(line)["nature"] for line in parley("contacts", "--json").out.splitlines()] == ["list", "bounce"]


def test_what_a_message_repeats(office, parley):
    """A person reads when it came before, a program which contact and how alike; what was not read is said."""
    party = office.write(lambda tx: tx.add_party("R. Example"))
    first, second = (office.entry(whose=f"party:{party}", party_id=party) for _ in range(2))
    repeat = Repeat(first, Likeness.NEAR_COPY, 87)

    def keep(tx):
        tx.keep_fingerprint(second, party, office.now, print_of("word " * 20), repeat=repeat, over="It is long.")

    office.write(keep)
    assert "nearly the same words as on" in " ".join(parley("contacts").out.replace("|", " ").split())
    newest, oldest = (json.loads(line) for line in parley("contacts", "--json").out.splitlines())
    assert newest["repeats"] == {"contact": first, "how": "near_copy", "percent": 87}
    assert (newest["not_read"], oldest["repeats"], oldest["not_read"]) == ("It is long.", None, "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["--party", "Nobody"], "There is no party named 'Nobody'", id="a party that is none"),
        pytest.param(["--whose", "rubbish"], "is no address and no number", id="an address that is none"),
        pytest.param(["--since", "yesterday"], "neither a day nor a moment", id="a day that is none"),
        pytest.param(["--since", "2026-02-30"], "neither a day nor a moment", id="a day that no month has"),
        pytest.param(["--party", "A", "--whose", "a@b.org"], "either --party or --whose", id="two that are asked for"),
        pytest.param(["--channel", "pigeon"], "pigeon", id="a channel that is none"),
    ],
)
def test_questions_that_make_no_sense(office, parley, arguments, sentence):
    """A question that cannot be answered is a sentence, and exit 2."""
    said = parley("contacts", *arguments)
    assert said.code == 2
    assert sentence in said.err


def test_nothing_a_sender_chose_steers_the_screen(office, parley):
    """Escape sequences, markup and text that runs the other way are shown and not obeyed (THREATS W5)."""
    sender = "email:[red]\x1b[31m\u202ex@example.org"
    office.entry(sender=sender, whose=sender)
    said = parley("contacts")
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out
    together = "".join(said.out.split())
    assert "[red]" in together
    assert "\\x1b" in together
