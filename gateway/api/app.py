"""The API as one application, to be mounted at /api: its routes, its door, its faults, its schema.

Belongs here: putting them together, and which problem a fault becomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog
from fastapi import Depends, FastAPI, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from gateway.api.acts import act_routes
from gateway.api.alerts import alert_routes
from gateway.api.brief import brief_routes
from gateway.api.clocks import clock_routes
from gateway.api.door import Door
from gateway.api.evidence import evidence_routes
from gateway.api.flags import flag_routes
from gateway.api.hand_log import log_routes
from gateway.api.highlighting import highlight_routes
from gateway.api.levels import level_routes
from gateway.api.notices import notice_routes
from gateway.api.office import office_routes
from gateway.api.parties import party_routes
from gateway.api.problems import problem, refused, unavailable
from gateway.api.questions import known_questions
from gateway.api.reports import report_routes
from gateway.api.retention import retention_routes
from gateway.api.rights import NotYours
from gateway.api.room import Room
from gateway.api.schema import schema
from gateway.api.voicemail import voicemail_routes
from gateway.api.waiting import waiting_routes
from gateway.casework.desk import NoSuchParty, Stale
from gateway.casework.evidence import EvidenceDamaged
from gateway.casework.register import BadParty
from gateway.legal_clocks import NoSuchClock
from gateway.serials import serial
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.sentences import sentence
from storage.faults import PaperUnreadable

log = structlog.get_logger()

_HELP = (
    "Casework of the office: parties, their files, and what people do about them. Every request but /health and "
    "/openapi.json needs a token (`parley token add`)."
)


def api(room: Room) -> FastAPI:
    """Build the API."""
    app = FastAPI(
        title="Parley",
        description=_HELP,
        version="1",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # redirects would use the Host header
        root_path_in_servers=False,
        servers=[{"url": "/api"}],
        separate_input_output_schemas=False,
    )
    token = [
        Security(HTTPBearer(auto_error=False, description="A token of `parley token add`.")),
        Depends(known_questions),
    ]
    app.include_router(party_routes(room), dependencies=token)
    app.include_router(act_routes(room), dependencies=token)
    app.include_router(notice_routes(room), dependencies=token)
    app.include_router(evidence_routes(room), dependencies=token)
    app.include_router(highlight_routes(room), dependencies=token)
    app.include_router(waiting_routes(room), dependencies=token)
    app.include_router(level_routes(room), dependencies=token)
    app.include_router(clock_routes(room), dependencies=token)
    app.include_router(office_routes(room), dependencies=token)
    app.include_router(retention_routes(room), dependencies=token)
    app.include_router(report_routes(room), dependencies=token)
    app.include_router(brief_routes(room), dependencies=token)
    app.include_router(alert_routes(room), dependencies=token)
    app.include_router(log_routes(room), dependencies=token)
    app.include_router(flag_routes(room), dependencies=token)
    app.include_router(voicemail_routes(room), dependencies=token)
    upload = (room.evidence.most_bytes, str(room.evidence.too_large()))
    app.add_middleware(Door, holder=partial(_holder, room), wrong=lambda: room.wrong, clock=room.clock, upload=upload)
    app.openapi = lambda: schema(app)  # type: ignore[method-assign]  # as FastAPI's documentation has it
    _faults(app)
    _our_faults(app, room)
    return app


async def _holder(room: Room, shown: str) -> Actor | None:
    return await room.aside(lambda: room.tokens.holder(shown))


def _faults(app: FastAPI) -> None:
    @app.exception_handler(NotYours)
    async def not_yours(_: Request, fault: NotYours) -> JSONResponse:
        return refused(fault, 403)

    @app.exception_handler(Refused)
    async def not_allowed(_: Request, fault: Refused) -> JSONResponse:
        return refused(fault)

    @app.exception_handler(Stale)
    async def stale(_: Request, fault: Stale) -> JSONResponse:
        return problem(412, str(fault))

    @app.exception_handler(NoSuchParty)
    async def no_such_party(_: Request, fault: NoSuchParty) -> JSONResponse:
        return problem(404, str(fault.args[0]))

    @app.exception_handler(NoSuchClock)
    async def no_such_clock(_: Request, fault: NoSuchClock) -> JSONResponse:
        return problem(404, str(fault))

    @app.exception_handler(BadParty)
    async def bad_party(_: Request, fault: BadParty) -> JSONResponse:
        return problem(422, str(fault), faults=fault.faults)

    @app.exception_handler(RequestValidationError)
    async def not_valid(_: Request, fault: RequestValidationError) -> JSONResponse:
        return _unreadable(fault.errors())

    @app.exception_handler(ValidationError)
    async def not_meant(_: Request, fault: ValidationError) -> JSONResponse:
        return _unreadable(fault.errors())

    @app.exception_handler(HTTPException)
    async def other(_: Request, fault: HTTPException) -> JSONResponse:
        return problem(fault.status_code, _OTHERS.get(fault.status_code, fault.detail), headers=fault.headers)


def _our_faults(app: FastAPI, room: Room) -> None:
    @app.exception_handler(PaperUnreadable)
    async def unreadable(_: Request, fault: PaperUnreadable) -> JSONResponse:
        incident = serial(room.clock())
        log.error("api_paper_unreadable", incident=incident, party=fault.party, paper=fault.paper)
        return unavailable(f"{fault} Nobody acts on a file that shows less than is on it.", incident=incident)

    @app.exception_handler(EvidenceDamaged)
    async def damaged(_: Request, fault: EvidenceDamaged) -> JSONResponse:
        incident = serial(room.clock())
        log.error("api_evidence_damaged", incident=incident)
        return unavailable(f"{fault} Nobody was given anything.", incident=incident)


_OTHERS = {
    400: "The request cannot be read; send JSON.",
    404: "There is nothing at this address.",
    405: "This address does not take such requests.",
}


def _unreadable(errors: Sequence[Any]) -> JSONResponse:
    faults = [_sentence(error) for error in errors[:20]]
    return problem(422, " ".join(faults), faults=faults)


def _sentence(error: ErrorDetails) -> str:
    if error["type"] == "json_invalid":
        return "The body is not valid JSON."
    where = (
        error["loc"][1:] if error["loc"] and error["loc"][0] in ("body", "path", "query", "header") else error["loc"]
    )
    if not where:
        return "Send a JSON object, with Content-Type: application/json."
    return f"{sentence({**error, 'loc': where})}."
