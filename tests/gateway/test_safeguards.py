"""What must reach a person, from the sender to the inbox or the filed list: at the SMTP door, with alerts to staff."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from gateway import safeguards
from rules.decision import Outcome
from rules.facts import Facts, Span, Way
from rules.policies.safeguarding import Safeguards
from storage.entries import State
from tests.gateway.office import ALERTS, APPEALS, CLERK, FILED, HEAD, NOW, PARTY, Clock, mail, office

DESPAIR = "I am going to end my life."
THREAT = "I will kill you."
DATA = "This is a subject access request."
AGAINST = "I appeal against this restriction."
ABOUT_US = "I want to complain about your staff."
NEW = "I have a new complaint about the council."
URGENT = "This is urgent. My electricity is being cut off tomorrow and I have a baby."
DANGER = "Somebody is in danger."
PLAIN_APPEAL = "You have the wrong man, it was my brother. I want to appeal."
NEED = "Because of my dyslexia I cannot read your letters."
PLAIN = "Good morning, please call me."
CLAUSES = {ABOUT_US: "PHSO-28", NEW: "PHSO-M7", AGAINST: "SPSO-22", PLAIN_APPEAL: "SPSO-22", NEED: "PHSO-23"}
BLOCK = {"kind": "block", "channels": ["email"]}
RETURN = {"kind": "return_mail", "note": "Please write by post."}
HOLD = {"kind": "time_window", "channels": ["email"], "days": ["sat"], "from": "09:00", "to": "10:00"}
UNANSWERED = {"kind": "file_unanswered", "channels": ["email"]}
LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
FAIL = "Authentication-Results: mx.office.example.org; dmarc=fail"


def alerts(here):
    """List the alerts on what was recognised, as staff read them."""
    read = (message_from_bytes(one.message, policy=policy.default) for one in here.letters() if one.rcpt == ALERTS)
    return [one.get_content() for one in read if one["Subject"] == "A message must be read by a person"]


async def test_phso_27_a_blocked_party_in_despair_reaches_the_duty_officer(folder):
    """Taken with 250, filed for a person at once, told to staff by its number alone, and counted for nothing."""
    async with office(folder) as here:
        party = here.party(BLOCK)
        assert (await here.post(mail(body=DESPAIR))).startswith("250 ")
        entry = here.only()
        assert (entry.state, entry.owner, entry.look_by) == (State.FILED, "duty", entry.at)
        assert (entry.counts, entry.counted_at, here.used(party)) == (False, None, 0)
        assert [reason.text for reason in entry.reasons][-1] == (
            "It must reach a person at once: risk to life: self-harm"
        )
        assert len(here.mailbox(CLERK, FILED)) == 1
        (told,) = alerts(here)
        assert f"parley queue show {entry.id}" in told
        assert "risk to life" in told
        for word in ("end my life", PARTY, "Example", "Message 1"):
            assert word not in told
        assert not (await here.post(mail(2, body=PLAIN))).startswith("250 ")


@pytest.mark.parametrize("measure", [BLOCK, RETURN, HOLD, UNANSWERED], ids=["refused", "returned", "held", "filed"])
@pytest.mark.parametrize(
    ("says", "days"),
    [
        (DESPAIR, 0),
        (THREAT, 0),
        (DANGER, 0),
        (URGENT, 0),
        (DATA, 1),
        (AGAINST, 1),
        (PLAIN_APPEAL, 1),
        (NEED, 2),
        (ABOUT_US, 2),
        (NEW, 2),
    ],
    ids=[
        "PHSO-27 self-harm",
        "SPSO-32 a threat",
        "somebody in danger",
        "PHSO-20 what is urgent, as the letter says",
        "a request for their own data",
        "an appeal",
        "SPSO-22 an appeal that does not name what it is against",
        "PHSO-23 what somebody needs, as the letter asks",
        "PHSO-28 a complaint about us",
        "PHSO-M7 a new complaint",
    ],
)
async def test_whatever_would_become_of_it_it_is_filed_for_a_person(folder, measure, says, days):
    """Never refused, returned, held or left unread; looked at by its own day; staff are told; nothing goes back."""
    async with office(folder) as here:
        here.party(measure)
        assert (await here.post(mail(body=says))).startswith("250 ")
        entry = here.only()
        # The end of the first, or second, working day after Monday 9 March.
        due = entry.at if not days else NOW.replace(day=10 + days, hour=0, minute=0)
        assert (entry.state, entry.decided, entry.look_by) == (State.FILED, Outcome.FILE, due)
        assert len(alerts(here)) == 1
        assert not [one for one in here.told() if one.kind == "return"]
        (reason,) = (one for one in entry.reasons if one.measure == "safeguard")
        assert reason.clause == CLAUSES.get(says, "SPSO-32")


async def test_PHSO_24_a_cry_for_help_never_reaches_the_shielded_colleague(folder):
    """It goes to who takes over, and where nobody does it waits for the duty officer."""
    async with office(folder) as here:
        party = here.party(BLOCK)
        shield = Facts(shields=(Way(CLERK, HEAD, Span(NOW - timedelta(days=1))),))
        here.record.write_now(lambda tx: tx.keep_facts(party, shield))
        await here.post(mail(body=DESPAIR))
        assert (here.mailbox(CLERK), here.mailbox(CLERK, FILED), len(here.mailbox(HEAD, FILED))) == ([], [], 1)
        circle = replace(shield, shields=(*shield.shields, Way(HEAD, CLERK, Span(NOW - timedelta(days=1)))))
        here.record.write_now(lambda tx: tx.keep_facts(party, circle))
        await here.post(mail(2, body=f"Again: {DESPAIR}"))
        assert (here.mailbox(CLERK), here.mailbox(CLERK, FILED), here.mailbox(HEAD)) == ([], [], [])
        last = here.contacts()[-1]
        assert (last.owner, last.look_by) == ("duty", last.at)
        assert len(alerts(here)) == 2


async def test_phso_27_who_may_be_answered_is_told_whom_to_turn_to(folder):
    """Once a day, where the mail was kept from its inbox; a threat is answered by nobody but a person."""
    async with office(folder) as here:
        here.party(BLOCK)
        for number in (1, 2):
            await here.post(mail(number, body=f"{DESPAIR} {number}"))
        (note,) = here.told()
        assert note.rcpt == PARTY
        assert b"116 123" in note.message
        assert DESPAIR.encode() not in note.message


@pytest.mark.parametrize(
    ("changes", "says", "fields"),
    [
        ({"safeguards": Safeguards(signpost=False)}, DESPAIR, {}),
        ({}, THREAT, {}),
        ({}, DATA, {}),
        ({"answer_claimed": False}, DESPAIR, {}),
        ({}, DESPAIR, {"List_Id": "<all.example.org>"}),
    ],
    ids=["the policy says no", "a threat", "a request", "nobody vouches for the sender", "a list"],
)
async def test_nobody_else_is_told(folder, changes, says, fields):
    """No automatic word goes out; a person still gets the message."""
    async with office(folder, policy=changes) as here:
        here.party(BLOCK)
        assert (await here.post(mail(body=says, **fields))).startswith("250 ")
        assert (here.told(), here.only().state) == ([], State.FILED)


async def test_an_unrestricted_party_is_delivered_and_staff_hear_of_a_risk_to_life_alone(folder):
    """What reached its inbox as it was sent is before a person; a request there needs no alert."""
    async with office(folder) as here:
        party = here.party()
        for number, says in enumerate((DESPAIR, DATA, PLAIN), start=1):
            await here.post(mail(number, body=says))
        assert here.states() == ["delivered"] * 3
        assert len(here.mailbox(CLERK)) == 3
        (told,) = alerts(here)
        assert f"parley contacts --whose party:{party}" in told
        assert [entry.counts for entry in here.contacts()] == [False, True, True]


async def test_nobody_elses_mail_is_read(folder, monkeypatch):
    """A stranger's mail reaches its inbox at the same speed, whatever it says."""
    monkeypatch.setattr(safeguards, "recognise", lambda *given: pytest.fail("It was read."))
    async with office(folder) as here:
        here.party(BLOCK, emails=["s.sample@example.org"])
        assert (await here.post(mail(body=DESPAIR))).startswith("250 ")
        assert (here.states(), alerts(here)) == (["delivered"], [])


