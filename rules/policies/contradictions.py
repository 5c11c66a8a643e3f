"""What contradicts itself in a policy that its schema takes: each check gives a sentence for every fault.

Belongs here: checks across the parts of one file. A policy with any of these is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rules.levels.kinds import Level
from rules.measures import KINDS
from rules.policies.acts import ACTS, OPEN_TO_ALL
from rules.policies.clauses import TOPICS
from rules.policies.file import PolicyFile
from rules.policies.thresholds import Threshold
from rules.standing import PartyKind
from rules.windows import ROLLING_SPANS, Per

_ORDER = (Per.HOUR, Per.DAY, Per.WEEK, Per.MONTH)


def contradictions(file: PolicyFile) -> Iterator[str]:
    """Give every contradiction in a policy, in the order of the file, each a sentence without its full stop."""
    for check in (_names, _rights, _measures, _durations, _approval, _appeal, _review, _thresholds, _phone):
        yield from check(file)


def _phone(file: PolicyFile) -> Iterator[str]:
    if file.phone.danger == "duty_manager" and not file.duty_manager.phone:
        yield "phone.danger connects to the duty manager, and duty_manager.phone names no number; add it"
    if file.phone.warn_before_s >= file.least_call_s:
        yield (
            f"phone: a warning {file.phone.warn_before_s} seconds before the end would be the first thing said in the "
            f"shortest call, which is {file.least_call_s} seconds; warn later, or raise least_call_s"
        )


def _names(file: PolicyFile) -> Iterator[str]:
    """Find what is named and is not there: roles, grounds, topics of clauses."""
    for where, roles in _named_roles(file):
        for role in sorted(roles - file.roles.keys()):
            known = f"the roles are {', '.join(file.roles)}" if file.roles else "[roles] names none"
            yield f"{where} names the role {role!r}, which nobody has; {known}"
    grounds = ", ".join(file.grounds)
    for ground in file.no_warning_grounds:
        if ground not in file.grounds:
            yield f"no_warning_grounds names {ground!r}, which is no ground; the grounds are {grounds}"
    for number, gate in enumerate(file.gates):
        for ground in sorted(gate.grounds - file.grounds.keys()):
            yield f"gates.{number} stands before {ground!r}, which is no ground; the grounds are {grounds}"
    for topic in file.clauses:
        if topic not in KINDS and topic not in ACTS and topic not in TOPICS:
            yield f"clauses.{topic}: there is no measure, act or topic of that name; the topics are {', '.join(TOPICS)}"


def _named_roles(file: PolicyFile) -> Iterator[tuple[str, frozenset[str]]]:
    for act, roles in file.may.items():
        yield f"may.{act}", frozenset(roles)
    for number, gate in enumerate(file.gates):
        yield f"gates.{number}", gate.approvers
    yield "exceptions", file.exceptions.roles | file.exceptions.fallback
    if file.appeal:
        yield "appeal.to", file.appeal.to
    yield "overdue", file.overdue.roles


def _rights(file: PolicyFile) -> Iterator[str]:
    for act, roles in file.may.items():
        if act not in ACTS:
            yield f"may.{act}: there is no act {act!r}; the acts are {', '.join(ACTS)}"
        elif act in OPEN_TO_ALL:
            yield f"may.{act}: any colleague may {ACTS[act]}, under every policy; leave it out"
        elif act == "decide_appeal":
            yield "may.decide_appeal: who decides an appeal is said in [appeal], and nowhere else; leave it out"
        elif not roles:
            yield f"may.{act} names no role, so nobody could {ACTS[act]}; leave it out where anyone may"


def _measures(file: PolicyFile) -> Iterator[str]:
    allowed = KINDS if file.measures is None else file.measures
    for kind in file.measures or ():
        if kind not in KINDS:
            yield f"measures names {kind!r}, which is not in the catalogue; the measures are {', '.join(KINDS)}"
    if file.measures == ():
        yield "measures is empty, so nothing could be restricted; leave it out for the whole catalogue"
    for number, gate in enumerate(file.gates):
        for kind in sorted(gate.kinds):
            if kind not in allowed:
                yield f"gates.{number} stands before {kind!r}, which is no measure of this policy"


def _durations(file: PolicyFile) -> Iterator[str]:
    longest, usual = file.durations.longest_months, file.durations.restriction_months
    if longest is not None and longest < usual:
        yield f"durations: a restriction lasts {usual} months, but longest_months allows {longest}"


def _approval(file: PolicyFile) -> Iterator[str]:
    """Find gates that nobody could open: for want of rights, of a second person, of somebody who may open both."""
    if file.roles and not any(gate.every or gate.total_block for gate in file.gates):
        yield "no gate stands before a total block; say in [[gates]] with total_block = true who approves one"
    may_approve = frozenset(file.may.get("approve_restriction", ())) or frozenset(file.roles)
    for where, approvers in _approvers(file):
        for role in sorted(approvers & file.roles.keys() - may_approve):
            yield f"{where} asks for the approval of {role!r}, whom may.approve_restriction leaves out"
        yield from _alone(file, where, approvers & may_approve)
    if file.exceptions.fallback and not file.exceptions.roles:
        yield "exceptions: fallback stands in for roles, and there are none"
    yield from dict.fromkeys(_unopened(file))


def _approvers(file: PolicyFile) -> Iterator[tuple[str, frozenset[str]]]:
    for number, gate in enumerate(file.gates):
        yield f"gates.{number}", gate.approvers
    yield "exceptions", file.exceptions.roles | file.exceptions.fallback


def _unopened(file: PolicyFile) -> Iterator[str]:
    """Find gates that can stand before one restriction together, so that no role opens them all."""
    for party in PartyKind:
        met = [(number, gate) for number, gate in enumerate(file.gates) if gate.can_meet(party)]
        if len(met) < 2:
            continue
        where = ", ".join(f"gates.{number}" for number, _ in met)
        together = frozenset.intersection(*(gate.approvers for _, gate in met))
        if not together:
            yield f"{where} can stand before one restriction, and no role may open them all"
        yield from _alone(file, where, together)


def _alone(file: PolicyFile, where: str, approvers: frozenset[str]) -> Iterator[str]:
    """Find an approver who is the only one who may propose: nobody approves their own."""
    proposers = frozenset(file.may.get("propose_restriction", ()))
    if file.four_eyes and len(proposers) == 1 and approvers == proposers:
        role = next(iter(proposers))
        yield (
            f"{where}: only {role!r} may propose and only {role!r} may approve, but four_eyes lets nobody approve "
            "their own; let others propose, or name another approver"
        )


def _appeal(file: PolicyFile) -> Iterator[str]:
    """Find an appeal that goes to nobody but those who decided (SPSO-22)."""
    if file.appeal is None:
        if "appeal" in file.may:
            yield "may.appeal is said, but there is no [appeal]: decisions are final"
        return
    for number, gate in enumerate(file.gates):
        if file.appeal.to <= gate.approvers:
            yield f"appeal.to names only roles that decide by gates.{number}; name one that does not"


def _review(file: PolicyFile) -> Iterator[str]:
    every, lasts = file.review.every_months, file.durations.restriction_months
    if every is None and not file.review.why_none:
        yield "review: say every_months, or in why_none why restrictions are not reviewed"
    if every is not None and every > lasts:
        yield f"review: every {every} months is later than the end of a restriction, which lasts {lasts}"


def _thresholds(file: PolicyFile) -> Iterator[str]:
    """Find levels that can never be reached, or never by themselves: another is always reached with them or before."""
    for number, one in enumerate(file.thresholds):
        talk = one.level is Level.TALK_MINUTES
        if talk and one.at_least * 60 > ROLLING_SPANS[one.per].total_seconds():
            yield f"thresholds.{number}: {one.at_least} minutes do not fit in {_span(one)}"
        if one.ground and one.ground not in file.grounds:
            grounds = ", ".join(file.grounds)
            yield f"thresholds.{number}: {one.ground!r} is no ground; the grounds are {grounds}"
    for (first, one), (second, other) in combinations(enumerate(file.thresholds), 2):
        if _of_a_kind(one, other):
            yield from _compared(first, one, second, other)


def _of_a_kind(one: Threshold, other: Threshold) -> bool:
    return one.level is other.level and one.channels == other.channels and one.window is other.window


def _compared(first: int, one: Threshold, second: int, other: Threshold) -> Iterator[str]:
    if one.per is other.per:
        yield f"thresholds.{first} and thresholds.{second} are both for {_span(one)}; keep one"
        return
    shorter, longer = sorted((one, other), key=lambda each: _ORDER.index(each.per))
    if longer.at_least <= shorter.at_least:
        yield (
            f"thresholds.{first} and thresholds.{second}: {longer.at_least} in {_span(longer)} is reached with or "
            f"before {shorter.at_least} in {_span(shorter)}; the longer span needs the higher level"
        )


def _span(one: Threshold) -> str:
    return "an hour" if one.per is Per.HOUR else f"a {one.per.value}"
