"""An office's week, and its thresholds, laid out in tables."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.reports.office_reports import thresholds_published, thresholds_report, week_of, week_report
from gateway.reports.table import Adds, Hidden, Period, Report, Row, Table
from rules.casework.refused import Refused
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import Entry, Flag, FlagState, State
from tests.gateway.casework.desk import CLERK, MANAGER
from tests.gateway.office import NOW, office


def call(number: int, party: int, at, talk_s: int) -> Entry:
    """Give a call of a party."""
    return Entry(
        id=f"c{number}",
        channel=Channel.CALL,
        at=at,
        whose=f"party:{party}",
        party_id=party,
        state=State.ANSWERED,
        decided=Outcome.CONNECT,
        carried=Outcome.CONNECT,
        talk_s=talk_s,
    )


def cells(report, table: str) -> dict[str, tuple]:
    """Give the cells of a table by row."""
    return {row.name: row.cells for row in report.table(table).rows}


async def test_a_week_says_who_took_most_of_it(folder):
    """Calls of the week count, those a moment before do not; who took most stands first."""
    async with office(folder) as here:
        rosa, other = here.party(), here.party(name="R. Other", emails=["other@example.org"])
        monday = week_of(NOW.date(), NOW.date()).start(here.settings.policy.zone)
        made = [
            call(1, rosa, monday, 600),
            call(2, other, monday + timedelta(hours=9), 1200),
            call(3, rosa, monday - timedelta(microseconds=1), 6000),
        ]
        here.record.write_now(lambda tx: [tx.add_contact(one) for one in made])
        here.clock.advance(hours=1)
        period = week_of(date(2026, 3, 9), date(2026, 3, 9))
        found = week_report(here.record, here.settings.policy, period, MANAGER, now=here.clock())
        assert cells(found, "channels")["call"][:3] == (2, 2, 30)
        assert list(cells(found, "most")) == [f"party:{other}", f"party:{rosa}"]
        assert found.table("waiting").whole == (0, 0)
        before = week_report(here.record, here.settings.policy, week_of(date(2026, 3, 8), NOW.date()), MANAGER, now=NOW)
        assert cells(before, "channels")["call"][:3] == (1, 1, 100)
        with pytest.raises(ValueError, match="still to come"):
            week_of(date(2026, 3, 16), NOW.date())


def test_published_thresholds_say_what_became_of_flags_in_all_alone():
    """By threshold and outcome each hidden number could be worked out from its row."""
    columns = (("raised", "Raised"), ("open", "Open"), ("acted", "Acted on"), ("dismissed", "Dismissed"))
    rows = (Row("a", "A", (20, 2, 9, 9)), Row("b", "B", (12, 0, 6, 6)))
    flags = Table("thresholds", "Flags", columns, rows, Adds.UP, (32, 2, 15, 15))
    parties = Table(
        "flagged", "Parties", (("parties", "Number"),), (Row("a", "A", (9,)), Row("b", "B", (3,))), Adds.OVER, (9,)
    )
    period = Period(date(2026, 3, 1), date(2026, 3, 9))
    found = thresholds_published(
        Report(
            "Thresholds",
            period,
            NOW,
            (
                flags,
                parties,
            ),
        )
    )
    few, kept = Hidden.FEW, Hidden.KEPT
    assert (cells(found, "thresholds"), found.published) == ({"a": (20,), "b": (12,)}, True)
    assert cells(found, "became") == {"open": (few,), "acted": (15,), "dismissed": (kept,)}
    assert cells(found, "flagged") == {"a": (kept,), "b": (few,)}


async def test_thresholds_say_what_became_of_their_flags(folder):
    """Flags are counted by threshold and state, those of a threshold that is gone in a row of their own."""
    async with office(folder) as here:
        rosa, policy = here.party(), here.settings.policy
        known = policy.thresholds[0].name
        here.record.write_now(lambda tx: [tx.add_contact(call(one, rosa, NOW, 60)) for one in range(4)])
        flags = [
            Flag("f0", f"party:{rosa}", known, NOW - timedelta(hours=1), "c0", 3),
            Flag("f1", f"party:{rosa}", known, NOW - timedelta(hours=2), "c1", 3, FlagState.DISMISSED),
            Flag("f2", f"party:{rosa}", "call:99/week/rolling", NOW - timedelta(hours=1), "c2", 99, FlagState.ACTED),
            Flag("f3", f"party:{rosa}", known, NOW - timedelta(days=40), "c3", 3),
        ]
        here.record.write_now(lambda tx: [tx.add_flag(one) for one in flags])
        period = Period(date(2026, 3, 1), date(2026, 3, 9))
        found = thresholds_report(here.record, policy, period, CLERK, now=NOW)
        assert (cells(found, "thresholds")[known], cells(found, "thresholds")[""]) == ((2, 1, 0, 1), (1, 0, 1, 0))
        assert (cells(found, "flagged")[known], found.table("flagged").whole) == ((1,), (1,))
        narrow = policy.with_changes(rights=dict(policy.rights) | {"read_file": frozenset({"manager"})})
        with pytest.raises(Refused):
            thresholds_report(here.record, narrow, period, CLERK, now=NOW)
