"""Gates: the approval that a restriction needs by its measures, the kind of party and its combined effect.

Belongs here: a gate as a policy writes it, and several that stand before one restriction put together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Self

from pydantic import model_validator

from rules.policies.parts import Part
from rules.standing import PartyKind


@dataclass(frozen=True, slots=True)
class Gate:
    """Hold the approval needed: `roles` give it, `fallback` where they are away or conflicted (PHSO-18).

    No roles at all: anybody who works there, and under four eyes anybody but who proposed it.
    """

    roles: frozenset[str] = frozenset()
    fallback: frozenset[str] = frozenset()
    clause: str = ""

    @property
    def approvers(self) -> frozenset[str]:
        """Give all roles that may approve."""
        return self.roles | self.fallback


class GateRow(Part):
    """Hold one gate of the file; it stands before a restriction that meets any of its conditions.

    `every` is all restrictions; `total_block` those after which no channel is left; `kinds` those with such a measure;
    `parties` those on such a party (PHSO-19); `grounds` those on such a ground (SPSO-56).
    """

    every: bool = False
    total_block: bool = False
    kinds: frozenset[str] = frozenset()
    parties: frozenset[PartyKind] = frozenset()
    grounds: frozenset[str] = frozenset()
    roles: frozenset[str]
    fallback: frozenset[str] = frozenset()
    clause: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not (self.every or self.total_block or self.kinds or self.parties or self.grounds):
            raise ValueError("say what it stands before: every, total_block, kinds, parties or grounds")
        if not self.roles:
            raise ValueError("name at least one role that approves")
        if both := self.roles & self.fallback:
            raise ValueError(f"{', '.join(sorted(both))} cannot stand in for the same role; name it once")
        return self

    @property
    def approvers(self) -> frozenset[str]:
        """Give all roles that may approve."""
        return self.roles | self.fallback

    def stands(self, kinds: Collection[str], party: PartyKind, total_block: bool, ground: str = "") -> bool:
        """Tell whether it stands before such a restriction."""
        return (
            self.every
            or (self.total_block and total_block)
            or party in self.parties
            or ground in self.grounds
            or any(kind in self.kinds for kind in kinds)
        )

    def can_meet(self, party: PartyKind) -> bool:
        """Tell whether some restriction on such a party meets it."""
        return self.every or self.total_block or bool(self.kinds or self.grounds) or party in self.parties


def together(rows: Iterable[GateRow]) -> Gate | None:
    """Give the one approval that opens all these gates; None where there is none to open.

    Who approves must satisfy each; a policy that asks the impossible is refused when it is read. Where nobody does
    without standing in, those who would stand in approve.
    """
    found = tuple(rows)
    if not found:
        return None
    roles = frozenset.intersection(*(row.roles for row in found))
    approvers = frozenset.intersection(*(row.approvers for row in found))
    clause = ", ".join(dict.fromkeys(row.clause for row in found if row.clause))
    return Gate(roles or approvers, approvers - roles if roles else frozenset(), clause)
