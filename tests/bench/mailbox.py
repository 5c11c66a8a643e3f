"""A thousand messages decided, marked as read and moved, beside imapfilter: `python -m tests.bench.mailbox`.

Belongs here: the same Dovecot, the same messages, interleaved rounds, medians. imapfilter searches by their domain on
the server and keeps no record; Parley reads every message, decides, and has it on record before it touches the mailbox.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.gateway.office import empty_record, mail, settled, with_record
from tests.gateway.watched import address, begin, cursor_of, delivered, end, watching
from tests.servers.dovecot import PASSWORD, PROGRAM, Dovecot

ALL, AUTHORS, DOMAIN = 1000, 100, "restricted.example.org"
FILE = {"kind": "file_unanswered", "channels": ["email"]}
_RULES = """\
options.timeout = 60
options.create = true
options.info = false
account = IMAP {{ server = '127.0.0.1', port = {port}, username = '{user}', password = '{password}' }}
found = account.INBOX:contain_from('{domain}')
found:mark_seen()
found:move_messages(account['Filed unanswered'])
"""


def main() -> int:
    """Measure both and print medians with their spread; exit 1 where one of the servers is missing."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    if PROGRAM is None or shutil.which("imapfilter") is None:
        print("This needs Dovecot and imapfilter (Debian has both).", file=sys.stderr)
        return 1
    server = Dovecot()
    server.start()
    try:
        rounds = [(asyncio.run(ours(server)), theirs(server)) for _ in range(given.rounds)]
    finally:
        server.end()
    for name, times in zip(("Parley", "imapfilter"), zip(*rounds, strict=True), strict=True):
        print(f"{name}: {statistics.median(times):.2f} s ({min(times):.2f} to {max(times):.2f})")
    ratio = statistics.median(mine / other for mine, other in rounds)
    print(f"Parley takes {ratio:.1f} times as long; to reach: 4")
    return 0


def fill(server: Dovecot, user: str) -> None:
    """Put the messages into a mailbox."""
    authors = [f"r{number % AUTHORS}@{DOMAIN}" for number in range(ALL)]
    body = "Good morning. " * 300
    server.put(user, *(delivered(mail(n, sender=author, body=body), author) for n, author in enumerate(authors)))


async def ours(server: Dovecot) -> float:
    """Say how long Parley takes, from its connection to the last message in its place."""
    with tempfile.TemporaryDirectory() as name:
        folder = with_record(_made(Path(name) / "office"), empty_record(Path(name)))
        user = address()
        async with watching(folder, server, user, start=False) as here:
            for number in range(AUTHORS):
                here.party(FILE, emails=[f"r{number}@{DOMAIN}"], name=f"R. Example {number}")
            await begin(here)
            await end(here)
            fill(server, user)
            began = time.perf_counter()
            (watcher,) = here.gateway.watchers
            watcher.start()
            await settled(lambda: cursor_of(here).last_uid == ALL, within_s=60)
            took = time.perf_counter() - began
            assert len(server.lies(user, "Filed unanswered")) == ALL
            return took


def theirs(server: Dovecot) -> float:
    """Say how long imapfilter takes, started as a program."""
    user = address()
    fill(server, user)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as rules:
        rules.write(_RULES.format(port=server.port, user=user, password=PASSWORD, domain=DOMAIN))
        rules.flush()
        began = time.perf_counter()
        subprocess.run(["imapfilter", "-c", rules.name], check=True, capture_output=True, timeout=60)
        took = time.perf_counter() - began
    assert len(server.lies(user, "Filed unanswered")) == ALL
    return took


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main())
