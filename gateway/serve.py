"""Runs one installation as a process: doors open, jobs run, and all of it stops cleanly.

Belongs here: starting, stopping, and dying where nothing is certain any more (THREATS S17).
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
import uvicorn
import uvloop

from gateway.build import Gateway
from gateway.config import FILE_NAME, Config, host_port
from gateway.ending import EXIT_CODE

GRACE_S = 10.0
_OBJECTS_BETWEEN_COLLECTIONS = (20_000, 20, 50)

log = structlog.get_logger()


class DoorTaken(Exception):
    """Say which address cannot be listened on, and the cure."""


def check_doors(config: Config) -> None:
    """Try the addresses that the doors will listen on; raises DoorTaken.

    Before anything is built: what starts beside a gateway that runs must not take its unfinished work for its own.
    They are bound and not listened on: a server that connects to a door which then closes may be left waiting for a
    greeting, for it hears of no end (Linux sends none to whoever connects in that moment).
    """
    for name, setting, endpoint in (("Mail", "mail", config.mail.listen), ("Calls", "phone", config.phone.listen)):
        host, port = host_port(endpoint)
        try:
            with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if probe.family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # as the doors themselves are
                probe.bind((host, port))
        except OSError as fault:
            raise DoorTaken(
                f"{name}: {endpoint} cannot be listened on ({fault.strerror}). Stop what uses it, or choose another "
                f"with listen in [{setting}] of {config.state / FILE_NAME} or PARLEY_{setting.upper()}__LISTEN."
            ) from None


Opened = Callable[[], Awaitable[bool]]
"""What is done once the doors are open; False ends the service."""


def run(gateway: Gateway, *, ready: Callable[[], None] = lambda: None, lifeline: int | None = None) -> None:
    """Serve until SIGINT or SIGTERM; returns after a clean stop.

    `lifeline` is the reading end of a pipe: where nobody holds the other end any more, that is a reason to stop too.
    """

    async def opened() -> bool:
        ready()
        return True

    uvloop.run(_run(gateway, opened, lifeline))


def run_with(gateway: Gateway, opened: Opened) -> None:
    """Serve as `run` does, and do `opened` once the doors are open; a signal interrupts it."""
    uvloop.run(_run(gateway, opened, None))


async def _run(gateway: Gateway, opened: Opened, lifeline: int | None) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    if lifeline is not None:
        loop.add_reader(lifeline, stopping.set)
    async with serving(gateway):
        _collect_less()
        stopped = asyncio.create_task(_stopped(stopping, gateway))
        work = asyncio.ensure_future(opened())
        await asyncio.wait((stopped, work), return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work
        elif work.result():
            await stopped
        stopped.cancel()
    if gateway.ending.required:
        sys.exit(EXIT_CODE)


async def _stopped(stopping: asyncio.Event, gateway: Gateway) -> None:
    """Wait until somebody stops us, or we have to stop."""
    waiting = (asyncio.create_task(stopping.wait()), asyncio.create_task(gateway.ending.wait()))
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


@contextlib.asynccontextmanager
async def serving(gateway: Gateway) -> AsyncIterator[int]:
    """Open the doors and run the jobs as long as the block lasts; what was accepted is finished before it ends.

    Gives the port of the web door, also where the settings leave it open (0).
    """
    web = _web_server(gateway)
    await gateway.smtp.start()
    sockets = [_shared_socket(gateway)] if gateway.settings.config.workers > 1 else None
    serving_web = asyncio.create_task(web.serve(sockets))
    while not web.started and not serving_web.done():
        await asyncio.sleep(0.01)
    gateway.jobs.start()
    log.info("serving", node=gateway.node)
    try:
        yield _port(web)
    finally:
        await gateway.smtp.stop(GRACE_S)
        web.should_exit = True
        await serving_web
        await gateway.jobs.stop()
        if gateway.next_hop is not None:
            await gateway.next_hop.close()
        gateway.record.close()
        log.info("stopped", node=gateway.node)


def _collect_less() -> None:
    """Look for garbage less often, and never among what is there from the start: it took a twentieth of the CPU.

    Python looks after every 700 new objects, which is every second message here; 20,000 are about five megabytes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_OBJECTS_BETWEEN_COLLECTIONS)


def _port(web: uvicorn.Server) -> int:
    return next((int(one.getsockname()[1]) for server in web.servers for one in server.sockets), 0)


def _shared_socket(gateway: Gateway) -> socket.socket:
    """Open the web door's socket so that the other workers can do the same."""
    host, port = host_port(gateway.settings.config.phone.listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=1024, reuse_port=True)


def _web_server(gateway: Gateway) -> uvicorn.Server:
    host, port = host_port(gateway.settings.config.phone.listen)
    config = uvicorn.Config(
        gateway.web,
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
