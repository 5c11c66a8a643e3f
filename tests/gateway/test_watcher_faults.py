"""A thousand messages through every fault that a mailbox's server and its line have, and a person who moves some."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re

import pytest
from imapclient.exceptions import IMAPClientError

from tests.gateway.office import SENT, mail, settled
from tests.gateway.watched import address, begin, delivered, read_to_its_end, watching
from tests.servers.dovecot import Dovecot, needed
from tests.servers.imap_relay import Line

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("dovecot")]
LIMITED, BACK = "limited@example.org", "back@example.org"
LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 30, "per": "day"}
RETURN = {"kind": "return_mail", "note": "Please write to us by letter."}
ALL, BATCH, PASS, MOST_RETURNS = 1000, 100, 30, 10
MOST_MOVES = 30
PRIVATE = "Private"
_SUBJECT = re.compile(rb"\r\nSubject: Message (\d+)\r\n")


def author(number: int) -> str:
    """Say who wrote a message: a tenth of them a party with a limit, some a party whose mail goes back."""
    if number % 10 == 3:
        return LIMITED
    return BACK if number % 100 == 7 else f"stranger{number % 37}@example.org"


def post(number: int) -> bytes:
    """Give a message as its mailbox's server wrote it down."""
    return delivered(mail(number, sender=author(number)), author(number))


async def killed(server, line, user):
    """Kill the server and start it again."""
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)


async def numbered_anew(server, line, user):
    """Kill the server, have it lose all numbers and keywords, and start it again."""
    await asyncio.to_thread(server.kill)
    server.number_anew(user)
    await asyncio.to_thread(server.start)


async def cut(server, line, user):
    """Cut the line in the middle of what is said next."""
    line.cut_after = line.passed + 15_000


async def half_open(server, line, user):
    """Leave the line half open until the watcher has found out."""
    known = line.connections
    line.go_silent()
    await settled(lambda: line.connections > known, within_s=60)  # it waits longer after each fault
    line.speak()


FAULTS = (killed, cut, half_open, numbered_anew, cut)


class Person:
    """Somebody with a mail reader, who puts messages of the inbox where they like."""

    def __init__(self, server, user) -> None:
        self._server, self._user = server, user
        self._chance = random.Random(4)
        self._moves = MOST_MOVES
        self.gone_home = False

    async def work(self) -> None:
        """Move two messages at a time until it is time to go home; the server is not always there."""
        while self._moves and not self.gone_home:
            self._moves -= 1
            with contextlib.suppress(OSError, IMAPClientError):
                await asyncio.to_thread(self._move)
            await asyncio.sleep(0.05)  # as a person does, at no moment that anybody chose

    def _move(self) -> None:
        with self._server.reader(self._user, PRIVATE) as client:
            client.select_folder("INBOX")
            if uids := client.search("ALL"):
                client.move(self._chance.sample(uids, min(2, len(uids))), PRIVATE)


def numbers(messages: list[bytes]) -> list[int]:
    """Give the numbers of messages."""
    return [int(_SUBJECT.search(one)[1]) for one in messages]


@pytest.mark.timeout(300)
@pytest.mark.slow
async def test_a_thousand_messages(folder):
    """Each is one contact, counted and answered once, and lies where it belongs or where the person put it."""
    needed()
    server, user = Dovecot(), address()
    server.start()
    line = Line(server.port)
    try:
        async with watching(folder, server, user, port=line.port, start=False) as here:
            limited = here.party(LIMIT, emails=[LIMITED], name="L. Example")
            here.party(RETURN, emails=[BACK], name="B. Example")
            await begin(here, reply_timeout_s=1.0)
            person = Person(server, user)
            work = asyncio.ensure_future(person.work())
            for first in range(0, ALL, BATCH):
                before = here.record.commits
                await asyncio.to_thread(server.put, user, *map(post, range(first, first + BATCH)))
                await settled(lambda before=before: here.record.commits > before, within_s=60)  # in the midst of work
                await FAULTS[first // BATCH % len(FAULTS)](server, line, user)
            person.gone_home = True
            await work
            await read_to_its_end(here, server, user, within_s=60)
            check_places(server, user)
            check_record(here, server, user, limited)
            await here.gateway.outbox.send_due()
            returned = [one for one in here.contacts() if one.state == "returned"]
            told_of_the_limit = [one for one in here.mailbox(SENT) if f"To: {LIMITED}".encode() in one]
            assert (len(here.mailbox(SENT)), len(told_of_the_limit)) == (len(returned) + 1, 1)
    finally:
        line.end()
        server.end()


def check_places(server, user) -> None:
    """Nothing is lost, and what is where is right."""
    places = {name: numbers(server.lies(user, name)) for name in ("INBOX", "Filed unanswered", "Returned", PRIVATE)}
    assert set().union(*places.values()) == set(range(ALL))
    assert all(author(one) == BACK for one in places["Returned"])
    assert {author(one) for one in places["Filed unanswered"]} <= {LIMITED, BACK}
    assert BACK not in {author(one) for one in places["INBOX"]}
    # A server that is killed while the person's reader moves something leaves it in both; nobody else makes two of one.
    for name in ("INBOX", "Filed unanswered", "Returned"):
        assert len(places[name]) == len(set(places[name]))


def check_record(here, server, user, limited) -> None:
    """One contact for each message but those that the person took away first; counted once, answered once."""
    contacts = here.contacts()
    assert len({one.key for one in contacts}) == len(contacts)
    taken = ALL - len(contacts)
    assert 0 <= taken <= len(server.lies(user, PRIVATE))
    assert here.used(limited) == PASS
    states = [one.state.value for one in contacts if one.sender.endswith(LIMITED)]
    assert (states.count("delivered"), states.count("filed")) == (PASS, len(states) - PASS)
    told = [letter.contact_id for letter in here.told() if letter.kind == "return"]
    assert len(told) == len(set(told))
    assert set(told) == {one.id for one in contacts if one.state == "returned"}
    assert 1 <= len(told) <= MOST_RETURNS
