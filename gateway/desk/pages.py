"""Pages as HTML: templates that escape whatever stands in them, and what every page is given.

Belongs here: rendering. Promises that nothing a person or a party chose is markup (THREATS W1, I2).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment
from starlette.responses import HTMLResponse

from gateway.brief import BRIEF, Brief
from gateway.brief_words import HOW_TO, channels
from gateway.casework.outline import READ_FILE
from gateway.config import Settings
from gateway.desk.sessions import form_token
from gateway.hand_log import LOG
from gateway.human_clock import in_a_sentence
from gateway.markup import templates_in
from gateway.voicemail import HEAR
from rules.casework.actor import Actor
from rules.casework.acts.act import may
from rules.windows import MICROSECOND, in_words
from rules.workdays import in_words as day_in_words

HERE = Path(__file__).parent / "templates"
_ROOMS = (
    (BRIEF, ("/desk/", "Today")),
    (LOG, ("/desk/log", "Log a contact")),
    (HEAR, ("/desk/voicemail", "Messages")),
    (READ_FILE, ("/desk/waiting", "What waits")),
    (READ_FILE, ("/desk/alerts", "Flags and alerts")),
)
_SORRY = {
    400: "This form cannot be read. Go back and send it again.",
    403: "This form was not sent from its own page, or is too old. Go back, load the page again, and send it again.",
    404: "There is nothing at this address.",
    405: "This address does not take such requests.",
    413: "This form is too long. Write less, and seal what is longer as evidence.",
    415: "This form cannot be read. Go back and send it again.",
    503: "This cannot be done now. Nothing of it was done. Try again in a few seconds.",
}


class Pages:
    """Render the pages of one office."""

    def __init__(self, settings: Settings) -> None:
        self.office = settings.config.office.name
        self._policy = settings.policy
        self._zone = settings.policy.zone

    def page(
        self,
        template: str,
        title: str,
        *,
        by: Actor | None = None,
        secret: str = "",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **more: Any,  # noqa: ANN401  # whatever its template shows
    ) -> HTMLResponse:
        """Render a page for somebody; `secret` is that of the session, or of the form that opens one."""
        given = {
            "title": title,
            "office": self.office,
            "by": by,
            "rooms": self._rooms(by),
            "form_token": form_token(secret) if secret else "",
        }
        return HTMLResponse(_text(template, self._zone, given | more), status, headers)

    def _rooms(self, by: Actor | None) -> list[tuple[str, str]]:
        """Name the pages that somebody may ask for: a link to what is refused helps nobody."""
        if by is None:
            return []
        return [room for right, room in _ROOMS if may(right, self._policy, by)]

    def sorry(self, status: int, incident: str = "", why: str = "", by: Actor | None = None) -> HTMLResponse:
        """Say that something was not done, and what helps."""
        headers = {"Retry-After": "5"} if status == 503 else None
        words = why or _SORRY.get(status, HTTPStatus(status).phrase)
        return self.page(
            "sorry.html", "This was not done", by=by, status=status, headers=headers, words=words, incident=incident
        )


def printed_page(found: Brief, settings: Settings) -> str:
    """Give the page `Today` as one file with its style inside, to be printed."""
    style = (HERE / "style.css").read_text("utf-8")
    given = {"title": "Today", "office": settings.config.office.name, "found": found, "how_to": HOW_TO, "style": style}
    return _text("printed.html", settings.policy.zone, given)


def _text(template: str, zone: ZoneInfo, given: Mapping[str, object]) -> str:
    times = {"moment": partial(_moment, zone=zone), "last_day": partial(_last_day, zone=zone)}
    return _templates().get_template(template).render({**given, **times})


def _last_day(ends: datetime, zone: ZoneInfo) -> str:
    """Say the day on which a time limit ends: what ends at midnight ends with the day before."""
    return day_in_words((ends - MICROSECOND).astimezone(zone).date())


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return in_words(at, zone)


@cache
def _templates() -> Environment:
    return templates_in(HERE, channels=channels, day=day_in_words, in_a_sentence=in_a_sentence)
