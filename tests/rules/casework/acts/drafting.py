"""Steps that tests of restrictions share: draft, warn, propose, and where it stands."""

from __future__ import annotations

from rules.casework.actor import Actor
from rules.casework.shelf import RestrictionState
from tests.rules.casework.acts.clerk import CLERK, Clerk

LIMIT = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}
BLOCK = {"kind": "block"}


def draft(clerk: Clerk, *measures: dict[str, object], by: Actor = CLERK, **fields: object) -> str:
    """Draft a restriction, and give its id."""
    known = clerk.policy.grounds
    given = {
        "measures": list(measures) or [LIMIT],
        "ground": "abusive_behaviour" if "abusive_behaviour" in known else next(iter(known)),
        "reason": "It keeps us from other work.",
        "incidents": [clerk.incident()],
        "adjustments_considered": "Asked; none needed.",
    }
    return clerk.do("draft_restriction", by, **given | fields).id


def warn(clerk: Clerk) -> None:
    """Warn the party by word of mouth."""
    clerk.do("warn", incidents=[clerk.incident()], text="Please stop.", spoken=True)


def proposed(clerk: Clerk, *measures: dict[str, object], **fields: object) -> str:
    """Warn, draft and propose; gives the restriction's id."""
    warn(clerk)
    number = draft(clerk, *measures, **fields)
    clerk.do("propose_restriction", restriction=number)
    return number


def state(clerk: Clerk, number: str) -> RestrictionState:
    """Say where a restriction is now."""
    return clerk.shelf.restrictions[number].state(clerk.now)
