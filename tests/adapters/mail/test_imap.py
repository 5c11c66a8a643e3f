"""Connections to a mailbox against Dovecot for real: signing in, reading, moving, waiting, and what goes wrong."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from adapters.mail import imap_words
from adapters.mail.imap import ImapFault, ImapSettings, Secret, open_imap, token_words
from adapters.mail.imap_arrival import KEYWORD
from adapters.mail.imap_mailbox import ImapMailbox, Place
from adapters.mail.trace import content_digest
from rules.answers import Delivered, Permanent, Temporary
from tests.ports import free_port
from tests.servers.dovecot import PASSWORD, Dovecot, needed
from tests.servers.imap_relay import Line

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("dovecot")]
FOLDERS = {
    Place.INBOX: "INBOX",
    Place.FILED: "Filed unanswered",
    Place.HELD: "Parley/Gehalten äöü",
    Place.RETURNED: "Returned",
    Place.PASSED_ON: "Passed on",
}
_numbers = iter(range(1000))


@pytest.fixture(scope="module")
def server():
    """One Dovecot for this module."""
    needed()
    dovecot = Dovecot()
    dovecot.start()
    yield dovecot
    dovecot.end()


@pytest.fixture
def user():
    """Somebody new, with an empty mailbox."""
    return f"clerk{next(_numbers)}@office.example.org"


def message(number=1, text="Good morning"):
    """Give a message."""
    return f"From: r.example@example.org\r\nSubject: {number}\r\n\r\n{text}\r\n".encode()


def settings(server, user, port=None, **changes):
    """Say how to get to a mailbox."""
    return ImapSettings("127.0.0.1", port or server.port, user, "none", **({"reply_timeout_s": 5.0} | changes))


def by_password():
    """Sign in with the password that all have."""
    return Secret(PASSWORD)


def opened(server, user, sign_in=by_password, **changes):
    """Open a mailbox."""
    return open_imap(settings(server, user, **changes), sign_in)


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_token_signs_in(server, user, mechanism):
    """By either mechanism, with the configuration that we ship."""
    imap = opened(server, user, lambda: Secret(server.token(user), token=True), mechanisms=(mechanism,))
    assert imap.select("INBOX").messages == 0
    # What a server can do is asked for after the sign-in: Microsoft tells of MOVE to nobody else.
    assert (imap.abilities.move, imap.abilities.idle, imap.abilities.keyword) == (True, True, True)
    imap.close()


BAD_TOKENS = {
    "one that has expired": {"exp": 1},
    "somebody else's": {"sub": "clerk@elsewhere.example.org"},
    "another issuer's": {"iss": "https://elsewhere.example.org/"},
}


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
@pytest.mark.parametrize("changes", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_a_bad_token_is_refused(server, user, mechanism, changes):
    """In our words, and at once: a server waits for a word after it has said why."""
    with pytest.raises(ImapFault) as refused:
        opened(server, user, lambda: Secret(server.token(user, **changes), token=True), mechanisms=(mechanism,))
    assert (str(refused.value), refused.value.refused) == (imap_words.SIGN_IN, True)


def test_a_wrong_password_is_refused(server, user):
    """And nothing of it is in the fault, nor anywhere that prints a secret."""
    with pytest.raises(ImapFault) as refused:
        opened(server, user, lambda: Secret("a wrong one"))
    assert (str(refused.value), refused.value.refused) == (imap_words.SIGN_IN, True)
    assert "wrong" not in repr(Secret("a wrong one"))


def test_a_name_cannot_change_the_words_of_the_token():
    """A comma or an equals sign would end the name (RFC 5801)."""
    assert token_words("OAUTHBEARER", "a=b,c", "t") == "n,a=a=3Db=2Cc,\1auth=Bearer t\1\1"
    assert token_words("XOAUTH2", "clerk", "t") == "user=clerk\1auth=Bearer t\1\1"


def test_reading_leaves_unread(server, user):
    """What came is given in its order, and nobody sees that we looked (M6)."""
    server.put(user, message(1), message(2), message(3))
    imap = opened(server, user)
    selected = imap.select("INBOX")
    arrivals = imap.arrivals(0, 2)
    assert [one.uid for one in arrivals] == [1, 2]
    assert abs(arrivals[0].arrived - datetime.now(UTC)) < timedelta(minutes=1)
    assert imap.read(arrivals, 10_000) == {1: message(1), 2: message(2)}
    assert (selected.messages, selected.uidnext) == (3, 4)
    assert [one.uid for one in imap.arrivals(2, 10)] == [3]
    assert imap.arrivals(3, 10) == []
    imap.close()
    assert [marks for _, marks in server.marked(user)] == [set(), set(), set()]


def test_a_large_message_is_read_in_part(server, user):
    """So many octets and no more."""
    server.put(user, message(text="x" * 5000))
    imap = opened(server, user)
    imap.select("INBOX")
    (octets,) = imap.read(imap.arrivals(0, 10), 1000).values()
    imap.close()
    assert octets == message(text="x" * 5000)[:1000]


def test_messages_are_marked_and_moved_in_sets(server, user):
    """Five hundred into a folder that was not there, read and with our keyword; nobody else's goes (M4)."""
    server.put(user, *(message(number) for number in range(501)))
    imap = opened(server, user)
    imap.select("INBOX")
    uids = [one.uid for one in imap.arrivals(0, 1000)]
    imap.mark(uids[:500], seen=True)
    imap.move(uids[:500], FOLDERS[Place.HELD])
    imap.close()
    assert server.marked(user) == [(message(500), set())]
    moved = server.marked(user, "Parley.Gehalten äöü")
    assert len(moved) == 500
    assert all(marks == {"\\Seen", KEYWORD} for _, marks in moved)


