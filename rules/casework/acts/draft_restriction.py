"""Draft a restriction: everything that a decision on it needs, before anybody decides (PHSO-8, SPSO-22, MP-8)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Measures, Text, Words
from rules.casework.acts.note_incident import known_incidents
from rules.casework.basis import INTERIM, last_instance
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import RestrictionOnFile, Shelf
from rules.measures import Measure
from rules.policies import Policy
from rules.windows import end_of, local_midnight, months_after


class DraftRestriction(Act):
    """Hold the measures with their ground, reason, evidence, owner, dates and review."""

    name: ClassVar[str] = "draft_restriction"
    staff_words: ClassVar[str] = (
        "Write what is to be restricted, on what ground and why. Nothing is in force until it is proposed, approved "
        "where the policy asks for that, and the person was told."
    )

    measures: Annotated[Measures, Field(description="What is to be done, from the catalogue of measures.")]
    ground: Annotated[Text, Field(description="A ground of the policy.")]
    reason: Annotated[Text, Field(description="Why, as the person will be told.")]
    incidents: Annotated[tuple[Id, ...], Field(description="The incidents that it rests on.")] = ()
    starts: Annotated[date | None, Field(description="Its first day; today unless given.")] = None
    ends: Annotated[date | None, Field(description="Its last day; what the policy says unless given.")] = None
    review: Annotated[date | None, Field(description="The day of its review; what the policy says unless given.")] = (
        None
    )
    no_review: Annotated[Words, Field(description="Why it is not reviewed, where it is not.")] = ""
    owner: Annotated[Words, Field(description="Who is responsible for it; you unless given.")] = ""
    adjustments_considered: Annotated[
        Text, Field(description="What was asked about adjustments and what was answered (Equality Act 2010).")
    ]
    police: Annotated[
        Words, Field(description="For zero tolerance: whether the police were told, and by whose decision.")
    ] = ""
    not_recognised: Annotated[
        bool, Field(description="Say yes where nothing on the file recognises this party by itself.")
    ] = False

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with its dates; refused for what the policy has no room for."""
        allowed_measures(self.measures, policy)
        _grounded(self, file, policy)
        _recognised(self, file)
        dates = span(self.starts, self.ends, last_instance(file, self.incidents), policy, now)
        update: dict[str, object] = {"starts": dates[0], "ends": dates[1], "owner": self.owner or by.name}
        update |= reviewed(self.review, self.no_review, dates, policy)
        return self.model_copy(update=update)

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """A draft is on the file."""
        assert self.starts is not None  # judge fills both
        assert self.ends is not None
        shelf.restrictions[paper.id] = RestrictionOnFile(
            id=paper.id,
            measures=self.measures,
            ground=self.ground,
            reason=self.reason,
            starts=local_midnight(self.starts, shelf.zone),
            ends=end_of(self.ends, shelf.zone),
            drafted_by=paper.by,
            owner=self.owner,
            incidents=self.incidents,
            review_at=local_midnight(self.review, shelf.zone) if self.review else None,
            no_review=self.no_review,
            decided_by=frozenset({paper.by}),
        )


def allowed_measures(measures: tuple[Measure, ...], policy: Policy) -> None:
    """Raise Refused for a measure that the policy does not have."""
    for each in measures:
        if each.kind == INTERIM:
            raise Refused(
                "Interim protection is not drafted; any colleague applies it at once.",
                clause=policy.clause(INTERIM),
                way="Use protect_interim.",
            )
        if each.kind not in policy.measures:
            raise Refused(
                f"This policy has no {each.kind}.",
                clause=policy.clause(each.kind),
                way=f"Its measures are {', '.join(sorted(policy.measures))}.",
            )


def span(
    starts: date | None, ends: date | None, instance: date | None, policy: Policy, now: datetime
) -> tuple[date, date]:
    """Give first and last day of a restriction; `instance` is the day of the last incident that it rests on.

    Months run from that day where the policy counts from it (PHSO-16), else from the first day. Raises Refused for what
    the calendar or the policy has no room for.
    """
    today = now.astimezone(policy.zone).date()
    first = starts or today
    if first < today:
        raise Refused(f"{first} is past.", way="A restriction starts today or later.")
    counted = policy.durations.counted_from == "last_instance" and instance is not None
    since = instance if counted and instance is not None else first
    after = " from the last instance" if counted else ""
    lasts, longest = policy.durations.restriction_months, policy.durations.longest_months
    try:
        last = ends or months_after(since, lasts)
        most = months_after(since, longest) if longest is not None else last
        end_of(last, policy.zone)
    except (ValueError, OverflowError):
        raise Refused("These dates are beyond the calendar.") from None
    if last < first:
        raise _over_before(first, last, lasts if counted and ends is None else 0, policy)
    if last > most:
        raise Refused(
            f"This policy has no restriction of more than {longest} months{after}.",
            clause=policy.clause("durations"),
            way=f"End it on {most} at the latest; it can be extended when there is a new instance.",
        )
    return first, last


def _over_before(first: date, last: date, months: int, policy: Policy) -> Refused:
    if not months:
        return Refused(f"It would end on {last}, before it starts on {first}.")
    return Refused(
        f"It would end on {last}, {months} months from the last instance that it names, and starts on {first}.",
        clause=policy.clause("durations"),
        way="Name what has happened since; where nothing has, nothing is to be restricted.",
    )


def reviewed(review: date | None, no_review: str, dates: tuple[date, date], policy: Policy) -> dict[str, object]:
    """Give the day of the review, or why there is none (SPSO-23); raises Refused for a review outside the dates."""
    if review is not None:
        if not dates[0] <= review <= dates[1]:
            raise Refused(f"A review on {review} is not between {dates[0]} and {dates[1]}.")
        return {"review": review, "no_review": ""}
    if no_review:
        return {"review": None, "no_review": no_review}
    if policy.review.every_months is None:
        return {"review": None, "no_review": policy.review.why_none}
    return {"review": min(months_after(dates[0], policy.review.every_months), dates[1]), "no_review": ""}


def _grounded(draft: DraftRestriction, file: CaseFile, policy: Policy) -> None:
    known_incidents(file, draft.incidents)
    if draft.ground not in policy.grounds:
        raise Refused(
            f"{draft.ground!r} is no ground of this policy.", way=f"Its grounds are {', '.join(policy.grounds)}."
        )
    if policy.evidence.required and not draft.incidents:
        raise Refused(
            "A restriction rests on evidence; this one names no incident.",
            clause=policy.clause("evidence"),
            way="Note the incident first, then name it here.",
        )
    if draft.ground in policy.no_warning_grounds and not draft.police:
        raise Refused(
            "Zero tolerance asks whether the police were told, and by whose decision.",
            clause=policy.clause("zero_tolerance"),
            way="Say so in police, also where the decision was not to tell them.",
        )


def _recognised(draft: DraftRestriction, file: CaseFile) -> None:
    own = [mark for mark in file.marks if not mark.shared and not mark.exception]
    if not own and not draft.not_recognised:
        what = "only identifiers that others share" if file.marks else "no address and no number"
        raise Refused(
            f"This party has {what}, so nothing would be recognised as theirs.",
            way="Add an identifier, or say not_recognised.",
        )
