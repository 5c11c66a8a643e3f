"""`parley check`: what would happen to one contact, and why. Reads the record and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from adapters.mail.opening import LONGEST_OPENING
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of
from gateway.cli.screen import escaped, minutes, plain, table
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.mail_contact import OBSERVE
from gateway.replay import as_object
from gateway.safeguard_lists import lists_of
from gateway.safeguards import examined, was_told
from gateway.standing import standing_of
from gateway.text_contact import inboxes_of
from rules import identity
from rules.contact import Assurance, Caller, Channel, Contact, Identifier
from rules.decide import MEASURE_FAILED, SUSPENDED, UNCERTAIN, decide
from rules.decision import Decision, Outcome
from rules.measures.measure import channel_words
from rules.on_file import UNREAD
from rules.policies import Policy
from rules.safeguards.bearing import SAFEGUARD
from rules.safeguards.recogniser import recognise
from rules.standing import Restriction, Told
from rules.windows import in_words
from storage.transaction import Reader

_TO_CALL = (Channel.CALL, Channel.SMS)
_WOULD = {
    Outcome.DELIVER: "would be delivered",
    Outcome.CONNECT: "would be put through",
    Outcome.ROUTE: "would go to {target}",
    Outcome.HOLD: "would be held",
    Outcome.FILE: "would be filed, out of the inbox, for a person to look at",
    Outcome.RETURN: "would be returned with a note",
    Outcome.VOICEMAIL: "would go to voicemail",
    Outcome.AUTOMATED_LINE: "would hear the recorded message",
    Outcome.REFUSE: "would be refused",
}

_TEXT_WOULD = {
    Outcome.RETURN: "would not reach its inbox, and be answered by one text",
    Outcome.REFUSE: "would be refused, without an answer",
}
_MEANS = {
    UNCERTAIN: ", so no measure was asked",
    MEASURE_FAILED: ", so a person looks at it; which one stands in the reasons",
    SUSPENDED: ", so it lets everything through until its owner amends it; why stands in the reasons",
    SAFEGUARD: ", so it reaches a person whatever is restricted",
    UNREAD: ", so nobody has to look at it",
}


@app.command("check")
def _check(
    context: typer.Context,
    sender: Annotated[str, typer.Argument(help="An address, a number, `withheld`, or a handle as platform:name.")],
    channel: Annotated[Channel | None, typer.Option(help="Else email for an address, call for a number.")] = None,
    to: Annotated[list[str] | None, typer.Option(help="The inbox or number; may be given again.")] = None,
    at: Annotated[str | None, typer.Option(help="When, as 2026-03-04T09:30 on the office's clock; else now.")] = None,
    assurance: Annotated[Assurance, typer.Option(help="How far the sender is known to be who they say.")] = (
        Assurance.CLAIMED
    ),
    subject: Annotated[str, typer.Option(help="The subject, for measures on cases and subjects.")] = "",
    says: Annotated[str, typer.Option(help="What it says, to see what is recognised in it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Say what would happen to one contact from SENDER, and why. Nothing is recorded."""
    settings = settings_of(context)
    policy = settings.policy
    contact = _contact(sender, channel, tuple(to or ()), _moment(at, policy), assurance, subject)
    if contact.channel is Channel.SMS:
        contact = _as_text(contact, says, settings)
    spoken: list[str] = []

    def judged(reader: Reader) -> tuple[Decision, tuple[Restriction, ...]]:
        standing = standing_of(reader, contact, policy, now=contact.at, until=contact.at)
        observe = reader.setting(OBSERVE) == "on"
        file = reader.party_file(standing.party.id) if standing.party else None
        read = contact
        if contact.channel is Channel.SMS and contact.sender and reader.texts_stopped(contact.sender.value):
            read = replace(contact, answerable=False)
        if examined(contact, standing):
            found = recognise(says, subject, lists_of(policy), told=was_told(standing, contact.at))
            spoken.extend(f"{one.safeguard}, by the words {one.words!r}" for one in found)
            read = replace(read, safeguards=tuple(one.safeguard for one in found))
        decision = decide(read, standing, policy, now=contact.at, observe=observe)
        return decision, file.restrictions if file else ()

    with record_of(settings) as record:
        decision, restrictions = record.read_now(judged)
    if as_json:
        print_json(
            as_object(contact, decision, policy) | {"carried": decision.carried.value, "marks": [*decision.marks]}
        )
        return
    for sentence in (*_sentences(contact, decision, policy), *_resting(contact, restrictions, policy)):
        typer.echo(escaped(sentence.replace("{office}", settings.config.office.name)))
    for one in spoken:
        typer.echo(escaped(f"Recognised: {one}."))
    _print_reasons(contact, decision, restrictions)
    for restriction in restrictions:
        if not restriction.in_force(contact.at):
            typer.echo(escaped(f"Not in force then: {_why_not(restriction, contact.at, policy)}"))


def _contact(
    sender: str, channel: Channel | None, to: tuple[str, ...], at: datetime, assurance: Assurance, subject: str
) -> Contact:
    """Make up the contact that is asked about."""
    caller, number = identity.caller(sender)
    if channel is None:
        channel = Channel.EMAIL if "@" in sender else Channel.CALL
    identifier: Identifier | None = number
    if channel not in _TO_CALL:
        identifier, caller = identity.anything(sender), Caller.NUMBER
    if identifier is None and (caller is Caller.NUMBER or sender.strip().lower() not in list(Caller)):
        refuse(f"{escaped(sender)!r} is no address and no number; write it as r@example.org or +441632960001.")
    if channel in _TO_CALL:
        to = tuple(known.value if (known := identity.phone(one)) else one for one in to)
    return Contact(
        id="",
        channel=channel,
        at=at,
        sender=identifier,
        candidates=(identifier,) if identifier else (),
        assurance=assurance,
        caller=caller,
        recipients=to,
        subject=subject,
    )


