"""The door that every webhook of Twilio comes through.

Belongs here: what a request must be to be heard, and what Twilio gets when we fail. It promises that nothing unsigned
is heard, that no input is a 500, and that nothing which a stranger sent stands in a log (THREATS T1, T2).
"""

from __future__ import annotations

import asyncio
import re
import traceback
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from adapters.phone.form import pairs
from adapters.phone.signature import SIGNATURE, SIGNED_WITH, Signatures
from adapters.phone.twilio_settings import TwilioSettings

_SID = re.compile(r"[A-Za-z0-9]{1,64}")
_MOST_PARAMETERS = 200  # Twilio sends about 40

Alarm = Callable[[int, str], Awaitable[None]]

_log = structlog.get_logger(__name__)


class _RefusedError(Exception):
    """Say why a request is not heard, for the log, and with which status."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class TwilioDoor:
    """Hear the webhooks about one kind of thing.

    `about` names the kind in logs, `key` the parameter that holds its id, which is letters and digits only; `read` are
    the parameters that are acted on: any of them with two values is nobody's honest request. `alarm` is told of a run
    of refusals: how many, and why the last was.
    """

    def __init__(
        self, settings: TwilioSettings, *, about: str, key: str, read: frozenset[str], alarm: Alarm | None = None
    ) -> None:
        self._settings = settings
        self._alarm = alarm
        self._about = about
        self._key = key
        self._read = read | {"AccountSid", key}
        self._signatures = Signatures(settings.public_url, settings.auth_tokens, dict(settings.shared_keys))
        self._refused_in_a_row = 0

    async def hear(
        self,
        request: Request,
        answer: Callable[[dict[str, str]], Awaitable[str | None]],
        on_fault: Callable[[], Response] = lambda: Response(status_code=503),
    ) -> Response:
        """Give the document that `answer` gives for the form, 204 where that is None, `on_fault` where it fails."""
        try:
            form = await self._admit(request)
        except _RefusedError as refusal:
            return await self._refuse(refusal)
        self._refused_in_a_row = 0
        try:
            async with asyncio.timeout(self._settings.answer_within_s):
                document = await answer(form)
            return Response(status_code=204) if document is None else twiml(document)
        except Exception as fault:  # the one broad except of this door: whatever broke, a person is waiting
            whose = {self._about: form[self._key], "path": request.scope["path"]}
            _log.error(f"{self._about}_fault", **whose, **_where(fault))
            return on_fault()

    async def _admit(self, request: Request) -> dict[str, str]:
        """Give the form of a request that is signed, ours and clear; otherwise say why it is refused."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise _RefusedError(415, "content type")
        pairs = _pairs(await self._body(request))
        signatures, keys = request.headers.getlist(SIGNATURE), request.headers.getlist(SIGNED_WITH)
        if len(signatures) != 1 or len(keys) > 1:
            raise _RefusedError(403, "no signature" if not signatures else "two signatures")
        if not self._signatures.valid(_target(request), pairs, signatures[0].encode("latin-1"), "".join(keys)):
            raise _RefusedError(403, "signature")
        form = self._form(pairs)
        if form.get("AccountSid") != self._settings.account_sid:
            raise _RefusedError(403, "account")
        if not _SID.fullmatch(form.get(self._key, "")):
            raise _RefusedError(403, f"{self._about} id")
        return form

    async def _body(self, request: Request) -> bytes:
        """Read the body under a cap and a deadline; Twilio's own are about a kilobyte."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._settings.body_within_s):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > self._settings.largest_body:
                        raise _RefusedError(413, "too large")
        except TimeoutError:
            raise _RefusedError(408, "too slow") from None
        except ClientDisconnect:
            raise _RefusedError(400, "gone") from None
        return bytes(body)

    def _form(self, pairs: list[tuple[str, str]]) -> dict[str, str]:
        form = dict(pairs)
        if len(form) != len(pairs) and any(name in self._read and form[name] != value for name, value in pairs):
            raise _RefusedError(403, "two values")
        return form

    async def _refuse(self, refusal: _RefusedError) -> Response:
        """Refuse without a word; a run of 403s means a wrong address or token, and is said once (THREATS T1)."""
        if refusal.status == 403:
            self._refused_in_a_row += 1
            if self._refused_in_a_row == self._settings.alarm_after:
                _log.error("twilio_refused_in_a_row", run=self._refused_in_a_row, last=refusal.why)
                await self._raise_alarm(refusal.why)
        return Response(status_code=refusal.status)

    async def _raise_alarm(self, why: str) -> None:
        if self._alarm is None:
            return
        try:
            await self._alarm(self._refused_in_a_row, why)
        except Exception as fault:  # that staff could not be told changes nothing for whoever was refused
            _log.error("alarm_fault", **_where(fault))


def twiml(document: str) -> Response:
    """Give a document as Twilio takes it."""
    return Response(document, media_type="text/xml")


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return pairs(body, _MOST_PARAMETERS)
    except ValueError:  # not UTF-8, or too many
        raise _RefusedError(403, "form") from None


def _target(request: Request) -> bytes:
    """Give path and query as they were on the wire, less what a mount or proxy put before our own path."""
    scope = request.scope
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    path = path.removeprefix(scope.get("root_path", "").encode())
    return path + b"?" + query if query else path


def _where(fault: Exception) -> dict[str, str]:
    """Say what broke and where, without the message, which may hold a number or a text."""
    last = traceback.extract_tb(fault.__traceback__)[-1]
    return {"fault": type(fault).__name__, "at": f"{last.name}:{last.lineno}"}
