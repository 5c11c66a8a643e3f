"""Gates: what they stand before, and several before one restriction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import policies
from rules.policies.gates import Gate, GateRow, together
from rules.standing import PartyKind

PERSON, ORGANISATION = PartyKind.PERSON, PartyKind.ORGANISATION
ROLES = st.frozensets(st.sampled_from("abcd"), max_size=3)


def row(**fields) -> GateRow:
    """Give a gate that `a` opens unless said."""
    return GateRow.model_validate({"roles": ["a"]} | fields)


@pytest.mark.parametrize(
    ("gate", "kinds", "party", "block", "stands"),
    [
        pytest.param(row(every=True), [], PERSON, False, True, id="every restriction"),
        pytest.param(row(total_block=True), ["block"], PERSON, False, False, id="a block that leaves a channel open"),
        pytest.param(row(total_block=True), ["channel_only"], PERSON, True, True, id="what together shuts everything"),
        pytest.param(row(kinds=["block"]), ["meeting", "block"], PERSON, False, True, id="one measure of several"),
        pytest.param(row(kinds=["block"]), ["meeting"], PERSON, True, False, id="another measure"),
        pytest.param(row(parties=["organisation"]), [], ORGANISATION, False, True, id="the kind of party"),
        pytest.param(row(parties=["organisation"]), [], PERSON, True, False, id="another kind of party"),
        pytest.param(
            row(parties=["organisation"], kinds=["block"]), ["block"], PERSON, False, True, id="either of two"
        ),
    ],
)
def test_what_it_stands_before(gate, kinds, party, block, stands):
    """Any one of its conditions is enough."""
    assert gate.stands(kinds, party, block) is stands


def test_no_gate_is_no_approval():
    """Where none stands there is nothing to open."""
    assert together([]) is None


def test_two_gates_are_opened_by_who_may_open_both():
    """Who only opens one of them does not; who stands in at either only stands in."""
    one = row(every=True, roles=["a", "b"], fallback=["c"], clause="1")
    other = row(every=True, roles=["a", "d"], fallback=["b", "c"], clause="2")
    assert together([one, other]) == Gate(frozenset("a"), frozenset("bc"), "1, 2")


def test_where_everybody_stands_in_they_approve():
    """A gate for managers and one for directors who stand in for them is the directors' to open."""
    one, other = row(every=True, roles=["a"], fallback=["b"]), row(every=True, roles=["b"])
    assert together([one, other]) == Gate(frozenset("b"))


@given(st.lists(st.tuples(ROLES, ROLES), min_size=1, max_size=4))
def test_a_policy_that_is_read_never_opens_to_everybody(gates):
    """Whatever gates a file has: it is refused, or who approves may open each of them."""
    data = {
        "name": "ours",
        "grounds": {},
        "clauses": {},
        "roles": dict.fromkeys("abcd", "Somebody"),
        "gates": [{"total_block": True, "roles": list(roles), "fallback": list(rest)} for roles, rest in gates],
    }
    try:
        policy = policies.parse(data)
    except ValueError:
        return
    gate = policy.gate([], PERSON, True)
    assert gate is not None and gate.roles
    assert not gate.roles & gate.fallback
    assert all(gate.approvers <= one.approvers for one in policy.gates)


def test_measures_that_need_the_approval_of_a_block_get_its_gate():
    """Stopping work and refusing what is new are approved as a block is (PHSO-18), though no file lists them."""
    policy = policies.parse(
        {
            "name": "ours",
            "grounds": {},
            "clauses": {},
            "measures": ["stop_case", "meeting"],
            "roles": {"head": "Head"},
            "gates": [{"total_block": True, "roles": ["head"]}],
        }
    )
    assert policy.gates[0].kinds == {"stop_case"}
    assert policy.gate(["stop_case"], PERSON, False) == Gate(frozenset({"head"}))
    assert policy.gate(["meeting"], PERSON, False) is None


def test_who_may_have_approved_what_is_imported():
    """A block that is brought in names an approver of its gate, by title or role; or anybody if the file says so."""
    data = {
        "name": "ours",
        "grounds": {},
        "clauses": {},
        "roles": {"head": "Head of Office", "manager": "Manager"},
        "gates": [{"total_block": True, "roles": ["head"]}, {"every": True, "roles": ["manager", "head"]}],
    }
    assert policies.parse(data).approval.total_block == ("Head of Office", "head")
    assert policies.parse(data | {"imports": {"any_approver": True}}).approval.total_block == ()
