"""Puts the sample office into a state folder: its settings and, by the import that offices use, its restrictions.

Promises that a folder which holds another office is never touched.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

from gateway import sample
from gateway.config import FILE_NAME, ConfigError

_BEFORE, _AFTER = timedelta(days=30), timedelta(days=150)
_DAY, _FEW, _SOON = timedelta(days=1), timedelta(days=4), timedelta(days=20)


def read(name: str) -> str:
    """Read one of the sample's own files."""
    return (resources.files(sample) / name).read_text("utf-8")


def settle_in(state: Path) -> None:
    """Write the sample's settings where there are none; ConfigError where the folder holds another office."""
    file = state / FILE_NAME
    try:
        state.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            draft = file.with_suffix(".new")
            draft.write_text(read("settings.toml"), "utf-8")
            os.replace(draft, file)
    except OSError as fault:
        raise ConfigError(f"{file} cannot be written ({fault.strerror}).") from None


def another_office(state: Path) -> ConfigError:
    """Say that a folder holds an office which is not the sample."""
    return ConfigError(
        f"{state / FILE_NAME} is not the sample office's, and stays as it is: play the sample in a folder of its own, "
        f"parley run-sample --state ./sample"
    )


def write_restrictions(state: Path, now: datetime, zone: ZoneInfo) -> Path:
    """Write the file that the sample imports, unless it is there: days and hours around `now` (aware UTC)."""
    file = state / "restrictions.toml"
    if not file.exists():
        draft = file.with_suffix(".new")
        draft.write_text(_filled(now.astimezone(zone)), "utf-8")
        os.replace(draft, file)
    return file


def _filled(local: datetime) -> str:
    """Choose days around a local time, and hours that are closed, or open, at it."""
    return Template(read("restrictions.toml")).substitute(
        starts=(local - _BEFORE).date().isoformat(),
        ends=(local + _AFTER).date().isoformat(),
        today=local.date().isoformat(),
        yesterday=(local - _DAY).date().isoformat(),
        few=(local + _FEW).date().isoformat(),
        soon=(local + _SOON).date().isoformat(),
        closed_from=f"{(local.hour + 6) % 24:02}:00",
        closed_to=f"{(local.hour + 8) % 24:02}:00",
        open_from=f"{(local.hour - 3) % 24:02}:00",
        open_to=f"{(local.hour + 5) % 24:02}:00",
    )
