"""Regular expressions that mean the same on every Python that Parley runs on."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
POSSESSIVE_GROUP = re.compile(r"(?<![\\(])\)(?:[*+?]|\{[0-9,]+\})\+")


def test_no_group_is_repeated_possessively():
    r"""Debian 12's Python 3.11.2 matches the whole of "a." with `a(?:\.b)*+`; `(?>(?:\.b)*)` is right everywhere.

    An address with a full stop behind its domain was taken for a good one there, and by no other Python.
    """
    assert POSSESSIVE_GROUP.search(r'"a(?:\.b)*+"')
    files = [file for floor in ("rules", "storage", "adapters", "gateway") for file in (ROOT / floor).rglob("*.py")]
    assert len(files) > 300
    found = [file.name for file in files if POSSESSIVE_GROUP.search(file.read_text("utf-8"))]
    assert not found
