"""The gateway is stopped during calls: nothing is counted twice, and minutes are settled after the restart (T2, T4)."""

from rules.contact import Channel
from storage.entries import State
from tests.gateway.twilio import CALLER, dial, new_sid, verbs
from tests.twiml.playing import Call, Story

LIMIT = {"kind": "talk_time_limit", "minutes": 10, "per": "day"}


async def test_minutes_are_settled_after_a_restart(phone):
    """A call goes on while we are down; what its reports say afterwards is settled, once."""
    async with phone() as (here, twilio):
        party = here.party(LIMIT, emails=(), phones=[CALLER])
        sid, document = await twilio.call()
        assert dial(document)[1] == 600
    async with phone() as (here, twilio):
        assert here.only().reserved_s == 600
        assert await twilio.call(sid) == (sid, document)
        await twilio.leg(sid, "completed", 240)
    async with phone() as (here, twilio):
        await twilio.dialled(sid, duration=240)
        await twilio.leg(sid, "completed", 240)
        entry = here.only()
        assert (entry.state, entry.talk_s, entry.reserved_s) == (State.ANSWERED, 240, None)
        assert here.used(party, Channel.CALL) == 1
        assert dial((await twilio.call())[1])[1] == 360


async def test_a_menu_goes_on_after_a_restart(phone):
    """The menu, the key for danger and the message are met by three processes; each is on record once."""
    async with phone() as (here, twilio):
        here.party({"kind": "block"}, emails=(), phones=[CALLER])
        call = Call(twilio, Story(keys=["9"], message=20))
        _, menu = await twilio.call(call.sid)
    async with phone() as (here, twilio):
        call.twilio = twilio
        assert (await twilio.post("/calls/menu", {"CallSid": call.sid, "Digits": "1"})).text == menu
        await twilio.post("/calls/menu", {"CallSid": call.sid, "Digits": "9"})
    async with phone() as (here, twilio):
        call.twilio = twilio
        await call.follow(menu)
        (waiting,) = here.queue()
        assert (waiting.state, len(here.letters())) == (State.VOICEMAIL, 1)
        assert waiting.look_by is not None
        assert waiting.look_by <= here.clock()


async def test_a_wait_goes_on_after_a_restart(phone):
    """Who waits for a named contact goes on waiting with the process that comes after."""
    async with phone() as (here, twilio):
        here.party({"kind": "named_contact", "phone": "+441632960555"}, LIMIT, emails=(), phones=[CALLER])
        call = Call(twilio, Story(office=["busy", "talks 999"]))
        _, document = await twilio.call(call.sid)
    async with phone() as (here, twilio):
        call.twilio = twilio
        await call.follow(document)
        assert here.only().talk_s == 600


async def test_keys_for_a_call_that_nobody_knows(phone):
    """A call that was put through while we could not record it gets an answer, and nothing comes on record."""
    async with phone() as (here, twilio):
        for keys in ("1", "2", "9", "0", "", "12345"):
            answer = await twilio.post("/calls/menu", {"CallSid": new_sid(), "Digits": keys, "From": CALLER})
            assert "Record" in verbs(answer.text)
        assert here.contacts() == []


async def test_the_key_for_danger_while_the_record_is_gone(phone):
    """The caller hears what to do though nothing can be written (T4); another key reaches a person."""
    async with phone() as (here, twilio):
        here.party({"kind": "block"}, emails=(), phones=[CALLER])
        sid, _ = await twilio.call()
        here.record.close()
        answer = await twilio.post("/calls/menu", {"CallSid": sid, "Digits": "9", "From": CALLER})
        assert here.settings.policy.texts.emergency in answer.text
        answer = await twilio.post("/calls/menu", {"CallSid": sid, "Digits": "1", "From": CALLER})
        assert verbs(answer.text) == ["Dial", "Hangup"]


async def test_the_key_for_danger_is_noted_once(phone):
    """Told again it makes no second reason, and puts nothing back before somebody who has looked."""
    async with phone() as (here, twilio):
        here.party({"kind": "block"}, emails=(), phones=[CALLER])
        sid, _ = await twilio.call()
        press = {"CallSid": sid, "Digits": "9", "From": CALLER}
        await twilio.post("/calls/menu", press)
        (waiting,) = here.queue()
        assert here.record.write_now(lambda tx: tx.look(waiting.id, "a clerk", here.clock()))
        await twilio.post("/calls/menu", press)
        assert here.queue() == []
        assert [reason.measure for reason in here.only().reasons].count("danger_key") == 1
        assert len(here.letters()) == 1


async def test_the_key_for_danger_in_a_flood(phone):
    """Each call is told by itself, up to ten in an hour; then there is one alert in a quarter of an hour (C4)."""
    async with phone() as (here, twilio):
        here.party({"kind": "block"}, emails=(), phones=[CALLER])
        for _ in range(14):
            sid, _ = await twilio.call()
            await twilio.post("/calls/menu", {"CallSid": sid, "Digits": "9", "From": CALLER})
        told = [letter.once for letter in here.letters() if (letter.once or "").startswith("danger")]
        assert 10 <= len(told) + len(here.flags()) <= 12
        assert len(here.queue()) == 14
        for contact in here.queue():
            here.record.write_now(lambda tx, contact=contact: tx.look(contact.id, "a clerk", here.clock()))
        for _ in range(2):
            sid, _ = await twilio.call()
            await twilio.post("/calls/menu", {"CallSid": sid, "Digits": "9", "From": CALLER})
        again = [letter.once for letter in here.letters() if (letter.once or "").startswith("danger")]
        assert len(again) == len(told) + 1  # what comes after somebody looked
