"""The office that is killed: its settings, its doors, and restricted parties of every outcome. It enforces.

Belongs here: what the oracle may know beforehand, which is the limit and the lawful states of each kind of party.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rules import identity, measures
from rules.standing import Restriction
from storage.record import Record
from storage.transaction import Transaction

DOMAIN = "office.example.org"
INBOXES = tuple(f"{name}@{DOMAIN}" for name in ("enquiries", "records", "permits", "manager"))
CASEWORK, OPEN_INBOX, TEXTS = f"casework@{DOMAIN}", INBOXES[0], f"texts@{DOMAIN}"
ALERTS, FILED_TO = f"alerts@{DOMAIN}", f"filed@{DOMAIN}"
ACCOUNT, TOKEN = "AC00000000000000000000000000000000", "a-token-of-the-crash-test"
SWITCHBOARD, LINE, NAMED_PHONE = "+441632960999", "+441632960998", "+441632960997"
FAR = timedelta(days=300)
RETURNS_EACH = 8
"""Below the product's cap of ten answers a day to one address."""


@dataclass(frozen=True)
class Kind:
    """Say what is on a kind of party, and where its messages and calls may end; `limit` pass over the whole run."""

    measures: tuple[dict[str, Any], ...]
    mail: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    limit: int | None = None
    minutes: int | None = None
    parties: int = 2


def _volume(count: int, **more: Any) -> dict[str, Any]:
    return {"kind": "volume_limit", "channels": ["email"], "count": count, "per": "month", "window": "rolling", **more}


CONNECTED = ("answered", "missed", "voicemail")
KINDS: dict[str, Kind] = {
    "routed": Kind(
        ({"kind": "named_contact", "inbox": CASEWORK, "phone": NAMED_PHONE, "open": [OPEN_INBOX]},),
        ("delivered",),
        CONNECTED,
    ),
    "filed": Kind(({"kind": "file_unanswered"},), ("filed",)),
    "refused": Kind(({"kind": "block", "call": "refuse"},), (), ("refused",)),
    "returned": Kind(({"kind": "return_mail"}, {"kind": "automated_line"}), ("returned",), ("automated_line",)),
    "limited, filed": Kind((_volume(3),), ("delivered", "filed"), limit=3),
    "limited, returned": Kind((_volume(3, email="return"),), ("delivered", "returned"), limit=3),
    "limited, held": Kind((_volume(2, email="hold"),), ("delivered", "held"), limit=2),
    "limited, both": Kind(
        (_volume(4, channels=["email", "call"], call="voicemail"),),
        ("delivered", "filed"),
        (*CONNECTED, "voicemail"),
        limit=4,
    ),
    "talk": Kind(
        (
            {"kind": "talk_time_limit", "minutes": 30, "per": "month", "window": "rolling"},
            {"kind": "call_length_limit", "minutes": 12},
        ),
        calls=(*CONNECTED, "automated_line"),
        minutes=30,
    ),
    # Their restriction closes the door, and ends some seconds later: then what was held is released.
    "held": Kind((), ("delivered",)),
    "held, limited": Kind((), ("delivered", "filed"), limit=2),
}
SEVERAL = ("limited, filed", "limited, returned", "limited, held", "limited, both", "talk", "returned")
"""Kinds of which many parties are needed, as each is used up."""
RELEASED = ("held", "held, limited")
HOLD_S = 3.0


@dataclass(frozen=True)
class Party:
    """Hold one party as its clients know it; `ends` is when its hold is over."""

    name: str
    kind: str
    email: str
    phone: str
    ends: datetime | None = None


