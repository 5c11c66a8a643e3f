"""What the policy does not allow: why, by which clause, and which way is open instead."""

from __future__ import annotations


class Refused(Exception):
    """Say to a person that their act is not allowed; nothing of it was done.

    `why` is a sentence, `clause` the row of the policy that it rests on (empty where it rests on none), `way` a
    sentence that says what can be done instead.
    """

    def __init__(self, why: str, *, clause: str = "", way: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.clause = clause
        self.way = way

    def __str__(self) -> str:
        return " ".join(part for part in (self.why, self.way, f"({self.clause})" if self.clause else "") if part)
