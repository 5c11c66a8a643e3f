"""`parley replay`: what the rules would have made of contacts of the past. Nothing is delivered, sent or recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.progress import Progress

from gateway import config
from gateway.build import open_record
from gateway.cli import words
from gateway.cli.beside import Under, is_restrictions, print_beside, print_beside_json
from gateway.cli.office import app, console, print_json, refuse, settings_of
from gateway.cli.screen import escaped, plain, progress, table
from gateway.clock import utc_now
from gateway.config import FILE_NAME, Settings
from gateway.contact_files import FilesRefused, Gathered, gather, size_of
from gateway.import_drafts import ImportRefused
from gateway.import_fields import Terms
from gateway.imports import bring_in
from gateway.past_record import pasts_on_record
from gateway.replay import Replay, Replayed, as_object, copy_standings, scratch_record
from rules.contact import Caller, Channel
from rules.decision import Outcome
from rules.policies import Policy
from rules.windows import local_midnight
from storage.record import Record

K = TypeVar("K", str, tuple[str, str])
_MOST_SENDERS = 10
_MOST_FLAGS = 20
_PLACED = "placed at the time of the one before in the file"
_HELP = (
    "Run contacts of the past through the rules, in order of time; nothing is delivered, sent or recorded.\n\n"
    "FILES are mbox, Maildir, .eml or JSON Lines, or folders of them. A line of JSON has channel, from, at, and if "
    "known id, to, cc, subject, words, duration_s, assurance.\n\n"
    "Without --restrictions, the parties and restrictions on record are used, where there is an installation. Those of "
    "a file are taken as approved and told; without starts or ends they hold always.\n\n"
    "Of contacts on record neither subject nor words are known: measures on issues and safeguards say nothing of them."
)


@app.command("replay", help=_HELP)
def _replay(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(help="mbox, Maildir, .eml, .jsonl, or folders of them.", show_default=False)
    ] = None,
    restrictions: Annotated[Path | None, typer.Option(help="Try the restrictions of this .toml or .csv file.")] = None,
    policy: Annotated[str | None, typer.Option(help="Try this policy: a name, or a .toml file.")] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(help="Show this beside it: a policy, or a file of restrictions. May be given again."),
    ] = None,
    on_record: Annotated[bool, typer.Option("--record", help="Contacts on record, beside those of FILES.")] = False,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="With --record: from this day of the office on.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object a contact, for a program.")] = False,
) -> None:
    settings = settings_of(context) if (context.obj / FILE_NAME).exists() else None
    first = _Plan("today", _policy(settings, policy), restrictions)
    others = [_beside(one, first) for one in beside or ()]
    now = utc_now()
    counted: list[Under] = []
    summary, source = _Summary(), ""
    with progress() as bar:
        gathered = _gathered(files or [], settings, now, bar) if files else Gathered()
        if on_record:
            _add_recorded(gathered, settings, since)
        elif not files or since:
            refuse("Name files, or --record for the contacts on record; --since goes with --record.")
        if others:
            counted = [_counted(plan, gathered, settings, now, bar) for plan in (first, *others)]
        else:
            summary, source = _run(first, gathered, settings, now, bar, as_json)
    if others:
        (print_beside_json if as_json else print_beside)(counted)
        if gathered.undated:
            typer.echo(f"{_count(gathered.undated, 'message')} without a date: {_PLACED}.", err=as_json)
        return
    if not as_json:
        typer.echo(f"Policy: {escaped(first.policy.title)}. Restrictions: {source}.")
        _print_tables(summary)
    for sentence in _remarks(summary, gathered, first.policy, restrictions):
        typer.echo(escaped(sentence), err=as_json)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Hold what contacts are tried on; without a file, the restrictions on record hold."""

    label: str
    policy: Policy
    restrictions: Path | None


def _beside(named: str, first: _Plan) -> _Plan:
    """Give what differs from the first: its restrictions, or its policy."""
    label = Path(named).name
    if is_restrictions(named):
        return _Plan(label, first.policy, Path(named))
    return _Plan(label, config.read_policy(named, Path()), first.restrictions)


