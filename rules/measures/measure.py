"""What every measure is: frozen parameters, the usage it needs, what it finds on a contact, its words.

Belongs here: the base of the catalogue and the parameter types that measures share.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

from rules import identity
from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome

if TYPE_CHECKING:
    from rules.policies import Policy
    from rules.standing import Standing, Usage


def _not_empty(channels: frozenset[Channel]) -> frozenset[Channel]:
    if not channels:
        raise ValueError("name at least one channel")
    return channels


def _inbox(address: str) -> str:
    if identity.email(address) is None:
        raise ValueError(f"{address!r} is not a mail address")
    return address.strip().lower()


def _phone(number: str) -> str:
    known = identity.phone(number)
    if known is None:
        raise ValueError(f"{number!r} is not a phone number; write it as +441632960001")
    return known.value


Channels = Annotated[
    frozenset[Channel], AfterValidator(_not_empty), PlainSerializer(lambda value: sorted(value), return_type=list)
]
Inbox = Annotated[str, AfterValidator(_inbox)]
Inboxes = Annotated[frozenset[Inbox], PlainSerializer(lambda value: sorted(value), return_type=list)]
Phone = Annotated[str, AfterValidator(_phone)]
Words = Annotated[str, Field(max_length=2000)]
ByEmail = Field(description="What happens to mail and texts.")
ByCall = Field(description="What happens to calls.")


class Measure(BaseModel, ABC):
    """Hold one measure's parameters; subclasses name their `kind` and their words.

    `sender_words` is what the party is told where the policy has no wording of its own; `staff_words` is the help text.
    `target_rank` orders measures that say where contact goes: the lowest wins (DESIGN: targets). A restriction of
    measures that all bite `at_once` waits for no approval and no notice. One that `is_contract` stands alone in its
    restriction from when the party agreed to it. `reads_opening` asks for the first part of a message and for its
    thread, which nobody else's mail is read for. One that `needs_block_approval` needs that of a total block (PHSO-18).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    kind: ClassVar[str]
    sender_words: ClassVar[str]
    staff_words: ClassVar[str]
    target_rank: ClassVar[int] = 9
    reads_opening: ClassVar[bool] = False
    needs_block_approval: ClassVar[bool] = False
    at_once: ClassVar[bool] = False
    is_contract: ClassVar[bool] = False

    def needs(self) -> tuple[Usage, ...]:
        """Name what the record must be asked before this measure can be checked."""
        return ()

    @abstractmethod
    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Say what this measure does to a contact at `now` (aware UTC); None where it does not bear on it."""

    def shuts(self, channel: Channel) -> bool:
        """Tell whether nothing that comes by `channel` would reach a person or be read any more (PHSO-18)."""
        return False

    def matters(self, contact: Contact) -> tuple[str, ...]:
        """Name the matters of this measure that a contact is on beyond doubt: what answers it is on them too."""
        return ()

    def files_unread(self, contact: Contact, policy: Policy) -> bool:
        """Tell whether nobody has to look at what this measure files (PHSO-22)."""
        return False

    def suspended(self, standing: Standing, policy: Policy, *, now: datetime) -> bool:
        """Tell whether it lets all contact through at `now` for want of what it rests on; its owner must hear of it."""
        return False


def handled(contact: Contact, email: str, call: str) -> Outcome:
    """Choose the handling of the contact's channel; what staff log by hand is delivered with an instruction."""
    if contact.channel in (Channel.EMAIL, Channel.SMS):
        return Outcome(email)
    if contact.channel is Channel.CALL:
        return Outcome(call)
    return Outcome.DELIVER


def let_through(contact: Contact) -> Outcome:
    """Name the open outcome of the contact's channel."""
    return Outcome.CONNECT if contact.channel is Channel.CALL else Outcome.DELIVER


_CHANNEL_WORDS = {
    Channel.EMAIL: "email",
    Channel.CALL: "phone",
    Channel.SMS: "text message",
    Channel.LETTER: "letter",
    Channel.VISIT: "visit",
    Channel.WEB: "web form",
    Channel.ONLINE: "online",
}


def several(value: object) -> object:
    """Read a text where a list is asked for: one entry, or several with ` | ` between them, as a spreadsheet has it."""
    return [piece.strip() for piece in value.split("|")] if isinstance(value, str) else value


def channel_words(channels: Iterable[Channel]) -> str:
    """Say a set of channels: `email, phone or letter`."""
    words = [words for channel, words in _CHANNEL_WORDS.items() if channel in set(channels)]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
