"""What we ask of Twilio over HTTPS: send, list, fetch, change; each request once, its answer a value.

Belongs here: the one client of its REST API. Promises that nothing but the configured host is ever asked, that no
redirect is followed, that size and time are capped (THREATS T8), and that no credential or number stands in a fault.
"""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from adapters.phone.twilio_log import (
    Application,
    LoggedCall,
    LoggedRecording,
    LoggedText,
    Number,
    read_application,
    read_call,
    read_number,
    read_recording,
    read_text,
)
from adapters.webhooks import checked_url
from rules.answers import Answer, Delivered, Permanent, Temporary

if TYPE_CHECKING:
    import aiohttp

API = "https://api.twilio.com"
CALLS_BEGIN = "CA"
"""How the ids of calls begin."""
TIMEOUT_S = 15.0
_VERSION = "/2010-04-01"
_MOST_ANSWER = 4_000_000
_PAGE, _MOST_PAGES = 200, 100
_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_BUSY = frozenset({408, 425, 429})
_UNAUTHORISED = 401
_CHUNK = 64 * 1024
T = TypeVar("T")


class ProviderFault(Exception):
    """Say that the provider could not be asked, or refused; `permanent` tells that asking again will not help.

    `unclear` tells that it may have done what it was asked all the same; `code` is Twilio's own number of the fault.
    """

    def __init__(
        self, why: str, *, permanent: bool = False, unclear: bool = False, status: int = 0, code: int = 0
    ) -> None:
        super().__init__(why)
        self.permanent = permanent
        self.unclear = unclear
        self.status = status
        self.code = code

    @property
    def gone(self) -> bool:
        """Tell whether what was asked for is not there."""
        return self.status in (404, 410)

    def answer(self) -> Answer:
        """Give it as a door out answers."""
        return Permanent(str(self)) if self.permanent else Temporary(str(self), unclear=self.unclear)


def checked_api(text: str) -> str:
    """Give an address at which the provider may be asked: https, or http within this machine, a host and no more.

    Empty means that it is never asked. Raises ValueError with a sentence.
    """
    if not text:
        return text
    try:
        parts = urlsplit(checked_url(text))
    except ValueError:
        parts = urlsplit("")
    if not parts.scheme or parts.path not in ("", "/") or parts.query:
        raise ValueError(f"{text!r} is not where the provider is asked; write it as {API}")
    return text


@dataclass(frozen=True, slots=True)
class Access:
    """Hold the account and what opens it: pairs of name and secret, tried in order while a token is changed."""

    account: str
    secrets: tuple[tuple[str, str], ...] = field(repr=False)
    api: str = API

    def __post_init__(self) -> None:
        checked_api(self.api)
        if not re.fullmatch(r"[A-Za-z0-9]{1,64}", self.account):
            raise ValueError("account is the Account SID, letters and digits, copied from the account's page")
        if not self.secrets:
            raise ValueError("nothing opens the account: give its token, or an API key with its secret")