def _run(
    plan: _Plan, gathered: Gathered, settings: Settings | None, now: datetime, bar: Progress, as_json: bool
) -> tuple[_Summary, str]:
    with _told(plan, gathered, settings, now, bar) as (told, source):
        if as_json:
            return _print_objects(told, plan.policy), source
        summary = _Summary()
        for one in told:
            summary.add(one)
        return summary, source


def _counted(plan: _Plan, gathered: Gathered, settings: Settings | None, now: datetime, bar: Progress) -> Under:
    under = Under(plan.label)
    with _told(plan, gathered, settings, now, bar) as (told, _):
        for one in told:
            under.add(one)
    return under


@contextmanager
def _told(
    plan: _Plan, gathered: Gathered, settings: Settings | None, now: datetime, bar: Progress
) -> Iterator[tuple[Iterable[Replayed], str]]:
    with scratch_record(now) as record:
        source = _bring_restrictions(record, gathered, settings, plan.restrictions, plan.policy, now)
        task = bar.add_task("Deciding", total=len(gathered.pasts))
        yield bar.track(Replay(record, plan.policy).run(gathered.pasts), task_id=task), source


def _add_recorded(gathered: Gathered, settings: Settings | None, since: datetime | None) -> None:
    """Add the contacts on record, in the order of their time among those of files."""
    if settings is None:
        refuse("There is no installation here, and so no contact on record.")
    if since is None:
        refuse("Say from which day on, such as --since 2026-01-31.")
    begins = local_midnight(since.date(), settings.policy.zone)
    own = open_record(settings.config)
    try:
        gathered.pasts += own.read_now(lambda reader: pasts_on_record(reader, begins))
    finally:
        own.close()
    gathered.pasts.sort(key=lambda past: past.contact.at)


def _policy(settings: Settings | None, name: str | None) -> Policy:
    if name is not None:
        return config.read_policy(name, Path())
    return settings.policy if settings else config.read_policy("default", Path())


def _gathered(files: list[Path], settings: Settings | None, now: datetime, progress: Progress) -> Gathered:
    domains = frozenset(settings.config.office.domains) if settings else frozenset[str]()
    task = progress.add_task("Reading", total=None if progress.disable else size_of(files))
    try:
        return gather(files, now=now, domains=domains, heard=lambda size: progress.advance(task, size))
    except FilesRefused as refused:
        progress.stop()
        refuse(f"{escaped(str(refused), lines=True)}\nNothing was run.")


def _bring_restrictions(
    record: Record, gathered: Gathered, settings: Settings | None, file: Path | None, policy: Policy, now: datetime
) -> str:
    """Put into the record what restricts whom; says where it comes from."""
    if file is not None:
        try:
            bring_in(record, file, Terms(policy, now, trial=True), who="replay")
        except ImportRefused as refused:
            refuse(escaped("\n".join(refused.sentences), lines=True))
        return f"those of {escaped(str(file))}, taken as approved and told"
    if settings is None:
        return "none"
    senders = {one for past in gathered.pasts for one in (past.contact.sender, *past.contact.candidates) if one}
    own = open_record(settings.config)
    try:
        copy_standings(own, record, sorted(senders))
    finally:
        own.close()
    return "those on record"


@dataclass(slots=True)
class _Summary:
    """Count what became of contacts."""

    outcomes: Counter[tuple[Outcome, Channel]] = field(default_factory=Counter)
    senders: Counter[str] = field(default_factory=Counter)
    through: Counter[str] = field(default_factory=Counter)
    parties: dict[str, str] = field(default_factory=dict)
    flags: Counter[tuple[str, str]] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    repeats: int = 0
    uncertain: int = 0
    safeguards: int = 0
    doubles: int = 0
    restricted: bool = False
    first: datetime | None = None
    last: datetime | None = None

    def add(self, one: Replayed) -> None:
        """Count one contact; a further copy of a message is none."""
        if one.double:
            self.doubles += 1
            return
        contact, decision = one.contact, one.decision
        sender = contact.sender.value if contact.sender else _without(one)
        self.first = self.first or contact.at
        self.last = contact.at
        self.outcomes[decision.outcome, contact.channel] += 1
        self.senders[sender] += 1
        self.through[sender] += decision.outcome.lets_through
        self.uncertain += contact.uncertain
        self.safeguards += bool(decision.safeguards)
        self.repeats += one.repeat is not None
        self.restricted = self.restricted or any(reason.restriction for reason in decision.reasons)
        if decision.party_name:
            self.parties[sender] = decision.party_name
        for crossing in one.crossed:
            self.flags[decision.party_name or sender, crossing.text] += 1
            self.flagged[sender] += 1


