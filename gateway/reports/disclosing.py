"""`report party --disclose`: all that was decided on one party, as it would be given to them, oldest first.

Belongs here: gathering papers, letters and contacts of a file, and what cannot be told of them. Promises that nothing
of another party is in it as far as the record knows other parties; a person reads it before it is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gateway.casework.desk import NoSuchParty, file_of
from gateway.casework.outline import READ_FILE
from gateway.config import Settings
from gateway.reports.leaving_out import Curtain, Ground, curtain
from gateway.reports.telling import about_restriction, kinds, told
from rules import identity
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.acts.draft_restriction import DraftRestriction
from rules.casework.acts.note_incident import NoteIncident
from rules.casework.acts.warn import Warn
from rules.casework.file import CaseFile, Paper
from rules.casework.notices import NoticeOnFile, NoticeState
from rules.casework.refused import Refused
from rules.casework.shelf import RestrictionOnFile, Shelf, shelf_of
from rules.contact import Assurance, Channel
from rules.decision import Outcome
from rules.policies import Policy
from rules.windows import MICROSECOND
from rules.workdays import in_words
from storage.entries import Entry, State
from storage.record import Record
from storage.transaction import Reader

MOST_CONTACTS = 20_000
OF = "disclosure"
_LEFT = frozenset({NoticeState.SENT, NoticeState.POSTED, NoticeState.CAME_BACK})
_NOT_THEIRS = frozenset({State.OURS, State.TAKEN_BACK})
_HAPPENED = {
    Outcome.DELIVER: "reached us",
    Outcome.CONNECT: "was put through",
    Outcome.ROUTE: "went to one person or inbox",
    Outcome.HOLD: "was held back",
    Outcome.FILE: "was put on file and not answered",
    Outcome.RETURN: "went back to you",
    Outcome.VOICEMAIL: "went to voicemail",
    Outcome.AUTOMATED_LINE: "heard a recorded message",
    Outcome.REFUSE: "was refused",
}
_CAME = {
    Channel.EMAIL: "An email from you",
    Channel.CALL: "A call from you",
    Channel.SMS: "A text from you",
    Channel.LETTER: "A letter from you",
    Channel.VISIT: "A visit of yours",
    Channel.WEB: "A web form from you",
    Channel.ONLINE: "Something that you wrote online",
}


@dataclass(frozen=True, slots=True)
class Told:
    """Hold one thing that is told: when (aware UTC), what, and the words beneath it."""

    at: datetime
    what: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Hold what is given to a party; `left_out` counts by ground what is not, `read` how often the file was read."""

    party: str
    number: int
    at: datetime
    told: tuple[Told, ...]
    left_out: tuple[tuple[Ground, int], ...]
    read: int
    more: bool = False
    """There were more contacts than are told."""


def disclosure(record: Record, settings: Settings, party: int, by: Actor, *, now: datetime) -> Disclosure:
    """Draw up what would be given to a party; that somebody did is put on record (THREATS W4).

    Raises NoSuchParty, PaperUnreadable, and Refused to those who may not read the whole file (SPSO-68), and where the
    file's papers do not fit together: nobody is given less than is on file by a fault of ours.
    """
    allowed(READ_FILE, settings.policy, by)
    try:
        found = record.read_now(partial(_drawn_up, settings, party, now))
    except (ValueError, TypeError, KeyError):
        raise Refused("The papers of this file do not fit together.", way="Look at parley audit verify.") from None
    details: dict[str, object] = {"of": OF, "told": len(found.told), "left_out": sum(n for _, n in found.left_out)}
    record.write_now(lambda tx: tx.act(by.name, READ_FILE, f"party:{party}", details))
    return found


def _drawn_up(settings: Settings, party: int, now: datetime, reader: Reader) -> Disclosure:
    if reader.merged_into(party):
        raise NoSuchParty(f"Party {party} was merged; ask for party {reader.merged_into(party)}.")
    file, policy = file_of(party, reader), settings.policy
    shelf = shelf_of(file, policy)
    notices = [one for number in (party, *_aliases(reader, party)) for one in reader.notices_of(number)]
    entries = reader.contacts(whose=f"party:{party}", until=now, limit=MOST_CONTACTS)
    screen = _curtain(reader, file, shelf, settings, notices, entries)
    left_out: Counter[Ground] = Counter()
    lines = [
        *_imported(shelf, policy),
        *_papers(file, shelf, policy, {one.paper for one in notices if one.state in _LEFT}),
        *_letters(notices, shelf),
        *_contacts(entries, shelf, policy),
    ]
    given = []
    for at, line in sorted(lines, key=lambda each: each[0]):
        if isinstance(line, Ground):
            left_out[line] += 1
        else:
            given.append(Told(at, screen.over(line[0]), tuple(map(screen.over, line[1]))))
    left_out.update(screen.left_out)
    read = sum(one.act == READ_FILE for one in reader.acts_about(f"party:{party}"))
    counts = tuple((ground, left_out[ground]) for ground in Ground if left_out[ground])
    return Disclosure(file.party.name, party, now, tuple(given), counts, read, len(entries) == MOST_CONTACTS)


