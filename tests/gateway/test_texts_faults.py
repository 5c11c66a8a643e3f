"""Faults on a text's way: 503 with nothing half-done; tried again; before a person; killed at each step (T4, W6)."""

import asyncio
import signal
import sys

from gateway.failpoints import NAMES
from rules.contact import Channel
from storage.entries import State
from storage.faults import RecordUnavailable
from storage.record import Record
from tests.gateway.hop import Hop
from tests.gateway.office import DOMAIN, LINE, NOW, Clock, office, with_record
from tests.gateway.texting import TEXTS, Texter, form, texting, told
from tests.gateway.twilio import Twilio

BACK = {"kind": "return_mail"}


async def test_a_record_that_cannot_be_written_is_503(folder, monkeypatch):
    """Twilio goes to its fallback; afterwards the same text is taken as though it were the first time."""
    async with office(folder, phone=True) as here, Twilio(here) as twilio:
        params = form()
        with monkeypatch.context() as broken:
            broken.setattr(Record, "write", _unavailable)
            answer = await twilio.post("/texts", params)
            assert (answer.status_code, answer.content) == (503, b"")
        assert here.contacts() == []
        assert (await twilio.post("/texts", params)).status_code == 200
        assert len(here.contacts()) == 1


async def _unavailable(*_):
    raise RecordUnavailable("locked")


async def test_a_next_hop_that_is_away_keeps_no_text(folder):
    """It stays on its way, is tried again, and arrives once the hop is back; limits keep its place meanwhile."""
    once = {"kind": "volume_limit", "channels": ["sms"], "count": 1, "per": "day"}
    async with Hop() as hop, texting(folder, once, mail={"next_hop": f"127.0.0.1:{hop.port}"}) as (here, texter, party):
        hop.fail("MAIL", "421")
        await texter.text()
        assert await texter.brought() == 0
        entry = here.only()
        assert (entry.state, entry.release_at > here.clock()) == (State.HELD, True)
        assert here.used(party, Channel.SMS) == 1
        assert await texter.brought() == 0  # its time has not come
        hop.heal()
        here.clock.advance(minutes=1)
        assert await texter.brought() == 1
        (message,) = hop.messages
        assert (message.mail, message.rcpts) == (f"MAIL FROM:<office@{DOMAIN}>", (f"RCPT TO:<{TEXTS}>",))
        assert told(message.octets)[2] == "Good morning"
        assert (here.only().state, here.used(party, Channel.SMS)) == (State.DELIVERED, 1)


async def test_a_next_hop_that_refuses_it_puts_it_before_a_person(folder):
    """What is refused for good waits for somebody, who is told; nothing is tried again by the clock."""
    async with Hop() as hop:
        hop.fail("RCPT", "5xx")
        async with texting(folder, mail={"next_hop": f"127.0.0.1:{hop.port}"}) as (here, texter, _):
            await texter.text()
            await texter.brought()
            entry = here.only()
            assert (entry.state, entry.release_at, entry.owner) == (State.HELD, None, "duty")
            assert entry.look_by is not None
            assert [letter.kind for letter in here.letters()] == ["alert"]
            here.clock.advance(days=1)
            assert await texter.brought() == 0


STEPS = {
    "text.heard": (0, 0),
    "record.before_commit": (0, 0),
    "record.after_commit": (1, 0),
    "text.recorded": (1, 0),
    "text.handed_on": (1, 1),
}


def test_no_step_of_a_text_is_left_out():
    """A failpoint that is added is killed at here."""
    assert {name for name in NAMES if name.startswith("text.")} <= set(STEPS)


async def test_killed_at_each_step(tmp_path, template):
    """Whatever was done, the webhook told again is answered, and the text is on record once and reaches its inbox."""
    folders = {step: tmp_path / step for step in STEPS}
    for folder in folders.values():
        folder.mkdir()
        with_record(folder, template)
    plans = [f"{folder}={step}" for step, folder in folders.items()]
    victims = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.gateway.text_victim", *plans),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    ended, _ = await victims.communicate()
    assert ended.decode().split() == [str(-signal.SIGKILL)] * len(STEPS)
    for step, there in STEPS.items():
        await _goes_on(folders[step], *there)


async def _goes_on(folder, recorded, handed_on):
    async with texting(folder, clock=Clock(NOW)) as (here, texter, _):
        assert len(here.contacts()) == recorded
        assert len(here.mailbox(TEXTS)) == handed_on
        here.clock.advance(minutes=1)
        assert await texter.text(sid="SM1") is None
        await texter.brought()
        assert (here.only().state, here.only().sender) == (State.DELIVERED, "phone:+447700900001")
        assert [told(message)[2] for message in here.mailbox(TEXTS)] == ["Good morning"]


async def test_an_answer_lost_on_the_way_is_given_again(folder):
    """A return whose answer never reached the provider is the same document, and counts as one text of ours."""
    async with texting(folder, BACK) as (here, texter, _):
        lost = await texter.text(sid="SM1", to=LINE)
        other = Texter(here)
        assert await other.text(sid="SM1", to=LINE) == lost
        assert here.record.read_now(lambda reader: reader.texts_sent(NOW)) == (1, 1)