async def test_what_is_quoted_or_beneath_a_signature_is_nobodys_word(folder):
    """Only what the sender wrote now is compared."""
    async with office(folder) as here:
        here.party(BLOCK)
        body = f"Please call me.\r\n\r\nOn Monday S. Sample wrote:\r\n> {DESPAIR}\r\n-- \r\n{THREAT}"
        assert (await here.post(mail(body=body))).startswith("550 ")


async def test_an_attached_text_is_read_too(folder):
    """Whoever puts it into a file is heard; a file of another kind is not opened."""
    async with office(folder) as here:
        here.party(BLOCK)
        for number, (kind, answer) in enumerate((("plain", "250 "), ("csv", "550 "))):
            said = EmailMessage(policy=policy.SMTP)
            said["From"], said["To"], said["Message-ID"] = PARTY, CLERK, f"<{number}@example.org>"
            said.set_content("See the file.")
            said.add_attachment(DESPAIR, subtype=kind, filename="letter.txt")
            assert (await here.post(said.as_bytes())).startswith(answer)


async def test_the_subject_is_read_too(folder):
    """Whoever writes nothing but a subject is heard."""
    async with office(folder) as here:
        here.party(BLOCK)
        said = mail(body="").replace(b"Subject: Message 1", b"Subject: =?utf-8?q?I_want_to_kill_myself?=")
        assert (await here.post(said)).startswith("250 ")


