"""DESIGN.md's section on deciding, sentence by sentence, and what holds of every decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import identity, policies
from rules.contact import Assurance, Caller, Channel, Contact
from rules.decide import MEASURE_FAILED, SAFEGUARD, SUSPENDED, UNCERTAIN, decide, may_answer
from rules.decision import Decision, Finding, Outcome
from rules.effect import shut_channels, total_block
from rules.measures import parse
from rules.measures.measure import Measure, handled
from rules.standing import Adjustment, Party, Standing, Told, UsageKind, Used, needs
from tests.rules.office import (
    DEFAULT,
    END,
    NOW,
    NUMBER,
    PARTY,
    POLICY,
    START,
    at,
    contact,
    policy_data,
    restriction,
    standing,
)
from tests.rules.strategies import ADJUSTMENTS, MEASURES, RESTRICTIONS, USED, contacts

MICROSECOND = timedelta(microseconds=1)
MAIL = (Outcome.DELIVER, Outcome.ROUTE, Outcome.HOLD, Outcome.FILE, Outcome.RETURN, Outcome.REFUSE)
CALLS = (Outcome.CONNECT, Outcome.ROUTE, Outcome.VOICEMAIL, Outcome.AUTOMATED_LINE, Outcome.REFUSE)
OTHERS = ["letter", "visit", "web", "online"]
FOR_THE_APPEAL = {"name": "A. Advocate", "scope": "the appeal"}
FULL = Used(reached_at=at("2026-03-10T09:00Z"), seconds=99_999)
# One way to each outcome; with usage FULL the limit is used up.
TO_MAIL = {
    Outcome.ROUTE: {"kind": "named_contact", "inbox": "casework@example.org"},
    Outcome.HOLD: {"kind": "time_window", "channels": ["email"], "days": ["mon"], "from": "10:00", "to": "12:00"},
    Outcome.FILE: {"kind": "file_unanswered"},
    Outcome.RETURN: {"kind": "return_mail"},
    Outcome.REFUSE: {"kind": "block"},
}
TO_CALL = {
    Outcome.ROUTE: {"kind": "named_contact", "phone": "+441632960100"},
    Outcome.VOICEMAIL: {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week", "call": "voicemail"},
    Outcome.AUTOMATED_LINE: {"kind": "automated_line"},
    Outcome.REFUSE: {"kind": "block", "call": "refuse"},
}


class Probe(Measure):
    """Find what a test tells it to, or break."""

    kind: ClassVar[str] = "probe"
    sender_words: ClassVar[str] = "A probe."
    staff_words: ClassVar[str] = "A probe."

    days: int | None = None

    def check(self, contact: Contact, standing: Standing, policy, *, now: datetime) -> Finding | None:
        """Find a respond-by date so many days ahead; break where there is none."""
        if self.days is None:
            raise RuntimeError("out of order")
        return Finding(
            handled(contact, "file", "voicemail"), "probed", respond_by=date(2026, 3, 11) + timedelta(self.days)
        )


BROKEN = Probe()


def decision(one: Contact, *on, policy=POLICY, now: datetime = NOW, observe: bool = False, **known) -> Decision:
    """Decide on a contact of the party under these restrictions, or under one of these measures."""
    restrictions = tuple(on) if all(hasattr(each, "starts") for each in on) else (restriction(*on),)
    return decide(one, standing(*restrictions, now=now, policy=policy, **known), policy, now=now, observe=observe)


def pairs(ways: dict) -> list:
    """Give every pair of measures with the stricter outcome of the two."""
    return [
        pytest.param(one, other, max(first, second, key=lambda each: each.strictness), id=f"{first} and {second}")
        for first, one in ways.items()
        for second, other in ways.items()
    ]


# --- Order of strictness; obligations; all reasons


@pytest.mark.parametrize("order", [MAIL, CALLS], ids=["mail", "calls"])
def test_outcomes_have_an_order(order):
    """Mail: deliver, route, hold, file, return, refuse. Calls: connect, route, voicemail, automated_line, refuse."""
    assert all(milder.strictness < stricter.strictness for milder, stricter in pairwise(order))
    assert {one for one in order if one.lets_through} == set(order[:2])


@pytest.mark.parametrize(("one", "other", "expected"), pairs(TO_MAIL))
def test_the_strictest_outcome_wins_for_mail(one, other, expected):
    """Of two measures the stricter one wins, in whatever order they stand, and both say why."""
    found = decision(contact(), one, other, used=FULL)
    assert found.outcome is found.carried is expected
    assert [reason.measure for reason in found.reasons] == [one["kind"], other["kind"]]


@pytest.mark.parametrize(("one", "other", "expected"), pairs(TO_CALL))
def test_the_strictest_outcome_wins_for_calls(one, other, expected):
    """Of two restrictions on a call the stricter one wins, and both say why."""
    found = decision(contact("call"), restriction(one, id="1"), restriction(other, id="2"), used=FULL)
    assert found.outcome is expected
    assert [(reason.restriction, reason.measure) for reason in found.reasons] == [
        ("1", one["kind"]),
        ("2", other["kind"]),
    ]


def test_obligations_add_up_to_the_shortest_time_and_the_latest_date():
    """The shortest time limit counts, and the latest respond-by date."""
    short, long = ({"kind": "call_length_limit", "minutes": minutes} for minutes in (5, 20))
    assert decision(contact("call"), long, short).time_limit_s == 300
    assert decision(contact(), Probe(days=9), Probe(days=20), Probe(days=1)).respond_by == date(2026, 3, 31)


@pytest.mark.parametrize("outcome", [Outcome.VOICEMAIL, Outcome.AUTOMATED_LINE, Outcome.REFUSE])
def test_a_call_that_is_not_connected_has_no_time_limit(outcome):
    """A time limit goes with connect and route only."""
    found = decision(contact("call"), TO_CALL[outcome], {"kind": "call_length_limit", "minutes": 5}, used=FULL)
    assert (found.outcome, found.time_limit_s) == (outcome, None)


def test_a_measure_that_does_not_bear_gives_no_reason_but_there_always_is_one():
    """Where nothing in force bears on a contact, that is the reason."""
    found = decision(contact(), {"kind": "automated_line"})
    assert found.outcome is Outcome.DELIVER
    assert [reason.text for reason in found.reasons] == ["No measure in force bears on this contact"]


# --- In force by the clock, approved and told


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(START - MICROSECOND, Outcome.DELIVER, id="not a microsecond before its start"),
        pytest.param(START, Outcome.REFUSE, id="from its start"),
        pytest.param(END - MICROSECOND, Outcome.REFUSE, id="to the last microsecond"),
        pytest.param(END, Outcome.DELIVER, id="not at its end"),
    ],
)
def test_a_restriction_bites_from_start_to_end_by_the_clock(now, expected):
    """No job has to have run for a restriction to start or to end (THREATS W8)."""
    assert decision(contact(at=now), {"kind": "block"}, now=now).outcome is expected


@pytest.mark.parametrize(
    ("changes", "in_force"),
    [
        pytest.param({"approved_by": ""}, False, id="not approved"),
        pytest.param({"told": Told.NO}, False, id="not told"),
        pytest.param({"told": Told.UNKNOWN}, True, id="perhaps told"),
        pytest.param({"told": Told.YES}, True, id="told"),
    ],
)
def test_a_restriction_bites_only_if_approved_and_told(changes, in_force):
    """What nobody approved, or the party was never told of, is not enforced, and asks nothing of the record."""
    on = restriction({"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"}, **changes)
    assert bool(needs((on,), POLICY, now=NOW)) is in_force
    assert decision(contact(), on, used=FULL).outcome is (Outcome.FILE if in_force else Outcome.DELIVER)


def test_one_that_ended_leaves_the_others():
    """Of several restrictions those in force apply, and only those give reasons."""
    over = restriction({"kind": "block"}, id="1", ends=NOW)
    found = decision(contact(), over, restriction({"kind": "file_unanswered"}, id="2"))
    assert (found.outcome, [reason.restriction for reason in found.reasons]) == (Outcome.FILE, ["2"])


@pytest.mark.parametrize(
    ("measures", "opened", "expected"),
    [
        pytest.param([[{"kind": "block"}]], [], True, id="a block of everything"),
        pytest.param([[{"kind": "block", "email": "file"}]], [], False, id="mail that is filed is still read"),
        pytest.param([[{"kind": "block", "email": "return"}]], [], True, id="mail that goes back is not"),
        pytest.param([[{"kind": "channel_only", "allowed": ["letter"]}]], [], False, id="letters stay"),
        pytest.param(
            [[{"kind": "channel_only", "allowed": ["letter"]}], [{"kind": "block", "channels": ["letter"]}]],
            [],
            True,
            id="letters alone, and no letters: two restrictions together",
        ),
        pytest.param(
            [[{"kind": "channel_only", "allowed": ["call"]}, {"kind": "automated_line"}, {"kind": "return_mail"}]],
            [],
            True,
            id="calls alone, to a recording",
        ),
        pytest.param(
            [[{"kind": "channel_only", "allowed": ["call"]}], [{"kind": "channel_only", "allowed": ["email"]}]],
            [],
            True,
            id="calls alone and mail alone",
        ),
        pytest.param([[{"kind": "return_mail"}, {"kind": "automated_line"}]], [], False, id="letters were not named"),
        pytest.param([[{"kind": "block"}]], ["call"], False, id="an adjustment keeps calls open"),
        pytest.param(
            [[{"kind": "file_unanswered"}, {"kind": "named_contact", "phone": "+441632960100"}]], [], False, id="read"
        ),
        pytest.param(
            [[{"kind": "channel_only", "allowed": ["letter"]}], [{"kind": "return_letters"}]],
            [],
            True,
            id="letters alone, and letters go back",
        ),
        pytest.param(
            [[{"kind": "channel_only", "allowed": ["visit"]}, {"kind": "visit_terms", "barred": True}]],
            [],
            True,
            id="visits alone, and barred from them",
        ),
        pytest.param(
            [[{"kind": "channel_only", "allowed": ["visit"]}, {"kind": "visit_terms", "accompanied": True}]],
            [],
            False,
            id="visits on terms are visits",
        ),
        pytest.param(
            [[{"kind": "block", "channels": OTHERS}, {"kind": "third_party", "advocates": "A. Advocate"}]],
            [],
            True,
            id="an advocate's own way is none of the party's",
        ),
        pytest.param(
            [[{"kind": "block", "channels": OTHERS}, {"kind": "third_party", "advocates": "A", "email": "file"}]],
            [],
            False,
            id="what is filed beside an advocate is read",
        ),
        pytest.param(
            [[{"kind": "block", "channels": OTHERS}, {"kind": "third_party", "advocates": [FOR_THE_APPEAL]}]],
            [],
            False,
            id="an advocate for one matter shuts nothing",
        ),
        pytest.param(
            [[{"kind": "block"}, {"kind": "behaviour_contract", "conditions": "One call a week"}]],
            [],
            True,
            id="a block until a contract is agreed",
        ),
        pytest.param(
            [
                [{"kind": "interim_protection"}, {"kind": "conceal_staff", "inbox": "casework@example.org"}],
                [{"kind": "slow_response", "working_days": 260}, {"kind": "meeting", "on": "2026-03-12"}],
            ],
            [],
            False,
            id="the mild ones together",
        ),
    ],
)
def test_a_total_block_is_one_whatever_its_parts_are_called(measures, opened, expected):
    """Approval is judged on the combined effect of all that is on the party (PHSO-18)."""
    on = [restriction(*each) for each in measures]
    adjustments = [Adjustment("calls only", frozenset(map(Channel, opened)))]
    assert total_block(on, adjustments) is expected
    assert (shut_channels(on, adjustments) == set(Channel)) is expected


# --- Identity: uncertain, shared, withheld


@pytest.mark.parametrize(
    ("channel", "restricted", "changes", "expected"),
    [
        pytest.param("email", False, {}, Outcome.DELIVER, id="mail is delivered where no candidate is restricted"),
        pytest.param("email", True, {}, Outcome.HOLD, id="and held where one is"),
        pytest.param("sms", True, {}, Outcome.HOLD, id="so are texts"),
        pytest.param("call", True, {}, Outcome.CONNECT, id="a call is put through to a person"),
        pytest.param("letter", True, {}, Outcome.DELIVER, id="a letter in somebody's hand is before a person"),
        pytest.param("email", True, {"safeguards": ("risk to life",)}, Outcome.FILE, id="a risk to life does not wait"),
    ],
)
def test_an_uncertain_sender_is_for_a_person(channel, restricted, changes, expected):
    """Where nobody can say who sent it: marked, and before a person where any candidate is restricted (THREATS I1)."""
    known = Standing(restricted_candidates=restricted)
    found = decide(contact(channel, sender=None, doubt="two From fields", **changes), known, POLICY, now=NOW)
    assert (found.outcome, found.release_at, found.counts, found.party) == (expected, None, False, None)
    assert found.marks == ((UNCERTAIN, SAFEGUARD) if changes else (UNCERTAIN,))
    assert "two From fields" in found.reasons[0].text


def test_uncertain_mail_to_an_inbox_that_is_always_open_gets_there():
    """What is always open is open to a sender whom nobody can name, and the other recipients wait."""
    policy = policies.parse(policy_data() | {"always_open": ["appeals@example.org"]})
    one = contact(sender=None, recipients=("appeals@example.org", "enquiries@example.org"))
    found = decide(one, Standing(restricted_candidates=True), policy, now=NOW)
    assert [target.outcome for target in found.targets] == [Outcome.DELIVER, Outcome.HOLD]


def test_a_shared_identifier_suggests_and_never_restricts():
    """Mail from a shared address passes, marked with who it may be (THREATS I6)."""
    found = decide(contact(), Standing(perhaps=("R. Example",)), POLICY, now=NOW)
    assert (found.outcome, found.party, found.counts, found.limited) == (Outcome.DELIVER, None, False, False)
    assert found.marks == ("may be R. Example",)


def test_an_unknown_sender_passes():
    """Nobody is on record: delivered, with that as the reason."""
    found = decide(contact(), Standing(), POLICY, now=NOW)
    assert (found.outcome, found.party, found.reasons[0].text) == (
        Outcome.DELIVER,
        None,
        "No restriction is in force on this sender",
    )


@pytest.mark.parametrize("caller", [Caller.WITHHELD, Caller.UNAVAILABLE])
@pytest.mark.parametrize("row", [Outcome.CONNECT, Outcome.VOICEMAIL])
def test_callers_without_a_number_go_by_their_own_row(caller, row):
    """A withheld or unavailable number follows its row of the policy, and is never matched to a party (THREATS T5)."""
    other = {"withheld": "connect", "unavailable": "connect"} | {caller.value: row.value}
    policy = policies.parse(policy_data() | {"callers": other})
    found = decision(contact("call", sender=None, caller=caller), {"kind": "block", "call": "refuse"}, policy=policy)
    assert (found.outcome, found.party, found.counts) == (row, None, False)
    assert found.targets[0].outcome is row


# --- Adjustments, safeguards, what is always open


@pytest.mark.parametrize("measure", TO_CALL.values(), ids=TO_CALL)
def test_an_adjustment_outranks_measures(measure):
    """A channel that an adjustment keeps open reaches a person, without a time limit; only a route stays (PHSO-23)."""
    kept = (Adjustment("cannot write", frozenset({Channel.CALL})),)
    limit = {"kind": "call_length_limit", "minutes": 5}
    found = decision(contact("call"), measure, limit, used=FULL, adjustments=kept)
    assert found.outcome is (Outcome.ROUTE if measure is TO_CALL[Outcome.ROUTE] else Outcome.CONNECT)
    assert found.time_limit_s is None
    assert [reason.measure for reason in found.reasons] == [measure["kind"], "call_length_limit", "adjustment"]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param({"agreed": NOW}, Outcome.DELIVER, id="from the moment it is agreed"),
        pytest.param({"agreed": NOW + MICROSECOND}, Outcome.REFUSE, id="not before"),
        pytest.param({"ends": NOW + MICROSECOND}, Outcome.DELIVER, id="up to its end"),
        pytest.param({"ends": NOW}, Outcome.REFUSE, id="not at its end"),
    ],
)
def test_an_adjustment_holds_by_the_clock(dates, expected):
    """An adjustment is in force from when it was agreed up to its end."""
    kept = (Adjustment("needs time", frozenset({Channel.EMAIL}), **dates),)
    assert decision(contact(), {"kind": "block"}, adjustments=kept).outcome is expected


@pytest.mark.parametrize(("outcome", "measure"), TO_MAIL.items())
def test_a_safeguard_reaches_a_person_at_once(outcome, measure):
    """What would be held, returned or refused is filed for a person instead; what reaches one already is left alone."""
    found = decision(contact(safeguards=("risk to life",)), measure)
    assert found.outcome is (Outcome.ROUTE if outcome is Outcome.ROUTE else Outcome.FILE)
    assert found.marks == (SAFEGUARD,)
    assert found.note is None
    assert (found.reasons[-1].measure, found.reasons[-1].clause) == ("safeguard", "SPSO-32")


ALWAYS_OPEN = policies.parse(policy_data() | {"always_open": ["appeals@example.org", "+441632960000"]})


@pytest.mark.parametrize("measure", TO_MAIL.values(), ids=TO_MAIL)
def test_no_measure_closes_an_inbox_that_is_always_open(measure):
    """Mail to an inbox that the policy keeps open is delivered there, whatever is on the party, and not counted."""
    found = decision(contact(recipients=("Appeals@Example.org",)), measure, policy=ALWAYS_OPEN)
    assert [(one.outcome, one.to) for one in found.targets] == [(Outcome.DELIVER, "Appeals@Example.org")]
    assert (found.outcome, found.counts, found.reasons[-1].measure) == (Outcome.DELIVER, False, "always_open")


def test_no_measure_closes_or_ends_a_call_to_a_number_that_is_always_open():
    """A call to the duty officer is connected, and no limit of time cuts it off."""
    measures = ({"kind": "block", "call": "refuse"}, {"kind": "call_length_limit", "minutes": 5})
    found = decision(contact("call", recipients=("+441632960000",)), *measures, policy=ALWAYS_OPEN)
    assert (found.outcome, found.time_limit_s, found.counts) == (Outcome.CONNECT, None, False)


# --- Several recipients; who may be told


@pytest.mark.parametrize("outcome", [Outcome.RETURN, Outcome.REFUSE])
def test_where_recipients_differ_nothing_is_sent_away(outcome):
    """Beside a recipient that is open, a message is filed for the others and not refused or returned (THREATS S10)."""
    one = contact(recipients=("enquiries@example.org", "appeals@example.org"))
    found = decision(one, TO_MAIL[outcome], policy=ALWAYS_OPEN)
    assert [target.outcome for target in found.targets] == [Outcome.FILE, Outcome.DELIVER]
    assert (found.outcome, found.sender_text) == (Outcome.FILE, "")


def test_where_all_recipients_are_shut_the_whole_message_is_refused():
    """One reply after the message refuses it for everybody only where everybody is shut."""
    found = decision(contact(recipients=("enquiries@example.org", "casework@example.org")), {"kind": "block"})
    assert {target.outcome for target in found.targets} == {Outcome.REFUSE}


@pytest.mark.parametrize("outcome", [Outcome.RETURN, Outcome.REFUSE])
def test_what_is_forged_is_filed_and_its_forger_learns_nothing(outcome):
    """Where authentication says forged: filed instead of sent away, never answered, never counted (THREATS I4)."""
    found = decision(contact(assurance=Assurance.FAILED), TO_MAIL[outcome])
    assert (found.outcome, found.note, found.counts) == (Outcome.FILE, None, False)


def test_what_is_forged_never_counts_even_where_it_is_delivered():
    """Nobody can use up another's limit by forging."""
    limit = {"kind": "volume_limit", "channels": ["email"], "count": 3, "per": "week"}
    assert decision(contact(), limit).counts is True
    assert decision(contact(assurance=Assurance.FAILED), limit).counts is False
    assert decision(contact(assurance=Assurance.FAILED)).counts is False


