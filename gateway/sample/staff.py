"""What the sample office's own people do in its day: note a letter or a visit, put on file that a contract was agreed.

Belongs here: the part of the day that comes by no door. It goes by the rules and the desk that offices use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from gateway.build_desk import casework_of, hand_log_of
from gateway.clock import Clock
from gateway.config import Settings
from gateway.hand_log import Slip
from rules import identity
from rules.casework.actor import Actor
from rules.casework.catalogue import parse
from rules.casework.file import CaseFile
from rules.contact import Channel, Identifier
from storage.record import Record
from storage.transaction import Reader

_REID = Actor("A. Reid", frozenset({"caseworker"}))


@dataclass(frozen=True, slots=True)
class Logged:
    """Hold what a colleague writes down: a letter or a visit of somebody who is known by an address or a number."""

    sender: str
    channel: Channel
    subject: str = ""


@dataclass(frozen=True, slots=True)
class OnFile:
    """Hold an act that a colleague puts on the file of whoever has this address or number.

    `restriction` among the fields is filled in: the day tells of parties with one restriction.
    """

    sender: str
    act: str
    fields: Mapping[str, object] = field(default_factory=dict)


class Staff:
    """Do what the story has the office's people do."""

    def __init__(self, record: Record, settings: Settings, clock: Clock) -> None:
        self._record = record
        self._settings = settings
        self._clock = clock

    def write_down(self, number: int, logged: Logged) -> None:
        """Put a letter or a visit on record with the instruction that the measures give."""
        log = hand_log_of(self._settings, self._record, clock=self._clock)
        log.log(Slip(logged.channel, identifier=logged.sender, note=logged.subject), _REID)

    def put_on_file(self, number: int, paper: OnFile) -> None:
        """Do the act at the office's own desk of casework."""
        file = self._record.read_now(partial(_file, _known(paper.sender)))
        (restriction,) = file.imported
        act = parse(paper.act, {"restriction": restriction.id, **paper.fields})
        casework_of(self._settings, self._record, clock=self._clock).do_now(file.party.id, act, _REID)


def _known(text: str) -> Identifier:
    known = identity.anything(text)
    assert known is not None  # the sample's own files
    return known


def _file(sender: Identifier, reader: Reader) -> CaseFile:
    (holder,) = reader.holders((sender,))
    file = reader.case_file(holder.party_id)
    assert file is not None  # its identifier refers to it
    return file
