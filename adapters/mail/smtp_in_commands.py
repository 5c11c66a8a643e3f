"""What clients may say to our door, and the replies that never change.

Belongs here: reading the arguments of MAIL and RCPT, pure. The promise (THREATS S3, S9): what comes out as an address
can be said again in a command without saying more, and the null path stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from adapters.mail.smtp_commands import Offers, RecipientWish
from adapters.mail.smtp_in_replies import reply

SENDER_TAKEN = reply(250, "2.1.0", "Ok")
RECIPIENT_TAKEN = reply(250, "2.1.5", "Ok")
OK = reply(250, "2.0.0", "Ok")
GOODBYE = reply(221, "2.0.0", "Goodbye")
GO_ON = b"354 End data with <CR><LF>.<CR><LF>\r\n"
CANNOT_VERIFY = reply(252, "2.5.2", "Addresses are not verified here, but mail for them may be sent")
TLS_READY = reply(220, "2.0.0", "Ready to start TLS")
HELP_TEXT = reply(214, "2.0.0", "Commands: EHLO HELO MAIL RCPT DATA RSET NOOP QUIT VRFY HELP")

TIMED_OUT = reply(421, "4.4.2", "Too slow, closing the connection")
STOPPING = reply(421, "4.3.2", "Closing down, please try again later")
TOO_MANY_CONNECTIONS = reply(421, "4.7.0", "Too many connections, please try again later")
TOO_MANY_CONNECTIONS_A_MINUTE = reply(421, "4.7.0", "Too many connections a minute, please try again later")
TOO_FAST = reply(451, "4.7.1", "Too much mail in a minute, please try again later")
TLS_NOT_NOW = reply(454, "4.7.0", "TLS is not available just now")
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
TLS_FIRST = reply(530, "5.7.0", "Say STARTTLS first")
MESSAGE_TOO_BIG = reply(552, "5.3.4", "The message is too big")
BAD_ADDRESS = reply(553, "5.1.3", "The address cannot be read")
NEEDS_UTF8 = reply(553, "5.6.7", "The address needs SMTPUTF8")
TLS_IN_TURN = reply(554, "5.5.0", "Wait for the reply to STARTTLS before going on")
NOT_IN_TURN = reply(554, "5.5.0", "Wait for the reply to DATA before sending the message")
BAD_PARAMETER = reply(555, "5.5.4", "A parameter is not offered")

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?>(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*)"
_PATH = re.compile(rf"(FROM|TO): ?<({_LOCAL}@[A-Za-z0-9_.-]{{1,255}}|)>(?: +(.*))?", re.IGNORECASE)
_KEYWORD = re.compile(r"(FROM|TO): *(.*)", re.IGNORECASE)
# RFC 6531 3.3: letters beyond ASCII where an atom or a label may stand; quotes are for ASCII addresses here.
_WIDE_PATH = re.compile(
    r"(FROM|TO): ?<([A-Za-z0-9!#$%&'*+/=?^_`{|}~.\x80-\U0010ffff-]++@[A-Za-z0-9_.\x80-\U0010ffff-]++)>(?: +(.*))?",
    re.IGNORECASE,
)
# RFC 5321 4.1.1.3: this one name needs no domain.
_POSTMASTER = re.compile(r"TO: ?<(postmaster)>( .*)?", re.IGNORECASE)
# Every address here can be written by adapters.mail.smtp_commands; angle brackets within quotes could be misread.
_SENDABLE = re.compile(r'(?:"(?:[ !#-;=?-\[\]-~]|\\[ -;=?-~])*")?[!#-;=?-~]*')
_LONGEST_PATH = 320
_CLIENT_NAME = re.compile(r"[!-~]{1,255}")
_XTEXT = r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})"
_ENVELOPE_ID = re.compile(rf"{_XTEXT}{{1,100}}")
_ORIGINAL = re.compile(rf"[A-Za-z0-9-]{{1,32}};{_XTEXT}{{1,500}}")
_NOTIFY = re.compile(r"NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2}", re.IGNORECASE)

AddressParser = Callable[[str], tuple[str | None, str | None]]
"""aiosmtpd's `_getaddr`: address and rest, None for what is no address."""


class Refused(Exception):
    """Say no to a command, with the reply that says so."""

    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self.answer = answer


class Sender(NamedTuple):
    """Hold what MAIL said: the address, and what is wished of the path (RFC 6531, RFC 3461)."""

    address: str
    utf8: bool = False
    ret: str = ""
    envelope_id: str = ""


def client_name(argument: str) -> str:
    """Check what a client calls itself in EHLO or HELO; raises Refused."""
    if not _CLIENT_NAME.fullmatch(argument):
        raise Refused(BAD_ARGUMENT)
    return argument


