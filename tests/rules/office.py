"""An office to test the rules in: its policy, people and restrictions, without any of the product's own shortcuts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rules import policies
from rules.contact import Channel, Contact, Identifier, IdentifierKind
from rules.measures import Measure, parse
from rules.policies import Policy
from rules.standing import Adjustment, Party, Restriction, Standing, Told, Used, needs

DEFAULT = Path(policies.__file__).with_name("default.toml")
START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday, no summer time
END = datetime(2026, 9, 2, tzinfo=UTC)
NOW = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)  # a Wednesday morning
PARTY = Party(7, "R. Example")
SENDER = Identifier(IdentifierKind.EMAIL, "r.example@example.org")
NUMBER = Identifier(IdentifierKind.PHONE, "+441632960001")


def policy_data() -> dict:
    """Give the default policy as the plain data of its file."""
    return tomllib.loads(DEFAULT.read_text(encoding="utf-8"))


POLICY = policies.parse(policy_data())


def contact(channel: str | Channel = "email", **changes) -> Contact:
    """Give a contact of the party by `channel`, to the office's front door."""
    channel = Channel(channel)
    sender = SENDER if channel is Channel.EMAIL else NUMBER
    to = {Channel.CALL: ("+441632960999",), Channel.EMAIL: ("enquiries@example.org",)}.get(channel, ())
    return Contact(
        **{"id": "c1", "channel": channel, "at": NOW, "sender": sender, "candidates": (sender,), "recipients": to}
        | changes
    )


def restriction(*measures: Mapping[str, object] | Measure, id: str = "1", **changes) -> Restriction:
    """Give a restriction of these measures, written as in the import format, in force from START to END."""
    read = tuple(one if isinstance(one, Measure) else parse(one) for one in measures)
    fields = {"starts": START, "ends": END, "approved_by": "Head of Casework", "told": Told.YES} | changes
    return Restriction(id=id, measures=read, **fields)


def standing(
    *restrictions: Restriction,
    now: datetime = NOW,
    used: Used | None = None,
    adjustments: tuple[Adjustment, ...] = (),
    policy: Policy = POLICY,
    **changes,
) -> Standing:
    """Give the party's standing, with the same usage answered for everything its measures need."""
    answers = {need: used or Used() for need in needs(restrictions, policy, now=now)}
    return Standing(
        **{"party": PARTY, "restrictions": restrictions, "adjustments": adjustments, "used": answers} | changes
    )


def at(text: str) -> datetime:
    """Read a moment written as ISO 8601 with its offset, as aware UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def days(count: float) -> timedelta:
    """Give a span in days."""
    return timedelta(days=count)
