"""Group commit: many callers, few commits, each its own answer and nobody another's."""

import asyncio
import gc
import os
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest

from storage.faults import RecordBroken, RecordContended, RecordRefused, RecordUnavailable
from storage.record import Record
from tests.storage.office import add, entry


class Gate:
    """Stop the writer before its commit, until told to go on."""

    def __init__(self):
        self.reached, self.open = threading.Event(), threading.Event()
        self.open.set()
        self.steps = []

    def __call__(self, name):
        self.steps.append(name)
        if name == "record.before_commit":
            self.reached.set()
            assert self.open.wait(30)


@pytest.fixture
def gate():
    """A failpoint that can hold the writer up."""
    return Gate()


@pytest.fixture
def gated(url, clock, gate):
    """A record whose writer the test can hold up."""
    with Record.open(url, now=clock, failpoint=gate, quick_s=0) as record:
        yield record
        gate.open.set()


async def together(record, gate, *jobs):
    """Have jobs done in one batch: they come while the writer is at another one's commit."""
    gate.reached.clear()
    gate.open.clear()
    first = asyncio.ensure_future(record.write(lambda tx: None))
    await asyncio.to_thread(gate.reached.wait, 30)
    rest = [asyncio.ensure_future(record.write(job)) for job in jobs]
    await asyncio.sleep(0)
    gate.open.set()
    await first
    return await asyncio.gather(*rest, return_exceptions=True)


async def test_many_callers_share_a_commit(gated, gate):
    """A hundred contacts that come during one commit are kept by the next one."""
    made = [entry() for _ in range(100)]
    before = gated.commits
    answers = await together(gated, gate, *(lambda tx, each=each: tx.add_contact(each) for each in made))
    assert answers == [True] * 100
    assert gated.commits - before == 2
    assert {each.id for each in gated.read_now(lambda reader: reader.contacts())} == {each.id for each in made}


async def test_a_batch_has_an_end(gated, gate):
    """More jobs than a batch takes are done in several, in their order."""
    done = []
    before = gated.commits
    await together(gated, gate, *(lambda tx, number=number: done.append(number) for number in range(600)))
    assert done == list(range(600))
    assert gated.commits - before == 1 + 3


async def test_nobody_hears_of_success_before_the_commit(gated, gate):
    """While the writer is before its commit, the caller waits, and others see nothing."""
    made = entry()
    gate.reached.clear()
    gate.open.clear()
    writing = asyncio.ensure_future(gated.write(lambda tx: tx.add_contact(made)))
    await asyncio.to_thread(gate.reached.wait, 30)
    assert not writing.done()
    assert await gated.read(lambda reader: reader.contact(made.id)) is None
    gate.open.set()
    assert await writing
    assert gate.steps[-2:] == ["record.before_commit", "record.after_commit"]


async def test_a_job_that_raises_harms_only_its_caller(gated, gate):
    """Its exception goes to its caller, nothing of it is kept, and all beside it is."""
    bad, good = entry(), [entry() for _ in range(4)]

    def raises(tx):
        tx.add_contact(bad)
        raise LookupError("no such inbox")

    jobs = [lambda tx, each=each: tx.add_contact(each) for each in good]
    before = gated.commits
    answers = await together(gated, gate, jobs[0], jobs[1], raises, jobs[2], raises, jobs[3])
    assert [type(answer) for answer in answers] == [bool, bool, LookupError, bool, LookupError, bool]
    kept = {each.id for each in gated.read_now(lambda reader: reader.contacts())}
    assert kept == {each.id for each in good}
    assert gated.commits - before == 2


async def test_a_job_that_the_record_refuses_harms_only_its_caller(gated, gate):
    """The same holds for what the database itself refuses, such as an id that is taken."""
    one, other, after = entry(id="taken"), entry(id="taken"), entry()
    answers = await together(gated, gate, *(lambda tx, each=each: tx.add_contact(each) for each in (one, other, after)))
    assert [type(answer) for answer in answers] == [bool, RecordRefused, bool]
    assert gated.read_now(lambda reader: reader.find(after.key)) is not None


