"""Our own mail: claimed before it leaves, at most once for whoever is told, repeated only where harmless (W6)."""

import pytest

from gateway.build import build
from gateway.build_desk import letters_of, traces_of
from rules.answers import Temporary
from storage.entries import LetterState
from storage.faults import RecordLocked
from storage.record import Record
from tests.gateway.alerts.alarm import DUTY
from tests.gateway.hop import DROP, Hop
from tests.gateway.office import ALERTS, PARTY, SENT, mail, office

RETURN = {"kind": "return_mail"}


def outbound(hop):
    """Give the settings of an office whose own mail leaves by this server."""
    return {"outbound": {"server": f"127.0.0.1:{hop.port}", "security": "none"}}


async def returned(here):
    """Have one return written."""
    here.party(RETURN)
    await here.post(mail())
    (letter,) = here.letters()
    return letter


async def test_a_letter_leaves_by_the_outbound_server(folder):
    """As it is on record, from the null path, to the sender."""
    async with Hop() as hop, office(folder, mail=outbound(hop)) as here:
        letter = await returned(here)
        assert await here.gateway.outbox.send_due() == 1
        (took,) = hop.messages
        assert (took.mail, took.rcpts) == ("MAIL FROM:<>", (f"RCPT TO:<{PARTY}>",))
        assert took.octets == letter.message
        assert [one.id for one in here.letters(LetterState.SENT)] == [letter.id]


@pytest.mark.parametrize("boxes", [True, False], ids=["mail lies in mailboxes elsewhere", "mail lies here by design"])
async def test_an_alert_does_not_end_where_nobody_reads(folder, boxes):
    """In an office of mailboxes, one for an address that is none of them leaves; else the Maildir is its inbox."""
    box = {"name": "box", "address": ALERTS, "server": "127.0.0.1:1", "security": "none", "password": "x"}
    alerts = {"to": [{"mail": [DUTY]}]}
    async with Hop() as hop, office(folder, mail=outbound(hop), alerts=alerts, mailbox=[box] if boxes else []) as here:
        letters = letters_of(here.settings, traces_of(here.record))
        here.record.write_now(lambda tx: tx.enqueue(letters.alert_provider("it is down", here.clock())))
        assert await here.gateway.outbox.send_due() == 1
        assert [one.rcpts for one in hop.messages] == ([(f"RCPT TO:<{DUTY}>",)] if boxes else [])
        assert len(here.mailbox(DUTY)) == (0 if boxes else 1)
        for box in here.gateway.watchers:
            await box.stop()


async def test_put_off_and_tried_again_later_and_later(folder):
    """Each try waits longer than the one before, up to hours; at the thirtieth it has failed."""
    async with Hop() as hop, office(folder, mail=outbound(hop)) as here:
        letter = await returned(here)
        hop.say("RCPT", "450 4.2.1 Busy")
        waits = []
        for _ in range(29):
            assert await here.gateway.outbox.send_due() == 1
            assert await here.gateway.outbox.send_due() == 0
            if not here.letters():
                break
            waits.append(here.letters()[0].next_at - here.clock())
            here.clock.at = here.letters()[0].next_at
        assert waits == sorted(waits)
        assert (waits[0].total_seconds(), waits[-1].total_seconds()) == (60, 4 * 3600)
        assert len(waits) == 28
        (failed,) = here.letters(LetterState.FAILED)
        assert (failed.id, hop.messages) == (letter.id, [])


async def test_a_letter_that_is_refused_has_failed(folder):
    """A 5xx ends it; the reason is in our words."""
    async with Hop() as hop, office(folder, mail=outbound(hop)) as here:
        await returned(here)
        hop.say("RCPT", "550 5.1.1 No such person: r.example")
        await here.gateway.outbox.send_due()
        (failed,) = here.letters(LetterState.FAILED)
        assert failed.detail == "The outbound mail server refused it with 550."
        here.clock.advance(days=1)
        assert await here.gateway.outbox.send_due() == 0


@pytest.mark.parametrize("fault", [DROP, "421 4.3.2 Closing"], ids=["a drop", "a 421"])
async def test_a_reply_that_is_lost_is_put_before_a_person(folder, fault):
    """Nobody knows whether the letter left: it is unclear, listed, and never sent again."""
    async with Hop() as hop, office(folder, mail=outbound(hop)) as here:
        letter = await returned(here)
        hop.say(".", fault)
        await here.gateway.outbox.send_due()
        state = LetterState.UNCLEAR if fault == DROP else LetterState.QUEUED
        assert [one.id for one in here.letters(state)] == [letter.id]
        hop.heal()
        here.clock.advance(days=1)
        assert await here.gateway.outbox.send_due() == (state is LetterState.QUEUED)


