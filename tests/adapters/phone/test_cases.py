"""Plays tests/calls/*.json: each a story of signed webhooks, with what is heard and what Twilio gets.

A step has `post` (the address), `params` (besides the account and the call's id), `heard` (fields of the value that the
gateway is given), `answer` (what the gateway decides, where it decides) and `twiml` or `status` (what goes back).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.phone.call import CallAnswer, Spoken
from adapters.phone.twilio_calls import render_answer, render_ending, render_hangup
from rules.decision import Outcome
from tests.adapters.phone.office import ACCOUNT, SETTINGS, SID, FakeCalls, client, post

CASES = sorted((Path(__file__).parents[2] / "calls").glob("*.json"))
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


class ScriptedCalls(FakeCalls):
    """Answers each step as the story says."""

    answer: dict | None = None

    async def incoming(self, call) -> str:
        self.heard.append(call)
        return self._document_of_step() or render_ending(Spoken("Thank you. Goodbye."), SETTINGS)

    async def dial_ended(self, ended) -> str:
        self.heard.append(ended)
        return self._document_of_step() or render_hangup()

    def _document_of_step(self) -> str:
        if self.answer is None:
            return ""
        return render_answer(CallAnswer(**self.answer | {"outcome": Outcome(self.answer["outcome"])}), SETTINGS)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_story_of_webhooks(path):
    """Every step is heard as it says, and answered as it says."""
    calls = ScriptedCalls()
    story = json.loads(path.read_text(encoding="utf-8"))
    with client(calls) as twilio:
        for step in story["steps"]:
            calls.heard.clear()
            calls.answer = step.get("answer")
            params = {"AccountSid": ACCOUNT, "CallSid": SID, "ApiVersion": "2010-04-01"} | step["params"]
            reply = post(twilio, step["post"], params)
            assert reply.status_code == step.get("status", 200)
            assert reply.text == (HEAD + step["twiml"] if "twiml" in step else "")
            for name, value in step.get("heard", {}).items():
                assert getattr(calls.heard[0], name) == value, name
            assert len(calls.heard) == ("heard" in step)


def test_there_are_stories():
    """An empty folder would pass in silence."""
    assert len(CASES) >= 8
