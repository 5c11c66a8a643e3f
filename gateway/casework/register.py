"""The register of parties: putting one on record with how it is recognised, and finding one.

Belongs here: what command line and API ask of it. A party is checked as an imported one is: nobody restricts the office
itself, or half the town (THREATS I7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from gateway.casework.desk import file_of
from gateway.casework.outline import LIST_FILES, READ_FILE
from gateway.casework.reading import Shelved, Unreadable, read_for_lists
from gateway.clock import Clock
from gateway.config import Settings
from gateway.import_drafts import Draft, Fault, PartyDraft
from gateway.import_fields import ReadyParty, Terms, check
from rules import identity
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.policies import Policy
from rules.standing import PartyKind
from storage.faults import RecordRefused
from storage.record import Record
from storage.transaction import Reader, Transaction

WAYS = ("emails", "phones", "domains", "handles", "shared")
MOST_NUMBER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class NewParty:
    """Hold a party as somebody writes it down: identifiers by the words of the import format, and how one knows."""

    name: str
    kind: PartyKind = PartyKind.PERSON
    identifiers: Mapping[str, Sequence[str]] | None = None
    how: str = ""


class BadParty(ValueError):
    """Say what is wrong with a party, a sentence for each fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


class Register:
    """Keep the register of one installation. Its methods wait; not for event loops."""

    def __init__(self, record: Record, settings: Settings, clock: Clock) -> None:
        self._record = record
        self._settings = settings
        self._clock = clock

    def add(self, new: NewParty, by: Actor) -> int:
        """Put a party on record; gives its number.

        Raises BadParty for what cannot be read, Refused for an identifier that stands on another party, and to those
        whom the policy does not let.
        """
        allowed("add_party", self._settings.policy, by)
        ready = self._ready(new)

        def job(tx: Transaction) -> int:
            number = tx.add_party(ready.name, ready.kind)
            for known in ready.known:
                tx.add_identifier(known.identifier, number, shared=known.shared, how=new.how, by=by.name)
            tx.act(by.name, "add_party", f"party:{number}", {"identifiers": len(ready.known)})
            return number

        try:
            return self._record.write_now(job)
        except RecordRefused as refused:
            raise Refused(
                f"{str(refused)[:1].upper()}{str(refused)[1:]}.",
                way="Where both use it, say that it is shared on both; else take it off one.",
            ) from None

    def _ready(self, new: NewParty) -> ReadyParty:
        fields: dict[str, object] = {"name": new.name, "kind": new.kind.value}
        fields |= {key: list(values) for key, values in (new.identifiers or {}).items()}
        terms = Terms(self._settings.policy, self._clock(), frozenset(self._settings.config.office.domains))
        faults: list[Fault] = []
        ready = check([PartyDraft(Draft(0, fields))], terms, faults)
        if faults:
            raise BadParty([one.text for one in faults])
        return ready[0]

    def listed(
        self, by: Actor, *, name: str = "", identifier: str = "", after: int = 0, limit: int = 50
    ) -> tuple[Shelved | Unreadable, ...]:
        """Give the files of parties by number, those behind `after`: of this name, or recognised by this identifier.

        Who looked is put on record, and whose files they were given (THREATS W4); what they looked for is not.
        """
        policy = self._settings.policy
        found = self._record.read_now(lambda reader: tuple(_files(reader, policy, name, identifier, after, limit)))
        looked = "identifier" if identifier else "name" if name else "number"
        given = [one.party.id for one in found]
        # All by number are those between two; whoever looked for somebody is told apart from that.
        whose: dict[str, object] = {"from": given[:1], "to": given[-1:]} if looked == "number" else {"parties": given}
        self._record.write_now(lambda tx: tx.act(by.name, LIST_FILES, f"by {looked}", whose))
        return found

    def file(self, number: int) -> CaseFile:
        """Give a party's file to the office's own work; raises NoSuchParty."""
        return self._record.read_now(partial(file_of, number))

    def read(self, number: int, by: Actor) -> CaseFile:
        """Give a party's file to a person, and put on record that they read it (THREATS W4); raises NoSuchParty."""

        def job(tx: Transaction) -> CaseFile:
            file = file_of(number, tx)
            tx.act(by.name, READ_FILE, f"party:{number}")
            return file

        return self._record.write_now(job)

    def found(self, words: str) -> int:
        """Find one party by its number, its name, or an identifier; raises Refused where there is none, or several."""
        return self._record.read_now(partial(one_meant, words=words))


def _files(
    reader: Reader, policy: Policy, name: str, identifier: str, after: int, limit: int
) -> list[Shelved | Unreadable]:
    if identifier:
        known = identity.anything(identifier)
        held = {one.party_id for one in reader.holders((known,) if known else ())}
        numbers = sorted(number for number in held if number > after)[:limit]
    elif name:
        numbers = [number for number, _ in reader.parties_named(name) if number > after][:limit]
    else:
        numbers = [one.id for one in reader.parties(after=after, limit=limit)]
    return [file for _, file in read_for_lists(reader, numbers, policy)]


class NotOne(Refused):
    """Say that words mean no party, or several: their numbers are in `parties`."""

    def __init__(self, why: str, parties: Sequence[int] = (), *, way: str) -> None:
        super().__init__(why, way=way)
        self.parties = tuple(parties)


def one_meant(reader: Reader, words: str, *, numbers: bool = True) -> int:
    """Find the party that words mean; raises NotOne, which names those that are meant only with `numbers`."""
    words = words.strip()
    if words.isascii() and words.isdigit() and int(words[:20]) <= MOST_NUMBER and reader.party(int(words)):
        return int(words)
    known = identity.anything(words)
    held = {one.party_id for one in reader.holders((known,) if known else ())}
    named = reader.parties_named(words)
    found = held or {number for number, name in named if name.casefold() == words.casefold()}
    # A merged party stays findable: its name leads to what it became.
    found = {reader.merged_into(number) or number for number in found}
    if len(found) > 1:
        told = f": {', '.join(map(str, sorted(found)))}" if numbers else ""
        way = f"Say one by its number{told}."
        raise NotOne("Several parties are meant by this.", sorted(found), way=way)
    if not found:
        raise NotOne(
            "No party has this number, name or identifier.",
            way="Write it as it stands on file; the list of parties has it.",
        )
    return found.pop()
