"""What the API answers, as models, so that its schema says it.

Belongs here: shapes; `gateway.casework.outline` fills them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from rules.casework.shelf import RestrictionState, Stage
from rules.clarification import Asked
from rules.contact import Channel, IdentifierKind
from rules.legal_clocks import ClockKind, Stopped
from rules.standing import PartyKind
from rules.waiting_for import Queue, WaitingFor

AMeasure = Annotated[dict[str, Any], Field(description="Its kind and its parameters.")]


class Identifier(BaseModel):
    """Hold how a party is recognised."""

    kind: IdentifierKind
    value: str
    shared: bool
    exception: bool
    how: str
    by: str
    established: datetime | None
    confirmed: datetime | None
    stale: Annotated[bool, Field(description="Nobody confirmed it for a year: numbers are given to others.")]


class Instruction(BaseModel):
    """Say what to do now; `until` is its last day."""

    restriction: str
    measures: list[AMeasure]
    words: list[str]
    until: date


class Warned(BaseModel):
    """Hold a warning."""

    id: str
    text: str
    incidents: list[str]
    by: str
    communicated: date | None
    last_day: date | None
    stands: bool


class Approved(BaseModel):
    """Hold an approval."""

    by: str
    role: str
    at: datetime
    fallback: str
    as_block: bool


class OneRestriction(BaseModel):
    """Hold a restriction with its state; `starts` and `ends` are its first and its last day."""

    id: str
    state: RestrictionState
    measures: list[AMeasure]
    ground: str
    reason: str
    starts: date
    ends: date
    review: date | None
    no_review: str
    drafted_by: str
    proposed_by: str
    owner: str
    incidents: list[str]
    exception: str
    approval: Approved | None
    declined: str
    told: datetime | None
    no_notice: str
    notice_came_back: bool
    lifted: datetime | None
    changes_untold: list[str]
    imported: bool


class OneAdjustment(BaseModel):
    """Hold an adjustment."""

    id: str
    need: str
    open: list[Channel]
    forms: list[str]
    detail: str
    agreed: datetime | None
    ends: date | None
    stands: bool


class OneAppeal(BaseModel):
    """Hold an appeal; `decided` is empty while it is open."""

    id: str
    restriction: str
    grounds: str
    received: date
    decided: str


class Waits(BaseModel):
    """Hold what somebody has still to do."""

    what: WaitingFor
    about: str
    due: datetime
    owner: str
    overdue: bool


class TheFigure(BaseModel):
    """Hold how much waits and is overdue; `oldest_due` is when the first that is overdue was due."""

    waiting: int
    overdue: int
    oldest_due: datetime | None
    overdue_by_queue: dict[Queue, int]
    overdue_by_kind: dict[WaitingFor, int]
    overdue_by_owner: dict[str, int]


class OnePaper(BaseModel):
    """Hold a paper: who did what, when, in which role."""

    id: str
    at: datetime
    by: str
    role: str
    act: str
    data: dict[str, Any]


class AQuestion(BaseModel):
    """Hold what we asked back, with the answer; its fields are null or empty while there is none."""

    asked_for: Asked
    asked: date
    asked_by: str
    words: str
    answered: date | None
    answered_by: str
    answer: str


class AClock(BaseModel):
    """Hold one clock; days are the office's. `started_by` is null where words were met."""

    contact: str
    kind: ClockKind
    received: date
    last_day: Annotated[date | None, Field(description="Null while it rests.")]
    counted_from: Annotated[date, Field(description="The day of receipt, or of an answer that began its time anew.")]
    days_waited: Annotated[int, Field(description="Days that do not count, as we waited for answers.")]
    rests: Annotated[bool, Field(description="We wait for an answer to the last question.")]
    started_by: str | None
    why: str
    extended: datetime | None
    extended_by: str
    extended_why: str
    stopped: Stopped | None
    stopped_at: datetime | None
    stopped_by: str
    how: str
    questions: list[AQuestion]


class ClockOnFile(AClock):
    """Hold one clock of a party's contacts."""

    overdue: bool


class Received(BaseModel):
    """Hold what came of a party in the last 30 days, by every channel."""

    attempts: int
    words: int
    pages: Annotated[int, Field(description="Of letters as logged, and of what is attached to mail.")]
    files_not_counted: Annotated[int, Field(description="Attached files whose pages nobody counted, or could.")]