def _as_text(contact: Contact, says: str, settings: Settings) -> Contact:
    """Make it the text that would come: to the inbox of its line, with its words to be read."""
    inboxes = inboxes_of(settings.config)
    to = tuple(one if "@" in one else inboxes.serving(one) for one in contact.recipients) or (inboxes.inbox,)
    return replace(contact, recipients=to, opening=says[:LONGEST_OPENING])


def _moment(text: str | None, policy: Policy) -> datetime:
    if text is None:
        return utc_now()
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=policy.zone)).astimezone(utc_now().tzinfo)
    except (ValueError, OverflowError):
        refuse(f"--at {escaped(text)!r} is no moment; write it as 2026-03-04T09:30.")


def _sentences(contact: Contact, decision: Decision, policy: Policy) -> Iterator[str]:
    """Say what would happen, and what goes with it."""
    what = channel_words([contact.channel])
    without = (
        "somebody without a number" if contact.caller is Caller.ODD else f"a number that is {contact.caller.value}"
    )
    who = contact.sender.value if contact.sender else without
    whose = f"{who} ({decision.party_name})" if decision.party_name else who
    to = f" to {', '.join(contact.recipients)}" if contact.recipients else ""
    routed = [target.to for target in decision.targets if target.outcome is Outcome.ROUTE]
    places = ", ".join(dict.fromkeys(routed)) or "one person"
    by_text = _TEXT_WOULD if contact.channel is Channel.SMS else {}
    would = (by_text.get(decision.outcome) or _WOULD[decision.outcome]).format(target=places)
    yield f"Contact by {what} from {whose}{to} on {in_words(contact.at, policy.zone)} {would}."
    if decision.carried is not decision.outcome:
        yield "The office is in observe mode, so it is let through all the same: `parley observe off` ends that."
    if len({target.outcome for target in decision.targets}) > 1:
        each = "; ".join(f"{target.recipient}: {target.outcome.value}" for target in decision.targets)
        yield f"The recipients differ: {each}."
    if decision.time_limit_s is not None:
        yield f"The call would end after {minutes(decision.time_limit_s)}."
    if decision.release_at is not None:
        yield f"It would be released on {in_words(decision.release_at, policy.zone)}."
    elif decision.outcome is Outcome.HOLD:
        yield "A person releases it."
    if decision.respond_by is not None:
        yield f"An answer is due by {decision.respond_by:%d %B %Y}."
    if decision.note is not None:
        yield f"The sender is told, once: {decision.note.text}"
    elif decision.sender_text and decision.outcome in (Outcome.RETURN, Outcome.AUTOMATED_LINE):
        yield f"The sender is told: {decision.sender_text}"
    for mark in dict.fromkeys(decision.marks):
        yield f"It is marked: {mark}{_MEANS.get(mark, '')}."


def _resting(contact: Contact, restrictions: Sequence[Restriction], policy: Policy) -> Iterator[str]:
    """Say which measures rest because their party agreed to a behaviour contract (PHSO-M4)."""
    for restriction in restrictions:
        bearing = restriction.bearing(contact.at)
        resting = [measure for measure in restriction.measures if measure not in bearing]
        if restriction.in_force(contact.at) and resting and restriction.contract_agreed is not None:
            kinds = ", ".join(measure.kind for measure in resting)
            when = in_words(restriction.contract_agreed, policy.zone)
            yield f"At rest in {restriction.id}: {kinds}, since its behaviour contract was agreed on {when}."


def _print_reasons(contact: Contact, decision: Decision, restrictions: Sequence[Restriction]) -> None:
    """List every reason, and the measures in force that have nothing to say of this contact."""
    listing = table(Restriction=None, Measure=None, Clause=None, Why=None)
    for one in decision.reasons:
        listing.add_row(one.restriction or "-", one.measure or "-", one.clause or "-", plain(one.text))
    spoken = {(one.restriction, one.measure) for one in decision.reasons}
    for restriction in restrictions:
        for measure in restriction.bearing(contact.at) if restriction.in_force(contact.at) else ():
            if (restriction.id, measure.kind) not in spoken:
                silent = f"Has nothing to say of contact by {channel_words([contact.channel])}"
                listing.add_row(restriction.id, measure.kind, "-", silent)
    console.print(listing)


def _why_not(restriction: Restriction, at: datetime, policy: Policy) -> str:
    reasons = []
    if at < restriction.starts:
        reasons.append(f"it starts on {in_words(restriction.starts, policy.zone)}")
    if at >= restriction.ends:
        reasons.append(f"it ended on {in_words(restriction.ends, policy.zone)}")
    if not restriction.approved_by:
        reasons.append("nobody has approved it")
    if restriction.told is Told.NO:
        reasons.append("the party has not been told of it")
    kinds: Sequence[str] = [measure.kind for measure in restriction.measures]
    return f"{restriction.id} ({', '.join(kinds)}): {', '.join(reasons)}."
