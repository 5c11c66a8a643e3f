"""Who sits at the keyboard, and whose a token is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.config_parts import Person
from gateway.people import at_keyboard, named
from gateway.tokens import Tokens
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from storage.record import Record
from tests.gateway.office import Clock, settings

ADA = Person(name="Ada Reid", login="ada", roles=("caseworker",))
BEA = Person(name="Bea Moss", roles=("manager", "head"))


def office_of(state, *people: Person):
    """Give the settings of an office with these people."""
    chosen = settings(state)
    return replace(chosen, config=chosen.config.model_copy(update={"people": people}))


def test_where_nobody_is_named_everybody_has_every_role(tmp_path):
    """An office on one machine works without a list of its people."""
    assert at_keyboard(office_of(tmp_path), "anyone") == Actor("anyone", frozenset({"caseworker", "manager", "head"}))


WHO = {
    "a login name of the list acts under that person's name": ("ada", Actor("Ada Reid", frozenset({"caseworker"}))),
    "who is not on the list has no role": ("root", Actor("root")),
    "a name is no login name": ("Bea Moss", Actor("Bea Moss")),
    "no login name at all is nobody on the list": ("", Actor("")),
}


@pytest.mark.parametrize(("login", "actor"), WHO.values(), ids=WHO)
def test_who_sits_at_the_keyboard(tmp_path, login, actor):
    """Roles come from the list alone, as soon as there is one."""
    assert at_keyboard(office_of(tmp_path, ADA, BEA), login) == actor


def test_people_are_found_by_name_or_login_without_case():
    """So that nobody is two people to the four eyes."""
    assert [named((ADA, BEA), name) for name in ("ada", " ADA REID ", "bea moss", "carl")] == [ADA, ADA, BEA, None]
    assert named((BEA,), "") is None


@pytest.fixture
def tokens(folder):
    """The tokens of an office with two people."""
    chosen = office_of(folder / "state", ADA, BEA)
    with Record.open(chosen.config.record_url, now=Clock()) as record:
        yield Tokens(record, chosen, Clock())


def test_a_persons_token_acts_under_their_own_name(tokens):
    """Whatever form of the name was typed, and with their own roles unless fewer were asked for."""
    assert tokens.add("ADA", [], Actor("x", frozenset({"manager"}))).token.name == "Ada Reid"
    assert tokens.add("bea  moss", [], Actor("x", frozenset({"manager"}))).token.roles == {"manager", "head"}
    assert tokens.holder(tokens.add("Bea Moss", ["head"], Actor("x", frozenset({"manager"}))).shown) == Actor(
        "Bea Moss", frozenset({"head"})
    )


def test_a_persons_token_brings_no_role_that_they_lack(tokens):
    """A caseworker does not become a manager by way of a token."""
    with pytest.raises(Refused, match="Ada Reid does not have the role manager"):
        tokens.add("ada", ["manager"], Actor("x", frozenset({"manager"})))
    assert tokens.listed() == ()


def test_a_programs_token_has_the_roles_it_was_given(tokens):
    """A name that is nobody's is a program's, which has a role like everybody."""
    shown = tokens.add("the website", ["manager"], Actor("x", frozenset({"manager"}))).shown
    assert tokens.holder(shown) == Actor("the website", frozenset({"manager"}))


@pytest.mark.parametrize(
    ("roles", "why"), [([], "needs a role"), (["head"], "x does not have the role head")], ids=["no role", "another's"]
)
def test_nobody_gives_a_program_what_they_do_not_have_spso_68(tokens, roles, why):
    """A manager makes no head of casework by way of a token, and no name without a role."""
    with pytest.raises(Refused, match=why):
        tokens.add("the website", roles, Actor("x", frozenset({"manager"})))
    assert tokens.listed() == ()
