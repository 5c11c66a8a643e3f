"""Killed at any step, what is overdue is told to each role once, or shown as unclear (W6, W8)."""

import asyncio
import sys

import pytest

from tests.adapters.hook import hook
from tests.gateway.alerts.test_killed import World
from tests.gateway.hop import Hop

STEPS = [
    *(f"record.{when}_commit:{count}" for count in (3, 4) for when in ("before", "after")),
    "letter.left:1",
]
"""The first two commits recover what an earlier process left; then each role is told in one. What becomes of an alert
from there on is for tests/gateway/alerts/test_killed.py.
"""


@pytest.mark.slow
async def test_W6_what_is_overdue_is_told_once_whatever_step_is_the_last(tmp_path, template):
    """Two roles, two alerts, each in one mail; a build that forgets what it told is caught by the same judge."""
    async with Hop() as hop, hook() as twilio, hook() as pager:
        victims = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.gateway.escalating_victim"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            here = World(hop, twilio, pager, victims, tmp_path, template)
            found = {step: await here.killed(step) for step in STEPS}
            assert {step: all_of_it for step, all_of_it in found.items() if all_of_it} == {}
            careless = await here.killed("letter.left:1", careless=True)
            assert any("alerts" in each for each in careless)
        finally:
            victims.stdin.close()
            await victims.wait()