@pytest.mark.parametrize(("move", "uidplus", "left"), [(False, True, 1), (False, False, 2)])
def test_a_server_that_cannot_move(server, user, move, uidplus, left):
    """With UIDPLUS what is named goes, and what somebody else deleted stays; without, a copy is all (M4)."""
    server.put(user, message(1), message(2))
    with server.reader(user) as client:
        client.delete_messages([2])
    imap = opened(server, user)
    imap.abilities = type(imap.abilities)(True, move, uidplus, True)
    imap.select("INBOX")
    imap.mark([1], seen=True)
    imap.move([1], "Filed unanswered")
    imap.close()
    assert server.lies(user, "Filed unanswered") == [message(1)]
    assert len(server.lies(user)) == left


def test_what_a_person_took_away_is_no_fault(server, user):
    """Reading, marking and moving what is gone does nothing (M7)."""
    server.put(user, message(1))
    imap = opened(server, user)
    imap.select("INBOX")
    arrivals = imap.arrivals(0, 10)
    with server.reader(user) as client:
        client.delete_messages([1])
        client.expunge()
    assert imap.read(arrivals, 10_000) == {}
    imap.mark([1], seen=True)
    imap.move([1], "Filed unanswered")
    imap.close()


def test_news_are_heard_at_once(server, user):
    """IDLE tells of what comes, and a silence is a silence."""
    imap = opened(server, user)
    imap.select("INBOX")
    imap.begin_waiting()
    assert not imap.hear(0.05)
    threading.Thread(target=server.put, args=(user, message())).start()
    assert imap.hear(10.0)
    imap.end_waiting()
    assert [one.uid for one in imap.arrivals(0, 10)] == [1]
    imap.close()


def test_a_connection_that_closes_while_we_wait(server, user):
    """It is a fault within the second, and not an empty answer for ever (M2)."""
    line = Line(server.port)
    imap = opened(server, user, port=line.port)
    imap.select("INBOX")
    imap.begin_waiting()
    line.cut()
    with pytest.raises(ImapFault, match="broke off"):
        imap.hear(10.0)
    imap.close()
    line.end()


def test_a_connection_that_is_half_open(server, user):
    """Nothing is heard for ever; the end of the wait finds out, after the time limit for a reply (M3)."""
    line = Line(server.port)
    imap = opened(server, user, port=line.port, reply_timeout_s=0.5)
    imap.select("INBOX")
    imap.begin_waiting()
    line.go_silent()
    assert not imap.hear(0.2)
    begun = time.monotonic()
    with pytest.raises(ImapFault, match="did not answer in time"):
        imap.end_waiting()
    imap.close()
    assert time.monotonic() - begun < 4
    line.end()


