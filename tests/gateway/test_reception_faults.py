"""Faults of our own: the sender is told to try later, nothing is lost, nothing of the fault leaves (S2, S16, S17)."""

import asyncio
import errno
import os
import signal
import sqlite3
import sys
from contextlib import closing

import pytest

from storage.entries import State
from storage.faults import RecordBroken
from storage.sqlite import SqliteLink
from tests.gateway.hop import Hop
from tests.gateway.office import ALERTS, CLERK, DOMAIN, HEAD, mail, office, settled
from tests.ports import free_port

LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
OURS = "451 4.3.0 We cannot take your message now. Please try again later."


class Broken:
    """Fail in the way of a program, so many times, with a secret in its words."""

    def __init__(self, works, times=10**9):
        self.works, self.times = works, times

    def __call__(self, *arguments):
        self.times -= 1
        if self.times >= 0:
            raise ValueError("secret of r.example@example.org")
        return self.works(*arguments)


def breaks(here, times=10**9):
    """Make the way of a message break where it is about to be handed on."""
    here.gateway.delivery._trace = Broken(here.gateway.delivery._trace, times)


RESTRICTED = [(), ({"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"},)]
PATHS = pytest.mark.parametrize("measures", RESTRICTED, ids=["nobody restricted", "a limit involved"])


@PATHS
async def test_the_third_failure_is_held_with_an_alert(folder, measures):
    """451 twice with an incident id and nothing else, then it is taken, held for the duty manager, who is told (S2)."""
    async with office(folder) as here:
        party = here.party(*measures)
        breaks(here)
        for _ in range(2):
            reply = await here.post(mail())
            assert reply.startswith(OURS + " (")
            assert "secret" not in reply
            assert "Error" not in reply
            assert here.used(party) == 0 or not measures
        assert here.raw(here.only()) == mail()
        assert (await here.post(mail())).startswith("250 2.0.0 Ok ")
        entry = here.only()
        assert (entry.state, entry.owner, entry.release_at, entry.counted_at) == (State.HELD, "duty", None, None)
        assert here.raw(entry) == mail()
        assert [(letter.kind, letter.rcpt) for letter in here.letters()] == [("alert", ALERTS)]
        assert b"three times" in here.letters()[0].message
        assert b"secret" not in here.letters()[0].message

        here.gateway.delivery._trace = here.gateway.delivery._trace.works
        assert "was delivered" in await here.gateway.holds.release(entry.id, "a clerk")
        # Without our Received: what failed may be the writing of it.
        assert [one.partition(b"\r\n")[2] for one in here.mailbox()] == [mail()]


@PATHS
async def test_a_failure_that_passes(folder, measures):
    """It went wrong once; the repeat is delivered, one contact of its party, counted once, its copy dropped."""
    async with office(folder) as here:
        party = here.party(*measures)
        breaks(here, times=1)
        assert (await here.post(mail())).startswith(OURS)
        assert (await here.post(mail())).startswith("250 ")
        entry = here.only()
        assert (entry.state, entry.whose, entry.party_id) == (State.DELIVERED, f"party:{party}", party)
        assert (here.used(party), len(here.mailbox()), here.raw(entry)) == (1, 1, None)
        await here.post(mail(2))
        assert here.states() == ["delivered", "filed" if measures else "delivered"]


async def test_levels_see_what_failed_at_first(folder):
    """Five messages a day raise the flag although the fifth of them went wrong at first."""
    async with office(folder) as here:
        party = here.party()
        for number in range(5):
            if number == 4:
                breaks(here, times=1)
                await here.post(mail(number))
            assert (await here.post(mail(number))).startswith("250 ")
        (flag,) = here.flags()
        assert (flag.whose, flag.level) == (f"party:{party}", 5)


async def test_what_failed_for_a_further_recipient_is_held_for_that_one(folder):
    """It was delivered to one; for the second it breaks three times: held, and released to the second alone."""
    async with office(folder) as here:
        await here.post(mail(), CLERK)
        works = here.gateway.delivery._trace
        breaks(here)
        for _ in range(2):
            assert (await here.post(mail(), HEAD)).startswith("451 ")
        assert (await here.post(mail(), HEAD)).startswith("250 ")
        assert here.only().state is State.HELD
        here.gateway.delivery._trace = works
        await here.gateway.holds.release(here.only().id, "a clerk")
        assert (len(here.mailbox(CLERK)), len(here.mailbox(HEAD))) == (1, 1)


@PATHS
async def test_the_record_is_locked(folder, measures):
    """Another program keeps the record: 451, nothing on record, and delivered once when it lets go."""
    async with office(folder, busy_s=0.1) as here:
        party = here.party(*measures)
        with locked(here):
            assert await here.post(mail()) == OURS + "\r\n"
        assert here.contacts() == []
        assert (await here.post(mail())).startswith("250 ")
        assert (here.states(), here.used(party)) == (["delivered"], 1)


