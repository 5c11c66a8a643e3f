"""Alerts by text and webhook: what is said, what it may cost, and what becomes of one that does not arrive."""

from datetime import timedelta

import pytest

from gateway.alerts.posting import recover
from rules.answers import Permanent, Temporary
from storage.alert_posts import PostState
from tests.adapters.hook import SECRET, hook, says
from tests.gateway.alerts.alarm import DUTY, FROM, PHONE, TEXTED, Provider, alarm

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
    """It is shown, and told by mail where nothing else told it; what surely did not leave is tried again."""
    with alarm(folder, provider=Provider(answer), **ONLY_TEXT) as here:
        one = here.danger()
        await here.posting.send_due()
        assert here.tellings(one)[-1] == ("text", state.value)
        assert len(here.mails()) == (0 if again else 1)
        here.clock.advance(hours=1)
        await here.posting.send_due()
        assert len(here.provider.sent) == 1 + again


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
