"""The door to the next hop, against a server that follows a script."""

import asyncio
import re

import pytest
import uvloop

from adapters.mail.hop_seats import Seats
from adapters.mail.next_hop import NextHop, NextHopSettings
from rules.answers import Delivered, Permanent, Temporary
from tests.adapters.mail.scripted_hop import DROP, HANG, TAKEN, ScriptedHop

CLERK = "clerk@example.org"
HEAD = "head@example.org"
SENDER = "sender@example.org"
MESSAGE = (b"Parley-Trace: v1; id=1\r\n", b"Subject: Hello\r\n\r\nGood morning\r\n")


# RFC 5321 has one end of data; these are the others that servers were seen to take (SMTP smuggling, 2023 and 2024).
FAKE_ENDS = [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r.\n", b"\n.\r", b"\r\n\x00.\r\n"]
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def settings(hop, **changes):
    """Give settings that are patient unless the test wants silence to end."""
    values = {
        "pool_size": 2,
        "connect_timeout_s": 20,
        "reply_timeout_s": 20,
        "data_timeout_s": 20,
        "wait_timeout_s": 20,
        "idle_s": 60,
        "quit_timeout_s": 0.2,
    }
    return NextHopSettings("127.0.0.1", hop.port, "gate.example.org", **(values | changes))


class Door:
    """Open a next hop and close it at the end of a test."""

    def __init__(self, hop, **changes):
        now = changes.pop("now", None)
        self.door = NextHop(settings(hop, **changes), now=now)

    async def __aenter__(self):
        return self.door

    async def __aexit__(self, *exc):
        await self.door.close()


IMPATIENT = {
    "CONNECT": {"connect_timeout_s": 0.3},
    ".": {"data_timeout_s": 0.3},
    "EHLO": {"reply_timeout_s": 0.3},
    "MAIL": {"reply_timeout_s": 0.3},
    "RCPT": {"reply_timeout_s": 0.3},
    "DATA": {"reply_timeout_s": 0.3},
    "QUIT": {},
}
FAULTS = {
    "4xx": "451 4.7.1 Later",
    "5xx": "550 5.1.1 Never",
    "drop": DROP,
    "421": "421 4.3.2 Closing" + DROP,
    "hang": HANG,
}
CELLS = [(step, fault) for step in IMPATIENT for fault in FAULTS]


def expected(step, fault, replies=FAULTS):
    """Say what the issue says of each of the 35 cells: kind, the reply passed on, whether it is unclear."""
    if step == "QUIT":
        return (Delivered, None, False)
    if step in ("CONNECT", "EHLO") or fault in ("drop", "421", "hang"):
        return (Temporary, None, step == "." and fault in ("drop", "hang"))
    return (Temporary if fault == "4xx" else Permanent, replies[fault], False)


def facts(answer):
    """Give what the table of cells speaks of."""
    return (type(answer), getattr(answer, "reply", None), getattr(answer, "unclear", False))


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one by one"])
@pytest.mark.parametrize(("step", "fault"), CELLS, ids=[f"{step} {fault}" for step, fault in CELLS])
async def test_every_fault_at_every_step(step, fault, pipelining):
    """A fault of the next hop becomes the answer that the issue demands, and the hung connection is not used again."""
    script = {step: [FAULTS[fault], *([] if step == "QUIT" else [_good(step, pipelining)])]}
    if not pipelining:
        script.setdefault("EHLO", "250 hop.example.org")
    async with ScriptedHop(script) as hop, Door(hop, **(IMPATIENT[step] if fault == "hang" else {})) as door:
        answer = (await door.send(SENDER, (CLERK,), MESSAGE))[CLERK]
        assert facts(answer) == expected(step, fault)
        if step == "QUIT":
            await asyncio.wait_for(door.close(), 10)
        else:
            again = await door.send(SENDER, (CLERK,), MESSAGE)
            assert isinstance(again[CLERK], Delivered)
            assert len(hop.messages) == 1
            kept = step in ("MAIL", "RCPT", "DATA", ".") and fault in ("4xx", "5xx")
            # Where the peer waits for a message to nobody, its connection is dropped.
            if not (pipelining and step in ("MAIL", "RCPT")):
                assert hop.connections == (1 if kept else 2)


def _good(step, pipelining):
    return "250 hop.example.org" if step == "EHLO" and not pipelining else TAKEN[step]


async def test_nobody_at_the_port():
    """A next hop that is down is 451 in our own words."""
    async with ScriptedHop() as hop:
        pass
    async with Door(hop) as door:
        assert (await door.send(SENDER, (CLERK,), MESSAGE))[CLERK] == Temporary("The next hop cannot be reached.")


async def test_pipelined_in_one_round_trip():
    """Where PIPELINING is offered the whole envelope is one packet, and the connection is used again."""
    async with ScriptedHop() as hop, Door(hop) as door:
        for _ in range(3):
            assert (await door.send(SENDER, (CLERK, HEAD), MESSAGE))[HEAD] == Delivered("250 2.0.0 Ok: queued as A1")
        assert hop.connections == 1
        assert hop.commands[1:6] == [
            f"MAIL FROM:<{SENDER}>",
            f"RCPT TO:<{CLERK}>",
            f"RCPT TO:<{HEAD}>",
            "DATA",
            ".",
        ]
        assert [took.octets for took in hop.messages] == [b"".join(MESSAGE)] * 3


async def test_pipelined_commands_do_not_wait():
    """RCPT and DATA leave before MAIL was answered."""
    async with ScriptedHop({"MAIL": HANG}) as hop, Door(hop, reply_timeout_s=0.3) as door:
        received = []
        hop_next = hop._next
        hop._next = lambda step: received.append(step) or hop_next(step)
        await door.send(SENDER, (CLERK,), MESSAGE)
        assert received == ["CONNECT", "EHLO", "MAIL"]
    async with ScriptedHop({"MAIL": ["550 5.7.1 No"]}) as hop, Door(hop) as door:
        await door.send(SENDER, (CLERK,), MESSAGE)
        await hop_has(hop, "DATA")


async def hop_has(hop, command):
    """Wait until the server has heard a command."""
    async with asyncio.timeout(10):
        while command not in hop.commands:
            await asyncio.sleep(0.005)


async def hop_is_left(hop):
    """Wait until the server has no connection."""
    async with asyncio.timeout(10):
        while hop.open:
            await asyncio.sleep(0.005)


async def test_a_stray_reply_is_never_taken_for_the_answer():
    """A reply that was said before its question, as though to the next message, makes nothing accepted."""
    async with ScriptedHop() as hop, Door(hop) as door:
        await door.send(SENDER, (CLERK,), MESSAGE)
        hop.say_to_all(b"250 2.0.0 Ok: queued as A2\r\n")
        assert not isinstance((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK], Permanent)
        await hop_is_left(hop)
        assert isinstance((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK], Delivered)


async def test_some_recipients_refused():
    """Each recipient gets the answer that was for it, in the peer's words."""
    script = {"RCPT": ["550 5.1.1 No such person", "250 Ok", "452 4.2.2 Full"]}
    async with ScriptedHop(script) as hop, Door(hop) as door:
        answers = await door.send(SENDER, (HEAD, CLERK, "third@example.org", CLERK), MESSAGE)
        assert set(answers) == {HEAD, CLERK, "third@example.org"}
        assert answers[HEAD] == Permanent("The next hop refused it with 550.", "550 5.1.1 No such person")
        assert answers["third@example.org"].reply == "452 4.2.2 Full"
        assert isinstance(answers[CLERK], Delivered)
        assert hop.messages[0].rcpts == (f"RCPT TO:<{CLERK}>",)


async def test_a_refusal_before_a_drop_is_passed_on():
    """What was refused before the connection broke stays refused; the others are temporary."""
    script = {"RCPT": ["550 5.1.1 No such person", "250 Ok"], "DATA": DROP}
    async with ScriptedHop(script) as hop, Door(hop) as door:
        answers = await door.send(SENDER, (HEAD, CLERK), MESSAGE)
        assert facts(answers[HEAD]) == (Permanent, "550 5.1.1 No such person", False)
        assert facts(answers[CLERK]) == (Temporary, None, False)


async def test_354_though_every_recipient_was_refused():
    """No message is sent to nobody: the connection is given up and the next message takes a fresh one."""
    async with ScriptedHop({"RCPT": ["550 5.1.1 No", "250 Ok"]}) as hop, Door(hop) as door:
        assert facts((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK])[0] is Permanent
        assert isinstance((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK], Delivered)
        assert hop.connections == 2
        assert len(hop.messages) == 1


async def test_a_transaction_left_half_way_is_reset():
    """After DATA was refused the next transaction on the connection begins with RSET."""
    async with ScriptedHop({"DATA": ["451 4.3.0 Busy", "354 Go on"]}) as hop, Door(hop) as door:
        await door.send(SENDER, (CLERK,), MESSAGE)
        assert isinstance((await door.send(SENDER, (HEAD,), MESSAGE))[HEAD], Delivered)
        assert hop.connections == 1
        assert hop.commands[4:6] == ["RSET", f"MAIL FROM:<{SENDER}>"]


async def test_a_reset_that_is_refused_means_a_fresh_connection():
    """Nothing of a message is left to a connection whose state is not known."""
    script = {"DATA": ["451 4.3.0 Busy", "354 Go on"], "RSET": "502 5.5.1 What"}
    async with ScriptedHop(script) as hop, Door(hop) as door:
        await door.send(SENDER, (CLERK,), MESSAGE)
        assert isinstance((await door.send(SENDER, (HEAD,), MESSAGE))[HEAD], Delivered)
        assert hop.connections == 2
        assert len(hop.messages) == 1


@pytest.mark.parametrize("how", ["dropped", "dropped at MAIL", "421 at MAIL", "421 while idle", "garbage while idle"])
async def test_a_kept_connection_that_died_is_replaced(how):
    """A message is said again, once, where the kept connection was dead before a word of it was answered."""
    dead = {"dropped at MAIL": DROP, "421 at MAIL": "421 4.4.2 Timeout" + DROP}
    script = {"MAIL": ["250 Ok", dead[how], "250 Ok"]} if how in dead else {}
    async with ScriptedHop(script) as hop, Door(hop) as door:
        await door.send(SENDER, (CLERK,), MESSAGE)
        if how == "dropped":
            hop.drop_all()
        elif how == "421 while idle":
            hop.say_to_all(b"421 4.4.2 Timeout\r\n")
        elif how == "garbage while idle":
            hop.say_to_all(b"250 2.0.0 Ok: queued as A2\r\n")
            await hop_is_left(hop)
        assert isinstance((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK], Delivered)
        assert hop.connections == 2
        assert len(hop.messages) == 2


async def test_a_fresh_connection_that_dies_is_not_tried_again():
    """One retry, never two."""
    async with ScriptedHop({"MAIL": ["250 Ok", DROP]}) as hop, Door(hop) as door:
        await door.send(SENDER, (CLERK,), MESSAGE)
        assert facts((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK]) == (Temporary, None, False)
        assert hop.connections == 2


async def test_never_sent_again_after_the_final_dot():
    """A kept connection that drops after the dot leaves it unclear, and the message is not sent twice."""
    async with ScriptedHop({".": ["250 Ok", DROP]}) as hop, Door(hop) as door:
        await door.send(SENDER, (CLERK,), MESSAGE)
        assert facts((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK]) == (Temporary, None, True)
        assert hop.commands.count(".") == 2


@pytest.mark.parametrize(
    "answer",
    [
        "250 one\r\n250 two too many",
        "2x0 no code",
        "250-begun\r\n550 another code",
        "x" * 5000,
        "250-more\r\n" * 500 + "250 end",
        "354 what",
        "199 too low",
    ],
    ids=["two replies", "no number", "codes that differ", "an endless line", "500 lines", "a 3xx", "a 1xx"],
)
@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "RCPT"])
async def test_what_is_no_smtp_is_temporary(step, answer):
    """Nonsense is nobody's refusal and nobody's yes, and its connection is never used again (bounded memory)."""
    if step == "EHLO" and answer.startswith("354"):
        answer = "354-hop\r\n354 PIPELINING"
    async with ScriptedHop({step: [answer, "250 Ok"] if step == "RCPT" else answer}) as hop, Door(hop) as door:
        got = facts((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK])
        assert got == (Temporary, None, False)
        assert hop.messages == []


