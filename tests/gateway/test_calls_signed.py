"""Who may say that a call has come: what Twilio's or emulate's own code signed, and nobody else (T1, T2)."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.adapters.phone.office import signature
from tests.gateway.office import ACCOUNT, LINE, PUBLIC_URL, TOKEN, office
from tests.gateway.twilio import CALLER, Twilio, dial, new_sid, verbs
from tests.ports import free_port

NPM = Path(__file__).parents[1] / "npm"
EMULATED_ACCOUNT = "AC" + "0" * 32
FORM = "application/x-www-form-urlencoded"


def a_call(**changes):
    """Give the parameters of a call."""
    return {"CallSid": new_sid(), "From": CALLER, "To": LINE, "CallStatus": "ringing"} | changes


CHANGES = {
    "another path": {"path": "/calls?a=1"},
    "another parameter": {"body": lambda body: body + "&Extra=1"},
    "a changed parameter": {"body": lambda body: body.replace("ringing", "queued")},
    "a parameter less": {"body": lambda body: body.replace("&CallStatus=ringing", "")},
    "another signature": {"signed": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
    "an empty signature": {"signed": ""},
    "another token": {"token": "f" * 32},
    "another host in what was signed": {"base": "https://calls.example.net"},
    "another account": {"account": "AC" + "6" * 32},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("door", ["/calls", "/calls/dial", "/calls/status", "/calls/recorded"])
async def test_every_change_is_403(folder, door, change):
    """A change of address, parameter, signature, token or account is refused without a word, and changes nothing."""
    async with office(folder, phone=True) as here, Twilio(here) as twilio:
        body = urlencode({"AccountSid": change.get("account", ACCOUNT)} | a_call())
        signed = signature(change.get("base", PUBLIC_URL) + door, body, change.get("token", TOKEN))
        headers = {"Content-Type": FORM, "X-Twilio-Signature": change.get("signed", signed)}
        sent = change.get("body", str)(body)
        answer = await twilio.client.post(door + change.get("path", "")[6:], content=sent, headers=headers)
        assert (answer.status_code, answer.text) == (403, "")
        assert here.contacts() == []


async def test_nothing_but_signed_posts(folder):
    """No signature is 403; other methods and addresses are not there; nothing is a 500."""
    async with office(folder, phone=True) as here, Twilio(here) as twilio:
        plain = await twilio.client.post("/calls", content=urlencode(a_call()), headers={"Content-Type": FORM})
        assert plain.status_code == 403
        assert (await twilio.client.get("/calls")).status_code == 405
        assert (await twilio.client.post("/calls/")).status_code == 404
        assert (await twilio.client.get("/")).status_code == 404
        assert here.contacts() == []


async def test_an_office_without_a_phone_takes_no_calls(folder):
    """Where no account is configured there are no webhooks."""
    async with office(folder, jobs=True) as here, Twilio(here) as twilio:
        assert (await twilio.post("/calls", a_call())).status_code == 404
        assert (await twilio.client.get("/health")).status_code == 200


@pytest.fixture
def emulate():
    """Run the scripts of tests/npm; skip where node or emulate is missing, under CI=true that is a failure."""
    if shutil.which("node") is None or not (NPM / "node_modules" / "emulate").is_dir():
        missing = "node or tests/npm/node_modules is missing"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    return node


async def node(script, given):
    """Run a script on JSON, and give what it prints."""
    process = await asyncio.create_subprocess_exec(
        "node", script, cwd=NPM, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        printed, _ = await process.communicate(json.dumps(given).encode())
    assert process.returncode == 0
    return printed.decode().strip()


async def test_what_emulate_signs_is_heard(folder, emulate):
    """Its signature over letters of other alphabets is ours; each change of it is 403."""
    async with office(folder, phone=True) as here, Twilio(here) as twilio:
        params = {"AccountSid": ACCOUNT} | a_call(CallerCity="Dŵr & 東京", Empty="")
        signed = await emulate("sign.mjs", {"url": f"{PUBLIC_URL}/calls", "params": params, "token": TOKEN})
        heard = await twilio.post("/calls", params, signed=signed)
        assert (heard.status_code, verbs(heard.text)) == (200, ["Dial"])
        for path, changed in (("/calls?a=1", params), ("/calls", params | {"Empty": "1"}), ("/calls/status", params)):
            assert (await twilio.post(path, changed, signed=signed)).status_code == 403
        assert (await twilio.post("/calls", params, signed=signed[::-1])).status_code == 403
        assert len(here.contacts()) == 1


async def test_a_call_that_emulate_places(folder, emulate):
    """emulate signs and posts by itself and gets its document; the same again gets the same bytes and one count."""
    ours, emulates = free_port(), free_port()
    base = f"http://127.0.0.1:{ours}"
    changes = {"listen": f"127.0.0.1:{ours}", "public_url": base, "account": EMULATED_ACCOUNT}
    async with office(folder, phone=True, phone_changes=changes) as here, Twilio(here) as twilio:
        limit = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "day"}
        here.party(limit, emails=(), phones=[CALLER])
        asked = {"url": f"{base}/calls", "token": TOKEN, "to": LINE, "from": CALLER, "port": emulates}
        placed = json.loads(await emulate("call.mjs", asked))
        assert (placed["status"], dial(placed["body"])[1]) == (200, None)
        body = urlencode(placed["params"])
        for _ in range(2):
            again = await twilio.client.post("/calls", content=body, headers=placed["headers"])
            assert (again.status_code, again.text) == (200, placed["body"])
        assert len(here.contacts()) == 1
        for path, sent in (("/calls?a=1", body), ("/calls", body + "&a=1")):
            assert (await twilio.client.post(path, content=sent, headers=placed["headers"])).status_code == 403
        assert len(here.contacts()) == 1
