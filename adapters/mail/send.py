"""The door out for our own mail: notes, returns and alerts, handed to the office's outbound server.

Belongs here: aiosmtplib, and what its errors mean. One message at a time, said once: where the reply after the final
dot was lost the answer is `unclear`, so that nobody is told twice by a blind retry (DESIGN.md, "Never losing").
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from adapters.mail.imap import ImapFault, SignIn
from adapters.mail.smtp_commands import on_the_wire, path
from adapters.mail.smtp_replies import CLOSING, Reply, answer_of
from rules.answers import Answer, Permanent, Temporary

QUIT_TIMEOUT_S = 2.0
# RFC 4954: the server wants a sign-in, or a better one. That is ours to mend, and says nothing of the message.
_SIGN_IN_CODES = frozenset({454, 530, 534, 535, 538})

UNREACHABLE = "The outbound mail server cannot be reached."
BROKEN_OFF = "The outbound mail server broke off or did not answer in time."
NO_SIGN_IN = "The outbound mail server does not accept our sign-in."
NO_ENCRYPTION = "The outbound mail server does not offer the encryption that is configured."
NO_TOKENS = "The outbound mail server takes no tokens (XOAUTH2): look at its name and port, and at security."
_REFUSALS = (
    (
        "SmtpClientAuthentication is disabled",
        "Microsoft has sending by SMTP turned off for this mailbox or this tenant: an administrator can allow it"
        " (authenticated SMTP), or our own mail can leave by a connector without a sign-in.",
    ),
    ("5.7.3 ", "Microsoft took the sign-in for nobody's: the app may not send as this mailbox, or the name is wrong."),
    ("pplication-specific password", "Google takes no password here: use an app password, or sign in with OAuth 2."),
)
LOST = "The outbound mail server may have taken the message: its answer was lost."
UNSAYABLE = "The message cannot be sent as it is."


@dataclass(frozen=True, slots=True)
class OutboundSettings:
    """Say which server sends our own mail; `timeout_s` is for each step."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    helo: str = "localhost"
    timeout_s: float = 60.0


class Outbound:
    """Send our own mail; `tls` is the office's own idea of whom to trust, the system's unless given.

    `token` gives what signs in instead of a password (XOAUTH2), asked at each connect (THREATS M8).
    """

    def __init__(
        self, settings: OutboundSettings, *, tls: ssl.SSLContext | None = None, token: SignIn | None = None
    ) -> None:
        self._settings = settings
        self._tls = tls
        self._token = token
        self._turn = asyncio.Lock()

    async def send(self, mail_from: str, rcpt: str, message: bytes) -> Answer:
        """Send one message (CRLF, 7-bit; `<>` is the null path) to one address; never raises for what a server does."""
        try:
            sender, recipient = path(mail_from), path(rcpt)
            octets = b"".join(on_the_wire([message]))
        except ValueError:
            return Temporary(UNSAYABLE)
        async with self._turn:
            try:
                # Asked for before we connect: its own server may be slow, and no mail server waits long.
                token = (await asyncio.to_thread(self._token)).text if self._token is not None else ""
            except ImapFault as fault:
                return Temporary(str(fault))
            client = self._client()
            try:
                return await self._converse(client, token, sender, recipient, octets)
            finally:
                client.close()

    def _client(self) -> SMTP:
        settings = self._settings
        return SMTP(
            hostname=settings.host,
            port=settings.port,
            username=(settings.username or None) if self._token is None else None,
            password=settings.password or None,
            local_hostname=settings.helo,
            timeout=settings.timeout_s,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=self._tls,
        )

    async def _converse(self, client: SMTP, token: str, sender: str, recipient: str, octets: bytes) -> Answer:
        """Go through connection, envelope and message; each step has its own meaning where it fails."""
        refused: Answer | None = await _connected(client)
        if refused is None and token:
            refused = await _signed_in(client, self._settings.username, token)
        refused = refused or await _envelope(client, sender, recipient)
        if refused is not None:
            return refused
        answer = await self._message(client, octets)
        with contextlib.suppress(SMTPException, OSError):
            await client.quit(timeout=min(QUIT_TIMEOUT_S, self._settings.timeout_s))
        return answer

    async def _message(self, client: SMTP, octets: bytes) -> Answer:
        """Send the message after 354; from its first octet on, no reply means that nobody knows."""
        protocol = client.protocol
        if protocol is None:
            return Temporary(BROKEN_OFF)
        try:
            # Not by client.data(): it cannot tell a drop before 354 from one after the final dot.
            protocol.write(octets)
            code, text = await protocol.read_response(timeout=self._settings.timeout_s)
        except (SMTPException, OSError):
            return Temporary(LOST, unclear=True)
        return Temporary(LOST, unclear=True) if 300 <= code < 400 else _meaning(code, text)


