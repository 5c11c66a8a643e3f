"""Plays one call: what Twilio would do with each document, what the caller hears, which webhooks come of it.

The story of a call says what the caller presses, what the office's phones do, when the caller leaves, and in which
order reports arrive. Everything is signed as Twilio signs; each path of ours is also tried without a signature, once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlsplit

import httpx2

from tests.gateway.office import LINE, PUBLIC_URL
from tests.gateway.twilio import CALLER, Twilio, new_sid
from tests.twiml.document import NotTwiml, Verb, read

_MOST_STEPS = 40
_LEG = {"busy": "busy", "no answer": "no-answer", "fails": "failed"}


@dataclass
class Story:
    """Say what happens on one call; times in seconds.

    `keys` are what the caller presses at each menu, "" for nothing; `office` what each phone that is rung does: `busy`,
    `no answer`, `fails`, or `talks 300`; `leaves` where the caller hangs up: at a `menu`, while it is `ringing`, or in
    the `message`; `message` is how long they speak after the tone. `reports` is how reports arrive: `in order`, `late`,
    `twice`, `backwards` or `never`; what follows is asked for `twice` too, what follows a <Dial> `never`.
    """

    caller: str = CALLER
    to: str = LINE
    keys: list[str] = field(default_factory=list)
    office: list[str] = field(default_factory=list)
    leaves: str = ""
    message: int = 0
    reports: str = "in order"
    attestation: str = ""


class AtOnce(Twilio):
    """The provider over the application itself, without a socket between."""

    tried: ClassVar[set[str]] = set()
    """Paths that were found to be closed to who does not sign."""

    def __init__(self, here):
        self.clock = here.clock
        transport = httpx2.ASGITransport(app=here.gateway.web)
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080", trust_env=False)


class Gone(Exception):
    """The caller has hung up."""


class Call:
    """Play one story; `heard` is what the caller heard, in words of the office and of the provider."""

    def __init__(self, twilio: AtOnce, story: Story, sid: str | None = None):
        self.twilio = twilio
        self.story = story
        self.sid = sid or new_sid()
        self.heard: list[str] = []
        self.lasted = 0
        self._keys, self._office = list(story.keys), list(story.office)
        self._later: list[tuple[str, dict[str, str]]] = []
        self._legs = 0
        self._recordings = 0

    async def play(self) -> list[str]:
        """Play it to its end; give what was heard."""
        await self.follow(await self._ask("/calls", {"CallStatus": "ringing", "StirVerstat": self.story.attestation}))
        await self.end()
        return self.heard

    async def follow(self, document: str | None) -> None:
        """Do what a document says, and what follows it, until the call ends."""
        steps = 0
        try:
            while document is not None:
                steps += 1
                assert steps < _MOST_STEPS, "the call goes round in circles"
                verbs = read(document)
                assert "Example" not in document, "whoever holds the phone learns nothing of a person (T5)"
                await self._addresses_are_closed(verbs)
                document = await self._do(verbs)
        except Gone:
            pass

    async def end(self) -> None:
        """Report that the caller's own call is over, and deliver what was kept back."""
        await self._report("/calls/status", {"CallStatus": "completed", "CallDuration": str(self.lasted)})
        await self.deliver()

    async def deliver(self) -> None:
        """Deliver the reports that were kept back, in the order of the story."""
        waiting, self._later = self._later, []
        if self.story.reports == "backwards":
            waiting.reverse()
        for path, params in waiting:
            await self._post(path, params)

    async def _do(self, verbs: tuple[Verb, ...]) -> str | None:
        for verb in verbs:
            following = await self._one(verb)
            if following is not None:
                return following
            if verb.name in ("Hangup", "Reject"):
                return None
        return None

    async def _one(self, verb: Verb) -> str | None:
        match verb.name:
            case "Say" | "Play":
                await self._hear(verb)
            case "Pause":
                self.lasted += int(verb.get("length", "1"))
            case "Gather":
                return await self._gather(verb)
            case "Dial":
                return await self._dial(verb)
            case "Record":
                return await self._record(verb)
            case "Redirect":
                return await self._ask(_path(verb.text), {"CallStatus": "in-progress"})
            case "Hangup":
                self.heard.append("[the line is closed]")
            case "Reject":
                self.heard.append(f"[{verb.get('reason', 'rejected')}]")
        return None

    async def _hear(self, verb: Verb) -> None:
        self.lasted += 5
        if verb.name == "Say":
            language = verb.get("language", "en-US")
            self.heard.append(verb.text if language == "en-GB" else f"({language}) {verb.text}")
            return
        if verb.text.startswith(PUBLIC_URL):  # the provider fetches it, unsigned
            answer = await self.twilio.client.get(_path(verb.text))
            assert answer.status_code == 200, answer
            assert answer.headers["content-type"] in ("audio/mpeg", "audio/wav"), answer.headers
        self.heard.append(f"[plays {verb.text}]")

    async def _gather(self, verb: Verb) -> str | None:
        for each in verb.inside:
            await self._one(each)
        if self.story.leaves == "menu":
            raise Gone
        pressed = self._keys.pop(0) if self._keys else ""
        self.lasted += int(verb.get("timeout", "5")) if not pressed else 1
        if not pressed and verb.get("actionOnEmptyResult") != "true":
            return None
        most, ends_on = int(verb.get("numDigits", "50")), verb.get("finishOnKey", "#")
        kept = pressed.partition(ends_on)[0] if ends_on else pressed
        return await self._ask_again(_path(verb.get("action")), {"CallStatus": "in-progress", "Digits": kept[:most]})

    async def _dial(self, verb: Verb) -> str | None:
        (whom,) = verb.inside
        self.heard.append(f"[rings {whom.text}]")
        self._legs += 1
        leg = f"{self.sid[:-2]}L{self._legs}"
        does = self._office.pop(0) if self._office else "no answer"
        if self.story.leaves == "ringing":
            await self._leg_reports(whom, leg, "canceled", None)
            await self._dialled(verb, leg, "canceled", None)
            raise Gone
        if not does.startswith("talks "):
            self.lasted += 0 if does == "busy" else int(verb.get("timeout"))
            await self._leg_reports(whom, leg, _LEG[does], None)
            return await self._dialled(verb, leg, _LEG[does], None)
        talked = int(does.removeprefix("talks "))
        limit = int(verb.get("timeLimit", "14400"))
        hung_up = self.story.leaves == "talking"
        talked, cut = min(talked, limit), talked >= limit
        self.lasted += talked
        self.heard.append(f"[talks {talked}{', cut off' if cut else ''}]")
        await self._leg_reports(whom, leg, "completed", talked)
        following = await self._dialled(verb, leg, "completed", talked)
        if hung_up:
            raise Gone
        return following

    async def _leg_reports(self, whom: Verb, leg: str, status: str, talked: int | None) -> None:
        address, events = whom.get("statusCallback"), whom.get("statusCallbackEvent", "completed").split()
        if not address:
            return
        ids = {"CallSid": leg, "ParentCallSid": self.sid}
        if talked is not None and "answered" in events:
            await self._report(_path(address), ids | {"CallStatus": "in-progress", "SequenceNumber": "2"})
        seconds = {"CallDuration": str(talked)} if talked is not None else {"CallDuration": "0"}
        await self._report(_path(address), ids | seconds | {"CallStatus": status, "SequenceNumber": "3"})

    async def _dialled(self, verb: Verb, leg: str, status: str, talked: int | None) -> str | None:
        action = verb.get("action")
        if not action:
            return None
        if self.story.reports == "never":  # the provider has no document to go on with, and ends the call
            raise Gone
        params = {"DialCallSid": leg, "DialCallStatus": status, "CallStatus": "in-progress"}
        params |= {"DialCallDuration": str(talked)} if talked is not None else {}
        return await self._ask_again(_path(action), params)

    async def _record(self, verb: Verb) -> str | None:
        if verb.get("playBeep", "true") == "true":
            self.heard.append("[beep]")
        if self.story.leaves == "message":
            raise Gone
        spoken = min(self.story.message, int(verb.get("maxLength", "3600")))
        if not spoken:
            return None
        self.lasted += spoken
        self._recordings += 1
        recording = f"RE{self.sid[2:-1]}{self._recordings}"
        params = {
            "RecordingSid": recording,
            "RecordingUrl": f"https://api.twilio.com/2010-04-01/Recordings/{recording}",
            "RecordingDuration": str(spoken),
            "CallStatus": "in-progress",
        }
        return await self._ask_again(_path(verb.get("action")), params)

    # Requests

    async def _ask(self, path: str, params: dict[str, str]) -> str:
        answer = await self._post(path, params)
        assert answer.status_code == 200, (path, answer)
        assert answer.headers["content-type"].startswith("text/xml"), answer.headers
        return answer.text

    async def _ask_again(self, path: str, params: dict[str, str]) -> str:
        """Ask for what follows, twice where the story says so: the answer is the same."""
        document = await self._ask(path, params)
        if self.story.reports == "twice":
            assert await self._ask(path, params) == document
        return document

    async def _report(self, path: str, params: dict[str, str]) -> None:
        match self.story.reports:
            case "never":
                return
            case "late" | "backwards":
                self._later.append((path, params))
            case _:
                for _ in range(2 if self.story.reports == "twice" else 1):
                    answer = await self._post(path, params)
                    assert answer.status_code == 204, answer

    async def _post(self, path: str, params: dict[str, str]) -> httpx2.Response:
        call = {"CallSid": self.sid, "From": self.story.caller, "To": self.story.to, "Direction": "inbound"}
        return await self.twilio.post(path, {name: value for name, value in (call | params).items() if value})

    async def _addresses_are_closed(self, verbs: tuple[Verb, ...]) -> None:
        """Try every new path of ours without a signature and with another's: nobody else may ask for it (T1, T2)."""
        for address in (one for verb in verbs for one in verb.addresses()):
            path = urlsplit(address).path
            if path in self.twilio.tried:
                continue
            self.twilio.tried.add(path)
            for signed in ("", "c2lnbmVkIGJ5IG5vYm9keQ=="):
                answer = await self.twilio.post(_path(address), {"CallSid": self.sid}, signed=signed)
                if answer.status_code != 403:
                    raise NotTwiml(f"{path} hears what is not signed: {answer.status_code}")
                # A run of refusals alarms staff, and rightly: here nothing is set up wrongly.
                await self.twilio.post("/calls/status", {"CallSid": new_sid(), "CallStatus": "ringing"})


def _path(address: str) -> str:
    if not address.startswith(PUBLIC_URL):
        raise NotTwiml(f"{address!r} is not whole, or not ours")
    return address.removeprefix(PUBLIC_URL)
