"""What the DNS says of a name, for checking senders: the one port through which anything is looked up.

Belongs here: the port, dnspython behind it, the caps on what one message may ask. The promise (THREATS S7, I4): no
answer is waited for beyond the message's deadline, and "not now" is never taken for "no".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Literal, Protocol

import dns.exception
import dns.rdatatype
import dns.resolver

Kind = Literal["A", "AAAA", "MX", "PTR", "TXT"]
Value = str | bytes | tuple[int, str]
LONGEST_TEXT = 4 * 1024
"""Octets of a TXT record that are read: policies and keys are far shorter, and libraries take long over long ones."""
_MOST_VALUES = 50
_CACHED = 20_000


class NotNow(Exception):
    """Say that nobody can tell just now: no answer in time, a failing server, or too many questions."""


class Resolver(Protocol):
    """Look names up."""

    def look_up(self, name: str, kind: Kind, within_s: float) -> Sequence[Value]:
        """Give the values of a name: A, AAAA, PTR as text, MX as (preference, host), TXT as octets; empty for none.

        Raises NotNow.
        """


class DnsResolver:
    """Ask DNS servers, those of the machine unless named; answers are kept as long as they say."""

    def __init__(self, servers: Sequence[tuple[str, int]] = ()) -> None:
        self._servers = tuple(servers)
        self._made: dns.resolver.Resolver | None = None

    def look_up(self, name: str, kind: Kind, within_s: float) -> Sequence[Value]:
        """Give the values of a name; raises NotNow."""
        try:
            answer = self._resolver().resolve(name, kind, lifetime=within_s, search=False, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return ()
        except (dns.exception.Timeout, dns.resolver.NoNameservers, dns.resolver.NoResolverConfiguration, OSError):
            raise NotNow from None
        except (dns.exception.DNSException, ValueError):  # no name at all, as a label of 64 letters
            return ()
        found = answer.rrset or ()
        values = (_value(one) for one in list(found)[:_MOST_VALUES])
        return tuple(one for one in values if one is not None)

    def _resolver(self) -> dns.resolver.Resolver:
        if self._made is None:
            made = dns.resolver.Resolver(configure=not self._servers)
            if self._servers:
                made.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in self._servers]
            made.cache = dns.resolver.LRUCache(_CACHED)
            self._made = made
        return self._made


def _value(record: object) -> Value | None:
    """Give one record's value; None for a text that is longer than is read."""
    kind = getattr(record, "rdtype", None)
    if kind == dns.rdatatype.TXT:
        text = b"".join(getattr(record, "strings", ()))
        return text if len(text) <= LONGEST_TEXT else None
    if kind == dns.rdatatype.MX:
        return int(getattr(record, "preference", 0)), _host(getattr(record, "exchange", ""))
    if kind == dns.rdatatype.PTR:
        return _host(getattr(record, "target", ""))
    return str(getattr(record, "address", ""))


def _host(name: object) -> str:
    return str(name).rstrip(".")


class Questions:
    """Ask for one message: no more than `most` questions, none after `seconds`; raises NotNow past either."""

    def __init__(
        self, resolver: Resolver, *, seconds: float, most: int = 30, ticks: Callable[[], float] = monotonic
    ) -> None:
        self._resolver = resolver
        self._ticks = ticks
        self._until = ticks() + seconds
        self._left = most
        self.asked = 0

    def ask(self, name: str, kind: Kind) -> Sequence[Value]:
        """Give the values of a name; raises NotNow."""
        within_s = self._until - self._ticks()
        if self._left <= self.asked or within_s <= 0:
            raise NotNow
        self.asked += 1
        return self._resolver.look_up(name, kind, within_s)

    def texts(self, name: str) -> list[bytes]:
        """Give the TXT records of a name; raises NotNow."""
        return [one for one in self.ask(name, "TXT") if isinstance(one, bytes)]
