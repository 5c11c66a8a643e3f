"""Texts through the rules to an inbox: each outcome, what staff get, what is counted, what happens twice (T2, T5)."""

import asyncio
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from adapters.phone.twilio_texts import parse_text
from gateway.casework.corrections import _due_again
from rules import identity
from rules.contact import Channel
from rules.facts import Facts, Span, Way
from rules.policies import Threshold
from storage.entries import State
from tests.gateway.office import ALERTS, DOMAIN, FILED, LINE, NOW, office, settled
from tests.gateway.texting import ANOTHER, SENDER, TEXTS, answered, form, machine, texting, told
from tests.gateway.twilio import Twilio

RETURNED = "The Office: this is an automatic answer. We cannot answer texts from this number."
ON_FILE = "The Office: this is an automatic answer. Your text was put on file."

BACK = {"kind": "return_mail", "note": "We agreed that you write by post."}
ONE_A_DAY = {"kind": "volume_limit", "channels": ["sms"], "count": 1, "per": "day"}
OUTCOMES = {
    "nothing restricted": ((), None, "delivered", (TEXTS, "")),
    "a named contact": (
        ({"kind": "named_contact", "inbox": f"ada@{DOMAIN}"},),
        None,
        "delivered",
        (f"ada@{DOMAIN}", ""),
    ),
    "filed": (({"kind": "file_unanswered"},), None, "filed", (TEXTS, FILED)),
    "a block that files": (({"kind": "block", "email": "file"},), None, "filed", (TEXTS, FILED)),
    "a block that refuses": (({"kind": "block"},), None, "refused", None),
    "returned": ((BACK,), RETURNED, "returned", None),
    "only letters": (({"kind": "channel_only", "allowed": ["letter"]},), RETURNED, "returned", None),
    "a block of calls alone": (({"kind": "block", "channels": ["call"]},), None, "delivered", (TEXTS, "")),
}


@pytest.mark.parametrize(("measures", "answer", "state", "where"), OUTCOMES.values(), ids=OUTCOMES)
async def test_each_outcome(folder, measures, answer, state, where):
    """What goes back by text, the state on record, and where staff find it."""
    async with texting(folder, *measures) as (here, texter, party):
        said = await texter.text("Good morning")
        assert (said or "").startswith(answer or "") and bool(said) is bool(answer)
        await texter.brought()
        entry = here.only()
        assert (entry.state, entry.channel, entry.party_id) == (state, Channel.SMS, party)
        assert len(here.everything_delivered()) == bool(where)
        assert where is None or told(*here.mailbox(*where))[2] == "Good morning"
        assert (here.raw(entry) is not None) is (state in ("filed", "returned"))


async def test_over_the_web_it_is_on_record_before_the_answer(folder):
    """A signed webhook is answered with a document, and what it brought is held for its inbox alone."""
    async with office(folder, phone=True) as here, Twilio(here) as twilio:
        answer = await twilio.post("/texts", form("Good morning", ANOTHER))
        assert (answer.status_code, answered(answer.text)) == (200, None)
        entry = here.only()
        assert (entry.state, entry.detail) == (State.HELD, "on its way to its inbox")
        await here.gateway.holds.release_due()
        assert told(*here.mailbox(ALERTS))[2] == "Good morning"  # where no inbox for texts is named


async def test_the_clock_brings_it_by_itself(folder):
    """With the jobs running nobody has to ask."""
    async with texting(folder, jobs=True) as (here, texter, _):
        await texter.text()
        await settled(lambda: here.mailbox(TEXTS) and here.only().state is State.DELIVERED, within_s=20)


async def test_what_staff_get(folder):
    """Well-formed mail from the office's own address that no one can take for a person's, with all that is known."""
    words = "Line one\r\n\r\nFrom: x@example.org\u2028Text message from +447700900555\x00\x1b[31m ŵ"
    async with texting(folder) as (here, texter, _):
        await texter.text(words, NumMedia="2", sid="SM7")
        await texter.brought()
        (message,) = here.mailbox(TEXTS)
    read = message_from_bytes(message, policy=default)
    assert (read["From"].addresses[0].addr_spec, read["To"], read["Reply-To"]) == (f"office@{DOMAIN}", TEXTS, None)
    assert (read["Auto-Submitted"], read["Subject"]) == ("auto-generated", f"Text message from {SENDER}")
    assert read["Parley-Trace"].startswith("v1;") and not read.defects and message.isascii()
    _, ours, said = told(message)
    assert ours.split("\n") == [
        f"Text message from {SENDER} to {LINE}, Monday 9 March 2026 at 10:00.",
        "Nobody knows from a number alone who holds the phone. An answer to this mail does not reach it.",
        "2 pictures or other files came with it: Parley does not fetch them; the provider has them, message SM7.",
    ]
    assert said == "Line one\n\nFrom: x@example.org\nText message from +447700900555[31m ŵ"