def _without(one: Replayed) -> str:
    if one.contact.caller is Caller.ODD:
        return "(no number)"
    return "(sender uncertain)" if one.contact.uncertain else f"(number {one.contact.caller.value})"


def _print_objects(told: Iterable[Replayed], policy: Policy) -> _Summary:
    summary = _Summary()
    for one in told:
        summary.add(one)
        if not one.double:
            print_json(as_object(one.contact, one.decision, policy, one.crossed, one.repeat))
    return summary


def _print_tables(summary: _Summary) -> None:
    channels = [channel for channel in Channel if any(one is channel for _, one in summary.outcomes)]
    outcomes = table(Outcome=None, **{words.CHANNELS[channel]: None for channel in channels}, in_all=None)
    for outcome in Outcome:
        counts = [summary.outcomes[outcome, channel] for channel in channels]
        if any(counts):
            outcomes.add_row(outcome.value, *(f"{count:,}" if count else "" for count in counts), f"{sum(counts):,}")
    console.print(outcomes)
    senders = table(Most_frequent_senders=None, Party=None, Contacts=None, Let_through=None, Flags=None)
    for sender, count in _most(summary.senders, _MOST_SENDERS):
        flags = summary.flagged[sender]
        party = plain(summary.parties.get(sender, ""))
        senders.add_row(plain(sender), party, f"{count:,}", f"{summary.through[sender]:,}", str(flags or ""))
    console.print(senders)
    if summary.flags:
        levels = table(Flags=None, Level_reached=None, Times=None)
        for (who, text), count in _most(summary.flags, _MOST_FLAGS):
            levels.add_row(plain(who), plain(text), str(count))
        console.print(levels)


def _most(counter: Counter[K], number: int) -> list[tuple[K, int]]:
    """Give the highest counts, those that are equal in the order of their names."""
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:number]


def _remarks(summary: _Summary, gathered: Gathered, policy: Policy, restrictions: Path | None) -> Iterator[str]:
    """Say what was not plain, so that nothing is dropped in silence."""
    contacts = sum(summary.outcomes.values())
    if summary.first is None or summary.last is None:
        yield "There is no contact in these files."
        return
    first, last = summary.first.astimezone(policy.zone), summary.last.astimezone(policy.zone)
    flags = sum(summary.flags.values())
    span = f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}"
    yield f"{_count(contacts, 'contact')} from {span}; {_count(flags, 'flag')}."
    if len(summary.flags) > _MOST_FLAGS:
        yield f"The table of flags shows {_MOST_FLAGS} of {len(summary.flags):,} rows; --json shows all flags."
    if gathered.undated:
        yield f"{_count(gathered.undated, 'message')} without a date: {_PLACED}."
    if summary.doubles:
        copies = _count(summary.doubles, "further copy", "further copies")
        yield f"{copies} of a message within a week: not counted again."
    if summary.repeats:
        yield f"{_count(summary.repeats, 'contact')} of parties like what the same party sent before."
    if summary.safeguards:
        yield f"{_count(summary.safeguards, 'contact')} that must reach a person, by their words; --json says as what."
    if summary.uncertain:
        yield f"{_count(summary.uncertain, 'contact')} of which nobody can say who sent it."
    if gathered.left_aside:
        yield f"{_count(len(gathered.left_aside), 'other file')} in the folders: no mail, left aside."
    if restrictions is not None and not summary.restricted:
        yield f"No restriction of {restrictions} bore on any of them: see its days, addresses and numbers."


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
