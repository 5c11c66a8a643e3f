"""Who decides about the police together with whoever puts it on record: colleagues whom the policy lets (SPSO-33).

Belongs here: the guard that knows the office's people and the holders of tokens; a policy knows roles and no names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.config_parts import Person
from gateway.people import named
from rules.casework.acts.police import Police
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.policies import Policy
from storage.transaction import Transaction


def decided_with_who_may(
    people: Sequence[Person], policy: Policy
) -> Callable[[Transaction, CaseFile, object, datetime], None]:
    """Give a guard that refuses co-deciders whom nobody knows, or whose roles the policy does not let decide.

    Where neither the settings nor the tokens name anybody there is nobody to know, and any name is taken.
    """
    may = policy.may("police")

    def guard(tx: Transaction, file: CaseFile, act: object, now: datetime) -> None:
        if not isinstance(act, Police) or not act.decided_with:
            return
        holders = {one.name.casefold(): one.roles for one in tx.tokens() if one.good(now)}
        if not people and not holders:
            return
        for name in act.decided_with:
            person = named(people, name)
            roles = frozenset(person.roles) if person else holders.get(" ".join(name.split()).casefold())
            _may_decide(name, roles, may, policy)

    return guard


def _may_decide(name: str, roles: frozenset[str] | None, may: frozenset[str], policy: Policy) -> None:
    clause = policy.clause("police")
    if roles is None:
        raise Refused(f"Nobody here is known as {name}.", clause=clause, way="Name colleagues as the settings do.")
    if may and not roles & may:
        titles = " or ".join(sorted(policy.roles.get(each, each) for each in may))
        raise Refused(f"{name} may not decide this.", clause=clause, way=f"It is for the {titles}; name one of them.")
