"""The API over an office's record, asked in the test's own process; its people come with tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gateway.build import api_of
from gateway.config import Settings
from gateway.tokens import Tokens
from rules.casework.actor import Actor
from storage.record import Record
from tests.gateway.office import Clock, settings

OPERATOR = Actor("the operator", frozenset({"manager", "mp"}))


@dataclass
class Desk:
    """Hold an office's API while a test uses it."""

    settings: Settings
    record: Record
    clock: Clock

    def __post_init__(self) -> None:
        self.app = Starlette(routes=[api_of(self.settings, self.record, clock=self.clock)])
        self.client = TestClient(self.app)
        self.tokens = Tokens(self.record, self.settings, self.clock)
        self._shown: dict[str, str] = {}

    def token(self, name: str, *roles: str, days: int | None = None) -> str:
        """Give the token of somebody, made at the first time."""
        if name not in self._shown:
            self._shown[name] = self.tokens.add(name, roles, OPERATOR, days=days).shown
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
        return Desk(chosen, record, clock)

    yield open_one
    for record in opened:
        record.close()


@pytest.fixture
def desk(open_desk):
    """An office's API under the default policy."""
    return open_desk()
