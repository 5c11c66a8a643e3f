"""A party's report: figures week by week as they are counted plainly, and everything drawn in."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from random import Random
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from gateway.reports import party_forms as forms
from gateway.reports.party_report import MOST_WEEKS, party_report
from gateway.reports.table import Period
from rules.casework.refused import Refused
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import Entry, Flag, State
from tests.gateway.casework.desk import CLERK, MANAGER, Desk
from tests.gateway.office import NOW, office
from tests.reports.test_disclosing import restriction

ZONE = ZoneInfo("Europe/London")
YEAR = Period(date(2025, 3, 10), date(2026, 3, 9))


def contacts(party: int, count: int) -> list[Entry]:
    """Make up contacts of the year before, some at the first and last moment of a week, over both clock changes."""
    chance = Random(11)
    edges = [
        datetime(2025, 3, 31, 0, 0, tzinfo=ZONE).astimezone(UTC),
        datetime(2025, 3, 31, 0, 0, tzinfo=ZONE).astimezone(UTC) - timedelta(microseconds=1),
        datetime(2025, 10, 27, 0, 0, tzinfo=ZONE).astimezone(UTC),
        datetime(2025, 10, 27, 0, 0, tzinfo=ZONE).astimezone(UTC) - timedelta(microseconds=1),
    ]
    times = [*edges, *(NOW - timedelta(seconds=chance.randrange(364 * 86_400)) for _ in range(count))]
    return [
        Entry(
            id=f"c{number}",
            channel=Channel.CALL if number % 3 else Channel.EMAIL,
            at=at,
            whose=f"party:{party}",
            party_id=party,
            state=State.ANSWERED if number % 3 else State.DELIVERED,
            decided=Outcome.CONNECT if number % 3 else Outcome.DELIVER,
            carried=Outcome.CONNECT if number % 3 else Outcome.DELIVER,
            talk_s=600 if number % 3 else None,
        )
        for number, at in enumerate(times)
    ]


async def test_every_week_is_as_counted_plainly(folder):
    """Attempts and calls of each week are those whose moment, by the office's clock, lies in it."""
    async with office(folder) as here:
        party = here.party()
        made = contacts(party, 300)
        here.record.write_now(lambda tx: [tx.add_contact(one) for one in made])
        found = party_report(here.record, here.settings.policy, party, YEAR, MANAGER, now=here.clock())
        series = {one.title: dict(zip(found.weeks, one.values, strict=True)) for one in found.series}
        mondays = [one.at.astimezone(ZONE).date() for one in made]
        mondays = [day - timedelta(days=day.weekday()) for day in mondays]
        calls = [monday for monday, one in zip(mondays, made, strict=True) if one.channel is Channel.CALL]
        for week in found.weeks:
            assert series["Attempts, each week"][week] == mondays.count(week)
            assert series["Attempts by phone, each week"][week] == calls.count(week)
            assert series["Minutes of talk by phone, each week"][week] == 10 * calls.count(week)
        assert sum(series["Attempts, each week"].values()) == len(made)


async def test_restrictions_thresholds_and_flags_are_drawn_in(folder):
    """The charts are well-formed, say what they show, and hold a box, a dashed line and a triangle."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party()
        restriction(desk, party, "Eleven calls")
        here.record.write_now(lambda tx: [tx.add_contact(one) for one in contacts(party, 30)])
        flag = Flag("f1", f"party:{party}", "call:10/week/rolling", NOW - timedelta(days=9), "c1", 10)
        here.record.write_now(lambda tx: tx.add_flag(flag))
        here.clock.advance(days=3)
        period = Period(date(2025, 3, 10), date(2026, 3, 12))
        found = party_report(here.record, here.settings.policy, party, period, MANAGER, now=here.clock())
        calls = next(one for one in found.series if one.title == "Attempts by phone, each week")
        drawn = ET.fromstring(forms.chart(found, calls, ZONE))
        svg = "{http://www.w3.org/2000/svg}"
        assert drawn.get("role") == "img"
        assert "Threshold: 10 contacts by phone in any 7 days" in (drawn.get("aria-label") or "")
        assert drawn.findall(f"{svg}line[@stroke-dasharray]")
        assert len(drawn.findall(f"{svg}path")) == 1
        assert len(drawn.findall(f"{svg}rect[@fill='#ffffff']")) == 1
        page = forms.as_page(found, "The Office", ZONE)
        assert "<script" not in page
        assert re.search(r"1: volume limit, 9 Mar 2026 to \d+ (?!Mar)\w+ 2026", page), (
            "its own last day, not the period's"
        )
        assert "Flag for staff: 10 contacts by phone in any 7 days (open)" in page
        assert forms.as_pdf(found, "The Office", ZONE).startswith(b"%PDF")


async def test_it_is_for_those_who_may_read_files_and_is_on_record(folder):
    """Who looked is an act; who may not is refused; so is a time that cannot be drawn."""
    async with office(folder) as here:
        party, policy = here.party(), here.settings.policy
        party_report(here.record, policy, party, YEAR, CLERK, now=here.clock())
        acts = here.record.read_now(lambda reader: reader.acts_about(f"party:{party}"))
        assert (acts[-1].who, acts[-1].detail) == (CLERK.name, {"of": "report"})
        narrow = policy.with_changes(rights=dict(policy.rights) | {"read_file": frozenset({"manager"})})
        with pytest.raises(Refused):
            party_report(here.record, narrow, party, YEAR, CLERK, now=here.clock())
        with pytest.raises(ValueError, match=f"{MOST_WEEKS} weeks"):
            party_report(here.record, policy, party, Period(date(2020, 1, 1), YEAR.last), CLERK, now=here.clock())
