"""Messages that callers left, for staff: listed, heard, marked as looked at (SPSO-66, SPSO-68).

Belongs here: the one use case beneath command line, API and desk. Promises that nobody is given a sound without an
act on record that says who heard it; a party's is sealed evidence, and is opened as such, after its warning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from gateway.casework.evidence import EvidenceRoom
from gateway.casework.outline import READ_FILE
from gateway.clock import Clock
from gateway.looks import WAITS_FOR_A_LOOK, looked
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.acts.open_evidence import OpenEvidence
from rules.casework.evidence import SealedEvidence
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.casework.shelf import shelf_of
from rules.contact import Channel
from rules.policies import Policy
from storage.entries import Entry, State
from storage.record import Record
from storage.recordings import RecordingEntry, RecordingState
from storage.transaction import Reader, Transaction

HEAR = "hear_voicemail"
HEARD = "voicemail heard"
LISTENS_FOR = timedelta(minutes=15)
"""So long the player of whoever opened a message may ask for parts of it; after that it is opened anew."""
SOUNDS = {"audio/mpeg": "mp3", "audio/wav": "wav", "audio/x-wav": "wav"}
_SOMEBODY = "somebody on file"
_HERE = (RecordingState.KEPT, RecordingState.DONE)


@dataclass(frozen=True, slots=True)
class Left:
    """Hold one recording of a call: `sealed` where it is evidence that `by` may open, `open` that they have opened it.

    `here` tells that its sound is on record and not deleted since.
    """

    recording: RecordingEntry
    sealed: SealedEvidence | None = None
    here: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """Hold what was left in one call: whose it is, as far as `by` may know, and each recording, the first one first."""

    call: Entry
    who: str
    party: int | None
    left: tuple[Left, ...]
    may_look: bool = True

    @property
    def waits(self) -> bool:
        """Tell whether it waits for a look, which `by` may give it."""
        return self.may_look and self.call.state in WAITS_FOR_A_LOOK


@dataclass(frozen=True, slots=True)
class Heard:
    """Hold what was given to somebody who may hear it: the recording, its sound, a name for a file of it."""

    recording: RecordingEntry
    content: bytes
    file_name: str


class Voicemail:
    """Give messages to colleagues who may hear them. Its methods wait; not for event loops."""

    def __init__(self, record: Record, policy: Policy, evidence: EvidenceRoom, clock: Clock) -> None:
        self._record = record
        self._policy = policy
        self._evidence = evidence
        self._clock = clock

    def waiting(self, by: Actor, *, limit: int = 200) -> tuple[Message, ...]:
        """List the calls that ended in voicemail and wait for a look, the oldest first; raises Refused."""
        allowed(HEAR, self._policy, by)
        return self._record.read_now(
            lambda reader: tuple(
                self._message(reader, entry, by) for entry in reader.queue(State.VOICEMAIL, limit=limit)
            )
        )

    def message(self, contact_id: str, by: Actor) -> Message:
        """Give what was left in one call, waiting or not; raises Refused where nothing was."""
        allowed(HEAR, self._policy, by)
        return self._record.read_now(lambda reader: self._one(reader, contact_id, by))

    def hear(
        self, contact_id: str, by: Actor, *, recording: str = "", reason: str = "", warned: bool = False
    ) -> tuple[Heard, ...]:
        """Give what was left in one call, or one recording of it; that it was heard is put on record.

        What is sealed on a party's file needs a reason and its warning read, and is opened by the act of casework.
        Raises Refused with the way open, and as `EvidenceRoom.open` does.
        """
        allowed(HEAR, self._policy, by)
        found = self._record.read_now(lambda reader: _of(reader, contact_id, recording))
        sealed = [one for one in found if one.paper]
        if sealed and not reason.strip():
            raise Refused(
                "The message is sealed as evidence on the party's file.",
                way=f"Say why you must hear it, and read its warning; or parley evidence open PARTY {sealed[0].paper}.",
            )
        opened = tuple(self._opened(contact_id, one, by, reason, warned) for one in sealed)
        if len(opened) == len(found):
            return opened
        return opened + self._record.write_now(partial(_taken, contact_id, recording, by))

    def sound(self, contact_id: str, recording: str, by: Actor) -> Heard:
        """Give a sound once more to whoever opened it a moment ago, as a player asks for it in parts; else Refused."""
        allowed(HEAR, self._policy, by)
        (one,) = self._record.read_now(lambda reader: _of(reader, contact_id, recording))
        since = self._clock() - LISTENS_FOR
        if one.paper:
            party = self._record.read_now(lambda reader: _holder(reader, contact_id))
            sealed, content = self._evidence.again(party, one.paper, by, since=since)
            return _named(replace(one, media_type=sealed.media_type), content)
        content_here = self._record.read_now(lambda reader: reader.recording_content(recording))
        if content_here is None or not self._record.read_now(lambda reader: _heard_by(reader, one, by, since)):
            raise Refused("Open the message first; that you heard it is then on record.")
        return _named(one, content_here)

    def look(self, contact_id: str, by: Actor) -> Entry:
        """Note that somebody heard, or looked at, what was left in a call; raises Refused where it waits for no look.

        What is sealed on a party's file is for those who may open it.
        """
        allowed(HEAR, self._policy, by)

        def job(tx: Transaction) -> Entry:
            entry = _call(tx, contact_id)
            if any(one.paper for one in tx.recordings_of(contact_id)):
                allowed(OpenEvidence.name, self._policy, by)
            return looked(entry.id, by, self._clock, tx)

        return self._record.write_now(job)

    def _one(self, reader: Reader, contact_id: str, by: Actor) -> Message:
        return self._message(reader, _call(reader, contact_id), by)

    def _message(self, reader: Reader, entry: Entry, by: Actor) -> Message:
        since, party = self._clock() - LISTENS_FOR, _party_of(reader, entry)
        found = reader.recordings_of(entry.id)
        file = reader.case_file(party) if party is not None and any(one.paper for one in found) else None
        left = tuple(self._left(reader, one, file, by, since) for one in found)
        opens = self._may(OpenEvidence.name, by)
        sees, may_look = self._may(READ_FILE, by) or opens, opens or not any(one.paper for one in found)
        if party is not None and not sees:
            return Message(entry, _SOMEBODY, None, left, may_look)
        return Message(entry, _who(reader, entry, party), party, left, may_look)

    def _left(self, reader: Reader, one: RecordingEntry, file: CaseFile | None, by: Actor, since: datetime) -> Left:
        if not one.paper:
            here = one.state in _HERE and reader.has_recording(one.sid)
            return Left(one, here=here, open=here and _heard_by(reader, one, by, since))
        if file is None or not self._may(OpenEvidence.name, by):
            return Left(one, here=True)
        sealed = shelf_of(file, self._policy).evidence.get(one.paper)
        return Left(one, sealed, here=sealed is not None, open=sealed is not None and sealed.opened_by(by.name, since))

    def _opened(self, contact_id: str, one: RecordingEntry, by: Actor, reason: str, warned: bool) -> Heard:
        party = self._record.read_now(lambda reader: _holder(reader, contact_id))
        opened = self._evidence.open(party, one.paper, by, reason=reason, warned=warned)
        return Heard(replace(one, media_type=opened.sealed.media_type), opened.content, opened.sealed.file_name())

    def _may(self, right: str, by: Actor) -> bool:
        roles = self._policy.may(right)
        return not roles or bool(by.any_of(roles))


def _call(reader: Reader, contact_id: str) -> Entry:
    entry = reader.contact(contact_id)
    if (
        entry is None
        or entry.channel is not Channel.CALL
        or not (entry.state is State.VOICEMAIL or reader.recordings_of(contact_id))
    ):
        raise Refused("No message was left in this call.")
    return entry


def _of(reader: Reader, contact_id: str, recording: str) -> tuple[RecordingEntry, ...]:
    found = tuple(one for one in reader.recordings_of(contact_id) if recording in ("", one.sid))
    if not found:
        raise Refused("No message was left in this call.")
    return found


def _taken(contact_id: str, recording: str, by: Actor, tx: Transaction) -> tuple[Heard, ...]:
    """Give what is kept with the call itself, each with an act that says who heard it."""
    found = [one for one in _of(tx, contact_id, recording) if not one.paper]
    given = [_named(one, content) for one in found if (content := tx.recording_content(one.sid)) is not None]
    if not given:
        why = found[0].detail or "it is still to be fetched from the provider"
        raise Refused(f"The message is not here: {why}.")
    for one in given:
        digest = sha256(one.content).hexdigest()
        tx.act(by.name, HEARD, contact_id, {"recording": one.recording.sid, "digest": digest})
    return tuple(given)


def _heard_by(reader: Reader, one: RecordingEntry, by: Actor, since: datetime) -> bool:
    return any(
        (act.who, act.act, act.detail.get("recording")) == (by.name, HEARD, one.sid) and act.at >= since
        for act in reader.acts_about(one.contact_id)
    )


def _holder(reader: Reader, contact_id: str) -> int:
    """Give the party on whose file a call's message is sealed; a correction may have taken the call off it."""
    entry = reader.contact(contact_id)
    party = _party_of(reader, entry) if entry is not None else None
    if party is None:
        raise Refused(
            "The message was sealed on the file of a party that this call is no longer of.",
            way="Ask a manager to open it there: parley evidence list PARTY.",
        )
    return party


def _party_of(reader: Reader, entry: Entry) -> int | None:
    if entry.party_id is None:
        return None
    return reader.merged_into(entry.party_id) or entry.party_id


def _who(reader: Reader, entry: Entry, party: int | None) -> str:
    """Name who called: the party, else the number, else that there was none."""
    held = reader.party(party) if party is not None else None
    return held.name if held is not None else entry.sender.partition(":")[2] or "no number"


def _named(one: RecordingEntry, content: bytes) -> Heard:
    ending = SOUNDS.get(one.media_type, "bin")
    return Heard(one, content, f"voicemail-{one.contact_id[-8:]}-{one.sid[-6:]}.{ending}")
