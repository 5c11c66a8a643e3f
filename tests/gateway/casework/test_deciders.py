"""Who decides about the police together with whoever puts it on record: colleagues whom the policy lets (SPSO-33)."""

from __future__ import annotations

import pytest

from gateway.tokens import Tokens
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from tests.gateway.casework.desk import MANAGER, Desk
from tests.gateway.office import office

PEOPLE = (
    {"name": "m.smith", "login": "msmith", "roles": ("manager",)},
    {"name": "H. Head", "login": "head", "roles": ("head",)},
    {"name": "k.jones", "login": "kjones", "roles": ("caseworker",)},
)
DECISION = {
    "told": False,
    "reason": "It was withdrawn at once.",
    "targets": ["m.smith"],
    "third_party": "There is none.",
    "person": "Not told.",
}
WITH = {
    "SPSO-33 a leader by name": ("H. Head", ""),
    "SPSO-33 a leader by login, in capitals": ("HEAD", ""),
    "SPSO-33 a caseworker": ("k.jones", "k.jones may not decide this"),
    "SPSO-33 nobody whom the office knows": ("A. Friend", "Nobody here is known as A. Friend"),
}


@pytest.mark.parametrize(("name", "why"), WITH.values(), ids=WITH)
async def test_whoever_is_threatened_decides_against_only_with_one_who_may(folder, name, why):
    """A name without the role is no second decider; it is refused with the clause and with who may."""
    async with office(folder, people=PEOPLE) as here:
        desk, party = Desk(here), here.party()
        incident = desk.do(party, "note_incident", category="zero_tolerance", what="A threat").id
        fields = {"incident": incident, "decided_with": [name], **DECISION}
        if not why:
            assert desk.do(party, "police", MANAGER, **fields).act.deciders == ("m.smith", name)
            return
        with pytest.raises(Refused, match=why) as refused:
            desk.do(party, "police", MANAGER, **fields)
        assert refused.value.clause == "SPSO-32"
        assert refused.value.way


async def test_the_holder_of_a_token_is_known_too(folder):
    """Where the settings name nobody, whoever holds a token is known by its name; where none is, any name is taken."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party()
        incident = desk.do(party, "note_incident", category="zero_tolerance", what="A threat").id
        fields = {"incident": incident, **DECISION}
        desk.do(party, "police", MANAGER, decided_with=["Anybody"], **fields)
        tokens(here).add("H. Head", ["head"], Actor("root", frozenset({"head"})))
        desk.do(party, "police", MANAGER, decided_with=["h. head"], **fields)
        with pytest.raises(Refused, match="Nobody here is known"):
            desk.do(party, "police", MANAGER, decided_with=["Anybody"], **fields)


def tokens(here):
    """Give the tokens of an office."""
    return Tokens(here.record, here.settings, here.clock)
