"""What the record remembers of the sample: that it is the sample's, and when its day was played.

Belongs here: the two settings of the record that a second start reads, so that nothing is played twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.transaction import Reader, Transaction

_OFFICE, _BEGUN, _FINISHED = "sample_office", "sample_day_begun", "sample_day_finished"


@dataclass(frozen=True, slots=True)
class Played:
    """Hold when the day was played, aware UTC; `finished` is None where it was interrupted."""

    begun: datetime
    finished: datetime | None


def is_sample(reader: Reader) -> bool:
    """Tell whether the record is the sample office's."""
    return reader.setting(_OFFICE) is not None


def move_in(tx: Transaction) -> None:
    """Note that the record is the sample office's."""
    tx.set_setting(_OFFICE, "yes")


def begin(tx: Transaction, now: datetime) -> None:
    """Note that the day begins; from now on it is never played again."""
    tx.set_setting(_BEGUN, now.isoformat())


def finish(tx: Transaction, now: datetime) -> None:
    """Note that the day was played to its end."""
    tx.set_setting(_FINISHED, now.isoformat())


def known_day(reader: Reader) -> Played | None:
    """Give when the day was played; None where it was not."""
    begun, finished = reader.setting(_BEGUN), reader.setting(_FINISHED)
    if begun is None:
        return None
    return Played(datetime.fromisoformat(begun), datetime.fromisoformat(finished) if finished else None)
