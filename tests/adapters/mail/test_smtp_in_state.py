"""After any reply the next transaction is judged from nothing (THREATS S5): a model of RFC 5321 beside the door."""

import asyncio
import socket
import threading

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from adapters.mail.smtp_in import SmtpDoor
from rules.answers import Delivered, Temporary
from tests.adapters.mail.door import Reception, open_door

TAKEN = {"office": "250", "refused": "550", "later": "451", "boom": "451"}
NOT_TAKEN = {"unknown": "550", "busy": "450", "broken": "451"}
OCTETS = st.sampled_from([b"", b"Hello\r\n", b"a\n.\nMAIL FROM:<x@example.net>\r\n", b"x" * 2_000 + b"\r\n"])
MOST_BYTES, MOST_RECIPIENTS = 1_000, 3


class DoorInAThread:
    """Run a door with a loop of its own, for tests that cannot await."""

    def __init__(self) -> None:
        self.reception = Reception()
        self.door: SmtpDoor | None = None
        self._open, self._close = threading.Event(), asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self._open.wait(20)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        limits = {"most_message_bytes": MOST_BYTES, "most_recipients": MOST_RECIPIENTS}
        endless = {"most_errors": 10**9, "most_idle_commands": 10**9}
        async with open_door(self.reception, **limits, **endless) as (self.door, _):
            self._open.set()
            await self._close.wait()

    def close(self) -> None:
        """Close the door and wait for its thread."""
        self._loop.call_soon_threadsafe(self._close.set)
        self._thread.join(20)


class Conversation(RuleBasedStateMachine):
    """Say anything in any order; the model holds only what the transaction that is open may know."""

    def __init__(self) -> None:
        super().__init__()
        self.house = DoorInAThread()
        self.socket = socket.create_connection(("127.0.0.1", self.house.door.port), timeout=20)
        self.lines = self.socket.makefile("rb")
        assert self._reply() == "220"
        self.helo = False
        self.mail: str | None = None
        self.recipients: list[str] = []
        self.count = 0

    def teardown(self) -> None:
        """Hang up and close the door."""
        self.lines.close()
        self.socket.close()
        self.house.close()

    def _reply(self) -> str:
        while line := self.lines.readline():
            if line[3:4] == b" ":
                return line[:3].decode()
        raise AssertionError("the door closed")

    def _say(self, line: str) -> str:
        self.socket.sendall(line.encode() + b"\r\n")
        return self._reply()

    def _forget(self) -> None:
        self.mail, self.recipients = None, []

    @initialize(hello=st.sampled_from([True, True, True, False]))
    def begin(self, hello):
        """Begin with or without a greeting."""
        if hello:
            self.hello("EHLO", "client.example.net")

    @rule(verb=st.sampled_from(["EHLO", "HELO", "ehlo"]), name=st.sampled_from(["client.example.net", "", "a b"]))
    def hello(self, verb, name):
        """Greet, well or badly."""
        good = name == "client.example.net"
        assert self._say(f"{verb} {name}") == ("250" if good else "501")
        if good:
            self.helo = True
            self._forget()

    @rule(number=st.integers(1, 9), ready=st.booleans())
    def mail_from(self, number, ready):
        """Begin a transaction, with or without room on the disk."""
        self.house.reception.disk = Delivered() if ready else Temporary("No room")
        said = self._say(f"MAIL FROM:<r{number}@example.org>")
        if not self.helo or self.mail is not None:
            assert said == "503"
        else:
            assert said == ("250" if ready else "452")
            self.mail = f"r{number}@example.org" if ready else None

    @rule(
        argument=st.sampled_from(
            ["FROM:<r@@>", "FROM:<r@example.org> X=1", "FROM:<r@example.org> SIZE=2000", "TO:<r@a>", ""]
        )
    )
    def mail_from_nobody(self, argument):
        """Begin a transaction that cannot be."""
        assert self._say(f"MAIL {argument}")[0] == "5"

    @rule(name=st.sampled_from([*TAKEN, *NOT_TAKEN]))
    def rcpt_to(self, name):
        """Name a recipient."""
        said = self._say(f"RCPT TO:<{name}@example.org>")
        if self.mail is None:
            assert said == "503"
        elif len(self.recipients) >= MOST_RECIPIENTS:
            assert said == "452"
        else:
            assert said == NOT_TAKEN.get(name, "250")
            if name in TAKEN:
                self.recipients.append(f"{name}@example.org")

    @rule(argument=st.sampled_from(["TO:<>", "TO:<office@example.org> X=1", "TO:office@@"]))
    def rcpt_to_nobody(self, argument):
        """Name a recipient that cannot be."""
        assert self._say(f"RCPT {argument}")[0] == "5"

    @rule(octets=OCTETS)
    def data(self, octets):
        """Send a message: taken, refused, put off, broken, too big."""
        said = self._say("DATA")
        if self.mail is None or not self.recipients:
            assert said == "503"
            return
        assert said == "354"
        self.socket.sendall(octets + b".\r\n")
        recipients = list(dict.fromkeys(self.recipients))
        big = len(octets) > MOST_BYTES
        assert self._reply() == ("552" if big else TAKEN[recipients[0].partition("@")[0]])
        if not big:
            self.count += 1
            message = self.house.reception.messages[-1]
            assert (message.mail_from, list(message.recipients)) == (self.mail, recipients)
        self._forget()

    @rule(anew=st.booleans(), number=st.integers(1, 9), name=st.sampled_from([*TAKEN, *NOT_TAKEN]), octets=OCTETS)
    def transaction(self, anew, number, name, octets):
        """Say a whole transaction, whatever went before."""
        if anew:
            self.hello("EHLO", "client.example.net")
        self.mail_from(number, ready=True)
        self.rcpt_to(name)
        self.data(octets)

    @rule(
        line=st.sampled_from(
            ["DATA now", "RSET now", "FROBNICATE", "AUTH PLAIN", "NOOP", "VRFY a", "HELP", "x" * 3_000, "NOOP\r"]
        )
    )
    def talk(self, line):
        """Say what changes nothing."""
        assert self._say(line)[0] in "25"

    @rule()
    def reset(self):
        """Forget the transaction."""
        assert self._say("RSET") == "250"
        self._forget()

    @invariant()
    def nothing_else_was_taken(self):
        """Reception has the messages that the model has, and nothing is held in memory."""
        assert len(self.house.reception.messages) == self.count
        assert self.house.door.bytes_held == 0


Conversation.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # each example opens a door
)
TestConversation = Conversation.TestCase