@pytest.mark.parametrize("answer", ["354 what", "hello", "250-begun" + DROP], ids=["a 3xx", "no code", "half a reply"])
async def test_nonsense_after_the_final_dot_is_unclear(answer):
    """Nobody knows what the peer did with the message."""
    async with ScriptedHop({".": answer}) as hop, Door(hop) as door:
        assert facts((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK]) == (Temporary, None, True)


async def test_a_2xx_to_data_is_no_leave_to_send():
    """The message goes out after 354 only."""
    async with ScriptedHop({"DATA": "250 Ok"}) as hop, Door(hop) as door:
        assert facts((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK]) == (Temporary, None, False)
        assert "." not in hop.commands


async def test_the_peers_words_are_made_safe():
    """A reply is passed on as ASCII lines of one code, 512 octets at most, without control characters (S12)."""
    hostile = "550-5.7.1 caf\xe9 \x1b[31m\x00 \x0bred\r\n550-" + "y" * 1500 + "\r\n550 "
    async with ScriptedHop({"MAIL": hostile}) as hop, Door(hop) as door:
        reply = (await door.send(SENDER, (CLERK,), MESSAGE))[CLERK].reply
        lines = reply.split("\r\n")
        assert [line[:4] for line in lines] == ["550-", "550-", "550 "]
        assert lines[0] == "550-5.7.1 caf? ?[31m? ?red"
        assert all(line.isascii() and line.isprintable() and len(line) + 2 <= 512 for line in lines)
        assert lines[2] == "550 (no reason given)"


