"""Templates of HTML that escape whatever stands in them, for the pages of the desk and for reports.

Belongs here: how text becomes part of a page. Promises that nothing a person or a party chose is markup, and that signs
which a browser would hide or turn around are seen (THREATS W1, I2).
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def shown(text: object) -> str:
    """Write what a reader would not see, or what turns the direction of writing, by its number."""
    return "".join(ch if _harmless(ch) else f"\\u{ord(ch):04x}" for ch in str(text))


def _harmless(ch: str) -> bool:
    return ch in "\n\t\u200c\u200d" or unicodedata.category(ch) not in _HIDDEN


def templates_in(folder: Path, **known: object) -> Environment:
    """Read the templates of a folder, which know these names; what they are not given is an error."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= known
    return made


def _finalized(value: object) -> object:
    """Show text as `shown` does; what is markup already is our own."""
    return shown(value) if type(value) is str else value
