"""Lists of phrases, one a language, made ready for reading texts: an office's own words are added and taken out here.

Belongs here: from the plain data of a file to what `recognise` asks. Every fault of a list is a sentence; what is not
understood is refused, for a phrase that silently matches nothing is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rules.safeguards.kinds import TOPICS, Kind, in_words
from rules.safeguards.phrases import Gap, Groups, Way, groups_of, ways
from rules.safeguards.words import plain
from rules.sentences import each

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHORTEST_FORGIVEN = 6
"""Letters: of shorter words too many become another word by one slip."""
_SHORTEST_COMPACT = 8


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Topic(_Strict):
    """Hold what speaks for a topic, and turns of phrase that hold such words and do not."""

    phrases: tuple[str, ...]
    but_not: tuple[str, ...] = ()


class _Typos(_Strict):
    """Say in which words one slip of the pen is forgiven, and what is another word and no slip of one of these."""

    words: tuple[Annotated[str, Field(min_length=_SHORTEST_FORGIVEN)], ...] = ()
    others: tuple[str, ...] = ()


class _Negations(_Strict):
    """Hold words that say no to what follows them, and those that may stand between the two."""

    words: tuple[str, ...] = ()
    between: tuple[str, ...] = ()


class _File(_Strict):
    """Hold one language's list as its file has it. `review` says who has still to look at it, empty where nobody."""

    language: str
    review: str = ""
    typos: _Typos = _Typos()
    spellings: dict[str, str] = Field(default_factory=dict)
    negations: _Negations = _Negations()
    groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    risk_to_life: dict[str, _Topic] = Field(default_factory=dict)
    legal_clock: dict[str, _Topic] = Field(default_factory=dict)
    appeal: dict[str, _Topic] = Field(default_factory=dict)
    service_complaint: dict[str, _Topic] = Field(default_factory=dict)
    new_complaint: dict[str, _Topic] = Field(default_factory=dict)

    def topics(self, kind: Kind) -> Mapping[str, _Topic]:
        """Give the topics of a kind."""
        found: Mapping[str, _Topic] = getattr(self, kind.value, {})
        return found


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one way in which a phrase may be written, less its first word; `topic` is in words for staff.

    `excepted` is a turn of phrase that means another thing; `denies` tells of a phrase with a no of its own.
    """

    topic: str
    rest: Way
    excepted: bool = False
    denies: bool = False


@dataclass(slots=True)
class Branch:
    """Hold the rows that begin with one word: `whole` are that word alone, `next` those by their second.

    `later` are rows with a gap after the first word, by the word that ends it, which is `reach` words away at the most.
    """

    whole: list[Row] = field(default_factory=list)
    next: dict[str, list[Row]] = field(default_factory=dict)
    later: dict[str, list[Row]] = field(default_factory=dict)
    reach: int = 0


@dataclass(frozen=True, slots=True)
class Lists:
    """Hold every list of an office, ready; `by_first` are the rows by their first word."""

    by_first: Mapping[str, Branch] = field(default_factory=dict)
    run_together: tuple[tuple[str, str], ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    negations: frozenset[str] = frozenset()
    between: frozenset[str] = frozenset()


NO_LISTS = Lists()
Own = Mapping[Kind, Sequence[str]]
"""An office's own phrases, by kind."""


def parse(tables: Iterable[Mapping[str, Any]], *, add: Own | None = None, remove: Own | None = None) -> Lists:
    """Make lists ready from their plain data; raises ValueError with a sentence without its full stop.

    `add` are an office's own phrases, which may name the groups of the first list; `remove` are phrases of the lists,
    written as they stand there, and naming one that stands nowhere is a fault.
    """
    files = [_file(table) for table in tables]
    removed = _Removed(remove or {})
    found = _Rows(frozenset(plain(one) for file in files for one in file.negations.words))
    for file in files:
        groups = _named(f"list {file.language}", groups_of, file.groups)
        for kind in Kind:
            for name, topic in file.topics(kind).items():
                if (kind, name) not in TOPICS:
                    raise ValueError(f"list {file.language}: {kind.value} has no topic {name!r}")
                spoken = [one for one in topic.phrases if not removed.takes(kind, one)]
                found.enter(TOPICS[kind, name], spoken, groups, f"list {file.language}")
                found.enter(TOPICS[kind, name], topic.but_not, groups, f"list {file.language}", excepted=True)
    removed.check()
    groups = groups_of(files[0].groups) if files else {}
    for kind, phrases in (add or {}).items():
        found.enter(in_words(kind), phrases, groups, f"safeguards.add.{kind.value}")
    return _ready(files, found)


