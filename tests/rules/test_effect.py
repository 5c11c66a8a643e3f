"""The combined effect of all that is on a party: whether any way to the office is left (PHSO-18)."""

from __future__ import annotations

import pytest

from rules.contact import WAYS_IN, Channel
from rules.effect import shut_channels, total_block
from rules.standing import Adjustment
from tests.rules.deciding import (
    FOR_THE_APPEAL,
    OTHERS,
)
from tests.rules.office import (
    restriction,
)


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


def test_PHSO_18_what_is_said_elsewhere_online_is_no_way_to_the_office():
    """With nothing else open it is a total block; a block of what is said online alone closes no way in."""
    everything_else = sorted(set(Channel) - {Channel.ONLINE})
    assert total_block([restriction({"kind": "block", "channels": everything_else})])
    assert total_block([restriction({"kind": "channel_only", "allowed": ["online"]})])
    assert not total_block([restriction({"kind": "block", "channels": ["online"]})])


FOUR = ["email", "call", "letter", "visit"]
TEXTS = WAYS_IN | {Channel.SMS}


@pytest.mark.parametrize(
    ("shut", "ways", "opened", "expected"),
    [
        pytest.param(FOUR, WAYS_IN, [], True, id="texts and web forms are no way to an office that has neither"),
        pytest.param(FOUR, TEXTS, [], False, id="texts are a way to an office that takes them"),
        pytest.param([*FOUR, "sms"], TEXTS, [], True, id="until they are shut as well"),
        pytest.param(FOUR, WAYS_IN, ["sms"], False, id="where texts were agreed with the person they are a way"),
        pytest.param(FOUR, WAYS_IN, ["online"], True, id="what is said elsewhere online is none, whatever was agreed"),
        pytest.param(FOUR[:3], WAYS_IN, [], False, id="visits are left"),
        pytest.param(FOUR[:3], WAYS_IN - {Channel.VISIT}, [], True, id="an office that nobody can visit"),
    ],
)
def test_PHSO_18_the_ways_in_are_those_that_the_office_has(shut, ways, opened, expected):
    """What is open on paper only reaches nobody."""
    adjustments = [Adjustment("cannot write", frozenset(map(Channel, opened)))]
    assert total_block([restriction({"kind": "block", "channels": shut})], adjustments, ways) is expected
