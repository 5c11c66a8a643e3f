"""Whose file a paper is on, and whose an address or number is: kept from what was accepted, not from the record.

Belongs here: what merge, split, correct and share mean in DESIGN.md and THREATS.md (I6, W10); nothing of the product.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.casework.law import Done

OWN, SHARED, EXCEPTED = "own", "shared", "excepted"
# What an act is about before anything else that it names.
_FIRST = ("restriction", "appeal", "warning", "adjustment", "about")
_ELSE = ("incident", "request", "merge", "shield", "case", "authority", "evidence", "correction", "dismissal")


@dataclass(frozen=True)
class Opened:
    """Hold one adjustment: the paper that agreed it (none for a copy), whose it is, what it opens, and its time."""

    paper: str
    party: int
    channels: frozenset[str]
    agreed: datetime
    ends: datetime | None = None

    def stands(self, now: datetime) -> bool:
        """Tell whether it is in force."""
        return self.agreed <= now and (self.ends is None or now < self.ends)


@dataclass
class Came:
    """Hold what came with a merge: papers, adjustments without a paper, marks, marks that gave way, other parties."""

    into: int
    papers: list[str]
    copies: list[Opened]
    marks: list[str]
    gave_way: list[tuple[int, str, str]]
    parties: list[int]


@dataclass
class Files:
    """Hold who is who; `on` is the party of each paper, `marks` the identifiers of each party."""

    on: dict[str, int] = field(default_factory=dict)
    order: list[Done] = field(default_factory=list)
    into: dict[int, int] = field(default_factory=dict)
    marks: dict[int, dict[str, str]] = field(default_factory=dict)
    opened: list[Opened] = field(default_factory=list)
    came: dict[str, Came] = field(default_factory=dict)

    def party(self, number: int) -> int:
        """Give what a party became."""
        return self.into.get(number, number)

    def enter(self, done: Done, until: datetime | None) -> None:
        """Take one accepted act to file; `until` is when an adjustment ends, where it has an end."""
        self.on[done.id] = done.party
        self.order.append(done)
        _ENTER.get(done.act, _nothing)(self, done, until)

    def holder(self, sender: str) -> int | None:
        """Give the party that alone stands behind an address or number; an address outranks its domain (I6)."""
        found = [(party, marks[sender]) for party, marks in self.marks.items() if sender in marks]
        excepted = {party for party, mark in found if mark == EXCEPTED}
        found = [(party, mark) for party, mark in found if mark != EXCEPTED]
        if not found:
            domain = "domain:" + sender.rpartition("@")[2]
            found = [(party, marks[domain]) for party, marks in self.marks.items() if domain in marks]
            found = [(party, mark) for party, mark in found if party not in excepted]
        return found[0][0] if len(found) == 1 and found[0][1] == OWN else None

    def known_as(self, party: int, sender: str) -> bool:
        """Tell whether it is taken for this party's, by itself or by its domain."""
        marks = self.marks[party]
        return marks.get(sender, marks.get("domain:" + sender.rpartition("@")[2], EXCEPTED)) != EXCEPTED

    def standing(self, party: int, now: datetime) -> list[Opened]:
        """Give the adjustments of a party that are in force."""
        return [one for one in self.opened if one.party == party and one.stands(now)]

    def rows(self) -> set[tuple[int, str, str]]:
        """Give all marks as they should be on record."""
        return {(party, name, mark) for party, marks in self.marks.items() for name, mark in marks.items()}

    # Merging and splitting

    def merge(self, done: Done, other: int) -> None:
        """All of the other's comes to the survivor; of two marks of one address the one that says less gives way."""
        mine, theirs = self.marks[done.party], self.marks[other]
        came = Came(done.party, [one for one, party in self.on.items() if party == other], [], [], [], [])
        for name, mark in list(theirs.items()):
            if name not in mine or (mine[name] == EXCEPTED and mark != EXCEPTED):
                if name in mine:
                    came.gave_way.append((done.party, name, mine[name]))
                mine[name] = mark
                came.marks.append(name)
            else:
                came.gave_way.append((other, name, mark))
        theirs.clear()
        for paper in came.papers:
            self.on[paper] = done.party
        came.copies = [one for one in self.opened if one.party == other and not one.paper]
        self.opened = [replace(one, party=done.party) if one.party == other else one for one in self.opened]
        came.parties = [one for one, into in self.into.items() if into == other]
        self.into |= dict.fromkeys([*came.parties, other], done.party)
        self.came[done.id] = came

    def split(self, done: Done, other: int) -> None:
        """What came goes back with what is about it; an adjustment agreed since stands on both (W10)."""
        came = self.came[str(done.fields["merge"])]
        since = [one for one in self.order if self.on[one.id] == done.party and one.id not in came.papers]
        merged = next(number for number, one in enumerate(self.order) if one.id == done.fields["merge"])
        since = [one for one in since if self.order.index(one) >= merged]
        going = {paper for paper in came.papers if self.on[paper] == done.party}
        follow = _followers(since, going)
        self.on |= dict.fromkeys(going | follow, other)
        stay = {one.id for one in since} - follow
        self._split_adjustments(came, done.party, other, stay, going | follow)
        self._split_marks(came, done.party, other)
        back = [one for one in came.parties if self.into.get(one) == done.party]
        self.into |= dict.fromkeys(back, other)
        self.into.pop(other)

    def _split_adjustments(self, came: Came, party: int, other: int, stay: set[str], going: set[str]) -> None:
        agreed_since = [replace(one, paper="", party=other) for one in self.opened if one.paper in stay]
        here = [one for one in self.opened if one.party == party]
        for copy in came.copies:
            twin = next((one for one in here if not one.paper and one.channels == copy.channels), None)
            if twin is not None:
                here.remove(twin)
                self.opened[self.opened.index(twin)] = replace(twin, party=other)
        self.opened = [replace(one, party=other) if one.paper in going else one for one in self.opened]
        self.opened += agreed_since

    def _split_marks(self, came: Came, party: int, other: int) -> None:
        mine = self.marks[party]
        for name in came.marks:
            if name in mine:
                self.marks[other][name] = mine.pop(name)
        for whose, name, mark in came.gave_way:
            if name not in self.marks[whose] and (mark == EXCEPTED or name in mine):
                self.marks[whose][name] = mark


