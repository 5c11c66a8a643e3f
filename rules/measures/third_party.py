"""Speak with a party through their advocates (PHSO-M13, SPSO-21.3, HO-4, MP-3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_serializer, model_validator

from rules.contact import Channel, Contact
from rules.decision import Finding, Note
from rules.facts import Voice
from rules.measures.measure import ByCall, ByEmail, Measure, handled, let_through, several
from rules.policies import Policy
from rules.standing import Standing
from rules.windows import MICROSECOND
from rules.workdays import in_words


def _some_words(text: str) -> str:
    text = " ".join(text.split())
    if not text.isprintable():
        raise ValueError("has characters that cannot be printed")
    return text


_Line = Annotated[str, Field(max_length=200), AfterValidator(_some_words)]


class Advocate(BaseModel):
    """Hold who speaks for a party, how to reach them, for what, and the last day of their authority."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[_Line, Field(description="A name or an address, as the party is told it.")]
    contact: Annotated[_Line, Field(description="How the party reaches them.")] = ""
    scope: Annotated[_Line, Field(description="What they speak for, where that is not everything.")] = ""
    until: Annotated[date | None, Field(description="The last day of their authority.")] = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:  # noqa: ANN401  # whatever a file holds
        return {"name": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _named(self) -> Advocate:
        if not self.name:
            raise ValueError("an advocate has a name or an address")
        return self

    @model_serializer(mode="plain")
    def _to_text(self) -> dict[str, str] | str:
        """Write it as it may be read: a text where there is nothing but the name."""
        until = self.until.isoformat() if self.until else ""
        given = {"name": self.name, "contact": self.contact, "scope": self.scope, "until": until}
        given = {key: value for key, value in given.items() if value}
        return given if len(given) > 1 else self.name

    def speaks_on(self, day: date) -> bool:
        """Tell whether their authority still holds on a day of the office."""
        return self.until is None or day <= self.until

    def in_words(self) -> str:
        """Say who they are, for what, and how to reach them: `A. Advocate (for the appeal), 01632 960500`."""
        about = f" (for {self.scope})" if self.scope else ""
        return f"{self.name}{about}, {self.contact}" if self.contact else f"{self.name}{about}"


def _one_or_more(advocates: tuple[Advocate, ...]) -> tuple[Advocate, ...]:
    if not 1 <= len(advocates) <= 10:
        raise ValueError("name one advocate at least, and ten at most")
    return advocates


Advocates = Annotated[
    tuple[Advocate, ...],
    BeforeValidator(several, json_schema_input_type=str | list[str | Advocate]),
    AfterValidator(_one_or_more),
]


class ThirdParty(Measure):
    """Return or file the party's own contact, with how to reach the `advocates` who speak for them.

    Where no advocate has authority any more it is suspended. Where all those left speak for some matter only, nobody
    can be cut off on the others: mail is filed for a person at the most, and calls connect. An advocate is a party of
    their own: their contact is neither limited by this nor counted.
    """

    kind: ClassVar[str] = "third_party"
    sender_words: ClassVar[str] = "Please contact us through the person who speaks for you: {advocates}."
    staff_words: ClassVar[str] = (
        "The advocates speak for the party, who is told how to reach them. "
        "Suspended, and its owner told, where none has authority any more."
    )

    advocates: Annotated[Advocates, Field(description="Who speaks for the party.")]
    email: Annotated[Literal["return", "file"], ByEmail] = "return"
    call: Annotated[Literal["automated_line"], ByCall] = "automated_line"

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find the party's own contact sent to their advocates; open where none of them has authority any more."""
        speaking = self._speaking(standing, policy, now)
        if not speaking:
            return Finding(let_through(contact), self._ended(standing, policy))
        words = self.sender_words.format(advocates="; ".join(one.in_words() for one in speaking))
        if contact.channel not in (Channel.EMAIL, Channel.SMS, Channel.CALL):
            return Finding(let_through(contact), f"To be answered through {_names(speaking)}", sender_text=words)
        limited = all(one.scope for one in speaking)
        if limited and contact.channel is Channel.CALL:
            return Finding(let_through(contact), f"The call may be about something else than {_scopes(speaking)}")
        text = f"{_names(speaking)} {'speaks' if len(speaking) == 1 else 'speak'} for the party"
        if limited and self.email == "return":
            text = f"Filed for a person and not returned: it may be about something else than {_scopes(speaking)}"
        assert standing.restriction is not None  # decide sets it
        note = Note(f"{standing.restriction.id}:{self.kind}:{now.astimezone(policy.zone):%G-%V}", words)
        return Finding(
            handled(contact, "file" if limited else self.email, self.call), text, note=note, sender_text=words
        )

    def suspended(self, standing: Standing, policy: Policy, *, now: datetime) -> bool:
        """Tell whether no advocate has authority any more."""
        return not self._speaking(standing, policy, now)

    def _speaking(self, standing: Standing, policy: Policy, now: datetime) -> tuple[Advocate, ...]:
        """Give the advocates who have authority: by their own last day, and by the file where it names theirs."""
        day = now.astimezone(policy.zone).date()
        return tuple(
            one
            for one in self.advocates
            if one.speaks_on(day)
            and (not (known := _on_file(one, standing)) or any(voice.span.holds(now) for voice in known))
        )

    def _ended(self, standing: Standing, policy: Policy) -> str:
        last = max(day for one in self.advocates if (day := _last_day(one, standing, policy)) is not None)
        return (
            "Suspended: nobody has authority to speak for the party any more "
            f"(the last day was {in_words(last)}); the owner is told"
        )

    def shuts(self, channel: Channel) -> bool:
        """Tell that calls, and mail that goes back, reach nobody; no advocate's own way is counted as the party's."""
        if all(one.scope for one in self.advocates):
            return False
        return channel is Channel.CALL or (channel in (Channel.EMAIL, Channel.SMS) and self.email == "return")


def _on_file(one: Advocate, standing: Standing) -> tuple[Voice, ...]:
    """Give the authorities that the party's file has of an advocate, those that ended too."""
    return tuple(voice for voice in standing.facts.voices if voice.is_called(one.name, one.contact))


def _last_day(one: Advocate, standing: Standing, policy: Policy) -> date | None:
    """Give the last day of an advocate's authority that is over or was ended; by the file, where it names one."""
    ends = [voice.span.until for voice in _on_file(one, standing) if voice.span.until is not None]
    day = (max(ends) - MICROSECOND).astimezone(policy.zone).date() if ends else None
    return min((each for each in (day, one.until) if each is not None), default=None)


def _names(advocates: Sequence[Advocate]) -> str:
    return " and ".join(one.name for one in advocates)


def _scopes(advocates: Sequence[Advocate]) -> str:
    return " and ".join(dict.fromkeys(one.scope for one in advocates))
