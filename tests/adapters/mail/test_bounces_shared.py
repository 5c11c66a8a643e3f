"""The bounces of many systems and ordinary real mail, where they lie beside the repository: figures, and no exception.

Which of the 1,400 ordinary messages is a report by its own words is listed here: two, and both are real ones.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from adapters.mail.bounces import Report, Tells, may_report, report
from adapters.mail.line_ends import to_crlf
from adapters.mail.message import read

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
MAIL, BOUNCES = DATA / "real-mail", DATA / "bounces" / "maildir"
# Not bounces by their own folder or standard: absence notes, and complaints that people wrote by hand.
NO_BOUNCES = ("rfc3834-", "is-not-bounce-")
LEAST_RECOGNISED = 0.95
# What came to a subscriber from a mail server itself; the second was sent on by a list.
REAL_REPORTS = {"01304.af5f3a2d3a0a19785aeaeeb3d7e36040.eml"}
_RETURN_PATH = re.compile(rb"(?im)^return-path:[ \t]*<([^<>\r\n]*)>")


def messages(folder: Path) -> list[tuple[Path, bytes]]:
    """Read messages as they would come by SMTP, less the line that mailboxes put before them."""
    found = [(path, path.read_bytes()) for path in sorted(folder.rglob("*.eml"))]
    return [(path, to_crlf(raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw)) for path, raw in found]


@pytest.mark.skipif(not BOUNCES.is_dir(), reason="the bounces do not lie beside the repository")
def test_the_share_that_is_recognised(capsys):
    """Of 830 bounces, delays and complaints of many systems nearly all, most of them without a guess."""
    told: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for path, raw in messages(BOUNCES):
        if path.name.startswith(NO_BOUNCES):
            continue
        found = report(raw) if may_report(read(raw), "<>") else None
        told[_how(found)] += 1
        if found is None:
            missed[f"{path.parent.name}/{path.name.rpartition('-')[0]}"] += 1
    whole = sum(told.values())
    share = 1 - told["not recognised"] / whole
    with capsys.disabled():
        print(f"\nbounces: {whole} reports of many systems, {share:.1%} recognised")
        for how, count in sorted(told.items()):
            print(f"  {how:32} {count:4}  {count / whole:6.1%}")
        print(f"  missed: {', '.join(f'{name} {count}' for name, count in missed.most_common())}")
    assert whole > 800
    assert share >= LEAST_RECOGNISED
    assert told["not recognised"] + sum(told[how] for how in told if "guessed" in how) < whole / 2


def _how(found: Report | None) -> str:
    if found is None:
        return "not recognised"
    kind = "bounce" if found.tells is Tells.FAILED else found.tells.value
    return f"{kind}, {'guessed' if found.guessed else 'by the standard'}"


@pytest.mark.skipif(not MAIL.is_dir(), reason="the real mail does not lie beside the repository")
def test_no_false_alarm_on_ordinary_mail(capsys):
    """Of 1,400 ordinary messages none is taken for a report but the one that is."""
    found = {path.name for path, raw in messages(MAIL) if may_report(read(raw), _sent_by(raw)) and report(raw)}
    real, false = len(found & REAL_REPORTS), len(found - REAL_REPORTS)
    with capsys.disabled():
        print(f"\nordinary mail: 1,400 messages, {real} real report, false alarms: {false}")
    assert found == REAL_REPORTS


@pytest.mark.skipif(not MAIL.is_dir(), reason="the real mail does not lie beside the repository")
def test_ordinary_mail_is_no_report_by_the_standard():
    """Even if every message came with the null path: the standard's own reading takes none but two for a report."""
    found = [path.name for path, raw in messages(MAIL) if (told := report(raw)) and not told.guessed]
    assert found == ["01311.b6a06b3e24130a32172b4c5225a1d5a6.eml"]


def _sent_by(raw: bytes) -> str:
    """Give the reverse-path as the mailbox kept it; the author where it did not."""
    found = _RETURN_PATH.search(raw, 0, raw.find(b"\r\n\r\n"))
    return (found[1].decode("utf-8", "replace") or "<>") if found else (read(raw).sender or "<>")
