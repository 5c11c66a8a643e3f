"""What can be asked of the record, and what can be done to it: the one list of both.

Belongs here: nothing but the lists; each name is a function of the room that owns it.
"""

from __future__ import annotations

from storage.alert_posts import (
    alert_texts_sent,
    claim_post,
    not_mailed_since,
    outlived,
    posts_waiting,
    recover_posts,
    settle_post,
    settle_tellings,
    told_before,
    unsettled_posts,
)
from storage.alerts import (
    acknowledge_alert,
    alert,
    alert_ended,
    alerts_lately,
    all_alerts,
    doubt_telling,
    due_alerts,
    enqueue,
    move_alert,
    raise_alert,
    settle_answered,
    tell,
    tellings,
    untold_alerts,
)
from storage.audit import act, acts_about, acts_named, all_acts, removed_by_retention, verify_acts
from storage.breaches import open_breaches
from storage.call_warnings import claim_warnings, drop_warning, plan_warning, warned
from storage.calls import add_call, advance_call, answer_anew, call, calls_marked, ringing_calls, settle_call
from storage.confidential import (
    add_confidential,
    all_confidential,
    confidential,
    old_confidential,
    remove_confidential,
    verify_confidential,
)
from storage.contacts import add_contact, contact, find, listed, look, restate, settle
from storage.desk import Desk
from storage.due_levels import due_levels, levels_looked_at, lock_levels, mark_levels
from storage.escalations import add_escalation, escalations
from storage.events import (
    add_event,
    claim_event,
    events_in,
    forget_events,
    give_up_strangers,
    retry_event,
    settle_event,
)
from storage.evidence import drop_evidence, evidence, has_evidence, keep_evidence
from storage.facts import facts, keep_facts, speaks_for
from storage.fingerprints import fingerprint, keep_fingerprint, like, prints_of, with_file
from storage.flags import add_flag, all_flags, asleep, flag, last_flag, let_sleep, settle_flag, wake_flag, waking_flags
from storage.hand_log import add_by_hand, by_hand, by_hand_with_key, take_back
from storage.imports import (
    addresses_of_parties,
    all_imports,
    begin_import,
    better_known,
    brought_in,
    end_import,
    first_live_call,
    flagged_by,
    import_broken_off,
    import_named,
    known_by,
    parties_brought,
    parties_repeating_nothing,
    repeats_now,
    take_out,
    undo_import,
    watched_before,
    watched_since,
)
from storage.in_force import concerned, shared_identifiers
from storage.ledger import claim_job, clear_failure, fail, failure, forget_keys, set_setting, setting
from storage.legal_clocks import change_clock, clocks_of, clocks_of_party, legal_clocks, start_clock
from storage.levels import (
    add_places,
    correct_minutes,
    count_pages,
    keep_particulars,
    made_of,
    particulars_on,
    spoken_for,
    tally,
    tally_office,
)
from storage.mailboxes import (
    forget_seen,
    keep_seen,
    lease_mailbox,
    leave_mailbox,
    mailbox_cursor,
    move_cursor,
    seen_in,
)
from storage.merges import (
    aliases,
    gather_strays,
    give_back,
    lock_files,
    merge_parties,
    merged_into,
    moved,
)
from storage.names import parties_named
from storage.notices import add_notice, move_notice, notice, notices_in, notices_of, printed
from storage.outbox import claim_letters, letter, letter_once, letters, recover, recover_left, settle_letter, written_to
from storage.papers import add_paper, case_file, case_files, marks, papers_removed, remove_papers, verify_papers
from storage.parties import (
    add_identifier,
    add_party,
    all_parties,
    confirm_identifier,
    holders,
    lock_party,
    party,
    party_by_name,
    reassign,
    remove_identifier,
    share_identifier,
)
from storage.parties import leave as leave_party
from storage.party_contacts import (
    claim_hold,
    of_sender,
    release_now,
    release_sender_now,
    unclaim_holds,
    unknown_senders,
)
from storage.proofs import count_identifiers, enforced, kept_notices, party_numbers, sealed_contents
from storage.queues import due_holds, in_queue, intended, letters_astray, open_flags, overdue, parties_with_files, queue
from storage.raw import drop_raw, keep_raw, raw
from storage.recordings import (
    add_recording,
    claim_recording,
    has_recording,
    keep_recording,
    move_recording,
    recording,
    recording_content,
    recordings_in,
    recordings_of,
)
from storage.report_rows import files_with, identifiers_of_parties, looks_owed, restricted_contacts
from storage.reports import add_report, follow_report, letter_about, report, reports_on, unfollowed
from storage.restrictions import (
    add_adjustment,
    add_restriction,
    end_imported,
    party_file,
    put_adjustment,
    put_restriction,
)
from storage.retention import (
    close_party,
    empty_notices,
    has_contacts,
    lock_retention,
    mentioned,
    old,
    oldest,
    party_since,
    remove_old,
    remove_parts,
)
from storage.sessions import begin_session, end_session, forget_sessions, see_session, session
from storage.texts import (
    add_text,
    allow_texts,
    lock_texts,
    stop_texts,
    stopped_numbers,
    text,
    text_said,
    text_sent_to,
    texts_sent,
    texts_stopped,
)
from storage.threads import forget_threads, keep_thread, thread_matters
from storage.tokens import add_token, all_tokens, revoke_token, token, use_token
from storage.usage import answers, newest, talk_seconds, used


