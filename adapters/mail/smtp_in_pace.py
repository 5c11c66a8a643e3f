"""How fast one client may go on: connections, messages and recipients in a minute (THREATS S7).

Belongs here: counting per client, in bounded memory. Those in front of us who are listed keep a pace of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_CLIENTS = 20_000
MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Hold what one client may begin in a minute; 0 is no limit."""

    connections: int = 0
    messages: int = 0
    recipients: int = 0


class Paces:
    """Count what clients begin, by the minute that the door's clock (seconds) is in."""

    def __init__(self, most: Pace) -> None:
        self._most = most
        self._minute = -1
        self._begun: dict[tuple[str, str], int] = {}

    def connection(self, client: str, now: float) -> bool:
        """Count a connection; False where it is one too many."""
        return self._count("connection", client, self._most.connections, now)

    def message(self, client: str, now: float) -> bool:
        """Count a transaction; False where it is one too many."""
        return self._count("message", client, self._most.messages, now)

    def recipient(self, client: str, now: float) -> bool:
        """Count a recipient; False where it is one too many."""
        return self._count("recipient", client, self._most.recipients, now)

    def _count(self, what: str, client: str, most: int, now: float) -> bool:
        if not most:
            return True
        minute = int(now // MINUTE_S)
        if minute != self._minute:
            self._minute = minute
            self._begun.clear()
        key = (what, client)
        begun = self._begun.get(key, 0)
        if begun >= most or (not begun and len(self._begun) >= MOST_CLIENTS):
            return begun < most  # whom there is no room to count is not the one who fills it
        self._begun[key] = begun + 1
        return True