def sender_path(argument: str, parser: AddressParser, *, most_bytes: int, offers: Offers) -> Sender:
    """Read the argument of MAIL: the address, "<>" for the null path (THREATS S9), and its wishes; raises Refused."""
    address, parameters = _path("FROM", argument, parser)
    if not parameters:
        sender = Sender(address or "<>")
    else:
        given = _parameters(parameters, _mail_names(offers))
        _check_size(given, most_bytes)
        sender = Sender(address or "<>", "SMTPUTF8" in given, given.get("RET", ""), given.get("ENVID", ""))
    if not sender.utf8 and not address.isascii():
        raise Refused(NEEDS_UTF8)
    return sender


def recipient_path(argument: str, parser: AddressParser, *, offers: Offers, utf8: bool) -> tuple[str, RecipientWish]:
    """Read the argument of RCPT: the address, or a bare `postmaster`, and what is wished for it; raises Refused."""
    postmaster = _POSTMASTER.fullmatch(argument)
    address, parameters = (postmaster[1], postmaster[2]) if postmaster else _path("TO", argument, parser)
    if not address:
        raise Refused(BAD_ADDRESS)
    if not utf8 and not address.isascii():
        raise Refused(NEEDS_UTF8)
    if not parameters:
        return address, _NO_WISH
    given = _parameters(parameters, frozenset({"NOTIFY", "ORCPT"}) if offers.dsn else frozenset())
    return address, RecipientWish(given.get("NOTIFY", ""), given.get("ORCPT", ""))


_NO_WISH = RecipientWish()


def _path(keyword: str, argument: str, parser: AddressParser) -> tuple[str, str]:
    """Read address ("" for the null path) and parameters: by a pattern, else by the parser, which costs far more."""
    simple = _PATH.fullmatch(argument) if argument.isascii() else _wide_path(argument)
    if simple is not None and simple[1].upper() == keyword and len(simple[2]) <= _LONGEST_PATH:
        return simple[2], simple[3] or ""
    keyed = _KEYWORD.fullmatch(argument)
    if keyed is None or keyed[1].upper() != keyword:
        raise Refused(BAD_ARGUMENT)
    if not argument.isascii() or (keyed[2].startswith("<") and ">" not in keyed[2]):  # the parser would let that pass
        raise Refused(BAD_ADDRESS)
    try:
        address, rest = parser(keyed[2])
    except Exception:  # IndexError, RecursionError and others on hostile text: it is no address
        raise Refused(BAD_ADDRESS) from None
    if not address or "@" not in address or len(address) > _LONGEST_PATH or not _SENDABLE.fullmatch(address):
        raise Refused(BAD_ADDRESS)
    return address, (rest or "").strip()


def _wide_path(argument: str) -> re.Match[str] | None:
    """Match an address beyond ASCII: characters that can be seen, and no more than a mailbox may have (RFC 6531)."""
    found = _WIDE_PATH.fullmatch(argument)
    return found if found is not None and found[2].isprintable() else None


def _mail_names(offers: Offers) -> frozenset[str]:
    names = {"SIZE", "BODY"} | ({"SMTPUTF8"} if offers.utf8 else set()) | ({"RET", "ENVID"} if offers.dsn else set())
    return frozenset(names)


def _parameters(text: str, offered: frozenset[str]) -> dict[str, str]:
    """Read parameters, each at most once; what is not offered is refused (THREATS S11), and what does not fit."""
    given: dict[str, str] = {}
    for parameter in text.split():
        name, equals, value = parameter.partition("=")
        name = name.upper()
        if name in given or name not in offered:
            raise Refused(BAD_PARAMETER)
        value = value.upper() if name in _WORDS else value
        if bool(equals) == (name == "SMTPUTF8") or not _FORMS[name].fullmatch(value):
            raise Refused(BAD_ARGUMENT)
        given[name] = value
    return given


_WORDS = frozenset({"BODY", "RET", "NOTIFY"})
_FORMS = {
    "SIZE": re.compile(r"[0-9]{1,20}"),
    "BODY": re.compile(r"7BIT|8BITMIME"),
    "SMTPUTF8": re.compile(""),
    "RET": re.compile(r"FULL|HDRS"),
    "ENVID": _ENVELOPE_ID,
    "NOTIFY": _NOTIFY,
    "ORCPT": _ORIGINAL,
}


def _check_size(given: dict[str, str], most_bytes: int) -> None:
    """Refuse what says of itself that it is too big (RFC 1870), before it is sent."""
    if int(given.get("SIZE", "0")) > most_bytes:
        raise Refused(MESSAGE_TOO_BIG)
