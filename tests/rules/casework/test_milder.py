"""The milder measures that are shown beside a proposal (SPSO-15)."""

from __future__ import annotations

import pytest

from rules import measures
from rules.casework.milder import milder

PLAIN = {
    "volume_limit": {"channels": ["call"], "count": 1, "per": "week"},
    "talk_time_limit": {"minutes": 30, "per": "week"},
    "call_length_limit": {"minutes": 10},
    "channel_only": {"allowed": ["letter"]},
    "named_contact": {"inbox": "one@office.example.org"},
    "conceal_staff": {"inbox": "shared@office.example.org"},
    "time_window": {"channels": ["call"], "days": ["mon"], "from": "10:00", "to": "12:00"},
    "file_unanswered": {"channels": ["email"]},
    "issue_limit": {"cases": ["AB-1"]},
    "return_mail": {"note": "Please write to us by post."},
    "third_party": {"advocates": ["An Advocate"]},
    "slow_response": {"working_days": 20},
    "time_out": {"case": "AB-1", "until": "2026-06-01"},
    "behaviour_contract": {"conditions": "Please be polite."},
    "stop_case": {"case": "AB-1", "until": "2026-06-01"},
    "refuse_new": {"case": "AB-1", "until": "2026-06-01"},
    "visit_terms": {"appointment": True},
    "automated_line": {"message": "Please write."},
    "meeting": {"on": "2026-06-01"},
}


@pytest.mark.parametrize("kind", sorted(measures.KINDS))
def test_SPSO_15_each_measure_has_milder_ones_beside_it(kind):
    """Two sets, neither the measure itself, and both of kinds that exist."""
    one = measures.parse({"kind": kind, **PLAIN.get(kind, {})})
    found = milder([one])
    assert len(found) == 2
    assert all(rung and one not in rung for rung in found)


def test_a_limit_is_milder_by_half():
    """What limits already lets twice and four times as much through."""
    one = measures.parse({"kind": "volume_limit", **PLAIN["volume_limit"]})
    assert [rung[0].count for rung in milder([one])] == [2, 4]