CHECKED = POLICY.with_changes(answer_claimed=False)


@pytest.mark.parametrize(
    ("changes", "policy", "expected"),
    [
        pytest.param({}, POLICY, True, id="a claimed sender, while trying it out"),
        pytest.param({}, CHECKED, False, id="a claimed sender, behind a border that checks"),
        pytest.param({"assurance": Assurance.VERIFIED}, CHECKED, True, id="a verified sender"),
        pytest.param({"assurance": Assurance.FAILED}, POLICY, False, id="a forged sender"),
        pytest.param({"answerable": False}, POLICY, False, id="a list, or a message without a return path"),
        pytest.param({"automatic": True}, POLICY, False, id="an automatic reply"),
        pytest.param({"sender": None}, POLICY, False, id="nobody"),
    ],
)
def test_who_may_be_answered(changes, policy, expected):
    """Returns and notes go to whom they may; otherwise a return becomes a refusal in session (THREATS C4, I5)."""
    one = contact(**changes)
    assert may_answer(one, policy) is expected
    if one.sender is not None and one.assurance is not Assurance.FAILED:
        returned = decision(one, {"kind": "return_mail"}, policy=policy)
        assert returned.outcome is (Outcome.RETURN if expected else Outcome.REFUSE)
        assert bool(returned.sender_text) is expected  # otherwise the policy's neutral words
        noted = decision(one, {"kind": "channel_only", "allowed": ["letter"], "email": "file"}, policy=policy)
        assert (noted.outcome, noted.note is not None) == (Outcome.FILE, expected)


