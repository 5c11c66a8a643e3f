"""Looks at the levels after each contact: flags, and an alert for each. A flag restricts nobody.

Belongs here: bringing the record's figures to `rules.levels`. A count is looked at within the transaction that records
the contact; a sum marks its party as due there, and `looked_at` follows within seconds (`gateway.flag_round`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from gateway.letters import Letters
from gateway.measured import measured_of
from rules.contact import Assurance, Channel, Contact
from rules.levels import thresholds as levels
from rules.levels.kinds import Level
from rules.levels.thresholds import LONGEST, Crossing
from rules.policies import Policy, Threshold
from rules.windows import MICROSECOND
from storage.entries import Entry, Flag, FlagState, State
from storage.transaction import Reader, Transaction

_MOST_LATER = 1000
"""Contacts, and flags, of one party that are looked at again for one that was written down late; sums in such lots."""
_LOOK_AGAIN = timedelta(minutes=10)
"""How soon a level is looked at again that slept, never fell, and has no newer contact that could be flagged."""


@dataclass(frozen=True, slots=True)
class Found:
    """Hold a threshold that was crossed at a moment with a contact."""

    at: datetime
    contact_id: str
    crossing: Crossing


class Levels:
    """Flag what the policy calls unacceptable and alert the office's staff address, once per crossing."""

    def __init__(self, policy: Policy, letters: Letters, serial: Callable[[datetime], str]) -> None:
        self._policy = policy
        self._letters = letters
        self._serial = serial
        self._counted = frozenset(channel for channels in policy.counted_by_channels for channel in channels)
        self._sums_rings = any(
            Channel.CALL in one.channels and one.level not in levels.OF_OUTCOMES for one in policy.summed
        )

    # Within the contact's transaction

    def after_contact(self, tx: Transaction, contact: Contact, entry: Entry, now: datetime) -> tuple[Crossing, ...]:
        """Flag the counts that a contact, just recorded, brings to a threshold, and give them back; mark the sums.

        Who gives no number or no certain address is not one party: together they have no level. What counts for no
        level crosses none.
        """
        if contact.sender is None:
            return ()
        if entry.state is not State.RINGING or self._sums_rings:  # else it adds to sums when it is settled
            self._mark(tx, entry)
        if not entry.counts or contact.channel not in self._counted:
            return ()
        tx.lock_levels(entry.whose)
        crossed = levels.crossings(contact, self._policy, now=now, newest=partial(tx.newest, entry.whose))
        self.raise_flags(tx, entry.whose, [Found(now, entry.id, one) for one in crossed], now)
        return crossed

    def after_settling(self, tx: Transaction, entry: Entry) -> None:
        """Mark the sums that a contact adds to now that it is known what became of it, and how long was talked."""
        if entry.sender:
            self._mark(tx, entry)

    def after_late_contact(self, tx: Transaction, contact: Contact, entry: Entry, now: datetime) -> None:
        """Flag the counts that a contact written down afterwards brings to a threshold: when it came, or with a later.

        A level that was flagged in that window already is not flagged again. Sums are marked from when it came.
        """
        if contact.sender is None:
            return
        self._mark(tx, entry)
        if not entry.counts or contact.channel not in self._counted:
            return
        tx.lock_levels(entry.whose)
        came = tx.contacts(whose=entry.whose, since=entry.at, limit=_MOST_LATER)
        later = (each.at for each in came if each.counts and each.state is not State.PAST)
        for at in sorted({entry.at, *later}):
            newest = partial(tx.newest, entry.whose, until=at)
            crossed = levels.crossings(contact, self._policy, now=at, newest=newest)
            self.raise_flags(tx, entry.whose, [Found(at, entry.id, one) for one in crossed], now)

    def _mark(self, tx: Transaction, entry: Entry) -> None:
        forged = entry.assurance is Assurance.FAILED
        if entry.channel in self._policy.summed_channels and not forged:
            tx.mark_levels(entry.whose, entry.at)

    # A moment later

    def sums(
        self, reader: Reader, whose: str, since: datetime, last: datetime | None = None
    ) -> tuple[list[Found], datetime | None]:
        """Find the thresholds on sums that the contacts of `whose` crossed from `since` on, one after the other.

        What came up to `last` (`since` unless given) can bring those to a threshold that came within the longest window
        after it, and none later. A long time is looked at in lots: gives from when on the rest is to be looked at.
        """
        measured, found = measured_of(reader, whose, self._policy), []
        until = (last or since) + LONGEST
        among = levels.within_reach(self._policy, since=since, until=until, measured=measured)
        if not among:
            return [], None
        flags = reader.flags(whose=whose, limit=_MOST_LATER)
        came = reader.contacts(
            whose=whose,
            since=since,
            until=until,
            channels=sorted(self._policy.summed_channels),
            limit=_MOST_LATER,
            oldest_first=True,
        )
        # What was brought in counts, and is no news: nothing is flagged for when it came.
        newest = {entry.at: entry.id for entry in came if entry.state is not State.PAST}
        for at, contact_id in newest.items():
            # Of a hill that has its flag nobody asks where it was reached: a flood costs no more than a few.
            new = [one for one in among if not self._known(flags, one, at)]
            crossed = levels.summed_crossings(self._policy, at=at, measured=measured, among=new)
            found += [Found(at, contact_id, one) for one in crossed]
        return found, came[-1].at + MICROSECOND if len(came) == _MOST_LATER else None

    def joined(self, reader: Reader, whose: str, now: datetime) -> list[Found]:
        """Find what is at its threshold now that contacts of others became theirs: none of them crossed it."""
        found = (self._reached(reader, whose, threshold, now) for threshold in self._policy.thresholds)
        return [one for one in found if one is not None]

    def _reached(self, reader: Reader, whose: str, threshold: Threshold, now: datetime) -> Found | None:
        """Say that a level is at its threshold now, with the newest contact that made it."""
        measured = measured_of(reader, whose, self._policy)
        level = levels.reached(threshold, self._policy, at=now, measured=measured)
        if level is None:
            return None
        since, cut_s = threshold.span.since(now, self._policy.zone), self._policy.counted_call_s
        made = reader.made_of(whose, threshold.level, threshold.channels, since, now, cut_s=cut_s, limit=_MOST_LATER)
        # What was brought in counts beside what came; alone it is no news.
        newest = next((entry for entry in made if entry.state is not State.PAST), None)
        return Found(now, newest.id, Crossing(threshold.name, level, threshold.said(level))) if newest else None

    def still(self, reader: Reader, whose: str, found: Iterable[Found]) -> list[Found]:
        """Give what holds yet of what was found a moment ago: contacts may have become another's meanwhile."""
        measured, holds = measured_of(reader, whose, self._policy), []
        for one in found:
            entry, threshold = reader.contact(one.contact_id), self._threshold(one.crossing.threshold)
            if entry is None or entry.whose != whose or not entry.counts:
                continue
            if levels.reached(threshold, self._policy, at=one.at, measured=measured) is not None:
                holds.append(one)
        return holds

    def looked_at(self, tx: Transaction, whose: str, since: datetime, now: datetime) -> tuple[Crossing, ...]:
        """Flag the sums that the contacts from `since` on crossed, within one transaction; give them back."""
        return self.raise_flags(tx, whose, self.sums(tx, whose, since)[0], now)

    def woken(self, tx: Transaction, flag: Flag, now: datetime) -> None:
        """Flag anew what is still at its threshold when the sleep of a flag is over: it may never have fallen below.

        Where nothing came since that could be flagged, it sleeps on for minutes, as long as the level does not fall.
        """
        threshold = self._policy.threshold(flag.threshold)
        found = self._reached(tx, flag.whose, threshold, now) if threshold is not None else None
        if found is None or self.raise_flags(tx, flag.whose, [found], now):
            return
        flags = tx.flags(whose=flag.whose, limit=_MOST_LATER)
        others = (one for one in flags if one.threshold == flag.threshold and one.id != flag.id)
        # Another that is open, or sleeps, says the same.
        if not any(one.state is FlagState.OPEN or one.wakes_at is not None for one in others):
            tx.let_sleep(flag.id, now + _LOOK_AGAIN)

    # Flags

    def raise_flags(self, tx: Transaction, whose: str, found: Iterable[Found], now: datetime) -> tuple[Crossing, ...]:
        """Raise a flag and its alert for each, save while an earlier one sleeps; gives those that were raised.

        Nor is a level flagged twice in one window, whichever contact is said to have reached it: while the first flag
        is open, and where it was crossed before that one was dealt with.
        """
        raised = []
        for one in found:
            crossing, threshold = one.crossing, self._threshold(one.crossing.threshold)
            if self._asleep(tx, whose, threshold, now):
                continue
            if self._known(tx.flags(whose=whose, limit=_MOST_LATER), threshold, one.at):
                continue
            flag = Flag(self._serial(now), whose, crossing.threshold, one.at, one.contact_id, crossing.level)
            if tx.add_flag(flag):
                text = said_to_staff(tx, flag, threshold, self._policy)
                tx.enqueue(self._letters.alert_flag(flag, text, name_of(tx, whose), now, threshold.severity))
                raised.append(crossing)
        return tuple(raised)

    def _threshold(self, name: str) -> Threshold:
        found = self._policy.threshold(name)
        assert found is not None  # it was crossed a moment ago
        return found

    def _asleep(self, tx: Transaction, whose: str, threshold: Threshold, now: datetime) -> bool:
        """Tell whether its flag sleeps, or one of before a change of the policy to which this threshold is nearest."""
        for name in tx.asleep(whose, now):
            slept = self._policy.threshold(name) or Threshold.named(name)
            if slept is not None and self._nearest(slept) == threshold.name:
                return True
        return False

    def _nearest(self, slept: Threshold) -> str:
        alike = [one for one in self._policy.thresholds if one.alike(slept)]
        return min(alike, key=lambda one: abs(one.at_least - slept.at_least), default=slept).name

    def _known(self, flags: Iterable[Flag], threshold: Threshold, at: datetime) -> bool:
        return any(
            one.threshold == threshold.name
            and levels.same_hill(threshold, self._policy, at, one.at)
            and (one.settled_at is None or at <= one.settled_at)
            for one in flags
        )


def said_to_staff(reader: Reader, flag: Flag, threshold: Threshold | None, policy: Policy) -> str:
    """Say a level that was reached, with what we left unanswered of it (SPSO-14): `3 contacts by phone in any hour`.

    By name and number where it cannot be read.
    """
    if threshold is None:
        return f"{flag.level:,} ({flag.threshold})"
    text = threshold.said(flag.level)
    if Channel.CALL not in threshold.channels or not threshold.counted:
        return text
    since = threshold.span.since(flag.at, policy.zone)
    unanswered = measured_of(reader, flag.whose, policy)(Level.UNANSWERED, threshold.channels, since, flag.at)
    return f"{text}, {unanswered} of which we left unanswered" if unanswered else text


def name_of(reader: Reader, whose: str) -> str:
    """Say to staff who it is: the party's name, or the identifier while nobody has said whose it is."""
    kind, _, number = whose.partition(":")
    party = reader.party(int(number)) if kind == "party" else None
    return party.name if party else number
