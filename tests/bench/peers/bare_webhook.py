"""The bare peer of the call webhook: check a Twilio signature, answer a fixed document, record and decide nothing.

Run by uvicorn with uvloop and httptools; TOKEN and the public URL are fixed, for they guard nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TOKEN = "token-of-the-bench"
URL = "https://calls.example.org/voice"
DOCUMENT = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<Response><Dial timeLimit="600"><Number>+441632960999</Number></Dial></Response>'
)


def signature(token: str, url: str, form: dict[str, str]) -> str:
    """Sign as Twilio does: HMAC-SHA1 of the URL and each name and value in order of names, in base64."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()


async def voice(request: Request) -> Response:
    """Answer a call with the fixed document, or 403."""
    form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    if not hmac.compare_digest(signature(TOKEN, URL, form), request.headers.get("x-twilio-signature", "")):
        return Response(status_code=403)
    return Response(DOCUMENT, media_type="text/xml")


app = Starlette(routes=[Route("/voice", voice, methods=["POST"])])
