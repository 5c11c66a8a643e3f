"""Languages that an office brings itself: a file of phrases, checked by a lawyer of that language (SPSO-64, HO-3).

Belongs here: reading such a file, and refusing one that nobody answers for. Promises that no legal word leaves in a
language in which no lawyer has said that it is right, and that nothing is left out.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

from gateway.notices.phrases import SHIPPED, Phrases, of_table, untranslated

FOLDER = "languages"
"""The folder beside the settings that holds them, one TOML file a language, such as `cy.toml`."""
_CODE = re.compile(r"[a-z]{2,3}")
_MOST_NAMED = 5


class NoSuchLanguage(LookupError):
    """Say to a person that letters cannot be written in a language, and what is missing."""


def read(folder: Path, code: str, today: date) -> Phrases:
    """Read the phrases of a language as of `today`; raises NoSuchLanguage with a sentence."""
    if not _CODE.fullmatch(code) or code == SHIPPED:
        raise NoSuchLanguage(f"{code!r} names no language; write its code, as cy.")
    try:
        text = (folder / f"{code}.toml").read_text("utf-8")
    except FileNotFoundError:
        known = ", ".join(languages(folder)) or "none"
        raise NoSuchLanguage(f"There are no phrases in {code!r}; there are: {known}.") from None
    except (OSError, UnicodeError):
        raise NoSuchLanguage(f"The phrases in {code!r} cannot be read.") from None
    try:
        return _checked(code, tomllib.loads(text), today)
    except ValueError as fault:
        raise NoSuchLanguage(f"The phrases in {code!r} cannot be used: {fault}.") from None


def languages(folder: Path) -> tuple[str, ...]:
    """Name the languages of an office by their codes."""
    return tuple(sorted(one.stem for one in folder.glob("*.toml") if _CODE.fullmatch(one.stem)))


def _checked(code: str, table: dict[str, object], today: date) -> Phrases:
    lawyer = table.pop("checked", None)
    by, on = (lawyer.get("by"), lawyer.get("on")) if isinstance(lawyer, dict) else (None, None)
    if not isinstance(by, str) or not by.strip() or type(on) is not date:
        raise ValueError("under [checked] it names no lawyer of that language (by) and no day (on), and must")
    if on > today:
        raise ValueError(f"it says that it was checked on {on}, which is still to come")
    phrases = of_table(code, table)
    if phrases.language.partition("-")[0] != code:
        raise ValueError(f"it says that its language is {phrases.language}")
    if missing := untranslated(phrases):
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        raise ValueError(f"it has no words for {', '.join(missing[:_MOST_NAMED])}{more}")
    return phrases