async def _connected(client: SMTP) -> Temporary | None:
    """Connect, encrypt and sign in; whatever goes wrong says nothing of the message."""
    try:
        await client.connect()
    except SMTPAuthenticationError as refused:
        return Temporary(_why_not(refused))
    except SMTPNotSupported:
        return Temporary(NO_ENCRYPTION)
    except ssl.SSLError:
        return Temporary(NO_ENCRYPTION)
    except (SMTPException, OSError, UnicodeError):
        return Temporary(UNREACHABLE)
    return None


async def _signed_in(client: SMTP, username: str, token: str) -> Temporary | None:
    """Sign in with a token; whatever goes wrong says nothing of the message."""
    try:
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        if "xoauth2" not in client.server_auth_methods:
            return Temporary(NO_TOKENS)
        await client.auth_xoauth2(username, token)
    except SMTPAuthenticationError as refused:
        return Temporary(_why_not(refused))
    except (SMTPException, OSError):
        return Temporary(BROKEN_OFF)
    return None


def _why_not(refused: SMTPAuthenticationError) -> str:
    """Say why we may not sign in; a server's own words may name people, and stay unsaid (THREATS M8)."""
    return next((words for sign, words in _REFUSALS if sign in refused.message), NO_SIGN_IN)


async def _envelope(client: SMTP, sender: str, recipient: str) -> Answer | None:
    """Say EHLO, MAIL, RCPT and DATA; None where the server waits for the message."""
    try:
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        for command in (f"MAIL FROM:{sender}", f"RCPT TO:{recipient}"):
            code, text = await client.execute_command(command.encode("ascii"))
            if not 200 <= code < 300:
                return _meaning(code, text) if code >= 400 else Temporary(BROKEN_OFF)
        code, text = await client.execute_command(b"DATA")
    except SMTPHeloError:
        return Temporary(UNREACHABLE)
    except SMTPResponseException as error:
        return _meaning(error.code, error.message)
    except (SMTPServerDisconnected, SMTPException, OSError):
        return Temporary(BROKEN_OFF)
    if code == 354:
        return None
    # Anything but a refusal is no leave to send, and no sign that anything was sent.
    return _meaning(code, text) if code >= 400 else Temporary(BROKEN_OFF)


def _meaning(code: int, text: str) -> Answer:
    """Put a reply into our words; the server's own are kept, made safe, for the one who looks into it."""
    if code in _SIGN_IN_CODES:
        return Temporary(NO_SIGN_IN)
    if code == CLOSING or not 200 <= code < 600:
        return Temporary(BROKEN_OFF)
    answer = answer_of(Reply(code, tuple(text.encode("utf-8", "replace").split(b"\n"))))
    if isinstance(answer, Permanent):
        return Permanent(f"The outbound mail server refused it with {code}.", answer.reply)
    if isinstance(answer, Temporary):
        return Temporary(f"The outbound mail server put it off with {code}.", answer.reply)
    return answer
