"""One office's rules as data: grounds, clauses, approvals, callers, thresholds, look-by times, words.

Belongs here: the policy as a frozen value and its reading from plain data; who opens the file is `gateway`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rules import identity
from rules.contact import Channel
from rules.sentences import sentences
from rules.windows import Mode, Per, Window


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def zone(name: Any) -> ZoneInfo:  # noqa: ANN401  # whatever a file holds
    """Give a time zone by its name; raises ValueError with a sentence."""
    if isinstance(name, ZoneInfo):
        return name
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        raise ValueError(f"{name!r} is not a time zone; write it as Europe/London") from None


def _way_in(text: str) -> str:
    if "@" in text and identity.email(text):
        return text.strip().lower()
    number = identity.phone(text)
    if number is None:
        raise ValueError(f"{text!r} is neither a mail address nor a phone number")
    return number.value


Zone = Annotated[ZoneInfo, BeforeValidator(zone)]
WayIn = Annotated[str, AfterValidator(_way_in)]


class Threshold(_Part):
    """Hold a level that the policy calls unacceptable: contacts or minutes of talk (PHSO-25, HO-2, SPSO-51)."""

    channels: frozenset[Channel] = frozenset({Channel.CALL})
    count: Annotated[int, Field(ge=2, le=10_000)] | None = None
    talk_minutes: Annotated[int, Field(ge=1, le=10_000)] | None = None
    per: Per
    window: Mode = Mode.ROLLING

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.count is None) == (self.talk_minutes is None):
            raise ValueError("a threshold has either a count or talk_minutes")
        if not self.channels:
            raise ValueError("name at least one channel")
        if self.talk_minutes is not None and self.channels != {Channel.CALL}:
            raise ValueError("talk_minutes are counted on calls alone; leave channels out")
        return self

    @property
    def name(self) -> str:
        """Name the threshold for the record: stable as long as its numbers are."""
        what = f"{self.count}" if self.count is not None else f"{self.talk_minutes}min"
        return f"{'+'.join(sorted(self.channels))}:{what}/{self.per.value}/{self.window.value}"

    @property
    def span(self) -> Window:
        """Give its window."""
        return Window(self.per, self.window)


class Callers(_Part):
    """Say what happens to calls without a number; they are never refused and never matched to a party (THREATS T5)."""

    withheld: Literal["connect", "voicemail"] = "connect"
    unavailable: Literal["connect", "voicemail"] = "connect"


class Approval(_Part):
    """Say whose approval a total block, or any restriction, needs (PHSO-18, PHSO-19); empty: anyone named."""

    total_block: tuple[str, ...] = ()


class Texts(_Part):
    """Hold the office's approved wording; `{office}` stands for its name."""

    refusal: Annotated[str, Field(max_length=400)] = "This message was not accepted. You can write to us by post."
    automated_line: Annotated[str, Field(max_length=2000)] = (
        "Thank you for calling {office}. You can write to us by post."
    )
    voicemail: Annotated[str, Field(max_length=2000)] = "Please leave a message after the tone."
    note_subject: Annotated[str, Field(max_length=120)] = "About your message to {office}"
    ending: Annotated[str, Field(max_length=2000)] = "If you are in danger, call 999."


class _File(_Part):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    title: str = ""
    zone: Zone = ZoneInfo("Europe/London")
    least_call_s: Annotated[int, Field(ge=1, le=3600)] = 60
    counted_call_s: Annotated[int, Field(ge=0, le=3600)] = 30
    region: Literal["england_and_wales", "scotland", "northern_ireland"] = "england_and_wales"
    look_by_working_days: Annotated[int, Field(ge=1, le=20)] = 2
    review_unknown_days: Annotated[int, Field(ge=1, le=90)] = 28
    answer_claimed: bool = True
    always_open: tuple[WayIn, ...] = ()
    grounds: dict[str, str]
    clauses: dict[str, str]
    approval: Approval = Approval()
    callers: Callers = Callers()
    thresholds: tuple[Threshold, ...] = ()
    texts: Texts = Texts()


@dataclass(frozen=True)
class Policy:
    """Hold one office's rules; times of day are in `zone`, `least_call_s` and `counted_call_s` in seconds."""

    name: str
    title: str
    zone: ZoneInfo
    least_call_s: int
    counted_call_s: int
    region: str
    look_by_working_days: int
    review_unknown: timedelta
    answer_claimed: bool
    always_open: frozenset[str]
    grounds: Mapping[str, str]
    clauses: Mapping[str, str]
    approval: Approval
    callers: Callers
    thresholds: tuple[Threshold, ...]
    texts: Texts

    def with_changes(self, **changes: Any) -> Policy:  # noqa: ANN401  # fields of this class
        """Give the policy with some of its fields changed by the installation's settings."""
        return replace(self, **changes)

    @cached_property
    def counted_by_channels(self) -> Mapping[frozenset[Channel], tuple[Threshold, ...]]:
        """Give the thresholds on a count of contacts, by the channels that they count over."""
        counted = [threshold for threshold in self.thresholds if threshold.count is not None]
        sets = dict.fromkeys(threshold.channels for threshold in counted)
        return {channels: tuple(one for one in counted if one.channels == channels) for channels in sets}

    def clause(self, kind: str) -> str:
        """Name the clause that a measure of this kind rests on; empty where the policy names none."""
        return self.clauses.get(kind, "")


def parse(data: Mapping[str, object]) -> Policy:
    """Read a policy from plain data; raises ValueError with a sentence for a person."""
    with sentences():
        file = _File.model_validate(data)
    return Policy(
        name=file.name,
        title=file.title or file.name,
        zone=file.zone,
        least_call_s=file.least_call_s,
        counted_call_s=file.counted_call_s,
        region=file.region,
        look_by_working_days=file.look_by_working_days,
        review_unknown=timedelta(days=file.review_unknown_days),
        answer_claimed=file.answer_claimed,
        always_open=frozenset(file.always_open),
        grounds=file.grounds,
        clauses=file.clauses,
        approval=file.approval,
        callers=file.callers,
        thresholds=file.thresholds,
        texts=file.texts,
    )