async def test_within_a_limit_it_is_delivered_and_uses_nothing_up(folder):
    """The first passes uncounted, so that the next passes as well; past the limit it is filed at once."""
    async with office(folder) as here:
        here.party(LIMIT)
        for number, says in enumerate((DESPAIR, PLAIN, DESPAIR, PLAIN), start=1):
            await here.post(mail(number, body=f"{says} {number}"))
        assert here.states() == ["delivered", "delivered", "filed", "filed"]
        assert [entry.look_by == entry.at for entry in here.contacts()] == [False, False, True, False]


async def test_in_observe_mode_it_is_let_through_and_told(folder):
    """Nothing is kept back, and nobody is written to but staff."""
    async with office(folder) as here:
        here.party(BLOCK)
        here.observe()
        assert (await here.post(mail(body=DESPAIR))).startswith("250 ")
        assert (len(here.mailbox(CLERK)), here.told(), len(alerts(here))) == (1, [], 1)


async def test_what_cannot_be_read_whole_is_not_sent_away(folder):
    """A message longer than is read is filed where it would be refused; nobody can say what it asks for (C1)."""
    async with office(folder) as here:
        here.party(BLOCK)
        long = "\r\n".join([PLAIN] * 5000)
        assert (await here.post(mail(body=long))).startswith("250 ")
        assert here.only().reasons[-1].text == "It must reach a person at once: not read: longer or deeper than is read"
        assert alerts(here) == []


async def test_a_fault_in_the_reading_puts_it_before_a_person(folder, monkeypatch):
    """No message is refused because our own reading broke."""

    def broken(*given):
        raise RuntimeError("for the test")

    monkeypatch.setattr(safeguards, "recognise", broken)
    async with office(folder) as here:
        here.party(BLOCK)
        assert (await here.post(mail(body=PLAIN))).startswith("250 ")
        assert here.only().state is State.FILED


async def test_a_forger_learns_nothing_and_staff_are_told_that_it_may_be_forged(folder):
    """Filed as it would be anyway; no word goes to the forged address."""
    async with office(folder, mail={"border": "mx.office.example.org"}) as here:
        here.party(BLOCK)
        said = FAIL.encode() + b"\r\n" + mail(body=DESPAIR)
        assert (await here.post(said)).startswith("250 ")
        assert here.told() == []
        (told,) = alerts(here)
        assert "may be forged" in told


async def test_alerts_are_bounded_and_a_day_has_one_of_the_other_kinds(folder):
    """Each message on a risk to life is told until there are ten in an hour; then one in a quarter of an hour."""
    clock = Clock()
    async with office(folder, clock=clock) as here:
        here.party(BLOCK)
        for number in range(15):
            await here.post(mail(number, body=f"{DESPAIR} {number}"))
        assert len(alerts(here)) == 11
        clock.advance(minutes=15)
        await here.post(mail(15, body=f"{DESPAIR} 15"))
        assert len(alerts(here)) == 12
        for number in range(16, 20):
            await here.post(mail(number, body=f"{DATA} {number}"))
        assert len(alerts(here)) == 13
        clock.advance(days=1)
        await here.post(mail(20, body=DATA))
        assert len(alerts(here)) == 14


async def test_an_inbox_that_is_always_open_stays_open(folder):
    """A cry for help to the appeals inbox is delivered there."""
    async with office(folder, policy={"always_open": frozenset({APPEALS})}) as here:
        here.party(BLOCK)
        await here.post(mail(body=DESPAIR), APPEALS)
        assert (len(here.mailbox(APPEALS)), len(alerts(here))) == (1, 1)


async def test_an_uncertain_sender_who_may_be_restricted_is_read(folder):
    """Two authors, of whom one is blocked: a risk to life does not wait with what is held."""
    async with office(folder) as here:
        here.party(BLOCK)
        two = mail(body=DESPAIR).replace(b"From: ", b"From: S. Sample <s.sample@example.org>, ", 1)
        assert (await here.post(two)).startswith("250 ")
        assert (here.only().state, len(alerts(here))) == (State.FILED, 1)


async def test_the_same_message_again_is_told_once(folder):
    """A sender's server that lost our 250 brings it once more: one contact, one alert (S16)."""
    async with office(folder) as here:
        here.party(BLOCK)
        for _ in range(3):
            assert (await here.post(mail(body=DESPAIR))).startswith("250 ")
        assert (len(here.contacts()), len(alerts(here)), len(here.told())) == (1, 1, 1)


@pytest.mark.parametrize(("says", "before"), [(DESPAIR, 11), (DATA, 1)], ids=["a flood of despair", "a request a day"])
async def test_C4_what_comes_after_somebody_looked_is_told_again(folder, says, before):
    """One alert stands for several; the next message after the look at it makes one more, and the next one none."""
    async with office(folder) as here:
        here.party(BLOCK)
        for number in range(before + 2):
            await here.post(mail(number, body=f"{says} {number}"))
        assert len(alerts(here)) == before
        told = here.record.read_now(lambda reader: reader.alerts())
        here.record.write_now(lambda tx: [tx.look(one.contact_id, "k.jones", here.clock()) for one in told])
        for number in (100, 101):
            await here.post(mail(number, body=f"{says} {number}"))
            assert len(alerts(here)) == before + 1