@dataclass
class Office:
    """Hold where everything of one office is; `next_hop` and `outbound` are ports, None for Maildirs."""

    state: Path
    smtp: int
    http: int
    next_hop: int | None = None
    outbound: int | None = None
    parties: dict[str, list[Party]] = field(default_factory=dict)

    @property
    def public_url(self) -> str:
        """Give the address that the provider knows."""
        return f"http://127.0.0.1:{self.http}"

    def write_settings(self) -> None:
        """Write parley.toml into the state folder."""
        mail: dict[str, Any] = {"listen": f"127.0.0.1:{self.smtp}", "reserve_mb": 0}
        if self.next_hop is not None:
            mail |= {"next_hop": f"127.0.0.1:{self.next_hop}", "filed_to": FILED_TO}
        lines = [
            "[office]",
            'name = "Office of the crash test"',
            f'address = "office@{DOMAIN}"',
            f'alerts = "{ALERTS}"',
            f'domains = ["{DOMAIN}"]',
            "[mail]",
            *(f"{name} = {json.dumps(value)}" for name, value in mail.items()),
            *(["[mail.outbound]", f'server = "127.0.0.1:{self.outbound}"', 'security = "none"'] * bool(self.outbound)),
            "[phone]",
            f'listen = "127.0.0.1:{self.http}"',
            f'public_url = "{self.public_url}"',
            f'account = "{ACCOUNT}"',
            f'tokens = ["{TOKEN}"]',
            f'switchboard = "{SWITCHBOARD}"',
            f'texts = "{TEXTS}"',
            "[api]",
            "enabled = false",  # nobody asks it here, and it would be built again at each start
        ]
        self.state.mkdir(parents=True, exist_ok=True)
        (self.state / "parley.toml").write_text("\n".join(lines) + "\n")

    def settle_parties(self, seconds: float, scale: int) -> None:
        """Put the parties on record, for a run of at most so many seconds; `scale` of each kind that is used up."""
        now = datetime.now(UTC)
        phones = phone_numbers()
        for name, kind in KINDS.items():
            count = kind.parties if name not in SEVERAL else scale
            ends: list[datetime | None] = [None] * count
            if name in RELEASED:
                ends = [now + timedelta(seconds=HOLD_S * (n + 1)) for n in range(int(seconds / HOLD_S) + 2)]
            self.parties[name] = [
                Party(
                    f"{name} {n}", name, f"p{n}@{name.replace(', ', '-')}-{n}.example.org", phone_of(kind, phones), end
                )
                for n, end in enumerate(ends)
            ]
        record = Record.open(f"sqlite:///{self.state / 'parley.db'}", now=lambda: datetime.now(UTC))
        try:
            record.write_now(lambda tx: self._enter(tx, now))
        finally:
            record.close()

    def _enter(self, tx: Transaction, now: datetime) -> None:
        for parties in self.parties.values():
            for party in parties:
                number = tx.add_party(party.name)
                for identifier in (identity.email(party.email), identity.phone(party.phone) if party.phone else None):
                    if identifier is not None:
                        tx.add_identifier(identifier, number, how="written by the test", by="test")
                for index, (data, ends) in enumerate(restrictions_of(party, now)):
                    tx.add_restriction(
                        number,
                        Restriction(
                            f"{party.name} {index}",
                            tuple(measures.parse(each) for each in data),
                            now - timedelta(days=1),
                            ends,
                            reason="crash test",
                            ground="persistent_contact",
                            approved_by="the head of casework",
                        ),
                    )


def restrictions_of(party: Party, now: datetime) -> list[tuple[tuple[dict[str, Any], ...], datetime]]:
    """Give the measures on a party with their end; those that are released are closed by hours three days off."""
    found = [(KINDS[party.kind].measures, now + FAR)] if KINDS[party.kind].measures else []
    if party.ends is not None:
        day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(now.weekday() + 3) % 7]
        hours = {"kind": "time_window", "channels": ["email"], "days": [day], "from": "11:00", "to": "11:01"}
        found.append(((hours,), party.ends))
    if party.kind == "held, limited":
        found.append(((_volume(KINDS[party.kind].limit or 0),), now + FAR))
    return found


def phone_of(kind: Kind, phones: Iterator[str]) -> str:
    """Give a party a number where its kind says what calls do."""
    return next(phones) if kind.calls else ""


def phone_numbers() -> Iterator[str]:
    """Give the numbers that Ofcom keeps for drama, each once; the office's own are left out."""
    for form, count in (("+44770090{:04}", 1000), ("+44207946{:04}", 1000), ("+44163296{:04}", 990)):
        yield from (form.format(n) for n in range(count))
