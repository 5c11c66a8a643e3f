"""The door out for our own mail, against a server that follows a script."""

import asyncio
import base64

import pytest

from adapters.mail import oauth
from adapters.mail import send as door
from adapters.mail.imap import ImapFault, Secret
from adapters.mail.send import Outbound, OutboundSettings
from rules.answers import Delivered, Permanent, Temporary
from tests.adapters.mail.scripted_hop import DROP, HANG, ScriptedHop

OFFICE, PERSON = "office@example.org", "person@example.org"
MESSAGE = b"Subject: Your message\r\n\r\nThank you.\r\n.\r\n"
FAULTS = {
    "4xx": "451 4.7.1 Later",
    "5xx": "550 5.1.1 Never",
    "drop": DROP,
    "421": "421 4.3.2 Closing" + DROP,
    "hang": HANG,
}
STEPS = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT")
CELLS = [(step, fault) for step in STEPS for fault in FAULTS]


def outbound(port, **changes):
    """Open the door to a server on loopback without encryption, patient unless told otherwise."""
    plain = {"security": "none", "helo": "gate.example.org", "timeout_s": 20}
    return Outbound(OutboundSettings("127.0.0.1", port, **(plain | changes)))


def facts(answer):
    """Give kind, the reply kept, and whether it is unclear."""
    return (type(answer), getattr(answer, "reply", None), getattr(answer, "unclear", False))


async def test_sent():
    """A message arrives octet for octet with its envelope, and the server's own words are the detail."""
    async with ScriptedHop() as hop:
        assert await outbound(hop.port).send("<>", PERSON, MESSAGE) == Delivered("250 2.0.0 Ok: queued as A1")
        (took,) = hop.messages
        assert (took.mail, took.rcpts, took.octets) == ("MAIL FROM:<>", (f"RCPT TO:<{PERSON}>",), MESSAGE)
        assert hop.commands[0] == "EHLO gate.example.org"


@pytest.mark.parametrize(("step", "fault"), CELLS, ids=[f"{step} {fault}" for step, fault in CELLS])
async def test_every_fault_at_every_step(step, fault):
    """Refusals of the message are kept, all else is temporary, and unclear only after the final dot."""
    if step == "QUIT":
        want = (Delivered, None, False)
    elif step in ("CONNECT", "EHLO") or fault in ("drop", "421", "hang"):
        want = (Temporary, None, step == "." and fault in ("drop", "hang"))
    else:
        want = (Temporary if fault == "4xx" else Permanent, FAULTS[fault], False)
    script = {step: FAULTS[fault]}
    if step == "EHLO":
        script["HELO"] = FAULTS[fault]
    async with ScriptedHop(script) as hop:
        answer = await outbound(hop.port, **({"timeout_s": 0.5} if fault == "hang" else {})).send(
            OFFICE, PERSON, MESSAGE
        )
        assert facts(answer) == want
        assert len(hop.messages) == (step == "QUIT")


@pytest.mark.parametrize(
    ("script", "want"),
    [
        ({"DATA": "250 Ok"}, (Temporary, None, False)),
        ({"MAIL": "354 Go on"}, (Temporary, None, False)),
        ({".": "354 Go on"}, (Temporary, None, True)),
        ({".": "nonsense"}, (Temporary, None, True)),
        ({".": "250-half" + DROP}, (Temporary, None, True)),
        ({"MAIL": "530 5.7.0 Sign in first"}, (Temporary, None, False)),
        (
            {"RCPT": "550-5.1.1 No \x1b[31m\r\n550 5.1.1 person"},
            (Permanent, "550-5.1.1 No ?[31m\r\n550 5.1.1 person", False),
        ),
    ],
    ids=[
        "2xx to DATA",
        "3xx to MAIL",
        "3xx to the dot",
        "nonsense to the dot",
        "half a reply",
        "sign in",
        "control characters",
    ],
)
async def test_odd_answers(script, want):
    """Only a 2xx after the final dot is a yes, and what is ours to mend is no refusal."""
    async with ScriptedHop(script) as hop:
        assert facts(await outbound(hop.port).send(OFFICE, PERSON, MESSAGE)) == want


async def test_nobody_at_the_port():
    """A server that is down is temporary."""
    async with ScriptedHop() as hop:
        pass
    assert await outbound(hop.port).send(OFFICE, PERSON, MESSAGE) == Temporary(door.UNREACHABLE)


@pytest.mark.parametrize(
    ("sender", "recipient", "message"),
    [
        ("a@example.org>\r\nRCPT TO:<b@example.org", PERSON, MESSAGE),
        (OFFICE, "a b@example.org", MESSAGE),
        (OFFICE, PERSON, b"a\nb\r\n"),
    ],
    ids=["a sender with commands", "a recipient of two words", "a bare LF"],
)
async def test_what_cannot_be_said_safely_is_not_said(sender, recipient, message):
    """It is our own fault: temporary, and no connection is made."""
    async with ScriptedHop() as hop:
        assert await outbound(hop.port).send(sender, recipient, message) == Temporary(door.UNSAYABLE)
        assert hop.connections == 0


