"""Several decisions one after the other, told in another order; and what a change would bring in by the back door.

Belongs here: short stories that chance alone would tell too seldom, each with an end that the law forbids.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.casework.restricting import LIMIT, WHICH, Restricting

_WRITTEN = {"kind": "block", "channels": ["email", "sms", "letter", "web", "online"]}
_SPOKEN = {"kind": "block", "channels": ["call", "visit"]}
_MAIL = {"kind": "block", "channels": ["email"]}
_SHORT = {"kind": "call_length_limit", "minutes": 20}


class Changing(Restricting):
    """Try changes that stand once the party is told of them."""

    @rule(who=WHICH, which=WHICH, story=st.integers(0, 4))
    def one_after_the_other(self, who: int, which: int, story: int) -> None:
        """One of these stories is told: they are long, and several in a sequence would leave no room for the rest."""
        stories = (
            self._halves_of_one_party,
            self._an_older_letter,
            self._more_than_protection,
            self._more_than_an_exception,
            self._after_an_appeal,
        )
        stories[story](who, which)

    def _halves_of_one_party(self, who: int, which: int) -> None:
        """Each of two restrictions shuts half of all channels, but one of them not yet, or not any more."""
        first = ("amended", "both amended", "made milder", "extended")[which % 4]
        number = self.restrict(who, [LIMIT if first.endswith("amended") else _WRITTEN])
        if first == "extended":
            self.clock.now += timedelta(days=1)
            change = self._extend(who, number)
            self.restrict(who, [_SPOKEN], starts=self.day(184))
        else:
            change = self._amend(who, number, LIMIT if first == "made milder" else _WRITTEN)
        if first == "made milder":
            self.attempt(who, "send_notice", about=change)
        if first == "both amended":
            other = self._amend(who, self.restrict(who, [LIMIT]), _SPOKEN)
            self.attempt(who, "send_notice", about=other)
        elif first != "extended":
            self.restrict(who, [_SPOKEN])
        self.attempt(who, "notice_came_back" if first == "made milder" else "send_notice", about=change)
        self.clock.now += timedelta(days=184 if first == "extended" else 0)

    def _an_older_letter(self, who: int, which: int) -> None:
        """The letter of a review leaves after the one on an appeal, or a second review, that was decided later."""
        number = self.restrict(who, [LIMIT])
        older = self._amend(who, number, _MAIL)
        if which % 4:
            appeal = self.attempt(who, "appeal", restriction=number, grounds="It is too much.")
            given = {"outcome": "varied", "reason": "Seen.", "measures": [_SHORT]}
            later = self.attempt(who, "decide_appeal", appeal=appeal, **given)
        else:
            later = self._amend(who, number, _SHORT)
        for about in (later, older) if which % 2 else (older, later, older):
            self.attempt(who, "send_notice", about=about)

    def _more_than_protection(self, who: int, which: int) -> None:
        """Somebody would make a restriction of interim protection, and extend it."""
        ground = sorted(self.policy.grounds)[0]
        incident = self.attempt(who, "note_incident", category=ground, what="A threat")
        number = self.attempt(who, "protect_interim", incident=incident, reason="A threat.")
        if which % 2:
            appeal = self.attempt(who, "appeal", restriction=number, grounds="It is too much.")
            given = {"outcome": "varied", "reason": "Seen.", "measures": [_MAIL]}
            change = self.attempt(who, "decide_appeal", appeal=appeal, **given)
        else:
            change = self._amend(who, number, _MAIL)
        self.attempt(who, "send_notice", about=change)
        self.clock.now += timedelta(minutes=1)
        self.attempt(who, "send_notice", about=self._extend(who, number))

    def _more_than_an_exception(self, who: int, which: int) -> None:
        """What was approved without a warning becomes something else at a review."""
        ground = sorted(set(self.policy.grounds) - {"zero_tolerance"})[0]
        incident = self.attempt(who, "note_incident", category=ground, what="Eleven calls")
        number = self.draft_as_it_should_be(who, [LIMIT], ground, incident)
        self.attempt(who, "propose_restriction", restriction=number, exception="It cannot wait.")
        self.attempt(who, "approve_restriction", restriction=number, reason="Proportionate.", fallback="Away.")
        self.attempt(who, "send_notice", about=number)
        least = next(at for at, one in enumerate(self.staff) if "caseworker" in one.roles)
        self.attempt(who, "send_notice", about=self._amend(least, number, _MAIL))

    def _after_an_appeal(self, who: int, which: int) -> None:
        """Months after an appeal, when the warning carries nothing any more, it happens again."""
        outcome = "upheld" if which % 3 else "dismissed"
        number = self.restrict(who, [LIMIT])
        assert not self.wrong()  # which also sees that it is in force
        self.clock.now += timedelta(days=100)
        appeal = self.attempt(who, "appeal", restriction=number, grounds="It is not true.", late="They were ill.")
        self.attempt(who, "decide_appeal", appeal=appeal, outcome=outcome, reason="Seen.")
        self.clock.now += timedelta(days=90)
        self.restrict(who, [_SHORT], warned=False)

    def _amend(self, who: int, number: str | None, measures: dict[str, object]) -> str | None:
        given = {"outcome": "amend", "reason": "Looked at.", "measures": [measures]}
        return self.attempt(who, "review_restriction", restriction=number, fallback="Away.", **given)

    def _extend(self, who: int, number: str | None) -> str | None:
        incident = self.attempt(who, "note_incident", category=sorted(self.policy.grounds)[0], what="Again")
        return self.attempt(who, "extend_restriction", restriction=number, incident=incident, fallback="Away.")
