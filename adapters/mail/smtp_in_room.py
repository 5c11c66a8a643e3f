"""How much the SMTP door takes: connections, from one client and in all, and octets of unfinished messages.

Belongs here: settings, limits and the counting against them (THREATS S7). The promise: memory is bounded
whatever clients do.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, Protocol

from adapters.mail.certificate import Certificate
from adapters.mail.smtp_in_commands import TOO_MANY_CONNECTIONS, TOO_MANY_CONNECTIONS_A_MINUTE
from adapters.mail.smtp_in_pace import Pace, Paces

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class SmtpDoorSettings:
    """Hold where the door listens and what it takes; sizes in octets, times in seconds, rates in octets a second.

    A message body must come at `body_least_rate` on average after `body_grace_s`, and never pause for `body_pause_s`:
    25 MB over a line of 64 kbit/s pass. `most_connections_per_client` counts one IPv4 address or one IPv6 /64; a border
    in front of Parley is one client. `pace` is what one client may begin in a minute; this machine and listed peers
    keep their own. `xforward_from` may say for whom they send, `proxy_from` must. `tls` is how a client gets there:
    not at all, by STARTTLS, or from the first octet. `shared` lets other processes listen on the same port, each with
    limits of its own; the system deals out the clients.
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
    tls: Literal["none", "starttls", "implicit"] = "none"
    tls_required: bool = False
    certificate: Certificate | None = None
    handshake_s: float = 30.0
    pace: Pace = field(default_factory=Pace)
    xforward_from: tuple[Network, ...] = ()
    proxy_from: tuple[Network, ...] = ()

    def __post_init__(self) -> None:
        if self.tls != "none" and self.certificate is None:
            raise ValueError("tls needs a certificate")
        if self.tls_required and self.tls == "none":
            raise ValueError("tls cannot be required where it is not offered")
        if self.tls == "implicit" and self.proxy_from:
            raise ValueError("a PROXY header cannot come before TLS from the first octet; use starttls")
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
    """Count guests and octets held, over all sessions of one door; times are the loop's seconds."""

    def __init__(self, settings: SmtpDoorSettings) -> None:
        self.settings = settings
        self.guests: dict[Guest, str] = {}
        self.bytes_held = 0
        self.closing = False
        self._clients: Counter[str] = Counter()
        self._paces = Paces(settings.pace)
        self._expected: Counter[str] = Counter()
        self._empty = asyncio.Event()

    def enter(self, peer: str, guest: Guest, now: float, *, balancer: bool = False) -> bytes | None:
        """Let a guest from this address in, where there is room for one more; gives the refusal otherwise.

        A listed `balancer` is let in for the client whom it is about to name, and is none itself.
        """
        if self.closing or len(self.guests) >= self.settings.most_connections:
            return TOO_MANY_CONNECTIONS
        client = "" if balancer else _client(peer)
        if refusal := self._too_many(client, now):
            return refusal
        self._empty.clear()
        self._add(client, guest)
        return None

    def expect(self, peer: str) -> bool:
        """Keep a place for a client during its TLS handshake, where there is one; `met` gives it back."""
        client = _client(peer)
        whole = len(self.guests) + self._expected.total()
        mine = self._clients[client] + self._expected[client]
        if self.closing or whole >= self.settings.most_connections or mine >= self.settings.most_connections_per_client:
            return False
        self._expected[client] += 1
        return True

    def met(self, peer: str) -> None:
        """Give back the place of a handshake, however it ended."""
        client = _client(peer)
        self._expected[client] -= 1
        if not self._expected[client]:
            del self._expected[client]

    def become(self, peer: str, guest: Guest, now: float) -> bytes | None:
        """Know a guest by the address that a listed balancer named; gives the refusal where it may not stay."""
        client = _client(peer)
        if refusal := self._too_many(client, now):
            return refusal
        self._remove(guest)
        self._add(client, guest)
        return None

    def _too_many(self, client: str, now: float) -> bytes | None:
        if client and self._clients[client] >= self.settings.most_connections_per_client:
            return TOO_MANY_CONNECTIONS
        if self._paced(client) and not self._paces.connection(client, now):
            return TOO_MANY_CONNECTIONS_A_MINUTE
        return None

    def _add(self, client: str, guest: Guest) -> None:
        self.guests[guest] = client
        self._clients[client] += 1

    def _paced(self, client: str) -> bool:
        if not client or client.startswith("127.") or client == "::/64":
            return False
        return not listed(client.partition("/")[0], self.settings.xforward_from)

    def may_send(self, guest: Guest, now: float) -> bool:
        """Count a transaction of a guest; False where its client goes too fast."""
        if not self.settings.pace.messages:
            return True
        client = self.guests.get(guest, "")
        return not self._paced(client) or self._paces.message(client, now)

    def may_name(self, guest: Guest, now: float) -> bool:
        """Count a recipient that a guest names; False where its client goes too fast."""
        if not self.settings.pace.recipients:
            return True
        client = self.guests.get(guest, "")
        return not self._paced(client) or self._paces.recipient(client, now)

    def _remove(self, guest: Guest) -> None:
        client = self.guests.pop(guest)
        self._clients[client] -= 1
        if not self._clients[client]:
            del self._clients[client]

    def leave(self, guest: Guest) -> None:
        """Let a guest go that came in."""
        self._remove(guest)
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


def listed(peer: str, networks: tuple[Network, ...]) -> bool:
    """Tell whether an address lies in one of the networks."""
    if not networks or not peer:
        return False
    address = ipaddress.ip_address(peer.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)
