"""What holds of every decision, whatever contact meets whatever measures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.contact import Assurance, Channel
from rules.decide import MEASURE_FAILED, decide
from rules.decision import Outcome
from rules.measures import parse
from rules.standing import Adjustment, Told
from rules.workdays import is_working_day
from tests.rules.deciding import (
    ALWAYS_OPEN,
    CALLS,
    CHECKED,
    MAIL,
    decision,
)
from tests.rules.office import (
    DEFAULT,
    NOW,
    NUMBER,
    POLICY,
    contact,
    restriction,
    standing,
)
from tests.rules.strategies import ADJUSTMENTS, MEASURES, RESTRICTIONS, USED, contacts

is_working_day(NOW.date(), POLICY.region)  # bank holidays take longer to load than an example may
DECIDED = st.lists(RESTRICTIONS, max_size=3, unique_by=lambda one: one.id)
OPEN_OFFICE = replace(ALWAYS_OPEN, always_open=frozenset({"appeals@example.org"}))
OFFICES = st.sampled_from([POLICY, CHECKED, OPEN_OFFICE])
AWAY = st.sampled_from([frozenset(), frozenset({"casework@example.org"})])


@given(contacts(), DECIDED, USED, st.lists(ADJUSTMENTS, max_size=1), AWAY, OFFICES, st.booleans(), st.booleans())
def test_decide_never_raises_and_always_says_why(one, on, used, adjusted, away, policy, observe, restricted):
    """Whatever contact meets whatever measures: an outcome that its door knows, a reason, a target for everybody."""
    known = standing(
        *on, used=used, adjustments=tuple(adjusted), away=away, restricted_candidates=restricted, policy=policy
    )
    found = decide(one, known, policy, now=NOW, observe=observe)
    doors = CALLS if one.channel is Channel.CALL else MAIL
    assert found.outcome in doors
    assert found.carried in doors
    assert found.reasons
    assert all(reason.text for reason in found.reasons)
    assert tuple(target.recipient for target in found.targets if target.recipient) == one.recipients
    assert found.targets or one.channel is not Channel.CALL  # calls act on their one target
    assert MEASURE_FAILED not in found.marks
    if found.targets:
        assert found.carried is max((target.outcome for target in found.targets), key=lambda each: each.strictness)
    if one.recipients and not observe and len({target.outcome for target in found.targets}) > 1:
        assert not {Outcome.REFUSE, Outcome.RETURN} & {target.outcome for target in found.targets}
    if one.assurance is Assurance.FAILED:
        assert (found.note, found.counts) == (None, False)
        assert one.channel is Channel.CALL or found.carried not in {Outcome.RETURN, Outcome.REFUSE}
    if one.safeguards and one.channel is not Channel.CALL:
        assert found.carried not in {Outcome.HOLD, Outcome.RETURN, Outcome.REFUSE}
    if one.channel not in {Channel.EMAIL, Channel.SMS, Channel.CALL}:
        assert found.outcome is Outcome.DELIVER


@given(contacts(), DECIDED, RESTRICTIONS, USED, st.lists(ADJUSTMENTS, max_size=1), AWAY, OFFICES)
def test_adding_a_measure_never_weakens_the_outcome(one, on, more, used, adjusted, away, policy):
    """With one more restriction each target is as strict as before or stricter; time limits only fall."""
    fixed = {"used": used, "adjustments": tuple(adjusted), "away": away, "policy": policy}
    before = decide(one, standing(*on, **fixed), policy, now=NOW)
    after = decide(one, standing(*on, replace(more, id="9"), **fixed), policy, now=NOW)
    assert after.outcome.strictness >= before.outcome.strictness
    for was, became in zip(before.targets, after.targets, strict=True):
        assert became.outcome.strictness >= was.outcome.strictness
    if before.time_limit_s is not None and after.outcome in {Outcome.CONNECT, Outcome.ROUTE}:
        assert after.time_limit_s is not None
        assert after.time_limit_s <= before.time_limit_s
    texts = [reason for reason in before.reasons if reason.restriction]
    assert [reason for reason in after.reasons if reason.restriction in {"1", "2", "3"}] == texts


@given(contacts(), DECIDED, USED, AWAY, OFFICES, st.randoms(use_true_random=False))
def test_the_order_of_restrictions_and_measures_does_not_matter(one, on, used, away, policy, chance):
    """Outcome, targets, times and what counts are the same in any order; the reasons are the same ones."""
    mixed = [replace(each, measures=tuple(chance.sample(each.measures, len(each.measures)))) for each in on]
    chance.shuffle(mixed)
    fixed = {"used": used, "away": away, "policy": policy}
    first = decide(one, standing(*on, **fixed), policy, now=NOW)
    second = decide(one, standing(*mixed, **fixed), policy, now=NOW)
    for name in ("outcome", "carried", "targets", "time_limit_s", "release_at", "respond_by", "counts", "limited"):
        assert getattr(first, name) == getattr(second, name), name
    assert sorted(first.reasons, key=repr) == sorted(second.reasons, key=repr)


@given(contacts(), RESTRICTIONS, MEASURES, USED)
def test_a_measure_beside_others_never_weakens_them_while_no_contract_is_agreed(one, on, more, used):
    """One more measure in the same restriction leaves each target as strict or makes it stricter."""
    on = replace(on, contract_agreed=None)
    before = decide(one, standing(on, used=used), POLICY, now=NOW)
    after = decide(one, standing(replace(on, measures=(*on.measures, more)), used=used), POLICY, now=NOW)
    for was, became in zip(before.targets, after.targets, strict=True):
        assert became.outcome.strictness >= was.outcome.strictness
    assert after.outcome.strictness >= before.outcome.strictness


@given(contacts(), RESTRICTIONS, RESTRICTIONS, USED)
def test_an_agreed_contract_weakens_its_own_restriction_only(one, on, other, used):
    """It lets through what its restriction would not; what any other restriction finds stays as it was."""
    contract = parse({"kind": "behaviour_contract", "conditions": ["One call a week"]})
    agreed = replace(on, id="1", measures=(contract, *on.measures), contract_agreed=NOW)
    other = replace(other, id="2", contract_agreed=None)
    with_it = decide(one, standing(other, agreed, used=used), POLICY, now=NOW)
    alone = decide(one, standing(other, used=used), POLICY, now=NOW)
    assert (with_it.outcome, with_it.targets) == (alone.outcome, alone.targets)
    assert (with_it.time_limit_s, with_it.respond_by) == (alone.time_limit_s, alone.respond_by)


@given(contacts(), DECIDED, USED)
def test_interim_protection_alone_sends_nothing_away(one, on, used):
    """All reaches the duty manager or waits for them (PHSO-2); what cannot wait is filed for a person at once."""
    kept = {Outcome.DELIVER, Outcome.CONNECT, Outcome.ROUTE, Outcome.VOICEMAIL}
    kept.add(Outcome.FILE if one.safeguards else Outcome.HOLD)
    for measure in ({"kind": "interim_protection"}, {"kind": "interim_protection", "inbox": "duty@example.org"}):
        protected = restriction(measure, id="9", starts=NOW, approved_by="", told=Told.NO)
        found = decide(one, standing(protected), POLICY, now=NOW)
        assert found.outcome in kept
        beside = decide(one, standing(*on, protected, used=used), POLICY, now=NOW)
        assert beside.outcome.strictness >= found.outcome.strictness


@given(contacts(), MEASURES, USED)
def test_an_adjustment_of_every_channel_reaches_a_person(one, measure, used):
    """Whatever is on a party, a channel that an adjustment opens is delivered, connected or routed."""
    opened = (Adjustment("any way", frozenset(Channel)),)
    found = decide(one, standing(restriction(measure), used=used, adjustments=opened), POLICY, now=NOW)
    assert found.outcome.lets_through
    assert found.time_limit_s is None


def test_the_office_under_test_is_the_default_one():
    """These tests read the policy that an office starts with."""
    assert (POLICY.name, DEFAULT.name, NUMBER.value) == ("default", "default.toml", "+441632960001")
    assert parse({"kind": "block"}).kind == "block"


@pytest.mark.parametrize("kind", ["block", "automated_line"])
def test_a_number_alone_tells_nothing_of_a_person(kind):
    """Whoever holds the phone hears the office's own message, or one written for the line, never a measure's (T5)."""
    words = {"message": "Please write to us."} if kind == "automated_line" else {}
    one = decision(contact("call"), parse({"kind": kind, **words}))
    assert one.outcome is Outcome.AUTOMATED_LINE
    assert one.sender_text == words.get("message", "")
