"""A policy in words for people: what it says, in sections of labelled rows, and what differs between two.

Belongs here: reading a policy aloud, so that two that decide alike read alike; clauses stand beside the words. It is
imported by its own name: it stands upon the measures, and they upon policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rules.contact import Channel
from rules.levels.kinds import Level
from rules.measures import KINDS
from rules.measures.measure import channel_words
from rules.policies.acts import ACTS
from rules.policies.gates import Gate, GateRow, together
from rules.policies.policy import Policy
from rules.policies.texting import Texting
from rules.policies.thresholds import Threshold
from rules.safeguards.kinds import Kind
from rules.safeguards.kinds import in_words as kind_in_words
from rules.waiting_for import WaitingFor

_REGIONS = {
    "england_and_wales": "England and Wales",
    "scotland": "Scotland",
    "northern_ireland": "Northern Ireland",
}
_LANGUAGES = {"en": "English", "cy": "Welsh (no speaker has reviewed it yet)"}
_CALLERS = {
    "connect": "put through",
    "ask": "asked to key in a number, and put through",
    "voicemail": "to voicemail",
}
_DANGER = {"advice": "hears the words for an emergency", "duty_manager": "hears them, and the duty manager is rung"}
_TEXTS = {
    "refusal": "A message that is refused",
    "automated_line": "The recorded line",
    "voicemail": "Before a voicemail",
    "note_subject": "The subject of our notes",
    "ending": "The end of our notes",
    "text_returned": "Our answer to a text that is not taken",
    "text_filed": "Our answer to a text that is filed",
    "highlighted": "Above a message that goes back with parts marked",
    "send_again": "How to send it again",
    "still_there": "Where the marked parts are still in it",
    "challenge": "How to challenge a decision",
    "new_complaint": "A new complaint",
    "about_us": "A complaint about us",
    "data_request": "A request for data or information",
    "emergency": "An emergency",
    "help": "Where help is",
    "self_harm": "Somebody may harm themselves",
    "call_ending": "Before a limited call ends",
    "call_over": "After a limited call",
    "menu_again": "The key to hear it again",
    "menu_message": "The key to leave a message",
    "menu_danger": "The key for danger",
    "menu_person": "To stay on the line for a person",
    "ask_number": "Asking for a number",
    "engaged": "While a named contact is engaged",
    "message_taken": "After a voicemail",
    "goodbye": "Where no message was left",
}

_KEPT = {
    "warnings": "Asks, and warnings after their end",
    "incidents": "Incidents that led to nothing",
    "restrictions": "Restrictions after their end",
    "papers": "Any other paper on a file",
    "evidence": "Sealed evidence",
    "letters": "What our letters say",
    "messages": "Mail that was filed or turned away, as it came",
    "contacts": "What is known of each contact",
    "confidential": "Confidential records",
    "parties": "A party on whom nothing is in force",
}


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one thing that a policy says: `label` is what about, the same in every policy that says something of it."""

    label: str
    text: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Hold rows that belong together; `otherwise` is what a policy says by leaving one out."""

    title: str
    rows: tuple[Row, ...]
    otherwise: str = "-"


@dataclass(frozen=True, slots=True)
class Difference:
    """Hold one thing that two policies say differently."""

    section: str
    label: str
    one: str
    other: str


def sections(policy: Policy) -> tuple[Section, ...]:
    """Give all that a policy says."""
    return (
        Section("The office", tuple(_office(policy))),
        Section("Roles", tuple(Row(role, title) for role, title in policy.roles.items())),
        Section("Who may do what", tuple(_rights(policy)), "anyone who works there"),
        Section("What a restriction can be", tuple(_measures(policy))),
        Section("Grounds", tuple(_grounds(policy))),
        Section("How long", tuple(_durations(policy))),
        Section("What needs whose approval", tuple(_approval(policy))),
        Section("Appeal, review, evidence", tuple(_afterwards(policy))),
        Section("By when", tuple(_clock(policy))),
        Section("What waits for a person", tuple(_overdue(policy)), "not said"),
        Section("What must reach a person", tuple(_safeguards(policy)), "none"),
        Section("How long it stays on record", tuple(_retention(policy))),
        Section("Levels of contact that are flagged", tuple(_thresholds(policy))),
        Section("The time that contact takes, by estimate", tuple(_contact_time(policy))),
        Section("Calls and ways in", tuple(_ways_in(policy))),
        Section("Words", tuple(Row(_TEXTS[key], text) for key, text in policy.texts.model_dump().items())),
    )


def differences(one: Policy, other: Policy) -> Iterator[Difference]:
    """Give what two policies say differently, in their order; clauses, which always differ, are left out."""
    for first, second in zip(sections(one), sections(other), strict=True):
        ours, theirs = _by_label(first.rows), _by_label(second.rows)
        for label in dict.fromkeys([*ours, *theirs]):
            texts = ours.get(label, first.otherwise), theirs.get(label, second.otherwise)
            if texts[0] != texts[1]:
                yield Difference(first.title, label, *texts)


def _by_label(rows: Iterable[Row]) -> Mapping[str, str]:
    return {row.label: row.text for row in rows}


def _office(policy: Policy) -> Iterator[Row]:
    yield Row("Name", policy.name)
    yield Row("Title", policy.title)
    yield Row("Time zone", policy.zone.key)
    yield Row("Bank holidays of", _REGIONS[policy.region])


def _rights(policy: Policy) -> Iterator[Row]:
    for act, words in ACTS.items():
        if policy.may(act):
            yield Row(_sentence(words), _titles(policy, policy.may(act)), policy.clause(act))
    yield Row("Everything else", "anyone who works there")


def _measures(policy: Policy) -> Iterator[Row]:
    for kind, measure in KINDS.items():
        if kind in policy.measures:
            yield Row(kind, measure.staff_words, policy.clause(kind))


def _grounds(policy: Policy) -> Iterator[Row]:
    for ground, words in policy.grounds.items():
        free = ground in policy.no_warning_grounds
        clause = policy.clause("zero_tolerance") if free else ""
        yield Row(ground, f"{words}{'; needs no warning' if free else ''}", clause)


def _durations(policy: Policy) -> Iterator[Row]:
    lasts = policy.durations
    yield Row(
        "A warning",
        f"{_count(lasts.warning_months, 'month')} from when it is told",
        policy.clause("communicate_warning"),
    )
    since = "the last instance" if lasts.counted_from == "last_instance" else "its first day"
    months = f"{_count(lasts.restriction_months, 'month')} from {since}"
    yield Row("A restriction", months, policy.clause("durations"))
    most = "no limit" if lasts.longest_months is None else f"{_count(lasts.longest_months, 'month')} at once"
    yield Row("The longest restriction", most, policy.clause("extend_restriction"))
    again = f"within {_count(lasts.renewal_months, 'month')} of its end" if lasts.renewal_months else "never"
    yield Row("Again without a warning", again)
    interim = f"{_count(lasts.interim_working_days, 'working day')}, not renewable"
    yield Row("Interim protection", interim, policy.clause("protect_interim"))


def _approval(policy: Policy) -> Iterator[Row]:
    eyes = "nobody approves their own" if policy.four_eyes else "one person may decide alone"
    yield Row("Four eyes", eyes, policy.clause("four_eyes"))
    for what, gates in _gates(policy).items():
        gate = together(gates)
        assert gate is not None  # each of these has one
        yield Row(what, _approvers(policy, gate), gate.clause)
    if not any(gate.every for gate in policy.gates):
        yield Row("Any other restriction", "nobody's: any colleague may decide")
    yield Row("A restriction without a warning", _approvers(policy, policy.exceptions), policy.exceptions.clause)


def _gates(policy: Policy) -> Mapping[str, list[GateRow]]:
    """Give what stands before what, each with the gates that stand before every restriction."""
    always = [gate for gate in policy.gates if gate.every]
    found = {"Every restriction": always} if always else {}
    for gate in policy.gates:
        for what in _stands_before(gate):
            found.setdefault(what, list(always)).append(gate)
    return found


def _stands_before(gate: GateRow) -> Iterator[str]:
    if gate.total_block:
        yield "A total block"
    for kind in KINDS:
        if kind in gate.kinds:
            yield f"With {kind}"
    for ground in sorted(gate.grounds):
        yield f"On the ground {ground}"
    for party in sorted(gate.parties):
        yield f"On {'an' if party.value[0] in 'aeiou' else 'a'} {party.value}"


def _approvers(policy: Policy, gate: Gate) -> str:
    if not gate.roles:
        return "anyone but who proposed it" if policy.four_eyes else "anyone"
    words = _titles(policy, gate.roles)
    return f"{words}; where they are away or conflicted {_titles(policy, gate.fallback)}" if gate.fallback else words


def _afterwards(policy: Policy) -> Iterator[Row]:
    if policy.appeal is None:
        yield Row("Appeal", "none: decisions are final", policy.clause("appeal"))
    else:
        days = policy.appeal.within_days
        within = f", within {_count(days, 'day')} of the notice" if days is not None else ""
        yield Row("Appeal", f"to {_titles(policy, policy.appeal.to)}{within}", policy.appeal.clause)
    every, why = policy.review.every_months, policy.review.why_none
    if every is not None:
        yield Row("Review", f"every {_count(every, 'month')}" if every > 1 else "every month", policy.review.clause)
    if why:
        yield Row("No review", why, policy.review.clause)
    needed = "a restriction names the incidents that it rests on" if policy.evidence.required else "not demanded"
    yield Row("Evidence", needed, policy.clause("evidence"))
    yield Row("The largest piece of evidence", f"{policy.evidence.most_mb} MB")
    kept = "deleted there once it is kept here" if policy.evidence.delete_at_provider else "kept there as well"
    yield Row("A voicemail at the phone provider", kept)
    guard = policy.guard
    met = f"{_count(guard.most_others, 'other')}, or {guard.most_share_percent}% of a month's contacts"
    yield Row("Refused if it would have met more than", met)


def _clock(policy: Policy) -> Iterator[Row]:
    yield Row("What was filed is looked at", _within(policy.look_by_working_days), policy.clause("file_unanswered"))
    closed = "filed unread" if policy.closed_unread else "filed, and looked at"
    yield Row("Mail on a closed matter", closed, policy.clause("closed_case"))
    yield Row("We answer", _within(policy.answer_working_days))
    yield Row("People answer a request of ours", _within(policy.request_working_days), policy.clause("request"))
    days = _count(policy.review_unknown.days, "day")
    stale = f"after {_count(policy.identifier_stale.days, 'day')}"
    yield Row("An address or number nobody confirmed is asked about", stale)
    yield Row("Nobody knows if they were told", f"reviewed within {days}", policy.clause("notice"))


def _overdue(policy: Policy) -> Iterator[Row]:
    overdue = policy.overdue
    if overdue.owner:
        yield Row("Where nobody is named, it is for", _titles(policy, [overdue.owner]))
    for what in WaitingFor:
        if what in overdue.owners:
            yield Row(_sentence(what.words), _titles(policy, [overdue.owners[what]]))
    for step in overdue.steps:
        days = _count(abs(step.working_days), "working day")
        late = f"{days} ahead" if step.ahead else f"Overdue for {days}" if step.working_days else "As soon as overdue"
        kinds = [what.words for what in WaitingFor if what in step.kinds]
        yield Row(f"{late}{': ' if kinds else ''}{'; '.join(kinds)}", f"{_titles(policy, [step.role])} is told")


def _retention(policy: Policy) -> Iterator[Row]:
    kept = policy.retention
    for name, label in _KEPT.items():
        yield Row(label, _count(getattr(kept, name), "month"), kept.clause)
    yield Row("Deleted", "every day, by itself" if kept.apply else "when somebody says so")


def _thresholds(policy: Policy) -> Iterator[Row]:
    for one in policy.thresholds:
        yield Row(*_threshold(one), one.clause or policy.clause("threshold"))
    yield Row("A flag dealt with sleeps", f"for {_count(policy.flag_sleep.days, 'day')}")


def _threshold(one: Threshold) -> tuple[str, str]:
    kind = f", as {one.ground}" if one.ground else ""
    told = f"; told as {one.severity.value}" if one.severity else ""
    said = f"{one.at_least:,} {one.unit}{kind}{told}"
    return one.title or _over(one), f"{said}, {_over(one).lower()}" if one.title else said


def _over(one: Threshold) -> str:
    window = one.span.in_words()
    if one.level is Level.TALK_MINUTES:
        return f"Talk {window}"
    return (
        f"By any channel {window}"
        if one.channels == frozenset(Channel)
        else (f"By {channel_words(one.channels)} {window}")
    )


def _contact_time(policy: Policy) -> Iterator[Row]:
    hours, taken = policy.office_hours, policy.staff_time
    closed = ", not on bank holidays" if hours.bank_holidays else ""
    yield Row("The office's hours", f"{' '.join(hours.days)}, {hours.opens:%H:%M} to {hours.closes:%H:%M}{closed}")
    yield Row("Reading", f"{taken.words_a_minute} words a minute")
    yield Row("A message whose words nobody counted", _count(taken.words_unread, "word"))
    for channel in Channel:
        yield Row(f"Dealing with one by {channel.value}", _count(taken.handling.minutes(channel), "minute"))


def _ways_in(policy: Policy) -> Iterator[Row]:
    yield Row("A withheld number", _CALLERS[policy.callers.withheld])
    yield Row("A number that is not available", _CALLERS[policy.callers.unavailable])
    yield Row("Something else in place of a number", _CALLERS[policy.callers.odd])
    phone, line = policy.phone, policy.clause("automated_line")
    yield Row("The recorded line takes messages", "yes, and leads there by itself" if phone.messages else "no", line)
    yield Row("Who presses the key for danger", _DANGER[phone.danger], policy.clause("safeguard"))
    yield Row("Waiting for a named contact who is engaged", _seconds(phone.wait_s), policy.clause("named_contact"))
    before = f"{_count(phone.warn_before_s, 'second')} before the end" if phone.warn_before_s else "by adjustment only"
    yield Row("A limited call is told of its end", before, policy.clause("call_length_limit"))
    yield Row("The shortest call put through", _count(policy.least_call_s, "second"))
    yield Row("A call counts from", _count(policy.counted_call_s, "second"))
    yield Row("Always open", ", ".join(sorted(policy.always_open)) or "none", policy.clause("always_open"))
    duty = " and ".join(filter(None, (policy.duty_manager.inbox, policy.duty_manager.phone)))
    yield Row("The duty manager", duty or "said with each restriction", policy.clause("protect_interim"))
    yield Row("Senders nobody vouches for", "answered" if policy.answer_claimed else "not answered")
    most = policy.replies
    a_day = f"{most.party} to a party, {most.address} to an address, {most.domain} to a domain, {most.everybody} in all"
    yield Row("Notes and returns in 24 hours, at most", a_day)
    yield from _texting(policy.texting)


def _texting(texting: Texting) -> Iterator[Row]:
    if not texting.answers:
        yield Row("Texts", "never answered by text")
        return
    but = f", but not {', '.join(texting.never)}" if texting.never else ""
    yield Row("Texts are answered to numbers that begin", f"{', '.join(texting.numbers)}{but}")
    yield Row("One number is answered by text once in", _count(texting.hours_between, "hour"))
    spent = f"{_count(texting.most, 'text')}, {texting.most_spent:.2f} spent at {texting.price:g} for each part"
    yield Row("Our texts in 24 hours, at most", spent)


def _safeguards(policy: Policy) -> Iterator[Row]:
    safeguards = policy.safeguards
    yield Row(
        "Lists of words", ", ".join(_LANGUAGES[code] for code in safeguards.languages), policy.clause("safeguard")
    )
    for kind in Kind:
        days = safeguards.look_by.days(kind)
        looked = _within(days) if days else "at once"
        alert = "; staff are told by mail" if kind in safeguards.alert else ""
        yield Row(_sentence(kind_in_words(kind)), f"looked at {looked}{alert}", policy.clause(kind.value))
    yield Row(
        "Whom to turn to", "told to who may harm themselves" if safeguards.signpost else "not told by the gateway"
    )
    for what, own in (("Added", safeguards.add), ("Taken out", safeguards.remove)):
        for kind, phrases in own.by_kind().items():
            yield Row(f"{what}: {kind_in_words(kind)}", "; ".join(phrases))


def _titles(policy: Policy, roles: Iterable[str]) -> str:
    """Name roles by their titles, in the policy's order: `the Ombudsman or the Executive Team`."""
    asked = set(roles)
    titles = [title for role, title in policy.roles.items() if role in asked]
    return " or ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles)


def _seconds(most: int) -> str:
    return f"{_count(most, 'second')} at most" if most else "not at all"


def _within(working_days: int) -> str:
    return f"within {_count(working_days, 'working day')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
