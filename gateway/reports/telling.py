"""How each kind of paper on a file is told to the party that it is about, or on which ground it is not.

Belongs here: one line for each act of the catalogue, in the words of a letter; a test walks the catalogue. A kind that
nobody has sorted is not told, and is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from gateway.reports.leaving_out import Ground
from rules.casework.acts.act import Act
from rules.casework.removed import Removed
from rules.casework.shelf import Shelf
from rules.measures import Measure
from rules.policies import Policy
from rules.workdays import in_words

Told = tuple[str, tuple[str, ...]]
"""What was done, as a heading, and the words that stand beneath it."""


def told(act: Act, role: str, shelf: Shelf, policy: Policy) -> Told | Ground:
    """Say how an act is told, by the file as it is now; `role` is the title of who did it, empty where unknown."""
    if isinstance(act, Removed):
        return Ground.DELETED
    if act.name in NOT_TOLD:
        return NOT_TOLD[act.name]
    hidden = _hidden(act, shelf)
    if hidden is not None:
        return hidden
    tell = TOLD.get(act.name)
    if tell is None:
        return Ground.UNSORTED
    heading, words = tell(act, policy)
    by = f" By the {role}." if role else ""
    return f"{heading}.{by}", tuple(filter(None, words))


def about_restriction(number: str, shelf: Shelf) -> Ground | None:
    """Say why what is about a restriction is not told; None where it is: the party knows of it, or it was not made."""
    one = shelf.restrictions.get(number)
    if one is None:
        return None
    if one.no_notice:
        return Ground.UNTOLD
    return None if one.known or one.declined else Ground.AHEAD


def _hidden(act: Act, shelf: Shelf) -> Ground | None:
    number = str(getattr(act, "restriction", "") or getattr(act, "about", ""))
    appeal = shelf.appeals.get(str(getattr(act, "appeal", "")))
    if appeal is not None:
        number = appeal.restriction
    for restriction in shelf.restrictions.values():
        changes = {each for each, *_ in (*restriction.untold, *restriction.told_changes)}
        if number in changes.union(restriction.given_way):
            number = restriction.id
    letter = shelf.letters.get(number)
    return about_restriction(letter.restriction if letter is not None else number, shelf)


NOT_TOLD: Mapping[str, Ground] = {
    "protect_interim": Ground.UNTOLD,
    "record_no_notice": Ground.UNTOLD,
    "change_draft": Ground.AHEAD,
    "shield": Ground.COLLEAGUES,
    "unshield": Ground.COLLEAGUES,
    "debrief": Ground.COLLEAGUES,
    "outside_contact": Ground.COLLEAGUES,
    "seek_advice": Ground.ADVICE,
    "police": Ground.POLICE,
    "seal_evidence": Ground.SEALED,
    "open_evidence": Ground.SEALED,
    "merge": Ground.OTHERS,
    "split": Ground.OTHERS,
    "correct": Ground.OTHERS,
    "assess_breach": Ground.OTHERS,
    "dismiss_link": Ground.OTHERS,
    "restore_link": Ground.OTHERS,
    "remove_identifier": Ground.OTHERS,
    "share_identifier": Ground.OTHERS,
}


def kinds(measures: tuple[Measure, ...] | None) -> str:
    """Name measures: `block, volume limit`."""
    return ", ".join(each.kind.replace("_", " ") for each in measures or ())


def _labelled(label: str, text: object) -> str:
    if isinstance(text, date):
        text = in_words(text)
    return f"{label}: {text}" if text else ""


def _drafted(act: Any, policy: Policy) -> Told:  # noqa: ANN401  # its line in the table says which act it is
    words = (
        _labelled("What it does", kinds(act.measures)),
        _labelled("Ground", policy.grounds.get(act.ground, act.ground)),
        _labelled("Reason", act.reason),
        _labelled("First day", act.starts),
        _labelled("Last day", act.ends),
        _labelled("Review", act.review or act.no_review),
        _labelled("About adjustments", act.adjustments_considered),
    )
    return "A restriction was drafted", words


def _incident(act: Any, policy: Policy) -> Told:  # noqa: ANN401  # as above
    ground = policy.grounds.get(act.category, act.category)
    return "An incident was noted", (_labelled("Day", act.day), _labelled("What it was called", ground), act.what)


def _plain(heading: str, **fields: str) -> Callable[[Any, Policy], Told]:
    """Tell an act under a heading, with these of its fields under their labels, in order."""

    def tell(act: Any, _: Policy) -> Told:  # noqa: ANN401  # as above
        return heading, tuple(_labelled(label, _said(getattr(act, name))) for name, label in fields.items())

    return tell


def _said(value: object) -> object:
    if value is True:
        return "yes"
    if isinstance(value, tuple | frozenset):
        return ", ".join(sorted(each.kind if isinstance(each, Measure) else str(each) for each in value))
    return value.replace("_", " ") if isinstance(value, str) and value.isidentifier() else value


TOLD: Mapping[str, Callable[[Any, Policy], Told]] = {
    "note_incident": _incident,
    "ask": _plain("You were asked to change something", text="What", adjustments="About adjustments"),
    "warn": _plain("A warning was written", text="Warning", last_day="Last day"),
    "communicate_warning": _plain("You were told of a warning", how="How", last_day="Last day"),
    "draft_restriction": _drafted,
    "propose_restriction": _plain("The restriction was proposed", exception="Why without a warning before it"),
    "approve_restriction": _plain("The restriction was approved", reason="Reason"),
    "decline_restriction": _plain("The restriction was not made", reason="Reason"),
    "send_notice": _plain("You were told in writing", how="How"),
    "notice_came_back": _plain("A letter to you came back"),
    "extend_restriction": _plain("A later end of the restriction was decided", ends="New last day"),
    "review_restriction": _plain(
        "The restriction was reviewed", outcome="Outcome", reason="Reason", measures="What it does", next_review="Next"
    ),
    "lift_restriction": _plain("The restriction was lifted", reason="Reason"),
    "appeal": _plain("You appealed", grounds="What you said", received="Received", late="Taken though late, because"),
    "decide_appeal": _plain("The appeal was decided", outcome="Outcome", reason="Reason", measures="What it does now"),
    "agree_adjustment": _plain(
        "An adjustment was agreed", need="Need", open="Always open to you", forms="Forms", detail="Detail", ends="Until"
    ),
    "decline_adjustment": _plain(
        "An adjustment was declined", need="What was asked for", reason="Reason", instead="Offered instead"
    ),
    "end_adjustment": _plain("An adjustment was ended", route="What takes its place"),
    "request": _plain("We asked you for something", what="What", due="By"),
    "answer_request": _plain("You answered a request of ours", day="Day"),
    "remind_request": _plain("We reminded you of a request", day="Day", how="How"),
    "judge_request": _plain("A request that was not answered was looked at", judgement="Judged as", reason="Reason"),
    "authorise_advocate": _plain("Somebody may speak for you", scope="For", until="Until"),
    "end_authority": _plain("Somebody speaks for you no longer", reason="Reason"),
    "agree_contract": _plain("You agreed to conditions", day="Day"),
    "close_case": _plain("A case was closed", reference="Case", explained="Explained on", how="How"),
    "reopen_case": _plain("A closed case was opened again", reason="What is new"),
    "confirm_identifier": _plain("An address or number of yours was confirmed", identifier="Which"),
    "add_identifier": _plain("An address or number of yours was put on file", identifier="Which"),
    "stop_reading": _plain("A colleague stopped reading a message of yours, and a manager took it over"),
    "end_call": _plain("A colleague ended a call", code="Reason", asked="What you were asked before"),
    "report_concern": _plain("A concern of yours about us was taken", kind="As", what="What you said"),
    "meet": _plain("A meeting", day="Day", place="Place", needs="What you need for it", outcome="What came of it"),
    "platform_action": _plain("An account on a platform was acted on", platform="Platform", action="Action", day="Day"),
    "highlight": _plain("A message went back to you with passages marked", note="Why"),
}
