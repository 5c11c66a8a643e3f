"""The acts of casework by name, in words, for [may] and [clauses] of a policy. Belongs here: nothing else.

A test compares the names with the catalogue of acts, which policies do not import: they stand beneath it.
"""

from __future__ import annotations

from collections.abc import Mapping

ACTS: Mapping[str, str] = {
    "note_incident": "note an incident",
    "ask": "ask somebody to change what they do",
    "warn": "warn",
    "communicate_warning": "say that a warning was communicated",
    "draft_restriction": "draft a restriction",
    "change_draft": "change a draft",
    "propose_restriction": "propose a restriction",
    "approve_restriction": "approve a restriction",
    "decline_restriction": "decline a restriction",
    "send_notice": "send a notice",
    "notice_came_back": "say that a notice came back",
    "record_no_notice": "put on record why no notice is sent",
    "extend_restriction": "extend a restriction",
    "review_restriction": "review a restriction",
    "lift_restriction": "lift a restriction",
    "appeal": "put an appeal on file",
    "decide_appeal": "decide an appeal",
    "protect_interim": "protect colleagues for the time being",
    "agree_adjustment": "agree an adjustment",
    "decline_adjustment": "decline an adjustment",
    "end_adjustment": "end an adjustment",
    "request": "ask a party for something",
    "answer_request": "put the answer to a request on file",
    "remind_request": "remind a party of a request",
    "judge_request": "judge a request that nobody answered",
    "seal_evidence": "seal evidence",
    "open_evidence": "open sealed evidence",
    "police": "decide whether the police are told",
    "shield": "shield a colleague",
    "unshield": "end the shield of a colleague",
    "authorise_advocate": "let an advocate speak for a party",
    "end_authority": "end an advocate's authority",
    "agree_contract": "put an agreed behaviour contract on file",
    "close_case": "close a case",
    "reopen_case": "open a closed case again",
    "correct": "say that the wrong person was met",
    "merge": "merge two parties",
    "split": "split a party",
    "confirm_identifier": "confirm an identifier",
    "add_identifier": "add an identifier",
    "remove_identifier": "remove an identifier",
    "share_identifier": "mark an identifier as shared",
    "dismiss_link": "dismiss a suggestion that two are one",
    "restore_link": "undo the dismissal of such a suggestion",
    "assess_breach": "assess a data breach",
    "confidential_record": "make or read a confidential record",
    "debrief": "offer a debrief",
    "stop_reading": "stop reading and pass it on",
    "end_call": "end a call",
    "report_concern": "take a concern about the office",
    "meet": "meet a party",
    "platform_action": "put an action on a platform on file",
    "outside_contact": "tell of contact outside the office",
    "seek_advice": "seek advice outside the office",
    "highlight": "mark passages of a message",
    "read_file": "read a party's whole file",
    "add_party": "put a party on record",
    "retention": "delete what is kept no longer",
    "token": "give out or take back a token of the API",
    "export": "take out all parties with their restrictions",
}

OPEN_TO_ALL = ("correct", "note_incident", "protect_interim")
"""What no policy may keep from a colleague: the wrong person waits, or somebody is in danger (PHSO-2, SPSO-59)."""