class TwilioRest:
    """Ask one account, a connection for each request. Every method raises ProviderFault unless it gives an Answer."""

    def __init__(self, access: Access, *, timeout_s: float = TIMEOUT_S) -> None:
        self._access = access
        self._timeout_s = timeout_s
        self._base = access.api.rstrip("/")
        self._account = f"{_VERSION}/Accounts/{access.account}"

    # What a person notices: asked once, never again by itself (THREATS W6)

    async def send_text(self, sender: str, to: str, words: str, *, status_callback: str = "") -> Answer:
        """Send one text; Delivered names its id. `unclear` where nobody knows whether it was taken."""
        form = {"From": sender, "To": to, "Body": words}
        if status_callback:
            form["StatusCallback"] = status_callback
        try:
            taken = await self._told("POST", f"{self._account}/Messages.json", form)
        except ProviderFault as fault:
            return fault.answer()
        return Delivered(_text(taken, "sid"))

    async def change_call(self, sid: str, document: str) -> Answer:
        """Have a call under way go on with a TwiML document."""
        return await self._changed("Calls", sid, {"Twiml": document})

    async def end_call(self, sid: str) -> Answer:
        """End a call under way, or before it is answered."""
        return await self._changed("Calls", sid, {"Status": "completed"})

    async def announce(self, conference: str, url: str) -> Answer:
        """Play what stands at `url` (sound, or TwiML that says it) to all in the conference of this name."""
        asked = {"FriendlyName": conference, "Status": "in-progress", "PageSize": "1"}
        try:
            found = (await self._told("GET", f"{self._account}/Conferences.json", query=asked)).get("conferences")
        except ProviderFault as fault:
            return fault.answer()
        if not isinstance(found, list) or not found or not isinstance(found[0], dict):
            return Permanent("there is no such conference any more")
        form = {"AnnounceUrl": url, "AnnounceMethod": "POST"}
        return await self._changed("Conferences", _text(found[0], "sid"), form)

    # Recordings

    async def fetch_recording(self, sid: str, write: Callable[[bytes], object], *, most_bytes: int) -> str:
        """Give the sound of a recording to `write`, piece by piece, and its media type; asked for as MP3.

        The address is made from the id: what a request claims it to be is not asked (T8). Larger than `most_bytes` is
        a permanent fault of status 413.
        """
        path = f"{self._account}/Recordings/{_checked(sid)}.mp3"
        async with self._asked("GET", path, timeout_s=self._timeout_s * 8) as answer:
            if (answer.content_length or 0) > most_bytes:
                raise _too_large(most_bytes)
            size = 0
            async for piece in answer.content.iter_chunked(_CHUNK):
                size += len(piece)
                if size > most_bytes:
                    raise _too_large(most_bytes)
                write(piece)
            if not size:
                raise ProviderFault("the recording is empty", permanent=True)
            return str(answer.content_type)

    async def delete_recording(self, sid: str) -> Answer:
        """Have the provider keep a recording no longer; one that is gone already is Delivered."""
        try:
            async with self._asked("DELETE", f"{self._account}/Recordings/{_checked(sid)}.json"):
                return Delivered()
        except ProviderFault as fault:
            return Delivered("was gone already") if fault.gone else fault.answer()

    async def recordings_of(self, call_sid: str) -> tuple[LoggedRecording, ...]:
        """List the recordings of one call."""
        asked = {"CallSid": _checked(call_sid), "PageSize": "20"}
        return await self._listed("Recordings", "recordings", asked, read_recording, most=20)

    # The provider's own log (THREATS T7)

    async def call(self, sid: str) -> LoggedCall | None:
        """Give one call as it is logged; None where there is none."""
        try:
            return read_call(await self._told("GET", f"{self._account}/Calls/{_checked(sid)}.json"))
        except ProviderFault as fault:
            if fault.gone:
                return None
            raise

    async def legs_of(self, sid: str) -> tuple[LoggedCall, ...]:
        """List the legs that were dialled for a call."""
        asked = {"ParentCallSid": _checked(sid), "PageSize": "20"}
        return await self._listed("Calls", "calls", asked, read_call, most=20)

    async def calls_since(self, since: datetime, until: datetime, most: int = 5000) -> tuple[LoggedCall, ...]:
        """List the calls that began from `since` on and before `until` (aware), the newest first, `most` at most."""
        asked = {"StartTime>": _time(since), "StartTime<": _time(until), "PageSize": str(_PAGE)}
        return await self._listed("Calls", "calls", asked, read_call, most=most)

    async def texts_since(self, since: datetime, until: datetime, most: int = 5000) -> tuple[LoggedText, ...]:
        """List the texts, in and out, of `since` to `until` (aware), the newest first, `most` at most."""
        asked = {"DateSent>": _time(since), "DateSent<": _time(until), "PageSize": str(_PAGE)}
        return await self._listed("Messages", "messages", asked, read_text, most=most)

    # How the account is set

    async def account_state(self) -> str:
        """Give the account's state in Twilio's word: `active`, `suspended`, `closed`."""
        return _text(await self._told("GET", f"{self._account}.json"), "status")

    async def numbers(self, most: int = 1000) -> tuple[Number, ...]:
        """List the account's phone numbers with the addresses that they are set to."""
        return await self._listed(
            "IncomingPhoneNumbers", "incoming_phone_numbers", {"PageSize": str(_PAGE)}, read_number, most=most
        )

    async def applications(self, most: int = 1000) -> tuple[Application, ...]:
        """List the account's TwiML apps with the addresses that they are set to."""
        return await self._listed("Applications", "applications", {"PageSize": str(_PAGE)}, read_application, most=most)

    # How it is asked

    async def _changed(self, of: str, sid: str, form: Mapping[str, str]) -> Answer:
        try:
            await self._told("POST", f"{self._account}/{of}/{_checked(sid)}.json", form)
        except ProviderFault as fault:
            return fault.answer()
        return Delivered()

    async def _listed(
        self, of: str, key: str, asked: Mapping[str, str], read: Callable[[Mapping[str, Any]], T], *, most: int
    ) -> tuple[T, ...]:
        """Follow the pages of a list, within our own account's part of the host and no longer than `most`."""
        path, query = f"{self._account}/{of}.json", dict(asked)
        found: list[T] = []
        for _ in range(_MOST_PAGES):
            page = await self._told("GET", path, query=query)
            rows = page.get(key)
            if not isinstance(rows, list):
                raise ProviderFault("the provider's list cannot be read")
            found += [read(row) for row in rows if isinstance(row, dict)]
            onward = page.get("next_page_uri")
            if not rows or not onward or len(found) >= most:
                break
            path, query = self._onward(str(onward), f"{self._account}/{of}.json"), {}
        return tuple(found[:most])

    def _onward(self, uri: str, path: str) -> str:
        """Give the path of the next page; anything but the same list of the same host is a fault (T8)."""
        parts = urlsplit(uri)
        if parts.scheme or parts.netloc or parts.path != path:
            raise ProviderFault("the provider's list goes on elsewhere", permanent=True)
        return f"{path}?{parts.query}"

    async def _told(
        self, method: str, path: str, form: Mapping[str, str] | None = None, *, query: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Ask and give the JSON object that came back."""
        async with self._asked(method, path, form, query) as answer:
            body = await _body(answer)
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise ProviderFault("the provider's answer cannot be read", unclear=method != "GET")
        return told

    @asynccontextmanager
    async def _asked(
        self,
        method: str,
        path: str,
        form: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        *,
        timeout_s: float = 0,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Make one request, with the next secret where one is refused, and give its answer of 2xx.

        A refused secret has done nothing, so that asking with the next one repeats nothing.
        """
        import aiohttp  # only who asks needs it, and it takes a sixth of a second to load
        from yarl import URL

        address = URL(self._base + path, encoded=True)
        if query:
            address = address.update_query(query)
        reached = False
        try:
            async with asyncio.timeout(timeout_s or self._timeout_s), _session() as session:
                for number, (name, secret) in enumerate(self._access.secrets, 1):
                    opens = {"Authorization": f"Basic {b64encode(f'{name}:{secret}'.encode()).decode()}"}
                    asked = session.request(method, address, data=form, headers=opens, allow_redirects=False)
                    async with asked as answer:
                        reached = True
                        if answer.status == _UNAUTHORISED and number < len(self._access.secrets):
                            continue
                        if not 200 <= answer.status < 300:
                            raise await _refusal(answer, method)
                        yield answer
                        return
        except aiohttp.ClientConnectorError as fault:
            raise ProviderFault(f"the provider cannot be reached ({type(fault).__name__})") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            what = "the provider's answer broke off" if reached else "the provider did not answer"
            raise ProviderFault(f"{what} ({type(fault).__name__})", unclear=method != "GET") from None


def _session() -> aiohttp.ClientSession:
    import aiohttp

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=1, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,  # a proxy of the environment would see callers' numbers
        headers={"Accept": "application/json, audio/mpeg", "User-Agent": "Parley"},
    )


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_chunked(_CHUNK):
        body += piece
        if len(body) > _MOST_ANSWER:
            raise ProviderFault("the provider's answer is too large")
    return bytes(body)


async def _refusal(answer: aiohttp.ClientResponse, method: str) -> ProviderFault:
    """Read a refusal: its status and Twilio's own number, never its words, which may quote a number or a text."""
    status, code = answer.status, 0
    if status >= 400:
        try:
            told = json.loads(await _body(answer))
        except (ValueError, RecursionError):
            told = None
        if isinstance(told, dict) and isinstance(told.get("code"), int):
            code = told["code"]
    later = status >= 500 or status in _BUSY
    why = f"the provider answered {status}" + (f", its fault {code}" if code else "")
    return ProviderFault(why, permanent=not later, unclear=status >= 500 and method == "POST", status=status, code=code)


def _too_large(most: int) -> ProviderFault:
    return ProviderFault(f"the recording has more than {most // 1_000_000} MB", permanent=True, status=413)


def _checked(sid: str) -> str:
    """Give an id that may stand in an address."""
    if not _SID.fullmatch(sid):
        raise ProviderFault("that is no id of the provider's", permanent=True)
    return sid


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