# --- A measure that breaks


@pytest.mark.parametrize(
    ("channel", "expected"),
    [("email", Outcome.HOLD), ("sms", Outcome.HOLD), ("call", Outcome.CONNECT), ("letter", Outcome.DELIVER)],
)
def test_a_measure_that_breaks_puts_the_contact_before_a_person(channel, expected):
    """A broken measure loses nothing and lets nothing through silently: held for a person, or put through, marked."""
    found = decision(contact(channel), BROKEN)
    assert (found.outcome, found.marks, found.release_at) == (expected, (MEASURE_FAILED,), None)
    assert found.reasons[0].text == "The measure probe failed, so a person looks at this"
    assert found.limited is True


def test_a_broken_measure_leaves_the_others():
    """The rest of a restriction still applies, and a hold with a release waits for the person all the same."""
    assert decision(contact(), BROKEN, {"kind": "block"}).outcome is Outcome.REFUSE
    assert decision(contact(), TO_MAIL[Outcome.HOLD], BROKEN).release_at is None
    assert decision(contact("call"), BROKEN, {"kind": "call_length_limit", "minutes": 5}).time_limit_s == 300


def test_usage_that_nobody_looked_up_is_a_broken_measure():
    """A need without an answer is never taken for nothing used."""
    on = restriction({"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"})
    found = decide(contact(), Standing(PARTY, (on,)), POLICY, now=NOW)
    assert (found.outcome, found.marks) == (Outcome.HOLD, (MEASURE_FAILED,))


