"""A closed case that was explained: mail on it is logged and filed, though nothing restricts the party (PHSO-22).

Belongs here: what is on that case alone, found as the measure `issue_limit` finds it. Promises that whatever may be
about anything else reaches its inbox.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import ClassVar

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.facts import Closed
from rules.measures.issue_limit import IssueLimit
from rules.measures.matter import bearing, logged_by_hand
from rules.measures.measure import let_through
from rules.policies import Policy
from rules.standing import Restriction, Standing

_FOR_GOOD = datetime.max.replace(tzinfo=UTC)
_MOST = 100


class ClosedCase(IssueLimit):
    """File mail that is on closed cases and on nothing else; no office chooses it, so it is not in the catalogue."""

    kind: ClassVar[str] = "closed_case"
    sender_words: ClassVar[str] = ""
    staff_words: ClassVar[str] = "Mail on the closed case is logged and filed; all other mail passes."

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find mail on the case alone filed; tell staff to put on file what they log by hand."""
        found = bearing(contact, self._looked_for)
        if found is None or contact.channel is Channel.CALL:
            return None
        if found.elsewhere:
            return Finding(let_through(contact), found.only_mentioned)
        if found.more:
            return Finding(let_through(contact), f"{found.words}, which is closed, and may raise something else")
        text = f"{found.words}, which is closed and was explained"
        if logged_by_hand(contact):
            return Finding(Outcome.DELIVER, f"{text}: to be put on file")
        return Finding(Outcome.FILE, text)


def closings(closed: tuple[Closed, ...], policy: Policy) -> tuple[Restriction, ...]:
    """Give closed cases as decisions are made by: each as a restriction without a number, from its closing on.

    None where the policy does not say that closed matters may be logged without an answer.
    """
    if not closed or not (policy.closed_unread or policy.clause(ClosedCase.kind)):
        return ()
    return _closings(closed, policy.closed_unread)


@lru_cache(maxsize=1024)
def _closings(closed: tuple[Closed, ...], unread: bool) -> tuple[Restriction, ...]:
    return tuple(
        Restriction(
            id="",
            measures=(ClosedCase(cases=frozenset({one.reference}), closed=unread),),
            starts=one.span.since,
            ends=one.span.until or _FOR_GOOD,
            approved_by="its closing",
        )
        for one in closed[-_MOST:]
    )
