"""The steps of a notice on record: found, in the state that a step asks for, moved on by one of several at once.

Belongs here: what drafting, sending and following notices share; and the act by which the party counts as told.
"""

from __future__ import annotations

from gateway.casework.desk import NoSuchParty, Stale, file_of
from rules.casework.acts.act import Act
from rules.casework.acts.communicate_warning import CommunicateWarning
from rules.casework.acts.send_notice import SendNotice
from rules.casework.file import CaseFile
from rules.casework.notices import ARRANGEMENTS, NoticeOnFile, NoticeState
from rules.casework.refused import Refused
from storage.notices import Printed
from storage.transaction import Reader, Transaction

UNSENT = (NoticeState.DRAFTED, NoticeState.READ)
LOST = (NoticeState.FAILED, NoticeState.UNCLEAR, NoticeState.CAME_BACK)
CHANGED = "What this notice tells of has changed since it was drafted. Draft it again, and read it again."
_LONGEST = 400


class NoSuchNotice(NoSuchParty):
    """Say that there is no notice of this id."""


def telling(notice: NoticeOnFile, how: str, *, to: str = "") -> Act:
    """Give the act by which the party counts as told of what this notice is about; `to` is where its mail went."""
    digest, read_by, page = notice.digest, notice.read_by, notice.page
    if notice.act == CommunicateWarning.name:
        return CommunicateWarning(warning=notice.about, how=how, digest=digest, read_by=read_by, to=to, page=page)
    return SendNotice(about=notice.about, how=how, digest=digest, read_by=read_by, to=to, page=page)


def right_to_tell() -> Act:
    """Give the act whose right opens all that is done with notices."""
    return SendNotice(about=ARRANGEMENTS)


def on_record(reader: Reader, number: str) -> NoticeOnFile:
    """Give a notice; raises NoSuchNotice."""
    found = reader.notice(number)
    if found is None:
        raise NoSuchNotice("There is no such notice.")
    return found


def with_file(reader: Reader, number: str) -> tuple[NoticeOnFile, CaseFile, tuple[Printed, ...]]:
    """Give a notice with the file of the party that it is to, the survivor's after a merge, and its PDFs."""
    found = on_record(reader, number)
    return found, file_of(reader.merged_into(found.party) or found.party, reader), reader.printed(number)


def in_state(found: NoticeOnFile, *states: NoticeState) -> None:
    """Raise Refused for a notice in another state than these."""
    if found.state not in states:
        wanted = " or ".join(one.value.replace("_", " ") for one in states)
        raise Refused(f"This notice is {found.state.value.replace('_', ' ')}; this is done to one that is {wanted}.")


def move(tx: Transaction, found: NoticeOnFile, moved: NoticeOnFile, *states: NoticeState) -> None:
    """Move a notice on; raises Refused in a wrong state, Stale where somebody else was faster."""
    in_state(found, *states)
    if not tx.move_notice(found.state, moved):
        raise Stale("Somebody else has moved this notice on since you looked at it.")


def same(tx: Transaction, file: CaseFile) -> None:
    """Raise Stale where the file has changed between two moments of one command."""
    if file_of(file.party.id, tx).version != file.version:
        raise Stale(CHANGED)


def short(text: str) -> str:
    """Give what somebody said in a few words; raises Refused for many."""
    if len(text) > _LONGEST:
        raise Refused(f"Say it in {_LONGEST} characters at most.")
    return text.strip()