# --- Limits, holds, targets, observing


def test_a_limit_counts_from_the_start_of_its_restriction():
    """What came before a restriction uses up nothing of it, and each restriction asks for its own."""
    limit = {"kind": "volume_limit", "channels": ["email"], "count": 2, "per": "month"}
    early, late = restriction(limit, id="1"), restriction(limit, id="2", starts=at("2026-03-10T12:00Z"))
    asked = needs((early, late), POLICY, now=NOW)
    assert [(need.since, need.usage.count) for need in asked] == [(START, 2), (at("2026-03-10T12:00Z"), 2)]
    used = {asked[0]: Used(reached_at=at("2026-03-09T09:00Z")), asked[1]: Used()}
    found = decide(contact(), Standing(PARTY, (early, late), used=used), POLICY, now=NOW)
    assert [reason.text[:14] for reason in found.reasons] == ["The limit of 2", "Within the lim"]


def test_the_record_is_asked_once_for_what_several_measures_need():
    """Two measures with the same question share its answer."""
    talk = {"kind": "talk_time_limit", "minutes": 30, "per": "week"}
    asked = needs((restriction(talk, {**talk, "minutes": 20}),), POLICY, now=NOW)
    assert [(need.usage.kind, need.since) for need in asked] == [(UsageKind.TALK_SECONDS, at("2026-03-09T00:00Z"))]


