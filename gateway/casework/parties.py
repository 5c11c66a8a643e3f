"""Who a party is: identifiers that acts put on a file, take off it, confirm or share, as the record then has them.

Belongs here: what follows on record from such acts, within their transaction; and that nothing is done on a party that
was merged into another.
"""

from __future__ import annotations

from datetime import datetime

from gateway.casework.desk import Done
from rules.casework.acts.act import Act
from rules.casework.acts.add_identifier import AddIdentifier
from rules.casework.acts.confirm_identifier import ConfirmIdentifier
from rules.casework.acts.remove_identifier import RemoveIdentifier
from rules.casework.acts.share_identifier import ShareIdentifier
from rules.casework.file import CaseFile
from rules.casework.identifiers import identifier_of
from rules.casework.refused import Refused
from rules.policies import Policy
from rules.windows import local_midnight
from storage.faults import RecordRefused
from storage.transaction import Transaction

_ANOTHER_WAY = (
    "Where both use it, mark it shared on both (share_identifier); where they are one, merge them; where it is not "
    "the other's, take it off there."
)


def not_merged(tx: Transaction, file: CaseFile, act: Act, now: datetime) -> None:
    """Refuse every act on a party that was merged into another."""
    into = tx.merged_into(file.party.id)
    if into is None:
        return
    survivor = tx.party(into)
    name = survivor.name if survivor is not None else ""
    raise Refused(f"{file.party.name} was merged into {name} (party {into}).", way="Do it there, or split them first.")


class Identifiers:
    """Bring the record's identifiers to what the acts say; contacts, levels and flags follow them."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def __call__(self, tx: Transaction, done: Done) -> None:
        """Do what one act says; raises Refused where the identifier is another party's."""
        party, by = done.file.party.id, done.paper.by
        match done.paper.act:
            case AddIdentifier() as act:
                self._add(tx, party, act, by)
            case RemoveIdentifier() as act:
                tx.remove_identifier(identifier_of(act.identifier), party)
            case ConfirmIdentifier() as act:
                assert act.on is not None  # judge fills it
                day = local_midnight(act.on, self._policy.zone)
                tx.confirm_identifier(identifier_of(act.identifier), party, day)
            case ShareIdentifier() as act:
                self._share(tx, party, act)
            case _:
                return

    def _add(self, tx: Transaction, party: int, act: AddIdentifier, by: str) -> None:
        assert act.confirmed is not None  # judge fills it
        try:
            tx.add_identifier(
                identifier_of(act.identifier),
                party,
                shared=act.shared,
                exception=act.exception,
                how=act.how,
                by=by,
                confirmed_at=local_midnight(act.confirmed, self._policy.zone),
            )
        except RecordRefused as refused:
            raise Refused(f"{refused}.", way=_ANOTHER_WAY) from None
        if act.exception:
            tx.leave_party(identifier_of(act.identifier), party)

    def _share(self, tx: Transaction, party: int, act: ShareIdentifier) -> None:
        try:
            tx.share_identifier(identifier_of(act.identifier), party, shared=act.shared)
        except RecordRefused as refused:
            raise Refused(f"{refused}.", way="Take it off there first, or merge the two.") from None
