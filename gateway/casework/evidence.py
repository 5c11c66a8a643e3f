"""Sealing evidence and opening it: act and bytes go into the record together, or neither does (SPSO-66, SPSO-67).

Promises that nobody is given the bytes without a paper that says so, nor before they read the warning, and that what
is given is what was sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from gateway.casework.desk import Casework, Done
from rules.casework.actor import Actor
from rules.casework.acts.open_evidence import OpenEvidence
from rules.casework.acts.seal_evidence import SealEvidence
from rules.casework.evidence import SealedEvidence
from rules.casework.refused import Refused
from storage.record import Record
from storage.transaction import Transaction


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
    """Seal and open evidence over one desk of casework."""

    def __init__(self, record: Record, casework: Casework) -> None:
        self._record = record
        self._casework = casework

    async def seal(
        self,
        party: int,
        content: bytes,
        by: Actor,
        *,
        mark: str,
        description: str,
        incident: str = "",
        version: int | None = None,
    ) -> Done:
        """Seal bytes under a marked name; raises as `Casework.do` does, ValueError for words that do not fit."""
        act = SealEvidence(
            mark=mark,
            description=description,
            incident=incident,
            digest=sha256(content).hexdigest(),
            size=len(content),
        )

        def keep(tx: Transaction, done: Done) -> None:
            tx.keep_evidence(done.paper.id, content)

        return await self._casework.also(keep).do(party, act, by, version=version)

    async def open(
        self, party: int, evidence: str, by: Actor, *, reason: str, warned: bool, version: int | None = None
    ) -> Opened:
        """Open one piece, which is put on record; raises as `Casework.do` does, the warning being a refusal.

        EvidenceDamaged where the bytes are not there, or not those that were sealed; then nothing was done.
        """
        act = OpenEvidence(evidence=evidence, reason=reason, warned=warned)
        found: list[bytes] = []

        def take(tx: Transaction, done: Done) -> None:
            # A job may be run twice, the first run undone: only the last one counts.
            found[:] = [_whole(done.shelf.evidence[evidence], tx.evidence(evidence))]

        done = await self._casework.also(take).do(party, act, by, version=version)
        return Opened(done, done.shelf.evidence[evidence], found[0])


def needs_its_bytes(tx: Transaction, done: Done) -> None:
    """Refuse, as an effect of the desk, to seal what nobody brought: sealing goes through the evidence room."""
    if isinstance(done.paper.act, SealEvidence) and tx.evidence(done.paper.id) is None:
        raise Refused("There is nothing to seal.", way="Bring the file itself.")


def _whole(sealed: SealedEvidence, content: bytes | None) -> bytes:
    if content is None or sha256(content).hexdigest() != sealed.digest:
        raise EvidenceDamaged(f"The evidence {sealed.id} is not as it was sealed.")
    return content
