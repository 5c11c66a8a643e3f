"""A web door: one application on one address, until it is told to stop.

Belongs here: how uvicorn is set. What is on its way is answered before a door closes.
"""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from starlette.applications import Starlette

from gateway.config_parts import host_port


class WebDoor:
    """Serve one application on `listen`; `shared` has other processes do the same on the same address."""

    def __init__(self, app: Starlette, listen: str, *, shared: bool) -> None:
        self._host, self._port = host_port(listen)
        self._shared = shared
        self._server = _server(app, self._host, self._port)
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open it; returns once requests are taken."""
        sockets = [self._socket()] if self._shared else None
        self._serving = asyncio.create_task(self._server.serve(sockets))
        while not self._server.started and not self._serving.done():
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Take no more, and return once all is answered."""
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving

    @property
    def port(self) -> int:
        """Give the port on which it listens, also where the settings leave it open (0)."""
        return next((int(one.getsockname()[1]) for server in self._server.servers for one in server.sockets), 0)

    def _socket(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        return socket.create_server((self._host, self._port), family=family, backlog=1024, reuse_port=True)


def _server(app: Starlette, host: str, port: int) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        proxy_headers=False,  # nothing here asks for a client's address; public_url says what was signed
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # signals are ours, older and newer names
    return server
