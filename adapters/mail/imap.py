"""One connection to a mailbox by IMAP; the only module that knows IMAPClient, whose objects never leave it.

Belongs here: commands, time limits, what the server can do. The promise (THREATS M1-M4): no text that a sender chose is
in a command, nothing waits for ever, and nobody else's mail is expunged. It blocks: whoever calls it has a thread.
"""

from __future__ import annotations

import contextlib
import imaplib
import ssl
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Literal

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, LoginError, ProtocolError

from adapters.mail import imap_words
from adapters.mail.imap_arrival import ITEMS, KEYWORD, Arrival, arrival_of, arrivals_of

SET = 200
"""The most messages that one command names."""
_SEEN, _DELETED = r"\Seen", r"\Deleted"
_IDLE_TOO_SHORT = 0.5
_GOODBYE_S = 2.0


class ImapFault(Exception):
    """Say why a mailbox could not be worked on, in our words; `refused` where a person has to mend the sign-in."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Secret:
    """Hold what signs in: a password, or an OAuth 2 access token."""

    text: str = field(repr=False)
    token: bool = False


SignIn = Callable[[], Secret]
"""Gives what signs in, asked at each connect, for a token lives an hour; raises ImapFault."""


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """Say where a mailbox's server is and how long to wait for it, in seconds.

    `mechanisms` are those for tokens, the preferred first. `ca_file` is trusted instead of the system's authorities.
    """

    host: str
    port: int
    username: str
    security: Literal["none", "starttls", "tls"] = "tls"
    ca_file: str = ""
    connect_timeout_s: float = 30.0
    reply_timeout_s: float = 60.0
    mechanisms: tuple[str, ...] = ("OAUTHBEARER", "XOAUTH2")


@dataclass(frozen=True, slots=True)
class Abilities:
    """Say what a server can do: IDLE; MOVE, or to expunge what is named (UIDPLUS); keep our keyword."""

    idle: bool
    move: bool
    uidplus: bool
    keyword: bool = False

    @property
    def takes_out(self) -> bool:
        """Tell whether a message can leave a folder without anybody else's being expunged (THREATS M4)."""
        return self.move or self.uidplus


@dataclass(frozen=True, slots=True)
class Selected:
    """Say which numbers a folder has: the next UID is above all that are there."""

    uidvalidity: int
    uidnext: int
    messages: int


