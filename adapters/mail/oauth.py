"""Tokens of OAuth 2 at Microsoft 365 and Google, for mailboxes and for sending; the only module that knows msal.

Belongs here: asking for a token as an application or for a colleague who signed in once. The promise (THREATS M8): a
token is asked for at each connect, what is kept lies in a file that nobody else reads, and no secret is in a fault.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

from adapters.mail.imap import ImapFault, Secret

MICROSOFT = "https://login.microsoftonline.com"
GOOGLE_TOKENS = "https://oauth2.googleapis.com/token"
GOOGLE_CONSENT = "https://accounts.google.com/o/oauth2/v2/auth"
GOOGLE_SCOPE = "https://mail.google.com/"
_AS_APP = ["https://outlook.office365.com/.default"]
READS = "https://outlook.office.com/IMAP.AccessAsUser.All"
SENDS = "https://outlook.office.com/SMTP.Send"
"""What a colleague at Microsoft allows: to work on their mailbox, or to send mail. Google knows but one for both."""
# Nobody listens there: the browser stops at it, and its address holds the code.
_REDIRECT = "http://127.0.0.1:8086/"
_TIMEOUT_S = 30.0
_HOUR_S = 3600
_MOST_ANSWER = 1_000_000

UNREACHABLE = "The sign-in service cannot be reached, or gave no answer that can be read."
SIGN_IN_AGAIN = "Nobody has signed in for this mailbox, or the sign-in has ended: parley mailbox sign-in."
NOT_ALLOWED = "The sign-in service refused us."
_TABLE = (
    ("AADSTS7000215", "The client secret is wrong: its value belongs into the settings, not its id."),
    ("AADSTS7000222", "The client secret has expired: make a new one and put it into the settings."),
    ("AADSTS700016", "Microsoft knows no such app in this tenant: look at client_id and tenant."),
    ("AADSTS90002", "Microsoft knows no such tenant: look at tenant."),
    ("AADSTS65001", "Nobody has consented to what the app asks for: an administrator can do that."),
    (
        "AADSTS7000218",
        'The app is no public client: allow public client flows for it, or use sign_in = "microsoft-app".',
    ),
    ("AADSTS50076", SIGN_IN_AGAIN),
    ("invalid_grant", SIGN_IN_AGAIN),
    (
        "unauthorized_client",
        "The app is not allowed to do this: look at its permissions, or at domain-wide delegation.",
    ),
    ("invalid_client", "The client id or the client secret is wrong."),
)


@dataclass
class MicrosoftApp:
    """Ask for tokens as an application (client credentials); `http` stands for the network where it is given."""

    tenant: str
    client_id: str
    client_secret: str = field(repr=False)
    http: Any = None
    _app: Any = field(default=None, repr=False)

    def __call__(self) -> Secret:
        """Give a token; raises ImapFault."""
        with _faults():
            if self._app is None:
                import msal  # here, as is jwt below: they take 16 MB, and few offices watch a mailbox

                self._app = msal.ConfidentialClientApplication(
                    self.client_id,
                    client_credential=self.client_secret,
                    authority=f"{MICROSOFT}/{self.tenant}",
                    http_client=self.http,
                    timeout=None if self.http else _TIMEOUT_S,
                )
            return _secret(self._app.acquire_token_for_client(scopes=_AS_APP))


@dataclass
class MicrosoftColleague:
    """Ask for tokens for a colleague who signed in once; what that gave is kept in `cache`, a file of mode 0600."""

    tenant: str
    client_id: str
    cache: Path
    scope: str = READS
    http: Any = None

    def __call__(self) -> Secret:
        """Give a token; raises ImapFault."""
        with _faults():
            app, kept = self._app()
            accounts = app.get_accounts()
            told = app.acquire_token_silent([self.scope], account=accounts[0]) if accounts else None
            self._keep(kept)
            if told is None:
                raise ImapFault(SIGN_IN_AGAIN, refused=True)
            return _secret(told)

    def sign_in(self, say: Callable[[str], None]) -> None:
        """Have a colleague sign in by a browser anywhere (device code); `say` is given where and with which code."""
        with _faults():
            app, kept = self._app()
            for account in app.get_accounts():
                app.remove_account(account)
            flow = app.initiate_device_flow(scopes=[self.scope])
            if "user_code" not in flow:
                raise _refusal(flow)
            say(f"Open {flow['verification_uri']} in a browser and enter the code {flow['user_code']}.")
            told = app.acquire_token_by_device_flow(flow)
            _secret(told)
            self._keep(kept)

    def _app(self) -> tuple[Any, Any]:
        import msal

        kept = msal.SerializableTokenCache()
        with contextlib.suppress(FileNotFoundError):
            kept.deserialize(self.cache.read_text("utf-8"))
        app = msal.PublicClientApplication(
            self.client_id,
            authority=f"{MICROSOFT}/{self.tenant}",
            token_cache=kept,
            http_client=self.http,
            timeout=None if self.http else _TIMEOUT_S,
        )
        return app, kept

    def _keep(self, kept: Any) -> None:  # noqa: ANN401  # msal has no types
        if kept.has_state_changed:
            keep_privately(self.cache, kept.serialize())


@dataclass(frozen=True)
class GoogleColleague:
    """Ask for tokens with what a colleague's one sign-in gave, which is kept in `cache`, a file of mode 0600."""

    client_id: str
    client_secret: str = field(repr=False)
    cache: Path
    tokens_at: str = GOOGLE_TOKENS

    def __call__(self) -> Secret:
        """Give a token; raises ImapFault."""
        with _faults():
            try:
                refresh = json.loads(self.cache.read_text("utf-8"))["refresh_token"]
            except FileNotFoundError:
                raise ImapFault(SIGN_IN_AGAIN, refused=True) from None
            return _secret(self._ask({"grant_type": "refresh_token", "refresh_token": refresh}))

    def begin(self) -> GoogleSignIn:
        """Begin a sign-in; a person opens its address in a browser."""
        return GoogleSignIn(self.client_id, secrets.token_urlsafe(24), secrets.token_urlsafe(48))

    def finish(self, begun: GoogleSignIn, ended_at: str) -> None:
        """Keep what a sign-in gave; `ended_at` is the address at which the browser stopped. Raises ImapFault."""
        try:
            asked = parse_qs(urlsplit(ended_at.strip()).query)
        except ValueError:  # what was typed is no address
            asked = {}
        code, state = asked.get("code", [""])[0], asked.get("state", [""])[0]
        if not code or not secrets.compare_digest(state.encode(), begun.state.encode()):
            raise ImapFault("This is not the address at which a sign-in that we began ends.", refused=True)
        with _faults():
            told = self._ask(
                {
                    "grant_type": "authorization_code",
                    "code": code,
                    "redirect_uri": _REDIRECT,
                    "code_verifier": begun.verifier,
                }
            )
            if "refresh_token" not in told:
                raise _refusal(told)
            keep_privately(self.cache, json.dumps({"refresh_token": told["refresh_token"]}))

    def _ask(self, form: dict[str, str]) -> dict[str, Any]:
        return _post(self.tokens_at, form | {"client_id": self.client_id, "client_secret": self.client_secret})


