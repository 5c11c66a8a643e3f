"""Alerts by text and webhook: what is said, what it may cost, and what becomes of one that does not arrive."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.alerts.posting import recover
from gateway.alerts.routes import Row
from rules.answers import Permanent, Temporary
from rules.policies.texting import Texting
from storage.alert_posts import PostState
from storage.entries import LetterState
from storage.faults import RecordLocked
from tests.adapters.hook import SECRET, hook, says
from tests.gateway.alerts.alarm import DUTY, FROM, PHONE, TEXTED, Provider, alarm
from tests.gateway.desk_office import Desk
from tests.gateway.office import ALERTS
from tests.gateway.texting import Texter

TITLE = "A caller says that somebody is in danger"
ONLY_TEXT = {"text_from": FROM, "to": [{"text": [PHONE]}]}


def to_hook(here):
    """Write settings by which a webhook hears of alerts and of nothing else."""
    hooks = [{"name": "pager", "url": here.url, "secret": SECRET, "alerts_only": True}]
    return {"hooks": hooks, "to": [{"webhook": ["pager"], "mail": [DUTY]}]}


async def test_a_text_says_what_there_is_and_names_nobody(folder):
    """From our number to the staff's, in one part: the title and where to look."""
    with alarm(folder, provider=Provider(), **TEXTED) as here:
        one = here.danger()
        assert await here.posting.send_due() == 1
        ((sender, to, words),) = here.provider.sent
        assert (sender, to) == (FROM, PHONE)
        assert words == f"The Office: {TITLE}. See: parley alerts --open"
        assert here.tellings(one) == [("mail", "queued"), ("text", "sent")]
        assert await here.posting.send_due() == 0


async def test_T6_the_daily_limit_holds_for_texts_to_staff(folder):
    """Two are allowed and two leave; the third is told by mail instead, and replies to people count with them."""
    provider = Provider()
    with alarm(folder, provider=provider, **ONLY_TEXT) as here:
        limit = here.settings.policy.texting.model_copy(update={"most": 2})
        object.__setattr__(here.posting, "_policy", here.settings.policy.with_changes(texting=limit))
        last = [here.danger() for _ in range(3)][-1]
        await here.posting.send_due()
        await here.posting.send_due()
        assert len(provider.sent) == 2
        assert here.record.read_now(lambda reader: reader.texts_sent(here.clock() - timedelta(days=1)))[0] == 2
        assert [subject for _, subject in here.mails()] == [TITLE]
        assert here.tellings(last) == [("mail", "queued"), ("text", "failed")]


@pytest.mark.parametrize(
    ("answer", "state", "again"),
    [
        pytest.param(Temporary("lost", unclear=True), PostState.UNCLEAR, 0, id="nobody knows whether it left"),
        pytest.param(Permanent("no such number"), PostState.FAILED, 0, id="the provider refuses it"),
        pytest.param(Temporary("busy"), PostState.QUEUED, 1, id="the provider is busy"),
    ],
)
async def test_W6_what_may_have_left_is_not_sent_again(folder, answer, state, again):
    """It is shown, and told by mail at once; what surely did not leave is tried again, and told by mail meanwhile."""
    with alarm(folder, provider=Provider(answer), **ONLY_TEXT) as here:
        one = here.danger()
        await here.posting.send_due()
        assert here.tellings(one)[-1] == ("text", state.value)
        assert len(here.mails()) == 1
        here.clock.advance(hours=1)
        await here.posting.send_due()
        assert len(here.provider.sent) == 1 + again
        assert len(here.mails()) == 1


async def test_a_number_that_wants_no_texts_gets_none(folder):
    """STOP holds for staff too; the alert goes by mail."""
    with alarm(folder, provider=Provider(), **ONLY_TEXT) as here:
        here.record.write_now(lambda tx: tx.stop_texts(PHONE, here.clock()))
        one = here.danger()
        await here.posting.send_due()
        assert here.provider.sent == []
        assert [way for way, _ in here.tellings(one)] == ["mail", "text"]


async def test_a_webhook_is_told_by_ids(folder):
    """Signed, with ids, kind and severity; no words, names or numbers, and no act of anybody's."""
    async with hook() as there:
        with alarm(folder, **to_hook(there)) as here:
            one = here.danger()
            assert await here.posting.send_due() == 1
            (posted,) = there.posted
            assert posted.is_signed()
            assert posted.said["type"] == "alert"
            (told,) = posted.said["data"]["alerts"]
            assert told["id"] == one.id
            assert (told["kind"], told["severity"], told["about"]) == ("danger", "urgent", f"contact:{one.contact_id}")
            assert b"example.org" not in posted.body and b"danger key" not in posted.body


