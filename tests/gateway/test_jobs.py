"""The clock's work by itself: it is done soon, again and again, whatever went wrong, and ends with the office."""

import asyncio
from datetime import UTC, datetime, timedelta

from adapters.mail.maildir import FsyncFailed
from gateway.ending import Ending
from gateway.jobs import Jobs
from storage.faults import RecordLocked
from tests.gateway.office import SENT, Clock, mail, office, settled

RETURN = {"kind": "return_mail"}


async def test_letters_leave_by_themselves(folder):
    """A return that was written is in `Sent out` within seconds, and there once."""
    async with office(folder, jobs=True) as here:
        here.party(RETURN)
        await here.post(mail())
        await settled(lambda: here.mailbox(SENT))
        assert len(here.mailbox(SENT)) == 1


async def test_holds_are_released_by_themselves(folder):
    """What came due while nobody was running is released at the next start."""
    hours = {"kind": "time_window", "channels": ["email"], "from": "14:00", "to": "15:00"}
    clock = Clock()
    async with office(folder, clock=clock) as here:
        here.party(hours)
        await here.post(mail())
        assert here.states() == ["held"]
    clock.advance(hours=4, minutes=1)
    async with office(folder, clock=clock, jobs=True) as here:
        await settled(lambda: here.states() == ["delivered"])
        assert len(here.mailbox()) == 1


async def test_keys_are_forgotten_after_a_week(folder):
    """The same message a week later is news: another contact, delivered."""
    clock = Clock()
    async with office(folder, clock=clock) as here:
        await here.post(mail())
        await here.post(mail())
        assert len(here.contacts()) == 1
    clock.advance(days=7, hours=1)
    async with office(folder, clock=clock, jobs=True) as here:
        await settled(lambda: here.only().key is None)
        await here.post(mail())
        assert len(here.contacts()) == 2


class Work:
    """Be the outbox and the holds: fail as told, count, and take as long as told."""

    def __init__(self, *faults):
        self.faults = list(faults)
        self.done = self.begun = 0
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def send_due(self):
        self.begun += 1
        if self.faults:
            raise self.faults.pop(0)
        await self.may_end.wait()
        self.done += 1

    async def release_due(self):
        return 0


class NoRecord:
    """Be a record that takes everything."""

    async def write(self, job):
        return None


def past():
    """Give a time that has come."""
    return datetime(2026, 3, 9, tzinfo=UTC) + timedelta(days=0)


async def test_a_job_that_fails_runs_again():
    """A locked record and a fault of ours put the job off; the next time it runs as though nothing was."""
    work = Work(RecordLocked("locked"), ValueError("secret"))
    jobs = Jobs(NoRecord(), work, work, Ending(), clock=past)
    jobs.start()
    await settled(lambda: work.done, within_s=15)
    assert work.begun >= 3
    await jobs.stop()


async def test_a_job_after_which_nothing_is_certain_ends_the_process():
    """A failed fsync while a letter is put away requires the end (S17)."""
    ending = Ending()
    jobs = Jobs(NoRecord(), Work(FsyncFailed("I/O error")), Work(), ending, clock=past)
    jobs.start()
    async with asyncio.timeout(10):
        await ending.wait()
    await jobs.stop()
    assert ending.required


async def test_a_job_under_way_is_done_before_the_end():
    """Stopping waits for the letter that is just leaving, so that nobody has to ask whether it left."""
    work = Work()
    work.may_end.clear()
    jobs = Jobs(NoRecord(), work, work, Ending(), clock=past)
    jobs.start()
    await settled(lambda: work.begun)
    stopping = asyncio.create_task(jobs.stop())
    await asyncio.sleep(0)
    work.may_end.set()
    await stopping
    assert (work.begun, work.done) == (1, 1)
