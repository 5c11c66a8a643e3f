"""The clock's work with the phone provider, over real HTTP, with all parts as an office has them."""

import json
from datetime import timedelta

from gateway.build_desk import letters_of, traces_of
from gateway.build_phone import phone_jobs
from gateway.levels import Levels
from gateway.serials import serial
from rules.contact import Channel
from storage.entries import State
from tests.adapters.hook import hook, says
from tests.gateway.office import ACCOUNT, LINE, office
from tests.gateway.provider import NO_ROOMS, SOUND
from tests.gateway.twilio import CALLER, Twilio

RE1, SM1, CA1 = "RE" + "1" * 32, "SM" + "1" * 32, "CA" + "1" * 32


def told(of, *rows):
    """Write a page of a list."""
    return says(200, "Content-Type: application/json", body=json.dumps({of: rows, "next_page_uri": None}).encode())


def jobs_of(here):
    """Build them as the gateway does."""
    settings, record = here.settings, here.record
    letters = letters_of(settings, traces_of(record))
    levels = Levels(settings.policy, letters, serial)
    return {name: work for name, work, _ in phone_jobs(settings, record, letters, levels, here.clock, "here")}


async def test_a_message_goes_from_the_provider_to_the_record(folder):
    """The callback names it, the job fetches and deletes it with the account's token, and it is on the call."""
    async with hook(says(200, "Content-Type: audio/mpeg", body=SOUND), says(204)) as provider:
        changes = {"api_url": f"http://127.0.0.1:{provider.port}"}
        async with office(folder, phone=True, phone_changes=changes, **NO_ROOMS) as here, Twilio(here) as twilio:
            sid, _ = await twilio.call()
            await twilio.dialled(sid, "no-answer")
            await twilio.recorded(sid, RE1)
            await jobs_of(here)["recordings"]()
            asked = [one.line.rpartition(" ")[0] for one in provider.posted]
            path = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RE1}"
            assert asked == [f"GET {path}.mp3", f"DELETE {path}.json"]
            assert here.record.read_now(lambda reader: reader.recording_content(RE1)) == SOUND


async def test_T7_what_came_while_down_goes_from_the_log_to_the_record(folder):
    """A call and a text of the provider's log are on record at their own times, each once, the text as a text."""
    begun = {"sid": CA1, "direction": "inbound", "from": CALLER, "to": LINE, "status": "completed", "duration": "70"}
    call = begun | {"start_time": "Mon, 09 Mar 2026 10:10:00 +0000"}
    leg = call | {"sid": "CA" + "2" * 32, "parent_call_sid": CA1, "direction": "outbound-dial", "duration": "61"}
    text = {"sid": SM1, "direction": "inbound", "from": CALLER, "to": LINE, "body": "Good morning", "num_media": "0"}
    text |= {"date_sent": "Mon, 09 Mar 2026 10:20:00 +0000"}
    first = (told("calls", call, leg), told("calls", leg), told("messages", text))
    again = (told("calls", call, leg), told("messages", text))
    async with hook(*first, *again) as provider:
        changes = {"api_url": f"http://127.0.0.1:{provider.port}"}
        async with office(folder, phone=True, phone_changes=changes, **NO_ROOMS) as here:
            party = here.party(emails=(), phones=[CALLER])
            reconcile = jobs_of(here)["phone log"]
            await reconcile()
            here.clock.advance(hours=1)
            await reconcile()
            here.clock.advance(minutes=5)
            await reconcile()
            by_phone, by_text = here.contacts()
            assert (by_phone.channel, by_phone.state, by_phone.talk_s) == (Channel.CALL, State.ANSWERED, 61)
            assert (by_text.channel, by_text.party_id, by_phone.party_id) == (Channel.SMS, party, party)
            assert by_text.at - by_phone.at == timedelta(minutes=10)
            assert provider.answers == []


async def test_an_office_that_names_no_provider_asks_none(folder):
    """Without an address to ask, or without a phone, there is no such work."""
    async with office(folder, phone=True, **NO_ROOMS) as here:
        assert jobs_of(here) == {}
