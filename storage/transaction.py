"""What can be asked of the record, and what can be done to it: the one list of both.

Belongs here: nothing but the lists; each name is a function of the room that owns it.
"""

from __future__ import annotations

from storage.audit import act, all_acts, verify_acts
from storage.calls import add_call, advance_call, call, settle_call
from storage.contacts import add_contact, contact, find, listed, look, settle
from storage.desk import Desk
from storage.flags import add_flag, all_flags, last_flag, settle_flag
from storage.ledger import claim_job, clear_failure, fail, failure, forget_keys, set_setting, setting
from storage.outbox import claim_letters, enqueue, letter, letters, recover, settle_letter, written_to
from storage.parties import (
    add_identifier,
    add_party,
    all_parties,
    holders,
    lock_party,
    party,
    party_by_name,
    reassign,
)
from storage.queues import due_holds, intended, overdue, queue
from storage.raw import drop_raw, keep_raw, raw
from storage.restrictions import add_adjustment, add_restriction, end_restriction, party_file
from storage.usage import newest, talk_seconds, used


class Reader(Desk):
    """Read the record as it is at one moment; values come out, never rows."""

    __slots__ = ()

    keeps = True

    find = find
    contact = contact
    contacts = listed
    queue = queue
    due_holds = due_holds
    overdue = overdue
    intended = intended
    raw = raw

    holders = holders
    party = party
    party_by_name = party_by_name
    parties = all_parties
    party_file = party_file

    used = used
    newest = newest
    talk_seconds = talk_seconds

    call = call
    letter = letter
    letters = letters
    written_to = written_to
    flags = all_flags
    last_flag = last_flag
    setting = setting
    failure = failure
    acts = all_acts
    verify_acts = verify_acts


class Transaction(Reader):
    """Read and change the record; all of it is kept, or nothing.

    A job may be run twice, the first run undone: it must do nothing but what it does here, and let every fault of
    storage that it meets pass through.
    """

    __slots__ = ()

    keeps = False

    add_contact = add_contact
    settle = settle
    look = look
    keep_raw = keep_raw
    drop_raw = drop_raw

    lock_party = lock_party
    add_party = add_party
    add_identifier = add_identifier
    reassign = reassign
    add_restriction = add_restriction
    end_restriction = end_restriction
    add_adjustment = add_adjustment

    add_call = add_call
    advance_call = advance_call
    settle_call = settle_call
    enqueue = enqueue
    claim_letters = claim_letters
    settle_letter = settle_letter
    recover = recover

    add_flag = add_flag
    settle_flag = settle_flag
    fail = fail
    clear_failure = clear_failure
    set_setting = set_setting
    forget_keys = forget_keys
    claim_job = claim_job
    act = act
