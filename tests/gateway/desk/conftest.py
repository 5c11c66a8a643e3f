"""The pages of the desk over an office's record, in the test's own process, as a browser without script sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gateway.build_web import mounted, room_of
from gateway.desk import ROOT as DESK
from gateway.desk.app import desk
from gateway.tokens import Tokens
from rules.casework.actor import Actor
from storage.record import Record
from tests.gateway.desk_office import Desk as Office
from tests.gateway.office import Clock, settings
from tests.rules.policies.shipped import SHIPPED

OPERATOR = Actor("the operator", frozenset(role for policy in SHIPPED.values() for role in policy.roles))
"""Who keeps an office of any policy, and has every role: nobody gives away what they do not have."""
_FORM = re.compile(r'name="form" value="([0-9a-f]{64})"')


@dataclass
class Browser(Office):
    """Hold an office and a browser that may be signed in."""

    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.room = room_of(self.settings, self.record, clock=self.clock)
        self.app = desk(self.room, self.settings)
        self.client = TestClient(Starlette(routes=[mounted(self.app, DESK)]), base_url="https://desk.example.org")
        self.client.follow_redirects = False
        self.tokens = Tokens(self.record, self.settings, self.clock)

    def token(self, name: str = "Ada", *roles: str, days: int | None = None) -> str:
        """Make a token."""
        return self.tokens.add(name, roles or ("caseworker",), OPERATOR, days=days).shown

    def get(self, path: str = "/", **more: Any):
        """Ask for a page."""
        return self.client.get(DESK + path, **more)

    def form(self, path: str) -> str:
        """Give what the form of a page carries."""
        return _FORM.search(self.get(path).text)[1]

    def post(self, path: str, on: str = "", form: str | None = None, headers: dict[str, str] | None = None, **fields):
        """Send a form from its page."""
        carried = self.form(on or path) if form is None else form
        return self.client.post(DESK + path, data={"form": carried, **fields}, headers=headers or {})

    def sign_in(self, name: str = "Ada", *roles: str, token: str = ""):
        """Come in; insists on it."""
        answer = self.post("/sign-in", token=token or self.token(name, *roles))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/"), answer.text
        return answer


@pytest.fixture
def open_browser(folder):
    """Open the desk of an office whose policy, or way of serving, may differ."""
    opened = []

    def open_one(plain_http: bool = False, **policy: Any) -> Browser:
        served = {"enabled": True, "plain_http": plain_http}
        chosen = settings(folder / "state", policy=policy, desk=served)
        clock = Clock()
        record = Record.open(chosen.config.record_url, now=clock)
        opened.append(record)
        return Browser(chosen, record, clock)

    yield open_one
    for record in opened:
        record.close()


@pytest.fixture
def browser(open_browser):
    """A browser that nobody has signed in with."""
    return open_browser()
