"""How commands put things on a screen: tables for people, times in the office's zone, nothing that a sender can steer.

Belongs here: what stands between the record's words and a terminal. Promises that no control character, escape sequence
or markup that came from outside reaches the terminal (THREATS W5, I2).
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_HARMLESS = {"\u00ad", "\u200b", "\u200c", "\u200d"}  # soft hyphens and joiners, which scripts and emoji need


def escaped(text: str, *, lines: bool = False) -> str:
    """Write what a terminal would obey, or hide, as `\\x1b`; line feeds stay where `lines` says so."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(ch if _harmless(ch, lines) else _code(ch) for ch in text.replace("\t", "    "))


def _harmless(ch: str, lines: bool) -> bool:
    if ch == "\n":
        return lines
    return ch in _HARMLESS or unicodedata.category(ch) not in _INVISIBLE


def _code(ch: str) -> str:
    number = ord(ch)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def plain(text: str, style: str = "") -> Text:
    """Give text for a table's cell: escaped, and never read as markup."""
    return Text(escaped(text), style=style)


def table(**columns: int | None) -> Table:
    """Begin a table that fits 80 columns and a pipe: each column with its most characters, None for what is left."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name, most in columns.items():
        made.add_column(name.replace("_", " "), max_width=most, overflow="fold")
    return made


def progress() -> Progress:
    """Show how far something is, on a terminal only."""
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal)


def clock_time(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Say a moment shortly in the office's zone: `09:41` today, else `20 Nov 09:41`, with its year where it differs."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    year = "" if local.year == today.year else f" {local:%Y}"
    return f"{local.day} {local:%b}{year} {local:%H:%M}"


def day_of(moment: datetime, zone: ZoneInfo) -> str:
    """Say the day on which a time limit ends: what ends at midnight ends with the day before."""
    local = (moment - timedelta(microseconds=1)).astimezone(zone)
    return f"{local.day} {local:%b}"


def span(length: timedelta) -> str:
    """Say how long something has lasted, in its largest unit: `3 min`, `5 h`, `2 days`."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def minutes(seconds: int) -> str:
    """Say a length of talk: `45 s`, `7 min`, `7 min 30 s`."""
    whole, rest = divmod(seconds, 60)
    if not whole:
        return f"{rest} s"
    return f"{whole} min {rest} s" if rest else f"{whole} min"