_Line = tuple[datetime, tuple[str, tuple[str, ...]] | Ground]


def _aliases(reader: Reader, party: int) -> Iterator[int]:
    return (number for number, _ in reader.aliases(party))


def _imported(shelf: Shelf, policy: Policy) -> Iterator[_Line]:
    for one in shelf.restrictions.values():
        if one.imported:
            hidden = about_restriction(one.id, shelf)
            yield one.starts, hidden or ("A restriction was taken over from before", tuple(_terms(one, policy)))
    for adjustment in shelf.adjustments.values():
        if adjustment.imported and adjustment.agreed is not None:
            yield adjustment.agreed, ("An adjustment was taken over from before", (adjustment.need,))


def _terms(one: RestrictionOnFile, policy: Policy) -> Iterator[str]:
    yield f"What it does: {kinds(one.measures)}"
    if one.reason:
        yield f"Reason: {one.reason}"
    yield f"Last day: {in_words((one.ends - MICROSECOND).astimezone(policy.zone).date())}"


def _papers(file: CaseFile, shelf: Shelf, policy: Policy, told_by_letter: set[str]) -> Iterator[_Line]:
    own = {str(mark.identifier) for mark in file.marks if not mark.exception}
    for paper in file.papers:
        if paper.id not in told_by_letter:
            yield paper.at, _paper(paper, file, shelf, policy, own)


def _paper(
    paper: Paper, file: CaseFile, shelf: Shelf, policy: Policy, own: set[str]
) -> tuple[str, tuple[str, ...]] | Ground:
    identifier = getattr(paper.act, "identifier", None)
    if identifier is not None and str(identifier) not in own:
        return Ground.OTHERS
    hidden = _rests(paper, shelf)
    if hidden is not None:
        return hidden
    found = told(paper.act, policy.roles.get(paper.role, ""), shelf, policy)
    which = _which(paper, file, shelf, policy)
    return found if isinstance(found, Ground) or not which else (found[0], (which, *found[1]))


def _rests(paper: Paper, shelf: Shelf) -> Ground | None:
    """Say why a draft, a warning or an incident is not told: it, or all that rests on it, is not told yet or at all."""
    if isinstance(paper.act, DraftRestriction):
        return about_restriction(paper.id, shelf)
    if isinstance(paper.act, Warn):
        warning = shelf.warnings.get(paper.id)
        return Ground.AHEAD if warning is not None and warning.communicated is None else None
    if not isinstance(paper.act, NoteIncident):
        return None
    grounds = [about_restriction(one.id, shelf) for one in shelf.restrictions.values() if paper.id in one.incidents]
    warned = any(paper.id in one.incidents for one in shelf.warnings.values())
    return None if warned or not grounds else next((ground for ground in grounds if None not in grounds), None)


def _which(paper: Paper, file: CaseFile, shelf: Shelf, policy: Policy) -> str:
    """Say which restriction a paper is about, by the day on which it was drafted; empty where it is about none."""
    number = getattr(paper.act, "restriction", "") or getattr(paper.act, "about", "")
    if number not in shelf.restrictions:
        return ""
    drafted = file.paper(number)
    at = shelf.restrictions[number].starts if drafted is None else drafted.at
    which = "drafted" if drafted is not None else "in force since"
    return (
        f"It is about the restriction {which} {'on ' if drafted else ''}{in_words(at.astimezone(policy.zone).date())}."
    )


def _letters(notices: Iterable[NoticeOnFile], shelf: Shelf) -> Iterator[_Line]:
    for one in notices:
        at = one.changed_at or one.drafted_at
        if one.state not in _LEFT:
            if one.state not in (NoticeState.REPLACED, NoticeState.CLOSED):
                yield at, Ground.AHEAD
            continue
        how = "by post" if one.state is NoticeState.POSTED else "by email"
        back = " It came back to us." if one.state is NoticeState.CAME_BACK else ""
        yield at, (f"We wrote to you {how}.{back}", (one.text or "The words are kept no longer.",))


