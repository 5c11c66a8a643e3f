"""Plays the calls of calls.toml: what the caller heard, what was logged, what was counted (THREATS T2-T5)."""

import tomllib
from pathlib import Path

import pytest

from rules.contact import Channel
from rules.policies import Callers, DutyManager
from rules.policies.phone import Phone
from rules.standing import Adjustment
from tests.gateway.twilio import CALLER
from tests.twiml.playing import Call, Story

CALLS = tomllib.loads((Path(__file__).parent / "calls.toml").read_text("utf-8"))["call"]
_PARTS = {"phone": Phone, "callers": Callers, "duty_manager": DutyManager}
_KEYS = {
    *("says", "measures", "policy", "adjustment", "story"),
    *("heard", "state", "talk_s", "counted", "waiting", "alerts", "reserved", "keyed", "observe"),
}


def by_name(heard, here):
    """Give what was heard by the names of the policy's texts; what has none was written for the party, and stays."""
    texts = {text.replace("{office}", "The Office"): name for name, text in here.settings.policy.texts}
    return [texts.get(one, one) for one in heard]


@pytest.mark.parametrize("case", CALLS, ids=[case["says"] for case in CALLS])
async def test_a_whole_call(case, phone):
    """One call from its first webhook to its last report."""
    assert case.keys() <= _KEYS
    policy = {name: _PARTS[name](**value) for name, value in case.get("policy", {}).items()}
    async with phone(policy) as (here, twilio):
        party = here.party(*case.get("measures", ()), emails=(), phones=[CALLER])
        if wish := case.get("adjustment"):
            opened = frozenset(map(Channel, wish.get("open", ())))
            given = Adjustment("a need", opened, forms=tuple(wish.get("forms", ())), detail=wish.get("detail", ""))
            here.record.write_now(lambda tx: tx.add_adjustment(party, given))
        here.observe("on" if case.get("observe") else "off")
        heard = await Call(twilio, Story(**case.get("story", {}))).play()
        assert by_name(heard, here) == case["heard"]
        entry = here.only()
        assert entry.state == case["state"]
        assert (entry.talk_s or 0, entry.reserved_s) == (case.get("talk_s", 0), case.get("reserved"))
        if "measures" in case:
            assert here.used(party, Channel.CALL) == case.get("counted", 0)
        assert len(here.queue()) == case.get("waiting", 0)
        assert [letter.kind for letter in here.letters()] == ["alert"] * case.get("alerts", 0)
        assert bool(entry.sender) or not case.get("keyed"), "the number that was keyed in is not on record"
        if case.get("keyed") or case.get("alerts"):
            assert not entry.counts, "what was keyed in, or spoke of danger, counts towards no level"