@pytest.mark.parametrize(
    "bad",
    [b"a\nb\r\n", b"a\rb\r\n", b"a\r\n.\n", b"\r\n\r.\r\n", b"a\r"],
    ids=["a bare LF", "a bare CR", "a dot and LF", "CR dot", "a CR at the end"],
)
async def test_a_bare_line_end_never_leaves(bad):
    """What could be read as another end of line is our fault: temporary, and nothing is said (S3)."""
    async with ScriptedHop() as hop, Door(hop) as door:
        assert facts((await door.send(SENDER, (CLERK,), (MESSAGE[0], bad)))[CLERK]) == (Temporary, None, False)
        assert hop.connections == 0


@pytest.mark.parametrize("fake", FAKE_ENDS, ids=[repr(fake)[2:-1] for fake in FAKE_ENDS])
async def test_a_fake_end_of_data_made_clean_at_entry_leaves_as_one_message(fake):
    """With the line ends that entry gives it, each published sequence arrives inside its one message (S3)."""
    inside = re.sub(rb"\r\n|\r|\n", b"\r\n", fake) + b"MAIL FROM:<boss@example.org>\r\nDATA\r\n"
    async with ScriptedHop() as hop, Door(hop) as door:
        assert isinstance((await door.send(SENDER, (CLERK,), (*MESSAGE, inside)))[CLERK], Delivered)
        await door.close()
        assert [took.octets for took in hop.messages] == [b"".join(MESSAGE) + inside]


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org>\r\nRCPT TO:<b@example.org",
        "a b@example.org",
        "a@example.org> SIZE=1",
        "é\x85@example.org",
        "",
        "<>x",
        "a\x00@x",
    ],
)
async def test_no_address_is_more_than_an_address(address):
    """What an address could say besides is our fault: temporary, and nothing is said (S12)."""
    async with ScriptedHop() as hop, Door(hop) as door:
        assert facts((await door.send(address, (CLERK,), MESSAGE))[CLERK]) == (Temporary, None, False)
        assert facts((await door.send(SENDER, (address,), MESSAGE))[address]) == (Temporary, None, False)
        assert isinstance(await door.verify(SENDER, address), Temporary)
        assert hop.connections == 0