async def test_a_webhook_hears_again_under_the_same_id(folder):
    """Until it takes it; it can tell a repeat by its id."""
    async with hook(*[says(500)] * 3) as there:
        with alarm(folder, **to_hook(there)) as here:
            one = here.danger()
            for _ in range(4):
                await here.posting.send_due()
                here.clock.advance(minutes=5)
            assert len(there.posted) == 4
            assert len({each.fields["webhook-id"] for each in there.posted}) == 1
            assert ("webhook", "sent") in here.tellings(one)


async def test_a_webhook_that_takes_nothing_is_given_up(folder):
    """After six hours it is shown as failed."""
    async with hook(*[says(500)] * 99) as there:
        with alarm(folder, **to_hook(there)) as here:
            one = here.danger()
            for _ in range(9):
                await here.posting.send_due()
                here.clock.advance(hours=1)
            assert ("webhook", "failed") in here.tellings(one)


async def test_W6_a_text_under_way_at_a_kill_is_shown_as_unclear(folder):
    """After the next start it is unclear and not sent again, and the alert goes by mail."""
    with alarm(folder, provider=Provider(), **ONLY_TEXT) as here:
        one = here.danger()
        now = here.clock()
        here.record.write_now(lambda tx: tx.claim_post("text", PHONE, "here", now, now + timedelta(minutes=2)))
        here.record.write_now(lambda tx: recover("here", here.letters_.tellings, now, tx))
        here.clock.advance(hours=1)
        assert await here.posting.send_due() == 0
        assert here.provider.sent == []
        assert here.tellings(one) == [("mail", "queued"), ("text", "unclear")]


DOWN = Temporary("connection refused")
HEAD_BY_TEXT = {"text_from": FROM, "to": [{"mail": [DUTY]}, {"text": [PHONE], "after_minutes": 15}]}


async def test_what_is_urgent_does_not_wait_for_the_provider(folder):
    """The first attempt fails: the alerts are in the mail at once, and a repeat that fails is one letter for both."""
    with alarm(folder, provider=Provider(*[DOWN] * 99), **ONLY_TEXT) as here:
        for _ in range(2):
            here.danger()
            await here.posting.send_due()
        assert here.mails() == [(ALERTS, TITLE)] * 2
        for _ in range(31):
            await here.round(minutes=1)
            await here.posting.send_due()
        assert here.mails()[2:] == [(ALERTS, f"2 alerts: {TITLE}, and others")]


async def test_that_the_head_was_not_told_is_told(folder):
    """Mail to the duty officer says nothing of the text to the head that was refused after it."""
    with alarm(folder, provider=Provider(Permanent("no such number")), **HEAD_BY_TEXT) as here:
        here.danger()
        await here.round(minutes=16)
        assert not any(to == ALERTS for to, _ in here.mails())
        await here.posting.send_due()
        assert [to for to, _ in here.mails()].count(ALERTS) == 1
        assert any("which did not work: no such number" in body for body in here.bodies())


async def test_a_letter_that_failed_told_nobody(folder):
    """A text that is refused is told by mail, though a letter went before: it failed, and the next one is counted."""
    with alarm(folder, provider=Provider(Permanent("no such number")), **ONLY_TEXT) as here:
        one = here.danger()
        (post,) = here.record.read_now(lambda reader: reader.posts_waiting(here.clock()))
        here.clock.advance(minutes=1)
        telling = here.letters_.tellings.again([replace(one, times=9)], [Row(mail=(DUTY,))], here.clock())
        here.record.write_now(lambda tx: tx.tell([one], telling))
        here.record.write_now(lambda tx: tx.settle_letter(telling.letters[0].id, LetterState.FAILED))
        assert post == ("text", PHONE)
        await here.posting.send_due()
        assert [to for to, _ in here.mails()] == [ALERTS]


async def test_T6_repeats_leave_room_for_the_next_urgent_alert(folder):
    """Of ten texts a day repeats have five; the next alert is texted at once, and what is not urgent is not."""
    provider = Provider()
    with alarm(folder, provider=provider, **ONLY_TEXT) as here:
        limit = here.settings.policy.texting.model_copy(update={"most": 10})
        object.__setattr__(here.posting, "_policy", here.settings.policy.with_changes(texting=limit))
        here.danger()
        for _ in range(12):
            await here.posting.send_due()
            await here.round(minutes=31)
        assert len(provider.sent) == 5
        one, other = here.danger(), here.held()
        await here.posting.send_due()
        await here.posting.send_due()
        assert len(provider.sent) == 6
        assert ("text", "sent") in here.tellings(one)
        assert ("text", "failed") in here.tellings(other)