async def test_one_message_at_a_time():
    """Messages sent at once go over one connection after the other."""
    async with ScriptedHop() as hop:
        out = outbound(hop.port)
        answers = await asyncio.gather(*(out.send("<>", f"p{n}@example.org", MESSAGE) for n in range(5)))
        assert all(isinstance(answer, Delivered) for answer in answers)
        assert [took.rcpts[0] for took in hop.messages] == [f"RCPT TO:<p{n}@example.org>" for n in range(5)]
        assert hop.peak == 1


async def test_sign_in():
    """Name and password are given where configured; a no to them is ours to mend."""
    script = {"EHLO": "250-hop\r\n250 AUTH PLAIN", "AUTH": "235 2.7.0 Ok"}
    async with ScriptedHop(script) as hop:
        out = outbound(hop.port, username="office", password="secret")
        assert isinstance(await out.send("<>", PERSON, MESSAGE), Delivered)
        assert any(line.startswith("AUTH PLAIN ") for line in hop.commands)
    async with ScriptedHop(script | {"AUTH": "535 5.7.8 No"}) as hop:
        out = outbound(hop.port, username="office", password="secret")
        assert await out.send("<>", PERSON, MESSAGE) == Temporary(door.NO_SIGN_IN)
    async with ScriptedHop(script | {"AUTH": "534 5.7.9 Application-specific password required."}) as hop:
        out = outbound(hop.port, username="office", password="secret")
        assert await out.send("<>", PERSON, MESSAGE) == Temporary(door._REFUSALS[2][1])


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_never_without_the_encryption_that_is_configured(security):
    """A server that offers none gets no message and no password."""
    async with ScriptedHop() as hop:
        out = outbound(hop.port, security=security, username="office", password="secret", timeout_s=5)
        assert facts(await out.send("<>", PERSON, MESSAGE)) == (Temporary, None, False)
        assert hop.messages == []
        assert not [line for line in hop.commands if line.startswith("AUTH")]


async def test_a_password_is_not_in_the_words_of_the_settings():
    """What shows settings does not show the password."""
    assert "secret" not in repr(OutboundSettings("mail.example.org", 587, password="secret"))


OAUTH = "250-hop.example.org\r\n250 AUTH LOGIN XOAUTH2"
NAME = "office@example.org"


def by_token(port, *tokens):
    """Open the door with a token that is asked for each time."""
    left = iter(tokens)
    plain = OutboundSettings("127.0.0.1", port, "none", username=NAME, timeout_s=5)
    return Outbound(plain, token=lambda: Secret(next(left), token=True))


def said(command):
    """Give what a client says to sign in, in clear."""
    return base64.b64decode(command.removeprefix("AUTH XOAUTH2 ")).decode()


async def test_sign_in_by_token():
    """By XOAUTH2, with a token asked for at each connect (M8)."""
    async with ScriptedHop({"EHLO": OAUTH, "AUTH": "235 2.7.0 Ok"}) as hop:
        out = by_token(hop.port, "first", "second")
        for _ in range(2):
            assert isinstance(await out.send("<>", PERSON, MESSAGE), Delivered)
        signed_in = [said(line) for line in hop.commands if line.startswith("AUTH")]
        assert signed_in == [f"user={NAME}\1auth=Bearer {token}\1\1" for token in ("first", "second")]


REFUSALS = {
    "the token is not good": (["334 eyJzdGF0dXMiOiI0MDAifQ=="], "535 5.7.8 No r.example", door.NO_SIGN_IN),
    "sending is turned off at Microsoft": (
        ["535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."],
        "",
        door._REFUSALS[0][1],
    ),
    "the app may not send there": (["535 5.7.3 Authentication unsuccessful [r.example]"], "", door._REFUSALS[1][1]),
    "it breaks off": ([DROP], "", door.BROKEN_OFF),
}


@pytest.mark.parametrize(("auth", "then", "meant"), REFUSALS.values(), ids=REFUSALS)
async def test_a_token_that_is_refused(auth, then, meant):
    """It is ours to mend, in our words; no message is sent, and no answer is waited for that never comes."""
    async with ScriptedHop({"EHLO": OAUTH, "AUTH": auth, "": then}) as hop:
        assert await by_token(hop.port, "stale").send("<>", PERSON, MESSAGE) == Temporary(meant)
        assert hop.messages == []


async def test_a_server_that_takes_no_tokens():
    """It is told none, and the sentence says where to look."""
    async with ScriptedHop({"EHLO": "250-hop\r\n250 AUTH PLAIN"}) as hop:
        assert await by_token(hop.port, "good").send("<>", PERSON, MESSAGE) == Temporary(door.NO_TOKENS)
        assert not [line for line in hop.commands if line.startswith(("AUTH", "MAIL"))]


async def test_a_sign_in_service_that_gives_none():
    """Nobody is connected to, and its sentence is the answer."""

    def none():
        raise ImapFault(oauth.SIGN_IN_AGAIN, refused=True)

    async with ScriptedHop() as hop:
        out = Outbound(OutboundSettings("127.0.0.1", hop.port, "none", username=NAME), token=none)
        assert await out.send("<>", PERSON, MESSAGE) == Temporary(oauth.SIGN_IN_AGAIN)
        assert hop.connections == 0
