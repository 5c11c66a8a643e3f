"""Brings in the parties and restrictions that an office already applies: all of a file, or nothing of it.

Belongs here: what of a file is new, what is on record already, and what the record does not allow. Promises that no
adjustment is lost, that importing twice doubles nothing, and that every import is an act on record (THREATS W10, W4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from gateway import import_csv, import_toml
from gateway.import_drafts import Drafted, Fault, ImportRefused
from gateway.import_fields import Known, ReadyParty, ReadyRestriction, Terms, check
from gateway.serials import serial
from rules.effect import as_a_block, shut_channels, total_block
from rules.standing import Adjustment, Party, Restriction, Told
from storage.entries import PartyFile
from storage.record import Record
from storage.restrictions import written_digest
from storage.transaction import Transaction

IMPORT = "import"
_MOST_BYTES = 64 * 1024 * 1024
_WINDOWS_NOTE = "The file is not UTF-8; it was read as Windows text (code page 1252). Check letters with accents."


@dataclass(slots=True)
class Imported:
    """Hold what an import did: names of parties, ids of restrictions, and what was on record already.

    `skipped` are lines of restrictions and adjustments that stand on record word for word; `untold` are ids of those
    that are not enforced until the party is told. `notes` are sentences for whoever brought the file.
    """

    parties: list[str] = field(default_factory=list)
    known_parties: list[str] = field(default_factory=list)
    restrictions: list[str] = field(default_factory=list)
    adjustments: int = 0
    skipped: list[int] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    unknown_told: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class _Rehearsed(Exception):
    """Undo an import that was only tried, and say what it would have done."""

    def __init__(self, imported: Imported) -> None:
        super().__init__()
        self.imported = imported


def read(path: Path) -> tuple[Drafted, str]:
    """Read a TOML or CSV file, and give its digest; raises ImportRefused where it is neither."""
    reader = {".toml": import_toml.read, ".csv": import_csv.read, ".tsv": import_csv.read}.get(path.suffix.lower())
    if reader is None:
        raise ImportRefused(path, [Fault(0, "It is neither .toml nor .csv; save a spreadsheet as CSV (UTF-8).")])
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as fault:
        raise ImportRefused(path, [Fault(0, f"It cannot be read ({fault.strerror}).")]) from None
    if len(raw) > _MOST_BYTES:
        raise ImportRefused(path, [Fault(0, "It is larger than 64 MB; split it.")])
    text, notes = _text(raw, path)
    drafted = reader(text)
    return replace(drafted, notes=(*notes, *drafted.notes)), sha256(raw).hexdigest()


def _text(raw: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    """Decode a file as the programs of an office save it; TOML is UTF-8 or nothing."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        codec, notes = "utf-16", ()
    else:
        codec, notes = "utf-8-sig", ()
    try:
        return raw.decode(codec), notes
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
    if codec == "utf-8-sig" and path.suffix.lower() != ".toml":
        try:
            return raw.decode("cp1252"), (_WINDOWS_NOTE,)
        except UnicodeDecodeError:
            pass
    raise ImportRefused(path, [Fault(line, "It is not UTF-8 text here; save the file as UTF-8.")])


def bring_in(record: Record, path: Path, terms: Terms, *, who: str, dry_run: bool = False) -> Imported:
    """Load a file in one transaction, or raise ImportRefused with every fault and load nothing.

    `dry_run` does all of it and takes it back.
    """
    drafted, digest = read(path)
    faults = list(drafted.faults)
    ready = check(drafted.parties, terms, faults)
    job = partial(_load, path, digest, ready, terms, tuple(faults), who, dry_run)
    try:
        imported = record.write_now(job)
    except _Rehearsed as rehearsed:
        imported = rehearsed.imported
    imported.notes[:0] = drafted.notes
    return imported


def _load(
    path: Path,
    digest: str,
    ready: Sequence[ReadyParty],
    terms: Terms,
    faults: tuple[Fault, ...],
    who: str,
    dry_run: bool,
    tx: Transaction,
) -> Imported:
    loading = _Loading(tx, path, terms, who, list(faults))
    for party in ready:
        loading.party(party)
    if loading.faults:
        raise ImportRefused(path, loading.faults)
    done = loading.done
    if dry_run:
        raise _Rehearsed(done)
    detail = {
        "sha256": digest,
        "parties": len(done.parties),
        "restrictions": done.restrictions,
        "adjustments": done.adjustments,
        "skipped": len(done.skipped),
        "digest": loading.digests,  # of the restrictions, in their order
    }
    tx.act(who, IMPORT, path.name, detail)
    return done


