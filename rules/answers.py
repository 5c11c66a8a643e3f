"""What a door out answers: it worked, it may work later, it never will. Belongs here: nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delivered:
    """Say that the other side has durably taken it."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class Temporary:
    """Say that it did not work now and may be tried again; `reply` is the peer's own SMTP reply line(s), if any.

    `unclear` tells that the other side may have taken it all the same (the reply after the final dot was lost).
    """

    detail: str
    reply: str | None = None
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class Permanent:
    """Say that it will never work; `reply` is the peer's own SMTP reply line(s), if it gave one."""

    detail: str
    reply: str | None = None


Answer = Delivered | Temporary | Permanent
