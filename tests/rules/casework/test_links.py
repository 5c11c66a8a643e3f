"""Suggested links: what suggests one, what does not, and in which words."""

import itertools

import pytest

from rules import identity
from rules.casework.file import CaseFile, Mark
from rules.casework.links import Known, Suggestion, Why, still_open, suggestions
from rules.casework.refused import Refused
from rules.contact import Identifier, IdentifierKind
from rules.standing import Party
from tests.rules.casework.acts.clerk import Clerk


def known(number, *identifiers, shared=(), excepted=()):
    """Give a party with its marks, as people type identifiers."""
    marks = [Mark(identity.anything(one)) for one in identifiers]
    marks += [Mark(identity.anything(one), shared=True) for one in shared]
    marks += [Mark(identity.anything(one), exception=True) for one in excepted]
    return Known(number, f"P{number}", tuple(marks))


def senders(**times):
    """Give unknown senders of example.org with how often they wrote."""
    return {identity.email(f"{name}@example.org"): number for name, number in times.items()}


CASES = {
    "two parties with one number": (
        ([known(1, shared=["01632 960001"]), known(2, shared=["01632 960001"])],),
        [(Why.SHARED, 1, 2, "P1 and P2 both use +441632960001")],
    ),
    "three parties with one number are three pairs": (
        ([known(n, shared=["01632 960001"]) for n in (1, 2, 3)],),
        [(Why.SHARED, one, other, None) for one, other in itertools.combinations((1, 2, 3), 2)],
    ),
    "somebody who writes from an organisation's domain": (
        ([known(1, "@example.org"), known(2, "r@example.org")],),
        [(Why.DOMAIN, 1, 2, "P2 writes from r@example.org, a domain of P1")],
    ),
    "an address that the organisation excepted": (
        ([known(1, "@example.org", excepted=["r@example.org"]), known(2, "r@example.org")],),
        [],
    ),
    "two who write from one small domain": (
        ([known(1, "a@example.org"), known(2, "b@example.org")],),
        [(Why.COLLEAGUES, 1, 2, "P1 and P2 both write from @example.org")],
    ),
    "two at a provider where anybody is": (([known(1, "a@gmail.com"), known(2, "b@gmail.com")],), []),
    "a domain of many": (([known(n, f"a{n}@example.org") for n in range(1, 5)],), []),
    "one party with two addresses of a domain": (([known(1, "a@example.org", "b@example.org")],), []),
    "a message that might be from either": (
        (
            [known(1, "a@x.example"), known(2, "b@y.example")],
            {},
            [[identity.email("a@x.example"), identity.email("b@y.example")]],
        ),
        [(Why.CANDIDATES, 1, 2, "a message might be from P1 or from P2")],
    ),
    "a message that might be from a party or from nobody known": (
        ([known(1, "a@x.example")], {}, [[identity.email("a@x.example"), identity.email("new@y.example")]]),
        [(Why.CANDIDATES, 1, None, "a message might be from P1 or from new@y.example, whom nobody knows")],
    ),
    "candidates of whom nobody is known": (
        ([known(1, "a@x.example")], {}, [[identity.email("b@x.example"), identity.email("c@x.example")]]),
        [],
    ),
    "an address with a tag": (
        ([known(1, "r.example@example.org")], senders(**{"rexample+new": 2})),
        [
            (
                Why.SPELLING,
                1,
                None,
                "rexample+new@example.org wrote 2 times, an address spelt like r.example@example.org of P1",
            )
        ],
    ),
    "the same name elsewhere": (
        ([known(1, "r.example@gmail.com")], senders(rexample=1)),
        [
            (
                Why.SAME_NAME,
                1,
                None,
                "rexample@example.org wrote once, the name of rexample@gmail.com of P1 at another domain",
            )
        ],
    ),
    "a short name elsewhere": (([known(1, "rosa@gmail.com")], senders(rosa=1)), []),
    "a sender who is known": (([known(1, "r.example@example.org", "rexample@example.org")], senders(rexample=1)), []),
    "a sender spelt like a shared address": (([known(1, shared=["r.example@example.org"])], senders(rexample=1)), []),
}


@pytest.mark.parametrize(("facts", "expected"), CASES.values(), ids=CASES)
def test_suggested(facts, expected):
    """Each reason suggests exactly the pairs that it is about, in words that name both."""
    found = suggestions(*facts)
    assert [(one.why, one.party, one.other) for one in found] == [each[:3] for each in expected]
    for one, (*_, text) in zip(found, expected, strict=True):
        assert text is None or one.words == text


def test_the_order_of_parties_changes_nothing():
    """The same facts in any order suggest the same, each pair once for each reason."""
    parties = [
        known(3, "@example.org"),
        known(1, "a@example.org", shared=["01632 960001"]),
        known(2, shared=["01632 960001"]),
    ]
    assert suggestions(parties) == suggestions(parties[::-1])
    assert len({(one.why, one.party, one.other) for one in suggestions(parties)}) == len(suggestions(parties)) == 2


def test_what_a_person_dismissed_is_suggested_no_more_until_that_is_undone():
    """On the file of either party, for every reason; another pair is suggested all the same."""
    pair = Suggestion(Why.SHARED, 7, 8, None, "Both use one number")
    sender = Identifier(IdentifierKind.EMAIL, "r+new@example.org")
    wrote = Suggestion(Why.SPELLING, 7, None, sender, "An address spelt alike")
    found = (pair, wrote)
    ours, other = Clerk(), Clerk()
    other.file = CaseFile(Party(8, "Omar"))
    assert still_open(found, {7: ours.file, 8: other.file}) == found
    number = other.do("dismiss_link", other=7, reason="Brothers at one address.").id
    assert still_open(found, {7: ours.file, 8: other.file}) == (wrote,)
    ours.do("dismiss_link", sender="r+new@example.org", reason="Another person.")
    assert still_open(found, {7: ours.file, 8: other.file}) == ()
    other.do("restore_link", dismissal=number, reason="They are one after all.")
    assert still_open(found, {7: ours.file, 8: other.file}) == (pair,)


WRONG = {
    "neither": ("dismiss_link", {}, "one of the two"),
    "both": ("dismiss_link", {"other": 8, "sender": "a@example.org"}, "one of the two"),
    "the party itself": ("dismiss_link", {"other": 7}, "one with itself"),
    "twice": ("dismiss_link", {"other": 9}, "dismissed already"),
    "no dismissal": ("restore_link", {"dismissal": "none"}, "no dismissal none"),
}


@pytest.mark.parametrize(("name", "fields", "why"), WRONG.values(), ids=WRONG)
def test_a_dismissal_that_means_nothing_is_refused(name, fields, why):
    """Each with a sentence."""
    clerk = Clerk()
    clerk.do("dismiss_link", other=9, reason="They are two.")
    with pytest.raises(Refused, match=why):
        clerk.do(name, **fields, reason="Because.")
