"""The API over an office's record, asked in the test's own process; its people come with tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from gateway.api.app import api
from gateway.build_web import api_of, mounted, room_of
from gateway.config import Settings
from gateway.tokens import Tokens
from rules.casework.actor import Actor
from storage.record import Record
from tests.gateway.office import Clock, settings
from tests.rules.policies.shipped import SHIPPED

OPERATOR = Actor("the operator", frozenset(role for policy in SHIPPED.values() for role in policy.roles))
"""Who keeps an office of any policy, and has every role: nobody gives away what they do not have."""


@dataclass
class Desk:
    """Hold an office's API while a test uses it."""

    settings: Settings
    record: Record
    clock: Clock
    mount: Mount | None = None

    def __post_init__(self) -> None:
        mount = self.mount or api_of(self.settings, self.record, clock=self.clock)
        self.app = Starlette(routes=[mount])
        self.client = TestClient(self.app)
        self.tokens = Tokens(self.record, self.settings, self.clock)
        self._shown: dict[str, str] = {}

    def token(self, name: str, *roles: str, days: int | None = None) -> str:
        """Give the token of somebody, made at the first time."""
        if name not in self._shown:
            self._shown[name] = self.tokens.add(name, roles or ("caseworker",), OPERATOR, days=days).shown
        return self._shown[name]

    def ask(self, method: str, path: str, who: str = "Ada", *roles: str, **more: Any):
        """Ask as somebody, a caseworker unless said; a moment passes."""
        self.clock.advance(milliseconds=1)
        token = self.token(who, *(roles or ("caseworker",)))
        headers = {"Authorization": f"Bearer {token}"} | more.pop("headers", {})
        return self.client.request(method, f"/api{path}", headers=headers, **more)

    def act(self, name: str, party: int = 1, who: str = "Ada", *roles: str, **fields: Any):
        """Do an act; insists that it is done."""
        answer = self.ask("POST", f"/parties/{party}/acts/{name}", who, *roles, json=fields)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def party(self, **more: Any) -> int:
        """Put a party on record."""
        body = {"name": "R. Example", "emails": ["r@example.net"], "how": "on a letter"} | more
        answer = self.ask("POST", "/parties", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]


class Rooms:
    """Stand for the room of the office that was opened last: its routes are made once, which takes a while."""

    now: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.now, name)

    def clock(self) -> datetime:
        """Tell that office's time."""
        return self.now.clock()


ROOMS = Rooms()


@cache
def shared_mount() -> Mount:
    """Give the API of whichever office is open, under the default policy."""
    return mounted(api(ROOMS))


@pytest.fixture
def open_desk(folder):
    """Open an office's API under a policy with changes."""
    opened = []

    def open_one(**policy: Any) -> Desk:
        chosen = settings(folder / "state")
        chosen = replace(chosen, policy=chosen.policy.with_changes(**policy))
        clock = Clock()
        record = Record.open(chosen.config.record_url, now=clock)
        opened.append(record)
        if policy:
            return Desk(chosen, record, clock)
        ROOMS.now = room_of(chosen, record, clock=clock)
        return Desk(chosen, record, clock, shared_mount())

    yield open_one
    for record in opened:
        record.close()


@pytest.fixture
def desk(open_desk):
    """An office's API under the default policy."""
    return open_desk()