@dataclass(slots=True)
class _Loading:
    """Load parties one by one; what the record does not allow becomes a fault, and then nothing is kept."""

    tx: Transaction
    path: Path
    terms: Terms
    who: str
    faults: list[Fault]
    done: Imported = field(default_factory=Imported)
    places: Counter[int] = field(default_factory=Counter)
    digests: list[str] = field(default_factory=list)

    def party(self, ready: ReadyParty) -> None:
        """Load one party with all that stands under it."""
        party_id = self._known_party(ready)
        before = len(self.faults)
        self.faults += _held_by_others(self.tx, ready, party_id)
        if len(self.faults) > before:
            return
        if party_id is None:
            party_id = self._new_party(ready)
        else:
            self.done.known_parties.append(ready.name)
        file = self.tx.party_file(party_id)
        assert file is not None  # it was found, or added, in this transaction
        adjustments = self._adjustments(party_id, ready, file)
        self._restrictions(party_id, ready, file, adjustments)

    def _known_party(self, ready: ReadyParty) -> int | None:
        """Find the party on record; one that is there and differs is a fault, as no import changes a party."""
        party = self.tx.party_by_name(ready.name)
        if party is None:
            return None
        differs = _differences(self.tx, party, ready)
        if differs:
            text = (
                f"{ready.name} is on record already and differs: {'; '.join(differs)}. An import changes nothing that "
                "is on record: write the party as it is there, or give another party another name."
            )
            self.faults.append(Fault(ready.line, text))
        return party.id

    def _new_party(self, ready: ReadyParty) -> int:
        party_id = self.tx.add_party(ready.name, ready.kind)
        for known in ready.known:
            self.tx.add_identifier(
                known.identifier,
                party_id,
                shared=known.shared,
                exception=known.exception,
                how=f"import of {self.path.name}",
                by=self.who,
            )
        self.done.parties.append(ready.name)
        if not any(not known.exception for known in ready.known):
            self.done.notes.append(f"{ready.name} has no address and no number, so nothing is recognised as theirs.")
        return party_id

    def _adjustments(self, party_id: int, ready: ReadyParty, file: PartyFile) -> list[Adjustment]:
        there = list(file.adjustments)
        for each in ready.adjustments:
            if each.adjustment in there:
                self.done.skipped.append(each.line)
                continue
            self.tx.add_adjustment(party_id, each.adjustment)
            self.done.adjustments += 1
            there.append(each.adjustment)
        return there

    def _restrictions(
        self, party_id: int, ready: ReadyParty, file: PartyFile, adjustments: Sequence[Adjustment]
    ) -> None:
        news, unmatched = self._news(ready, file.restrictions)
        for each in news:
            changed = next((one for one in unmatched if _changed(one, each.restriction)), None)
            if changed is not None:
                text = (
                    f"A restriction of {ready.name} from the same day, with the same reason or the same measures, is "
                    f"on record as {changed.id} and differs. An import changes nothing that is on record: write it as "
                    "it is there, or take it out of the file."
                )
                self.faults.append(Fault(each.line, text))
        if not self.terms.trial:
            self.faults += _unapproved(news, file.restrictions, adjustments, self.terms, ready.name)
        for each in news:
            self._add(party_id, each)

    def _news(
        self, ready: ReadyParty, on_record: Iterable[Restriction]
    ) -> tuple[list[ReadyRestriction], list[Restriction]]:
        """Tell what is new from what is on record word for word, once for each time it stands there."""
        unmatched, news = list(on_record), []
        for each in ready.restrictions:
            same = next((one for one in unmatched if _alike(one) == _alike(each.restriction)), None)
            if same is None:
                news.append(each)
            else:
                unmatched.remove(same)
                self.done.skipped.append(each.line)
        return news, unmatched

    def _add(self, party_id: int, ready: ReadyRestriction) -> None:
        number = self._number(ready.line)
        restriction = replace(ready.restriction, id=number)
        self.tx.add_restriction(party_id, restriction)
        self.done.restrictions.append(number)
        self.digests.append(written_digest(restriction))
        if ready.restriction.told is Told.NO:
            self.done.untold.append(number)
        if ready.restriction.told is Told.UNKNOWN:
            self.done.unknown_told.append(number)

    def _number(self, line: int) -> str:
        """Give a restriction its id; one on trial is called by its place in the file."""
        if not self.terms.trial:
            return serial(self.terms.now)
        self.places[line] += 1
        again = self.places[line]
        return f"{self.path.name}:{line}" + (f" ({again})" if again > 1 else "")


