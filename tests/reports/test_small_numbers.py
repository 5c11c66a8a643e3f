"""What is published against somebody who tries to work the hidden numbers out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reports.restrictions import contact_tables
from gateway.reports.small_numbers import NOT_ALL, published, thinned
from gateway.reports.table import Adds, Hidden, Median, Period, Report, Row, Table
from rules.contact import Channel
from rules.decision import Outcome
from storage.report_rows import Restricted

FEW, KEPT = Hidden.FEW, Hidden.KEPT


def worlds(cells, whole: int, overlapping: bool):
    """Give every set of numbers that a reader of the published cells cannot rule out by adding and subtracting.

    The reader knows that what is not shown beside "fewer than 5" is 5 or more.
    """
    least = 5 if FEW in cells else 0
    ways = [range(5) if cell is FEW else range(least, whole + 1) if cell is KEPT else (cell,) for cell in cells]
    for world in product(*ways):
        if sum(world) >= whole if overlapping else sum(world) == whole:
            yield world


def known(cells, whole: int, overlapping: bool):
    """Give, for each cell that says "fewer than 5", all that it may be, to a reader who knows how cells are hidden."""
    found = {at: set() for at, cell in enumerate(cells) if cell is FEW}
    for world in worlds(cells, whole, overlapping) if found else ():
        if thinned(world, whole, overlapping=overlapping) != cells:
            continue
        for at, may_be in found.items():
            may_be.add(world[at])
    return found.values()


@given(st.lists(st.one_of(st.integers(0, 5), st.integers(0, 14)), min_size=1, max_size=4))
def test_nothing_follows_on_a_small_number_but_that_it_is_small(parts):
    """Whoever adds and subtracts finds every number from 0 to 4 possible for each one that is hidden as small."""
    whole = sum(parts)
    cells = thinned(parts, whole)
    assert not any(isinstance(cell, int) and cell < 5 for cell in cells)
    if whole >= 5:
        assert all(may_be == set(range(5)) for may_be in known(cells, whole, False))


@given(st.lists(st.integers(0, 12), min_size=1, max_size=4), st.data())
def test_nothing_follows_where_rows_overlap(parts, data):
    """The same where a thing may be in several rows: the whole is the most that a row has, up to what all have."""
    whole = data.draw(st.integers(max(parts), sum(parts)))
    cells = thinned(parts, whole, overlapping=True)
    assert not any(isinstance(cell, int) and cell < 5 for cell in cells)
    if whole >= 5:
        assert all(may_be == set(range(5)) for may_be in known(cells, whole, True))


@pytest.mark.parametrize("parts", [(0, 8, 12), (4, 6, 6, 20), (1, 9, 7, 7), (0, 5, 9), (2, 3, 4, 9), (3, 3, 3, 5)])
def test_who_knows_the_rule_learns_no_more(parts):
    """Of all tables that are published like this one, some have each number from 0 to 4 for each that is small."""
    whole = sum(parts)
    assert all(may_be == set(range(5)) for may_be in known(thinned(parts, whole), whole, False))


CASES = [
    pytest.param((20, 8, 7), 35, (20, 8, 7), id="nothing is hidden where nothing is small"),
    pytest.param((9, 20, 2), 31, (9, KEPT, FEW), id="one small number takes the last of the others with it"),
    pytest.param((0, 12, 8), 20, (KEPT, KEPT, KEPT), id="where the last will not do, all are hidden"),
    pytest.param((20, 3, 2, 2), 27, (20, FEW, FEW, FEW), id="several small ones hide each other"),
    pytest.param((20, 1, 0, 0), 21, (KEPT, FEW, FEW, FEW), id="several that come to almost nothing do not"),
    pytest.param((6, 1), 7, (KEPT, KEPT), id="of a small whole nothing is shown"),
    pytest.param((2, 1), 3, (FEW, FEW), id="where the whole is small, all of it is"),
    pytest.param((30,), 30, (30,), id="a single row is the whole"),
]


@pytest.mark.parametrize(("parts", "whole", "shown"), CASES)
def test_hides_as_much_as_must_be(parts, whole, shown):
    """What is small is hidden, and of the others one at most, save where all are."""
    assert thinned(parts, whole) == shown


def report(*tables: Table, inside: tuple[str, ...] = ()) -> Report:
    """Give a report of some tables."""
    day = date(2026, 3, 9)
    return Report("A report", Period(day, day), datetime(2026, 3, 9, tzinfo=UTC), tables, ("a note",), inside)


def test_a_sum_is_not_shown_beside_the_parts_that_give_the_hidden_one_away():
    """In force at any time is in force at the end and ended together: with two of them the third is known."""
    rows = (Row("any", "Any", (20,), sum_of=("a", "b")), Row("a", "A", (18,)), Row("b", "B", (2,)))
    found = published(report(Table("overview", "Overview", (("number", "Number"),), rows)))
    assert [row.cells for row in found.table("overview").rows] == [(KEPT,), (18,), (FEW,)]


def test_a_median_of_few_is_not_published():
    """A median of four is near to somebody's own time."""
    rows = (Row("few", "Few", (Median(3.0, 4),)), Row("many", "Many", (Median(3.0, 5),)))
    found = published(report(Table("time", "Time", (("number", "Number"),), rows)))
    assert [row.cells for row in found.table("time").rows] == [(KEPT,), (Median(3.0, 5),)]


