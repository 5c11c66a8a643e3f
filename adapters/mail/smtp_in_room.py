"""How much the SMTP door takes at once: connections, from one client and in all, and octets of unfinished messages.

Belongs here: limits and the counting against them (THREATS S7). The promise: memory is bounded whatever clients do.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SmtpDoorSettings:
    """Hold where the door listens and what it takes; sizes in octets, times in seconds, rates in octets a second.

    A message body must come at `body_least_rate` on average after `body_grace_s`, and never pause for `body_pause_s`:
    25 MB over a line of 64 kbit/s pass. `most_connections_per_client` counts one IPv4 address or one IPv6 /64; a border
    in front of Parley is one client. `shared` lets other processes listen on the same port, each with limits of its
    own; the system deals out the clients.
    """

    host: str = "127.0.0.1"
    port: int = 8025
    hostname: str = "localhost"
    most_message_bytes: int = 36_700_160
    most_bytes_held: int = 134_217_728
    most_recipients: int = 100
    most_connections: int = 300
    most_connections_per_client: int = 100
    most_errors: int = 20
    most_idle_commands: int = 100
    command_timeout_s: float = 300.0
    body_pause_s: float = 180.0
    body_grace_s: float = 60.0
    body_least_rate: float = 500.0
    closing_s: float = 10.0
    shared: bool = False

    def __post_init__(self) -> None:
        if self.most_bytes_held < self.most_message_bytes:
            raise ValueError("most_bytes_held must hold at least one message of most_message_bytes")

    @property
    def sweep_s(self) -> float:
        """Give how often deadlines are looked at."""
        return min(1.0, self.command_timeout_s / 4, self.body_pause_s / 4, self.body_grace_s / 4, self.closing_s / 4)


class Guest(Protocol):
    """A session, as the door sees it."""

    def sweep(self, now: float) -> None:
        """Close if past the deadline."""

    def finish(self) -> None:
        """Close once no transaction is open."""

    async def dismiss(self) -> None:
        """Close at once."""


class Room:
    """Count guests and octets held, over all sessions of one door."""

    def __init__(self, settings: SmtpDoorSettings) -> None:
        self.settings = settings
        self.guests: set[Guest] = set()
        self.bytes_held = 0
        self.closing = False
        self._clients: Counter[str] = Counter()
        self._empty = asyncio.Event()

    def enter(self, peer: str, guest: Guest) -> bool:
        """Let a guest from this address in, where there is room for one more."""
        client = _client(peer)
        full = self.closing or len(self.guests) >= self.settings.most_connections
        if full or self._clients[client] >= self.settings.most_connections_per_client:
            return False
        self.guests.add(guest)
        self._clients[client] += 1
        self._empty.clear()
        return True

    def leave(self, peer: str, guest: Guest) -> None:
        """Let a guest go that came in."""
        client = _client(peer)
        self.guests.discard(guest)
        self._clients[client] -= 1
        if not self._clients[client]:
            del self._clients[client]
        if not self.guests:
            self._empty.set()

    async def emptied(self) -> None:
        """Wait until the last guest has left."""
        if self.guests:
            await self._empty.wait()

    def hold(self, octets: int) -> bool:
        """Take octets into account, where the budget allows them."""
        if self.bytes_held + octets > self.settings.most_bytes_held:
            return False
        self.bytes_held += octets
        return True

    def release(self, octets: int) -> None:
        """Give octets back."""
        self.bytes_held -= octets


def _client(peer: str) -> str:
    """Give what counts as one client: an IPv4 address, or the /64 of an IPv6 address."""
    if ":" not in peer:
        return peer
    return str(ipaddress.ip_network((peer.partition("%")[0], 64), strict=False))