async def test_what_the_peer_offers_is_declared():
    """SIZE and BODY are said where offered, BODY for 8-bit text only; the null path stays as it is (S9)."""
    eight = (b"Subject: x\r\n\r\ncaf\xc3\xa9\r\n",)
    script = {"EHLO": "250-hop\r\n250-PIPELINING\r\n250-size 1000\r\n250 8BITMIME"}
    async with ScriptedHop(script) as hop, Door(hop) as door:
        await door.send("<>", ('"a >b"@example.org',), eight)
        await door.send(SENDER, ("postmaster",), MESSAGE)
        assert [took.mail for took in hop.messages] == [
            f"MAIL FROM:<> SIZE={len(eight[0])} BODY=8BITMIME",
            f"MAIL FROM:<{SENDER}> SIZE={sum(map(len, MESSAGE))}",
        ]
        assert hop.messages[0].rcpts == ('RCPT TO:<"a >b"@example.org>',)


async def test_never_more_connections_than_allowed():
    """Forty messages at once share two connections, and each is handed over."""
    async with ScriptedHop() as hop, Door(hop, pool_size=2) as door:
        answers = await asyncio.gather(
            *(door.send(SENDER, (f"p{n}@example.org",), (f"N: {n}\r\n\r\n".encode(),)) for n in range(40))
        )
        assert all(isinstance(a, Delivered) for each in answers for a in each.values())
        assert hop.peak == hop.connections == 2
        assert len(hop.messages) == 40


