"""A PBX, as an office hears it: questions and endings over real HTTP by token."""

from itertools import count

import httpx2

from tests.gateway.office import LINE

TOKEN = "0123456789abcdef0123456789abcdef"
CALLER = "+441632960001"
SIP = {"tokens": (TOKEN,)}
_ids = count(1)


class Pbx:
    """Ask one office."""

    def __init__(self, here):
        self._clock = here.clock
        self._client = httpx2.AsyncClient(base_url=f"http://127.0.0.1:{here.web_port}", trust_env=False)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        await self._client.aclose()

    async def post(self, path, fields):
        """Post fields with the token; a moment passes."""
        self._clock.advance(milliseconds=1)
        return await self._client.post(path, json=fields, headers={"Authorization": f"Bearer {TOKEN}"})

    async def call(self, call_id=None, *, caller=CALLER, to=LINE):
        """Ask about a call; give its id and the answer."""
        call_id = call_id or f"call-{next(_ids)}"
        answer = await self.post("/calls/sip/decide", {"call_id": call_id, "from": caller, "to": to})
        assert answer.status_code == 200, answer.text
        return call_id, answer.json()

    async def ended(self, call_id, duration_s=0, *, answered=True, status=200):
        """Say that a call is over."""
        fields = {"call_id": call_id, "answered": answered, "duration_s": duration_s}
        answer = await self.post("/calls/sip/ended", fields)
        assert answer.status_code == status, answer.text
