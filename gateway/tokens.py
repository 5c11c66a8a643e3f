"""Tokens for the API: making, revoking, and telling whose a request is.

Belongs here: what a token looks like and what opens the door. Promises that a secret is shown once, to whoever made it,
that secrets are compared in constant time, and that what is wrong with a token is told to nobody (THREATS W2).
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from gateway.clock import Clock
from gateway.config import Settings
from gateway.people import named
from gateway.serials import serial
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.refused import Refused
from storage.record import Record
from storage.tokens import Token
from storage.transaction import Transaction

MOST_DAYS = 3660
TOKEN_ADD, TOKEN_REVOKE = "token_add", "token_revoke"
_LONGEST_NAME = 120
_USED_EVERY = timedelta(minutes=1)
_FORM = re.compile(r"parley_([0-9a-z]{22})_([A-Za-z0-9_-]{43})")
_NOBODY = sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Made:
    """Hold a new token with what its holder shows to come in; `shown` is on no record."""

    token: Token
    shown: str


class Tokens:
    """Keep the tokens of one installation."""

    def __init__(self, record: Record, settings: Settings, clock: Clock) -> None:
        self._record = record
        self._settings = settings
        self._clock = clock

    def add(self, name: str, roles: Iterable[str], by: Actor, *, days: int | None = None) -> Made:
        """Make a token for somebody; raises Refused for roles that the policy, that person, or `by` does not have.

        The name of one of the office's people stands for that person, who then acts under one name wherever they sit:
        nobody approves their own by way of a token. `days` is how long it opens the door, for ever unless given.
        """
        allowed("token", self._settings.policy, by)
        name, given = self._holder(name, frozenset(roles), by)
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise Refused(f"A token lasts 1 to {MOST_DAYS} days, or until it is revoked.")
        now = self._clock()
        secret = secrets.token_urlsafe(32)
        expires = now + timedelta(days=days) if days is not None else None
        token = Token(serial(now), name, given, sha256(secret.encode()).hexdigest(), now, by.name, expires)

        def job(tx: Transaction) -> None:
            tx.add_token(token)
            detail: dict[str, object] = {"name": name, "roles": sorted(given), "digest": token.digest}
            tx.act(by.name, TOKEN_ADD, f"token:{token.id}", detail | {"expires": expires and expires.isoformat()})

        self._record.write_now(job)
        return Made(token, f"parley_{token.id}_{secret}")

    def _holder(self, name: str, roles: frozenset[str], by: Actor) -> tuple[str, frozenset[str]]:
        name = " ".join(name.split())
        if not name or len(name) > _LONGEST_NAME or not name.isprintable():
            raise Refused("A token needs a name that can be printed, of 120 characters at most.")
        known = self._settings.policy.roles
        if strange := roles - set(known):
            raise Refused(
                f"This policy has no role {', '.join(sorted(strange))}.", way=f"Its roles are {', '.join(known)}."
            )
        person = named(self._settings.config.people, name)
        if person is None:
            if not roles:
                raise Refused(
                    f"The settings name nobody who is called {name}, so a token of that name needs a role.",
                    way=f"Its roles are {', '.join(known)}.",
                )
            if beyond := roles - by.roles:
                raise Refused(
                    f"{by.name} does not have the role {', '.join(sorted(beyond))}, and cannot give it away.",
                    way="Whoever keeps the settings names them under [[people]], or somebody with that role does it.",
                )
            return name, roles
        if more := roles - set(person.roles):
            raise Refused(f"{person.name} does not have the role {', '.join(sorted(more))}.")
        return person.name, roles or frozenset(person.roles)

    def listed(self) -> tuple[Token, ...]:
        """List all tokens there ever were, the oldest first."""
        return self._record.read_now(lambda reader: reader.tokens())

    def revoke(self, number: str, by: Actor) -> None:
        """Have a token open nothing from now on; raises Refused where there is none that did."""
        allowed("token", self._settings.policy, by)
        now = self._clock()

        def job(tx: Transaction) -> None:
            if not tx.revoke_token(number, now):
                raise Refused("There is no token of this id that still opens the door.", way="Look at token list.")
            tx.act(by.name, TOKEN_REVOKE, f"token:{number}")

        self._record.write_now(job)

    @staticmethod
    def number_of(shown: str) -> str:
        """Give the id that a token names; empty for what has not the form of one."""
        form = _FORM.fullmatch(shown)
        return str(form[1]) if form else ""

    def holder(self, shown: str) -> Actor | None:
        """Say whose token this is; None for whatever opens nothing. Roles that the policy no longer has are left out.

        Notes its use, once a minute at most.
        """
        form = _FORM.fullmatch(shown)
        number, secret = form.groups() if form else ("", "")
        now = self._clock()
        token = self._record.read_now(lambda reader: reader.token(number))
        # Compared also where there is none, so that ids cannot be told apart by the time it takes.
        same = hmac.compare_digest(token.digest if token else _NOBODY, sha256(secret.encode()).hexdigest())
        if token is None or not same or not token.good(now):
            return None
        self._note_use(token, now)
        return self._actor(token)

    def by_number(self, number: str) -> Actor | None:
        """Say whose token has this id, to who saw the token itself before; None where it opens nothing any more."""
        token = self._record.read_now(lambda reader: reader.token(number))
        return self._actor(token) if token is not None and token.good(self._clock()) else None

    def _actor(self, token: Token) -> Actor:
        return Actor(token.name, token.roles & set(self._settings.policy.roles))

    def _note_use(self, token: Token, now: datetime) -> None:
        if token.used is None or now - token.used >= _USED_EVERY:
            self._record.write_now(lambda tx: tx.use_token(token.id, now))