async def test_who_waits_is_served_in_order():
    """With one connection, messages arrive in the order in which they were given."""
    async with ScriptedHop() as hop, Door(hop, pool_size=1) as door:
        await asyncio.gather(*(door.send(SENDER, (f"p{n}@example.org",), MESSAGE) for n in range(20)))
        assert [took.rcpts for took in hop.messages] == [(f"RCPT TO:<p{n}@example.org>",) for n in range(20)]


async def test_waiting_for_a_connection_ends():
    """A message that finds every connection hung is 451 after the set time, and a seat is lost to nobody."""
    async with ScriptedHop({"DATA": ["354 Go on"]}) as hop, Door(hop, pool_size=1, wait_timeout_s=0.1) as door:
        hop.before_data_reply = asyncio.Event()
        first = asyncio.ensure_future(door.send(SENDER, (CLERK,), MESSAGE))
        await hop_has(hop, "DATA")
        late = await door.send(SENDER, (HEAD,), MESSAGE)
        assert late[HEAD] == Temporary("All connections to the next hop are in use.")
        hop.before_data_reply.set()
        assert isinstance((await first)[CLERK], Delivered)
        assert isinstance((await door.send(SENDER, (HEAD,), MESSAGE))[HEAD], Delivered)


async def test_a_message_given_up_frees_its_seat():
    """Cancelled senders, at work or waiting, leave no half-spoken connection and no lost seat."""
    async with ScriptedHop() as hop, Door(hop, pool_size=1) as door:
        hop.before_data_reply = asyncio.Event()
        tasks = [asyncio.ensure_future(door.send(SENDER, (CLERK,), MESSAGE)) for _ in range(3)]
        await hop_has(hop, "DATA")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        hop.before_data_reply = None
        assert isinstance((await door.send(SENDER, (HEAD,), MESSAGE))[HEAD], Delivered)
        assert len(hop.messages) == 1


