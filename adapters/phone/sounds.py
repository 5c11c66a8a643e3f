"""The office's own recordings, as the provider fetches them to play them to callers.

Belongs here: a path for each that nobody guesses, made of what it says, so that a changed recording has another. It is
the one door for calls without a signature: providers sign no request for sound, and it gives nothing else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SOUNDS = "/calls/sounds"
TYPES = {".mp3": "audio/mpeg", ".wav": "audio/wav"}
"""What providers play, by the ending of a file's name."""


@dataclass(frozen=True)
class Sound:
    """Hold a recording; `ending` is one of TYPES."""

    content: bytes = field(repr=False)
    ending: str

    @cached_property
    def path(self) -> str:
        """Give the path at which it is served: 32 hexadecimal digits of its digest."""
        return f"{SOUNDS}/{sha256(self.content).hexdigest()[:32]}{self.ending}"


def sound_routes(sounds: tuple[Sound, ...]) -> list[Route]:
    """Build the paths of the recordings: GET, to be kept for a day."""
    return [Route(one.path, _served(one), methods=["GET"]) for one in {one.path: one for one in sounds}.values()]


def _served(sound: Sound) -> Callable[[Request], Awaitable[Response]]:
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}

    async def endpoint(request: Request) -> Response:
        return Response(sound.content, media_type=TYPES[sound.ending], headers=headers)

    return endpoint
