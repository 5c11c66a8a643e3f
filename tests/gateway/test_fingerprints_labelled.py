"""Copies, small edits, quotes, and other letters on the same matter, labelled by hand: how many are found.

Each file of tests/repeats holds two letters of one person, and in its first line what the second is to the first.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.fingerprints import said
from rules.repeats import Likeness, repeat_of

FILES = sorted((Path(__file__).resolve().parents[1] / "repeats").glob("*.txt"))
LABELS = {"copy": Likeness.COPY, "near_copy": Likeness.NEAR_COPY, "other": None}
LEAST_PRECISION, LEAST_RECALL = 0.95, 0.95


class Pair(NamedTuple):
    """Hold two letters of one person, and what the second is to the first."""

    label: str
    first: str
    second: str


def pair(path: Path) -> Pair:
    """Read a file."""
    head, _, rest = path.read_text(encoding="utf-8").partition("\n==== first\n")
    first, _, second = rest.partition("\n==== second\n")
    return Pair(head.partition(":")[0], first, second)


def found(pair: Pair) -> Likeness | None:
    """Say what the second letter is to the first, both as mail."""
    first, second = (said(_mail(text)) for text in (pair.first, pair.second))
    repeat = repeat_of(second.print, [("1", first.print)])
    return repeat.how if repeat else None


def _named(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _mail(text: str) -> bytes:
    head = "From: r@example.org\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    return (head + text).replace("\n", "\r\n").encode()


def test_precision_and_recall(capsys):
    """Nearly all repeats are found, and nearly nothing else; the misses are named."""
    pairs = {path.stem: pair(path) for path in FILES}
    told = {name: found(each) for name, each in pairs.items()}
    meant = {name for name, each in pairs.items() if LABELS[each.label] is not None}
    shown = {name for name, how in told.items() if how is not None}
    precision, recall = len(shown & meant) / len(shown), len(shown & meant) / len(meant)
    with capsys.disabled():
        print(f"\nrepeats: {len(pairs)} labelled pairs, {len(meant)} of them repeats")
        print(f"  precision {precision:.1%}, recall {recall:.1%}")
        print(f"  missed: {_named(meant - shown)}; wrong: {_named(shown - meant)}")
    assert len(pairs) >= 40
    assert precision >= LEAST_PRECISION
    assert recall >= LEAST_RECALL


@pytest.mark.parametrize(
    "path", [path for path in FILES if pair(path).label != "near_copy"], ids=lambda path: path.stem
)
def test_word_for_word_and_other(path):
    """What is the same word for word is always found, and what is another letter never taken for it."""
    one = pair(path)
    assert found(one) is LABELS[one.label]