def _held_by_others(tx: Transaction, ready: ReadyParty, party_id: int | None) -> list[Fault]:
    """Find identifiers that stand on other parties of the record and are not marked shared on both (THREATS I6)."""
    found = []
    for known in ready.known:
        if known.exception:
            continue
        for holder in tx.holders((known.identifier,)):
            if holder.identifier != known.identifier or holder.party_id == party_id or (known.shared and holder.shared):
                continue
            text = f"{known.identifier.value} stands on {holder.name} on record; "
            text += (
                "it can stand on two parties only where it is shared on both"
                if known.shared
                else ("take it off this party, or, where both use it, mark it shared on both")
            )
            found.append(Fault(known.line, f"{text}."))
    return found


def _differences(tx: Transaction, party: Party, ready: ReadyParty) -> list[str]:
    """Say in what a party of the file differs from the one on record."""
    named = {known.identifier for known in ready.known if not known.exception}
    found = [f"its kind there is {party.kind.value}"] if party.kind is not ready.kind else []
    found += [f"{one.value} is not on it there" for one in sorted(named - party.identifiers)]
    found += [f"{one.value} is on it there and not in the file" for one in sorted(party.identifiers - named)]
    for known in ready.known:
        found += _marked_otherwise(tx, party, known)
    return found


def _marked_otherwise(tx: Transaction, party: Party, known: Known) -> list[str]:
    here = next((one for one in tx.holders((known.identifier,)) if one.party_id == party.id), None)
    if known.exception:
        return [] if here is None else [f"{known.identifier.value} is not excepted there"]
    if here is None or here.identifier != known.identifier or here.shared == known.shared:
        return []
    return [f"{known.identifier.value} is {'' if here.shared else 'not '}shared there"]


def _alike(restriction: Restriction) -> Restriction:
    """Give a restriction without what an import makes by itself."""
    return replace(restriction, id="", review_at=None)


def _changed(old: Restriction, new: Restriction) -> bool:
    """Tell whether one is the other after somebody edited the file."""
    return old.starts == new.starts and (old.measures == new.measures or old.reason == new.reason)


def _unapproved(
    news: Sequence[ReadyRestriction],
    on_record: Sequence[Restriction],
    adjustments: Sequence[Adjustment],
    terms: Terms,
    name: str,
) -> list[Fault]:
    """Find restrictions that make a total block, with all else on the party, without its approval (PHSO-18)."""
    approvers = {one.casefold() for one in terms.policy.approval.total_block}
    unfit = [each for each in news if approvers and each.restriction.approved_by.casefold() not in approvers]
    everything = [*on_record, *(each.restriction for each in news)]
    # What is in force changes only at these moments; the past is history and restricts nobody.
    edges = {terms.now, *(one.starts for one in everything), *(one.ends for one in adjustments if one.ends)}
    found = []
    for moment in sorted(edge for edge in edges if edge >= terms.now):
        then = [one for one in everything if one.starts <= moment < one.ends]
        opened = [one for one in adjustments if one.in_force(moment)]
        if total_block(then, opened, terms.policy.ways_in):
            found += [
                each
                for each in unfit
                if any(each.restriction is one for one in then) and shut_channels([each.restriction])
            ]
    whose = f"{' or '.join(terms.policy.approval.total_block)}; approved_by names somebody else."
    text = f"With all that is on {name} no channel is left: a total block, which needs the approval of {whose}"
    alone = [
        Fault(each.line, f"{' and '.join(kinds)} on {name} needs the approval of {whose}")
        for each in unfit
        if terms.now < each.restriction.ends and (kinds := as_a_block(each.restriction))
    ]
    return [Fault(line, text) for line in dict.fromkeys(each.line for each in found)] + alone
