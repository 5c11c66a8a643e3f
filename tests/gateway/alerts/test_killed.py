"""Killed at any step, every alert is told: once by each way, or shown as unclear (W6)."""

import asyncio
import json
import re
import signal
import sys
from collections import Counter
from contextlib import asynccontextmanager

import pytest

from gateway.failpoints import NAMES
from storage.record import Record
from tests.adapters.hook import hook, says
from tests.gateway.alerts.victim import settings_of
from tests.gateway.hop import Hop
from tests.gateway.office import Clock, with_record

TAKEN = says(201, body=b'{"sid": "SM1"}')
STEPS = [
    *("alert.claimed:1", "alert.claimed:2", "alert.left:1", "alert.left:2", "alert.settled:1"),
    *("alert.told:2", "alert.gathered:2"),
    *("letter.claimed:1", "letter.left:1", "letter.left:3"),
    *("record.after_commit:3", "record.before_commit:4"),
]


def test_no_step_of_an_alert_is_left_out():
    """A failpoint that is added is killed at here."""
    assert {name for name in NAMES if name.startswith("alert.")} <= {step.partition(":")[0] for step in STEPS}


class World:
    """Hold who is alerted: a mail server, the phone provider, another system; and the processes of the office."""

    def __init__(self, hop, twilio, pager, victims, tmp_path, template):
        self.hop, self.twilio, self.pager, self._victims = hop, twilio, pager, victims
        self._place, self._template = tmp_path, template

    async def killed(self, step, *, careless=False):
        """Kill an office at a step, start it again to the end; give what is found against the record."""
        folder = self._place / f"{step.replace(':', '-')} {careless}"
        folder.mkdir()
        with_record(folder, self._template)
        for heard in (self.hop.messages, self.twilio.posted, self.pager.posted):
            heard.clear()
        assert await self._run(folder, step, 0, careless=False) == -signal.SIGKILL
        assert await self._run(folder, "", 48, careless=careless) == 0
        return self._found(folder)

    async def _run(self, folder, step, hour, *, careless):
        ports = {"hop": self.hop.port, "twilio": self.twilio.port, "hook": self.pager.port}
        order = {"folder": str(folder), "step": step, "hour": hour, "careless": careless, **ports}
        self.twilio.answers = [TAKEN] * 20
        self._victims.stdin.write(json.dumps(order).encode() + b"\n")
        return int(await asyncio.wait_for(self._victims.stdout.readline(), 30))

    def _found(self, folder):
        settings = settings_of(folder, self.hop.port, self.twilio.port, self.pager.port)
        with Record.open(settings.config.record_url, now=Clock()) as record:
            return list(record.read_now(self._judged))

    def _judged(self, reader):
        """Compare what the record says of each telling with what arrived."""
        alerts = reader.alerts()
        if len(alerts) != 2:
            yield f"{len(alerts)} alerts"
        for one in alerts:
            if ("mail", "sent") not in {(each.channel, each.state) for each in reader.alert_tellings(one.id)}:
                yield f"{one.kind} was told to nobody by mail"
        arrived = Counter(re.search(rb"Message-ID: (<\S+>)", one.octets)[1].decode() for one in self.hop.messages)
        rows = reader.link.plain(
            "SELECT o.message_id, o.state, max(t.doubtful) FROM outbox o JOIN alert_tellings t ON t.post_id = o.id"
            " GROUP BY o.message_id, o.state",
            {},
        )
        for message_id, state, doubtful in rows:
            count = arrived.pop(message_id, 0)
            if state != "sent" or not (count == 1 or (doubtful and count)):
                yield f"a letter that is {state} arrived {count} times, doubtful: {doubtful}"
        posts = reader.link.plain("SELECT id, channel, state FROM alert_posts", {})
        told = {number for number, channel, state in posts if channel == "webhook" and state == "sent"}
        heard = {one.fields["webhook-id"] for one in self.pager.posted}
        texts = Counter(state for _, channel, state in posts if channel == "text")
        sent = len(self.twilio.posted)
        if arrived or told != heard or len(told) != sum(channel == "webhook" for _, channel, _ in posts):
            yield f"strangers {arrived}, webhooks {told ^ heard}"
        if not texts["sent"] <= sent <= texts["sent"] + texts["unclear"] or set(texts) - {"sent", "unclear", "dropped"}:
            yield f"{sent} texts arrived of {texts}"


@asynccontextmanager
async def world(tmp_path, template):
    """Open all of it."""
    async with Hop() as hop, hook() as twilio, hook() as pager:
        victims = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.gateway.alerts.victim"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            yield World(hop, twilio, pager, victims, tmp_path, template)
        finally:
            victims.stdin.close()
            await victims.wait()


@pytest.mark.slow
async def test_W6_every_alert_survives_a_kill_at_any_step(tmp_path, template):
    """By each way, with repeats and digest; a build that repeats what may have left is caught by the same judge."""
    async with world(tmp_path, template) as here:
        found = {step: await here.killed(step) for step in STEPS}
        assert {step: all_of_it for step, all_of_it in found.items() if all_of_it} == {}
        careless = [await here.killed(step, careless=True) for step in ("alert.left:1", "alert.left:2")]
        assert any("texts arrived" in each for all_of_it in careless for each in all_of_it)
