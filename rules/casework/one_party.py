"""Two files that become one, and one that becomes two: what then stands, and whether anybody approved that.

Belongs here: which papers go with what came, and the combined effect before and after. It moves nothing (W10,
PHSO-18).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import merge

from rules.casework import catalogue
from rules.casework.file import CaseFile, Paper
from rules.casework.prospects import Prospect, edges, prospects, values_of
from rules.casework.shelf import Shelf
from rules.effect import total_block
from rules.standing import Adjustment

_FIRST = ("restriction", "appeal", "warning", "adjustment", "about")
"""Fields that name what an act is about; what else it names it rests on."""


def together(one: CaseFile, other: CaseFile) -> CaseFile:
    """Give the file of both as one, of the first party; papers in the order of time, each file's in its own."""
    # Merged, not sorted: of one file's papers the order is known, whatever the clock said.
    papers = merge(one.papers, other.papers, key=lambda paper: paper.at)
    return replace(
        one,
        papers=tuple(papers),
        imported=(*one.imported, *other.imported),
        imported_adjustments=(*one.imported_adjustments, *other.imported_adjustments),
    )


def parted(
    file: CaseFile,
    going: Collection[str],
    imported: Collection[str],
    both: Sequence[Adjustment],
) -> tuple[CaseFile, CaseFile]:
    """Give what stays and what goes of a file: papers by id, what was imported by its id or name.

    `both` are adjustments that stand on either part afterwards.
    """
    left = replace(
        file,
        papers=tuple(paper for paper in file.papers if paper.id not in going),
        imported=tuple(one for one in file.imported if one.id not in imported),
        imported_adjustments=tuple(one for one in file.imported_adjustments if one[0] not in imported),
    )
    gone = replace(
        file,
        papers=tuple(paper for paper in file.papers if paper.id in going),
        imported=tuple(one for one in file.imported if one.id in imported),
        imported_adjustments=(
            *(one for one in file.imported_adjustments if one[0] in imported),
            *((f"both-{number}", one) for number, one in enumerate(both, 1)),
        ),
    )
    return left, gone


def followers(papers: Iterable[Paper], came: Collection[str], imported: Collection[str] = ()) -> frozenset[str]:
    """Name the papers that are not among what came and are about it, or about one that is; in the order of the file.

    An act is about the restriction, warning, appeal or adjustment that it names, else about any one paper that it
    names by itself; what it names among several (incidents, evidence) it only rests on.
    """
    here, going = {paper.id for paper in papers}, set(came) | set(imported)
    for paper in papers:
        if paper.id not in going and _about(catalogue.dump(paper.act), here | going) & going:
            going.add(paper.id)
    return frozenset(going - set(came) - set(imported))


def _about(fields: Mapping[str, object], known: Collection[str]) -> set[str]:
    for name in _FIRST:
        # A concern is about several colleagues: a list, and no paper.
        if isinstance(value := fields.get(name), str) and value in known:
            return {value}
    return {value for value in fields.values() if isinstance(value, str) and value in known}


def newly_blocked(after: Shelf, before: Sequence[Shelf], now: datetime) -> bool:
    """Tell whether at any moment from `now` on a total block may stand that nobody approved and that was not there.

    What was a total block before, under any of the files, was somebody's decision then.
    """
    restrictions = [value for shelf in (after, *before) for one in shelf.live(now) for value in values_of(one)]
    adjustments = [one.value() for shelf in (after, *before) for one in shelf.adjustments.values()]
    for moment in edges(restrictions, adjustments, now):
        if _unapproved(after, moment, now) and not any(
            _shut(one, moment, now) or _unapproved(one, moment, now) for one in before
        ):
            return True
    return False


def _unapproved(shelf: Shelf, moment: datetime, now: datetime) -> bool:
    """Tell whether a total block that nobody approved may stand at a moment."""
    return any(not each.as_block and _total(each, shelf, moment) for each in prospects(shelf.live(now), moment))


def _shut(shelf: Shelf, moment: datetime, now: datetime) -> bool:
    """Tell whether a total block stands at a moment, as far as the party was told."""
    values = [value for one in shelf.live(now) if (value := one.enforced()) is not None]
    standing = Prospect(tuple(value for value in values if value.starts <= moment < value.ends))
    return _total(standing, shelf, moment)


def _total(prospect: Prospect, shelf: Shelf, moment: datetime) -> bool:
    opened = [one.value() for one in shelf.adjustments.values() if one.value().in_force(moment)]
    return total_block(prospect.values, opened, shelf.ways_in)