def test_the_latest_contact_is_the_newest_by_any_channel():
    """An answer counted from the latest contact asks for the newest of all channels; from receipt, for nothing."""
    slow = {"kind": "slow_response", "working_days": 10}
    (asked,) = needs((restriction({**slow, "counted_from": "latest_contact"}),), POLICY, now=NOW)
    assert (asked.usage.kind, asked.usage.channels, asked.usage.count) == (UsageKind.LET_THROUGH, set(Channel), 1)
    assert needs((restriction(slow),), POLICY, now=NOW) == ()


def test_calls_below_the_least_are_not_connected():
    """A call's limit is the least of the cap, the minutes left and the end of the hours; below the least call, none."""
    cap = {"kind": "call_length_limit", "minutes": 10}
    talk = {"kind": "talk_time_limit", "minutes": 30, "per": "week"}
    hours = {"kind": "time_window", "channels": ["call"], "from": "09:00", "to": "10:05"}
    call = contact("call")
    assert decision(call, cap, talk, hours, used=Used(seconds=1600)).time_limit_s == 200
    assert decision(call, cap, talk, hours, used=Used(seconds=0)).time_limit_s == 300
    assert decision(call, cap, talk, used=Used(seconds=0)).time_limit_s == 600
    assert decision(call, cap, talk, hours, used=Used(seconds=1741)).outcome is Outcome.AUTOMATED_LINE
    late = contact("call", at=at("2026-03-11T10:04:01Z"))
    assert decision(late, cap, hours, now=late.at).outcome is Outcome.AUTOMATED_LINE


