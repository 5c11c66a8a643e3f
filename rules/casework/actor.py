"""Who acts: a name and the roles that the office gave it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Hold a member of staff as an act is judged: `roles` are names of roles in the policy."""

    name: str
    roles: frozenset[str] = frozenset()

    def any_of(self, roles: frozenset[str]) -> str:
        """Give the role, of those asked for, in which this person acts; empty where they have none of them."""
        return min(self.roles & roles, default="")
