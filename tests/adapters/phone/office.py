"""A sample office on the phone: its settings, a gateway of ten lines, requests signed by Twilio's own library."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.datastructures import ImmutableMultiDict
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from adapters.phone.twilio_calls import TwilioSettings, render_hangup, routes

TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC" + "5" * 32
SID = "CA" + "1" * 32
SETTINGS = TwilioSettings(
    public_url="https://calls.example.org",
    account_sid=ACCOUNT,
    auth_tokens=(TOKEN,),
    fallback_number="+441632960999",
)
CALL = {
    "AccountSid": ACCOUNT,
    "ApiVersion": "2010-04-01",
    "CallSid": SID,
    "CallStatus": "ringing",
    "Called": "+441632960100",
    "CallerCity": "",
    "Direction": "inbound",
    "From": "+441632960001",
    "To": "+441632960100",
}
DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Dŵr</Say></Response>'


class FakeCalls:
    """Hears everything, says the same to everyone, or raises what it is given."""

    def __init__(self, document: str = DOCUMENT, fault: Exception | None = None) -> None:
        self.heard: list[object] = []
        self._document, self._fault = document, fault

    async def incoming(self, call) -> str:
        self.heard.append(call)
        if self._fault:
            raise self._fault
        return self._document

    async def dial_ended(self, ended) -> str:
        await self.incoming(ended)
        return render_hangup()

    async def pressed(self, pressed) -> str:
        return await self.incoming(pressed)

    async def numbered(self, pressed) -> str:
        return await self.incoming(pressed)

    async def status(self, status) -> None:
        await self.incoming(status)

    async def recorded(self, recording) -> str:
        return await self.incoming(recording)


def application(calls, **changes) -> Starlette:
    """Give the door as a program would serve it."""
    application = Starlette(routes=routes(replace(SETTINGS, **changes), calls))
    application.router.redirect_slashes = False  # a redirect would be built from the Host header
    return application


def client(calls, **changes) -> TestClient:
    """Give a client that lets no exception pass as an answer."""
    return TestClient(application(calls, **changes), base_url="http://127.0.0.1:8080", raise_server_exceptions=True)


def signature(url: str, body: str, token: str = TOKEN) -> str:
    """Sign a form as Twilio's library does."""
    form = ImmutableMultiDict(parse_qsl(body, keep_blank_values=True))
    return RequestValidator(token).compute_signature(url, _Django(form))


class _Django:
    """Gives Twilio's library every value of a name, as the frameworks that it knows do."""

    def __init__(self, form: ImmutableMultiDict) -> None:
        self._form = form

    def __iter__(self):
        return iter(self._form)

    def __len__(self) -> int:
        return len(self._form)

    def getlist(self, name: str) -> list[str]:
        return self._form.getlist(name)


def headers(path: str, body: str, token: str = TOKEN, base: str = SETTINGS.public_url) -> dict[str, str]:
    """Give the headers with which Twilio posts `body` to `path`."""
    return {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "X-Twilio-Signature": signature(base + path, body, token),
    }


def post(client: TestClient, path: str, params: dict[str, str] | None = None, **extra: str):
    """Post signed parameters, the sample call's unless others are given."""
    body = urlencode((CALL if params is None else params) | extra)
    return client.post(path, content=body, headers=headers(path, body))
