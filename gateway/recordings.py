"""Fetches the messages that callers left: sealed as evidence on the party's file, or kept with the contact (SPSO-66).

Belongs here: when a recording is fetched, tried again, given up. Promises that the provider's copy is deleted only
after ours is durable, and that staff are told of one that is not to be had. Who hears one: `gateway.voicemail`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Protocol

import structlog

from adapters.phone.twilio_rest import ProviderFault
from gateway.call_decision import was_keyed
from gateway.casework.desk import Casework, Done, NoSuchParty, Stale
from gateway.clock import Clock
from gateway.ending import FATAL
from gateway.incident import where
from gateway.letters import Letters
from rules.answers import Answer, Delivered
from rules.casework.actor import Actor
from rules.casework.acts.seal_evidence import MB, SealEvidence
from rules.casework.refused import Refused
from rules.policies import Policy
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.recordings import RecordingEntry, RecordingState
from storage.transaction import Reader, Transaction

_BY_ITSELF = "voicemail"
# Longer than an attempt can take: what a killed process was fetching is due again after it.
_CLAIM = timedelta(minutes=5)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=20), timedelta(hours=1)
# The provider says that a recording is not there until it has finished writing it.
_MAY_YET_COME = timedelta(hours=6)
_MOST_IN_A_RUN = 50
_ALARM_AFTER = timedelta(days=1)
_TOO_LARGE = 413

log = structlog.get_logger()


class Provider(Protocol):
    """Name what is asked of the provider; faults are `ProviderFault`."""

    async def fetch_recording(self, sid: str, write: Callable[[bytes], object], *, most_bytes: int) -> str:
        """Give its sound to `write`; returns the media type."""
        ...

    async def delete_recording(self, sid: str) -> Answer:
        """Have it kept no longer."""
        ...


class Recordings:
    """Fetch what callers left; each run may be repeated, and done by several at once."""

    def __init__(
        self, record: Record, casework: Casework, policy: Policy, letters: Letters, provider: Provider, clock: Clock
    ) -> None:
        self._record = record
        self._casework = casework
        self._policy = policy
        self._letters = letters
        self._provider = provider
        self._clock = clock

    async def fetch_due(self) -> int:
        """Fetch what is due, then delete at the provider what is kept here; gives how many were tried."""
        tried = await self._each(RecordingState.WAITING, self._fetch)
        return tried + await self._each(RecordingState.KEPT, self._delete_there)

    async def _each(self, state: RecordingState, work: Callable[[RecordingEntry], Awaitable[None]]) -> int:
        for tried in range(_MOST_IN_A_RUN):
            now = self._clock()
            one = await self._record.write(partial(_claim, state, now))
            if one is None:
                return tried
            try:
                await work(one)
            except (*FATAL, RecordUnavailable):
                raise
            except Exception as fault:  # the one broad except of this loop: it is due again, and the others go on
                log.error("recording failed", contact=one.contact_id, **where(fault))
        return _MOST_IN_A_RUN

    async def _fetch(self, one: RecordingEntry) -> None:
        content = bytearray()
        try:
            media_type = await self._provider.fetch_recording(one.sid, content.extend, most_bytes=self._most_bytes)
        except ProviderFault as fault:
            await self._record.write(partial(self._not_fetched, one, fault, self._clock()))
            return
        await self._keep(one, bytes(content), media_type)

    @property
    def _most_bytes(self) -> int:
        return self._policy.evidence.most_mb * MB

    def _not_fetched(self, one: RecordingEntry, fault: ProviderFault, now: datetime, tx: Transaction) -> None:
        """Wait, or say to staff that it is not to be had; nothing that a provider says makes it forgotten."""
        why = _lost_because(fault, now - one.at)
        if why:
            lost = replace(one, state=RecordingState.LOST, attempts=one.attempts + 1, detail=why)
            if tx.move_recording(one.state, lost):
                _say(tx, one.contact_id, f"The message that was left could not be fetched: {why} ({one.sid})")
                tx.enqueue(self._letters.alert_recording(one.contact_id, one.sid, why, now))
            return
        log.warning("recording waits", contact=one.contact_id, why=str(fault))
        again = replace(one, next_at=now + wait(one.attempts), attempts=one.attempts + 1, detail=str(fault))
        tx.move_recording(one.state, again)
        if now - one.at >= _ALARM_AFTER:
            tx.enqueue(self._letters.alert_provider(str(fault), now))

    async def _keep(self, one: RecordingEntry, content: bytes, media_type: str) -> None:
        """Seal it on the party's file; with the contact where there is no party, or its file takes none.

        A number that was keyed in is no party's: anybody could put evidence on their file (THREATS I4).
        """
        party = await self._record.read(partial(_party_of, one.contact_id))
        try:
            if party is not None:
                await self._seal(one, party, content, media_type)
                return
        except Stale:  # the file is being changed at this moment: it is due again
            return
        except (Refused, NoSuchParty) as refused:
            log.warning("recording kept with its contact", contact=one.contact_id, why=type(refused).__name__)
        await self._record.write(partial(self._keep_here, one, content, media_type))

    async def _seal(self, one: RecordingEntry, party: int, content: bytes, media_type: str) -> None:
        act = sealing(one, content, media_type, self._policy)

        def kept(tx: Transaction, done: Done) -> None:
            tx.keep_evidence(done.paper.id, content)
            if not tx.move_recording(one.state, self._kept(one, media_type, paper=done.paper.id)):
                raise Stale("another process has kept this recording")
            _say(tx, one.contact_id, f"The message that was left is sealed on the file as {act.mark!r}")

        by = Actor(_BY_ITSELF, self._policy.may(SealEvidence.name) or frozenset(self._policy.roles))
        await self._casework.also(kept).do(party, act, by)

    def _keep_here(self, one: RecordingEntry, content: bytes, media_type: str, tx: Transaction) -> None:
        if tx.move_recording(one.state, self._kept(one, media_type)):
            tx.keep_recording(one.sid, content)
            entry = tx.contact(one.contact_id)
            whose = ", kept on no file: the number was keyed in" if entry is not None and was_keyed(entry) else ""
            _say(tx, one.contact_id, f"The message that was left{whose}: parley voicemail hear {one.contact_id}")

    def _kept(self, one: RecordingEntry, media_type: str, *, paper: str = "") -> RecordingEntry:
        deletes = self._policy.evidence.delete_at_provider
        state = RecordingState.KEPT if deletes else RecordingState.DONE
        return replace(
            one, state=state, next_at=self._clock(), attempts=0, paper=paper, media_type=media_type, detail=""
        )

    async def _delete_there(self, one: RecordingEntry) -> None:
        answer = await self._provider.delete_recording(one.sid)
        now = self._clock()
        if isinstance(answer, Delivered):
            moved = replace(one, state=RecordingState.DONE, detail="")
        else:
            moved = replace(one, next_at=now + wait(one.attempts), attempts=one.attempts + 1, detail=answer.detail)
        await self._record.write(lambda tx: tx.move_recording(one.state, moved))


def sealing(one: RecordingEntry, content: bytes, media_type: str, policy: Policy) -> SealEvidence:
    """Write the act that seals a recording, under a mark that no other has, in neutral words."""
    day = one.at.astimezone(policy.zone)
    length = f", {one.duration_s} seconds" if one.duration_s is not None else ""
    return SealEvidence(
        mark=f"VOICEMAIL of {day:%Y-%m-%d %H.%M} ({one.sid[-6:]})",
        description=f"A message that was left by phone{length}. Nobody has listened to it yet.",
        media_type=media_type if media_type in ("audio/mpeg", "audio/wav", "audio/x-wav") else "",
        digest=sha256(content).hexdigest(),
        size=len(content),
    )


def wait(attempts: int) -> timedelta:
    """Say how long to wait after an attempt that failed; `attempts` were made before it."""
    return min(_LONGEST_WAIT, _FIRST_WAIT * (1 << min(attempts, 12)))


def _claim(state: RecordingState, now: datetime, tx: Transaction) -> RecordingEntry | None:
    return tx.claim_recording(state, now, now + _CLAIM)


def _lost_because(fault: ProviderFault, age: timedelta) -> str:
    """Say why a recording will never be fetched; "" where it may yet be: what is set up wrongly can be mended."""
    if fault.status == _TOO_LARGE:
        return "it is larger than the policy takes"
    if fault.gone:
        return "the provider has it no more" if age >= _MAY_YET_COME else ""
    return str(fault) if fault.permanent and not fault.status else ""


def _party_of(contact_id: str, reader: Reader) -> int | None:
    entry = reader.contact(contact_id)
    if entry is None or entry.party_id is None or was_keyed(entry):
        return None
    return reader.merged_into(entry.party_id) or entry.party_id


def _say(tx: Transaction, contact_id: str, words: str) -> None:
    """Say it where staff find the call: in the queue, and on its own page."""
    entry = tx.contact(contact_id)
    if entry is not None:
        tx.settle(entry.id, state=entry.state, among=(entry.state,), detail=words)
