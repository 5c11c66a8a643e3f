"""Whether a client may send for a domain (SPF, RFC 7208): pyspf's work, with our port for look-ups.

Belongs here: pyspf and nothing else of it. The promise: no exception but NotNow, whatever a domain publishes.
"""

from __future__ import annotations

import ipaddress
from typing import Any

import spf  # type: ignore[import-untyped]  # it has no types; its objects stay in this module

from adapters.mail.dns_answers import Kind, NotNow, Questions

# Not `is_private`: that has the networks of documentation in it too, which tests and examples use as the world outside.
_HERE = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/32", "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("100.64.0.0/10", "::/127", "fc00::/7", "fe80::/10"),
    )
)
_KINDS: dict[str, Kind] = {"A": "A", "AAAA": "AAAA", "MX": "MX", "PTR": "PTR", "TXT": "TXT"}


def outside(client: str) -> str:
    """Give a client's address where it is one of the world outside; empty for one of our own network.

    Of those SPF says nothing: who handed the message to them is not known.
    """
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    known = mapped or address
    return "" if any(known in network for network in _HERE) else str(known)


class _Query(spf.query):  # type: ignore[misc]  # pyspf has no types
    """Look up through our port, and nowhere else."""

    def __init__(self, client: str, mail_from: str, helo: str, questions: Questions) -> None:
        super().__init__(i=client, s=mail_from, h=helo)
        self._questions = questions

    def dns(self, name: str, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:  # noqa: ANN401  # as pyspf has it
        """Give pyspf the values of a name in its form; nothing twice may come up empty (RFC 7208 4.6.4)."""
        kind = _KINDS.get(qtype)
        found = self._questions.ask(str(name).rstrip("."), kind) if kind else ()
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many look-ups without an answer")
        return [[one] if isinstance(one, bytes) else one for one in found]


def permitted(client: str, mail_from: str, helo: str, questions: Questions) -> bool:
    """Tell whether a client passes SPF for the domain of `mail_from`, or of `helo` where that is empty.

    Raises NotNow where nobody can tell.
    """
    try:
        result, _, _ = _Query(client, mail_from, helo, questions).check()
    except NotNow:
        raise
    except Exception:  # pyspf raises many kinds on what a domain publishes; none of them is a pass
        return False
    return bool(result == "pass")
