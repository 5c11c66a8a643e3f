"""A small SMTP server that says what its script says: what smtp-sink cannot do, and what no honest server would."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field

DROP = "drop"
HANG = "hang"
TAKEN = {
    "CONNECT": "220 hop.example.org ESMTP",
    "EHLO": "250-hop.example.org\r\n250-8BITMIME\r\n250 PIPELINING",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 End data with <CR><LF>.<CR><LF>",
    ".": "250 2.0.0 Ok: queued as A1",
    "RSET": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
}


@dataclass
class Took:
    """Hold one message that the server took."""

    mail: str
    rcpts: tuple[str, ...]
    octets: bytes


@dataclass
class ScriptedHop:
    """Serve SMTP on loopback; `script` has one answer for a step, or a list of which the last stays.

    An answer is a reply without its line end, DROP, HANG, or a reply with DROP after it. `heard` keeps each packet.
    """

    script: dict[str, object] = field(default_factory=dict)
    messages: list[Took] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    packets: list[bytes] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    peak: int = 0
    before_data_reply: asyncio.Event | None = None

    async def __aenter__(self):
        self._turns = defaultdict(deque)
        for step, answers in self.script.items():
            self._turns[step] = deque(answers if isinstance(answers, list) else [answers])
        self._tasks = set()
        self._writers = set()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=2**26)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc):
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def drop_all(self):
        """Close every connection, as a server that is started anew does."""
        for writer in self._writers:
            writer.transport.abort()

    def say_to_all(self, text):
        """Say something that nobody asked for."""
        for writer in self._writers:
            writer.write(text)

    def _accept(self, reader, writer):
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)

    async def _serve(self, reader, writer):
        self.connections += 1
        self.open += 1
        self.peak = max(self.peak, self.open)
        self._writers.add(writer)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            self._writers.discard(writer)
            writer.transport.abort()

    def _next(self, step):
        turns = self._turns[step]
        if not turns:
            return TAKEN.get(step, "250 2.0.0 Ok")
        return turns.popleft() if len(turns) > 1 else turns[0]

    async def _say(self, writer, step):
        answer = self._next(step)
        if answer == HANG:
            await asyncio.Event().wait()
        if answer != DROP:
            text = answer.removesuffix(DROP)
            writer.write(text.encode("latin-1") + b"\r\n")
        if answer.endswith(DROP):
            await writer.drain()
            raise ConnectionError
        return answer

    async def _talk(self, reader, writer):
        await self._say(writer, "CONNECT")
        mail, rcpts = "", []
        while line := await reader.readline():
            assert line.endswith(b"\r\n"), "a bare LF in a command"
            words = line[:-2].decode()
            verb = words.split(" ")[0].upper()
            self.commands.append(words)
            if verb == "DATA" and self.before_data_reply is not None:
                await self.before_data_reply.wait()
            answer = await self._say(writer, verb)
            if verb == "MAIL":
                mail, rcpts = words, []
            elif verb == "RCPT" and answer.startswith("2"):
                rcpts.append(words)
            elif verb == "DATA" and answer.startswith("354"):
                octets = await self._message(reader)
                self.commands.append(".")
                if (await self._say(writer, ".")).startswith("2"):
                    self.messages.append(Took(mail, tuple(rcpts), octets))
            elif verb == "QUIT":
                return

    async def _message(self, reader):
        """Read as RFC 5321 says, CRLF.CRLF alone ends it, and undo the dots."""
        lines = []
        while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)
