"""A policy as its file has it: the schema, and reading one into a `Policy`.

Belongs here: from plain data to the value, or every fault as a sentence; who opens the file is `gateway`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError

from rules.policies.contact_time import OfficeHours, StaffTime
from rules.policies.gates import Gate, GateRow
from rules.policies.overdue import Overdue
from rules.policies.parts import (
    Appeal,
    Approval,
    Callers,
    Durations,
    DutyManager,
    Evidence,
    Guard,
    Imports,
    Part,
    Replies,
    Retention,
    Review,
    WayIn,
    WorkingDays,
    Zone,
)
from rules.policies.phone import Phone
from rules.policies.policy import Policy
from rules.policies.safeguarding import Safeguards
from rules.policies.texting import Texting
from rules.policies.texts import Texts
from rules.policies.thresholds import Threshold
from rules.sentences import each


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", text):
        raise ValueError("write the name in small letters, as head_of_casework; its title is for people")
    return text


Name = Annotated[str, AfterValidator(_name)]
"""What other tables and the record name things by; titles are for people."""
Title = Annotated[str, Field(min_length=1, max_length=200)]


class Exceptions(Part):
    """Say who approves a restriction though no warning stands; nobody named: anyone but who proposed it (PHSO-9)."""

    roles: frozenset[str] = frozenset()
    fallback: frozenset[str] = frozenset()
    clause: str = ""


class PolicyFile(Part):
    """Hold a policy as its file has it; what a file leaves out has its default here."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    title: str = ""
    zone: Zone = ZoneInfo("Europe/London")
    region: Literal["england_and_wales", "scotland", "northern_ireland"] = "england_and_wales"
    least_call_s: Annotated[int, Field(ge=1, le=3600)] = 60
    counted_call_s: Annotated[int, Field(ge=0, le=3600)] = 30
    look_by_working_days: Annotated[int, Field(ge=1, le=20)] = 2
    answer_working_days: WorkingDays = 10
    request_working_days: WorkingDays = 10
    review_unknown_days: Annotated[int, Field(ge=1, le=90)] = 28
    identifier_stale_days: Annotated[int, Field(ge=30, le=3650)] = 365
    flag_sleep_days: Annotated[int, Field(ge=1, le=365)] = 14
    answer_claimed: bool = True
    closed_unread: bool = False
    four_eyes: bool = True
    always_open: tuple[WayIn, ...] = ()
    measures: tuple[str, ...] | None = None
    no_warning_grounds: tuple[str, ...] = ()
    grounds: dict[Name, Title]
    clauses: dict[str, str]
    roles: dict[Name, Title] = Field(default_factory=dict)
    may: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    durations: Durations = Durations()
    gates: tuple[GateRow, ...] = ()
    exceptions: Exceptions = Exceptions()
    appeal: Appeal | None = None
    review: Review = Review(every_months=3)
    evidence: Evidence = Evidence()
    guard: Guard = Guard()
    duty_manager: DutyManager = DutyManager()
    retention: Retention = Retention()
    safeguards: Safeguards = Safeguards()
    replies: Replies = Replies()
    texting: Texting = Texting()
    imports: Imports = Imports()
    overdue: Overdue = Overdue()
    office_hours: OfficeHours = OfficeHours()
    staff_time: StaffTime = StaffTime()
    callers: Callers = Callers()
    phone: Phone = Phone()
    thresholds: tuple[Threshold, ...] = ()
    texts: Texts = Texts()


def faults(data: Mapping[str, object]) -> tuple[str, ...]:
    """Give every fault of a policy as a sentence without its full stop; none where it can be used."""
    read = _read(data)
    return read if isinstance(read, tuple) else ()


def parse(data: Mapping[str, object]) -> Policy:
    """Read a policy from plain data; raises ValueError with a sentence for a person."""
    read = _read(data)
    if isinstance(read, tuple):
        raise ValueError("; ".join(read))
    return _policy(read)


def _read(data: Mapping[str, object]) -> PolicyFile | tuple[str, ...]:
    # Not at the top: contradictions ask the catalogue of measures, which stands upon policies.
    from rules.policies.contradictions import contradictions

    try:
        file = PolicyFile.model_validate(data)
    except ValidationError as refused:
        return tuple(each(refused))
    return tuple(contradictions(file)) or file


def _policy(file: PolicyFile) -> Policy:
    from rules.measures import KINDS

    return Policy(
        name=file.name,
        title=file.title or file.name,
        zone=file.zone,
        least_call_s=file.least_call_s,
        counted_call_s=file.counted_call_s,
        region=file.region,
        look_by_working_days=file.look_by_working_days,
        answer_working_days=file.answer_working_days,
        request_working_days=file.request_working_days,
        review_unknown=timedelta(days=file.review_unknown_days),
        identifier_stale=timedelta(days=file.identifier_stale_days),
        answer_claimed=file.answer_claimed,
        always_open=frozenset(file.always_open),
        grounds=file.grounds,
        clauses=file.clauses,
        approval=_for_imports(file),
        callers=file.callers,
        phone=file.phone,
        thresholds=file.thresholds,
        flag_sleep=timedelta(days=file.flag_sleep_days),
        texts=file.texts,
        roles=file.roles,
        rights=_rights(file),
        measures=frozenset(KINDS if file.measures is None else file.measures),
        durations=file.durations,
        four_eyes=file.four_eyes,
        gates=tuple(_with_blocks(gate, file) for gate in file.gates),
        exceptions=Gate(file.exceptions.roles, file.exceptions.fallback, file.exceptions.clause),
        appeal=file.appeal,
        review=file.review,
        no_warning_grounds=frozenset(file.no_warning_grounds),
        evidence=file.evidence,
        guard=file.guard,
        duty_manager=file.duty_manager,
        closed_unread=file.closed_unread,
        retention=file.retention,
        safeguards=file.safeguards,
        replies=file.replies,
        texting=file.texting,
        office_hours=file.office_hours,
        staff_time=file.staff_time,
        overdue=file.overdue,
    )


def _with_blocks(gate: GateRow, file: PolicyFile) -> GateRow:
    """Put a gate before total blocks also before the measures that need the approval of one (PHSO-18)."""
    from rules.measures import KINDS

    if not gate.total_block:
        return gate
    blocks = {kind for kind, measure in KINDS.items() if measure.needs_block_approval}
    allowed = KINDS if file.measures is None else file.measures
    return gate.model_copy(update={"kinds": gate.kinds | blocks.intersection(allowed)})


def _rights(file: PolicyFile) -> dict[str, frozenset[str]]:
    """Give the acts that not everybody may do; who decides an appeal is said once, in [appeal]."""
    rights = {act: frozenset(roles) for act, roles in file.may.items()}
    return rights | ({"decide_appeal": file.appeal.to} if file.appeal else {})


def _for_imports(file: PolicyFile) -> Approval:
    """Name who may have approved a total block that is brought in: whoever a gate before total blocks asks for."""
    gates = [gate for gate in file.gates if gate.total_block or gate.every]
    if file.imports.any_approver or not gates:
        return Approval()
    roles = sorted(frozenset.intersection(*(gate.approvers for gate in gates)))
    return Approval(total_block=tuple(dict.fromkeys([*(file.roles[role] for role in roles), *roles])))