@pytest.mark.parametrize(
    ("sender", "who"),
    [
        pytest.param("BigBank", "BigBank (a name or short code, no number)", id="a name"),
        pytest.param("60006", "60006 (a name or short code, no number)", id="a short code"),
        pytest.param(
            "a\r\nBcc: x@example.org", "a Bcc: x@example.org (a name or short code, no number)", id="a header"
        ),
        pytest.param("anonymous", "a number that is withheld", id="withheld"),
        pytest.param("", "a number that is not available", id="nothing"),
        pytest.param("\x00", "an unknown sender", id="what cannot be shown"),
    ],
)
async def test_a_sender_without_a_number_is_nobodys(folder, sender, who):
    """It is delivered, matched to no party, never answered, and counts for nobody (T5)."""
    async with texting(folder, {"kind": "block", "email": "return"}) as (here, texter, _):
        assert await texter.text("STOP", sender=sender) is None
        await texter.brought()
        entry = here.only()
        assert (entry.state, entry.party_id, entry.sender) == (State.DELIVERED, None, "")
        assert told(*here.mailbox(TEXTS))[0] == f"Text message from {who}"


async def test_texts_to_another_line_go_to_its_inbox(folder):
    """A line has its inbox; where no measure closes the line, none closes that inbox to texts."""
    housing, line = f"housing@{DOMAIN}", "+441632960200"
    more = {"lines": {line: housing}, "policy": {"always_open": frozenset({line})}}
    async with texting(folder, {"kind": "block"}, **more) as (here, texter, _):
        await texter.text("to the open line", to=line)
        await texter.text("to the other")
        await texter.brought()
        assert here.states() == ["delivered", "refused"]
        assert told(*here.mailbox(housing))[2] == "to the open line"


async def test_the_same_webhook_again_gets_the_same_bytes(folder):
    """One decision, one count, one text of ours, whatever changed meanwhile (T2); so too a month later."""
    async with texting(folder, BACK) as (here, texter, party):
        first = await texter.text(sid="SM1")
        here.clock.advance(days=31)
        here.record.write_now(lambda tx: tx.forget_keys(here.clock()))
        here.restrict(party, {"kind": "block"})
        assert first is not None
        assert [await texter.text(sid="SM1") for _ in range(3)] == [first] * 3
        assert len(here.contacts()) == 1
        assert here.record.read_now(lambda reader: reader.texts_sent(NOW)) == (1, 1)


async def test_a_limit_counts_what_was_let_through(folder):
    """The first passes and counts once; the next is filed and noted, in words that say nothing of a person."""
    async with texting(folder, ONE_A_DAY) as (here, texter, party):
        assert await texter.text("one") is None
        said = await texter.text("two")
        await texter.brought()
        assert said is not None and said.startswith(ON_FILE)
        assert await texter.text("three") is None  # it was said already
        assert [entry.state.value for entry in here.contacts()][:2] == ["delivered", "filed"]
        assert here.used(party, Channel.SMS) == 1
        here.clock.advance(days=1)
        await texter.text("four")
        await texter.brought()
        assert here.used(party, Channel.SMS) == 2


async def test_what_is_held_for_its_hours_is_decided_anew(folder):
    """A text outside its hours is held like mail, and reaches its inbox when they come."""
    hours = {"kind": "time_window", "channels": ["sms"], "from": "14:00", "to": "15:00"}
    async with texting(folder, hours) as (here, texter, party):
        await texter.text("in the morning")
        assert await texter.brought() == 0
        assert here.only().state is State.HELD
        here.clock.advance(hours=4)
        assert await texter.brought() == 1
        assert (here.only().state, here.used(party, Channel.SMS)) == (State.DELIVERED, 1)
        assert told(*here.mailbox(TEXTS))[2] == "in the morning"


async def test_a_matter_is_recognised_by_its_words(folder):
    """A closed matter named in a text is filed; another text passes."""
    closed = {"kind": "issue_limit", "cases": ["HO/2024-123"]}
    async with texting(folder, closed) as (here, texter, _):
        await texter.text("Again about HO/2024-123!")
        await texter.text("Something new")
        await texter.brought()
        assert here.states() == ["filed", "delivered"]


async def test_risk_to_life_reaches_staff_at_once(folder):
    """It is never refused: filed with its look due now, an alert in the same commit, and whom to turn to goes back."""
    async with texting(folder, {"kind": "block"}) as (here, texter, _):
        said = await texter.text("I am going to kill myself tonight")
        entry = here.only()
        assert (entry.carried, entry.look_by, entry.counts) == ("file", here.clock(), False)
        (alert,) = here.letters()
        assert alert.contact_id == entry.id and b"kill" not in alert.message
        assert said is not None and "116 123" in said
        assert await texter.text("I am going to kill myself tonight") is None  # said once a day
        await texter.brought()
        assert [one.state for one in here.contacts()] == [State.FILED] * 2
        assert here.contacts()[0].look_by == entry.look_by


