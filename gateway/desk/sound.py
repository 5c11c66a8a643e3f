"""Sounds for the player of a browser: whole, or the part that it asks for (RFC 9110, 14).

Belongs here: the answer with a sound in it. Promises that nothing else than a sound is played, kept or guessed at: any
other type is a download, whatever whoever brought it said that it is (THREATS W1, C7).
"""

from __future__ import annotations

import re

from starlette.responses import Response

from gateway.voicemail import SOUNDS, Heard

_RANGE = re.compile(r"bytes=([0-9]{0,12})-([0-9]{0,12})")
_OTHER = "application/octet-stream"


def player(media_type: str) -> bool:
    """Tell whether a browser is offered a player for this type; all else is a download."""
    return media_type in SOUNDS


def sound(heard: Heard, asked: str) -> Response:
    """Answer with a sound; `asked` is the Range of the request, "" for all of it. More than one part is not served."""
    content = heard.content
    kind = heard.recording.media_type
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'attachment; filename="{heard.file_name}"',
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    }
    media_type = kind if player(kind) else _OTHER
    part = _part(asked, len(content))
    if part is None:
        return Response(content, 200, headers, media_type)
    first, last = part
    if first > last:
        return Response(b"", 416, headers | {"Content-Range": f"bytes */{len(content)}"}, media_type)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, headers, media_type)


def _part(asked: str, size: int) -> tuple[int, int] | None:
    """Give the first and last byte that are asked for; None for all, a last before the first for none there are."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        return max(size - int(found[2]), 0), size - 1 if int(found[2]) else -1
    first = int(found[1])
    if found[2] and int(found[2]) < first:
        return None  # RFC 9110, 14.1.1: such a range is none
    return first, min(int(found[2] or size - 1), size - 1)
