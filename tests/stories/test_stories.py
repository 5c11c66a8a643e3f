"""One story a policy, played through the API; and that the player notices what a story or the product gets wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from gateway.casework import desk
from rules import decide, workdays
from rules.casework import shelf
from rules.casework.acts import draft_restriction
from rules.measures import block
from tests.stories.player import hours_of, play
from tests.stories.story import (
    LONDON,
    HourByHour,
    OpenHours,
    Step,
    Story,
    Untold,
    names,
    read,
    without_a_gap,
)

STORIES = {f"{name} shows {', '.join(read(name).rows)}": name for name in names()}


@pytest.mark.slow
@pytest.mark.parametrize("name", STORIES.values(), ids=STORIES)
async def test_a_story_holds_on_every_day(name, folder):
    """From first incident to end, what was done, what was refused and what was enforced is as the story says."""
    story = read(name)
    looked = await play(story, folder)
    assert looked["done"] + looked["refused"] == sum(bool(step.does) for step in story.steps)
    assert looked["mails"] == sum(step.mail is not None for step in story.steps) > 0
    assert looked["hours"] == sum(len(hours_of(one.day)) for one in story.hours)
    assert looked["others"] > 4 * 5 * (story.last - story.first).days


# That they tell what they are asked to tell.


def test_there_is_a_story_for_each_policy():
    """No published policy is without one."""
    assert [read(name).policy for name in names()] == ["housing-ombudsman", "mp-office", "phso", "spso"]


def _steps(does: str) -> list[tuple[str, Step]]:
    return [(name, step) for name in names() for step in read(name).steps if step.does == does]


def test_every_story_refuses_and_sends_mail():
    """Each has refusals with their clause, and a message through the mail door."""
    for story in map(read, names()):
        assert {step.refused["clause"] for step in story.steps if step.refused and "clause" in step.refused}
        assert any(step.mail for step in story.steps)


def test_the_hard_days_are_told():
    """31 August and six months, for warning and restriction; 29 February; both October nights, hour by hour."""
    days = {one.day for name in names() for one in read(name).hours}
    assert {date(2026, 10, 25), date(2027, 10, 31), date(2028, 2, 29), date(2028, 3, 26)} <= days
    last_days = {
        (step.does, step.paper.get("last_day") or step.paper.get("ends"))
        for name in names()
        for step in read(name).steps
        if step.at.astimezone(LONDON).date() in (date(2026, 8, 31), date(2027, 8, 31))
    }
    for day in (date(2027, 2, 28), date(2028, 2, 29)):
        assert ("draft_restriction", day) in last_days
    assert {("communicate_warning", date(2027, 2, 28)), ("warn", date(2028, 2, 29))} <= last_days


def test_who_may_appeal_does_and_who_may_not_is_refused():
    """SPSO's and the Housing Ombudsman's are decided; PHSO's and the MP's office refuse with clause and way."""
    assert {name for name, step in _steps("appeal") if step.refused} == {"phso", "mp-office"}
    assert {step.refused["clause"] for _, step in _steps("appeal") if step.refused} == {"PHSO-21", "MP-8"}
    assert {name for name, step in _steps("decide_appeal") if not step.refused} == {"spso", "housing-ombudsman"}


# That the player notices.


def _short(last: date = date(2027, 9, 4)) -> Story:
    """Give the MP's story up to a day: protection that lapses, and the block after it."""
    story = read("mp-office")
    end = datetime.combine(last + timedelta(days=1), time.min, LONDON)
    return replace(story, last=last, steps=tuple(step for step in story.steps if step.at < end), hours=())


def _every_weekday_is_worked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(workdays, "is_working_day", lambda day, region: day.weekday() < 5)


def _half_a_year_is_180_days(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(draft_restriction, "months_after", lambda day, months: day + timedelta(days=30 * months))


def _nobody_needs_to_be_told(patch: pytest.MonkeyPatch) -> None:
    enforced = shelf.RestrictionOnFile.enforced
    patch.setattr(
        shelf.RestrictionOnFile, "enforced", lambda self: enforced(replace(self, told_at=self.told_at or self.starts))
    )


def _nothing_is_enforced(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(desk, "enforce", lambda *_: None)


def _texts_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    check = block.Block.check
    patch.setattr(
        block.Block,
        "check",
        lambda self, contact, *more, **now: (
            None if contact.channel.value == "sms" else check(self, contact, *more, **now)
        ),
    )


def _the_clause_is_lost(patch: pytest.MonkeyPatch) -> None:
    reason = decide._reason
    patch.setattr(decide, "_reason", lambda one, policy: replace(reason(one, policy), clause=""))


BROKEN: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str]] = {
    "one that knows no bank holidays": (_every_weekday_is_worked, "2027-09-01 00:05"),
    "one that counts months as days": (_half_a_year_is_180_days, "draft_restriction"),
    "one that enforces before the notice": (_nobody_needs_to_be_told, "2027-09-03 10:0"),
    "one that only writes it down": (_nothing_is_enforced, "2027-08-27 15:05"),
    "one that forgets a channel": (_texts_are_forgotten, "text on"),
    "one that names no clause": (_the_clause_is_lost, "on Fri 2027-08-27"),
}