def test_notes_for_the_office_are_not_published():
    """Which party's file cannot be read is the office's to know."""
    found = published(report(inside=("Files that cannot be read are not in it: party 7.",)))
    assert found.inside == ()
    assert NOT_ALL in found.notes


def published_contacts(*lots: tuple[Channel, Outcome, int]):
    """Give the published tables of contacts, all carried out as decided, by name."""
    found = published(
        report(*contact_tables([Restricted(channel, done, done, count) for channel, done, count in lots]))
    )
    return {one.name: one for one in found.tables}


def test_a_channel_gives_no_outcome_away():
    """Calls less those put through would be those that heard a message: rows that are of one channel go together."""
    lots = [(Channel.LETTER, Outcome.DELIVER, 9), (Channel.EMAIL, Outcome.FILE, 9), (Channel.CALL, Outcome.CONNECT, 20)]
    few = published_contacts(*lots, (Channel.CALL, Outcome.VOICEMAIL, 3))
    assert [row.name for row in few["contacts"].rows] == ["through", "route", "aside", "away"]
    assert [row.cells for row in few["contacts"].rows] == [(29,), (FEW,), (KEPT,), (FEW,)]
    assert [row.cells for row in few["contact_channels"].rows] == [(9,), (23,), (9,)]
    outcomes = {outcome: name for name, _, parts in few["contacts"].coarse for outcome in parts}
    channels = {channel for _, _, parts in few["contact_channels"].coarse for channel in parts}
    assert outcomes.keys() == {outcome.value for outcome in Outcome}
    assert channels == {channel.value for channel in Channel}


def test_what_was_only_observed_is_hidden_where_an_outcome_is():
    """In observe mode all that was not let through was observed: that is the sum of the hidden ones."""
    through, filed = (Channel.EMAIL, Outcome.DELIVER, 9), (Channel.EMAIL, Outcome.FILE, 9)
    hidden = published_contacts(through, filed)["carried_out"]
    assert ([row.cells for row in hidden.rows], hidden.whole) == ([(KEPT,), (FEW,)], (18,))
    lots = [(Outcome.DELIVER, Outcome.DELIVER, 9), (Outcome.FILE, Outcome.DELIVER, 7)]
    observed = contact_tables([Restricted(Channel.EMAIL, decided, done, count) for decided, done, count in lots])
    assert [row.cells for row in published(report(*observed)).table("carried_out").rows] == [(KEPT,), (KEPT,)]
    away, routed = (Channel.CALL, Outcome.REFUSE, 9), (Channel.CALL, Outcome.ROUTE, 9)
    shown = published_contacts(through, filed, away, routed)
    assert [row.cells for row in shown["contacts"].rows] == [(9,)] * 4
    assert shown["carried_out"].whole == (36,)


def test_every_column_is_thinned_by_itself_and_its_whole_with_it():
    """A column whose whole is small is small throughout; its neighbour is not hidden for that."""
    columns = (("in_force", "In force"), ("ended", "Ended"))
    rows = (Row("a", "A", (20, 1)), Row("b", "B", (10, 2)))
    found = published(report(Table("t", "T", columns, rows, Adds.UP, (30, 3)))).table("t")
    assert [row.cells for row in found.rows] == [(20, FEW), (10, FEW)]
    assert found.whole == (30, FEW)
