"""The office's API as a story's people use it. Belongs here: all that the stories know of how the API is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import httpx2
from starlette.applications import Starlette

from gateway.build_web import api_of
from gateway.tokens import Tokens
from rules.casework.actor import Actor
from tests.gateway.office import Office
from tests.rules.policies.shipped import SHIPPED

_OPERATOR = Actor("the operator", frozenset(role for policy in SHIPPED.values() for role in policy.roles))
"""Who keeps an office of any policy, and has every role: nobody gives away what they do not have."""


class OfficeApi:
    """Ask one office's API, each of its people with a token of their own."""

    def __init__(self, office: Office, people: Mapping[str, tuple[str, ...]]) -> None:
        app = Starlette(routes=[api_of(office.settings, office.record, clock=office.clock)])
        self._client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://office")
        tokens = Tokens(office.record, office.settings, office.clock)
        self._shown = {name: tokens.add(name, roles, _OPERATOR).shown for name, roles in people.items()}

    async def close(self) -> None:
        """Ask nothing more."""
        await self._client.aclose()

    async def add_party(self, who: str, party: Mapping[str, Any]) -> int:
        """Put a party on record."""
        return int(_good(await self._ask("POST", "/parties", who, party))["id"])

    async def act(self, who: str, party: int, name: str, fields: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Do an act; gives the status and what was said."""
        answer = await self._ask("POST", f"/parties/{party}/acts/{name}", who, plain(fields))
        return answer.status_code, answer.json()

    async def file(self, who: str, party: int) -> dict[str, Any]:
        """Read a party's file."""
        return _good(await self._ask("GET", f"/parties/{party}", who))

    async def brief(self, who: str, party: int) -> dict[str, Any]:
        """Read what everybody may see of a party, which is not put on record."""
        found = _good(await self._ask("GET", f"/parties?after={party - 1}&limit=1", who))
        return dict(found["parties"][0])

    async def sound(self, who: str) -> bool:
        """Tell whether the chain of acts is as it was written."""
        return bool(_good(await self._ask("GET", "/audit/verify", who))["sound"])

    async def _ask(self, method: str, path: str, who: str, body: Any = None) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self._shown[who]}"}
        return await self._client.request(method, f"/api{path}", headers=headers, json=body)


def plain(value: Any) -> Any:
    """Give what a story's file says as JSON has it."""
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _good(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())
