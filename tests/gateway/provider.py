"""The phone provider as it is asked: its log, its recordings, its numbers, and what goes wrong with it."""

from __future__ import annotations

from datetime import timedelta

from adapters.phone.call import CallStatus
from adapters.phone.twilio_log import LoggedCall, LoggedRecording, LoggedText
from adapters.phone.twilio_rest import ProviderFault
from rules.answers import Delivered
from rules.contact import Caller
from tests.gateway.office import LINE
from tests.gateway.twilio import CALLER, new_sid

NO_ROOMS = {"api": {"enabled": False}, "desk": {"enabled": False}}
"""Settings of an office whose API and pages nobody asks: to build them takes longer than these tests."""
DOWN = ProviderFault("the provider cannot be reached (test)")
SOUND = b"ID3" + bytes(range(256)) * 40


class FakeProvider:
    """Hold what a provider knows; `fault`, where set, is what it answers to everything."""

    def __init__(self):
        self.calls, self.legs, self.left, self.texts = [], {}, {}, []
        self.sounds, self.deleted, self.asked = {}, [], []
        self.fault = None
        self.deleting = Delivered()

    def called(self, at, *, talk_s=None, caller=CALLER, status=CallStatus.COMPLETED, sid=None, left=()):
        """Log a call that somebody made, the leg that was dialled for it, and what was left; give its id."""
        sid = sid or new_sid()
        kind = Caller.NUMBER if caller else Caller.WITHHELD
        self.calls.append(LoggedCall(sid, "", True, kind, caller, LINE, status, at, talk_s or 5))
        ended = CallStatus.COMPLETED if talk_s else CallStatus.NO_ANSWER
        leg = LoggedCall(new_sid(), sid, False, kind, caller, LINE, ended, at, talk_s)
        self.legs[sid] = (leg,)
        self.left[sid] = tuple(LoggedRecording(one, sid, 20, True) for one in left)
        return sid

    def _ask(self, *asked):
        self.asked.append(asked)
        if self.fault is not None:
            raise self.fault

    async def call(self, sid):
        self._ask("call", sid)
        return next((one for one in self.calls if one.sid == sid), None)

    async def legs_of(self, sid):
        self._ask("legs", sid)
        return self.legs.get(sid, ())

    async def recordings_of(self, call_sid):
        self._ask("recordings", call_sid)
        return self.left.get(call_sid, ())

    async def calls_since(self, since, until):
        self._ask("calls", since, until)
        return tuple(one for one in self.calls if one.started_at is None or since <= one.started_at < until)

    async def texts_since(self, since, until):
        self._ask("texts", since, until)
        return tuple(one for one in self.texts if since <= one.sent_at < until)

    async def fetch_recording(self, sid, write, *, most_bytes):
        self._ask("fetch", sid)
        sound = self.sounds.get(sid, ProviderFault("the provider answered 404", permanent=True, status=404))
        if isinstance(sound, ProviderFault):
            raise sound
        if len(sound) > most_bytes:
            raise ProviderFault("too large", permanent=True, status=413)
        write(sound)
        return "audio/mpeg"

    async def delete_recording(self, sid):
        self._ask("delete", sid)
        if isinstance(self.deleting, Delivered):
            self.deleted.append(sid)
        return self.deleting


def text(at, sid="SM" + "1" * 32, inbound=True):
    """Log a text."""
    raw = {"MessageSid": sid, "From": CALLER, "To": LINE, "Body": "Good morning", "NumMedia": "0"}
    return LoggedText(sid, inbound, at, raw)


HOUR = timedelta(hours=1)