def _contacts(entries: Iterable[Entry], shelf: Shelf, policy: Policy) -> Iterator[_Line]:
    for one in entries:
        if one.state in _NOT_THEIRS:
            continue
        if one.assurance is Assurance.FAILED:
            yield one.at, Ground.OTHERS
            continue
        named = {reason.restriction for reason in one.reasons if reason.restriction}
        if one.decided.lets_through and one.looked_at is None and one.decided is not Outcome.ROUTE:
            continue
        known = sorted((shelf.restrictions[each] for each in named if each in shelf.restrictions), key=_began)
        told_of = [each for each in known if about_restriction(each.id, shelf) is None]
        if known and not told_of:
            yield one.at, Ground.UNTOLD
        else:
            yield one.at, (_happened(one), tuple(_about(one, told_of, policy)))


def _began(one: RestrictionOnFile) -> tuple[datetime, str]:
    return one.begins, one.id


def _happened(one: Entry) -> str:
    what = f"{_CAME[one.channel]} {_HAPPENED[one.carried]}."
    if one.carried is not one.decided:
        what += f" We were trying our rules out: by them, it {_HAPPENED[one.decided]}."
    return what


def _about(one: Entry, under: Iterable[RestrictionOnFile], policy: Policy) -> Iterator[str]:
    for each in under:
        began = each.begins.astimezone(policy.zone).date()
        yield f"Under the restriction that began on {in_words(began)} ({kinds(each.measures)})."
    if one.looked_at is not None:
        yield f"A person looked at it on {in_words(one.looked_at.astimezone(policy.zone).date())}."
    elif one.look_by is not None and one.state is State.FILED:
        yield "Nobody has looked at it yet."


def _curtain(
    reader: Reader,
    file: CaseFile,
    shelf: Shelf,
    settings: Settings,
    notices: Iterable[NoticeOnFile],
    entries: Iterable[Entry],
) -> Curtain:
    """Find who must not be seen: every other party on record by name, and colleagues whom the file or settings name."""
    party, own = file.party.id, {str(mark.identifier) for mark in file.marks if not mark.exception}
    mine = {party, *_aliases(reader, party)}
    others = {number: name for number, name in reader.parties_named("") if number not in mine}
    own_names = [file.party.name, *(name for _, name in reader.aliases(party))]
    near = {
        others[each.party_id]
        for mark in file.marks
        for each in reader.holders((mark.identifier,))
        if each.party_id in others
    }
    near |= {name for number in _met(file) if (name := others.get(number))}
    near |= {one.name for one in shelf.authorities.values()} | set(_colleagues(file, shelf, settings, notices, entries))
    titles = {title.casefold() for title in settings.policy.roles.values()}
    near = {name for name in near if name and name.casefold() not in titles}
    known_by = [one for number, one in reader.identifiers_of_parties() if number not in mine]
    return curtain(own_names, own, _ways(settings), others.values(), near, known_by)


def _met(file: CaseFile) -> Iterator[int]:
    """Number the parties that papers of the file name: merged, split off, or suggested to be the same."""
    for paper in file.papers:
        other = getattr(paper.act, "other", None)
        if isinstance(other, int):
            yield other


def _ways(settings: Settings) -> set[str]:
    """Give the addresses and numbers that anybody may know."""
    office = settings.config.office
    found = (identity.anything(way) for way in (office.address, *settings.policy.always_open))
    return {one.value for one in found if one is not None}


_NAMING = ("colleague", "owner", "reporter", "asked_by", "passed_to", "discussed_with", "taken_over_by", "advocate")
_NAMING_SEVERAL = ("who", "about", "targets", "witnesses", "decided_with", "deciders")


def _colleagues(
    file: CaseFile, shelf: Shelf, settings: Settings, notices: Iterable[NoticeOnFile], entries: Iterable[Entry]
) -> Iterator[str]:
    yield from (person.name for person in settings.config.people)
    for paper in file.papers:
        yield paper.by
        yield from (str(getattr(paper.act, name, "") or "") for name in _NAMING)
        for name in _NAMING_SEVERAL:
            several = getattr(paper.act, name, ())
            yield from several if isinstance(several, tuple) else ()
    for restriction in shelf.restrictions.values():
        yield restriction.owner
        if restriction.approval is not None and not restriction.imported:  # an import names offices, not people
            yield restriction.approval.by
    for notice in notices:
        yield from (notice.drafted_by, notice.read_by)
    for entry in entries:
        yield from (entry.looked_by, entry.owner)
