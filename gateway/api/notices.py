"""Notices over the API: drafting, reading, sending, posting, and what became of them. Belongs here: their routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.acts import NotYours
from gateway.api.parties import PartyNumber
from gateway.api.room import Caller, Room
from gateway.casework.notices import MOST_WORDS, NoSuchNotice, Shown
from gateway.casework.outline import said
from gateway.notices.notice import Kind
from rules.casework.actor import Actor
from rules.casework.acts.act import permitted
from rules.casework.acts.send_notice import SendNotice
from rules.casework.notices import ARRANGEMENTS, NoticeOnFile, NoticeState
from rules.casework.refused import Refused

T = TypeVar("T")
Number = Annotated[str, Path(max_length=64, description="The notice's id.")]
PdfNumber = Annotated[int, Path(ge=1, le=100, description="Which of its PDFs, from 1.")]
_Said = Annotated[str, Field(max_length=400)]


class OneNotice(BaseModel):
    """Hold a notice; `text` is all that a person reads before it leaves, null in lists."""

    id: str
    about: str
    kind: Kind
    state: NoticeState
    drafted_at: str
    drafted_by: str
    read_by: str
    to: Annotated[str, Field(description="The address that it goes to; empty where it has to be posted.")]
    copies: Annotated[list[str], Field(description="Advocates who get a copy.")]
    forms: list[str]
    reading_age: Annotated[float, Field(description="In years; about 12 is plain.")]
    look_at: Annotated[list[str], Field(description="Sentences to look at again: they are long.")]
    pdfs: Annotated[int | None, Field(description="How many PDFs it has; null in lists.")]
    digest: Annotated[str, Field(description="The digest of all that leaves.")]
    paper: Annotated[
        str, Field(description="The act that was done because of it; empty before, or where there is none.")
    ]
    detail: str
    text: str | None


class DraftBody(BaseModel):
    """Hold what is to be drafted."""

    model_config = ConfigDict(extra="forbid")

    about: Annotated[
        str,
        Field(max_length=64, description=f"A warning, a restriction, the paper of a change; or {ARRANGEMENTS!r}."),
    ]
    words: Annotated[str, Field(max_length=MOST_WORDS, description="Words of your own, behind the opening.")] = ""
    forms: Annotated[
        list[Annotated[str, Field(max_length=40)]],
        Field(max_length=10, description="Forms besides those that were promised: pdf, large_print, plain_text, ..."),
    ] = []
    to: Annotated[str, Field(max_length=320, description="One of the person's own addresses; else the last known.")] = (
        ""
    )


class PostedBody(BaseModel):
    """Hold how it left."""

    model_config = ConfigDict(extra="forbid")

    how: Annotated[_Said, Field(description="By post unless given.")] = ""


class CameBackBody(BaseModel):
    """Hold what came back."""

    model_config = ConfigDict(extra="forbid")

    detail: Annotated[_Said, Field(description="What came back.")] = ""


class CloseBody(BaseModel):
    """Hold why nothing more is to be done."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[_Said, Field(min_length=1, description="Why.")]


def notice_routes(room: Room) -> APIRouter:
    """Give the routes of notices."""
    router = APIRouter(tags=["notices"])
    desk = _Desk(room)
    one = "/parties/{party}/notices/{notice}"

    @router.get("/parties/{party}/notices", response_model=list[OneNotice])
    async def list_notices(party: PartyNumber, by: Caller) -> list[dict[str, Any]]:
        """List the notices to a party, the oldest first."""
        found = await desk.do(by, lambda: room.notices.list(party, by))
        return [desk.plain(each) for each in found]

    @router.post("/parties/{party}/notices", status_code=201, response_model=OneNotice)
    async def draft_notice(party: PartyNumber, body: DraftBody, by: Caller) -> dict[str, Any]:
        """Draft a notice, for a person to read; an earlier draft of the same is replaced."""

        def job() -> NoticeOnFile:
            return room.notices.draft(party, body.about, by, words=body.words, forms=body.forms, to=body.to)

        drafted = await desk.do(by, job)
        return await desk.do(by, lambda: desk.shown(party, drafted.id, by))

    @router.get(one, response_model=OneNotice)
    async def show_notice(party: PartyNumber, notice: Number, by: Caller) -> dict[str, Any]:
        """Show a notice with its words; that you looked is put on record (THREATS W4)."""
        return await desk.do(by, lambda: desk.shown(party, notice, by))

    @router.get(f"{one}/pdfs/{{number}}", response_class=_Pdf)
    async def show_pdf(party: PartyNumber, notice: Number, number: PdfNumber, by: Caller) -> Response:
        """Give a PDF of a notice, as it was when it was drafted."""
        found = await desk.do(by, lambda: desk.found(party, notice, by))
        if number > len(found.printed):
            raise NoSuchNotice("There is no such PDF of this notice.")
        return _Pdf(found.printed[number - 1].content)

    @router.post(f"{one}/read", response_model=OneNotice)
    async def read_notice(party: PartyNumber, notice: Number, by: Caller) -> dict[str, Any]:
        """Say that you have read it as it will leave; the party is told in your name."""
        return await desk.moved(party, notice, by, lambda: room.notices.read(notice, by))

    @router.post(f"{one}/send", response_model=OneNotice)
    async def send_notice_by_mail(party: PartyNumber, notice: Number, by: Caller) -> dict[str, Any]:
        """Send it by mail; the party is told once it has left."""
        return await desk.moved(party, notice, by, lambda: room.notices.send(notice, by))

    @router.post(f"{one}/posted", response_model=OneNotice)
    async def posted_notice(party: PartyNumber, notice: Number, body: PostedBody, by: Caller) -> dict[str, Any]:
        """Say that it was posted, or given otherwise: the party is told now."""
        return await desk.moved(party, notice, by, lambda: room.notices.posted(notice, by, how=body.how))

    @router.post(f"{one}/came-back", response_model=OneNotice)
    async def notice_returned(party: PartyNumber, notice: Number, body: CameBackBody, by: Caller) -> dict[str, Any]:
        """Say that it came back: the party was not told."""
        return await desk.moved(party, notice, by, lambda: room.notices.came_back(notice, by, detail=body.detail))

    @router.post(f"{one}/close", response_model=OneNotice)
    async def close_notice(party: PartyNumber, notice: Number, body: CloseBody, by: Caller) -> dict[str, Any]:
        """Say that nothing more is to be done about it; nobody is told by that."""
        return await desk.moved(party, notice, by, lambda: room.notices.close(notice, by, reason=body.reason))

    return router


class _Pdf(Response):
    media_type = "application/pdf"


class _Desk:
    """Do what is asked about notices of one party in a thread of the API's."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def do(self, by: Actor, job: Callable[[], T]) -> T:
        """Do a job for somebody who may; raises NotYours for others."""
        try:
            permitted(SendNotice(about=ARRANGEMENTS), self._room.policy, by)
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
        known = {one.id for one in self._room.notices.list(party, by)}
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


_PLAIN = ("id", "about", "kind", "drafted_by", "read_by", "to", "reading_age", "digest", "paper", "detail")
