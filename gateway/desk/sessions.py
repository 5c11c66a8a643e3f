"""Sessions of the desk: a token opens one, and the browser shows a secret of its own from then on, never the token.

Belongs here: how long they last and whose they are. A token that is revoked ends its sessions at once (THREATS W2).
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256

from gateway.clock import Clock
from gateway.tokens import Tokens
from rules.casework.actor import Actor
from storage.record import Record
from storage.sessions import Session
from storage.transaction import Transaction

IDLE, LONGEST = timedelta(minutes=60), timedelta(hours=10)
_SEEN_EVERY = timedelta(minutes=1)


class Sessions:
    """Keep the sessions of one installation. Its methods wait; not for event loops."""

    def __init__(self, record: Record, tokens: Tokens, clock: Clock) -> None:
        self._record = record
        self._tokens = tokens
        self._clock = clock

    def begin(self, token: str) -> str | None:
        """Open a session with a token; gives the secret that the browser shows, None where the token opens nothing."""
        actor = self._tokens.holder(token)
        if actor is None:
            return None
        now, secret = self._clock(), secrets.token_urlsafe(32)
        session = Session(_digest(secret), self._tokens.number_of(token), now, now)

        def job(tx: Transaction) -> None:
            tx.forget_sessions(unseen_since=now - IDLE, begun_before=now - LONGEST)
            tx.begin_session(session)
            tx.act(actor.name, "desk_sign_in", f"token:{session.token_id}")

        self._record.write_now(job)
        return secret

    def whose(self, secret: str) -> Actor | None:
        """Say whose session it is, in the roles of its token; None where it is over, or its token opens nothing."""
        if not secret:
            return None
        now, digest = self._clock(), _digest(secret)
        session = self._record.read_now(lambda reader: reader.session(digest))
        if session is None or now - session.seen >= IDLE or now - session.began >= LONGEST:
            return None
        actor = self._tokens.by_number(session.token_id)
        if actor is not None and now - session.seen >= _SEEN_EVERY:
            self._record.write_now(lambda tx: tx.see_session(digest, now))
        return actor

    def end(self, secret: str) -> None:
        """End a session, whoever shows it."""
        self._record.write_now(lambda tx: tx.end_session(_digest(secret)))


def form_token(secret: str) -> str:
    """Give what a form carries, so that no other site can send it; the secret cannot be told from it."""
    return hmac.new(secret.encode(), b"form", sha256).hexdigest()


def is_form_token(given: str, secret: str) -> bool:
    """Tell whether a form carries what belongs to this secret, in constant time."""
    return bool(secret) and hmac.compare_digest(given.encode(), form_token(secret).encode())


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
