"""The SMTP door: listens, lets clients in while there is room, and closes without losing what is on its way.

Belongs here: the door's life, from start to stop. The promise (THREATS S1, S2): 250 after the final dot means that
`take_message` answered Delivered, and nothing else does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from adapters.mail.message import Incoming
from adapters.mail.smtp_commands import Offers
from adapters.mail.smtp_in_room import Room, SmtpDoorSettings
from adapters.mail.smtp_in_session import Reception, sessions
from adapters.mail.tls_listener import TlsListener
from rules.answers import Answer, Delivered

__all__ = ["SmtpDoor", "SmtpDoorSettings"]


def _always_ready() -> Answer:
    return Delivered()


def _nothing_more() -> Offers:
    return Offers()


class SmtpDoor:
    """Take mail in by SMTP and ask reception about it.

    `take_recipient(mail_from, recipient)` is asked for each RCPT, `take_message(incoming)` for each whole message,
    `ready()` at each MAIL (Temporary becomes 452, THREATS S17); `mail_from` is "<>" for the null path.
    `offers()` is what the path behind the door can do. What they raise is answered with 451 and an incident id. The
    octets of a message are held in memory until `take_message` answers.
    """

    def __init__(
        self,
        settings: SmtpDoorSettings,
        *,
        take_recipient: Callable[[str, str], Awaitable[Answer]],
        take_message: Callable[[Incoming], Awaitable[Answer]],
        now: Callable[[], datetime],
        ready: Callable[[], Answer] = _always_ready,
        offers: Callable[[], Offers] = _nothing_more,
    ) -> None:
        self.settings = settings
        self._reception = Reception(take_recipient, take_message, ready, now, offers)
        self._room = Room(settings)
        self._server: asyncio.Server | TlsListener | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        """Give the port that is listened on, also where the settings leave it open (0)."""
        assert self._server is not None, "the door is not open"
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def connections(self) -> int:
        """Tell how many clients are in."""
        return len(self._room.guests)

    @property
    def bytes_held(self) -> int:
        """Tell how many octets of messages are in memory."""
        return self._room.bytes_held

    async def start(self) -> None:
        """Listen; raises OSError where the address cannot be had."""
        # aiosmtpd writes clients' addresses and senders into this log, and has nothing else to say.
        logging.getLogger("mail.log").disabled = True
        loop = asyncio.get_running_loop()
        self._room.closing = False
        maker = sessions(self._room, self._reception, loop)
        where = self.settings
        if where.tls == "implicit" and where.certificate is not None:
            self._server = await TlsListener(self._room, where.certificate, maker).start()
        else:
            self._server = await loop.create_server(
                maker, where.host, where.port, backlog=1024, reuse_port=where.shared or None
            )
        self._sweep(loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look at all deadlines; one timer for the door costs less than one for each command."""
        now = loop.time()
        for guest in tuple(self._room.guests):
            guest.sweep(now)
        self._sweeper = loop.call_later(self.settings.sweep_s, self._sweep, loop)

    async def stop(self, grace_s: float) -> None:
        """Stop listening, let transactions on their way end for `grace_s` seconds, then close with 421."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        self._room.closing = True
        for guest in tuple(self._room.guests):
            guest.finish()
        try:
            async with asyncio.timeout(grace_s):
                await self._room.emptied()
        except TimeoutError:
            await asyncio.gather(*(guest.dismiss() for guest in tuple(self._room.guests)))
            await self._room.emptied()
        finally:
            if self._sweeper is not None:
                self._sweeper.cancel()
        await server.wait_closed()
