"""Plays the sample day: mail over real SMTP, calls as really signed webhooks, and what staff do, one after the other.

Belongs here: being the outside world, which knows nothing of the office but its addresses and waits for each answer.
"""

from __future__ import annotations

import asyncio
import smtplib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from adapters.phone.twilio_calls import INCOMING
from adapters.phone.twiml import DIAL_ENDED, RECORDED
from gateway.clock import Clock
from gateway.config import Config
from gateway.config_parts import host_port
from gateway.sample.office import read
from gateway.sample.staff import Logged, OnFile, Staff
from rules.contact import Channel

_PATIENCE_S = 20
_REFUSED = 550


class DayBroken(Exception):
    """Say which event did not get the answer that the story needs."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Hold a message of the day; `expect` is `accepted` or `refused`."""

    sender: str
    to: tuple[str, ...]
    message: str
    expect: str = "accepted"
    times: int = 1


@dataclass(frozen=True, slots=True)
class Call:
    """Hold a call of the day; `talk_s` in seconds, None where the story says that nobody is rung, 0 for no answer."""

    number: str
    to: str
    expect: str = ""
    talk_s: int | None = None
    leaves_message: bool = False
    times: int = 1


Event = Mail | Call | Logged | OnFile


def events() -> tuple[Event, ...]:
    """Give the day, in its order."""
    return tuple(_event(**data) for data in tomllib.loads(read("day.toml"))["event"])


def _event(kind: str, to: Any = (), **data: Any) -> Event:  # noqa: ANN401  # fields of the classes, by the file
    sender = data.pop("from")
    match kind:
        case "mail":
            return Mail(sender, tuple(to), **data)
        case "call":
            return Call(sender, to, **data)
        case "act":
            return OnFile(sender, data.pop("act"), data)
        case _:
            return Logged(sender, Channel(kind), **data)


async def play(day: Sequence[Event], config: Config, clock: Clock, staff: Staff, played: Callable[[], None]) -> None:
    """Play the day against the doors of `config`; `played` is called after each event. Raises DayBroken."""
    telephone, postman = _Telephone(config), _Postman(config, clock)
    works: dict[type[Event], Callable[[int, Any], None]] = {
        Mail: postman.bring,
        Call: telephone.ring,
        Logged: staff.write_down,
        OnFile: staff.put_on_file,
    }
    for number, event in enumerate(day, start=1):
        try:
            await asyncio.to_thread(works[type(event)], number, event)
        except (OSError, smtplib.SMTPException) as fault:
            raise DayBroken(f"Event {number} of the sample day met {type(fault).__name__}.") from None
        played()


class _Postman:
    """Bring mail as the sender's server does."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._host, self._port = host_port(config.mail.listen)
        self._clock = clock

    def bring(self, number: int, mail: Mail) -> None:
        """Bring one message, as often as the story says, and look at the answer."""
        date = format_datetime(self._clock())
        octets = f"Date: {date}\n{mail.message.lstrip()}".replace("\n", "\r\n").encode("utf-8")
        for _ in range(mail.times):
            with smtplib.SMTP(self._host, self._port, "mail.example.org", timeout=_PATIENCE_S) as server:
                code = self._offer(server, mail, octets)
            wanted = _REFUSED if mail.expect == "refused" else 250
            if code != wanted:
                raise DayBroken(f"Event {number} of the sample day, a message, was answered {code} and not {wanted}.")

    def _offer(self, server: smtplib.SMTP, mail: Mail, octets: bytes) -> int:
        server.ehlo()
        server.mail(mail.sender)
        for recipient in mail.to:
            server.rcpt(recipient)
        return server.data(octets)[0]


class _Telephone:
    """Ring as the provider does: a signed webhook, then the callbacks that the answer asks for."""

    def __init__(self, config: Config) -> None:
        self._host, self._port = host_port(config.phone.listen)
        self._public_url = config.phone.public_url.rstrip("/")
        self._account = config.phone.account
        self._signer = RequestValidator(config.phone.tokens[0].get_secret_value())

    def ring(self, number: int, call: Call) -> None:
        """Ring once, posting the webhook as often as the story says; the document must be the same every time."""
        sid = f"CA{number:032x}"
        asked = {"CallSid": sid, "From": call.number, "To": call.to, "CallStatus": "ringing", "Direction": "inbound"}
        documents = {self._post(INCOMING, asked) for _ in range(call.times)}
        if len(documents) != 1 or call.expect not in next(iter(documents)):
            raise DayBroken(f"Event {number} of the sample day, a call, was not answered as the story has it.")
        self._go_on(call, asked)

    def _go_on(self, call: Call, asked: Mapping[str, str]) -> None:
        """Post what the provider tells afterwards: how long somebody talked, that nobody answered, a message."""
        mark = asked["CallSid"][2:]
        if call.talk_s is not None:
            talked = {"DialCallDuration": str(call.talk_s)} if call.talk_s else {}
            status = "completed" if call.talk_s else "no-answer"
            self._post(DIAL_ENDED, {**asked, "DialCallSid": f"CB{mark}", "DialCallStatus": status, **talked})
        if call.leaves_message:
            recording = {"RecordingSid": f"RE{mark}", "RecordingDuration": "21"}
            self._post(RECORDED, {**asked, **recording, "RecordingUrl": "https://api.twilio.com/recordings/sample"})

    def _post(self, path: str, fields: Mapping[str, str]) -> str:
        fields = {"AccountSid": self._account, **fields}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": self._signer.compute_signature(self._public_url + path, fields),
        }
        connection = HTTPConnection(self._host, self._port, timeout=_PATIENCE_S)
        try:
            connection.request("POST", path, urlencode(fields), headers)
            answer = connection.getresponse()
            document = answer.read().decode("utf-8")
        finally:
            connection.close()
        if answer.status != 200:
            raise DayBroken(f"A webhook of the sample day was answered {answer.status}.")
        return document
