"""Notices over the API: drafting, reading, sending, posting, and what became of them. Belongs here: their routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Response

from gateway.api.notice_bodies import CameBackBody, CloseBody, DraftBody, OneNotice, PostedBody
from gateway.api.parties import PartyNumber
from gateway.api.rights import NotYours
from gateway.api.room import Caller, Room
from gateway.casework.notice_steps import NoSuchNotice, right_to_tell
from gateway.casework.notices import Shown
from gateway.casework.outline import READ_FILE, said
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed, permitted
from rules.casework.notices import NoticeOnFile
from rules.casework.refused import Refused

T = TypeVar("T")
Number = Annotated[str, Path(max_length=64, description="The notice's id.")]
PdfNumber = Annotated[int, Path(ge=1, le=100, description="Which of its PDFs, from 1.")]
_ALL = "/parties/{party}/notices"
_ONE = f"{_ALL}/{{notice}}"


def notice_routes(room: Room) -> APIRouter:
    """Give the routes of notices."""
    router = APIRouter(tags=["notices"])
    desk = _Desk(room)
    _drafting(router, desk, room)
    _showing(router, desk)
    _leaving(router, desk, room)
    _after(router, desk, room)
    return router


def _drafting(router: APIRouter, desk: _Desk, room: Room) -> None:
    @router.get(_ALL, response_model=list[OneNotice])
    async def list_notices(party: PartyNumber, by: Caller) -> list[dict[str, Any]]:
        """List the notices to a party, the oldest first."""
        found = await desk.do(by, lambda: room.notices.list(party, by))
        return [desk.plain(each) for each in found]

    @router.post(_ALL, status_code=201, response_model=OneNotice)
    async def draft_notice(party: PartyNumber, body: DraftBody, by: Caller) -> dict[str, Any]:
        """Draft a notice, for a person to read; an earlier draft of the same is replaced."""
        fields = body.model_dump(exclude={"about"})
        drafted = await desk.do(by, lambda: room.notices.draft(party, body.about, by, **fields))
        return await desk.do(by, lambda: desk.shown(party, drafted.id, by))


def _showing(router: APIRouter, desk: _Desk) -> None:
    @router.get(_ONE, response_model=OneNotice)
    async def show_notice(party: PartyNumber, notice: Number, by: Caller) -> dict[str, Any]:
        """Show a notice with its words; that you looked is put on record (THREATS W4)."""
        return await desk.do(by, lambda: desk.shown(party, notice, by))

    @router.get(f"{_ONE}/pdfs/{{number}}", response_class=_Pdf)
    async def show_pdf(party: PartyNumber, notice: Number, number: PdfNumber, by: Caller) -> Response:
        """Give a PDF of a notice, as it was when it was drafted."""
        found = await desk.do(by, lambda: desk.found(party, notice, by))
        if number > len(found.printed):
            raise NoSuchNotice("There is no such PDF of this notice.")
        return _Pdf(found.printed[number - 1].content)


def _leaving(router: APIRouter, desk: _Desk, room: Room) -> None:
    @router.post(f"{_ONE}/read", response_model=OneNotice)
    async def read_notice(party: PartyNumber, notice: Number, by: Caller) -> dict[str, Any]:
        """Say that you have read it as it will leave; the party is told in your name."""
        return await desk.moved(party, notice, by, lambda: room.notices.read(notice, by))

    @router.post(f"{_ONE}/send", response_model=OneNotice)
    async def send_notice_by_mail(party: PartyNumber, notice: Number, by: Caller) -> dict[str, Any]:
        """Send it by mail; the party is told once it has left."""
        return await desk.moved(party, notice, by, lambda: room.notices.send(notice, by))

    @router.post(f"{_ONE}/posted", response_model=OneNotice)
    async def posted_notice(party: PartyNumber, notice: Number, body: PostedBody, by: Caller) -> dict[str, Any]:
        """Say that it was posted, or given otherwise: the party is told now."""
        return await desk.moved(party, notice, by, lambda: room.notices.posted(notice, by, how=body.how))


def _after(router: APIRouter, desk: _Desk, room: Room) -> None:
    @router.post(f"{_ONE}/came-back", response_model=OneNotice)
    async def notice_returned(party: PartyNumber, notice: Number, body: CameBackBody, by: Caller) -> dict[str, Any]:
        """Say that it came back: the party was not told."""
        return await desk.moved(party, notice, by, lambda: room.notices.came_back(notice, by, detail=body.detail))

    @router.post(f"{_ONE}/close", response_model=OneNotice)
    async def close_notice(party: PartyNumber, notice: Number, body: CloseBody, by: Caller) -> dict[str, Any]:
        """Say that nothing more is to be done about it; of a page, that the party needs no new one, and why."""
        return await desk.moved(party, notice, by, lambda: room.notices.close(notice, by, reason=body.reason))


class _Pdf(Response):
    media_type = "application/pdf"


class _Desk:
    """Do what is asked about notices of one party in a thread of the API's."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def do(self, by: Actor, job: Callable[[], T]) -> T:
        """Do a job for somebody who may; raises NotYours for others."""
        try:
            permitted(right_to_tell(), self._room.policy, by)
            allowed(READ_FILE, self._room.policy, by)
        except Refused as refused:
            raise NotYours(refused.why, clause=refused.clause, way=refused.way) from None
        return await self._room.aside(job)

    async def moved(self, party: int, notice: str, by: Actor, job: Callable[[], NoticeOnFile]) -> dict[str, Any]:
        """Move a notice of this party on; gives it as it is then."""

        def both() -> dict[str, Any]:
            self.found(party, notice, by)
            return self.plain(job())

        return await self.do(by, both)

    def found(self, party: int, notice: str, by: Actor) -> Shown:
        """Give a notice if it is to this party; raises NoSuchNotice for any other."""
        known = {one.id for one in self._room.notices.of(party, by)}
        if notice not in known:
            raise NoSuchNotice("There is no such notice to this party.")
        return self._room.notices.show(notice, by)

    def shown(self, party: int, notice: str, by: Actor) -> dict[str, Any]:
        """Give a notice with its words."""
        found = self.found(party, notice, by)
        return self.plain(found.notice) | {"text": found.notice.text, "pdfs": len(found.printed)}

    def plain(self, notice: NoticeOnFile) -> dict[str, Any]:
        """Give a notice in plain data, without its words."""
        zone = self._room.policy.zone
        return {
            **{name: getattr(notice, name) for name in _PLAIN},
            "state": notice.state.value,
            "drafted_at": said(notice.drafted_at, zone),
            "copies": [*notice.copies],
            "forms": [*notice.forms],
            "look_at": [*notice.look_at],
            "pdfs": None,
            "text": None,
        }


_PLAIN = ("id", "about", "kind", "drafted_by", "read_by", "to", "language", "reading_age", "digest", "paper", "detail")
