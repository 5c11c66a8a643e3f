"""Limits where two nodes work on one record at the same moment."""

import asyncio

from rules.contact import Channel
from rules.standing import Need, Usage, UsageKind
from rules.windows import Per, Window
from storage.record import Record
from tests.storage.office import AT, after, entry, party

LIMIT = 3
NEED = Need(Usage(UsageKind.LET_THROUGH, frozenset({Channel.EMAIL}), Window(Per.DAY), LIMIT), AT)


async def test_two_nodes_never_let_through_more_than_the_limit(url, clock):
    """Forty contacts race for three places through two nodes: three get in, on either database."""
    with Record.open(url, now=clock) as one, Record.open(url, now=clock) as other:
        rosa = party(one)
        now = after(minutes=1)

        def job(tx):
            tx.lock_party(rosa)
            full = tx.used(rosa, [NEED], now)[NEED].reached_at is not None
            tx.add_contact(entry(party_id=rosa, whose=f"party:{rosa}", counted_at=None if full else now))
            return not full

        answers = await asyncio.gather(*((one, other)[number % 2].write(job) for number in range(40)))
        listed = one.read_now(lambda reader: reader.contacts(whose=f"party:{rosa}"))
    assert sum(answers) == LIMIT
    assert sum(each.counted_at is not None for each in listed) == LIMIT
    assert len(listed) == 40


async def test_one_key_at_two_nodes_is_one_contact(url, clock):
    """The same message at two nodes at once is put on record by one of them."""
    with Record.open(url, now=clock) as one, Record.open(url, now=clock) as other:
        for number in range(10):
            key = f"same {number}"
            made = [entry(key=key), entry(key=key)]
            answers = await asyncio.gather(
                one.write(lambda tx, made=made: tx.add_contact(made[0])),
                other.write(lambda tx, made=made: tx.add_contact(made[1])),
            )
            assert sorted(answers) == [False, True]


async def test_one_job_at_two_nodes_runs_once(url, clock):
    """A job that is due is claimed by one node."""
    with Record.open(url, now=clock) as one, Record.open(url, now=clock) as other:
        answers = await asyncio.gather(
            *(record.write(lambda tx: tx.claim_job("release", AT)) for record in (one, other) * 5)
        )
        assert sum(answers) == 1
        assert await one.write(lambda tx: tx.claim_job("release", after(minutes=1)))


async def test_acts_of_two_nodes_are_one_chain(url, clock):
    """Two nodes that write down acts at once write one chain without gaps."""
    with Record.open(url, now=clock) as one, Record.open(url, now=clock) as other:
        await asyncio.gather(
            *((one, other)[number % 2].write(lambda tx: tx.act("k.jones", "looked")) for number in range(30))
        )
        chain = one.read_now(lambda reader: reader.verify_acts())
        assert (chain.length, chain.broken_at) == (30, None)