async def test_what_a_later_job_sees_is_what_stays(gated, gate):
    """A job never builds on what a failed neighbour did before it."""
    made = entry()

    def raises(tx):
        tx.add_contact(made)
        raise LookupError

    answers = await together(gated, gate, raises, lambda tx: tx.find(made.key))
    assert answers[1] is None


async def test_an_answer_may_be_anything(gated, gate):
    """An exception that a future cannot carry still reaches its caller, in other words."""

    def raises(tx):
        raise StopIteration

    answers = await together(gated, gate, raises, lambda tx: "fine")
    assert [type(answer) for answer in answers] == [RuntimeError, str]


async def test_a_caller_who_gave_up_is_no_trouble(gated, gate):
    """A cancelled caller's job is done all the same, and the others get their answers."""
    made, other = entry(), entry()
    gate.reached.clear()
    gate.open.clear()
    given_up = asyncio.ensure_future(gated.write(lambda tx: tx.add_contact(made)))
    waiting = asyncio.ensure_future(gated.write(lambda tx: tx.add_contact(other)))
    await asyncio.to_thread(gate.reached.wait, 30)
    given_up.cancel()
    gate.open.set()
    assert await waiting
    assert given_up.cancelled()
    assert gated.read_now(lambda reader: reader.contact(made.id)) is not None


def test_a_loop_that_was_closed_is_no_trouble(gated, gate):
    """Where the asking loop is gone before the answer, the work is done and the writer goes on."""
    made = entry()
    gate.reached.clear()
    gate.open.clear()
    loop = asyncio.new_event_loop()
    writing = loop.create_task(gated.write(lambda tx: tx.add_contact(made)))
    assert loop.run_until_complete(asyncio.wait_for(asyncio.to_thread(gate.reached.wait, 30), 31))
    writing.cancel()
    loop.run_until_complete(asyncio.wait([writing]))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    gate.open.set()
    add(gated)
    assert gated.read_now(lambda reader: reader.contact(made.id)) is not None
    gc.collect()


async def test_closing_does_what_waits(url, clock, gate):
    """Jobs that wait when the record is closed are done, and their callers hear of it."""
    record = Record.open(url, now=clock, failpoint=gate, quick_s=0)
    gate.reached.clear()
    gate.open.clear()
    writing = [asyncio.ensure_future(record.write(lambda tx: tx.add_contact(entry()))) for _ in range(20)]
    await asyncio.to_thread(gate.reached.wait, 30)
    closing = asyncio.create_task(asyncio.to_thread(record.close))
    gate.open.set()
    assert await asyncio.gather(*writing) == [True] * 20
    await closing
    with Record.open(url, now=clock) as record:
        assert len(record.read_now(lambda reader: reader.contacts())) == 20


async def test_a_writer_that_dies_keeps_nobody_waiting(url, clock):
    """Whatever kills the writer's thread, those who wait and those who come later hear that the record is broken."""

    def failpoint(name):
        if name == "record.before_commit":
            raise SystemExit

    with Record.open(url, now=clock, failpoint=failpoint) as record:
        writing = [asyncio.ensure_future(record.write(lambda tx: tx.add_contact(entry()))) for _ in range(5)]
        answers = await asyncio.gather(*writing, return_exceptions=True)
        assert {type(answer) for answer in answers} == {RecordBroken}
        with pytest.raises(RecordBroken):
            await record.write(lambda tx: None)
        with pytest.raises(RecordBroken):
            record.write_now(lambda tx: None)


def test_a_job_cannot_wait_for_a_job(record):
    """A job that writes through the record would wait for itself: it is told so instead."""
    with pytest.raises(RuntimeError, match="cannot wait"):
        record.write_now(lambda tx: record.write_now(lambda tx: None))


