"""What is on file beside restrictions: nobody shielded is in any target, answers to us do not count (PHSO-24, 26)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.contact import Assurance, Channel
from rules.decide import decide
from rules.decision import Outcome, Target
from rules.facts import NOTHING, Facts, Span, Voice, Way, place
from rules.on_file import ANSWERS, MOST_ANSWERS, counts_to_levels, past_shields
from rules.standing import UNKNOWN, Adjustment, PartyKind, Used, needs
from tests.rules.office import NOW, PARTY, POLICY, contact, restriction, standing
from tests.rules.strategies import ADJUSTMENTS, INBOXES, PHONES, RESTRICTIONS, USED, contacts

CLERK, BOSS, HEAD = "enquiries@example.org", "boss@example.org", "head@example.org"
LINE, DESK = "+441632960999", "+441632960200"
AGO = Span(NOW - timedelta(days=1))
SHIELD = Facts(shields=(Way(CLERK, BOSS, AGO), Way(LINE, DESK, AGO)))
EMAIL = {"channels": ["email"]}


def decided(facts, *measures, of=None, observe=False, policy=POLICY, **known):
    """Decide on a contact of the party with these facts on file."""
    on_it = (restriction(*measures),) if measures else ()
    return decide(of or contact(), standing(*on_it, facts=facts, **known), policy, now=NOW, observe=observe)


SPELLINGS = {
    "as it is": CLERK,
    "in capitals": "Enquiries@EXAMPLE.org",
    "with a tag": "enquiries+urgent@example.org",
    "in quotes": '"enquiries"@example.org',
    "a number in E.164": LINE,
    "a number as people write it": "01632 960999",
}


@pytest.mark.parametrize("address", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("observe", [False, True], ids=["enforcing", "observing"])
def test_phso_24_a_shielded_colleague_is_passed_by_though_nothing_is_restricted(address, observe):
    """However the address is written: who takes over gets it, and the reason says why."""
    of = contact("email" if "@" in address else "call", recipients=(address,))
    made = decided(SHIELD, of=of, observe=observe)
    assert made.targets == (Target(address, Outcome.ROUTE, BOSS if "@" in address else DESK),)
    assert (made.outcome, made.carried, made.limited) == (Outcome.ROUTE, Outcome.ROUTE, False)
    assert [one.clause for one in made.reasons if one.measure == "shield"] == [POLICY.clause("shield")] != [""]
    assert "enquiries" not in made.reasons[-1].text


def test_phso_24_others_who_were_written_to_get_it():
    """Of two recipients one is shielded: the other's copy goes where it was sent."""
    made = decided(SHIELD, of=contact(recipients=(CLERK, "casework@example.org")))
    assert made.targets == (
        Target(CLERK, Outcome.ROUTE, BOSS),
        Target("casework@example.org", Outcome.DELIVER, "casework@example.org"),
    )


ROUTES = {
    "always open": ((), {"policy": replace(POLICY, always_open=frozenset({CLERK}))}, Outcome.ROUTE),
    "an adjustment": (({"kind": "block"},), {"adjustments": (Adjustment("a", frozenset(Channel)),)}, Outcome.ROUTE),
    "a named contact": (({"kind": "named_contact", "inbox": CLERK},), {}, Outcome.ROUTE),
    "a deputy": (
        ({"kind": "named_contact", "inbox": HEAD, "deputy": CLERK},),
        {"away": frozenset({HEAD})},
        Outcome.ROUTE,
    ),
    "filed": (({"kind": "file_unanswered", **EMAIL},), {}, Outcome.FILE),
    "refused": (({"kind": "block"},), {}, Outcome.REFUSE),
}


@pytest.mark.parametrize(("measures", "known", "outcome"), ROUTES.values(), ids=ROUTES)
def test_phso_24_no_way_leads_to_a_shielded_colleague(measures, known, outcome):
    """Whatever sends it there, the target is who takes over; what is filed, held or refused stays so."""
    made = decided(SHIELD, *measures, **known)
    assert [(target.outcome, target.to) for target in made.targets] == [(outcome, BOSS)]
    assert made.outcome is outcome


def test_a_shield_stands_from_its_beginning_to_its_end():
    """To the moment, by the clock."""
    for span, outcome in (
        (Span(NOW), Outcome.ROUTE),
        (Span(NOW + timedelta(microseconds=1)), Outcome.DELIVER),
        (Span(NOW - timedelta(days=1), NOW), Outcome.DELIVER),
    ):
        assert decided(Facts(shields=(Way(CLERK, BOSS, span),))).outcome is outcome