async def test_a_seat_handed_to_someone_who_left_is_passed_on():
    """The seat comes free in the very moment in which the waiter is cancelled: the next one gets it."""
    seats = Seats(1)
    seat = await seats.take(1)
    leaving = asyncio.ensure_future(seats.take(10))
    staying = asyncio.ensure_future(seats.take(10))
    await asyncio.sleep(0)
    seats.give_back(seat)
    leaving.cancel()
    assert await staying is seat
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_an_unused_connection_is_closed():
    """After `idle_s` the peer hears QUIT, and the next message opens a fresh connection."""
    async with ScriptedHop() as hop, Door(hop, idle_s=0.05) as door:
        await door.send(SENDER, (CLERK,), MESSAGE)
        await hop_has(hop, "QUIT")
        assert isinstance((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK], Delivered)
        assert hop.connections == 2


async def test_a_connection_in_the_act_of_leaving_is_not_used():
    """A message that comes between QUIT and its reply takes a fresh connection."""
    async with ScriptedHop({"QUIT": HANG}) as hop, Door(hop, idle_s=0.05, quit_timeout_s=20) as door:
        await door.send(SENDER, (CLERK,), MESSAGE)
        await hop_has(hop, "QUIT")
        async with asyncio.timeout(10):
            assert isinstance((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK], Delivered)
        assert hop.connections == 2
        hop.drop_all()


async def test_a_large_message_arrives_whole():
    """Slices, dots and 8 MB arrive octet for octet."""
    body = b"".join(b".%d\r\n..\r\n%s\r\n" % (n, b"x" * 900) for n in range(9000))
    async with ScriptedHop() as hop, Door(hop) as door:
        assert isinstance((await door.send(SENDER, (CLERK,), (MESSAGE[0], b"\r\n", body)))[CLERK], Delivered)
        assert hop.messages[0].octets == MESSAGE[0] + b"\r\n" + body


class Deaf(ScriptedHop):
    """Take the envelope and then do something else than read the message."""

    async def _message(self, reader):
        await self._instead(reader)
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("", (Temporary, None, False)),
        ("552 5.3.4 Too big", (Permanent, "552 5.3.4 Too big", False)),
        ("250 2.0.0 Ok", (Temporary, None, False)),
        ("421 4.3.0 Down", (Temporary, None, False)),
    ],
    ids=["nothing", "a refusal", "a yes to half a message", "421"],
)
async def test_a_peer_that_stops_reading(said, want):
    """A message of which the end never left is clear, whatever is said meanwhile: not taken."""
    async with Deaf() as hop, Door(hop, data_timeout_s=0.5) as door:

        async def instead(reader):
            await reader.readexactly(100_000)
            reader._transport.pause_reading()
            if said:
                hop.say_to_all(said.encode() + b"\r\n")

        hop._instead = instead
        answer = (await door.send(SENDER, (CLERK,), (b"x" * 998 + b"\r\n",) * 30000))[CLERK]
        assert facts(answer) == want


async def test_a_drop_in_the_middle_of_a_large_message():
    """The end never left, so it is clear that nothing was taken."""
    async with Deaf() as hop, Door(hop) as door:

        async def instead(reader):
            await reader.readexactly(1_000_000)
            hop.drop_all()

        hop._instead = instead
        answer = (await door.send(SENDER, (CLERK,), (b"x" * 998 + b"\r\n",) * 30000))[CLERK]
        assert facts(answer) == (Temporary, None, False)


