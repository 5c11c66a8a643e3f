"""Losses of power: the office's state on a disk of which only what was synced survives (`tests.power_cut`).

Belongs here: cutting the power under load, and starting again on what is left. Only a real sync passes this.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

from tests.crash.forked import COUNT_ONLY
from tests.crash.oracle import Oracle, Verdict
from tests.crash.process import Served
from tests.crash.run import MAILDIR, Report, Run
from tests.power_cut import PowerCut

_LEAST_ANSWERS = 20
_PATIENCE_S = 30.0


async def lose_power(folder: Path, *, cuts: int, seed: int, sabotage: str = "none") -> Report:
    """Cut the power so many times; after each look at what is left, and after the last let all be finished.

    A build that loses something is judged by that alone: nobody starts it again.
    """
    run = Run(folder, MAILDIR, seed, 60.0 + 10 * cuts, sabotage=sabotage)
    await run.prepare(scale=4)
    source, log = run.state, folder / "serve.log"
    with PowerCut(folder / "power", source=source) as disk:
        async with run.public() as (public, provider, tasks):
            for number in range(cuts):
                run.place(disk.mountpoint)
                left = await _one_cut(run, disk, log, None if number == 0 else run.chance.randrange(1 << 30))
                verdict = _what_is_left(run, left, folder / f"looked-{number}")
                run.report.verdict.findings += verdict.findings
                run.report.kills += 1
                if verdict.findings:
                    return run.report
                if number + 1 < cuts:
                    await asyncio.to_thread(disk.power_on)
            run.place(left)
            async with Served(left, log, sabotage=sabotage) as served:
                await run.finish(served, public, provider, tasks)
    return run.judge()


async def _one_cut(run: Run, disk: PowerCut, log: Path, seed: int | None) -> Path:
    """Serve under load for a while and take the power away; gives what is left."""
    async with Served(disk.mountpoint, log, sabotage=run.sabotage) as served:
        end = await served.start(COUNT_ONLY)
        answers = run.ledger.answers
        await run.until(lambda: end.done() or run.ledger.answers >= answers + _LEAST_ANSWERS, _PATIENCE_S)
        await asyncio.sleep(run.chance.random() * 0.5)
        before = sum(run.ledger.cut_off.values())
        left = await asyncio.to_thread(disk.cut, seed)
        served.kill()
        run.report.passed.update((await end).passed)
        await run.until(lambda: not run.ledger.in_flight, 5.0)
        run.report.at_kill.append(sum(run.ledger.cut_off.values()) - before)
    return left


def _what_is_left(run: Run, left: Path, copy: Path) -> Verdict:
    """Look whether everything acknowledged so far is there; the office starts on what nobody touched."""
    shutil.copytree(left, copy)
    try:
        return Oracle(run.ledger, run.read_disk(copy), maildir=True, kills=run.report.kills).acknowledged()
    except sqlite3.Error as error:
        return Verdict([f"the record is unreadable after the loss of power: {error}"])
    finally:
        shutil.rmtree(copy)
