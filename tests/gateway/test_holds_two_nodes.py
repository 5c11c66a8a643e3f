"""Two machines over one record: what is held leaves once, whoever sees it due."""

from __future__ import annotations

import asyncio

import pytest

from gateway.holds import Holds
from rules.answers import Delivered
from storage.entries import State
from storage.record import Record
from tests.gateway.office import CLERK, NOW, Clock, mail, office

HOURS = {"kind": "time_window", "channels": ["email"], "from": "14:00", "to": "15:00"}


class Door:
    """Take everything, slowly: others come meanwhile. Keeps what it took, by node."""

    def __init__(self) -> None:
        self.took: list[str] = []
        self.nodes: set[str] = set()

    def of(self, node: str) -> Door:
        """Give the door as one node sees it."""
        self.nodes.add(node)
        return self

    async def carry_out(self, parcel, targets):
        """Take a message."""
        self.took.append(parcel.id)
        await asyncio.sleep(0.01)
        return [Delivered(parcel.id) for _ in targets]

    async def release(self, parcel, targets):
        """Take a message that a person released."""
        return await self.carry_out(parcel, targets)

    async def take_out(self, parcel, targets):
        """Have no filed folder."""


def holds(here, record, door, node):
    """Build the releasing part of one node."""
    letters = here.gateway.holds._letters
    return Holds(record, here.settings.policy, door.of(node), letters, clock=here.clock, node=node)


@pytest.fixture
async def here(folder, postgres_url):
    """An office on PostgreSQL with twelve messages held until two o'clock, and it is two o'clock."""
    async with office(folder, record_url=postgres_url, clock=Clock(NOW)) as here:
        here.party(HOURS)
        for number in range(12):
            await here.post(mail(number))
        assert here.states() == ["held"] * 12
        here.clock.at = NOW.replace(hour=14)
        yield here


async def test_two_nodes_release_each_message_once(here, postgres_url):
    """Both list all twelve as due and go through them at the same time: twelve leave."""
    door = Door()
    with Record.open(postgres_url, now=here.clock) as other:
        one, two = holds(here, here.record, door, "a"), holds(here, other, door, "b")
        released = await asyncio.gather(one.release_due(), two.release_due())
    assert sum(released) == 12
    assert sorted(door.took) == [entry.id for entry in here.contacts()]
    assert here.states() == ["delivered"] * 12


async def test_a_person_and_the_clock_release_one_message_once(here, postgres_url):
    """Somebody presses release while the clock of another node does its round: nothing leaves twice."""
    door = Door()
    with Record.open(postgres_url, now=here.clock) as other:
        by_hand, clock = holds(here, other, door, "desk"), holds(here, here.record, door, "a")
        numbers = [entry.id for entry in here.contacts()]
        await asyncio.gather(clock.release_due(), *(by_hand.release(number, "a clerk") for number in numbers))
    assert sorted(door.took) == numbers
    assert here.states() == ["delivered"] * 12


async def test_what_a_node_that_died_was_releasing(here):
    """It is due again when that node comes back, and for the others when its claim has run out."""
    first = here.contacts()[0]

    class Dies(Door):
        async def carry_out(self, parcel, targets):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await holds(here, here.record, Dies(), "a").release_due()
    door = Door()
    assert await holds(here, here.record, door, "b").release_due() == 11
    assert first.id not in door.took
    assert await holds(here, here.record, door, "a").release_due() == 1
    assert here.states() == ["delivered"] * 12


async def test_a_claim_runs_out(here):
    """A node that never comes back keeps nobody's mail: after a quarter of an hour another releases it."""
    first = here.contacts()[0]
    later = here.clock().replace(minute=15)
    assert here.record.write_now(lambda tx: tx.claim_hold(first.id, "gone", here.clock(), later))
    door = Door()
    here.clock.at = later.replace(minute=14)
    assert await holds(here, here.record, door, "b").release_due() == 11
    here.clock.at = later
    assert await holds(here, here.record, door, "b").release_due() == 1
    assert [entry.state for entry in here.contacts() if entry.targets[0].recipient == CLERK] == [State.DELIVERED] * 12