def locked(here):
    """Keep the record locked for as long as the block lasts."""
    database = sqlite3.connect(here.state / "parley.db", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    return closing(database)


@PATHS
async def test_the_record_is_locked_after_the_message_was_handed_on(folder, measures):
    """The next hop has it and we cannot say so: 451; the repeat is taken at once, one contact, counted once (S16)."""
    async with Hop() as hop, office(folder, mail={"next_hop": f"127.0.0.1:{hop.port}"}, busy_s=0.1) as here:
        party = here.party(*measures)
        await here.gateway.delivery.verify("<>", CLERK)
        hop.before_data_reply = asyncio.Event()
        posting = asyncio.create_task(here.post(mail()))
        await settled(lambda: hop.commands[-1] == "DATA")
        with locked(here):
            hop.before_data_reply.set()
            assert await posting == OURS + "\r\n"
        assert here.states() == (["intended"] if measures else [])
        assert (await here.post(mail())).startswith("250 ")
        assert (here.states(), here.used(party)) == (["delivered"], 1)
        await here.post(mail(2))
        assert here.states() == ["delivered", "filed" if measures else "delivered"]


async def test_the_disk_of_the_record_is_full(folder, monkeypatch):
    """No room for what is to be kept: 451; something smaller still fits; with room again it is taken."""
    prepare = SqliteLink._prepare
    pages = (folder / "state" / "parley.db").stat().st_size // 4096 + 20

    def with_little_room(link):
        prepare(link)
        link._raw.execute(f"PRAGMA max_page_count = {pages}").fetchall()

    long = mail(body="x" * 500_000)
    with monkeypatch.context() as patch:
        patch.setattr(SqliteLink, "_prepare", with_little_room)
        async with office(folder) as here:
            here.party({"kind": "return_mail"})
            for _ in range(2):
                assert await here.post(long) == OURS + "\r\n"
            assert (await here.post(mail(2, sender="someone@example.net"), sender="someone@example.net"))[:3] == "250"
            assert here.states() == ["delivered"]
    async with office(folder) as here:
        assert (await here.post(long)).startswith("250 ")
        (entry,) = here.contacts(whose="party:1")
        # Longer than is read for what must reach a person, so it is not sent away unseen.
        assert (entry.state, here.raw(entry)) == (State.FILED, long)


async def test_too_little_room_on_the_disk(folder):
    """Below the reserve no message is begun: 452 at MAIL."""
    async with office(folder, mail={"reserve_mb": 10**9}) as here:
        assert (await here.post(mail())).startswith("452 4.3.1 ")


async def test_the_mailbox_disk_is_read_only(folder):
    """A Maildir that cannot be written: 451, and delivered once it can."""
    async with office(folder) as here:
        maildir = here.settings.config.maildir
        maildir.parent.mkdir(exist_ok=True)
        maildir.write_text("a file where the folder should be")
        assert (await here.post(mail())).startswith("451 4.3.0 The mailbox cannot be written to.")
        maildir.unlink()
        assert (await here.post(mail())).startswith("250 ")
        assert here.states() == ["delivered"]


async def test_an_fsync_that_fails_ends_the_process(folder, monkeypatch):
    """After a failed fsync nobody knows what is on the disk: 451, no further message, and the end is required."""

    def failing(number):
        raise OSError(errno.EIO, "an I/O error")

    async with office(folder) as here:
        with monkeypatch.context() as patch:
            patch.setattr("adapters.mail.maildir.os.fsync", failing)
            assert (await here.post(mail())).startswith("451 4.3.0 ")
        assert here.gateway.ending.required
        assert here.contacts() == []
        assert (await here.post(mail())).startswith("452 4.3.1 ")


async def test_a_record_that_broke_ends_the_process(folder):
    """An I/O error of the record: 451 for every message, and the end is required."""
    async with office(folder) as here:
        here.party(LIMIT)
        with pytest.raises(RecordBroken):
            here.record.write_now(_break)
        assert (await here.post(mail())).startswith("451 4.3.0 ")
        assert here.gateway.ending.required
        assert (await here.post(mail())).startswith("452 4.3.1 ")


def _break(tx):
    raise RecordBroken("an I/O error")


PROGRAM = """
import errno, os, sys
from pathlib import Path
from gateway import build, config, logs, serve
logs.to_stderr()
settings = config.load(Path(sys.argv[1]))
record = build.open_record(settings.config)
def failing(number):
    raise OSError(errno.EIO, "an I/O error")
def ready():
    os.fsync = failing
    print("ready", flush=True)
serve.run(build.build(settings, record), ready=ready)
"""


async def test_a_process_that_must_end_ends(folder):
    """`serve` answers the message with 451 and ends with 75, so that who watches over it starts it anew."""
    ports = free_port(), free_port()
    state = folder / "state"
    (state / "parley.toml").write_text(
        f'[office]\nname = "O"\naddress = "office@{DOMAIN}"\nalerts = "{ALERTS}"\ndomains = ["{DOMAIN}"]\n'
        f'[mail]\nlisten = "127.0.0.1:{ports[0]}"\nreserve_mb = 0\n[phone]\nlisten = "127.0.0.1:{ports[1]}"\n'
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(state), stdout=asyncio.subprocess.PIPE, cwd=os.getcwd()
    )
    try:
        async with asyncio.timeout(30):
            assert await process.stdout.readline() == b"ready\n"
            reader, writer = await asyncio.open_connection("127.0.0.1", ports[0])
            writer.write(
                b"EHLO c.example.org\r\nMAIL FROM:<r@example.org>\r\nRCPT TO:<clerk@office.example.org>\r\nDATA\r\n"
            )
            while not (await reader.readline()).startswith(b"354"):
                pass
            writer.write(mail() + b".\r\n")
            assert (await reader.readline()).startswith(b"451 4.3.0 ")
            writer.close()
            assert await process.wait() == 75
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
            await process.wait()


async def test_what_a_node_left_that_never_returns(folder):
    """Its mail is not put off for ever: after an hour it is taken up again by whoever hears it, once."""
    async with office(folder) as here:
        here.party(LIMIT)
        await here.post(mail())
        entry = here.only()
        here.record.write_now(
            lambda tx: tx.settle(entry.id, state=State.INTENDED, node="pod-abc123", targets=entry.targets)
        )
        for minutes, reply in ((59, "451 "), (2, "250 ")):
            here.clock.advance(minutes=minutes)
            await here.gateway.outbox.recover_left()
            assert (await here.post(mail())).startswith(reply)
        assert (here.states(), len(here.mailbox())) == (["delivered"], 1)
