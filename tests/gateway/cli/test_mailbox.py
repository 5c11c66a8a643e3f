"""`parley mailbox`: what it says of mailboxes, and of sign-ins that cannot be."""

from __future__ import annotations

import json
import re

import pytest

from gateway.config_mailbox import Mailbox
from gateway.watcher import SORTS
from tests.gateway.watched import address
from tests.ports import free_port
from tests.servers.dovecot import PASSWORD, Dovecot, needed

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("dovecot")]


@pytest.fixture(scope="module")
def server():
    """One Dovecot for this module."""
    needed()
    dovecot = Dovecot()
    dovecot.start()
    yield dovecot
    dovecot.end()


def watch(office, port, user, **more):
    """Add a mailbox to an office's settings."""
    file = office.state / "parley.toml"
    known = {"name": "enquiries", "address": user, "server": f"127.0.0.1:{port}", "security": "none"} | more
    lines = [f"{name} = {json.dumps(value)}" for name, value in known.items()]
    # Where no mail leaves by a server, alerts go to a mailbox that somebody reads.
    file.write_text(re.sub(r'(?m)^alerts = ".*"', f'alerts = "{user}"', file.read_text(), count=1))
    file.write_text(file.read_text() + "\n[[mailbox]]\n" + "\n".join(lines) + f'\npassword = "{PASSWORD}"\n')


def test_a_mailbox_that_can_be_watched(office, parley, server):
    """What its server can do, which folders are missing, and that nothing is prevented."""
    user = address()
    watch(office, server.port, user)
    server.put(user, b"From: a@example.org\r\n\r\nHello\r\n")
    said = parley("mailbox", "check")
    assert said.code == 0, said
    assert "read last: never" in said.out
    assert "Signed in. 1 messages in the inbox." in said.out
    assert "Filed unanswered, Held, Returned, Passed on" in said.out
    assert SORTS in said.out
    (one,) = [json.loads(line) for line in parley("mailbox", "check", "enquiries", "--json").out.splitlines()]
    assert (one["moves"], one["tells_at_once"], one["keeps_our_mark"], one["messages"]) == (True, True, True, 1)
    assert server.marked(user) == [(b"From: a@example.org\r\n\r\nHello\r\n", set())]
    with server.reader(user) as client:
        assert [name for _, _, name in client.list_folders()] == ["INBOX"]


def test_a_mailbox_that_cannot_be_reached(office, parley):
    """The reason in a sentence, and exit 75."""
    port = free_port()
    watch(office, port, "enquiries@office.example.org")
    said = parley("mailbox", "check")
    assert (said.code, "cannot be reached" in said.out) == (75, True)


def test_names_that_are_none(office, parley):
    """No mailbox, another name, and one that needs no sign-in of a person."""
    assert "[[mailbox]]" in parley("mailbox", "check").err
    watch(office, 993, "enquiries@office.example.org")
    said = parley("mailbox", "check", "\x1bother")
    assert (said.code, "enquiries" in said.err, "\x1b" in said.err) == (2, True, False)
    assert "signs in by itself" in parley("mailbox", "sign-in", "enquiries").err


def test_the_sign_in_for_sending(office, parley):
    """None is set, one by password needs no person; and one thing at a time."""
    assert "mail.outbound" in parley("mailbox", "sign-in", "--outbound").err
    assert "Name a mailbox" in parley("mailbox", "sign-in").err
    file = office.state / "parley.toml"
    file.write_text(file.read_text() + '\n[mail.outbound]\nserver = "127.0.0.1:25"\n')
    assert "mail.outbound signs in by itself (password)" in parley("mailbox", "sign-in", "--outbound").err
    assert "Name a mailbox" in parley("mailbox", "sign-in", "enquiries", "--outbound").err


def test_servers_that_need_not_be_named():
    """Those of Microsoft 365 and Google are known; an IPv6 address loses its brackets."""
    named = {"name": "a", "address": "a@example.org", "client_id": "1"}
    assert Mailbox(**named, sign_in="microsoft").endpoint == ("outlook.office365.com", 993)
    assert Mailbox(**named, sign_in="google").endpoint == ("imap.gmail.com", 993)
    assert Mailbox(**named, server="[::1]:1143", security="none").endpoint == ("::1", 1143)
