"""Flags as people deal with them: shown with their evidence, acted on by an incident, or dismissed with a reason.

Belongs here: what can be done with a flag. Promises that each is dealt with once, in the chain of acts with who did it
and in which role, and that nothing of it restricts anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from gateway.casework.desk import Casework, Done
from gateway.casework.outline import READ_FILE
from gateway.clock import Clock
from gateway.levels import name_of, said_to_staff
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.acts.note_incident import NoteIncident
from rules.casework.refused import Refused
from rules.contact import Channel
from rules.policies import Policy, Threshold
from rules.windows import in_words
from storage.entries import Entry, Flag, FlagState
from storage.record import Record
from storage.transaction import Reader, Transaction

DISMISS, ACTED_ON = "dismiss_flag", "acted_on_flag"
MOST_WHY = 2000
_MOST_EVIDENCE = 100


@dataclass(frozen=True, slots=True)
class Raised:
    """Hold a flag with what a person needs to judge it; `threshold` is as the policy has it, or had it, or None.

    `evidence` is the newest first; with `cut` more contacts than these made the level, from `since` on.
    """

    flag: Flag
    who: str
    text: str
    threshold: Threshold | None
    evidence: tuple[Entry, ...]
    since: datetime
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold an incident as it can be drafted from a flag, for a person to finish; `category` may be empty."""

    category: str
    what: str
    day: date
    channel: Channel | None
    evidence: tuple[str, ...]


def all_raised(reader: Reader, policy: Policy, limit: int, state: FlagState | None = None) -> list[Raised]:
    """List flags with their evidence, those that are open first, the newest of each state before the others."""
    flags = [flag for each in FlagState if state in (None, each) for flag in reader.flags(state=each, limit=limit)]
    return [raised(reader, flag, policy) for flag in flags]


def raised(reader: Reader, flag: Flag, policy: Policy) -> Raised:
    """Add who it is and the contacts of the window; of a threshold that the policy no longer has, the last one."""
    who = name_of(reader, flag.whose)
    threshold = policy.threshold(flag.threshold) or Threshold.named(flag.threshold)
    if threshold is None:
        entry = reader.contact(flag.contact_id)
        return Raised(flag, who, said_to_staff(reader, flag, None, policy), None, (entry,) if entry else (), flag.at)
    since = threshold.span.since(flag.at, policy.zone)
    made = reader.made_of(
        flag.whose,
        threshold.level,
        threshold.channels,
        since,
        flag.at,
        cut_s=policy.counted_call_s,
        limit=_MOST_EVIDENCE + 1,
    )
    evidence, cut = made[:_MOST_EVIDENCE], len(made) > _MOST_EVIDENCE
    return Raised(flag, who, said_to_staff(reader, flag, threshold, policy), threshold, evidence, since, cut)


def draft(one: Raised, policy: Policy) -> Draft:
    """Draft the incident that a flag may be: what was exceeded, when, with the contacts as evidence; facts alone."""
    first = one.since if one.cut or not one.evidence else one.evidence[-1].at
    span = f"{in_words(first, policy.zone)} to {in_words(one.flag.at, policy.zone)}"
    newest = f" The evidence names the newest {len(one.evidence)} of the contacts." if one.cut else ""
    channels = one.threshold.channels if one.threshold is not None else frozenset[Channel]()
    return Draft(
        category=one.threshold.ground if one.threshold is not None else "",
        what=f"{one.text}: from {span}.{newest}",
        day=one.flag.at.astimezone(policy.zone).date(),
        channel=next(iter(channels)) if len(channels) == 1 else None,
        evidence=tuple(entry.id for entry in one.evidence),
    )


def levels_were_read(tx: Transaction, by: Actor, about: str, whose: Iterable[str]) -> None:
    """Put on record that a person was shown levels, and of which parties (THREATS W4); others are counted alone."""
    senders = set(whose)
    parties = sorted(int(number) for kind, _, number in (one.partition(":") for one in senders) if kind == "party")
    tx.act(by.name, READ_FILE, about, {"of": "levels", "parties": parties, "others": len(senders) - len(parties)})


