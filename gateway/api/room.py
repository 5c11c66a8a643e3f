"""What every route is given: the use cases, the policy, the time. Belongs here: nothing that one route alone needs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from gateway.brief import Briefing
from gateway.casework.desk import Casework
from gateway.casework.evidence import EvidenceRoom
from gateway.casework.highlighting import Highlights
from gateway.casework.notices import Notices
from gateway.casework.outline import outline
from gateway.casework.overview import FilesRead
from gateway.casework.register import Register
from gateway.clock import Clock
from gateway.config import Settings
from gateway.hand_log import HandLog
from gateway.legal_clocks import clocks_of
from gateway.looks import Looks
from gateway.party_levels import received
from gateway.tokens import Tokens
from gateway.voicemail import Voicemail
from gateway.wrong_tokens import WrongTokens
from rules.casework.actor import Actor
from rules.casework.file import CaseFile
from rules.casework.shelf import shelf_of
from rules.policies import Policy
from storage.record import Record

T = TypeVar("T")
_THREADS = 4


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, "api")


@dataclass(frozen=True, slots=True)
class Room:
    """Hold what the routes of one installation's API need."""

    record: Record
    settings: Settings
    casework: Casework
    register: Register
    tokens: Tokens
    notices: Notices
    evidence: EvidenceRoom
    highlights: Highlights
    briefing: Briefing
    hand_log: HandLog
    voicemail: Voicemail
    looks: Looks
    wrong: WrongTokens
    clock: Clock
    threads: ThreadPoolExecutor = field(default_factory=_threads)
    files: FilesRead = field(default_factory=FilesRead)

    @property
    def policy(self) -> Policy:
        """The office's policy."""
        return self.settings.policy

    @property
    def folder(self) -> Path:
        """The folder in which what is on its way in lies."""
        return self.settings.config.state

    async def aside(self, job: Callable[[], T]) -> T:
        """Do a job that waits in a thread of the API's own: none is taken from mail and calls."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, job)

    def outline(self, file: CaseFile, by: Actor) -> dict[str, Any]:
        """Give a file in plain data, as far as `by` may see it."""
        clocks = clocks_of(self.record, file.party.id)
        now = self.clock()
        came = received(self.record, file.party.id, self.policy, now)
        return outline(file, shelf_of(file, self.policy), self.policy, by, now, clocks, came)


def _caller(request: Request) -> Actor:
    actor = request.state.actor
    assert isinstance(actor, Actor)  # the door lets nobody else in
    return actor


Caller = Annotated[Actor, Depends(_caller)]
