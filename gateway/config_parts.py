"""The parts of the settings: office, doors, people, other systems; each refuses in a sentence what cannot work.

Belongs here: what a setting may be. Nothing is read here; gateway/config.py reads.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, model_validator

from adapters.mail.authentication_results import GOOGLE, MICROSOFT_365
from adapters.mail.own_mail import writable
from adapters.phone.twilio_rest import API, checked_api
from adapters.webhooks import checked_url
from gateway.config_sign_in import Account, is_here
from rules import identity
from rules.casework.catalogue import ACTS
from rules.contact import Channel
from rules.policies.texts import HEARD

_SITE = re.compile(r"https?://(?:[A-Za-z0-9.-]{1,250}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


class Part(BaseModel):
    """Hold one part of the settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _address(text: str) -> str:
    if identity.email(text) is None or not writable(text.strip()):
        raise ValueError(f"{text!r} is not a mail address that our own mail can carry")
    return text.strip()


def _domain(text: str) -> str:
    known = identity.domain(text)
    if known is None:
        raise ValueError(f"{text!r} is not a mail domain; write it as office.example.org")
    return known.value


def _border(text: str) -> str:
    name = text.strip().lower().rstrip(".")
    if name and name not in (MICROSOFT_365, GOOGLE) and not _HOST.fullmatch(name):
        raise ValueError(
            f"{text!r} is not how a border names itself in Authentication-Results; "
            f"write it as mx.office.example.org, or {MICROSOFT_365}, or {GOOGLE}"
        )
    return name