@pytest.mark.parametrize("build", BROKEN)
async def test_a_broken_build_is_caught(build, monkeypatch, folder):
    """A story fails on the first moment at which a build that breaks the rules on purpose does something else."""
    spoil, where = BROKEN[build]
    spoil(monkeypatch)
    workdays.working_day_after.cache_clear()  # it remembers days that other tests asked for
    try:
        with pytest.raises(AssertionError, match=where):
            await play(_short(), folder)
    finally:
        workdays.working_day_after.cache_clear()


async def test_the_short_story_holds(folder):
    """What the broken builds fail holds in the build as it is."""
    assert (await play(_short(), folder))["refused"] == 5


def _changed(index: int, **changes: object) -> Story:
    story = _short()
    holds = [replace(one, **changes) if number == index else one for number, one in enumerate(story.holds)]
    return replace(story, holds=tuple(holds))


def _unrefused() -> Story:
    story = _short()
    return replace(story, steps=tuple(replace(step, refused=None) for step in story.steps))


WRONG = {
    "another outcome": (lambda: _changed(2, outcome="hold"), "email on Fri 2027-08-27 15:05:01"),
    "another clause": (lambda: _changed(2, clause="MP-4"), "email on Fri 2027-08-27 15:05:01"),
    "another inbox": (lambda: _changed(2, to="head@office.example.org"), "email on Fri 2027-08-27 15:05:01"),
    "a reason where there is none": (lambda: _changed(0, because="block"), "email on Thu 2027-08-26"),
    "an act that is refused": (_unrefused, "2027-08-27 15:02, Ada: police"),
    "an hour too many": (
        lambda: replace(_short(), hours=(HourByHour(date(2027, 8, 26), "call", ("09:00 BST",)),)),
        "call on 2027-08-26",
    ),
}


@pytest.mark.parametrize(("story", "where"), WRONG.values(), ids=WRONG)
async def test_a_wrong_story_is_caught(story, where, folder):
    """What a story says wrongly of outcome, reason, clause, place, refusal or hour is found where it stands."""
    with pytest.raises(AssertionError, match=where):
        await play(story(), folder)


# That a story leaves nothing out.

NOON = datetime(2026, 9, 1, 12, tzinfo=LONDON)
LATER = [NOON + timedelta(hours=hours) for hours in range(5)]
SPANS = {
    "a gap": [(LATER[0], LATER[1]), (LATER[2], LATER[4])],
    "an overlap": [(LATER[0], LATER[3]), (LATER[2], LATER[4])],
    "a beginning too late": [(LATER[1], LATER[4])],
    "an end too early": [(LATER[0], LATER[3])],
    "an end too late": [(LATER[0], LATER[4]), (LATER[4], LATER[4] + timedelta(hours=1))],
    "nothing": [],
    "a span that ends before it begins": [(LATER[0], LATER[4]), (LATER[4], LATER[3]), (LATER[3], LATER[4])],
}


@pytest.mark.parametrize("spans", SPANS.values(), ids=SPANS)
def test_a_story_says_one_thing_of_every_moment(spans):
    """A file with a moment of which nothing is said, or two things, is refused when it is read."""
    with pytest.raises(Untold):
        without_a_gap("the call", spans, LATER[0], LATER[4])


def test_a_story_without_a_gap_is_taken():
    """Spans in any order that follow one another are what is wanted."""
    without_a_gap("the call", [(LATER[2], LATER[4]), (LATER[0], LATER[2])], LATER[0], LATER[4])


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 10, 25), 25), (date(2027, 3, 28), 23), (date(2027, 3, 29), 24)],
    ids=["the October night", "the March night", "a day like any other"],
)
def test_a_day_has_its_hours(day, hours):
    """The night in October has an hour twice, the one in March lacks one."""
    assert len(hours_of(day)) == hours


NIGHT = OpenHours(("fri",), time(22), time(1, 30))


@pytest.mark.parametrize(
    ("day", "at", "is_open"),
    [
        (date(2026, 9, 4), time(21, 59), False),
        (date(2026, 9, 4), time(22, 0), True),
        (date(2026, 9, 5), time(1, 29), True),
        (date(2026, 9, 5), time(1, 30), False),
        (date(2026, 9, 4), time(0, 30), False),
    ],
    ids=["before", "when it opens", "after midnight", "when it closes", "the night before"],
)
def test_the_storys_own_hours_run_overnight(day, at, is_open):
    """They belong to the day on which they begin; no code of the product says so here."""
    assert NIGHT.at(datetime.combine(day, at, LONDON)) is is_open
