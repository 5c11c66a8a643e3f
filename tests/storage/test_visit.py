"""Work done in the loop that asked for it, or here where the loop does not come to it."""

import asyncio
import threading
import time

import pytest

from storage.record import Record
from storage.visit import Visit
from tests.storage.office import entry


def running_loop():
    """Start a loop in a thread of its own; give the loop and what ends it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def end():
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    return loop, thread, end


def test_the_work_is_done_in_the_loop():
    """A loop that runs does the work itself, once."""
    loop, thread, end = running_loop()
    done = []
    try:
        Visit(lambda: done.append(threading.current_thread())).pay(loop)
    finally:
        end()
    assert done == [thread]


def test_what_the_work_raises_comes_here():
    """It is for the writer to judge, not for the loop."""
    loop, _, end = running_loop()

    def work():
        raise LookupError("no such inbox")

    try:
        with pytest.raises(LookupError):
            Visit(work).pay(loop)
    finally:
        end()


@pytest.mark.parametrize("closed", [pytest.param(True, id="closed"), pytest.param(False, id="stopped")])
def test_a_loop_that_does_not_run_is_not_waited_for(closed):
    """The work is done here, once, though the loop may come back to it."""
    loop = asyncio.new_event_loop()
    done = []
    if closed:
        loop.close()
    Visit(lambda: done.append(threading.current_thread())).pay(loop)
    if not closed:
        loop.call_soon(loop.stop)
        loop.run_forever()
        loop.close()
    assert done == [threading.current_thread()]


async def test_a_loop_that_waits_for_the_writer_is_not_waited_for(sqlite_url, clock):
    """A loop that writes, and then waits for another write without letting go, gets both done."""
    with Record.open(sqlite_url, now=clock) as record:
        first, second = entry(), entry()
        writing = asyncio.ensure_future(record.write(lambda tx: tx.add_contact(first)))
        await asyncio.sleep(0)
        while not record._writer._waiting.empty():
            time.sleep(0)  # until the writer has taken the first job by itself
        assert record.write_now(lambda tx: tx.add_contact(second))
        assert await writing
        assert len(await record.read(lambda reader: reader.contacts())) == 2


async def test_the_jobs_of_a_loop_are_done_in_the_loop(sqlite_url, clock):
    """A writer on SQLite leaves the jobs of one loop to that loop, and commits by itself."""
    where = []

    def failpoint(name):
        where.append((name, threading.current_thread() is threading.main_thread()))

    with Record.open(sqlite_url, now=clock, failpoint=failpoint) as record:
        await record.write(lambda tx: where.append(("job", threading.current_thread() is threading.main_thread())))
    assert where == [("job", True), ("record.before_commit", False), ("record.after_commit", False)]


async def test_the_jobs_of_a_loop_are_done_in_the_thread_where_a_server_answers(postgres_url, clock):
    """A loop never waits for PostgreSQL: there the thread does the jobs."""
    with Record.open(postgres_url, now=clock) as record:
        assert await record.write(lambda tx: threading.current_thread()) is not threading.current_thread()