async def test_what_fails_before_the_message_is_said_is_tried_again(folder):
    """A server that is away, hangs up or wants another sign-in has certainly not taken it."""
    async with Hop() as hop, office(folder, mail=outbound(hop)) as here:
        await returned(here)
        for step, reply in (("CONNECT", "554 No"), ("EHLO", DROP), ("MAIL", DROP), ("MAIL", "530 5.7.0 Sign in")):
            hop.heal()
            hop.say(step, reply)
            assert await here.gateway.outbox.send_due() == 1
            assert len(here.letters()) == 1, step
            here.clock.advance(days=1)
        hop.heal()
        await here.gateway.outbox.send_due()
        assert len(hop.messages) == 1


async def test_a_crash_between_claim_and_settling(folder):
    """What was claimed and not settled may have left: unclear after the next start; an alert goes again."""
    async with office(folder) as here:
        letter = await returned(here)
        for number in range(2, 6):
            await here.post(mail(number))
        alerts = [one.id for one in here.letters() if one.kind == "alert"]
        assert len(alerts) == 1
        claimed = here.record.write_now(lambda tx: tx.claim_letters(here.clock(), here.gateway.node, 100))
        assert len(claimed) == 6
    with Record.open(here.settings.config.record_url, now=here.clock) as record:
        gateway = build(here.settings, record, clock=here.clock)
        here.record = record
        assert letter.id in {one.id for one in here.letters(LetterState.UNCLEAR)}
        assert len(here.letters(LetterState.UNCLEAR)) == 5
        assert [one.id for one in here.letters()] == alerts
        assert await gateway.outbox.send_due() == 1
        assert (len(here.mailbox(ALERTS)), here.mailbox(SENT)) == (1, [])


async def test_another_nodes_letters_are_left_alone(folder):
    """A start accounts for what its own node had in hand and for nothing else."""
    async with office(folder) as here:
        letter = await returned(here)
        here.record.write_now(lambda tx: tx.claim_letters(here.clock(), "another host", 1))
    with Record.open(here.settings.config.record_url, now=here.clock) as record:
        build(here.settings, record, clock=here.clock)
        here.record = record
        assert [one.id for one in here.letters(LetterState.SENDING)] == [letter.id]


async def test_a_record_that_is_locked_when_the_letter_has_left(folder):
    """It left and that could not be written: it is written at the next time, and does not leave again."""
    async with office(folder) as here:
        letter = await returned(here)
        here.record = here.gateway.record
        outbox = here.gateway.outbox
        works = outbox._record
        outbox._record = LockedAtTheSecond(works)
        with pytest.raises(RecordLocked):
            await outbox.send_due()
        assert [one.id for one in here.letters(LetterState.SENDING)] == [letter.id]
        outbox._record = works
        here.clock.advance(days=1)
        assert await outbox.send_due() == 0
        assert ([one.id for one in here.letters(LetterState.SENT)], len(here.mailbox(SENT))) == ([letter.id], 1)


class LockedAtTheSecond:
    """Be a record whose second write meets a lock."""

    def __init__(self, record):
        self.record, self.writes = record, 0

    async def write(self, job):
        self.writes += 1
        if self.writes == 2:
            raise RecordLocked("the record is locked by another program")
        return await self.record.write(job)


async def test_a_fault_of_ours_while_sending(folder):
    """Nobody knows whether it left: unclear, and the letters behind it go on."""

    class Breaks:
        def __init__(self):
            self.sent = []

        async def send(self, mail_from, rcpt, message):
            if not self.sent:
                self.sent.append(rcpt)
                raise ValueError("secret")
            self.sent.append(rcpt)
            return Temporary("later")

    async with office(folder) as here:
        await returned(here)
        await here.post(mail(2))
        server = here.gateway.outbox._outbound = Breaks()
        assert await here.gateway.outbox.send_due() == 2
        assert (len(here.letters(LetterState.UNCLEAR)), len(here.letters()), len(server.sent)) == (1, 1, 2)


async def test_alerts_go_to_the_staff_inbox_by_the_next_hop(folder):
    """With a next hop an alert stays in the house; where that one hangs up, it goes again."""
    async with Hop() as hop, office(folder, mail={"next_hop": f"127.0.0.1:{hop.port}"}) as here:
        for number in range(5):
            await here.post(mail(number))
        hop.messages.clear()
        hop.say(".", DROP, "250 2.0.0 Ok")
        assert await here.gateway.outbox.send_due() == 1
        assert (hop.messages, len(here.letters())) == ([], 1)
        here.clock.advance(minutes=1)
        assert await here.gateway.outbox.send_due() == 1
        assert [took.rcpts for took in hop.messages] == [(f"RCPT TO:<{ALERTS}>",)]
