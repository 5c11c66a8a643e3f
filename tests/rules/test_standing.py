"""When a restriction bites, and which of its measures do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.measures import KINDS
from rules.standing import Told, needs
from tests.rules.office import END, NOW, POLICY, START, restriction

MICROSECOND = timedelta(microseconds=1)
INTERIM = {"kind": "interim_protection", "inbox": "duty@example.org"}
CONTRACT = {"kind": "behaviour_contract", "conditions": ["One call a week"]}
LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"}
BLOCK = {"kind": "block"}


@pytest.mark.parametrize(
    ("measures", "changes", "expected"),
    [
        pytest.param([INTERIM], {"approved_by": "", "told": Told.NO}, True, id="nobody approved it, nobody was told"),
        pytest.param([INTERIM], {"approved_by": "", "told": Told.YES}, True, id="nobody approved it"),
        pytest.param([INTERIM], {"told": Told.NO}, True, id="nobody was told"),
        pytest.param([INTERIM], {}, True, id="approved and told"),
        pytest.param([INTERIM, BLOCK], {"approved_by": ""}, False, id="a block cannot come in beside it"),
        pytest.param([INTERIM, BLOCK], {}, True, id="unless that is approved"),
        pytest.param([INTERIM, INTERIM], {"approved_by": ""}, True, id="twice the same"),
        pytest.param([], {"approved_by": ""}, False, id="nothing does not bite at once"),
        pytest.param([BLOCK], {"told": Told.NO}, False, id="a block waits until the party is told"),
    ],
)
def test_interim_protection_waits_for_nobody(measures, changes, expected):
    """Interim protection bites at once, and alone: nothing else waits for neither approval nor notice (PHSO-2)."""
    assert restriction(*measures, **changes).in_force(NOW) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [(START - MICROSECOND, False), (START, True), (END - MICROSECOND, True), (END, False)],
    ids=["before its start", "from its start", "to its last moment", "not at its end"],
)
def test_interim_protection_has_a_start_and_an_end(now, expected):
    """Biting at once is no biting for ever (THREATS W8)."""
    assert restriction(INTERIM, approved_by="").in_force(now) is expected


def test_only_interim_protection_bites_at_once():
    """No other measure of the catalogue does without approval."""
    assert [kind for kind, measure in KINDS.items() if measure.at_once] == ["interim_protection"]


@pytest.mark.parametrize(
    ("measures", "agreed", "expected"),
    [
        pytest.param([CONTRACT, LIMIT, BLOCK], None, [0, 1, 2], id="all, while it is not agreed"),
        pytest.param([LIMIT, CONTRACT, BLOCK], NOW, [1], id="the contract alone, from the moment of agreement"),
        pytest.param([CONTRACT, LIMIT], NOW + MICROSECOND, [0, 1], id="all, up to that moment"),
        pytest.param([LIMIT, BLOCK], NOW, [0, 1], id="all, where there is no contract to agree to"),
        pytest.param([CONTRACT, CONTRACT, LIMIT], NOW, [0, 1], id="two contracts together"),
    ],
)
def test_an_agreed_contract_stands_alone(measures, agreed, expected):
    """From when the contract is agreed the other measures of its restriction rest, and ask nothing (PHSO-M4)."""
    on = restriction(*measures, contract_agreed=agreed)
    assert on.bearing(NOW) == tuple(on.measures[index] for index in expected)
    asking = [measures[index] is LIMIT for index in expected]
    assert bool(needs((on,), POLICY, now=NOW)) is any(asking)
