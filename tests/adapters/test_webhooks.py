"""One attempt at another system: where it may go, how it is signed, and that it ends in time whatever comes back."""

import asyncio
import time
from datetime import UTC, datetime

import pytest

from adapters.webhooks import Endpoint, checked_url, key_of, post, signed
from rules.answers import Delivered, Permanent, Temporary
from tests.adapters.hook import KEY, SECRET, hook, says
from tests.ports import free_port

AT = datetime(2026, 3, 9, 10, 0, 0, 999_999, tzinfo=UTC)


async def attempt(here, body=b"{}", timeout_s=10.0):
    """Post one event."""
    return await post(Endpoint(here.url, KEY), "evt_1", AT, body, timeout_s=timeout_s)


def test_a_signature_is_that_of_the_standard():
    """The worked example of the Standard Webhooks text gives its signature."""
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


async def test_what_arrives_is_signed():
    """The other side can verify it, and every part that is signed changes the signature."""
    async with hook() as here:
        assert await attempt(here, b'{"type":"warn"}') == Delivered()
        (posted,) = here.posted
        assert posted.line == "POST /hook HTTP/1.1"
        assert posted.fields["content-type"] == "application/json"
        assert posted.fields["webhook-timestamp"] == str(int(AT.timestamp()))
        assert posted.is_signed()
        assert not posted.is_signed(KEY[::-1])
        posted.body = b'{"type":"ask"}'
        assert not posted.is_signed()


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_it_was_taken(status):
    """Any 2xx says so."""
    async with hook(says(status)) as here:
        assert await attempt(here) == Delivered()


@pytest.mark.parametrize("status", [300, 304, 400, 401, 404, 408, 429, 500, 503, 599])
async def test_it_was_not_taken_now(status):
    """Anything else may be put right by somebody: it is tried again."""
    async with hook(says(status)) as here:
        assert await attempt(here) == Temporary(f"answered {status}")


async def test_nobody_wants_it_any_more():
    """410 is an end."""
    async with hook(says(410)) as here:
        assert await attempt(here) == Permanent("answered 410")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status):
    """Nothing is sent to where another system points."""
    async with hook() as elsewhere, hook(says(status, f"Location: {elsewhere.url}")) as here:
        assert await attempt(here) == Temporary(f"answered {status}")
        assert not elsewhere.posted


async def test_what_is_answered_is_not_kept():
    """A body of ours would be a way into the record: nothing of it is in the answer."""
    async with hook(says(500, "X-Secret: of-theirs", body=b"of theirs")) as here:
        assert "theirs" not in repr(await attempt(here))


@pytest.mark.parametrize(
    ("answer", "trickle"),
    [(None, b""), (None, b"H"), (b"HTTP/1.1 200 OK\r\nX-A: ", b"a"), (b"HTTP/1.1 103 Early\r\n\r\n", b"")],
    ids=["that says nothing", "that never ends its first line", "that never ends a field", "that promises more"],
)
async def test_a_server_ends_in_time(answer, trickle):
    """The time of one attempt is bounded in all, not between two bytes."""
    async with hook(answer, trickle=trickle) as here:
        began = time.monotonic()
        found = await attempt(here, timeout_s=0.5)
        assert isinstance(found, Temporary)
        assert time.monotonic() - began < 3


async def test_an_endless_body_is_not_read():
    """The status is enough: what comes after it is cut off."""
    async with hook(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", trickle=b"x" * 65536) as here:
        assert await asyncio.wait_for(attempt(here), 3) == Delivered()


@pytest.mark.parametrize("answer", [b"", b"\0\0\0\0\r\n\r\n", b"HTTP/1.1 xyz\r\n\r\n", b"220 mail ESMTP\r\n"])
async def test_a_server_that_speaks_something_else(answer):
    """It may be put right, so it is tried again."""
    async with hook(answer) as here:
        assert isinstance(await attempt(here, timeout_s=1.0), Temporary)


async def test_nobody_listens():
    """A closed port is tried again."""
    answer = await post(Endpoint(f"http://127.0.0.1:{free_port()}/", KEY), "evt_1", AT, b"{}")
    assert isinstance(answer, Temporary)


async def test_a_proxy_of_the_environment_sees_nothing(monkeypatch):
    """Events go where the settings say, and nowhere else."""
    async with hook() as proxy, hook() as here:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "")
        assert await attempt(here) == Delivered()
        assert not proxy.posted


@pytest.mark.parametrize(
    "text",
    [
        "https://cases.example.org/hook",
        "https://cases.example.org:8443/hook?office=1",
        "http://127.0.0.1:9000/hook",
        "http://[::1]:9000/hook",
        "http://localhost/hook",
    ],
)
def test_an_address_that_is_taken(text):
    """By https to anywhere, by http within the machine."""
    assert checked_url(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "cases.example.org/hook", "https://", "ftp://cases.example.org/", "file:///etc/passwd"),
        *("http://cases.example.org/hook", "http://127.0.0.1.example.org/", "http://10.0.0.1/", "http://[fe80::1]/"),
        *("https://user:word@cases.example.org/", "https://cases.example.org/#part", "https://[::1/", "https://a:0/"),
        *("https://cases.example.org/a b", "https://cases.example.org/\r\nX: y", "https://c\u00e4ses.example.org/"),
        "https://cases.example.org:99999/",
    ],
)
def test_an_address_that_is_refused(text):
    """In a sentence."""
    with pytest.raises(ValueError, match=r"web address|leave this machine|has no name"):
        checked_url(text)


@pytest.mark.parametrize("secret", ["", "whsec_", "secret", "whsec_c2hvcnQ=", f"x{SECRET}", f"{SECRET}!", SECRET[6:]])
def test_a_secret_that_is_refused(secret):
    """Too short, too plain or not Base64: refused without being shown."""
    with pytest.raises(ValueError, match="a secret is whsec_") as refused:
        key_of(secret)
    assert secret in ("", "whsec_", "secret") or secret not in str(refused.value)


def test_a_key_is_not_shown():
    """A logged endpoint does not give its key away."""
    assert key_of(SECRET) == KEY
    assert "key" not in repr(Endpoint("https://cases.example.org", KEY))