@pytest.mark.parametrize(
    ("changes", "measure", "expected"),
    [
        pytest.param({}, TO_MAIL[Outcome.ROUTE], True, id="what is routed counts"),
        pytest.param({}, TO_MAIL[Outcome.HOLD], False, id="what is held counts when it is released"),
        pytest.param({}, TO_MAIL[Outcome.FILE], False, id="what is filed does not count"),
        pytest.param({"automatic": True}, TO_MAIL[Outcome.ROUTE], False, id="automatic replies do not count"),
    ],
)
def test_limits_count_what_was_let_through(changes, measure, expected):
    """Someone who keeps trying is not locked out for ever."""
    assert decision(contact(**changes), measure).counts is expected


def test_two_named_contacts_have_one_answer_in_any_order():
    """The newest restriction names the colleague, and mail to the other one is passed on, whatever their order."""
    old = restriction({"kind": "named_contact", "inbox": "old@example.org"}, id="2")
    new = restriction({"kind": "named_contact", "inbox": "new@example.org"}, id="1", starts=at("2026-03-09T00:00Z"))
    for to, on in (
        ("old@example.org", (old, new)),
        ("enquiries@example.org", (new, old)),
        ("old@example.org", (new, old)),
    ):
        found = decision(contact(recipients=(to,)), *on)
        assert [(one.outcome, one.to) for one in found.targets] == [(Outcome.ROUTE, "new@example.org")]


