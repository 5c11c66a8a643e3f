"""One office's rules as data: roles, measures, durations, approvals, appeal, review, thresholds, words.

Belongs here: the policy as a frozen value and its reading from plain data; who opens the file is `gateway`. The
policies that ship with Parley lie beside this file.
"""

from __future__ import annotations

from rules.policies.file import faults, parse
from rules.policies.gates import Gate, GateRow
from rules.policies.parts import (
    Appeal,
    Approval,
    Callers,
    Durations,
    DutyManager,
    Evidence,
    Guard,
    Review,
    zone,
)
from rules.policies.policy import Policy
from rules.policies.texts import Texts
from rules.policies.thresholds import Threshold

__all__ = [
    "Appeal",
    "Approval",
    "Callers",
    "Durations",
    "DutyManager",
    "Evidence",
    "Gate",
    "GateRow",
    "Guard",
    "Policy",
    "Review",
    "Texts",
    "Threshold",
    "faults",
    "parse",
    "zone",
]
