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
import uvloop

from gateway.build import Gateway
from gateway.config import FILE_NAME, Config
from gateway.config_parts import host_port
from gateway.ending import EXIT_CODE
from gateway.web_door import WebDoor

GRACE_S = 10.0
PAGES_S = 2.0
"""Seconds for pages that are still to be counted: a stop does not wait for what somebody sent (THREATS C7)."""
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
    doors = [("Mail", "mail", config.mail.listen), ("Calls", "phone", config.phone.listen)]
    if config.api.enabled and config.api.listen is not None:
        doors.append(("API", "api", config.api.listen))
    for name, setting, endpoint in doors:
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
    web, *_ = doors = _web_doors(gateway)
    if gateway.next_hop is not None:
        # What it offers is what our door offers; where it cannot be reached now, the first message tells.
        await gateway.next_hop.learn()
    await gateway.smtp.start()
    for door in doors:
        await door.start()
    gateway.jobs.start()
    for watcher in gateway.watchers:
        watcher.start()
    log.info("serving", node=gateway.node)
    try:
        yield web.port
    finally:
        await asyncio.gather(gateway.smtp.stop(GRACE_S), *(watcher.stop() for watcher in gateway.watchers))
        for door in doors:
            await door.stop()
        await gateway.pages.close(PAGES_S)
        await gateway.jobs.stop()
        if gateway.mailboxes is not None:
            gateway.mailboxes.close()
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


def _web_doors(gateway: Gateway) -> list[WebDoor]:
    """Give the door for calls first, then the API's own where it has one."""
    config = gateway.settings.config
    shared = config.workers > 1
    doors = [WebDoor(gateway.web, config.phone.listen, shared=shared)]
    if gateway.api is not None and config.api.listen is not None:
        doors.append(WebDoor(gateway.api, config.api.listen, shared=shared))
    return doors
