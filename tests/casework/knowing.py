"""Who is who, as it is tried: addresses come, go and are shared, parties are merged and split, the wrong one is met."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.casework.files import merges_on
from tests.casework.office import DOMAIN, SENDERS
from tests.casework.restricting import WHICH, Restricting

_WRITTEN, _SPOKEN = ["email", "sms", "letter", "web", "online"], ["call", "visit"]
_NAMES = st.sampled_from([*SENDERS, DOMAIN])


class Knowing(Restricting):
    """Try what changes whose an address is, and whose a file."""

    @rule(which=st.integers(0, 2))
    def turn_to(self, which: int) -> None:
        """Somebody turns to another party's file; that of a merged one is the survivor's."""
        self.party = self.journal.files.party(self.parties[which])

    @rule(who=WHICH, name=_NAMES, shared=st.booleans(), exception=st.sampled_from([False, False, False, True]))
    def add_identifier(self, who: int, name: str, shared: bool, exception: bool) -> None:
        """An address is said to be the party's, or not to be."""
        self.attempt(who, "add_identifier", identifier=name, how="Told.", shared=shared, exception=exception)

    @rule(
        who=WHICH,
        which=WHICH,
        what=st.sampled_from(["share", "share", "share", "confirm", "remove", "correct"]),
        shared=st.booleans(),
    )
    def change_identifier(self, who: int, which: int, what: str, shared: bool) -> None:
        """An address turns out to be shared, still theirs, theirs no more, or never theirs."""
        name = self._known(which)
        if what == "share":
            self.attempt(who, "share_identifier", identifier=name, reason="A household.", shared=shared)
        elif what == "correct":
            correction = self.attempt(who, "correct", identifier=name, reason="A mistake.")
            if correction is not None:
                told = bool(which % 2)
                fields = {"risk": "Low.", "regulator_told": told, "person_told": True, "why": None if told else "Low."}
                self.attempt(who, "assess_breach", correction=correction, **fields)
        else:
            self.attempt(who, f"{what}_identifier", identifier=name, **_REASONS[what])

    def _known(self, which: int) -> str:
        known = sorted(self.journal.files.marks[self.party])
        names = [*known, SENDERS[3]] if DOMAIN in known else known or list(SENDERS)
        return names[which % len(names)]

    @rule(who=WHICH, which=st.integers(0, 2))
    def merge(self, who: int, which: int) -> None:
        """Two parties are said to be one."""
        self.clock.now += timedelta(minutes=1)
        merge = self.attempt(who, "merge", other=self.parties[which], reason="The same address.")
        self.clock.now += timedelta(minutes=1)
        if merge is not None:
            self.act_on(who, self.parties[which])

    @rule(who=WHICH, which=st.integers(0, 2), open_too=st.sampled_from([False, False, True]))
    def merge_halves(self, who: int, which: int, open_too: bool) -> None:
        """Each of two is shut out by some channels; together they would be by all, save by an adjustment of either."""
        other = self.journal.files.party(self.parties[which])
        if other == self.party:
            return
        self.restrict(who, [{"kind": "block", "channels": _WRITTEN}])
        first, self.party = self.party, other
        self.restrict(who, [{"kind": "block", "channels": _SPOKEN}])
        if open_too:
            self.attempt(who, "agree_adjustment", need="Cannot write", open=["call"])
        self.party = first
        self.clock.now += timedelta(minutes=1)
        merge = self.attempt(who, "merge", other=other, reason="The same address.")
        self.clock.now += timedelta(minutes=1)
        if merge is not None and open_too:
            self.act_on(who, other)
            self.attempt(who, "agree_adjustment", need="Cannot travel", open=["letter"])
            self.attempt(who, "split", merge=merge, reason="A mistake.")

    @rule(who=WHICH, which=WHICH)
    def split(self, who: int, which: int) -> None:
        """They turn out to be two."""
        self.clock.now += timedelta(minutes=1)
        standing = [number for number, _ in merges_on(self.journal.files, self.party)]
        number = standing[which % len(standing)] if standing else self.one(which, "merge")
        self.attempt(who, "split", merge=number, reason="A mistake.")

    def act_on(self, who: int, party: int) -> None:
        """Whoever still has the old file of a merged party open is told where it went."""
        before, self.party = self.party, party
        self.attempt(who, "ask", text="Please call less.", distress="Not said.", adjustments="None.")
        self.party = before

    @rule(who=WHICH, which=WHICH, name=_NAMES, other=st.sampled_from([None, None, 0, 1, 2]), again=st.booleans())
    def no_link(self, who: int, which: int, name: str, other: int | None, again: bool) -> None:
        """A suggestion that two are one is wrong; or was not so wrong."""
        whom = {"sender": name} if other is None else {"other": self.parties[other]}
        self.attempt(who, "dismiss_link", reason="Two brothers.", **whom)
        if again:
            self.attempt(who, "restore_link", dismissal=self.one(which, "dismiss_link"), reason="One after all.")

    @rule(which=WHICH)
    def message(self, which: int) -> None:
        """Something comes in."""
        self.comes_in(which)


_REASONS = {"confirm": {"how": "Asked."}, "remove": {"reason": "Not used any more."}}