async def test_T6_replies_to_the_public_leave_a_share_for_alerts(folder):
    """Of 20 texts a day a flood gets 16 as replies; of the four kept, repeats have two, and what is new the rest."""
    limits = {"texting": Texting(most=20)}
    with alarm(folder, provider=Provider(), policy=limits, **ONLY_TEXT) as here:
        people, texter = Desk(here.settings, here.record, here.clock), Texter(here)
        senders = [f"+4477009002{number:02}" for number in range(20)]
        people.party({"kind": "return_mail"}, known=senders)
        answers = [await texter.text(sender=sender) for sender in senders]
        assert [bool(each) for each in answers] == [True] * 16 + [False] * 4
        one = here.danger()
        for _ in range(3):
            await here.posting.send_due()
            await here.round(minutes=31)
        assert here.tellings(one)[:4] == [("mail", "queued"), ("text", "failed"), ("text", "queued"), ("text", "sent")]
        assert here.tellings(one).count(("text", "sent")) == 2
        other = here.danger()
        for _ in range(2):  # the first ends with the last repeat, which may not leave
            await here.posting.send_due()
        assert ("text", "sent") in here.tellings(other)


async def test_T6_without_alerts_by_text_replies_have_all_of_the_days_texts(folder):
    """Nothing is kept for what nobody set up."""
    with alarm(folder, policy={"texting": Texting(most=3, alerts_percent=90)}) as here:
        senders = [f"+4477009002{number:02}" for number in range(4)]
        Desk(here.settings, here.record, here.clock).party({"kind": "return_mail"}, known=senders)
        texter = Texter(here)
        assert [bool(await texter.text(sender=each)) for each in senders] == [True, True, True, False]


async def test_a_phone_does_not_ring_for_what_is_over(folder):
    """Texts of hours without the provider: one leaves for what is open, none for what somebody has taken on."""
    provider = Provider(*[DOWN] * 99)
    with alarm(folder, provider=provider, **ONLY_TEXT) as here:
        one, other = here.danger(), here.danger()
        for _ in range(5):
            await here.posting.send_due()
            await here.round(minutes=31)
        here.record.write_now(lambda tx: tx.acknowledge_alert(one.id, "k.jones", here.clock()))
        await here.round(minutes=31)
        provider.sent.clear()
        provider.answers.clear()
        here.clock.advance(hours=2)
        await here.posting.send_due()
        assert len(provider.sent) == 1
        assert here.tellings(other).count(("text", "sent")) == 1
        assert ("text", "dropped") in here.tellings(one)


async def test_W6_what_became_of_a_text_is_written_once_the_record_can_be(folder):
    """Locked at that moment, it is settled at the next run: sent once, and not left under way."""
    with alarm(folder, provider=Provider(), **ONLY_TEXT) as here:
        one = here.danger()
        object.__setattr__(here.posting, "_record", LockedOnce(here.record, at=2))
        with pytest.raises(RecordLocked):
            await here.posting.send_due()
        assert here.tellings(one) == [("text", "sending")]
        await here.posting.send_due()
        assert here.tellings(one) == [("text", "sent")]
        assert len(here.provider.sent) == 1


async def test_W6_a_text_of_a_machine_that_is_gone_is_shown_as_unclear(folder):
    """Nobody of its name starts again: after minutes it is unclear, told by mail, and not sent again."""
    with alarm(folder, provider=Provider(), **ONLY_TEXT) as here:
        one = here.danger()
        now = here.clock()
        here.record.write_now(lambda tx: tx.claim_post("text", PHONE, "gone", now, now + timedelta(minutes=2)))
        await here.posting.send_due()
        assert here.tellings(one) == [("text", "sending")]
        here.clock.advance(minutes=2)
        await here.posting.send_due()
        assert here.tellings(one) == [("mail", "queued"), ("text", "unclear")]
        assert here.provider.sent == []


class LockedOnce:
    """A record that is locked at one of its writes."""

    def __init__(self, record, at) -> None:
        self.read, self._record, self._at, self._count = record.read, record, at, 0

    async def write(self, job):
        """Write, or say that it is locked."""
        self._count += 1
        if self._count == self._at:
            raise RecordLocked("The record is locked.")
        return await self._record.write(job)