def test_inboxes_that_stay_open_stay_open():
    """A named contact leaves the inboxes alone that its restriction keeps open."""
    measure = {"kind": "named_contact", "inbox": "casework@example.org", "open": ["FOI@example.org"]}
    found = decision(contact(recipients=("foi@Example.org", "enquiries@example.org")), measure)
    assert [(one.outcome, one.to) for one in found.targets] == [
        (Outcome.DELIVER, "foi@Example.org"),
        (Outcome.ROUTE, "casework@example.org"),
    ]


@pytest.mark.parametrize("conceal_first", [True, False], ids=["concealed first", "named first"])
def test_targets_have_their_precedence(conceal_first):
    """The duty manager comes before the named contact, that one before the shared inbox, in any order."""
    shared = {"kind": "conceal_staff", "inbox": "casework@example.org", "phone": "+441632960100"}
    named = {"kind": "named_contact", "inbox": "named@example.org", "phone": "+441632960200"}
    duty = restriction(
        {"kind": "interim_protection", "inbox": "duty@example.org", "phone": "+441632960300"}, starts=NOW
    )
    on = [restriction(*((shared, named) if conceal_first else (named, shared)), id="2")]
    for restrictions, inbox, number in (
        (on, "named@example.org", "+441632960200"),
        ([*on, duty], "duty@example.org", "+441632960300"),
    ):
        assert [target.to for target in decision(contact(), *restrictions).targets] == [inbox]
        assert [target.to for target in decision(contact("call"), *restrictions).targets] == [number]


