"""The peers are what they claim: Postfix passes mail on and postfwd counts it, signatures count, rows are there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator

from tests.bench.peers import bare_webhook
from tests.bench.peers.load import measure_latency, send_messages
from tests.bench.peers.postfix import Postfix
from tests.bench.peers.processes import alive, descendants, resident_bytes
from tests.bench.peers.record import from_database, insert_rows
from tests.bench.peers.sink import Sink, missing
from tests.bench.peers.webhook import BareWebhook, call_form, post_calls


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Run the next hop, where Postfix is installed."""
    reason = missing()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    with Sink() as running:
        yield running


@pytest.mark.servers
def test_postfix_passes_mail_on_and_its_cpu_is_weighed(sink: Sink) -> None:
    """Every message gets through, the processes of Postfix and postfwd are counted, and none is left."""
    with Postfix(sink.port) as hop:
        rate = send_messages(hop.port, 300, 5000, target=hop.pids)
        latency = measure_latency(hop.port, 50, 5000)
        tree = descendants(hop.pids)
        assert resident_bytes(hop.pids) > 10_000_000
    assert rate.cpu_per_1000 > 0.1
    assert 0 < latency.p50_ms <= latency.p99_ms
    assert len(tree) > 10
    assert not {pid for pid in tree if alive(pid)}


@pytest.mark.servers
def test_postfwd_counts_each_mail_of_a_sender(sink: Sink) -> None:
    """With a low rate the mail after it is refused, so with a generous one the counting is not skipped."""
    with Postfix(sink.port, rate=5) as hop:
        send_messages(hop.port, 5, 1000, sessions=1)
        with pytest.raises(OSError, match="too much mail from you"):
            send_messages(hop.port, 1, 1000, sessions=1)


def test_the_bare_webhook_takes_signed_calls_only() -> None:
    """Signed posts get 200, posts signed with another token 403."""
    with BareWebhook() as bare:
        good = post_calls(bare.port, 50, token=bare.token, url=bare.url, target=bare.pids)
        bad = post_calls(bare.port, 20, token="another", url=bare.url)
    assert (good.statuses, bad.statuses) == ({200: 50}, {403: 20})


def test_our_signature_is_twilios() -> None:
    """The library's validator agrees with the signature of the load."""
    form = call_form(7)
    signature = bare_webhook.signature(bare_webhook.TOKEN, bare_webhook.URL, form)
    assert RequestValidator(bare_webhook.TOKEN).validate(bare_webhook.URL, form, signature)


def test_group_commit_writes_every_row_and_can_take_our_table(tmp_path: Path) -> None:
    """All rows are in the table, and in one whose shape was taken from a database."""
    insert_rows(tmp_path / "first.db", 500)
    insert_rows(tmp_path / "second.db", 100, table=from_database(tmp_path / "first.db", "contact", _row))
    counts = []
    for name in ("first.db", "second.db"):
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            counts += connection.execute("select count(*) from contact").fetchone()
            counts += connection.execute("select count(*) from sqlite_master where type = 'index'").fetchone()
    assert counts == [500, 3, 100, 3]


def _row(number: int) -> tuple[int | str, ...]:
    return (number, *(f"{number}-{column}" for column in range(15)))
