"""What signs in for us at another's mail server, from the settings: passwords, and tokens of OAuth 2 (THREATS M8).

Belongs here: which sign-in an account asks for, and where a colleague's is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.mail.imap import Secret, SignIn
from adapters.mail.oauth import READS, SENDS, GoogleApp, GoogleColleague, MicrosoftApp, MicrosoftColleague
from gateway.clock import Clock
from gateway.config import Config
from gateway.config_mailbox import Mailbox, secret_of
from gateway.config_parts import OutboundMail
from gateway.config_sign_in import Account

TOKENS = "mailboxes"
"""The folder beside the settings where the sign-ins of colleagues are kept."""
_OUTBOUND = "outbound-mail"  # no mailbox's name has a hyphen


@dataclass(frozen=True, slots=True)
class SigningIn:
    """Hold an account with its secret, the name under which a colleague's sign-in is kept, and what it may do."""

    account: Account
    username: str
    secret: str
    kept_as: str
    scope: str


def of_mailbox(config: Config, mailbox: Mailbox) -> SigningIn:
    """Say how one signs in to a mailbox, to read it."""
    secret = secret_of(mailbox, config.mailbox_secrets)
    return SigningIn(mailbox, mailbox.username or mailbox.address, secret, mailbox.name, READS)


def of_outbound(outbound: OutboundMail) -> SigningIn:
    """Say how one signs in at the server by which our own mail leaves."""
    return SigningIn(outbound, outbound.username, outbound.own_secret.get_secret_value(), _OUTBOUND, SENDS)


def sign_in_of(config: Config, signing_in: SigningIn, clock: Clock) -> SignIn:
    """Build what gives the password or the token of an account."""
    account, secret = signing_in.account, signing_in.secret
    match account.sign_in:
        case "microsoft-app":
            return MicrosoftApp(account.tenant, account.client_id, secret)
        case "google-app":
            assert account.key_file is not None  # the settings saw to it
            return GoogleApp(config.state / account.key_file, signing_in.username, clock)
        case "microsoft" | "google":
            return colleague_of(config, signing_in)
        case "password":
            return lambda: Secret(secret)


def colleague_of(config: Config, signing_in: SigningIn) -> MicrosoftColleague | GoogleColleague:
    """Build the sign-in of a colleague, once for all, by a browser."""
    account = signing_in.account
    cache = config.state / TOKENS / f"{signing_in.kept_as}.json"
    if account.sign_in == "google":
        return GoogleColleague(account.client_id, signing_in.secret, cache)
    return MicrosoftColleague(account.tenant or "organizations", account.client_id, cache, signing_in.scope)
