"""Listening for clients that begin with TLS: nobody's handshake starts unless there is room for them.

Belongs here: accepting, and the handshake. A loop's own server would begin as many handshakes as anybody likes, and
each takes memory and a descriptor before the door hears of it (THREATS S7).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

from adapters.mail.certificate import Certificate
from adapters.mail.smtp_in_room import Room


class TlsListener:
    """Accept clients for `maker`; after the handshake its protocol is met like any other. Times in seconds."""

    def __init__(self, room: Room, certificate: Certificate, maker: Callable[[], asyncio.Protocol]) -> None:
        self._room, self._certificate, self._maker = room, certificate, maker
        self._handshakes: set[asyncio.Task[None]] = set()
        self._accepting: asyncio.Task[None] | None = None
        self.sockets: tuple[socket.socket, ...] = ()

    async def start(self) -> TlsListener:
        """Listen; raises OSError where the address cannot be had."""
        where = self._room.settings
        family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
        listening = socket.create_server(
            (where.host, where.port), family=family, backlog=1024, reuse_port=where.shared or False
        )
        listening.setblocking(False)
        self.sockets = (listening,)
        self._accepting = asyncio.create_task(self._accept(listening))
        return self

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, address = await loop.sock_accept(listening)
            except OSError:
                # No descriptor is free, or the client is gone again: the others still want in.
                await asyncio.sleep(0.1)
                continue
            peer = str(address[0])
            if not self._room.expect(peer):
                client.close()
                continue
            task = asyncio.create_task(self._begin(client, peer))
            self._handshakes.add(task)
            task.add_done_callback(self._handshakes.discard)

    async def _begin(self, client: socket.socket, peer: str) -> None:
        """Go through the handshake; whoever fails it is gone, and so is who takes too long."""
        context, patience_s = self._certificate.context(), self._room.settings.handshake_s
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._maker, client, ssl=context, ssl_handshake_timeout=patience_s
            )
        except (OSError, ssl.SSLError):
            client.close()
        finally:
            self._room.met(peer)

    def close(self) -> None:
        """Stop listening, and end the handshakes that are under way."""
        for task in (self._accepting, *self._handshakes):
            if task is not None:
                task.cancel()
        for listening in self.sockets:
            listening.close()

    async def wait_closed(self) -> None:
        """Wait until nothing of it runs any more."""
        tasks = [task for task in (self._accepting, *self._handshakes) if task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