def _followers(since: list[Done], going: set[str]) -> set[str]:
    """Name what was done since about something that came, or about something that goes because of that."""
    here, follow = {one.id for one in since}, set[str]()
    for one in since:
        names = _about(one, here | going | follow)
        if names & (going | follow):
            follow.add(one.id)
    return follow


def _about(one: Done, known: set[str]) -> set[str]:
    for name in _FIRST:
        if one.fields.get(name) in known:
            return {one.fields[name]}
    return {one.fields[name] for name in _ELSE if one.fields.get(name) in known}


def _nothing(files: Files, done: Done, until: datetime | None) -> None:
    """Most acts change neither who is who nor what is open."""


def _add(files: Files, done: Done, until: datetime | None) -> None:
    mark = EXCEPTED if done.fields.get("exception") else SHARED if done.fields.get("shared") else OWN
    files.marks[done.party][done.fields["identifier"]] = mark


def _remove(files: Files, done: Done, until: datetime | None) -> None:
    del files.marks[done.party][done.fields["identifier"]]


def _share(files: Files, done: Done, until: datetime | None) -> None:
    files.marks[done.party][done.fields["identifier"]] = SHARED if done.fields.get("shared", True) else OWN


def _correct(files: Files, done: Done, until: datetime | None) -> None:
    """The identifier is this party's no more, also where their domain would say so."""
    name, marks = done.fields["identifier"], files.marks[done.party]
    marks.pop(name, None)
    if "domain:" + name.rpartition("@")[2] in marks:
        marks[name] = EXCEPTED


def _agree(files: Files, done: Done, until: datetime | None) -> None:
    channels = frozenset(str(one) for one in done.fields.get("open", ()))
    files.opened.append(Opened(done.id, done.party, channels, done.at, until))


def _end(files: Files, done: Done, until: datetime | None) -> None:
    over = done.fields["adjustment"]
    files.opened = [replace(one, ends=done.at) if one.paper == over else one for one in files.opened]


def _merge(files: Files, done: Done, until: datetime | None) -> None:
    files.merge(done, int(done.fields["other"]))


def _split(files: Files, done: Done, until: datetime | None) -> None:
    merge = next(one for one in files.order if one.id == done.fields["merge"])
    files.split(done, int(merge.fields["other"]))


_ENTER = {
    "add_identifier": _add,
    "remove_identifier": _remove,
    "share_identifier": _share,
    "correct": _correct,
    "agree_adjustment": _agree,
    "end_adjustment": _end,
    "merge": _merge,
    "split": _split,
}


def merges_on(files: Files, party: int) -> Iterator[tuple[str, int]]:
    """Give the merges on a party's file that stand, with who came by each."""
    undone = {one.fields["merge"] for one in files.order if one.act == "split"}
    for one in files.order:
        if one.act == "merge" and one.id not in undone and files.on[one.id] == party:
            yield one.id, int(one.fields["other"])