def _endpoint(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError(f"{text!r} is not an address with a port; write it as 127.0.0.1:8025")
    return text


def _site(text: str) -> str:
    address = text.strip().rstrip("/").removesuffix("/desk")
    if address and not _SITE.fullmatch(address):
        raise ValueError(f"{text[:200]!r} is not where pages are; write it as https://parley.office.example.org")
    return address


def _number(text: str) -> str:
    known = identity.phone(text)
    if known is None:
        raise ValueError(f"{text!r} is not a phone number; write it as +441632960001")
    return known.value


def _act(name: str) -> str:
    if name not in ACTS:
        meant = ", ".join(get_close_matches(name, ACTS, n=3)) or "listed by `parley act --help`"
        raise ValueError(f"there is no act {name[:60]!r}; those that may be meant are {meant}")
    return name


Border = Annotated[str, AfterValidator(_border)]
Act = Annotated[str, AfterValidator(_act)]
Address = Annotated[str, AfterValidator(_address)]
Domain = Annotated[str, AfterValidator(_domain)]
Endpoint = Annotated[str, AfterValidator(_endpoint)]
Number = Annotated[str, AfterValidator(_number)]


def _reached(channels: frozenset[Channel]) -> frozenset[Channel]:
    if Channel.ONLINE in channels:
        raise ValueError("online is what people write elsewhere, which is no way to the office; leave it out")
    return channels


def host_port(endpoint: str) -> tuple[str, int]:
    """Split a checked `host:port`; a host in brackets is an IPv6 address."""
    host, _, port = endpoint.rpartition(":")
    return host.strip("[]"), int(port)


class Office(Part):
    """Hold who the office is: its name, its own address, where alerts go, the domains it takes mail for.

    `channels` are those by which the public reaches it: a restriction that leaves none of them is a total block.
    """

    name: Annotated[str, Field(min_length=1, max_length=120)]
    address: Address
    alerts: Address
    domains: Annotated[tuple[Domain, ...], Field(min_length=1)]
    policy: str = "default"
    zone: str = ""
    channels: Annotated[frozenset[Channel], AfterValidator(_reached)] = frozenset()


class OutboundMail(Account):
    """Hold the server by which our own mail leaves, and how we sign in there: not at all without a `username`."""

    server: Endpoint
    security: Literal["none", "starttls", "tls"] = "starttls"

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        self.check_account("outbound")
        if self.sign_in == "password":
            return self
        if not self.username:
            raise ValueError(f"outbound: sign_in {self.sign_in!r} needs username, the address that sends")
        if self.takes_secret and not self.client_secret.get_secret_value():
            raise ValueError("outbound has no client_secret")
        if self.security == "none" and not is_here(self.server.rpartition(":")[0]):
            raise ValueError('outbound: security "none" would show the token to others; use "tls" or "starttls"')
        return self


class Mail(Part):
    """Hold the mail side; sizes in megabytes, times in seconds.

    Limits a minute are for one client, 0 is none; this machine and those in `xforward_from` keep a pace of their own.
    """

    listen: Endpoint = "127.0.0.1:8025"
    tls: Literal["none", "starttls", "implicit"] = "none"
    tls_required: bool = False
    certificate: Path | None = None
    key: Path | None = None
    xforward_from: tuple[IPvAnyNetwork, ...] = ()
    proxy_from: tuple[IPvAnyNetwork, ...] = ()
    next_hop: Endpoint | None = None
    next_hop_protocol: Literal["smtp", "lmtp"] = "smtp"
    next_hop_security: Literal["none", "starttls", "tls"] = "none"
    next_hop_authorities: Path | None = None
    filed_to: Address | None = None
    outbound: OutboundMail | None = None
    border: Border = ""
    border_results: Literal["above", "below"] = "above"
    relays: tuple[Border, ...] = ()
    check_senders: bool = True
    dns: tuple[Endpoint, ...] = ()
    dns_timeout_s: Annotated[float, Field(gt=0, le=60)] = 5.0
    largest_mb: Annotated[int, Field(ge=1, le=500)] = 50
    reserve_mb: Annotated[int, Field(ge=0)] = 200
    connections: Annotated[int, Field(ge=1, le=10_000)] = 200
    connections_per_client: Annotated[int, Field(ge=1, le=10_000)] = 50
    recipients: Annotated[int, Field(ge=1, le=1000)] = 100
    connections_per_minute: Annotated[int, Field(ge=0)] = 300
    messages_per_minute: Annotated[int, Field(ge=0)] = 600
    recipients_per_minute: Annotated[int, Field(ge=0)] = 3000
    reply_timeout_s: Annotated[float, Field(gt=0)] = 60.0
    data_timeout_s: Annotated[float, Field(gt=0)] = 300.0

    @model_validator(mode="after")
    def _private(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together")
        if self.tls != "none" and self.certificate is None:
            raise ValueError("tls needs certificate and key")
        if self.tls_required and self.tls == "none":
            raise ValueError('tls_required needs tls = "starttls" or "implicit"')
        if self.tls == "implicit" and self.proxy_from:
            raise ValueError('proxy_from goes with tls = "starttls" only: the balancer\'s header comes before TLS')
        return self


def _heard(name: str) -> str:
    language, colon, text = name.rpartition(":")
    if text not in HEARD or (colon and not re.fullmatch(r"[a-z]{2,3}", language)):
        raise ValueError(f"{name!r} is no text that is heard on the phone; these are {', '.join(HEARD)}")
    return name


class Phone(Part):
    """Hold the phone side: the provider's account, our public address, where calls go.

    `shared_keys` are secrets of keys that the office made to sign webhooks with, by their id. Where an API key is
    given, the provider is asked with it and not with a token. `api_url` is the provider's own address, of its region.
    `texts` is the inbox that texts go to (else that of alerts), `text_lines` the inbox for texts to another line.
    `recordings` are played for texts of the policy, by the text's name (`cy:voicemail`: in that language): a file
    beside parley.toml, or an https address. `line_languages` are the languages of lines that have one of their own.
    """

    listen: Endpoint = "127.0.0.1:8080"
    public_url: str = ""
    account: str = ""
    tokens: tuple[SecretStr, ...] = ()
    shared_keys: dict[str, SecretStr] = Field(default_factory=dict)
    api_key: str = ""
    api_secret: SecretStr = SecretStr("")
    api_url: Annotated[str, AfterValidator(checked_api)] = API
    fallback: Literal["switchboard", "message"] = "switchboard"
    switchboard: Number | None = None
    lines: dict[Number, Number] = Field(default_factory=dict)
    texts: Address | None = None
    text_lines: dict[Number, Address] = Field(default_factory=dict)
    recordings: dict[Annotated[str, AfterValidator(_heard)], str] = Field(default_factory=dict)
    line_languages: dict[Number, Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = [bool(self.public_url), bool(self.account), bool(self.tokens), self.switchboard is not None]
        if any(given) and not all(given):
            raise ValueError("calls need public_url, account, tokens and switchboard together")
        if bool(self.api_key) != bool(self.api_secret.get_secret_value()):
            raise ValueError("api_key and api_secret belong together")
        return self

    @property
    def configured(self) -> bool:
        """Tell whether calls are taken."""
        return bool(self.public_url)


def _token(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{24,200}", secret.get_secret_value()):
        raise ValueError("a token has 24 to 200 letters, digits, - and _; make one with `openssl rand -hex 32`")
    return secret


class Sip(Part):
    """Hold the tokens of a PBX that asks about calls (none: no such calls), and the SIP answer of a refused call.

    Several tokens are valid at once while one is changed; `decline` is 603, `busy` is 486.
    """

    tokens: tuple[Annotated[SecretStr, AfterValidator(_token)], ...] = ()
    refusal: Literal["decline", "busy"] = "decline"


class Person(Part):
    """Hold somebody who works here: `login` is their name on this machine, `roles` are roles of the policy.

    `mail` is where alerts for one of their roles go.
    """

    name: Annotated[str, Field(min_length=1, max_length=120)]
    login: Annotated[str, Field(max_length=120)] = ""
    roles: tuple[str, ...] = ()
    mail: Address | None = None


class Api(Part):
    """Hold whether the REST API is served, at /api beside the calls, or at `listen` alone where that is given."""

    enabled: bool = True
    listen: Endpoint | None = None

    @model_validator(mode="after")
    def _served(self) -> Self:
        if self.listen is not None and not self.enabled:
            raise ValueError("listen says where the API is served, and enabled that it is not; take one of them out")
        return self


class Desk(Part):
    """Hold whether the pages of the desk are served, at /desk beside the API.

    `plain_http` is for a browser on this machine alone: without it the session's cookie asks for https. `public_url` is
    where a browser of the staff finds them: links in alerts lead there.
    """

    enabled: bool = False
    plain_http: bool = False
    public_url: Annotated[str, AfterValidator(_site)] = ""

    @model_validator(mode="after")
    def _can_be_opened(self) -> Self:
        if self.public_url and not self.enabled:
            raise ValueError("desk.public_url says where the pages are, and they are not served; write enabled = true")
        if self.public_url.startswith("http:") and not self.plain_http:
            raise ValueError("desk.public_url is not https, and without plain_http nobody could sign in there")
        return self


class Webhook(Part):
    """Hold another system that hears of acts: where it listens, the secret that signs, which acts (none named: all).

    `alerts_only`: it hears of no act, only of the alerts that `alerts.to` names it for.
    The secret may be kept out of the file: `webhook_secrets` of the environment or of a secret file has it by `name`.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    url: Annotated[str, AfterValidator(checked_url)]
    secret: SecretStr = SecretStr("")
    events: tuple[Act, ...] = ()
    alerts_only: bool = False
    give_up_days: Annotated[int, Field(ge=1, le=30)] = 3

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.alerts_only and self.events:
            raise ValueError("alerts_only says that it hears of no act, and events names some; take one of them out")
        return self


class RecordPlace(Part):
    """Hold where the record is; empty means a SQLite file in the state folder."""

    url: str = ""
