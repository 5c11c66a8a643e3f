"""What [clauses] of a policy may name besides measures and acts. Belongs here: nothing else."""

from __future__ import annotations

TOPICS = (
    "adjustment",
    "always_open",
    "closed_case",
    "durations",
    "evidence",
    "four_eyes",
    "legal_clock",
    "new_complaint",
    "notice",
    "risk_to_life",
    "safeguard",
    "service_complaint",
    "threshold",
    "total_block",
    "zero_tolerance",
)
