"""An alert whose letter was leaving at a kill: it leaves again, is shown as unclear, and a person settles it (W6)."""

from email import message_from_bytes
from functools import partial

import pytest

from adapters.mail.maildir import Maildir
from gateway.alerts.desk import SETTLED, AlertDesk, told
from gateway.outbox import Outbox, recover
from rules.answers import Delivered
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from tests.gateway.alerts.alarm import alarm

ADA = Actor("Ada", frozenset({"manager"}))


class Killed(Exception):
    """End what was going on, where a kill would."""


class Hop:
    """Take letters."""

    def __init__(self):
        self.taken = []

    async def send(self, mail_from, recipients, messages):
        """Take one for each recipient."""
        self.taken += messages
        return {one: Delivered("250 taken") for one in recipients}


def outbox(here, hop, *, dies_at=""):
    """Build what sends letters, of a process that is killed at a step."""

    def failpoint(name):
        if name == dies_at:
            raise Killed

    place = Maildir(here.settings.config.maildir)
    return Outbox(here.record, place, hop, None, clock=here.clock, node="here", failpoint=failpoint)


@pytest.mark.parametrize(
    ("step", "copies"),
    [
        pytest.param("letter.claimed", 1, id="before it left"),
        pytest.param("letter.left", 2, id="after it left, before that was on record"),
    ],
)
async def test_W6_a_letter_under_way_at_a_kill_leaves_again_as_the_same_and_is_unclear_until_settled(
    folder, step, copies
):
    """One Message-ID however often it came; unclear from the next start on, sent or not; settled by one act."""
    hop = Hop()
    with alarm(folder) as here:
        desk = AlertDesk(here.record, here.settings.policy, here.clock)
        one = here.danger()
        with pytest.raises(Killed):
            await outbox(here, hop, dies_at=step).send_due()
        here.record.write_now(partial(recover, "here"))
        assert told(desk.show(one.id, ADA)) == "mail unclear"
        assert await outbox(here, hop).send_due() == 1
        assert len(hop.taken) == copies
        assert len({message_from_bytes(each)["Message-ID"] for each in hop.taken}) == 1
        assert told(desk.show(one.id, ADA)) == "mail unclear"
        assert told(desk.settle(one.id, ADA)) == "mail sent"
        assert [each.about for each in here.record.read_now(lambda r: r.acts_named(SETTLED))] == [f"alert:{one.id}"]
        assert here.alert(one).open
        with pytest.raises(Refused, match="Nothing of how this alert was told is unclear"):
            desk.settle(one.id, ADA)