@dataclass(frozen=True)
class GoogleSignIn:
    """Hold a sign-in that has begun: what tells its end from another's, and proves that both are ours (RFC 7636)."""

    client_id: str
    state: str
    verifier: str = field(repr=False)

    @property
    def address(self) -> str:
        """Give the address that a person opens."""
        proof = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "client_id": self.client_id,
            "redirect_uri": _REDIRECT,
            "response_type": "code",
            "scope": GOOGLE_SCOPE,
            "access_type": "offline",
            "prompt": "consent",
            "state": self.state,
            "code_challenge": proof,
            "code_challenge_method": "S256",
        }
        return f"{GOOGLE_CONSENT}?{urlencode(asked)}"


@dataclass(frozen=True)
class GoogleApp:
    """Ask for tokens as a service account that may act for `mailbox` (domain-wide delegation), by a signed request."""

    key_file: Path
    mailbox: str
    now: Callable[[], datetime]
    tokens_at: str = GOOGLE_TOKENS

    def __call__(self) -> Secret:
        """Give a token; raises ImapFault."""
        import jwt

        with _faults():
            try:
                key = json.loads(self.key_file.read_text("utf-8"))
                email, private = key["client_email"], key["private_key"]
            except (OSError, ValueError, KeyError, TypeError):
                raise ImapFault("The key file of the service account cannot be read.", refused=True) from None
            at = int(self.now().timestamp())
            claims = {"iss": email, "sub": self.mailbox, "scope": GOOGLE_SCOPE, "aud": GOOGLE_TOKENS}
            signed = jwt.encode(claims | {"iat": at, "exp": at + _HOUR_S}, private, algorithm="RS256")
            form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": signed}
            return _secret(_post(self.tokens_at, form))


def keep_privately(path: Path, text: str) -> None:
    """Write a file that only we can read (0600), durably and as a whole; its folder (0700) is made as well."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def _post(address: str, form: dict[str, str]) -> dict[str, Any]:
    request = Request(address, urlencode(form).encode(), {"Accept": "application/json"})
    try:
        with urlopen(request, timeout=_TIMEOUT_S) as answer:
            told = json.loads(answer.read(_MOST_ANSWER))
    except HTTPError as refused:
        with refused:
            told = json.loads(refused.read(_MOST_ANSWER))
    return told if isinstance(told, dict) else {}


def _secret(told: dict[str, Any]) -> Secret:
    token = told.get("access_token")
    if not isinstance(token, str) or not token or not token.isprintable():
        raise _refusal(told)
    return Secret(token, token=True)


def _refusal(told: dict[str, Any]) -> ImapFault:
    """Give our sentence for a refusal; the service's own words may name people, and stay unsaid."""
    said = f"{told.get('error')} {told.get('error_description')}"
    return ImapFault(next((words for sign, words in _TABLE if sign in said), NOT_ALLOWED), refused=True)


class _faults(contextlib.AbstractContextManager[None]):  # reads as a word of the language
    """Turn every fault of the library and the line into ImapFault."""

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: object) -> None:
        if fault is None or isinstance(fault, ImapFault) or not isinstance(fault, Exception):
            return
        # msal raises what requests raises, and ValueError with the service's words; none of it is said.
        raise ImapFault(UNREACHABLE) from None
