"""Prints what a crash test did and found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from gateway.failpoints import NAMES
from tests.crash.run import AT_RANDOM, Report

_MOST_FINDINGS = 30
_LOST = re.compile("not on record|is not there|left [0-9]+ times|unreadable")


def print_kills(reports: Sequence[Report]) -> None:
    """Print the table of several variants, one column each."""
    _head("", reports)
    _line("kills with work in flight", [str(report.kills) for report in reports])
    _line("  of these at random instants", [str(report.killed_at[AT_RANDOM]) for report in reports])
    _line("kills with nothing in flight (not counted)", [str(report.idle_kills) for report in reports])
    _line("in flight at a kill: least, median, most", [_spread(report.at_kill) for report in reports])
    _line("  messages, calls cut off in all", [_pair(report.in_flight, "mail", "calls") for report in reports])
    _line("  texts cut off in all", [str(report.in_flight["texts"]) for report in reports])
    _line("messages, acknowledged", [f"{report.messages}, {report.acknowledged}" for report in reports])
    _line("calls", [str(report.calls) for report in reports])
    _line("texts", [str(report.texts) for report in reports])
    _line("seconds", [f"{report.seconds:.0f}" for report in reports])
    _head("failpoint: passed, killed at", reports)
    for name in NAMES:
        _line(name, [f"{report.passed[name]}, {report.killed_at[name]}" for report in reports])
    _block("replies", reports, [report.replies for report in reports])
    _block("afterwards", reports, [report.verdict.counts for report in reports])
    _block("complaints in the log", reports, [report.log for report in reports])
    for report in reports:
        _print_findings(report)


def print_proof(name: str, report: Report, *, must_fail: bool) -> bool:
    """Print one line for a broken build or losses of power; give whether it is as it must be."""
    found = len(report.verdict.findings)
    good = bool(found) == must_fail
    wanted = "must be caught" if must_fail else "must lose nothing"
    print(f"{name}: {report.kills} times, {found} findings, {wanted}: {'as it must be' if good else 'NOT SO'}")
    if found:
        print(f"  such as: {next(filter(_LOST.search, report.verdict.findings), report.verdict.findings[0])}")
    if not good:
        _print_findings(report)
    return good


def _print_findings(report: Report) -> None:
    for finding in report.verdict.findings[:_MOST_FINDINGS]:
        print(f"{report.variant}: FOUND: {finding}")
    if len(report.verdict.findings) > _MOST_FINDINGS:
        print(f"{report.variant}: and {len(report.verdict.findings) - _MOST_FINDINGS} more")
    if not report.verdict.findings:
        print(f"{report.variant}: nothing acknowledged is lost, nothing is doubled.")


def _head(title: str, reports: Sequence[Report]) -> None:
    print()
    _line(title, [report.variant for report in reports])


def _line(title: str, cells: Iterable[str]) -> None:
    print(f"{title:<62}" + "".join(f"{cell:>16}" for cell in cells))


def _block(title: str, reports: Sequence[Report], counts: Sequence[Counter[str]]) -> None:
    names = sorted({name for count in counts for name in count})
    if names:
        _head(title, reports)
    for name in names:
        _line(f"  {name}"[:61], [str(count[name]) for count in counts])


def _spread(values: Sequence[int]) -> str:
    return f"{min(values)}, {median(values):g}, {max(values)}" if values else "none"


def _pair(counts: Counter[str], one: str, other: str) -> str:
    return f"{counts[one]}, {counts[other]}"
