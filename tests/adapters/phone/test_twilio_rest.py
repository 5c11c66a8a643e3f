"""What we ask of Twilio, at a provider that fails in every way: capped, never redirected, never asked twice blindly."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from adapters.phone.call import CallStatus
from adapters.phone.twilio_rest import Access, ProviderFault, TwilioRest, checked_api
from rules.answers import Delivered, Permanent, Temporary
from rules.contact import Caller
from tests.adapters.hook import hook, says
from tests.adapters.phone.office import ACCOUNT, SID, TOKEN
from tests.ports import free_port

RECORDING = "RE" + "1" * 32
FROM, TO = "+441632960100", "+447700900001"
SINCE, UNTIL = datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)
_CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
LOGGED = {
    "sid": SID,
    "parent_call_sid": None,
    "direction": "inbound",
    "from": "+441632960001",
    "to": "+441632960100",
    "status": "completed",
    "start_time": "Mon, 09 Mar 2026 10:00:00 +0000",
    "duration": "61",
}


def told(data, status=200):
    """Write an answer of JSON."""
    return says(status, "Content-Type: application/json", body=json.dumps(data).encode())


def asking(here, *secrets, timeout_s=10.0):
    """Give a client of a provider on loopback."""
    opens = secrets or ((ACCOUNT, TOKEN),)
    return TwilioRest(Access(ACCOUNT, opens, f"http://127.0.0.1:{here.port}"), timeout_s=timeout_s)


def form(posted):
    """Read what was posted."""
    return dict(parse_qsl(posted.body.decode()))


async def test_a_text_is_sent_once_with_its_words():
    """It goes to the account's messages, signed in by the account's token, and its id comes back."""
    async with hook(told({"sid": "SM1"}, 201)) as here:
        sent = await asking(here).send_text(FROM, TO, "Dŵr & cwrw", status_callback="https://calls.example.org/t")
        assert sent == Delivered("SM1")
        (posted,) = here.posted
        assert posted.line == f"POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1"
        assert posted.fields["authorization"] == "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        assert form(posted) == {
            "From": FROM,
            "To": TO,
            "Body": "Dŵr & cwrw",
            "StatusCallback": "https://calls.example.org/t",
        }


UNLUCKY = {
    "a number that cannot be reached is for good": (told({"code": 21211}, 400), Permanent, False),
    "a token that is wrong is for good": (says(401), Permanent, False),
    "too many requests are for later": (says(429), Temporary, False),
    "their fault may have sent it": (says(500), Temporary, True),
    "a redirect is not followed": (says(302, "Location: http://127.0.0.1:1/"), Permanent, False),
    "an answer that breaks off may have sent it": (
        b"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{",
        Temporary,
        True,
    ),
    "an answer that is no JSON may have sent it": (says(201, body=b"<html>"), Temporary, True),
    "an answer too deep to read may have sent it": (says(201, body=b"[" * 100_000), Temporary, True),
    "silence may have sent it": (None, Temporary, True),
    "no answer at all may have sent it": (b"", Temporary, True),
}


@pytest.mark.parametrize(("answer", "kind", "unclear"), UNLUCKY.values(), ids=UNLUCKY)
async def test_a_text_is_never_repeated(answer, kind, unclear):
    """Whatever comes back, it was asked once, and the answer says whether it may have left all the same (W6)."""
    async with hook(answer) as here:
        sent = await asking(here, timeout_s=0.3).send_text(FROM, TO, "Good morning")
        assert isinstance(sent, kind)
        assert getattr(sent, "unclear", False) is unclear
        assert len(here.posted) == 1
        assert not any(secret in repr(sent) for secret in (TO, FROM, TOKEN, "Good morning"))


async def test_where_nobody_listens_nothing_was_sent():
    """A connection refused is for later, and clear."""
    client = TwilioRest(Access(ACCOUNT, ((ACCOUNT, TOKEN),), f"http://127.0.0.1:{free_port()}"))
    sent = await client.send_text(FROM, TO, "Good morning")
    assert isinstance(sent, Temporary)
    assert not sent.unclear


async def test_while_a_token_is_changed_the_next_one_is_tried():
    """A refused token has done nothing, so the next one asks the same; where none opens, that is said."""
    async with hook(says(401), told({"sid": "SM1"}), says(401), says(401)) as here:
        client = asking(here, (ACCOUNT, "old"), (ACCOUNT, "new"))
        assert await client.send_text(FROM, TO, "x") == Delivered("SM1")
        assert isinstance(await client.send_text(FROM, TO, "x"), Permanent)
        assert len(here.posted) == 4
        assert here.posted[1].fields["authorization"].endswith(base64.b64encode(f"{ACCOUNT}:new".encode()).decode())


async def test_a_call_under_way_is_changed():
    """A document, or its end, goes to the call; an id that is none never reaches an address."""
    async with hook(told({}), told({})) as here:
        client = asking(here)
        assert await client.change_call(SID, "<Response/>") == Delivered()
        assert await client.end_call(SID) == Delivered()
        assert [form(each) for each in here.posted] == [{"Twiml": "<Response/>"}, {"Status": "completed"}]
        for odd in ("../Messages", "CA1/../..", "", "CA" + "1" * 33, SID + "\n"):
            assert isinstance(await client.end_call(odd), Permanent)
            assert isinstance(await client.delete_recording(odd), Permanent)
        assert len(here.posted) == 2


async def test_an_announcement_goes_to_the_conference_of_that_name():
    """The conference is looked up among those that go on; where there is none any more nothing is played."""
    number = "CF" + "1" * 32
    async with hook(told({"conferences": [{"sid": number}]}), told({}), told({"conferences": []})) as here:
        client = asking(here)
        assert await client.announce("call 1", "https://calls.example.org/say") == Delivered()
        assert "FriendlyName=call+1" in here.posted[0].line
        assert f"/Conferences/{number}.json" in here.posted[1].line
        assert form(here.posted[1])["AnnounceUrl"] == "https://calls.example.org/say"
        assert isinstance(await client.announce("call 2", "https://calls.example.org/say"), Permanent)


async def test_T8_a_recording_is_fetched_from_the_provider_by_its_id():
    """Its address is made of account and id; its bytes come whole."""
    sound = bytes(range(256)) * 500
    async with hook(says(200, "Content-Type: audio/mpeg", body=sound)) as here:
        got = bytearray()
        assert await asking(here).fetch_recording(RECORDING, got.extend, most_bytes=len(sound)) == "audio/mpeg"
        assert bytes(got) == sound
        assert here.posted[0].line == f"GET /2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}.mp3 HTTP/1.1"


TOO_MUCH = {
    "a length above the cap": says(200, body=b"x" * 1001),
    "no length, and more than the cap": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 5000,
    "a length that says more than comes": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx",
}


@pytest.mark.parametrize("answer", TOO_MUCH.values(), ids=TOO_MUCH)
async def test_T8_a_recording_has_a_cap(answer):
    """Above it nothing more is read, and it is for good."""
    got = bytearray()
    async with hook(answer) as here:
        with pytest.raises(ProviderFault) as fault:
            await asking(here).fetch_recording(RECORDING, got.extend, most_bytes=1000)
    assert (fault.value.permanent, fault.value.status, len(got) <= 1000) == (True, 413, True)


async def test_T8_no_redirect_is_followed_to_a_recording():
    """An answer that points elsewhere is a fault, and elsewhere is never asked, with our secret or without."""
    async with hook() as elsewhere, hook(says(302, f"Location: {elsewhere.url}")) as here:
        with pytest.raises(ProviderFault, match="302"):
            await asking(here).fetch_recording(RECORDING, bytearray().extend, most_bytes=1000)
        assert elsewhere.posted == []


async def test_a_recording_that_comes_too_slowly_is_given_up():
    """A provider that trickles is not listened to for ever."""
    async with hook(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n", trickle=b"x") as here:
        with pytest.raises(ProviderFault) as fault:
            await asking(here, timeout_s=0.05).fetch_recording(RECORDING, bytearray().extend, most_bytes=100_000)
    assert not fault.value.permanent


async def test_a_recording_that_is_gone_counts_as_deleted():
    """Deleting twice is the same as once; a fault of theirs is for later."""
    async with hook(says(204), says(404), says(503)) as here:
        client = asking(here)
        answers = [await client.delete_recording(RECORDING) for _ in range(3)]
    assert [type(answer) for answer in answers] == [Delivered, Delivered, Temporary]


async def test_T7_the_log_is_read_page_by_page():
    """Each page leads to the next, until there is none; a call is read into our words."""
    second = {"calls": [LOGGED | {"sid": "CA" + "2" * 32, "from": "+266696687"}], "next_page_uri": None}
    first = {"calls": [LOGGED], "next_page_uri": f"{_CALLS}?PageSize=200&Page=1&PageToken=PACA%2B1"}
    async with hook(told(first), told(second)) as here:
        calls = await asking(here).calls_since(SINCE, UNTIL)
        asked = dict(parse_qsl(urlsplit(here.posted[0].line.split()[1]).query))
        assert asked == {"StartTime>": "2026-03-09T00:00:00Z", "StartTime<": "2026-03-10T00:00:00Z", "PageSize": "200"}
        assert here.posted[1].line.split()[1] == f"{_CALLS}?PageSize=200&Page=1&PageToken=PACA%2B1"
    (one, two) = calls
    assert (one.sid, one.inbound, one.caller, one.number) == (SID, True, Caller.NUMBER, "+441632960001")
    assert (one.status, one.duration_s) == (CallStatus.COMPLETED, 61)
    assert one.started_at == datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
    assert two.caller is Caller.WITHHELD
    assert "960001" not in repr(calls)


ELSEWHERE = {
    "another host": "http://127.0.0.1:1/2010-04-01/x",
    "another host without a scheme": "//127.0.0.1:1/x",
    "another account": f"/2010-04-01/Accounts/AC{'6' * 32}/Calls.json?Page=1",
    "another list": f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json?Page=1",
    "no text at all": 17,
}


@pytest.mark.parametrize("onward", ELSEWHERE.values(), ids=ELSEWHERE)
async def test_T8_the_log_never_leads_elsewhere(onward):
    """A next page anywhere but in the same list is a fault."""
    async with hook(told({"calls": [LOGGED], "next_page_uri": onward})) as here:
        with pytest.raises(ProviderFault):
            await asking(here).calls_since(SINCE, UNTIL)
        assert len(here.posted) == 1


async def test_a_log_that_never_ends_is_left():
    """No more are read than were asked for, however many pages there are."""
    page = told({"calls": [LOGGED] * 10, "next_page_uri": f"{_CALLS}?Page=1"})
    async with hook(*[page] * 20) as here:
        assert len(await asking(here).calls_since(SINCE, UNTIL, most=25)) == 25
        assert len(here.posted) == 3


async def test_an_answer_without_end_is_left():
    """An answer of JSON has a cap, too."""
    async with hook(says(200, body=b" " * 5_000_000)) as here:
        with pytest.raises(ProviderFault, match="too large"):
            await asking(here).account_state()


async def test_odd_rows_are_read_without_a_fault():
    """A word that nobody knows is UNKNOWN, a time that cannot be read is none, a row that is none is left out."""
    odd = {"sid": 1, "from": None, "status": "abducted", "start_time": "yesterday", "duration": "-1", "direction": []}
    async with hook(told({"calls": [odd, None, 3]}), told({"calls": "none"}), says(404)) as here:
        (one,) = await asking(here).calls_since(SINCE, UNTIL)
        assert (one.sid, one.inbound, one.status) == ("", False, CallStatus.UNKNOWN)
        assert (one.started_at, one.duration_s, one.caller) == (None, None, Caller.UNAVAILABLE)
        with pytest.raises(ProviderFault):
            await asking(here).calls_since(SINCE, UNTIL)
        assert await asking(here).call(SID) is None


@pytest.mark.parametrize(
    "api",
    [
        "http://api.example.org",
        "https://user:word@api.example.org",
        "https://api.example.org/2010-04-01",
        "https://api.example.org?a=1",
        "api.example.org",
        "ftp://api.example.org",
    ],
)
def test_the_provider_is_asked_by_https_at_a_host_and_no_more(api):
    """Another kind of address is refused in a sentence; empty means that nobody is asked."""
    with pytest.raises(ValueError, match="where the provider is asked"):
        checked_api(api)
    assert checked_api("") == ""


def test_what_opens_the_account_stays_out_of_sight():
    """Neither the token nor an API key's secret is in a repr."""
    assert TOKEN not in repr(Access(ACCOUNT, ((ACCOUNT, TOKEN),)))