class Clock:
    """Hold a time that the test sets, in seconds."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


async def test_verify_remembers_a_yes_for_a_while():
    """A recipient that was taken is not asked about again until the set time is over."""
    clock = Clock()
    async with ScriptedHop() as hop, Door(hop, known_s=300, now=clock) as door:
        assert isinstance(await door.verify(SENDER, CLERK), Delivered)
        assert isinstance(await door.verify("<>", CLERK), Delivered)
        assert hop.commands[1:] == [f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{CLERK}>", "RSET"]
        clock.seconds += 300
        assert isinstance(await door.verify(SENDER, CLERK), Delivered)
        assert hop.commands.count(f"RCPT TO:<{CLERK}>") == 2


async def test_verify_never_remembers_a_no():
    """A recipient that was refused is asked about each time, and forgotten if it was known."""
    clock = Clock()
    script = {"RCPT": ["550 5.1.1 No", "450 4.2.1 Later", "250 Ok", "550 5.1.1 No"]}
    async with ScriptedHop(script) as hop, Door(hop, known_s=300, now=clock) as door:
        assert facts(await door.verify(SENDER, CLERK)) == (Permanent, "550 5.1.1 No", False)
        assert facts(await door.verify(SENDER, CLERK)) == (Temporary, "450 4.2.1 Later", False)
        assert isinstance(await door.verify(SENDER, CLERK), Delivered)
        clock.seconds += 301
        assert isinstance(await door.verify(SENDER, CLERK), Permanent)
        assert hop.connections == 1


async def test_what_verify_remembers_is_bounded():
    """The oldest recipient is forgotten first."""
    async with ScriptedHop() as hop, Door(hop, known_limit=2) as door:
        for name in ("a", "b", "c", "b", "a"):
            await door.verify(SENDER, f"{name}@example.org")
        assert [line for line in hop.commands if line.startswith("RCPT")] == [
            f"RCPT TO:<{name}@example.org>" for name in ("a", "b", "c", "a")
        ]


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one by one"])
async def test_verify_leaves_nothing_behind(pipelining):
    """A message after a probe is its own transaction, on the same connection."""
    script = {} if pipelining else {"EHLO": "250 hop.example.org"}
    async with ScriptedHop(script) as hop, Door(hop) as door:
        await door.verify(SENDER, HEAD)
        assert isinstance((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK], Delivered)
        assert hop.commands.count("RSET") == 1
        assert hop.messages[0].rcpts == (f"RCPT TO:<{CLERK}>",)
        assert hop.connections == 1


@pytest.mark.parametrize(
    ("script", "changes"),
    [({"RCPT": HANG}, {"reply_timeout_s": 0.2}), ({"CONNECT": DROP}, {}), ({"MAIL": "421 4.3.2 Closing"}, {})],
    ids=["silence", "no greeting", "421"],
)
async def test_verify_of_a_failing_peer_is_temporary(script, changes):
    """Our own trouble with the next hop is never a refusal."""
    async with ScriptedHop(script) as hop, Door(hop, **changes) as door:
        assert facts(await door.verify(SENDER, CLERK)) == (Temporary, None, False)


async def test_nobody_wants_it():
    """A message for nobody is no conversation."""
    async with ScriptedHop() as hop, Door(hop) as door:
        assert await door.send(SENDER, (), MESSAGE) == {}
        assert hop.connections == 0


async def test_work_under_way_at_closing_time_is_finished():
    """A message that is being handed over when the door closes arrives, and its connection is closed after it."""
    async with ScriptedHop() as hop, Door(hop) as door:
        hop.before_data_reply = asyncio.Event()
        task = asyncio.ensure_future(door.send(SENDER, (CLERK,), MESSAGE))
        await hop_has(hop, "DATA")
        await door.close()
        hop.before_data_reply.set()
        assert isinstance((await task)[CLERK], Delivered)
        await hop_has(hop, "QUIT")


def test_a_name_of_our_own_that_is_no_name():
    """A helo that could say more than a name is refused at the start."""
    with pytest.raises(ValueError, match="name"):
        NextHop(NextHopSettings("127.0.0.1", 25, "gate\r\nMAIL FROM:<x>"))
