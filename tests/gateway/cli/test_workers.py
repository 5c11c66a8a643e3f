"""`parley serve` with two workers: one office to the world, each message on record once, and all end when one does."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from gateway.ending import EXIT_CODE
from rules import identity, measures
from rules.standing import Restriction
from storage.entries import State

COMMAND = [sys.executable, "-c", "from gateway.cli import main; main()", "serve"]
SESSIONS = 8
PARTY = "r.example@example.org"


@pytest.fixture
def serve(office, free_ports, monkeypatch):
    """Serve the office by two workers; gives the process and mail's port once both have their doors open."""
    monkeypatch.setenv("PARLEY_WORKERS", "2")
    monkeypatch.setenv("PARLEY_API__ENABLED", "false")  # nobody asks it, and it takes each worker long to build

    @contextmanager
    def serving():
        mail, _ = free_ports()
        said = office.state / "said"
        with said.open("wb") as out, subprocess.Popen(COMMAND, stdout=out, stderr=out) as process:
            try:
                _until(lambda: said.read_text().count('"serving"') == 2)
                yield process, mail
            finally:
                process.terminate()
                assert process.wait(30) is not None

    return serving


def _until(true, patience_s: float = 30.0) -> None:
    end = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)


def _workers(process) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def _gone(pids) -> bool:
    return not any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids)


def _send(port: int, session: int, count: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        for number in range(count):
            message = EmailMessage()
            message["From"], message["To"] = PARTY, "clerk@office.example.org"
            message["Message-ID"] = f"<{session}.{number}@example.org>"
            message.set_content(f"Question {number} of {session}.")
            client.send_message(message)


def _send_all(port: int, each: int) -> None:
    with ThreadPoolExecutor(SESSIONS) as pool:
        list(pool.map(lambda session: _send(port, session, each), range(SESSIONS)))


def _contacts(office):
    return office.read(lambda reader: reader.contacts(limit=5000))


def test_each_message_is_on_record_once(office, serve):
    """A thousand messages over several sessions are a thousand contacts with numbers of their own, by both workers."""
    with serve() as (process, port):
        _send_all(port, 125)
        while len({one.node for one in _contacts(office)}) < 2:  # the system deals the sessions out by chance
            _send_more(port)
        process.terminate()
        assert process.wait(30) == 0
    contacts = [one for one in _contacts(office) if one.size < 10_000]
    assert len(contacts) == 1000
    assert len({one.id for one in _contacts(office)}) == len(_contacts(office))
    assert {one.state for one in contacts} == {State.DELIVERED}


def _send_more(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        text = f"Subject: more\r\nMessage-ID: <{time.monotonic_ns()}@example.org>\r\n\r\n" + "more\r\n" * 2000
        client.sendmail(PARTY, ["clerk@office.example.org"], text)


def test_a_limit_holds_between_workers(office, serve):
    """Under a limit of five a day five are let through, however many sessions at either worker try at once."""

    def restrict(tx):
        party = tx.add_party("R. Example")
        tx.add_identifier(identity.email(PARTY), party, how="it says so", by="test")
        limit = measures.parse({"kind": "volume_limit", "channels": ["email"], "count": 5, "per": "day"})
        since, until = office.now - timedelta(days=9), office.now + timedelta(days=9)
        tx.add_restriction(party, Restriction("r1", (limit,), since, until, approved_by="Head of Casework"))

    office.write(restrict)
    with serve() as (_, port):
        _send_all(port, 10)
    contacts = _contacts(office)
    assert len(contacts) == SESSIONS * 10
    assert sum(one.counted_at is not None for one in contacts) == 5
    assert sum(one.state is State.DELIVERED for one in contacts) == 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_ends_all(serve, number):
    """Either signal to the service ends its workers cleanly, with 0."""
    with serve() as (process, _):
        workers = _workers(process)
        process.send_signal(number)
        assert process.wait(30) == 0
        assert len(workers) == 2
        assert _gone(workers)


@pytest.mark.parametrize("which", [0, 1], ids=["the first worker", "the second worker"])
def test_a_worker_that_is_killed_ends_the_service(serve, which):
    """None goes on alone: the service ends with the code that has it started anew."""
    with serve() as (process, _):
        workers = _workers(process)
        os.kill(workers[which], signal.SIGKILL)
        assert process.wait(30) == EXIT_CODE
        assert _gone(workers)


def test_no_worker_outlives_the_service(serve):
    """Even where the service itself is killed, its workers end."""
    with serve() as (process, _):
        workers = _workers(process)
        process.kill()
        process.wait(30)
        assert len(workers) == 2
        _until(lambda: _gone(workers))


def test_what_a_worker_left_is_found_by_its_successor(office, serve):
    """What the second worker had not acknowledged is deferred at the next start, also with one worker less."""
    numbers = [office.entry(State.INTENDED, node=f"here{suffix}") for suffix in ("", "#2", "#3")]
    elsewhere = office.entry(State.INTENDED, node="another-host")
    with serve():
        pass
    states = [office.read(lambda reader, one=one: reader.contact(one)).state for one in (*numbers, elsewhere)]
    assert states == [State.DEFERRED, State.DEFERRED, State.DEFERRED, State.INTENDED]
