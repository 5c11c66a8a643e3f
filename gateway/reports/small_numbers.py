"""Leaves small numbers out of a report that is published, and what would give them away by subtraction.

Promises that of a number under 5 in a table that adds up, or overlaps, nothing follows from the rest of that table but
that it is under 5, nor from a table that counts the same. What other publications of the office say is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.reports.table import Adds, Cell, Hidden, Median, Report, Row, Table

LEAST = 5
_MOST = LEAST - 1
NOTE = (
    f'Numbers under {LEAST} are written as "{Hidden.FEW}", nought among them. Where one could be worked out from '
    f'another number, that one is "{Hidden.KEPT}".'
)
NOT_ALL = "Not all that was once on record could be counted."


def published(report: Report) -> Report:
    """Give the report as it may be published."""
    tables = tuple(_published(_coarser(one)) for one in report.tables)
    telling = {one.name for one in tables if any(_is_hidden(cell) for row in one.rows for cell in row.cells)}
    tables = tuple(_all_kept(one) if one.follows in telling else one for one in tables)
    notes = (*report.notes, NOTE, *((NOT_ALL,) if report.inside else ()))
    return replace(report, tables=tables, notes=notes, inside=(), published=True)


def _coarser(table: Table) -> Table:
    """Take rows together that another table would give away one by one."""
    if not table.coarse:
        return table
    cells = {row.name: [cell for cell in row.cells if isinstance(cell, int)] for row in table.rows}
    rows = tuple(
        Row(name, label, tuple(map(sum, zip(*(cells[part] for part in parts), strict=True))))
        for name, label, parts in table.coarse
    )
    return replace(table, rows=rows)


def _is_hidden(cell: Cell) -> bool:
    return cell in (Hidden.FEW, Hidden.KEPT)


def _all_kept(table: Table) -> Table:
    return replace(table, rows=tuple(replace(row, cells=tuple(map(_kept, row.cells))) for row in table.rows))


def _published(table: Table) -> Table:
    if table.adds is Adds.NOT or table.whole is None:
        return replace(table, rows=_by_themselves(table.rows))
    columns = [
        _column([row.cells[at] for row in table.rows], whole, table.adds) for at, whole in enumerate(table.whole)
    ]
    rows = tuple(
        Row(row.name, row.label, tuple(column[number] for column in columns)) for number, row in enumerate(table.rows)
    )
    return replace(table, rows=rows, whole=tuple(map(_alone, table.whole)))


def _by_themselves(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Hide the few, and the sum of rows of which one is hidden: the others are known from elsewhere."""
    thin = {row.name: replace(row, cells=tuple(map(_alone, row.cells))) for row in rows}
    for row in rows:
        if any(Hidden.FEW in thin[part].cells for part in row.sum_of):
            thin[row.name] = replace(row, cells=tuple(map(_kept, thin[row.name].cells)))
    return tuple(thin.values())


def _kept(cell: Cell) -> Cell:
    return cell if cell is Hidden.FEW else Hidden.KEPT


def _alone(cell: Cell) -> Cell:
    if isinstance(cell, Median):
        return Hidden.KEPT if cell.of < LEAST else cell
    return Hidden.FEW if isinstance(cell, int) and cell < LEAST else cell


def _column(cells: Sequence[Cell], whole: Cell, adds: Adds) -> tuple[Cell, ...]:
    numbers = [cell for cell in cells if isinstance(cell, int)]
    assert len(numbers) == len(cells) and isinstance(whole, int)  # what makes up a whole is counted
    return thinned(numbers, whole, overlapping=adds is Adds.OVER)


def thinned(parts: Sequence[int], whole: int, *, overlapping: bool = False) -> tuple[Cell, ...]:
    """Give the parts of a whole as they may be published beside it.

    Each part under 5 is hidden; then, where that is not enough, the last of the other rows as well, until every one of
    them may be anything from 0 to 4 for all that the rest says. Where that cannot be had, all are hidden. Whoever knows
    this rule learns no more: what is hidden is chosen by the order of rows and by what is shown, never by what is not.
    """
    few = {at for at, part in enumerate(parts) if part < LEAST}
    if whole < LEAST:
        return (Hidden.FEW,) * len(parts)
    if not few:
        return tuple(parts)
    # Of a whole so small the parts could be guessed from what is hidden, whichever they are.
    kept = _kept_back(parts, whole, few, overlapping) if overlapping or whole >= 2 * LEAST - 1 else None
    if kept is None:
        return (Hidden.KEPT,) * len(parts)
    return tuple(Hidden.FEW if at in few else Hidden.KEPT if at in kept else part for at, part in enumerate(parts))


def _kept_back(parts: Sequence[int], whole: int, few: set[int], overlapping: bool) -> set[int] | None:
    """Choose what else is hidden: nothing, else the last of the other rows; None: all.

    One row is tried, and no second: that the first did not do would tell of the numbers in it.
    """
    others = [at for at in range(len(parts)) if at not in few]
    left = whole - sum(parts[at] for at in others)
    if overlapping and others:  # that nothing more need be hidden would tell that the few are none of them nought
        return {others[-1]}
    # Of a sum that is no less than 5, each may be 4; of one that the rest can make up, each may be 0.
    least = 0 if overlapping else LEAST
    if least <= left <= _MOST * (len(few) - 1):
        return set()
    beside = left + parts[others[-1]] if others else 0
    return {others[-1]} if beside - LEAST >= _MOST else None
