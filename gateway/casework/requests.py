"""Requests of ours where the record is needed: whether an answer is on record, and whether one may be coming.

Belongs here: the guard that an act names a contact of the party, and the question that reception asks (PHSO-26).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rules.casework.acts.answer_request import AnswerRequest
from rules.casework.acts.highlight import Highlight
from rules.casework.acts.stop_reading import StopReading
from rules.casework.advocates import authorities
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.casework.requests import answers_request
from rules.casework.shelf import shelf_of
from rules.contact import Assurance
from rules.policies import Policy
from storage.entries import Entry
from storage.transaction import Reader, Transaction

_NAMING = (AnswerRequest, Highlight, StopReading)
"""Acts that name a contact and would mean nothing on another party's."""


def names_own_contact(policy: Policy) -> Callable[[Transaction, CaseFile, object, datetime], None]:
    """Give a guard that refuses to name a contact which is not the party's; an answer may be an advocate's too."""

    def guard(tx: Transaction, file: CaseFile, act: object, now: datetime) -> None:
        if not isinstance(act, _NAMING) or not act.contact:
            return
        entry = tx.contact(act.contact)
        if entry is not None and entry.party_id == file.party.id:
            return
        if entry is not None and isinstance(act, AnswerRequest) and _by_advocate(entry, file, policy):
            return
        raise Refused(f"There is no contact {act.contact} of this party on record.")

    return guard


def _by_advocate(entry: Entry, file: CaseFile, policy: Policy) -> bool:
    """Tell whether somebody sent it who spoke for the party then (PHSO-M13); forged mail is nobody's."""
    if entry.assurance is Assurance.FAILED:
        return False
    spoke = authorities(shelf_of(file, policy), entry.at)
    return any(entry.sender == str(identifier) for one in spoke for identifier in one.identifiers)


def expects_answer(reader: Reader, party: int, policy: Policy, now: datetime) -> bool:
    """Tell whether what a party sends at `now` may be an answer to us, and so is never counted (PHSO-26)."""
    file = reader.case_file(party)
    return file is not None and answers_request(shelf_of(file, policy), now)
