"""The crash test in its short form: each step is killed at, broken builds are caught, power is lost and mail is not."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.crash.apart import STEPS as STEPS_OF
from tests.crash.power import lose_power
from tests.crash.run import AT_RANDOM, MAILDIR, MET, NEXT_HOP, Report, crash
from tests.power_cut import unavailable

KILLS, SECONDS, SEED = 13, 60, 20261121
# Each step is killed at in one of the variants; `make crash` does all of them in both.
STEPS = {MAILDIR: MET[::2], NEXT_HOP: MET[1::2]}


def words(report: Report) -> str:
    """Put the findings into lines for the reader of a failed test."""
    return "\n".join(["", *report.verdict.findings[:20]])


@pytest.mark.slow
@pytest.mark.parametrize("variant", STEPS)
async def test_nothing_acknowledged_is_lost_and_nothing_doubled(tmp_path: Path, variant: str) -> None:
    """Killed at named steps and at random with work in flight, the office keeps every promise that it made."""
    names = STEPS[variant]
    report = await crash(tmp_path, variant, kills=KILLS, seed=SEED, seconds=SECONDS, names=names)
    assert not report.verdict.findings, words(report)
    assert report.kills >= KILLS
    assert report.killed_at.keys() >= {*names, AT_RANDOM}
    assert min(report.at_kill) > 0
    assert report.acknowledged > 3 * KILLS


# With so many kills: half of the letters are alerts, which may come twice.
BROKEN_BUILDS = {
    "one that answers 250 before its commit": ("answer-before-commit", MAILDIR, 4, "which is not on record"),
    "one that repeats letters that may have left": ("letters-again", NEXT_HOP, 14, "left 2 times"),
}


@pytest.mark.slow
@pytest.mark.parametrize("build", BROKEN_BUILDS)
async def test_a_broken_build_is_caught(tmp_path: Path, build: str) -> None:
    """The same test finds what a build does that breaks a promise on purpose."""
    sabotage, variant, kills, found = BROKEN_BUILDS[build]
    names = STEPS_OF[sabotage]
    report = await crash(tmp_path, variant, kills=kills, seed=SEED, seconds=SECONDS, sabotage=sabotage, names=names)
    assert any(found in finding for finding in report.verdict.findings), words(report)


@pytest.fixture
def layer() -> None:
    """Skip where the machine cannot mount the layer, and fail where it must be able to."""
    reason = unavailable()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.mark.slow
@pytest.mark.servers
@pytest.mark.usefixtures("layer")
async def test_a_loss_of_power_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """With synchronous FULL everything acknowledged survives, whichever of the unsynced writes do."""
    report = await lose_power(tmp_path, cuts=3, seed=SEED)
    assert not report.verdict.findings, words(report)
    assert report.kills == 3


CARELESS_BUILDS = {
    "synchronous OFF takes what was acknowledged": ("synchronous-off", "on record|unreadable"),
    "mailboxes that are not synced are empty": ("mailboxes-unsynced", "is not there"),
}


@pytest.mark.slow
@pytest.mark.servers
@pytest.mark.usefixtures("layer")
@pytest.mark.parametrize("build", CARELESS_BUILDS)
async def test_a_careless_build_is_caught_by_a_loss_of_power(tmp_path: Path, build: str) -> None:
    """The same test finds what a build loses that does not sync."""
    sabotage, lost = CARELESS_BUILDS[build]
    report = await lose_power(tmp_path, cuts=2, seed=SEED, sabotage=sabotage)
    assert any(re.search(lost, finding) for finding in report.verdict.findings), words(report)
