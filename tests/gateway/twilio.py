"""The provider, as an office hears it: signed webhooks over real HTTP, and what each was answered."""

from itertools import count
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx2

from tests.adapters.phone.office import signature
from tests.gateway.office import ACCOUNT, LINE, PUBLIC_URL, TOKEN

CALLER = "+441632960001"
_sids = count(1)


def new_sid(kind="CA"):
    """Give a call's id that no other call has."""
    return f"{kind}{next(_sids):032}"


class Twilio:
    """Post webhooks to one office."""

    def __init__(self, here):
        self.clock = here.clock
        self.client = httpx2.AsyncClient(base_url=f"http://127.0.0.1:{here.web_port}", trust_env=False)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        await self.client.aclose()

    async def post(self, path, params, *, token=TOKEN, base=PUBLIC_URL, signed=None):
        """Post parameters to a path, signed for this address with this token or as given; a moment passes."""
        self.clock.advance(milliseconds=1)
        body = urlencode({"AccountSid": ACCOUNT} | params)
        made = signature(base + path, body, token) if signed is None else signed
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": made}
        return await self.client.post(path, content=body, headers=headers)

    async def call(self, sid=None, *, caller=CALLER, to=LINE):
        """Say that a call has come; give its id and the document."""
        sid = sid or new_sid()
        params = {"CallSid": sid, "From": caller, "To": to, "CallStatus": "ringing", "Direction": "inbound"}
        answer = await self.post("/calls", params)
        assert answer.status_code == 200, answer
        return sid, answer.text

    async def dialled(self, sid, status="completed", duration=None):
        """Say how the connection to the office ended; give the document for what follows."""
        seconds = {} if duration is None else {"DialCallDuration": str(duration)}
        params = {"CallSid": sid, "DialCallSid": "CA" + "9" * 32, "DialCallStatus": status, "CallStatus": "in-progress"}
        answer = await self.post("/calls/dial", params | seconds)
        assert answer.status_code == 200, answer
        return answer.text

    async def leg(self, sid, status, duration=None, sequence=1):
        """Report on the leg that was dialled for a call."""
        seconds = {} if duration is None else {"CallDuration": str(duration)}
        params = {
            "CallSid": "CA" + "9" * 32,
            "ParentCallSid": sid,
            "CallStatus": status,
            "SequenceNumber": str(sequence),
        }
        answer = await self.post("/calls/status", params | seconds)
        assert answer.status_code == 204, answer

    async def status(self, sid, status, duration=None):
        """Report on the caller's own call."""
        seconds = {} if duration is None else {"CallDuration": str(duration)}
        answer = await self.post("/calls/status", {"CallSid": sid, "CallStatus": status} | seconds)
        assert answer.status_code == 204, answer

    async def recorded(self, sid, recording="RE1", duration=20):
        """Say that the caller left a message."""
        url = f"https://api.example.org/{recording}"
        params = {"CallSid": sid, "RecordingSid": recording, "RecordingUrl": url, "RecordingDuration": str(duration)}
        answer = await self.post("/calls/recorded", params)
        assert answer.status_code == 200, answer
        return answer.text


def verbs(document):
    """Name what a document does, in order."""
    return [each.tag for each in ElementTree.fromstring(document)]


def dial(document):
    """Give whom a document dials and for how long at most, in seconds; None where there is no limit."""
    found = ElementTree.fromstring(document).find("Dial")
    limit = found.get("timeLimit")
    return found.find("Number").text, None if limit is None else int(limit)
