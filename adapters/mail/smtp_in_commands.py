"""What clients may say to our door, and the replies that never change.

Belongs here: reading the arguments of MAIL and RCPT, pure. The promise (THREATS S3, S9): what comes out as an address
can be said again in a command without saying more, and the null path stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from adapters.mail.smtp_in_replies import reply

SENDER_TAKEN = reply(250, "2.1.0", "Ok")
RECIPIENT_TAKEN = reply(250, "2.1.5", "Ok")
OK = reply(250, "2.0.0", "Ok")
GOODBYE = reply(221, "2.0.0", "Goodbye")
GO_ON = b"354 End data with <CR><LF>.<CR><LF>\r\n"
CANNOT_VERIFY = reply(252, "2.5.2", "Addresses are not verified here, but mail for them may be sent")
HELP_TEXT = reply(214, "2.0.0", "Commands: EHLO HELO MAIL RCPT DATA RSET NOOP QUIT VRFY HELP")

TIMED_OUT = reply(421, "4.4.2", "Too slow, closing the connection")
STOPPING = reply(421, "4.3.2", "Closing down, please try again later")
TOO_MANY_CONNECTIONS = reply(421, "4.7.0", "Too many connections, please try again later")
TOO_MANY_ERRORS = reply(421, "4.7.0", "Too many errors, closing the connection")
TOO_MANY_COMMANDS = reply(421, "4.7.0", "Too many commands without a message, closing the connection")
BODY_WITHOUT_END = reply(421, "4.3.0", "Far more than a message, closing the connection")
NO_ROOM_NOW = reply(452, "4.3.1", "No room for a message just now, please try again later")
TOO_MANY_RECIPIENTS = reply(452, "4.5.3", "Too many recipients, please send the rest in another message")

UNKNOWN_COMMAND = reply(500, "5.5.2", "Unknown command")
BAD_LINE = reply(500, "5.5.2", "Command lines are ASCII and end with CR LF")
LINE_TOO_LONG = reply(500, "5.5.2", "The command line is too long")
BAD_ARGUMENT = reply(501, "5.5.4", "The argument does not fit the command")
NOT_OFFERED = reply(502, "5.5.1", "Not offered")
HELLO_FIRST = reply(503, "5.5.1", "Say EHLO or HELO first")
SENDER_FIRST = reply(503, "5.5.1", "Say MAIL first")
RECIPIENT_FIRST = reply(503, "5.5.1", "No recipient was taken")
ONE_AT_A_TIME = reply(503, "5.5.1", "A message is begun already")
MESSAGE_TOO_BIG = reply(552, "5.3.4", "The message is too big")
BAD_ADDRESS = reply(553, "5.1.3", "The address cannot be read")
NOT_IN_TURN = reply(554, "5.5.0", "Wait for the reply to DATA before sending the message")
BAD_PARAMETER = reply(555, "5.5.4", "A parameter is not offered")

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*+"
_PATH = re.compile(rf"(FROM|TO): ?<({_LOCAL}@[A-Za-z0-9_.-]{{1,255}}|)>(?: +(.*))?", re.IGNORECASE)
_KEYWORD = re.compile(r"(FROM|TO): *(.*)", re.IGNORECASE)
# RFC 5321 4.1.1.3: this one name needs no domain.
_POSTMASTER = re.compile(r"TO: ?<(postmaster)>( .*)?", re.IGNORECASE)
# Every address here can be written by adapters.mail.smtp_commands; angle brackets within quotes could be misread.
_SENDABLE = re.compile(r'(?:"(?:[ !#-;=?-\[\]-~]|\\[ -;=?-~])*")?[!#-;=?-~]*')
_LONGEST_PATH = 320
_CLIENT_NAME = re.compile(r"[!-~]{1,255}")

AddressParser = Callable[[str], tuple[str | None, str | None]]
"""aiosmtpd's `_getaddr`: address and rest, None for what is no address."""


class Refused(Exception):
    """Say no to a command, with the reply that says so."""

    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self.answer = answer


def client_name(argument: str) -> str:
    """Check what a client calls itself in EHLO or HELO; raises Refused."""
    if not _CLIENT_NAME.fullmatch(argument):
        raise Refused(BAD_ARGUMENT)
    return argument


def sender_path(argument: str, parser: AddressParser, *, most_bytes: int) -> str:
    """Read the argument of MAIL: the address, "<>" for the null path (THREATS S9); raises Refused."""
    address, parameters = _path("FROM", argument, parser)
    if parameters:
        _check_parameters(parameters.upper().split(), most_bytes)
    return address or "<>"


def recipient_path(argument: str, parser: AddressParser) -> str:
    """Read the argument of RCPT: the address, or a bare `postmaster`; raises Refused."""
    postmaster = _POSTMASTER.fullmatch(argument)
    address, parameters = (postmaster[1], postmaster[2]) if postmaster else _path("TO", argument, parser)
    if not address:
        raise Refused(BAD_ADDRESS)
    if parameters:
        raise Refused(BAD_PARAMETER)
    return address


def _path(keyword: str, argument: str, parser: AddressParser) -> tuple[str, str]:
    """Read address ("" for the null path) and parameters: by a pattern, else by the parser, which costs far more."""
    simple = _PATH.fullmatch(argument)
    if simple is not None and simple[1].upper() == keyword and len(simple[2]) <= _LONGEST_PATH:
        return simple[2], simple[3] or ""
    keyed = _KEYWORD.fullmatch(argument)
    if keyed is None or keyed[1].upper() != keyword:
        raise Refused(BAD_ARGUMENT)
    if keyed[2].startswith("<") and ">" not in keyed[2]:  # which the parser would let pass
        raise Refused(BAD_ADDRESS)
    try:
        address, rest = parser(keyed[2])
    except Exception:  # IndexError, RecursionError and others on hostile text: it is no address
        raise Refused(BAD_ADDRESS) from None
    if not address or "@" not in address or len(address) > _LONGEST_PATH or not _SENDABLE.fullmatch(address):
        raise Refused(BAD_ADDRESS)
    return address, (rest or "").strip()


def _check_parameters(parameters: list[str], most_bytes: int) -> None:
    """Check SIZE (RFC 1870) and BODY (RFC 6152), each at most once; nothing else is offered (THREATS S11)."""
    seen: set[str] = set()
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name in seen or name not in ("SIZE", "BODY"):
            raise Refused(BAD_PARAMETER)
        seen.add(name)
        if name == "BODY" and value not in ("7BIT", "8BITMIME"):
            raise Refused(BAD_ARGUMENT)
        if name == "SIZE" and not (value.isdigit() and len(value) <= 20):
            raise Refused(BAD_ARGUMENT)
        if name == "SIZE" and int(value) > most_bytes:
            raise Refused(MESSAGE_TOO_BIG)
