"""What the API says when something is not done: problem details (RFC 9457) in sentences for a person.

Belongs here: their shape, and which status goes with which fault. Our own faults are 503, never 500.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from rules.casework.refused import Refused

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5


class Problem(BaseModel):
    """Say why something was not done; nothing of it was."""

    type: str = Field(description="Always about:blank: the status says what kind of problem it is.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The status.")
    detail: str = Field(description="What is wrong, in sentences for a person.")
    why: str | None = Field(None, description="Where the policy refuses: why.")
    clause: str | None = Field(
        None, description="Where the policy refuses: the clause it rests on, if it rests on one."
    )
    way: str | None = Field(None, description="Where the policy refuses: what can be done instead.")
    faults: list[str] | None = Field(None, description="Where the request cannot be read: each fault in a sentence.")
    incident: str | None = Field(None, description="Where the fault is ours: its number in our log.")


ANSWERS: Mapping[int, str] = {
    400: "The request cannot be read at all.",
    401: "There is no token, or it opens nothing.",
    403: "The policy leaves this to another role.",
    404: "There is no such party.",
    408: "The request took too long to arrive.",
    409: "The policy does not allow this: why, by which clause, and the way that is open.",
    412: "Somebody else has changed the file since it was read.",
    413: "The request is too large.",
    429: "Too many tokens that open nothing came from the same address.",
    422: "The request does not make sense; each fault is a sentence.",
    503: "We cannot do this now; try again later.",
}


def problem(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: str | Sequence[str]
) -> JSONResponse:
    """Write a problem; `more` are further members of `Problem`."""
    title = HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def refused(fault: Refused, status: int = 409) -> JSONResponse:
    """Write what the policy does not allow."""
    return problem(status, str(fault), why=fault.why, clause=fault.clause, way=fault.way)


def unavailable(detail: str, **more: str) -> JSONResponse:
    """Write that it is our fault, and when to try again."""
    return problem(503, detail, headers={"Retry-After": str(RETRY_AFTER_S)}, **more)