def test_a_server_that_never_greets():
    """The connection is given up in time."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(ImapFault, match="cannot be reached"):
            open_imap(ImapSettings("127.0.0.1", port, "clerk", "none", connect_timeout_s=0.2), by_password)


def test_nobody_listens():
    """That is a fault in our words."""
    port = free_port()
    with pytest.raises(ImapFault, match="cannot be reached"):
        open_imap(ImapSettings("127.0.0.1", port, "clerk", "none"), by_password)


def test_tls_with_an_authority_of_the_offices_own():
    """From the start or by STARTTLS; a certificate that nobody vouches for is refused."""
    needed()
    dovecot = Dovecot(tls=True)
    dovecot.start()
    try:
        user, ca = "clerk@office.example.org", str(dovecot.folder / "cert.pem")
        for port, security in ((dovecot.tls_port, "tls"), (dovecot.port, "starttls")):
            imap = open_imap(ImapSettings("localhost", port, user, security, ca_file=ca), by_password)
            assert imap.select("INBOX").messages == 0
            imap.close()
            with pytest.raises(ImapFault, match="encryption"):
                open_imap(ImapSettings("localhost", port, user, security), by_password)
    finally:
        dovecot.end()


# A mailbox with its places


def box(server, user, most=10_000):
    """Give a mailbox with its places."""
    return ImapMailbox(settings(server, user), by_password, FOLDERS, most)


def arrived(server, user):
    """Say when the one message of an inbox came."""
    with server.reader(user) as client:
        client.normalise_times = False
        return client.fetch([1], ["INTERNALDATE"])[1][b"INTERNALDATE"].astimezone(UTC)


def test_a_message_is_moved_to_its_place_from_wherever_it_lies(server, user):
    """Held, filed and delivered again: one message, never two, unread where it is delivered."""
    server.put(user, message(1))
    came, here = arrived(server, user), box(server, user)
    for place, marks in ((Place.HELD, set()), (Place.FILED, {"\\Seen"}), (Place.INBOX, set()), (Place.INBOX, set())):
        assert here.put(place, b"never put", content_digest(message(1)), came) == Delivered()
        folder = FOLDERS[place].replace("/", ".")
        assert [(octets, seen - {KEYWORD}) for octets, seen in server.marked(user, folder)] == [(message(1), marks)]
    assert here.take_out(content_digest(message(1)), came) == Delivered()
    assert server.lies(user) == [message(1)]
    here.put(Place.HELD, b"", content_digest(message(1)), came)
    assert here.take_out(content_digest(message(1)), came) == Delivered()
    assert server.lies(user, "Passed on") == [message(1)]


def test_a_message_of_another_content_is_not_taken_for_it(server, user):
    """Though it came in the same second."""
    server.put(user, message(1))
    assert (
        box(server, user).put(Place.FILED, message(2), content_digest(message(2)), arrived(server, user)) == Delivered()
    )
    assert server.lies(user) == [message(1)]
    assert server.lies(user, "Filed unanswered") == [message(2)]


def test_a_message_that_was_read_in_part_is_never_put_back_in_part(server, user):
    """A person has to look for it."""
    here = box(server, user, most=1000)
    octets = message(text="x" * 5000)[:1000]
    answer = here.put(Place.INBOX, octets, content_digest(octets), datetime(2026, 3, 9, tzinfo=UTC))
    assert isinstance(answer, Permanent)
    assert server.lies(user) == []


def test_a_server_that_is_not_there_is_a_matter_of_time(server, user):
    """The answer is temporary, in our words."""
    port = free_port()
    gone = ImapMailbox(settings(server, user, port=port), by_password, FOLDERS, 1000)
    assert gone.put(Place.INBOX, message(), "", None) == Temporary(imap_words.UNREACHABLE)
    assert gone.take_out("", datetime(2026, 3, 9, tzinfo=UTC)) == Temporary(imap_words.UNREACHABLE)


ODD = {
    "NO User is authenticated but not connected.": "full access",
    "NO AUTHENTICATE failed.": "IMAP.AccessAsApp",
    "[ALERT] Application-specific password required: https://support.example.org (Failure)": "google",
    "BAD Request is throttled. Suggested Backoff Time: 31234 milliseconds": "slows us down",
    "NO [OVERQUOTA] Account exceeded command or bandwidth limits.": "allows for a day",
    "NO [LIMIT] Maximum number of connections from user+IP exceeded": "too many connections",
    "NO words of r.example@example.org": "otherwise",
}


@pytest.mark.parametrize(("said", "meant"), ODD.items(), ids=ODD)
def test_odd_words_of_providers(said, meant):
    """Each has our sentence with the cure; what nobody knows is never passed on (M8)."""
    sentence = imap_words.explained(said, "otherwise")
    assert meant in sentence
    assert "r.example" not in sentence
