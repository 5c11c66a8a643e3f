"""Event loops for the tests of the mail doors: a module that names LOOPS runs on each of them."""

import asyncio


def pytest_asyncio_loop_factories(config, item):
    """Give the module's own loops, or asyncio's."""
    return getattr(item.module, "LOOPS", {"asyncio": asyncio.new_event_loop})
