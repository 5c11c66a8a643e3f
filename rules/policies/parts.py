"""The parts of a policy as frozen values, each the same in the file and for whoever asks the policy.

Belongs here: parts that need nothing of each other; what contradicts across parts is in `contradictions`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rules import identity
from rules.contact import Caller

Months = Annotated[int, Field(ge=1, le=120)]
WorkingDays = Annotated[int, Field(ge=1, le=60)]
Kept = Annotated[int, Field(ge=3, le=240)]
"""Months for which something stays on record."""


class Part(BaseModel):
    """Refuse keys that nobody reads, and changes."""

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


def _inbox(text: str) -> str:
    if identity.email(text) is None:
        raise ValueError(f"{text!r} is not a mail address")
    return text.strip().lower()


def _phone(text: str) -> str:
    number = identity.phone(text)
    if number is None:
        raise ValueError(f"{text!r} is not a phone number; write it as +441632960001")
    return number.value


def _somebody(roles: frozenset[str]) -> frozenset[str]:
    if not roles:
        raise ValueError("name at least one role")
    return roles


Zone = Annotated[ZoneInfo, BeforeValidator(zone)]
WayIn = Annotated[str, AfterValidator(_way_in)]


WithoutNumber = Literal["connect", "ask", "voicemail"]


class Callers(Part):
    """Say what happens to calls without a number; they are never refused and never matched to a party (THREATS T5).

    `odd` are those with something else in a number's place. To `ask` is to ask them to key one in; who keys nothing is
    connected. Where nobody can be asked, as on a SIP line, they are connected.
    """

    withheld: WithoutNumber = "connect"
    unavailable: WithoutNumber = "connect"
    odd: WithoutNumber = "connect"

    def row(self, caller: Caller) -> WithoutNumber:
        """Give the row of a caller who has no number."""
        return {Caller.WITHHELD: self.withheld, Caller.UNAVAILABLE: self.unavailable}.get(caller, self.odd)


class Durations(Part):
    """Hold how long things last, in calendar months and working days (PHSO-7, PHSO-16, PHSO-17, PHSO-2).

    `longest_months` is the most that a restriction is made or extended for at once, None where the policy names none.
    A restriction's months run from its first day, or from the last instance of the behaviour (`counted_from`).
    For `renewal_months` after a restriction's end the same behaviour may be restricted again without a warning; 0 where
    a warning always comes first.
    """

    warning_months: Months = 6
    restriction_months: Months = 6
    counted_from: Literal["start", "last_instance"] = "start"
    longest_months: Months | None = None
    renewal_months: Annotated[int, Field(ge=0, le=120)] = 0
    interim_working_days: Annotated[int, Field(ge=1, le=2)] = 2


class Appeal(Part):
    """Say who decides an appeal, and within how many days of the notice one can be made (SPSO-22, HO-6)."""

    to: Annotated[frozenset[str], AfterValidator(_somebody)]
    within_days: Annotated[int, Field(ge=1, le=1000)] | None = None
    clause: str = ""


class Review(Part):
    """Say how often a restriction is reviewed; where it is not, or need not be, `why_none` says so (SPSO-23)."""

    every_months: Months | None = None
    why_none: Annotated[str, Field(max_length=400)] = ""
    clause: str = ""


class Evidence(Part):
    """Say whether a restriction must rest on evidence (SPSO-22), and how large one piece may be, in megabytes.

    A piece is kept in the record in one write, which all else waits for: hence no more than 100. A caller's recording
    is deleted at the phone provider once it is kept here, unless `delete_at_provider` is off.
    """

    required: bool = False
    most_mb: Annotated[int, Field(ge=1, le=100)] = 25
    delete_at_provider: bool = True


class Guard(Part):
    """Say how many others a restriction's identifiers may have met in a month before it is refused (THREATS I7).

    `most_share_percent` is their share of all contacts of that month, where there were a hundred.
    """

    most_others: Annotated[int, Field(ge=0, le=1000)] = 2
    most_share_percent: Annotated[int, Field(ge=1, le=100)] = 5


class DutyManager(Part):
    """Say where a party's contact goes during interim protection; empty where the restriction must say it (PHSO-2)."""

    inbox: Annotated[str, AfterValidator(lambda text: text and _inbox(text))] = ""
    phone: Annotated[str, AfterValidator(lambda text: text and _phone(text))] = ""


class Retention(Part):
    """Say for how many months what is over stays on record, by class, and whether a daily job deletes it (PHSO-7).

    `papers` are papers of no other class, `alerts` those to staff that are over, with how each was told; `messages` are
    mail as it came, `contacts` what is known of each contact, `parties` whoever nothing was in force on for so long.
    Three months are the least: levels, limits and the sheet look back no further than a calendar month, so that nothing
    they need goes.
    """

    apply: bool = False
    warnings: Kept = 24
    incidents: Kept = 24
    restrictions: Kept = 36
    papers: Kept = 36
    evidence: Kept = 36
    letters: Kept = 36
    alerts: Kept = 24
    messages: Kept = 12
    contacts: Kept = 24
    confidential: Kept = 36
    parties: Kept = 72
    clause: str = ""

    @model_validator(mode="after")
    def _mail_goes_first(self) -> Self:
        if self.messages > self.contacts:
            raise ValueError(
                f"mail is kept for {self.messages} months, but what is known of its contact only for {self.contacts}"
            )
        return self


class Replies(Part):
    """Say how many notes and returns leave within a day, to one party, one address, one domain and in all (THREATS C4).

    Past that a message that would be returned is refused instead, and no note is written.
    """

    party: Annotated[int, Field(ge=1, le=100)] = 10
    address: Annotated[int, Field(ge=1, le=100)] = 10
    domain: Annotated[int, Field(ge=1, le=10_000)] = 100
    everybody: Annotated[int, Field(ge=1, le=10_000)] = 500


class Imports(Part):
    """Say whether what was decided before Parley is taken over whoever approved it, a total block too."""

    any_approver: bool = False


class Approval(Part):
    """Name who may have approved a total block that is imported, by title or role; empty: whoever is named."""

    total_block: tuple[str, ...] = ()