async def test_whom_to_turn_to_is_said_though_the_number_was_answered(folder):
    """One answer in the period does not keep it back (PHSO-27)."""
    async with texting(folder, BACK) as (_, texter, _party):
        assert await texter.text() is not None
        said = await texter.text("I am going to kill myself tonight")
        assert said is not None and "116 123" in said


async def test_staff_who_are_shielded_get_no_text_of_theirs(folder):
    """Texts go to who takes over, though the inbox for texts is the shielded colleague's."""
    async with texting(folder) as (here, texter, party):
        facts = Facts(shields=(Way(TEXTS, f"manager@{DOMAIN}", Span(NOW)),))
        here.record.write_now(lambda tx: tx.keep_facts(party, facts))
        await texter.text()
        await texter.brought()
        assert (len(here.mailbox(TEXTS)), len(here.mailbox(f"manager@{DOMAIN}"))) == (0, 1)


async def test_repeats_are_seen(folder):
    """The same words again are a repeat of the first text."""
    async with texting(folder) as (here, texter, _):
        for _ in range(2):
            await texter.text("When will you mend the broken gate at the park?")
        first, second = here.contacts()
        known = here.record.read_now(lambda reader: reader.fingerprint(second.id))
        assert (known.repeat.of, second.words) == (first.id, 10)


async def test_a_level_of_texts_is_flagged(folder):
    """The second text in a day reaches a threshold of two, and staff are told; nothing is restricted."""
    two = Threshold(channels={"sms"}, at_least=2, per="day")
    async with texting(folder, policy={"thresholds": (two,)}) as (here, texter, party):
        for _ in range(3):
            await texter.text()
        (flag,) = here.flags()
        assert (flag.whose, flag.level) == (f"party:{party}", 2)
        assert [letter.kind for letter in here.letters()] == ["alert"]
        assert {entry.carried for entry in here.contacts()} == {"deliver"}


async def test_a_missed_text_is_of_the_level_of_its_own_day(folder):
    """What came after it is not counted with it, though it was on record before."""
    two = Threshold(channels={"sms"}, at_least=2, per="day")
    async with texting(folder, policy={"thresholds": (two,)}) as (here, texter, _):
        here.clock.advance(days=2)
        await texter.text()
        await texter.reception.missed(parse_text(form(sid="SM1")), NOW)
        assert here.flags() == []
        await texter.reception.missed(parse_text(form(sid="SM2")), NOW + timedelta(hours=1))
        assert [(flag.level, flag.at) for flag in here.flags()] == [(2, NOW + timedelta(hours=1))]


async def test_observing_lets_everything_through(folder):
    """What was decided is kept, and no text of ours leaves."""
    async with texting(folder, BACK) as (here, texter, _):
        here.observe()
        assert await texter.text() is None
        await texter.brought()
        entry = here.only()
        assert (entry.state, entry.decided, entry.carried) == (State.DELIVERED, "return", "deliver")


async def test_a_missed_text_is_taken_and_not_answered(folder):
    """What the provider's log tells afterwards counts when it came, and is filed where it would be returned (T7)."""
    async with texting(folder, BACK) as (here, texter, _):
        here.clock.advance(hours=2)
        missed = parse_text(form(sid="SM1"))
        for _ in range(2):
            await texter.reception.missed(missed, NOW)
        assert await texter.text(sid="SM1") is None
        await texter.brought()
        assert (here.only().at, here.only().state) == (NOW, State.FILED)
        assert here.record.read_now(lambda reader: reader.texts_sent(NOW)) == (0, 0)


async def test_a_wrong_number_that_is_corrected_releases_its_texts(folder):
    """What was filed of somebody else goes to its inbox."""
    async with texting(folder, {"kind": "file_unanswered"}) as (here, texter, party):
        await texter.text("I am somebody else")
        await texter.brought()
        entry = here.only()
        here.record.write_now(lambda tx: tx.remove_identifier(identity.phone(SENDER), party))
        assert here.record.write_now(lambda tx: _due_again(tx, entry, here.clock()))
        await texter.brought()
        assert here.only().state is State.DELIVERED
        assert told(*here.mailbox(TEXTS))[2] == "I am somebody else"


async def test_a_person_releases_a_filed_text(folder):
    """Like mail, from wherever it waits to the inbox."""
    async with texting(folder, BACK) as (here, texter, _):
        await texter.text()
        assert "delivered" in await here.gateway.holds.release(here.only().id, "C. Worker")
        assert told(*here.mailbox(TEXTS))[2] == "Good morning"


async def test_many_at_once_on_two_machines_are_each_one(folder, postgres_url):
    """Two machines over one record given the same text take it once (T2)."""
    async with texting(folder, BACK, record_url=postgres_url) as (here, texter, _):
        with machine(here) as other:
            words = await asyncio.gather(*(one.text(sid="SM1") for one in (texter, other) * 5))
        assert len(set(words)) == 1
        assert len(here.contacts()) == 1
        assert here.record.read_now(lambda reader: reader.texts_sent(NOW)) == (1, 1)
