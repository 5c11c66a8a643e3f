"""Tests against an independent signer: npm's emulate, pinned in tests/npm."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest

from adapters.phone.signature import Signatures
from tests.adapters.phone.office import CALL, DOCUMENT, SETTINGS, TOKEN, FakeCalls, application, client
from tests.ports import free_port

NPM = Path(__file__).parents[2] / "npm"
EMULATED_ACCOUNT = "AC" + "0" * 32


@pytest.fixture(autouse=True)
def emulate_installed():
    """Skip where node or emulate is missing; under CI=true that is a failure."""
    if shutil.which("node") is None or not (NPM / "node_modules" / "emulate").is_dir():
        missing = "node or tests/npm/node_modules is missing"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)


def node(script: str, given: dict) -> str:
    """Run a script of tests/npm on JSON, and give what it prints."""
    done = subprocess.run(
        ["node", script], cwd=NPM, input=json.dumps(given), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_emulates_signature_is_ours_and_twilios():
    """Three implementations agree on a request with letters of other alphabets."""
    params = CALL | {"CallerCity": "Dŵr & 东京", "Empty": ""}
    signed = node("sign.mjs", {"url": SETTINGS.public_url + "/calls?a=1", "params": params, "token": TOKEN})
    assert Signatures(SETTINGS.public_url, [TOKEN]).valid(b"/calls?a=1", params.items(), signed.encode())

    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signed}
    body = urlencode(params)
    with client(FakeCalls()) as twilio:
        answers = [
            twilio.post("/calls?a=1", content=body, headers=headers),
            twilio.post("/calls?a=2", content=body, headers=headers),
            twilio.post("/calls?a=1", content=body + "0", headers=headers),
        ]
    assert [answer.status_code for answer in answers] == [200, 403, 403]


def test_a_call_that_emulate_places_gets_its_document(serving):
    """The webhook that emulate signs and posts itself is answered; posted again, it gets the same bytes."""
    calls = FakeCalls()
    emulates_port = free_port()
    listener = socket.create_server(("127.0.0.1", 0))  # first, for the door must know its public address
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = application(calls, public_url=base, account_sid=EMULATED_ACCOUNT)
    with serving(app, listener):
        placed = json.loads(
            node(
                "call.mjs",
                {
                    "url": f"{base}/calls",
                    "token": TOKEN,
                    "to": "+441632960100",
                    "from": "+441632960001",
                    "port": emulates_port,
                },
            )
        )
        again = client(calls, public_url=base, account_sid=EMULATED_ACCOUNT).post(
            "/calls", content=urlencode(placed["params"]), headers=placed["headers"]
        )
    assert (placed["status"], placed["body"]) == (200, DOCUMENT)
    assert again.text == placed["body"]
    assert [call.number for call in calls.heard] == ["+441632960001"] * 2
    assert len({call.sid for call in calls.heard}) == 1
    assert dict(parse_qsl(urlencode(placed["params"])))["AccountSid"] == EMULATED_ACCOUNT