class Reader(Desk):
    """Read the record as it is at one moment; values come out, never rows."""

    __slots__ = ()

    keeps = True

    find = find
    contact = contact
    contacts = listed
    queue = queue
    in_queue = in_queue
    letters_astray = letters_astray
    open_flags = open_flags
    parties_with_files = parties_with_files
    due_holds = due_holds
    overdue = overdue
    clocks_of = clocks_of
    clocks_of_party = clocks_of_party
    legal_clocks = legal_clocks
    escalations = escalations
    intended = intended
    raw = raw
    by_hand = by_hand
    by_hand_with_key = by_hand_with_key
    thread_matters = thread_matters
    fingerprint = fingerprint
    like = like
    with_file = with_file
    prints_of = prints_of
    imports = all_imports
    addresses_of_parties = addresses_of_parties
    import_named = import_named
    known_by = known_by
    flagged_by = flagged_by
    import_broken_off = import_broken_off
    brought_in = brought_in
    parties_brought = parties_brought
    parties_repeating_nothing = parties_repeating_nothing
    watched_before = watched_before
    watched_since = watched_since
    first_live_call = first_live_call
    files_with = files_with
    identifiers_of_parties = identifiers_of_parties
    restricted_contacts = restricted_contacts
    looks_owed = looks_owed
    report = report
    reports_on = reports_on
    letter_about = letter_about
    letter_once = letter_once
    unfollowed = unfollowed

    holders = holders
    party = party
    party_by_name = party_by_name
    parties = all_parties
    parties_named = parties_named
    party_file = party_file
    facts = facts
    concerned = concerned
    shared_identifiers = shared_identifiers
    speaks_for = speaks_for
    case_file = case_file
    case_files = case_files
    evidence = evidence
    has_evidence = has_evidence
    confidential = confidential
    all_confidential = all_confidential
    marks = marks
    merged_into = merged_into
    aliases = aliases
    moved = moved
    of_sender = of_sender
    unknown_senders = unknown_senders
    open_breaches = open_breaches
    events_in = events_in

    notice = notice
    notices_of = notices_of
    notices_in = notices_in
    printed = printed

    used = used
    newest = newest
    answers = answers
    talk_seconds = talk_seconds
    particulars = particulars_on
    tally = tally
    made_of = made_of
    tally_office = tally_office
    spoken_for = spoken_for

    call = call
    warned = warned
    ringing_calls = ringing_calls
    calls_marked = calls_marked
    text = text
    text_said = text_said
    text_sent_to = text_sent_to
    texts_sent = texts_sent
    texts_stopped = texts_stopped
    stopped_numbers = stopped_numbers
    recording = recording
    recordings_of = recordings_of
    recordings_in = recordings_in
    recording_content = recording_content
    has_recording = has_recording
    letter = letter
    letters = letters
    written_to = written_to
    alert = alert
    alerts = all_alerts
    alert_ended = alert_ended
    alerts_lately = alerts_lately
    alert_tellings = tellings
    alert_texts_sent = alert_texts_sent
    posts_waiting = posts_waiting
    told_before = told_before
    not_mailed_since = not_mailed_since
    outlived = outlived
    flag = flag
    flags = all_flags
    last_flag = last_flag
    asleep = asleep
    waking_flags = waking_flags
    due_levels = due_levels
    mailbox_cursor = mailbox_cursor
    seen_in = seen_in
    setting = setting
    failure = failure
    token = token
    tokens = all_tokens
    session = session
    acts = all_acts
    acts_about = acts_about
    acts_named = acts_named
    verify_acts = verify_acts
    verify_papers = verify_papers
    papers_removed = papers_removed
    verify_confidential = verify_confidential
    party_numbers = party_numbers
    enforced = enforced
    count_identifiers = count_identifiers
    sealed_contents = sealed_contents
    kept_notices = kept_notices
    removed_by_retention = removed_by_retention
    party_since = party_since
    has_contacts = has_contacts
    mentioned = mentioned
    old = old
    oldest = oldest
    old_confidential = old_confidential


