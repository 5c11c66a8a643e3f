"""The brief: what those at the phones must know, as it is enforced now, and nothing besides (SPSO-68, SPSO-70)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from gateway.brief import as_data
from rules import measures as catalogue
from rules.casework.refused import Refused
from rules.contact import Channel
from rules.facts import Facts, Span, Voice, Way
from rules.standing import Told
from tests.gateway.desk_office import ADA, MAIL, PHONE, at_desk  # noqa: F401  (a fixture)

NAMED = {"kind": "named_contact", "inbox": "j.moss@office.example.org", "phone": "+441632960150"}
ONE_A_DAY = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "day"}
TERMS = {"kind": "visit_terms", "appointment": True, "accompanied": True}


@pytest.fixture
def desk(at_desk):  # noqa: F811  (the fixture)
    """An office under the default policy."""
    return at_desk(phone=True)


def row(person, channel):
    """Give the row of one channel."""
    (one,) = [one for one in person.rows if Channel(channel) in one.channels]
    return one


def test_SPSO_70_who_may_call_when_with_whom_and_what_to_say(desk):
    """Routed to one person, and what may be said is what the person was written."""
    desk.party(NAMED)
    person = desk.person()
    assert (person.name, person.known_by) == ("R. Example", (MAIL, "01632 960001"))
    call = row(person, "call")
    assert (call.does, call.open, call.to) == ("Goes to one place only", True, "01632 960150")
    assert row(person, "email").to == "j.moss@office.example.org"
    assert person.say == ("One member of our staff deals with your contact.",)


def test_texts_that_go_back_are_said_to_go_back(desk):
    """What staff read of texts is what is enforced, also where the party's address is looked at first."""
    desk.party({"kind": "return_mail"})
    person = desk.person()
    assert row(person, "sms") is row(person, "email")
    assert row(person, "sms").does == "Goes back to them"


def test_SPSO_70_it_is_live(desk):
    """A limit that is used up says so, until it opens again; what ended by the clock is gone, whatever ran."""
    party = desk.party(ONE_A_DAY, ends=timedelta(days=2))
    assert (row(desk.person(), "call").does, row(desk.person(), "call").open) == ("Put through", True)
    desk.add(party=party)
    used = row(desk.person(), "call")
    assert (used.does, used.open) == ("Not put through: recorded message", False)
    assert any("is used up; it opens again on Tuesday 10 March 2026" in one for one in used.why)
    desk.clock.advance(days=1)
    assert row(desk.person(), "call").open
    desk.clock.advance(days=1)
    assert desk.brief().people == ()


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"approved_by": ""}, id="not approved"),
        pytest.param({"told": Told.NO}, id="not told"),
        pytest.param({"starts": timedelta(days=1)}, id="still to come"),
    ],
)
def test_what_is_not_enforced_is_not_in_it(desk, more):
    """The brief has no opinion of its own."""
    desk.party({"kind": "block"}, **more)
    assert desk.brief().people == ()


def test_SPSO_68_nothing_but_what_is_needed(desk):
    """No reason, ground, note, need, approver or history, wherever in it."""
    party = desk.party({"kind": "block"}, TERMS)
    desk.adjust(party, Channel.CALL, forms=("call_warning",), detail="A relay speaks for them")
    desk.add("visit", party=party, note="Shouted at reception")
    told = json.dumps(as_data(desk.brief(), desk.settings.policy.zone))
    for words in ("a reason that", "abusive", "Shouted", "affair", "Head of Casework", f"R{party}"):
        assert words not in told
    assert "A relay speaks for them." in told
    assert "a spoken warning before a call ends" in told


def test_PHSO_23_an_adjustment_is_honoured_before_any_measure(desk):
    """An open channel goes to a person, and what the measure would have said is not said."""
    party = desk.party({"kind": "block"})
    desk.adjust(party, Channel.CALL)
    person = desk.person(channel=Channel.CALL)
    assert row(person, "call").does == "Always to a person: this was agreed"
    assert row(person, "call").why == ()
    assert person.agreed == ("A person deals with what comes by phone, whatever else is listed.",)
    assert person.say == (
        "We agreed with you that you can always reach a person by phone. That comes before all of this.",
    )


def test_somebody_under_no_restriction_with_an_adjustment_is_in_it(desk):
    """Staff must honour it all the same."""
    desk.adjust(desk.party(), Channel.CALL, forms=("easy_read",))
    assert desk.person().agreed[-1] == "They need: Easy Read."


def test_I6_a_shared_number_is_a_may_be(desk):
    """It names those on the brief who share it and nobody else, and stands on nobody's own entry."""
    desk.party({"kind": "block"}, name="B. Two", shared=True)
    desk.party(name="A. One", shared=True)
    found = desk.brief(channel=Channel.CALL)
    assert [(one.identifier, one.names) for one in found.may_be] == [("01632 960001", ("B. Two",))]
    assert found.people[0].known_by == ()


def test_HO_1_reception_sees_on_what_terms_a_visitor_is_seen(desk):
    """Of visits alone: terms, who is not admitted, and nobody else's calls or mail."""
    desk.party(TERMS)
    desk.party({"kind": "visit_terms", "barred": True}, name="B. Two", known=())
    desk.party(ONE_A_DAY, name="C. Three", known=())
    people = {one.name: one for one in desk.brief(channel=Channel.VISIT).people}
    assert set(people) == {"R. Example", "B. Two"}
    assert row(people["R. Example"], "visit").why == ("To be seen by appointment only, by two colleagues together.",)
    assert row(people["B. Two"], "visit").does == "Not open to them"
    assert not row(people["B. Two"], "visit").open
    assert people["R. Example"].known_by == ()