async def test_what_others_hinder_is_done_again(gated, gate):
    """Jobs that lost a race with another process are done again, one by one."""
    tries = []

    def hindered(tx):
        tries.append(1)
        if len(tries) < 4:
            raise RecordContended("somebody else was first")
        return len(tries)

    assert await together(gated, gate, hindered, lambda tx: "fine") == [4, "fine"]


async def test_what_others_hinder_for_ever_is_given_up(gated, gate):
    """After some tries the caller hears that the record is unavailable; its neighbours' work is kept."""
    made = entry()

    def hindered(tx):
        raise RecordContended("somebody else was first")

    answers = await together(gated, gate, lambda tx: tx.add_contact(made), hindered)
    assert [type(answer) for answer in answers] == [bool, RecordContended]
    assert gated.read_now(lambda reader: reader.contact(made.id)) is not None


async def test_two_nodes_that_lock_in_opposite_order_both_get_there(postgres_url, clock):
    """A deadlock between two nodes costs time and nothing else."""
    with Record.open(postgres_url, now=clock) as one, Record.open(postgres_url, now=clock) as other:
        first, second = one.write_now(lambda tx: (tx.add_party("A"), tx.add_party("B")))
        met = threading.Barrier(2)

        def job(parties):
            seen = []

            def run(tx):
                tx.lock_party(parties[0])
                if not seen:
                    seen.append(1)
                    met.wait(30)
                tx.lock_party(parties[1])
                return tx.add_contact(entry())

            return run

        assert await asyncio.gather(one.write(job((first, second))), other.write(job((second, first)))) == [True, True]


async def test_an_unavailable_record_answers_everybody(gated, gate):
    """Where the record cannot be written, all of a batch hear it, and the next batch is tried anew."""

    def unavailable(tx):
        raise RecordUnavailable("the disk is away")

    answers = await together(gated, gate, lambda tx: tx.add_contact(entry()), unavailable)
    assert [type(answer) for answer in answers] == [RecordUnavailable] * 2
    assert gated.read_now(lambda reader: reader.contacts()) == ()
    assert await gated.write(lambda tx: tx.add_contact(entry()))


async def test_a_link_that_is_not_what_it_should_be_is_made_anew(sqlite_url, clock, gate):
    """Where a job ended the transaction behind the writer's back, the batch is refused; then all is well."""

    def ends(tx):
        tx.link.plain("COMMIT", {})

    with Record.open(sqlite_url, now=clock, failpoint=gate, quick_s=0) as record:
        answers = await together(record, gate, ends, lambda tx: tx.setting("observe"))
        assert [type(answer) for answer in answers] == [RecordUnavailable] * 2
        assert await record.write(lambda tx: tx.add_contact(entry()))


WRITER = """
import asyncio, os, sys
from storage.record import Record
from tests.storage.office import Clock, entry

async def main():
    record = Record.open(sys.argv[1], now=Clock())
    async def keep(name):
        number = 0
        while True:
            number += 1
            made = entry(id=f"{name}-{number}", key=f"{name}-{number}")
            await record.write(lambda tx: tx.add_contact(made))
            os.write(1, f"{made.id}\\n".encode())
    await asyncio.gather(*(keep(name) for name in "abcdefgh"))

asyncio.run(main())
"""


def test_what_was_acknowledged_survives_a_kill(url, clock):
    """A process killed with -9 in the middle of its work: every contact it had acknowledged is on record."""
    acknowledged = set()
    for least in (40, 200):
        program = WRITER.replace("abcdefgh", "abcdefgh" if least == 40 else "ijklmnop")
        process = subprocess.Popen([sys.executable, "-c", program, url], stdout=subprocess.PIPE)
        with process.stdout as lines:
            for _ in range(least):
                acknowledged.add(lines.readline())
            os.kill(process.pid, signal.SIGKILL)
            acknowledged |= set(lines)
        assert process.wait(30) == -signal.SIGKILL
    with Record.open(url, now=clock) as record:
        kept = {each.id for each in record.read_now(lambda reader: reader.contacts(limit=10**6))}
    whole = {line.decode().strip() for line in acknowledged if line.endswith(b"\n")}
    assert len(whole) >= 240
    assert whole <= kept