class FlagDesk:
    """Deal with flags under one policy; times by `clock`."""

    def __init__(self, record: Record, policy: Policy, casework: Casework, clock: Clock) -> None:
        self._record = record
        self._policy = policy
        self._casework = casework
        self._clock = clock

    def all(self, limit: int, by: Actor, state: FlagState | None = None) -> list[Raised]:
        """List flags to a person, those that are open first; raises Refused to those who may not read files."""
        allowed(READ_FILE, self._policy, by)
        found = self._record.read_now(lambda reader: all_raised(reader, self._policy, limit, state))
        self._record.write_now(lambda tx: levels_were_read(tx, by, "flags", (one.flag.whose for one in found)))
        return found

    def one(self, flag_id: str, by: Actor) -> Raised:
        """Give one flag to a person; raises Refused where there is none, and to those who may not read files."""
        allowed(READ_FILE, self._policy, by)
        found = self._one(flag_id)
        self._record.write_now(lambda tx: levels_were_read(tx, by, flag_id, (found.flag.whose,)))
        return found

    def draft(self, flag_id: str, by: Actor) -> Draft:
        """Draft the incident that a flag may be; nothing is put on file. Raises Refused as `one` does."""
        return draft(self.one(flag_id, by), self._policy)

    def _one(self, flag_id: str) -> Raised:
        return self._record.read_now(lambda reader: raised(reader, _flag(reader, flag_id), self._policy))

    def act(self, flag_id: str, by: Actor, *, what: str, category: str = "") -> Done:
        """Note the incident that was drafted from an open flag, in a person's words; it restricts nobody.

        `category` is a ground of the policy, that of the threshold unless given. Incident and flag are one commit.
        Raises Refused, also where the flag is nobody's yet.
        """
        drafted = draft(self._one(flag_id), self._policy)
        flag = self._record.read_now(lambda reader: _flag(reader, flag_id))
        ground = category or drafted.category
        if not ground:
            raise Refused("Say on which ground.", way=f"Choose one of {', '.join(self._policy.grounds)}.")
        incident = NoteIncident(
            category=ground, what=what, day=drafted.day, channel=drafted.channel, evidence=drafted.evidence
        )
        desk = self._casework.also(partial(self._acted, flag_id))
        return desk.do_now(_party(flag), incident, by)

    def _acted(self, flag_id: str, tx: Transaction, done: Done) -> None:
        paper = done.paper
        if isinstance(paper.act, NoteIncident):
            flag = replace(_flag(tx, flag_id), state=FlagState.ACTED, paper=paper.id)
            self._settle(tx, flag, paper.by, paper.at)
            tx.act(paper.by, ACTED_ON, flag_id, {"role": paper.role, "paper": paper.id})

    def dismiss(self, flag_id: str, why: str, by: Actor) -> Raised:
        """Dismiss an open flag with a reason; raises Refused without one, or where somebody has dealt with it."""
        role = allowed(DISMISS, self._policy, by)
        if not why.strip():
            raise Refused("A flag is dismissed with a reason.", way="Say why the level is not unacceptable.")
        return self._record.write_now(partial(self._dismiss, flag_id, why.strip()[:MOST_WHY], by, role))

    def _dismiss(self, flag_id: str, why: str, by: Actor, role: str, tx: Transaction) -> Raised:
        flag = replace(_flag(tx, flag_id), state=FlagState.DISMISSED, why=why)
        self._settle(tx, flag, by.name, self._clock())
        # The reason is beside the flag and goes with it; the chain keeps who and that.
        tx.act(by.name, DISMISS, flag_id, {"role": role})
        return raised(tx, _flag(tx, flag_id), self._policy)

    def _settle(self, tx: Transaction, flag: Flag, by: str, at: datetime) -> None:
        settled = replace(flag, settled_at=at, settled_by=by, wakes_at=at + self._policy.flag_sleep)
        if not tx.settle_flag(settled):
            raise Refused("Somebody has dealt with this flag already.", way="Look at it: parley flags show.")


def _flag(reader: Reader, flag_id: str) -> Flag:
    found = reader.flag(flag_id)
    if found is None:
        raise Refused(f"There is no flag {flag_id}.", way="parley flags lists them.")
    return found


def _party(flag: Flag) -> int:
    kind, _, number = flag.whose.partition(":")
    if kind != "party":
        raise Refused(
            f"Nobody has said whose {number} is, and an incident stands on a party's file.",
            way="Put it on a party first (add_party or add_identifier); the flag follows.",
        )
    return int(number)


def as_data(one: Raised, policy: Policy) -> Mapping[str, object]:
    """Give a flag in plain data, times in the office's zone."""
    flag = one.flag

    def said(moment: datetime | None) -> str | None:
        return moment.astimezone(policy.zone).isoformat() if moment is not None else None

    return {
        "id": flag.id,
        "whose": flag.whose,
        "who": one.who,
        "threshold": flag.threshold,
        "title": one.threshold.title if one.threshold is not None else "",
        "clause": (one.threshold.clause if one.threshold is not None else "") or policy.clause("threshold"),
        "level": flag.level,
        "text": one.text,
        "at": said(flag.at),
        "state": flag.state.value,
        "settled_at": said(flag.settled_at),
        "settled_by": flag.settled_by,
        "why": flag.why,
        "paper": flag.paper,
        "sleeps_until": said(flag.wakes_at),
        "contacts": [entry.id for entry in one.evidence],
    }
