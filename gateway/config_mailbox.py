"""The settings of one watched mailbox. Belongs here: what cannot work, refused in a sentence (THREATS M1: names of
folders come from here only, so nothing that a sender chose is ever in a command).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from gateway.config_sign_in import Account, is_here
from rules import identity

SERVERS = {
    "microsoft-app": "outlook.office365.com:993",
    "microsoft": "outlook.office365.com:993",
    "google-app": "imap.gmail.com:993",
    "google": "imap.gmail.com:993",
}
# Wildcards of LIST, quotes and what some servers keep for themselves.
_NOT_IN_FOLDERS = frozenset('%*"\\#&~')


def _address(text: str) -> str:
    known = identity.email(text)
    if known is None:
        raise ValueError(f"{text!r} is not a mail address")
    return text.strip()


def _server(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if text and (not colon or not host or not port.isdigit() or not 0 < int(port) <= 65535):
        raise ValueError(f"{text!r} is not a server with a port; write it as imap.office.example.org:993")
    return text


def _folder(text: str) -> str:
    parts = text.split("/")
    if not text.isprintable() or _NOT_IN_FOLDERS & set(text) or any(part != part.strip() or not part for part in parts):
        raise ValueError(f"{text!r} is not a folder; write it as Filed, or as Parley/Filed")
    if parts[0].upper() == "INBOX":
        raise ValueError(f"{text!r} lies in the inbox; name a folder beside it")
    return text


Folder = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_folder)]


class Mailbox(Account):
    """Hold one mailbox: where it is, how to sign in, what its folders are called, how often it is looked at.

    With `watch = false` nothing in it is sorted; mail that a decision sends to its address is put into it all the same.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    address: Annotated[str, AfterValidator(_address)]
    watch: bool = True
    server: Annotated[str, AfterValidator(_server)] = ""
    security: Literal["none", "starttls", "tls"] = "tls"
    ca_file: Path | None = None
    filed: Folder = "Filed unanswered"
    held: Folder = "Held"
    returned: Folder = "Returned"
    passed_on: Folder = "Passed on"
    poll_minutes: Annotated[int, Field(ge=1, le=20)] = 5
    alert_minutes: Annotated[int, Field(ge=5, le=1440)] = 30

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        if not self.server and self.sign_in not in SERVERS:
            raise ValueError(f"{self.name}: sign_in {self.sign_in!r} needs server")
        self.check_account(self.name)
        if len({one.casefold() for one in (self.filed, self.held, self.returned, self.passed_on)}) < 4:
            raise ValueError(f"{self.name}: filed, held, returned and passed_on are four folders")
        if self.security == "none" and not is_here(self.endpoint[0]):
            raise ValueError(f'{self.name}: security "none" would show the sign-in to others; use "tls" or "starttls"')
        return self

    @property
    def endpoint(self) -> tuple[str, int]:
        """Give the server's host and port."""
        host, _, port = (self.server or SERVERS[self.sign_in]).rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def key(self) -> str:
        """Give the address by which this mailbox is found: whoever writes it with capitals means the same one."""
        return self.address.lower()


def check_all(mailboxes: tuple[Mailbox, ...], secrets: dict[str, SecretStr]) -> None:
    """Look at what several mailboxes must not share, and at secrets that are nobody's; raises ValueError."""
    for names in ([one.name for one in mailboxes], [one.key for one in mailboxes]):
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"mailbox: {twice!r} is there twice; each has a name and an address of its own")
    for one in mailboxes:
        if one.takes_secret and not secret_of(one, secrets):
            field = "password" if one.sign_in == "password" else "client_secret"
            raise ValueError(f"mailbox: {one.name} has no {field}; it may stand in mailbox_secrets")
    for name in secrets:
        if name not in {one.name for one in mailboxes}:
            raise ValueError(f"mailbox_secrets: there is no mailbox {name!r}")


def secret_of(mailbox: Mailbox, secrets: dict[str, SecretStr]) -> str:
    """Give a mailbox's password or client secret: that of `mailbox_secrets`, else its own."""
    return secrets.get(mailbox.name, mailbox.own_secret).get_secret_value()
