"""Who works here: the people of the settings with their roles, and who of them sits at the keyboard.

Belongs here: turning a login name into an actor. Where no people are configured, everybody at the keyboard has every
role of the policy: a small office on one machine.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.config import Settings
from gateway.config_parts import Person
from rules.casework.actor import Actor


def at_keyboard(settings: Settings, login: str) -> Actor:
    """Give the actor who uses the command line under this login name; whom no settings name has no role."""
    people = settings.config.people
    if not people:
        return Actor(login, frozenset(settings.policy.roles))
    known = next((one for one in people if login and one.login == login), None)
    return Actor(known.name, frozenset(known.roles)) if known else Actor(login)


def named(people: Sequence[Person], name: str) -> Person | None:
    """Give the person who has this name or login name, without regard to case."""
    wanted = name.strip().casefold()
    if not wanted:
        return None
    return next((one for one in people if wanted in (one.name.casefold(), one.login.casefold())), None)
