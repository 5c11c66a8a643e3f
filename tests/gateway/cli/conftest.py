"""The command line as a person runs it, but in the test's own process; and an office to run it on."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from gateway import cli, config
from gateway.build import open_record
from rules.contact import Channel
from rules.decision import Outcome, Reason
from storage.entries import Entry, Goal, State
from tests.ports import free_port


@dataclass(frozen=True)
class Said:
    """Hold what a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture
def parley(tmp_path, monkeypatch, capsys):
    """Run `parley` on a state folder of the test's own, as from a pipe of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PARLEY_STATE", str(tmp_path / "var"))

    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["parley", *arguments])
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Said(code, *capsys.readouterr())

    return run


class Office:
    """An office with a record to put things into."""

    def __init__(self, state) -> None:
        self.state = state
        self.now = datetime.now(UTC)
        self._last = 0

    @contextmanager
    def record(self):
        """Open its record."""
        record = open_record(config.load(self.state).config)
        try:
            yield record
        finally:
            record.close()

    def write(self, job):
        """Do a job on its record."""
        with self.record() as record:
            return record.write_now(job)

    def read(self, job):
        """Ask its record."""
        with self.record() as record:
            return record.read_now(job)

    def entry(
        self, state=State.DELIVERED, outcome=Outcome.DELIVER, *, raw: bytes | None = None, ago=timedelta(), **more
    ):
        """Put a contact on record; gives its number."""
        self._last += 1
        number = f"0tn5c9x{self._last:02}abcdefghij{self._last:02}"
        fields = {
            "channel": Channel.EMAIL,
            "whose": "email:r@example.org",
            "sender": "email:r@example.org",
            "reasons": (Reason("", "", "", "No restriction is in force on this sender"),),
            "targets": (Goal("enquiries@office.example.org", outcome, "enquiries@office.example.org"),),
        } | more
        carried = fields.pop("carried", outcome)
        entry = Entry(id=number, at=self.now - ago, state=state, decided=outcome, carried=carried, **fields)

        def job(tx):
            assert tx.add_contact(entry)
            if raw is not None:
                tx.keep_raw(number, "r@example.org", raw)

        self.write(job)
        return number


@pytest.fixture(scope="session")
def begun(tmp_path_factory):
    """The state folder of an office that was begun by `parley init` and enforces, to be copied."""
    state = tmp_path_factory.mktemp("begun") / "var"
    with pytest.MonkeyPatch.context() as patch:
        for arguments in (
            ("init", "--name", "The Office", "--address", "hello@office.example.org"),
            ("observe", "off"),
        ):
            patch.setattr(sys, "argv", ["parley", "--state", str(state), *arguments])
            with pytest.raises(SystemExit) as ended:
                cli.main()
            assert not ended.value.code
    return state


@pytest.fixture
def office(parley, begun, tmp_path):
    """An office that was begun by `parley init` and enforces."""
    shutil.copytree(begun, tmp_path / "var")
    return Office(tmp_path / "var")


@pytest.fixture
def free_ports(monkeypatch):
    """Have the doors listen on ports that are free, by the environment; gives mail's and the web's."""

    def choose() -> tuple[int, ...]:
        ports = []
        for name in ("PARLEY_MAIL__LISTEN", "PARLEY_PHONE__LISTEN"):
            ports.append(free_port())
            monkeypatch.setenv(name, f"127.0.0.1:{ports[-1]}")
        return tuple(ports)

    return choose