class Transaction(Reader):
    """Read and change the record; all of it is kept, or nothing.

    A job may be run twice, the first run undone: it must do nothing but what it does here, and let every fault of
    storage that it meets pass through.
    """

    __slots__ = ()

    keeps = False

    add_contact = add_contact
    settle = settle
    restate = restate
    look = look
    keep_raw = keep_raw
    drop_raw = drop_raw
    add_by_hand = add_by_hand
    take_back = take_back
    keep_thread = keep_thread
    keep_fingerprint = keep_fingerprint
    keep_particulars = keep_particulars
    add_places = add_places
    correct_minutes = correct_minutes
    count_pages = count_pages
    begin_import = begin_import
    end_import = end_import
    undo_import = undo_import
    better_known = better_known
    repeats_now = repeats_now
    take_out = take_out
    add_report = add_report
    follow_report = follow_report
    forget_threads = forget_threads

    lock_party = lock_party
    add_party = add_party
    add_identifier = add_identifier
    reassign = reassign
    remove_identifier = remove_identifier
    confirm_identifier = confirm_identifier
    share_identifier = share_identifier
    merge_parties = merge_parties
    give_back = give_back
    gather_strays = gather_strays
    lock_files = lock_files
    leave_party = leave_party
    release_now = release_now
    release_sender_now = release_sender_now
    claim_hold = claim_hold
    unclaim_holds = unclaim_holds
    add_restriction = add_restriction
    put_restriction = put_restriction
    add_adjustment = add_adjustment
    put_adjustment = put_adjustment
    end_imported = end_imported
    add_paper = add_paper
    keep_facts = keep_facts
    keep_evidence = keep_evidence
    drop_evidence = drop_evidence
    add_confidential = add_confidential
    lock_retention = lock_retention
    remove_papers = remove_papers
    remove_parts = remove_parts
    empty_notices = empty_notices
    close_party = close_party
    remove_old = remove_old
    remove_confidential = remove_confidential
    add_notice = add_notice
    move_notice = move_notice
    add_event = add_event
    claim_event = claim_event
    settle_event = settle_event
    give_up_strangers = give_up_strangers
    retry_event = retry_event
    forget_events = forget_events

    add_call = add_call
    answer_anew = answer_anew
    plan_warning = plan_warning
    claim_warnings = claim_warnings
    drop_warning = drop_warning
    advance_call = advance_call
    settle_call = settle_call
    add_text = add_text
    lock_texts = lock_texts
    stop_texts = stop_texts
    allow_texts = allow_texts
    add_recording = add_recording
    claim_recording = claim_recording
    keep_recording = keep_recording
    move_recording = move_recording
    enqueue = enqueue
    raise_alert = raise_alert
    tell = tell
    move_alert = move_alert
    due_alerts = due_alerts
    untold_alerts = untold_alerts
    acknowledge_alert = acknowledge_alert
    settle_answered = settle_answered
    doubt_telling = doubt_telling
    claim_post = claim_post
    settle_post = settle_post
    recover_posts = recover_posts
    unsettled_posts = unsettled_posts
    settle_tellings = settle_tellings
    claim_letters = claim_letters
    settle_letter = settle_letter
    recover = recover
    recover_left = recover_left

    lease_mailbox = lease_mailbox
    leave_mailbox = leave_mailbox
    move_cursor = move_cursor
    keep_seen = keep_seen
    forget_seen = forget_seen

    start_clock = start_clock
    change_clock = change_clock
    add_escalation = add_escalation

    add_flag = add_flag
    settle_flag = settle_flag
    wake_flag = wake_flag
    let_sleep = let_sleep
    mark_levels = mark_levels
    levels_looked_at = levels_looked_at
    lock_levels = lock_levels
    fail = fail
    clear_failure = clear_failure
    set_setting = set_setting
    forget_keys = forget_keys
    claim_job = claim_job
    add_token = add_token
    revoke_token = revoke_token
    use_token = use_token
    begin_session = begin_session
    see_session = see_session
    end_session = end_session
    forget_sessions = forget_sessions
    act = act
