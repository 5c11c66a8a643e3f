"""Levels of generated contact over two years equal a plain count: merges, splits, both clock changes, every window."""

import random
from datetime import timedelta

import pytest

from gateway.party_levels import _measured, _usual, life_of, windows
from gateway.party_levels import _office as office_of
from rules.contact import Channel
from rules.levels.kinds import Level
from rules.levels.staff_time import minutes_each
from rules.windows import Mode, Per
from tests.levels import plain
from tests.levels.generated import BEGIN, CHANGES, END, around, office
from tests.rules.policies.shipped import SHIPPED

POLICY = SHIPPED["default"]


def looks(contacts, draw, count):
    """Draw whom to look at, and from when: clock changes, the very second of a contact, the second around its edges."""
    found = [(change + timedelta(hours=hour), None) for change in CHANGES for hour in (0, 1, 20)]
    edges = (timedelta(), timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=30))
    for one in draw.sample(contacts, count):
        edge = draw.choice(edges) + timedelta(seconds=draw.choice((-1, 0, 1)))
        found.append((one.at.replace(microsecond=0) + edge, one.who))
    return [(at, who) for at, who in found if BEGIN < at < END]


def agree(found, meant, where):
    """Assert that levels are the same, minutes to a thousandth."""
    assert {level.value for level in found} == set(meant)
    for level, value in found.items():
        assert value == pytest.approx(meant[level.value], abs=1e-3), (where, level)


def compared(record, made, seen_from, draw):
    """Compare every level of people from moments, in every window and channel; gives how many were of some contact."""
    busy = 0
    for at, who in seen_from:
        whose = who or draw.choice(made.parties[:6])
        near = around(made.contacts, at)
        for mode in Mode:
            for span in windows(mode, at, POLICY):
                found = measured(record, whose, span)
                here = [one for one in near if plain.inside(one.at, at, span.window.per.value, mode.value)]
                agree(found.levels, plain.measure(here, whose), (whose, at, span.window))
                for channel, levels in found.channels.items():
                    agree(levels, plain.measure(here, whose, (channel.value,)), (whose, at, span.window, channel))
                each, nobody = plain.office(here, lambda one: True)
                assert found.usual.office == pytest.approx(sum(each.values()) + nobody, abs=1e-3)
                assert found.usual.parties == len(each)
                assert (found.usual.median, found.usual.p99) == pytest.approx(plain.spread(each), abs=1e-3)
                busy += found.levels[Level.ATTEMPTS] > 0
    return busy


def measured(record, whose, span):
    """Give the levels of a party, or of a sender nobody knows, as the product has them."""
    party = int(whose[6:]) if whose.startswith("party:") else None
    return record.read_now(lambda reader: _measured(reader, whose, party, span, POLICY, frozenset(Channel)))


def test_PHSO_25_SPSO_51_HO_2_generated_levels(record):
    """Contacts of two years, looked at from many moments, in every window and channel."""
    draw = random.Random(7)
    made = office(record, POLICY, 1600)
    assert compared(record, made, looks(made.contacts, draw, 18), draw) > 60


def test_the_life_of_a_case(record):
    """All of a party's contact on a case, whenever it came, however the reference was written."""
    made = office(record, POLICY, 600)
    for whose in made.parties[:5]:
        found = measured(record, whose, life_of("ho/2024-17", END))
        agree(found.levels, plain.measure(made.contacts, whose, case="HO 2024/17"), whose)
    assert found.usual is None


@pytest.mark.parametrize("per", Per)
def test_callers_nobody_knows_take_time_and_have_no_level(record, per):
    """They are in the office's time, and in nobody's median."""
    from tests.levels.generated import made, put

    contacts = list(made(120, 3, 5))
    for one in contacts[::3]:
        one.who, one.nobody = "nobody", True
    put(record, contacts, POLICY, lambda who: None)
    at = contacts[60].at
    (span,) = windows(Mode.ROLLING, at, POLICY, (per,))
    rows = record.read_now(lambda reader: office_of(reader, span, POLICY, frozenset(Channel)))
    known = _usual(minutes_each(rows, POLICY.staff_time))
    here = [one for one in contacts if plain.inside(one.at, at, per.value, "rolling")]
    each, nobody = plain.office(here, lambda one: True)
    assert known.office == pytest.approx(sum(each.values()) + nobody)
    assert known.parties == len(each)
