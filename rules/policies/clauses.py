"""What [clauses] of a policy may name besides measures and acts. Belongs here: nothing else."""

from __future__ import annotations

TOPICS = (
    "adjustment",
    "always_open",
    "closed_case",
    "durations",
    "evidence",
    "four_eyes",
    "notice",
    "safeguard",
    "threshold",
    "total_block",
    "zero_tolerance",
)