async def test_a_loop_does_its_own_jobs_where_that_is_quick(sqlite_url, clock):
    """Jobs of an event loop run in its thread, and many that come at once share a commit."""
    threads = set()

    def job(tx, made):
        threads.add(threading.current_thread())
        return tx.add_contact(made)

    with Record.open(sqlite_url, now=clock, quick_s=60) as record:
        before = record.commits
        made = [entry() for _ in range(50)]
        assert await asyncio.gather(*(record.write(lambda tx, one=one: job(tx, one)) for one in made)) == [True] * 50
        assert threads == {threading.current_thread()}
        assert record.commits - before == 1


async def test_a_loop_does_not_wait_for_another_program(sqlite_url, clock):
    """While another program writes, jobs go to the thread, which waits, and the loop goes on."""
    with Record.open(sqlite_url, now=clock, quick_s=60) as record:
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.ensure_future(record.write(lambda tx: tx.add_contact(entry())))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not writing.done()
        other.execute("ROLLBACK")
        other.close()
        assert await writing


async def test_a_slow_disk_gets_the_thread(sqlite_url, clock):
    """After a commit that held the loop up, the next one is done in the thread."""
    threads = []
    with Record.open(sqlite_url, now=clock, quick_s=1e-9) as record:
        for _ in range(2):
            await record.write(lambda tx: threads.append(threading.current_thread()))
    assert [one is threading.current_thread() for one in threads] == [True, False]


async def test_a_short_wait_for_another_program_stays_in_the_loop(sqlite_url, clock):
    """Where another program writes for a few milliseconds, the loop looks again and does the jobs itself."""
    with Record.open(sqlite_url, now=clock, quick_s=60) as record:
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(0.004, other.execute, "ROLLBACK")
        assert await record.write(lambda tx: threading.current_thread()) is threading.current_thread()
        assert await record.write(lambda tx: threading.current_thread()) is threading.current_thread()
        other.close()


async def test_what_comes_while_another_program_writes_shares_the_commit(sqlite_url, clock):
    """What was put off for another program and what came meanwhile are one batch, in the order in which they came."""
    order = []
    with Record.open(sqlite_url, now=clock, quick_s=60) as record:
        await record.write(lambda tx: None)
        before = record.commits
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        writing = []
        for number in range(3):
            writing.append(asyncio.ensure_future(record.write(lambda tx, number=number: order.append(number))))
            await asyncio.sleep(0.005)
        other.execute("ROLLBACK")
        other.close()
        await asyncio.gather(*writing)
        assert order == [0, 1, 2]
        assert record.commits - before == 1


async def test_what_waits_for_another_program_is_done_before_the_end(sqlite_url, clock):
    """Closing does the jobs that the loop would have looked at again."""
    record = Record.open(sqlite_url, now=clock, quick_s=60)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    made = entry()
    writing = asyncio.ensure_future(record.write(lambda tx: tx.add_contact(made)))
    await asyncio.sleep(0.006)
    assert not writing.done()
    other.execute("ROLLBACK")
    other.close()
    record.close()
    assert await writing
    with Record.open(sqlite_url, now=clock) as again:
        assert again.read_now(lambda reader: reader.contact(made.id)) is not None


async def test_a_reading_that_fails_harms_no_writing(url, clock):
    """A loop reads over the connection that it writes by: a fault in a reading leaves nothing open."""

    def fails(reader):
        raise ValueError(reader.contact("x"))

    made = [entry(), entry()]
    with Record.open(url, now=clock, quick_s=60) as record:
        assert await record.write(lambda tx: tx.add_contact(made[0]))
        with pytest.raises(ValueError, match="None"):
            await record.read(fails)
        assert (await record.read(lambda reader: reader.contact(made[0].id))).id == made[0].id
        assert await record.write(lambda tx: tx.add_contact(made[1]))
        assert (await record.read(lambda reader: reader.contact(made[1].id))).id == made[1].id
