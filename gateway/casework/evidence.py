"""Sealing evidence and opening it: act and bytes go into the record together, or neither does (SPSO-66, SPSO-67).

Promises that nobody is given the bytes without a paper that says so, nor before they read the warning, and that what
is given is what was sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from gateway.casework.desk import Casework, Done, file_of
from gateway.casework.outline import READ_FILE
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.acts.open_evidence import OpenEvidence
from rules.casework.acts.seal_evidence import MB, SealEvidence, too_large
from rules.casework.evidence import SealedEvidence
from rules.casework.refused import Refused
from rules.casework.shelf import shelf_of
from rules.policies import Policy
from storage.record import Record
from storage.transaction import Transaction

GIVEN = "evidence given"
BRING = "`parley evidence add`, or POST /api/parties/{party}/evidence"
TAKE = "`parley evidence open`, or POST /api/parties/{party}/evidence/{id}/open"


class EvidenceDamaged(Exception):
    """Say that what is on record is not what was sealed: our own fault, and nobody was given anything."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold what was opened: the paper that says so, what the file says of it, and the bytes.

    A screen shows `sealed.warning()` before it asks for this; bytes are served as a download, never shown in a page.
    """

    done: Done
    sealed: SealedEvidence
    content: bytes


class EvidenceRoom:
    """Seal and open evidence over one desk of casework. Its methods wait; not for event loops."""

    def __init__(self, record: Record, casework: Casework, policy: Policy) -> None:
        self._record = record
        self._casework = casework
        self._policy = policy

    @property
    def most_bytes(self) -> int:
        """Say how large one piece may be; whoever brings a larger one need not be read to its end."""
        return self._policy.evidence.most_mb * MB

    def too_large(self) -> Refused:
        """Say that a piece is too large, as the act would."""
        return too_large(self._policy)

    def admit(self, party: int, by: Actor) -> None:
        """Look, before any byte is read, whether somebody may seal on this file; raises Refused, NoSuchParty."""
        allowed(SealEvidence.name, self._policy, by)
        self._record.read_now(lambda reader: file_of(party, reader))

    def list(self, party: int, by: Actor) -> tuple[SealedEvidence, ...]:
        """List what is sealed on a file, the oldest first; that somebody looked is put on record (THREATS W4).

        Raises NoSuchParty, and Refused to those who do not see what led to a restriction (SPSO-68).
        """
        allowed(READ_FILE, self._policy, by)

        def job(tx: Transaction) -> tuple[SealedEvidence, ...]:
            found = shelf_of(file_of(party, tx), self._policy).evidence
            tx.act(by.name, READ_FILE, f"party:{party}", {"of": "evidence"})
            return tuple(found.values())

        return self._record.write_now(job)

    def sealed(self, party: int, evidence: str, by: Actor) -> SealedEvidence:
        """Say what a piece is, with its warning, to somebody who may open it; raises Refused, NoSuchParty."""
        allowed(OpenEvidence.name, self._policy, by)
        file = self._record.read_now(lambda reader: file_of(party, reader))
        found = shelf_of(file, self._policy).evidence.get(evidence)
        if found is None:
            raise Refused(f"There is no sealed evidence {evidence} on this file.")
        return found

    def seal(
        self,
        party: int,
        content: bytes,
        by: Actor,
        *,
        mark: str,
        description: str,
        incident: str = "",
        media_type: str = "",
        version: int | None = None,
    ) -> Done:
        """Seal bytes under a marked name; raises as `Casework.do` does, ValueError for words that do not fit."""
        act = SealEvidence(
            mark=mark,
            description=description,
            incident=incident,
            media_type=media_type,
            digest=sha256(content).hexdigest(),
            size=len(content),
        )

        def keep(tx: Transaction, done: Done) -> None:
            tx.keep_evidence(done.paper.id, content)

        return self._casework.also(keep).do_now(party, act, by, version=version)

    def open(
        self, party: int, evidence: str, by: Actor, *, reason: str, warned: bool, version: int | None = None
    ) -> Opened:
        """Open one piece, which is put on record; raises as `Casework.do` does, the warning being a refusal.

        EvidenceDamaged where the bytes are not there, or not those that were sealed; then nothing was done.
        """
        act = OpenEvidence(evidence=evidence, reason=reason, warned=warned)
        found: list[bytes] = []

        def take(tx: Transaction, done: Done) -> None:
            # A job may be run twice, the first run undone: only the last one counts.
            sealed = done.shelf.evidence[evidence]
            found[:] = [_whole(sealed, tx.evidence(evidence))]
            tx.act(by.name, GIVEN, done.paper.id, {"evidence": evidence, "digest": sealed.digest})

        done = self._casework.also(take).do_now(party, act, by, version=version)
        return Opened(done, done.shelf.evidence[evidence], found[0])

    def again(self, party: int, evidence: str, by: Actor, *, since: datetime) -> tuple[SealedEvidence, bytes]:
        """Give the bytes once more to whoever opened the piece since then (aware UTC), as a player reads it in parts.

        Raises Refused to all others, NoSuchParty, EvidenceDamaged; nothing is put on record, as the opening is.
        """
        found = self.sealed(party, evidence, by)
        if not found.opened_by(by.name, since):
            raise Refused("Open it first, after its warning; that you did is then on record.")
        return found, _whole(found, self._record.read_now(lambda reader: reader.evidence(evidence)))


def needs_its_bytes(tx: Transaction, done: Done) -> None:
    """Refuse, as an effect of the desk, to seal what nobody brought and to open what nobody is given.

    Both go through the evidence room, whose own effects come first.
    """
    if isinstance(done.paper.act, SealEvidence) and not tx.has_evidence(done.paper.id):
        raise Refused("There is nothing to seal.", way=f"Bring the file itself: {BRING}.")
    if isinstance(done.paper.act, OpenEvidence) and not tx.acts_about(done.paper.id):
        raise Refused("Nobody would be given anything by this.", way=f"Take the file itself: {TAKE}.")


def _whole(sealed: SealedEvidence, content: bytes | None) -> bytes:
    if content is None or sha256(content).hexdigest() != sealed.digest:
        raise EvidenceDamaged(f"The evidence {sealed.id} is not as it was sealed.")
    return content
