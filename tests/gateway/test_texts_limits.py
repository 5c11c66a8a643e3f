"""Our own texts cost money: one to a number in a period, so many and so much in a day, none after STOP (T6)."""

import asyncio

import pytest

from rules.policies.texting import Texting
from storage.entries import State
from tests.gateway.office import NOW, Clock
from tests.gateway.texting import SENDER, machine, reception, texting

BACK = {"kind": "return_mail"}


def numbers(count):
    """Give so many numbers that a regulator keeps for drama."""
    return [f"+4477009001{number:02}" for number in range(count)]


def limits(**changes):
    """Give a policy with these limits on texts of ours."""
    return {"texting": Texting(**changes)}


async def test_one_answer_to_a_number_in_the_period(folder):
    """A second text within a day is returned without a word, and after it with one again."""
    async with texting(folder, BACK) as (here, texter, _):
        assert await texter.text() is not None
        here.clock.advance(hours=23)
        assert await texter.text() is None
        here.clock.advance(hours=1)
        assert await texter.text() is not None
        assert here.states() == ["returned"] * 3


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"most": 3}, id="as many as the policy allows"),
        pytest.param({"price": 0.05, "most_spent": 0.17}, id="as much money as the policy allows"),
    ],
)
async def test_a_flood_sends_no_more_than_a_day_allows(folder, changes):
    """Three leave, the fourth text is filed for a person; a day later they leave again."""
    async with texting(folder, policy=limits(**changes)) as (here, texter, _):
        senders = numbers(5)
        here.party(BACK, emails=(), phones=senders, name="Many numbers")
        answers = [await texter.text(sender=sender) for sender in senders]
        assert [bool(one) for one in answers] == [True, True, True, False, False]
        await texter.brought()
        assert here.states() == ["returned"] * 3 + ["filed"] * 2
        assert here.contacts()[-1].look_by is not None
        here.clock.advance(days=1)
        assert await texter.text(sender=senders[4]) is not None


async def test_what_is_paid_for_is_every_part(folder):
    """An answer of two parts costs two."""
    async with texting(folder, BACK, policy=limits(price=0.05, most_spent=0.05)) as (here, texter, _):
        words = here.settings.policy.texts.model_copy(update={"text_returned": "ŵ" * 100})
        policy = here.settings.policy.with_changes(texts=words)
        texter.reception = reception(type(here.settings)(here.settings.config, policy), here.record, here.clock)
        assert await texter.text() is None
        await texter.brought()
        assert here.states() == ["filed"]


async def test_machines_count_together(folder, postgres_url):
    """Two machines over one record do not send what one may not."""
    async with texting(folder, record_url=postgres_url, policy=limits(most=3)) as (here, texter, _):
        senders = numbers(12)
        for sender in senders:
            here.party(BACK, emails=(), phones=[sender], name=sender)
        with machine(here) as other:
            both = ((texter, other)[at % 2].text(sender=sender) for at, sender in enumerate(senders))
            answers = await asyncio.gather(*both)
        assert sum(one is not None for one in answers) == 3
        assert here.record.read_now(lambda reader: reader.texts_sent(NOW)) == (3, 3)


@pytest.mark.parametrize(
    ("sender", "changes"),
    [
        pytest.param("+353201234567", {}, id="a number abroad"),
        pytest.param("+447000900001", {}, id="a personal number, dear to send to"),
        pytest.param(SENDER, {"answers": False}, id="nobody is answered by text"),
        pytest.param(SENDER, {"never": ("+4477",)}, id="a beginning that the policy names"),
    ],
)
async def test_numbers_that_are_not_answered(folder, sender, changes):
    """What would be returned is filed for a person instead, for nobody would hear of it."""
    async with texting(folder, policy=limits(**changes)) as (here, texter, _):
        here.party(BACK, emails=(), phones=[sender] if sender != SENDER else [], name="Somewhere")
        if sender == SENDER:
            here.restrict(1, BACK)
        assert await texter.text(sender=sender) is None
        await texter.brought()
        assert here.states() == ["filed"]


async def test_stop_is_honoured_until_start(folder):
    """Nothing goes to the number until START, each of both reaches staff, and a third party's wish is its own."""
    async with texting(folder, BACK, clock=Clock()) as (here, texter, _):
        assert await texter.text("STOP") is None
        here.clock.advance(days=2)
        assert await texter.text("Hello") is None
        assert await texter.text("stop", sender="+447700900099") is None
        assert await texter.text("START") is None
        here.clock.advance(days=2)
        assert await texter.text("Hello again") is not None
        await texter.brought()
        assert here.states() == ["filed", "filed", "delivered", "filed", "returned"]


async def test_stop_from_who_is_blocked_still_reaches_staff(folder):
    """The text itself is filed for a person, and any other is refused."""
    async with texting(folder, {"kind": "block"}) as (here, texter, _):
        await texter.text("Stop")
        await texter.text("Hello")
        await texter.brought()
        assert here.states() == ["filed", "refused"]


async def test_stop_in_another_language_by_the_providers_word(folder):
    """The provider's own recognition counts, and nothing goes out afterwards, not even whom to turn to."""
    async with texting(folder, {"kind": "block"}) as (here, texter, _):
        await texter.text("ARRET", OptOutType="STOP")
        assert await texter.text("I am going to kill myself tonight") is None
        assert here.contacts()[-1].state is State.HELD


def test_money_is_exact():
    """Three texts at 5 pence are 15 pence, not a hair more."""
    texting_limits = Texting(price=0.05, most_spent=0.15)
    assert [texting_limits.affords(0, sent, 1) for sent in (0, 2, 3)] == [True, True, False]


@pytest.mark.parametrize(
    ("limits", "kept", "left"),
    [
        pytest.param({}, (10, 1.0), (40, 4.0), id="a fifth unless said"),
        pytest.param({"alerts_percent": 0}, (0, 0.0), (50, 5.0), id="nothing is kept"),
        pytest.param({"most": 4}, (0, 1.0), (4, 4.0), id="less than one text is none"),
        pytest.param({"most": 1, "most_spent": 0.05, "alerts_percent": 90}, (0, 0.0), (1, 0.05), id="one text is all"),
        pytest.param({"most_spent": 0.09, "alerts_percent": 90}, (45, 0.05), (5, 0.05), id="a reply can be paid for"),
        pytest.param({"price": 0, "alerts_percent": 50}, (25, 2.5), (25, 2.5), id="texts that cost nothing"),
    ],
)
def test_T6_what_is_kept_for_alerts_is_whole_texts(limits, kept, left):
    """Replies have the rest, and never less than one."""
    texting_limits = Texting(**limits)
    found = [(one.most, one.most_spent) for one in (texting_limits.for_alerts(), texting_limits.for_replies())]
    assert found == [kept, left]
