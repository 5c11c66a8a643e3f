"""Offices prepared for the benchmark: one party under twenty measures, with and without a long history around it.

The million parties are written with plain SQL; what is measured afterwards is the product alone.
"""

from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rules import identity, measures
from rules.contact import Channel
from rules.decision import Outcome, Reason
from rules.standing import Restriction
from storage.entries import Entry, State
from storage.record import Record
from storage.transaction import Transaction
from tests.bench.peers.load import SENDER

PARTIES, HISTORY = 1_000_000, 100_000
NOW = datetime.now(UTC)

MEASURES = [
    *({"kind": "volume_limit", "channels": ["email"], "count": 1000, "per": per} for per in ("day", "week", "month")),
    *({"kind": "volume_limit", "channels": ["call"], "count": 3, "per": per} for per in ("hour", "day", "week")),
    *({"kind": "talk_time_limit", "minutes": 600, "per": per} for per in ("day", "week", "month")),
    *({"kind": "call_length_limit", "minutes": minutes} for minutes in (10, 20, 30)),
    *({"kind": "time_window", "channels": ["email"], "from": "00:00", "to": "00:00"} for _ in range(3)),
    *({"kind": "channel_only", "allowed": ["email", "call", channel]} for channel in ("letter", "visit", "sms")),
    {"kind": "automated_line"},
    {"kind": "named_contact", "phone": "+441632960100"},
]


def empty(state: Path) -> None:
    """Prepare an office that knows the one party under twenty measures, and nothing else."""
    with Record.open(f"sqlite:///{state / 'parley.db'}", now=lambda: NOW) as record:
        record.write_now(_add_party)


def _add_party(tx: Transaction) -> None:
    party = tx.add_party("R. Example")
    sender = identity.email(SENDER)
    assert sender is not None
    tx.add_identifier(sender, party)
    restriction = Restriction(
        "bench",
        tuple(measures.parse(measure) for measure in MEASURES),
        NOW - timedelta(days=400),
        NOW + timedelta(days=400),
        approved_by="Head of Casework",
    )
    tx.add_restriction(party, restriction)
    tx.set_setting("observe", "off")


def full(state: Path, prepared: Path) -> None:
    """Prepare the same office with a hundred thousand contacts of that party among a million parties."""
    shutil.copyfile(prepared / "parley.db", state / "parley.db")
    with sqlite3.connect(state / "parley.db") as database:
        now = int(NOW.timestamp() * 1e6)
        numbers = range(2, PARTIES + 1)
        database.executemany(
            "insert into parties (id, name, kind, version, created_at) values (?, ?, 'person', 1, ?)",
            ((number, f"Party {number}", now) for number in numbers),
        )
        database.executemany(
            "insert into identifiers values ('email', ?, ?, 0, 0, '', '', ?, null)",
            ((f"p{number}@example.net", number, now) for number in numbers),
        )
    database.close()
    with Record.open(f"sqlite:///{state / 'parley.db'}", now=lambda: NOW) as record:
        record.write_now(_add_history)


def _add_history(tx: Transaction) -> None:
    for number in range(HISTORY):
        tx.add_contact(_contact(number))


def _contact(number: int) -> Entry:
    """Make one contact of the past year, let through, none of them in the last two months."""
    at = NOW - timedelta(days=60 + 300 * number / HISTORY)
    mail = number % 5 != 0
    return Entry(
        id=f"h{number:020}",
        channel=Channel.EMAIL if mail else Channel.CALL,
        at=at,
        whose="party:1",
        state=State.DELIVERED,
        decided=Outcome.DELIVER,
        carried=Outcome.DELIVER,
        party_id=1,
        sender=f"email:{SENDER}",
        counted_at=at,
        size=5120,
        talk_s=None if mail else 240,
        reasons=(Reason("bench", "volume_limit", "PHSO-M10", "Within the limit"),),
        node="bench",
        updated_at=at,
    )
