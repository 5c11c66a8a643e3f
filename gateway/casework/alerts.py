"""Tells the manager at once of what cannot wait: an incident, interim protection, a proposal, an appeal (PHSO-24).

Belongs here: which acts are told, as an effect within the act's own transaction: one alert for one thing, and none is
lost. An alert names the party and the paper, never what the paper says.
"""

from __future__ import annotations

from gateway.casework.desk import Done
from gateway.letters import Letters
from rules.casework.acts.note_incident import NoteIncident
from rules.casework.acts.propose_restriction import ProposeRestriction
from storage.transaction import Transaction

_TOLD = {
    "note_incident": "An incident was noted",
    "protect_interim": "Interim protection is in force and lapses unless somebody decides",
    "propose_restriction": "A restriction was proposed",
    "appeal": "An appeal came in",
    "correct": "The wrong person was met; a data breach is to be assessed within 72 hours",
    "stop_reading": "A colleague stopped reading a contact and passed it to a manager",
    "report_concern": "Somebody is unhappy with how we behaved; it is to be looked at whatever is restricted",
    "notice_came_back": "A notice came back: the person was not told",
}


class Alerts:
    """Put an alert into the outbox for acts that a manager must hear of."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    def __call__(self, tx: Transaction, done: Done) -> None:
        """Tell of one act, if it is one that is told."""
        what = _TOLD.get(done.paper.act.name)
        if what is not None:
            party, at = done.file.party, done.paper.at
            tx.enqueue(self._letters.alert_paper(done.paper.id, what, party, at, ground=_ground(done)))


def _ground(done: Done) -> str:
    """Give on which ground an act was done; empty where it has none."""
    act = done.paper.act
    if isinstance(act, NoteIncident):
        return act.category
    number = act.restriction if isinstance(act, ProposeRestriction) else done.paper.id
    found = done.shelf.restrictions.get(number)
    return found.ground if found is not None else ""
