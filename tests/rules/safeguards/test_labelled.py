"""The lists on the labelled messages: figures in the output, floors on the half that they were never tuned on."""

from __future__ import annotations

import pytest

from rules.safeguards.kinds import Kind
from tests.safeguards.labelled import LISTED, PARTS, PINNED, digest, measured, messages, table

LEAST_RISK = 0.9


@pytest.mark.parametrize("part", PARTS)
def test_phso_27_how_much_is_met_and_how_much_is_none(part, capsys):
    """Precision and recall of every kind, by part."""
    found = measured(part)
    with capsys.disabled():
        print(f"\n{table(part, found)}")
    assert sum(found.met.values()) > 0


def test_phso_27_nearly_every_risk_to_life_is_met_on_the_held_out_half():
    """The floor: nine in ten; and four in five of what is said of any kind is so on the half that was tuned on."""
    assert measured("held_out").recall(Kind.RISK_TO_LIFE) >= LEAST_RISK
    tuned = measured("tuning")
    for kind in LISTED:
        assert tuned.precision(kind) >= 0.8, tuned.lines
        assert tuned.recall(kind) >= LEAST_RISK, tuned.lines


@pytest.mark.parametrize("part", PINNED)
def test_what_the_lists_are_not_tuned_on_is_as_it_was_written(part):
    """Whoever changes it to please the lists is found out here."""
    assert digest(part) == PINNED[part]


def test_there_are_enough_of_every_kind():
    """Two hundred messages at least, a quarter of them about something else, no message in two parts."""
    found = [(part, kinds, text) for part in PARTS for kinds, text, _ in messages(part)]
    assert len(found) >= 200
    assert sum(not kinds for _, kinds, _ in found) >= len(found) // 4
    assert len({text for _, _, text in found}) == len(found)
