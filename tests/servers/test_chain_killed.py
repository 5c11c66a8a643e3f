"""Parley is killed in the middle of the chain, again and again: nothing is lost, nobody is answered twice."""

import asyncio
import random
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from rules import identity, measures
from rules.standing import Restriction
from storage.entries import LetterState
from storage.record import Record
from tests.crash.forked import COUNT_ONLY
from tests.crash.process import Served
from tests.gateway.office import ADDRESS, ALERTS, CLERK, DOMAIN, FILED, deliver, mail
from tests.ports import free_port

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.xdist_group("chain")]
MESSAGES, SESSIONS, KILLS, SEED = 200, 8, 5, 4
KINDS = {"file_unanswered": 2, "return_mail": 4}
"""How many parties are under each measure; none writes more than may be returned in a day."""


def now():
    """Tell the time: the product's own process does so too."""
    return datetime.now(UTC)


def author(number):
    """Say who writes a message: one in eight by a party, the others by strangers."""
    parties = [f"{kind}-{one}@example.org" for kind, count in KINDS.items() for one in range(count)]
    return parties[number // 8 % len(parties)] if number % 8 == 0 else f"stranger-{number}@example.org"


@pytest.fixture
def record(chain, tmp_path):
    """The record of an office in the middle, with its parties; its settings lie beside it."""
    state = tmp_path / "state"
    state.mkdir()
    (state / "parley.toml").write_text(
        f"""[office]
name = "The Office"
address = "{ADDRESS}"
alerts = "{ALERTS}"
domains = ["{DOMAIN}"]
[mail]
listen = "127.0.0.1:{chain.port}"
next_hop = "127.0.0.1:{chain.behind.port}"
xforward_from = ["127.0.0.1"]
check_senders = false
reserve_mb = 0
outbound = {{ server = "127.0.0.1:{chain.way_out}", security = "none" }}
[phone]
listen = "127.0.0.1:{free_port()}"
"""
    )
    with Record.open(f"sqlite:///{state / 'parley.db'}", now=now) as record:
        record.write_now(restrict)
        yield record


def restrict(tx):
    """Put the parties on record."""
    span = timedelta(days=30)
    for kind, count in KINDS.items():
        for one in range(count):
            number = tx.add_party(f"{kind} {one}")
            tx.add_identifier(identity.email(f"{kind}-{one}@example.org"), number, how="for the test", by="test")
            measure = (measures.parse({"kind": kind}),)
            tx.add_restriction(
                number,
                Restriction(f"{kind}-{one}", measure, now() - span, now() + span, reason="test", approved_by="Head"),
            )


async def send(chain, number):
    """Send one message as a sender's server does: until the border says yes. Gives how often it said later."""
    later = 0
    while True:
        try:
            async with chain.sender() as client:
                reply = await deliver(client, mail(number, sender=author(number)), [CLERK], author(number))
        except (OSError, AssertionError):
            reply = ""
        if reply.startswith("250 2.0.0 Ok "):
            return later
        assert not reply.startswith("5"), reply
        later += 1
        await asyncio.sleep(0.05)


async def session(chain, numbers, answered):
    """Send messages one after the other until none is left."""
    for number in numbers:
        answered.append(await send(chain, number))


async def killing(served, answered):
    """Kill Parley at moments of chance, as the messages go by, and start it again each time."""
    chance = random.Random(SEED)
    for at in sorted(chance.sample(range(10, MESSAGES - 20), KILLS)):
        while len(answered) < at:
            await asyncio.sleep(0.005)
        await asyncio.sleep(chance.random() * 0.05)
        served.kill()
        await served.stop()
        await served.start(COUNT_ONLY)


def numbers(messages):
    """Give the numbers of messages by their subjects."""
    return {int(found[1]) for text in messages if (found := re.search(rb"\r\nSubject: Message (\d+)\r\n", text))}


async def test_nothing_is_lost_and_nobody_is_answered_twice(chain, record, tmp_path):
    """Every message lies where it belongs, is one contact on record, and has one answer at most."""
    queue, answered = iter(range(MESSAGES)), []
    async with Served(tmp_path / "state", tmp_path / "log") as served:
        await served.start(COUNT_ONLY)
        async with asyncio.timeout(90), asyncio.TaskGroup() as group:
            group.create_task(killing(served, answered))
            for _ in range(SESSIONS):
                group.create_task(session(chain, queue, answered))
        assert len(answered) == MESSAGES
        async with asyncio.timeout(30):
            while record.read_now(lambda reader: reader.letters(LetterState.QUEUED)):
                await asyncio.sleep(0.1)
        await served.stop()
    sorts = {number: author(number).partition("-")[0] for number in range(MESSAGES)}
    of = {sort: {number for number in sorts if sorts[number] == sort} for sort in set(sorts.values())}
    await settle(chain)
    delivered, filed = chain.mailboxes.lies(CLERK), chain.mailboxes.marked(CLERK, FILED)
    assert numbers(delivered) == of["stranger"]
    assert numbers(text for text, _ in filed) == of["file_unanswered"]
    assert all(marks == {"\\Seen"} for _, marks in filed)
    entries = record.read_now(lambda reader: reader.contacts(limit=5000))
    assert len(entries) == MESSAGES
    answers = Counter(
        found[1]
        for one in range(KINDS["return_mail"])
        for text in chain.mailboxes.lies(f"return_mail-{one}@example.org")
        if (found := re.search(rb"\r\nIn-Reply-To: (<\d+@example\.org>)\r\n", text))
    )
    unclear = record.read_now(lambda reader: reader.letters(LetterState.UNCLEAR))
    assert max(answers.values()) == 1
    assert len(of["return_mail"]) - len(unclear) <= len(answers) <= len(of["return_mail"])


async def settle(chain):
    """Wait until border and server behind have put into mailboxes what they took, our own letters too."""
    try:
        async with asyncio.timeout(30):
            while chain.behind.queue() + chain.border.queue():
                await asyncio.sleep(0.1)
    except TimeoutError:
        pytest.fail(f"still queued: {chain.behind.queue()}{chain.border.queue()}")