class Imap:
    """Work on one mailbox; `open_imap` makes one, `close` ends it. Not for two threads at once."""

    def __init__(self, client: IMAPClient) -> None:
        self._client = client
        self._client.normalise_times = False  # aware times, whatever this machine's zone
        self._folders: dict[str, str] = {}
        self._waiting = False
        with _faults():
            self._prefix, self._separator = _namespace(client)
        self.abilities = Abilities(*(bool(client.has_capability(name)) for name in ("IDLE", "MOVE", "UIDPLUS")))

    # Folders

    def select(self, folder: str) -> Selected:
        """Open a folder, as it is now."""
        with _faults():
            told = self._client.select_folder(self._path(folder))
            if told.get(b"READ-ONLY"):
                raise ImapFault("The mailbox can only be read with this sign-in.", refused=True)
            kept = {bytes(one).lower() for one in told.get(b"PERMANENTFLAGS", ())}
            keyword = b"\\*" in kept or KEYWORD.lower().encode() in kept
            old = self.abilities
            self.abilities = Abilities(old.idle, old.move, old.uidplus, keyword)
            return Selected(int(told[b"UIDVALIDITY"]), int(told.get(b"UIDNEXT", 0)), int(told[b"EXISTS"]))

    def examine(self, folder: str) -> Selected:
        """Open a folder to be read alone: nothing that is done there changes it (EXAMINE, RFC 9051 6.3.3)."""
        with _faults():
            told = self._client.select_folder(self._path(folder), readonly=True)
            return Selected(int(told[b"UIDVALIDITY"]), int(told.get(b"UIDNEXT", 0)), int(told[b"EXISTS"]))

    def folder_exists(self, folder: str) -> bool:
        """Tell whether there is such a folder."""
        with _faults():
            return bool(self._client.folder_exists(self._path(folder)))

    def _made(self, folder: str) -> str:
        """Give the path of a folder, which is made where there is none."""
        path = self._folders.get(folder)
        if path is None:
            path = self._path(folder)
            if not self._client.folder_exists(path):
                self._client.create_folder(path)
                self._client.subscribe_folder(path)
            self._folders[folder] = path
        return path

    def _path(self, folder: str) -> str:
        if folder.upper() == "INBOX":
            return "INBOX"
        return self._prefix + folder.replace("/", self._separator)

    # Messages of the open folder

    def arrivals(self, after: int, limit: int) -> list[Arrival]:
        """Give what has come after a UID, in the order in which it came, `limit` at most."""
        with _faults():
            # A star stands for the last message, also where its UID is below the first one asked for.
            uids = sorted(uid for uid in self._client.search(["UID", f"{after + 1}:*"]) if uid > after)[:limit]
            return self._described(uids)

    def _described(self, uids: Sequence[int]) -> list[Arrival]:
        found: dict[int, Arrival] = {}
        for few in _sets(uids):
            # imaplib gives the lines as they came; IMAPClient has no public way to them.
            told = self._client._imap.uid("FETCH", ",".join(map(str, few)), f"({' '.join(ITEMS)})")
            plain = arrivals_of(told[1]) if told[0] == "OK" else None
            if plain is None:
                plain = {uid: arrival_of(uid, told) for uid, told in self._client.fetch(few, ITEMS).items()}
            found |= plain
        return [found[uid] for uid in uids if uid in found]

    def read(self, arrivals: Sequence[Arrival], most: int) -> dict[int, bytes]:
        """Give messages by UID and leave them unread; of one with more than `most` octets only so many.

        One that a person has moved meanwhile is not there (THREATS M6, M7).
        """
        whole = [one.uid for one in arrivals if one.size <= most]
        found: dict[int, bytes] = {}
        with _faults():
            for few in _sets(whole):
                found |= _bodies(self._client.fetch(few, ["BODY.PEEK[]"]), b"BODY[]")
            for one in arrivals:
                if one.size > most:
                    found |= _bodies(self._client.fetch([one.uid], [f"BODY.PEEK[]<0.{most}>"]), b"BODY[]<0>")
        return found

    def mark(self, uids: Sequence[int], *, seen: bool = False, unseen: bool = False) -> None:
        """Put our keyword on messages, and mark them as read or unread where asked to."""
        flags = [name for name, wanted in ((_SEEN, seen), (KEYWORD, self.abilities.keyword)) if wanted]
        with _faults():
            for few in _sets(uids):
                if flags:
                    self._client.add_flags(few, flags, silent=True)
                if unseen:
                    self._client.remove_flags(few, [_SEEN], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Take messages to another folder, made where there is none; those that are gone meanwhile are none of ours.

        Where the server has neither MOVE nor UIDPLUS they are copied there and stay (THREATS M4).
        """
        with _faults():
            path = self._made(folder) if uids else ""
            for few in _sets(uids):
                if self.abilities.move:
                    self._client.move(few, path)
                    continue
                self._client.copy(few, path)
                self._expunge(few)

    def remove(self, uids: Sequence[int]) -> None:
        """Take away messages of which a copy lies elsewhere; without UIDPLUS they stay (THREATS M4)."""
        with _faults():
            for few in _sets(uids):
                self._expunge(few)

    def _expunge(self, few: list[int]) -> None:
        if self.abilities.uidplus:
            self._client.add_flags(few, [_DELETED], silent=True)
            self._client.uid_expunge(few)

    def append(self, folder: str, message: bytes, *, seen: bool, arrived: datetime | None = None) -> None:
        """Put a message into a folder, made where there is none; durable when this returns, by the server's word."""
        with _faults():
            self._client.append(self._made(folder), message, [_SEEN] if seen else [], arrived)

    def find(self, folder: str, arrived: Collection[datetime], most: int) -> dict[int, bytes]:
        """Open a folder and give the messages that arrived at these seconds, by their UIDs.

        No number of the server is trusted for that: Exchange gives new ones (THREATS M5).
        """
        if not self.folder_exists(folder):
            return {}
        self.select(folder)
        with _faults():
            # Days in a search are those of the server's zone, which nobody knows.
            since, before = min(arrived).date() - timedelta(days=1), max(arrived).date() + timedelta(days=2)
            uids = self._client.search(["SINCE", since, "BEFORE", before])
            same = [one for one in self._described(sorted(uids)) if one.arrived in arrived]
        return self.read(same, most)

    # Waiting

    def begin_waiting(self) -> None:
        """Ask the server to tell at once when something comes (IDLE, RFC 2177)."""
        with _faults():
            self._waiting = True
            self._client.idle()

    def hear(self, seconds: float) -> bool:
        """Wait so long at most; True where something happened. A server that has closed is a fault, not a silence.

        IMAPClient gives an empty answer at once, for ever, where the connection is dead (THREATS M2).
        """
        begun = monotonic()
        with _faults():
            heard = self._client.idle_check(timeout=seconds)
        if not heard and monotonic() - begun < seconds * _IDLE_TOO_SHORT:
            raise ImapFault(imap_words.SILENT)
        if any(one[0] == b"BYE" for one in heard):
            raise ImapFault(imap_words.SILENT)
        # "Still here" of the server is no news.
        return any(one[0] != b"OK" for one in heard)

    def end_waiting(self) -> None:
        """End IDLE; a connection that is half open is found out here, after the time limit for a reply (THREATS M3)."""
        with _faults():
            self._client.idle_done()
            self._waiting = False

    def close(self) -> None:
        """Say goodbye and hang up, whatever state the connection is in; never raises."""
        with contextlib.suppress(Exception):
            self._client.socket().settimeout(_GOODBYE_S)
            if not self._waiting:
                self._client.logout()
        with contextlib.suppress(Exception):
            self._client.shutdown()


def open_imap(settings: ImapSettings, sign_in: SignIn) -> Imap:
    """Connect, encrypt and sign in; raises ImapFault."""
    secret = sign_in()
    # Without encryption nobody need wait for the system's authorities to be read.
    context = ssl.create_default_context(cafile=settings.ca_file or None) if settings.security != "none" else None
    with _faults(imap_words.UNREACHABLE):
        client = IMAPClient(
            settings.host,
            settings.port,
            ssl=settings.security == "tls",
            ssl_context=context,
            timeout=SocketTimeout(settings.connect_timeout_s, settings.reply_timeout_s),
        )
    try:
        with _faults():
            if settings.security == "starttls":
                client.starttls(context)
            _sign_in(client, settings, secret)
        return Imap(client)
    except BaseException:
        with contextlib.suppress(Exception):
            client.shutdown()
        raise


def _sign_in(client: IMAPClient, settings: ImapSettings, secret: Secret) -> None:
    try:
        if not secret.token:
            client.login(settings.username, secret.text)
            return
        name = next((one for one in settings.mechanisms if client.has_capability(f"AUTH={one}")), None)
        if name is None:
            raise ImapFault(imap_words.NO_MECHANISM, refused=True)
        first = token_words(name, settings.username, secret.text)
        answers = iter((first, "\1" if name == "OAUTHBEARER" else ""))
        # A server that refuses a token says why and waits for a word before it says no (RFC 7628 3.2.3).
        client.sasl_login(name, lambda challenge: next(answers, ""))
    except LoginError as refused:
        raise ImapFault(imap_words.explained(str(refused), imap_words.SIGN_IN), refused=True) from None


def token_words(mechanism: str, username: str, token: str) -> str:
    """Give what a client says to sign in with a token: XOAUTH2, or OAUTHBEARER (RFC 7628)."""
    if mechanism == "XOAUTH2":
        return f"user={username}\1auth=Bearer {token}\1\1"
    name = username.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\1auth=Bearer {token}\1\1"


@contextlib.contextmanager
def _faults(unreachable: str = imap_words.SILENT) -> Iterator[None]:
    """Turn every fault of the library, the server and the line into ImapFault."""
    try:
        yield
    except ImapFault:
        raise
    except ssl.SSLError as error:
        # Certificates that do not fit are SSLErrors; a line that is cut is one too.
        why = imap_words.NO_ENCRYPTION if isinstance(error, ssl.SSLCertVerificationError) else unreachable
        raise ImapFault(why) from None
    except (IMAPClientAbortError, OSError, UnicodeError) as error:
        raise ImapFault(imap_words.explained(str(error), unreachable)) from None
    except CapabilityError:
        raise ImapFault(imap_words.REFUSED) from None
    except (imaplib.IMAP4.error, ProtocolError) as error:
        raise ImapFault(imap_words.explained(str(error), imap_words.REFUSED)) from None
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, AssertionError):
        # What imaplib and IMAPClient raise on an answer that is none, and on a socket that is closed.
        raise ImapFault(imap_words.SILENT) from None


def _namespace(client: IMAPClient) -> tuple[str, str]:
    """Give what stands before the names of our folders, and between their parts (RFC 2342)."""
    if client.has_capability("NAMESPACE"):
        personal = client.namespace().personal
        if personal:
            prefix, separator = personal[0]
            return str(prefix or ""), str(separator or "/")
    told = client.list_folders("", "")
    separator = told[0][1] if told else b"/"
    return "", separator.decode("ascii") if isinstance(separator, bytes) else str(separator or "/")


def _sets(uids: Iterable[int]) -> Iterator[list[int]]:
    every = list(uids)
    for begin in range(0, len(every), SET):
        yield every[begin : begin + SET]


def _bodies(told: dict[int, dict[bytes, Any]], name: bytes) -> dict[int, bytes]:
    return {uid: bytes(parts[name]) for uid, parts in told.items() if parts.get(name) is not None}
