"""The API as the gateway serves it, beside the calls, over a real connection; and over PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from dataclasses import replace

import pytest

from gateway.tokens import Tokens
from rules.casework.actor import Actor
from storage.record import Record
from tests.gateway import office as offices
from tests.gateway.api.conftest import Desk
from tests.gateway.api.test_acts import drafted


def asked(port: int, method: str, path: str, token: str = "", body: object = None) -> tuple[int, dict]:
    """Ask as any program does; gives status and answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as fault:
        with fault:
            return fault.code, json.load(fault)


async def test_it_is_served_beside_the_calls(folder):
    """One process, one port: health, a refusal without a token, and acts of which the second meets a newer file."""
    async with offices.office(folder, phone=True, api={}) as office:
        tokens = Tokens(office.record, office.settings, office.clock)
        token = tokens.add("Ada", ["caseworker"], Actor("x", frozenset({"manager", "caseworker"}))).shown

        async def ask(*arguments):
            return await asyncio.to_thread(asked, office.web_port, *arguments)

        assert await ask("GET", "/api/health") == (200, {"record": "ok"})
        assert (await ask("GET", "/api/parties"))[0] == 401
        status, party = await ask("POST", "/api/parties", token, {"name": "R. Example"})
        assert status == 201
        note = {"category": "abusive_language", "what": "Shouted"}
        acts = [ask("POST", f"/api/parties/{party['id']}/acts/note_incident?version=1", token, note) for _ in range(6)]
        statuses = sorted(status for status, _ in await asyncio.gather(*acts))
        assert statuses == [201, *[412] * 5]


async def test_it_can_be_switched_off(folder):
    """An office that wants no API has none."""
    async with offices.office(folder, phone=True, api={"enabled": False}) as office:
        with pytest.raises(json.JSONDecodeError):  # the plain 404 of the door for calls
            await asyncio.to_thread(asked, office.web_port, "GET", "/api/health")


def test_the_same_on_postgresql(folder, postgres_url):
    """A whole restriction, with words in it that PostgreSQL itself does not take."""
    chosen, clock = offices.settings(folder / "state"), offices.Clock()
    chosen = replace(chosen, config=chosen.config.model_copy(update={"record": {"url": postgres_url}}))
    with Record.open(postgres_url, now=clock) as record:
        desk = Desk(chosen, record, clock)
        party, number = drafted(desk, owner="\0 \x1b \u202e")
        desk.act("change_draft", party, restriction=number, reason="NUL \0 and \U0001f4a9")
        desk.act("propose_restriction", party, restriction=number)
        desk.act("send_notice", party, about=number)
        (one,) = desk.ask("GET", f"/parties/{party}").json()["history"]["restrictions"]
        assert (one["state"], one["reason"]) == ("in_force", "NUL \0 and \U0001f4a9")
        assert desk.ask("GET", "/audit/verify").json()["sound"] is True
        assert desk.ask("GET", "/parties", params={"name": "\0"}).json()["parties"] == []
        assert desk.ask("GET", "/parties", params={"identifier": "\0"}).json()["parties"] == []