def _file(table: Mapping[str, Any]) -> _File:
    try:
        return _File.model_validate(table)
    except ValidationError as refused:
        raise ValueError("; ".join(each(refused))) from None


class _Removed:
    """Know which phrases an office took out, and which of these stood nowhere."""

    def __init__(self, remove: Own) -> None:
        self._left = {(kind, " ".join(one.split())) for kind, phrases in remove.items() for one in phrases}
        self._unmet = set(self._left)

    def takes(self, kind: Kind, phrase: str) -> bool:
        """Tell whether a phrase of the lists is taken out."""
        self._unmet.discard((kind, phrase))
        return (kind, phrase) in self._left

    def check(self) -> None:
        """Raise ValueError where a phrase stands in no list."""
        for kind, phrase in sorted(self._unmet):
            raise ValueError(f"safeguards.remove.{kind.value}: {phrase!r} stands in no list as it is written")


class _Rows:
    """Gather rows by their first word."""

    def __init__(self, negations: frozenset[str]) -> None:
        self.negations = negations
        self._found: dict[str, dict[Row, None]] = {}

    def enter(self, topic: str, phrases: Iterable[str], groups: Groups, where: str, *, excepted: bool = False) -> None:
        """Enter every way in which phrases may be written; `where` says in a fault whose they are."""
        for phrase in phrases:
            for way in _named(where, ways, phrase, groups):
                words = [item for item in way if not isinstance(item, Gap)]
                denies = any(item & self.negations for item in words)
                row = Row(topic, way[1:], excepted, denies)
                for word in words[0]:
                    self._found.setdefault(word, {})[row] = None

    def all(self) -> Mapping[str, Iterable[Row]]:
        """Give the rows by their first word."""
        return self._found


def _named(where: str, read: Any, *given: Any) -> Any:  # noqa: ANN401  # whatever the reader gives
    try:
        return read(*given)
    except ValueError as fault:
        raise ValueError(f"{where}: {fault}") from None


def _ready(files: Sequence[_File], found: _Rows) -> Lists:
    by_first = found.all()
    rows = {row for some in by_first.values() for row in some}
    known = frozenset(by_first) | {
        word for row in rows for item in row.rest if not isinstance(item, Gap) for word in item
    }
    spellings: dict[str, str] = {}
    for file in files:
        spellings |= slips(file.typos.words, known | set(file.typos.others))
        spellings |= {plain(wrong): plain(right) for wrong, right in file.spellings.items()}
    return Lists(
        by_first={first: _branch(some) for first, some in by_first.items()},
        run_together=tuple(_compact(by_first)),
        spellings=spellings,
        known=known,
        negations=found.negations,
        between=frozenset(plain(one) for file in files for one in file.negations.between),
    )


def _branch(rows: Iterable[Row]) -> Branch:
    branch = Branch()
    for row in rows:
        if not row.rest:
            branch.whole.append(row)
            continue
        gap = row.rest[0]
        after, where = (row.rest[1], branch.later) if isinstance(gap, Gap) else (gap, branch.next)
        if isinstance(gap, Gap):
            branch.reach = max(branch.reach, gap.most + 1)
        for word in after if not isinstance(after, Gap) else ():
            where.setdefault(word, []).append(row)
    return branch


def slips(words: Iterable[str], others: Iterable[str]) -> dict[str, str]:
    """Give every word that one slip makes of these: a letter too few, too many, another, or two in the wrong order."""
    avoided = set(others)
    found: dict[str, str] = {}
    for word in words:
        cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
        made = {before + after[1:] for before, after in cuts if after}
        made |= {before + letter + after for before, after in cuts for letter in _LETTERS}
        made |= {before + letter + after[1:] for before, after in cuts if after for letter in _LETTERS}
        made |= {before + after[1] + after[0] + after[2:] for before, after in cuts if len(after) > 1}
        for slip in made - avoided - {word}:
            found.setdefault(slip, word)
    return found


def _compact(by_first: Mapping[str, Iterable[Row]]) -> Iterable[tuple[str, str]]:
    """Give phrases without spaces, for whoever wrote them letter by letter; those alone that have but one form."""
    seen: set[str] = set()
    for first, rows in by_first.items():
        for row in rows:
            if row.excepted or not row.rest or any(isinstance(item, Gap) or len(item) > 1 for item in row.rest):
                continue
            whole = first + "".join(word for item in row.rest if not isinstance(item, Gap) for word in item)
            if len(whole) >= _SHORTEST_COMPACT and whole not in seen:
                seen.add(whole)
                yield whole, row.topic
