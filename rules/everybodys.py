"""What is no one party's: ways in that stay open, the office's own domain, domains that half the town writes from.

Belongs here: the one answer for whoever puts an identifier on a party, by import or by hand (THREATS I7).
"""

from __future__ import annotations

from collections.abc import Collection

from rules import identity
from rules.contact import Identifier, IdentifierKind
from rules.policies import Policy

# Below these anybody registers a name.
_REGISTRIES = frozenset(
    f"{name}.uk" for name in ("ac", "co", "gov", "ltd", "me", "net", "nhs", "org", "plc", "police", "sch")
)


def everybodys(identifier: Identifier, policy: Policy, own_domains: Collection[str]) -> str:
    """Say in a sentence why an identifier can be no one party's; empty where it can."""
    value = identifier.value
    if value in policy.always_open:
        return f"{value} is a way in that the policy keeps always open."
    domain = identity.domain_of(identifier) or identifier
    if domain.value in own_domains:
        return f"{value} is in this office's own domain."
    if identifier.kind is not IdentifierKind.DOMAIN:
        return ""
    if value in _REGISTRIES:
        return f"{value} is no one's domain: all of its names are in it."
    return f"{value} is a provider that many people use; name the party's own addresses." if _provider(value) else ""


def _provider(domain: str) -> bool:
    """Tell whether it is one of the providers whose spellings of one address are known."""
    tagged = f"a+b@{domain}"
    read = identity.email(tagged)
    return read is not None and read.value != tagged