def test_who_takes_over_may_be_shielded_too():
    """Two files that became one: on to the next, else whoever is on duty, else a person looks."""
    chain = Facts(shields=(Way(CLERK, BOSS, AGO), Way(BOSS, HEAD, AGO)))
    assert decided(chain).targets[0].to == HEAD
    circle = Facts(shields=(Way(CLERK, BOSS, AGO), Way(BOSS, CLERK, AGO)))
    duty = replace(POLICY, duty_manager=replace_inbox(HEAD))
    assert decided(circle, policy=duty).targets == (Target(CLERK, Outcome.ROUTE, HEAD),)
    nobody = decided(circle, policy=replace(POLICY, always_open=frozenset()))
    assert nobody.targets == (Target(CLERK, Outcome.HOLD, ""),)
    assert (nobody.outcome, nobody.carried, nobody.limited, nobody.counts) == (Outcome.HOLD, Outcome.HOLD, True, False)
    call = Target(LINE, Outcome.CONNECT, LINE)
    assert past_shields(call, {LINE: DESK, DESK: LINE}, POLICY) == Target(LINE, Outcome.VOICEMAIL, "")


def replace_inbox(inbox):
    """Give a duty manager with this inbox."""
    return POLICY.duty_manager.model_copy(update={"inbox": inbox})


WAYS = st.one_of(
    st.builds(Way, st.sampled_from(INBOXES), st.sampled_from([*INBOXES, BOSS]), st.just(AGO)),
    st.builds(Way, st.sampled_from(PHONES), st.sampled_from([*PHONES, "+441632960555"]), st.just(AGO)),
)


@given(
    contacts(),
    st.lists(WAYS, max_size=6).map(tuple),
    st.lists(RESTRICTIONS, max_size=3),
    st.lists(ADJUSTMENTS, max_size=1),
    USED,
    st.booleans(),
    st.sets(st.sampled_from([*INBOXES, *PHONES]), max_size=2),
    st.booleans(),
)
def test_phso_24_no_decision_has_a_shielded_address_in_a_target(
    contact, ways, restrictions, adjustments, used, observe, opened, known
):
    """Over measures, adjustments, observe mode, inboxes always open, unsure senders, and shields in every tangle."""
    policy = replace(POLICY, always_open=frozenset(opened))
    there = standing(*restrictions, adjustments=tuple(adjustments), policy=policy, facts=Facts(shields=ways))
    answers = {need: used for need in needs(there.restrictions, policy, now=NOW)}
    there = replace(there, used=answers, party=PARTY if known else None)
    made = decide(contact, there, policy, now=NOW, observe=observe)
    shielded = {place(way.own) for way in ways}
    assert not shielded & {place(target.to) for target in made.targets}
    plain = decide(contact, replace(there, facts=NOTHING), policy, now=NOW, observe=observe)
    assert [one.recipient for one in made.targets] == [one.recipient for one in plain.targets]
    touched = [one for one, was in zip(made.targets, plain.targets, strict=True) if one != was]
    assert all(one.outcome.strictness <= Outcome.HOLD.strictness for one in touched if one.outcome.lets_through)
    if not touched:
        assert made == plain


ASKED = Facts(requests=(Span(NOW - timedelta(days=3)),))


def test_phso_26_what_may_answer_us_does_not_count():
    """Let through as ever, towards no limit and no level, and the reason says so."""
    plain, made = decided(NOTHING), decided(ASKED)
    assert (plain.counts, made.counts, made.outcome) == (True, False, Outcome.DELIVER)
    assert ANSWERS in made.marks
    assert (made.reasons[-1].measure, made.reasons[-1].clause) == ("request", POLICY.clause("request"))


def test_phso_26_a_limit_used_up_is_used_up():
    """An open request opens no door: what is over the limit is filed, and still falls to no level."""
    full = Used(reached_at=NOW - timedelta(hours=1))
    limit = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"}
    made = decided(ASKED, limit, used=full)
    assert (made.outcome, made.counts, ANSWERS in made.marks) == (Outcome.FILE, False, True)


def test_phso_26_only_so_many_are_taken_for_the_answer():
    """The fourth counts again, and the reasons say so in words."""
    assert not decided(ASKED, answers=MOST_ANSWERS - 1).counts
    made = decided(ASKED, answers=MOST_ANSWERS)
    assert made.counts
    assert ANSWERS not in made.marks
    assert f"{MOST_ANSWERS} contacts since were not counted" in made.reasons[-1].text


NO_ANSWER = {
    "a call": contact("call"),
    "forged mail": contact(assurance=Assurance.FAILED),
    "an automatic reply": contact(automatic=True),
    "what came before we asked": contact(at=NOW - timedelta(days=4)),
}


@pytest.mark.parametrize("of", NO_ANSWER.values(), ids=NO_ANSWER)
def test_phso_26_what_answers_nothing_is_as_it_was(of):
    """No mark and no reason, and none of the few is used up by it."""
    assert decided(ASKED, of=of) == decided(NOTHING, of=of)