def test_a_line_an_inbox_and_a_named_contact_have_their_own(desk):
    """Each sees what bears on it, with the identifiers that are of use there."""
    desk.party(NAMED)
    desk.party({"kind": "block", "channels": ["email"]}, name="B. Two", known=("b@example.org",))
    assert [one.name for one in desk.brief(line="+441632960100").people] == ["R. Example"]
    assert desk.brief(line="+441632960100").people[0].known_by == ("01632 960001",)
    assert [one.name for one in desk.brief(inbox="clerk@office.example.org").people] == ["B. Two", "R. Example"]
    for named in ("J.Moss@office.example.org", "01632 960150"):
        assert [one.name for one in desk.brief(named=named).people] == ["R. Example"]
    assert desk.brief(named="nobody@office.example.org").people == ()
    assert [one.name for one in desk.brief(name="two").people] == ["B. Two"]


def test_an_inbox_that_is_always_open_is_so_in_the_brief(at_desk):  # noqa: F811  (the fixture)
    """What no measure closes is not said to be closed."""
    desk = at_desk(always_open=frozenset({"appeals@office.example.org"}))
    desk.party({"kind": "block"})
    assert row(desk.person(inbox="appeals@office.example.org"), "email").does == "Reaches its inbox"
    assert row(desk.person(inbox="clerk@office.example.org"), "email").does == "Refused"


def test_advocates_and_shields_are_said(desk):
    """Who may speak for somebody, and which colleague they must not reach (PHSO-M13, PHSO-24)."""
    party = desk.party()
    since = Span(desk.clock() - timedelta(days=1))
    facts = Facts(
        shields=(Way("+441632960111", "+441632960112", since),),
        voices=(Voice("A. Advocate", frozenset({"email:a@example.net"}), since, "the appeal"),),
    )
    desk.record.write_now(lambda tx: tx.keep_facts(party, facts))
    person = desk.person()
    assert person.speakers == ("A. Advocate (for the appeal)",)
    assert person.instead == (("01632 960111", "01632 960112"),)


def test_a_measure_that_cannot_be_read_hides_no_other(desk):
    """The party is named by its number: ask before you act."""
    spoilt = desk.party({"kind": "block"})
    desk.party({"kind": "block"}, name="B. Two", known=())
    desk.record.write_now(lambda tx: tx.link.plain("UPDATE restrictions SET measures = '[{}]' WHERE party_id = 1", {}))
    found = desk.brief()
    assert (found.unreadable, [one.name for one in found.people]) == ((spoilt,), ["B. Two"])


def test_W4_that_it_was_read_is_on_record_once_a_day(desk):
    """By whom; what they looked for is not."""
    desk.party({"kind": "block"})
    for _ in range(3):
        desk.brief(name="Example")
    desk.clock.advance(days=1)
    desk.brief()
    acts = [(one.who, one.about, one.detail) for one in desk.record.read_now(lambda reader: reader.acts_named("brief"))]
    assert acts == [("Ada", "brief:2026-03-09", {}), ("Ada", "brief:2026-03-10", {})]


def test_who_may_have_it_is_the_policys_to_say(at_desk):  # noqa: F811  (the fixture)
    """Everybody, unless it names roles."""
    desk = at_desk(rights={"brief": frozenset({"manager"})})
    with pytest.raises(Refused, match="read the brief"):
        desk.brief(ADA)


SAMPLES = {
    "issue_limit": {"cases": ["AB/1"]},
    "channel_only": {"allowed": ["letter"]},
    "named_contact": {"phone": PHONE},
    "conceal_staff": {"inbox": "x@office.example.org"},
    "volume_limit": {"channels": ["email"], "count": 1, "per": "week"},
    "talk_time_limit": {"minutes": 5, "per": "week"},
    "call_length_limit": {"minutes": 5},
    "time_window": {"channels": ["call"], "from": "09:00", "to": "10:00"},
    "file_unanswered": {"channels": ["email"]},
    "third_party": {"advocates": ["A. Advocate"]},
    "slow_response": {"working_days": 20},
    "behaviour_contract": {"conditions": ["No shouting"]},
    "stop_case": {"case": ["AB/1"]},
    "time_out": {"until": "2026-04-01"},
    "visit_terms": {"barred": True},
    "meeting": {"on": "2026-03-20"},
}


@pytest.mark.parametrize("kind", catalogue.KINDS)
def test_every_measure_is_in_the_brief_or_bears_on_no_plain_contact(desk, kind):
    """What the catalogue has is said without a fault; those on one matter bear on contact about it alone."""
    parameters = SAMPLES.get(kind, {})
    try:
        measure = catalogue.parse({"kind": kind, **parameters})
    except ValueError as refused:
        pytest.fail(f"give an example of {kind}: {refused}")
    desk.party(catalogue.dump(measure))
    found = desk.brief()
    assert found.unreadable == ()
    if kind not in ("issue_limit", "stop_case"):
        assert [one.name for one in found.people] == ["R. Example"]