def test_an_inbox_that_the_named_contact_leaves_open_is_no_colleagues_own():
    """Beside concealed staff it stays where it is; one that only an older restriction leaves open does not."""
    shared = {"kind": "conceal_staff", "inbox": "casework@example.org"}
    named = {"kind": "named_contact", "inbox": "named@example.org", "open": ["foi@example.org"]}
    one = contact(recipients=("FOI@example.org",))
    assert [target.to for target in decision(one, named, shared).targets] == ["FOI@example.org"]
    newer = restriction({"kind": "named_contact", "inbox": "new@example.org"}, id="2", starts=at("2026-03-09T00:00Z"))
    assert [target.to for target in decision(one, restriction(named), newer).targets] == ["new@example.org"]


LAPSED = {"kind": "third_party", "advocates": [{"name": "A. Advocate", "until": "2026-03-10"}]}


@pytest.mark.parametrize("channel", list(Channel))
def test_a_suspended_measure_lets_through_and_is_marked_for_its_owner(channel):
    """Where nobody speaks for the party any more, their own contact passes and counts, and the owner can be told."""
    found = decision(contact(channel), LAPSED)
    assert (found.outcome.strictness, found.counts, found.marks) == (0, True, (SUSPENDED,))
    assert "the owner is told" in found.reasons[0].text


def test_nothing_an_advocate_sends_is_counted_against_the_party():
    """An advocate is somebody else: nothing is on them, whoever is copied in or written about."""
    advocate = contact(sender=identity.email("a.advocate@example.org"), cc=("r.example@example.org",))
    for known in (Standing(), Standing(party=Party(8, "A. Advocate")), Standing(perhaps=("R. Example",))):
        found = decide(advocate, known, POLICY, now=NOW)
        assert (found.outcome, found.party == PARTY.id, found.limited) == (Outcome.DELIVER, False, False)


def test_observing_cuts_no_call_short():
    """In observe mode a call that would be connected for some minutes is connected without a limit."""
    found = decision(contact("call"), {"kind": "call_length_limit", "minutes": 5}, observe=True)
    assert (found.outcome, found.carried, found.time_limit_s) == (Outcome.CONNECT, Outcome.CONNECT, None)


def test_a_decision_under_restriction_is_recorded_before_the_act():
    """Where any restriction is in force the intent is on record first; a plain delivery costs one commit."""
    assert decision(contact(), {"kind": "automated_line"}).limited is True
    assert decision(contact(), restriction({"kind": "block"}, ends=NOW)).limited is False


# --- What holds of every decision

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