class History(BaseModel):
    """Hold what only those see who need it (SPSO-68)."""

    warnings: list[Warned]
    restrictions: list[OneRestriction]
    adjustments: list[OneAdjustment]
    appeals: list[OneAppeal]
    waiting: list[Waits]
    legal_clocks: list[ClockOnFile]
    papers: list[OnePaper]
    received: Received | None


class Brief(BaseModel):
    """Hold who a party is and what to do now."""

    id: int
    name: str
    kind: PartyKind
    version: Annotated[int, Field(description="Goes up with every change; send it back when you act on what you read.")]
    stage: Stage
    identifiers: list[Identifier]
    instructions: list[Instruction]
    open_channels: Annotated[
        list[Channel], Field(description="Adjustments: these reach a person, whatever else stands.")
    ]
    forms: Annotated[list[str], Field(description="Adjustments: forms of what we write and say.")]


class File(Brief):
    """Hold a party's file; `history` is null for who may see the instruction only."""

    history: History | None


class NotShown(BaseModel):
    """Hold a party whose file cannot be read: our own fault, which we have to mend."""

    id: int
    name: str
    why: str
    paper: Annotated[str, Field(description="The paper that cannot be read; empty where they contradict.")]


class Page(BaseModel):
    """Hold a page of parties; ask for those `after` the last one to get more."""

    parties: list[Brief]
    unreadable: Annotated[list[NotShown], Field(description="Parties of this page whose file cannot be read.")]
    more_after: Annotated[int | None, Field(description="Ask with this as `after`; null where that was all.")]


class TurnedAway(BaseModel):
    """Hold one contact of the wrong person that was refused, returned or heard the recorded message."""

    id: str
    at: datetime
    channel: str
    state: str


class WasCorrected(BaseModel):
    """Hold what came of a correction: whoever writes the apology adds what was turned away."""

    paper: str
    released: list[str]
    on_their_way: Annotated[list[str], Field(description="Due: the clock brings them to their inbox.")]
    turned_away: Annotated[list[TurnedAway], Field(description="What cannot be undone.")]
    flags_dismissed: int
    apology: Annotated[str, Field(description="A draft for a person to read; it was not sent.")]
    assess_by: datetime


class Did(BaseModel):
    """Hold what was done, and the file as it is now."""

    paper: OnePaper
    party: File
    corrected: Annotated[WasCorrected | None, Field(description="What came of `correct`; null for other acts.")] = None


class OneAct(BaseModel):
    """Hold an act of the catalogue: when to use it, who may, the clause, the schema of its fields."""

    name: str
    words: str
    roles: Annotated[list[str], Field(description="Who may; everybody where this is empty.")]
    clause: str
    fields: dict[str, Any]


class ThePolicy(BaseModel):
    """Hold the office's policy, as casework asks it."""

    name: str
    title: str
    zone: str
    roles: dict[str, str]
    grounds: dict[str, str]
    no_warning_grounds: list[str]
    measures: list[str]
    rights: Annotated[dict[str, list[str]], Field(description="Acts that not everybody may do, with the roles.")]
    durations: Annotated[dict[str, Any], Field(description="In months and working days; how restrictions count.")]
    evidence: Annotated[dict[str, Any], Field(description="Whether a restriction needs it; the largest piece in MB.")]
    four_eyes: bool
    appeal: Annotated[dict[str, Any] | None, Field(description="Null where decisions are final.")]
    review: dict[str, Any]
    clauses: dict[str, str]


class TheExport(BaseModel):
    """Hold a file that `parley import` takes, and sentences on what it cannot say as the record does."""

    text: str
    notes: list[str]
    parties: int
    restrictions: int
    adjustments: int


class Audit(BaseModel):
    """Say whether what people did is as it was written."""

    sound: bool
    length: Annotated[int, Field(description="How many acts are sound, from the first on.")]
    head: Annotated[str, Field(description="The hash of the last of them; kept elsewhere, it anchors the chain.")]
    broken_at: Annotated[int | None, Field(description="The first act that is not as it was written.")]
    papers_wrong: Annotated[list[str], Field(description="Papers that are changed, missing or added.")]
    papers_removed: Annotated[int, Field(description="Of how many papers retention deleted the contents.")]
    differences: Annotated[
        list[str],
        Field(description="A sentence for each row that is enforced or kept otherwise than papers and acts say."),
    ]
    unvouched: Annotated[
        dict[str, int], Field(description="How many rows could be compared with nothing, by what they are.")
    ]


class Health(BaseModel):
    """Say that the record can be read."""

    record: str
