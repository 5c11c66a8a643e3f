"""An import that is ended with no time to say goodbye: called again, the record is as if nothing had happened."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from gateway.import_contacts import AT_ONCE
from storage.record import Record
from tests.gateway.import_office import scratch
from tests.gateway.past import NOW, TWILIO, add_rosa, bring_in, calls, row

ROWS, READ = 800, 700
_RUN = f"""\
import sys
from itertools import islice
from pathlib import Path
from gateway.past_calls import calls_in
from storage.record import Record
from tests.gateway.past import NOW, bring_in, terms

def reads():
    yield from islice(calls_in(Path(sys.argv[2]), terms(), lambda octets: None), {READ})
    print("read", flush=True)
    sys.stdin.read()

with Record.open(f"sqlite:///{{sys.argv[1]}}/parley.db", now=lambda: NOW) as record:
    bring_in(record, reads())
"""


def _count(record):
    return len(record.read_now(lambda reader: reader.contacts(limit=10_000)))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "stopped by Ctrl-C"])
def test_an_import_that_is_ended_is_gone_on_with(how, tmp_path):
    """What was on record stays, the rest comes when it is called again, and nothing is there twice."""
    log = TWILIO + "".join(row(f"CA{number}", caller=f"+441632960{number % 1000:03}") for number in range(ROWS))
    with scratch(tmp_path) as record:
        add_rosa(record)
    reads = calls(tmp_path, log)
    arguments = [sys.executable, "-c", _RUN, str(tmp_path), str(tmp_path / "calls.csv")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as ended:
        assert ended.stdout.readline() == b"read\n"
        ended.send_signal(how)
        assert ended.wait(30) != 0
    left = READ // AT_ONCE * AT_ONCE
    with Record.open(f"sqlite:///{tmp_path}/parley.db", now=lambda: NOW) as record:
        assert _count(record) == left
        summary = bring_in(record, reads)
        assert (summary.resumed, summary.known, summary.taken.total()) == (True, left, ROWS - left)
        assert _count(record) == ROWS
