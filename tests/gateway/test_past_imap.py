"""Mail of the past from folders of a mailbox, by IMAP, against Dovecot for real."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.mail.imap import ImapSettings, Secret, open_imap
from adapters.mail.imap_mailbox import ImapMailbox
from gateway.past_contact import LeftAside, PastContact
from gateway.past_imap import TAKEN, Folders
from tests.gateway.past import NOW, mail, message, reading
from tests.gateway.watched import address
from tests.servers.dovecot import PASSWORD, Dovecot, needed

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("dovecot")]
MARCH = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def server():
    """One Dovecot for this module."""
    needed()
    dovecot = Dovecot()
    dovecot.start()
    yield dovecot
    dovecot.end()


@pytest.fixture
def box(server):
    """A mailbox with mail in two folders."""
    settings = ImapSettings("127.0.0.1", server.port, address(), "none")
    found = ImapMailbox(settings, lambda: Secret(PASSWORD), {}, 10_000)
    imap = found.open()
    for number in range(3):
        imap.append("INBOX", message(number=str(number)), seen=False, arrived=MARCH + timedelta(days=number))
    undated = message(number="4").replace(b"Received:", b"X-Received:").replace(b"Date:", b"X-Date:")
    imap.append("Old/Roof", undated, seen=False, arrived=MARCH)
    imap.append("Old/Roof", message(number="5", text="x" * 20_000), seen=True, arrived=MARCH)
    imap.close()
    return found


def read(box, *folders, watched=None):
    """Read folders of a mailbox."""
    return list(Folders("box", box, folders, reading(now=NOW), watched).read())


def unseen(box, folder):
    """Count what nobody has read in a folder."""
    imap = open_imap(box.settings, box.sign_in)
    try:
        imap.select(folder)
        return len(imap._client.search(["UNSEEN"]))
    finally:
        imap.close()


def test_folders_are_read_and_stay_as_they_are(box):
    """Each message is the contact that it is in a file, and none is marked as read by it."""
    found = read(box, "INBOX", "Old/Roof")
    assert all(isinstance(one, PastContact) for one in found)
    assert [one.key for one in found[:3]] == [mail(number=str(number)).key for number in range(3)]
    assert [one.place for one in found] == [
        "box/INBOX:1",
        "box/INBOX:2",
        "box/INBOX:3",
        "box/Old/Roof:1",
        "box/Old/Roof:2",
    ]
    assert (unseen(box, "INBOX"), unseen(box, "Old/Roof")) == (3, 1)


def test_the_mailbox_says_when_a_message_came_that_does_not(box):
    """What has no time of its own came when its mailbox got it."""
    assert read(box, "Old/Roof")[0].at == MARCH


def test_what_came_since_the_mailbox_is_watched_is_the_watchers(box):
    """It is on record already, or will be."""
    found = read(box, "INBOX", watched=MARCH + timedelta(days=1))
    assert [isinstance(one, LeftAside) and one.why == TAKEN for one in found] == [False, True, True]


def test_what_we_have_marked_as_done_is_known(box):
    """A message that the watcher decided on bears our mark."""
    imap = box.open()
    imap.select("INBOX")
    imap.mark([2], seen=False)
    imap.close()
    assert [one.why for one in read(box, "INBOX") if isinstance(one, LeftAside)] == [TAKEN]


def test_a_folder_that_is_not_there_is_named(box):
    """Nothing is made in the mailbox, and the rest is read."""
    (none, *rest) = read(box, "Older", "INBOX")
    assert (none.place, none.wrong, len(rest)) == ("box/Older", True, 3)
    imap = box.open()
    assert not imap.folder_exists("Older")
    imap.close()
