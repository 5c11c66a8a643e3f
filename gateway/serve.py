"""Runs one installation as a process: doors open, jobs run, and all of it stops cleanly.

Belongs here: starting, stopping, and dying where nothing is certain any more (THREATS S17).
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable

import structlog
import uvicorn
import uvloop

from gateway.build import Gateway
from gateway.config import host_port

GRACE_S = 10.0

log = structlog.get_logger()


def run(gateway: Gateway, *, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGINT or SIGTERM; returns after a clean stop."""
    uvloop.run(_run(gateway, ready))


async def _run(gateway: Gateway, ready: Callable[[], None]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with serving(gateway):
        ready()
        await stopping.wait()


@contextlib.asynccontextmanager
async def serving(gateway: Gateway) -> AsyncIterator[None]:
    """Open the doors and run the jobs as long as the block lasts; what was accepted is finished before it ends."""
    web = _web_server(gateway)
    await gateway.smtp.start()
    serving_web = asyncio.create_task(web.serve())
    while not web.started and not serving_web.done():
        await asyncio.sleep(0.01)
    gateway.jobs.start()
    log.info("serving", node=gateway.node)
    try:
        yield
    finally:
        await gateway.smtp.stop(GRACE_S)
        web.should_exit = True
        await serving_web
        gateway.jobs.stop()
        if gateway.next_hop is not None:
            await gateway.next_hop.close()
        gateway.record.close()
        log.info("stopped", node=gateway.node)


def _web_server(gateway: Gateway) -> uvicorn.Server:
    host, port = host_port(gateway.settings.config.phone.listen)
    config = uvicorn.Config(
        gateway.web, host=host, port=port, log_config=None, access_log=False, server_header=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # signals are ours, older and newer names
    return server