def test_phso_26_answered_is_answered():
    """What came while the request was open stays uncounted later; what comes after counts."""
    answered = Facts(requests=(Span(NOW - timedelta(days=3), NOW - timedelta(hours=1)),))
    assert decided(answered).counts
    assert not decided(answered, of=contact(at=NOW - timedelta(hours=2))).counts


def test_nobody_pays_for_what_is_on_no_file():
    """Without facts the very decision of before, for unknown senders too."""
    assert decide(contact(), UNKNOWN, POLICY, now=NOW).reasons[0].text.startswith("No restriction")
    assert UNKNOWN.facts is NOTHING


ASKED = Facts(requests=(AGO,))
CLOSING = {
    "mail is refused": {"kind": "block"},
    "mail goes back": {"kind": "return_mail"},
    "mail is filed": {"kind": "file_unanswered"},
    "mail waits for its hours": {"kind": "time_window", "channels": ["email"], "from": "14:00", "to": "15:00"},
}


@pytest.mark.parametrize("measure", CLOSING.values(), ids=CLOSING)
@pytest.mark.parametrize("kind", [PartyKind.ORGANISATION, PartyKind.PROFESSIONAL])
def test_PHSO_19_an_answer_to_our_own_investigation_always_passes(kind, measure):
    """While a request of ours is open an organisation's mail passes; without one, and from a person, it does not."""
    theirs = replace(PARTY, kind=kind)
    found = decided(ASKED, measure, party=theirs)
    assert (found.outcome, found.carried, found.note, found.counts) == (Outcome.DELIVER, Outcome.DELIVER, None, False)
    assert [target.outcome for target in found.targets] == [Outcome.DELIVER]
    assert not decided(NOTHING, measure, party=theirs).outcome.lets_through
    assert not decided(ASKED, measure).outcome.lets_through


def test_PHSO_19_such_an_answer_keeps_to_where_it_is_routed():
    """A named contact gets it, whatever else is closed; the duty manager during interim protection."""
    theirs = replace(PARTY, kind=PartyKind.ORGANISATION)
    found = decided(ASKED, {"kind": "named_contact", "inbox": HEAD}, {"kind": "block"}, party=theirs)
    assert [(target.outcome, target.to) for target in found.targets] == [(Outcome.ROUTE, HEAD)]
    interim = restriction({"kind": "interim_protection"}, starts=NOW - timedelta(hours=1))
    held = decide(contact(), standing(interim, facts=ASKED, party=theirs), POLICY, now=NOW)
    assert held.outcome is Outcome.HOLD


@pytest.mark.parametrize("assurance", [Assurance.VERIFIED, Assurance.CLAIMED])
def test_PHSO_M13_an_advocates_contact_is_marked(assurance):
    """It says for whom they speak, is delivered, and counts towards no level."""
    advice = contact(assurance=assurance)
    found = decide(advice, replace(UNKNOWN, speaks_for=("Omar", "Rosa")), POLICY, now=NOW)
    assert (found.outcome, found.marks) == (Outcome.DELIVER, ("speaks for Omar", "speaks for Rosa"))
    assert found.reasons[-1].text == "The sender speaks for Rosa"
    assert not counts_to_levels(found)
    assert counts_to_levels(decide(advice, UNKNOWN, POLICY, now=NOW))


def test_PHSO_M13_forged_mail_speaks_for_nobody():
    """Who forges an advocate's address gains nothing by it."""
    found = decide(contact(assurance=Assurance.FAILED), replace(UNKNOWN, speaks_for=("Rosa",)), POLICY, now=NOW)
    assert found.marks == ()


ADVOCATES = {"kind": "third_party", "advocates": ["a. advocate", {"name": "B. Advocate", "contact": "01632 960500"}]}


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [
        pytest.param((), Outcome.RETURN, id="PHSO-M13 nobody's was ended"),
        pytest.param((0,), Outcome.RETURN, id="PHSO-M13 one was ended and another holds"),
        pytest.param((0, 1), Outcome.DELIVER, id="PHSO-M13 all were ended early"),
    ],
)
def test_an_authority_that_is_ended_early_suspends_the_measure(ended, outcome):
    """Known by their name, or by the number that the measure names; the last day is that of the authority."""
    over, holds = Span(NOW - timedelta(days=9), NOW - timedelta(days=2)), Span(NOW - timedelta(days=9))
    spans = [over if number in ended else holds for number in range(2)]
    voices = (
        Voice("A.  Advocate", frozenset({"email:a@example.net"}), spans[0]),
        Voice("Somebody of the centre", frozenset({"phone:+441632960500"}), spans[1]),
    )
    found = decided(Facts(voices=voices), ADVOCATES)
    assert found.outcome is outcome
    if ended == (0, 1):
        assert "(the last day was Monday 9 March 2026); the owner is told" in found.reasons[0].text
