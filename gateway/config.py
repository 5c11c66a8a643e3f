"""The installation's settings: read once from parley.toml, the environment and secret files into one frozen value.

Belongs here: the only reading of the environment. What cannot work is refused at start, in a sentence (exit 78).
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from adapters.webhooks import key_of
from gateway import config_mailbox
from gateway.config_alerts import Alerts, check_alerts, check_read
from gateway.config_mailbox import Mailbox
from gateway.config_parts import Api, Desk, Mail, Office, Person, Phone, RecordPlace, Sip, Webhook, host_port
from gateway.safeguard_lists import check_own
from rules import policies
from rules.contact import WAYS_IN, Channel
from rules.policies import Policy
from rules.sentences import sentences

FILE_NAME = "parley.toml"
MOST_WORKERS = 64


class ConfigError(Exception):
    """Say what is wrong with the settings, in which file, and the cure."""


class Config(BaseSettings):
    """Hold the settings of one installation; `state` is the folder of the record and the Maildirs.

    `workers` is how many processes share the doors: two on two cores take more mail than one.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="PARLEY_",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    state: Path
    office: Office
    mail: Mail = Mail()
    phone: Phone = Phone()
    sip: Sip = Sip()
    record: RecordPlace = RecordPlace()
    api: Api = Api()
    desk: Desk = Desk()
    alerts: Alerts = Alerts()
    people: tuple[Person, ...] = ()
    webhook: tuple[Webhook, ...] = ()
    webhook_secrets: dict[str, SecretStr] = Field(default_factory=dict)
    mailbox: tuple[Mailbox, ...] = ()
    mailbox_secrets: dict[str, SecretStr] = Field(default_factory=dict)
    workers: Annotated[int, Field(ge=1, le=MOST_WORKERS)] = 1
    failpoints: str = ""

    @field_validator("people")
    @classmethod
    def _one_each(cls, people: tuple[Person, ...]) -> tuple[Person, ...]:
        # Who is somebody else under a second name could approve their own.
        seen: set[str] = set()
        for one in people:
            for name in {one.name.casefold(), one.login.casefold()} - {""}:
                if name in seen:
                    raise ValueError(f"{name!r} stands for two people")
                seen.add(name)
        return people

    @model_validator(mode="after")
    def _doors_apart(self) -> Self:
        doors = (("mail", self.mail.listen), ("phone", self.phone.listen))
        for name, listen in doors:
            if self.api.listen == listen and host_port(listen)[1] != 0:
                cure = "leave it out and the API is served beside the calls" if name == "phone" else "choose another"
                raise ValueError(f"api.listen: {listen} is the address of [{name}]; {cure}")
        return self

    @model_validator(mode="after")
    def _mailboxes_open(self) -> Self:
        config_mailbox.check_all(self.mailbox, self.mailbox_secrets)
        return self

    @model_validator(mode="after")
    def _alerts_arrive(self) -> Self:
        check_alerts(self.alerts, self.phone, self.webhook, self.people)
        if self.mailbox and self.mail.next_hop is None and self.mail.outbound is None:
            check_read(self.office.alerts, self.alerts, self.people, self.mailbox)
        return self

    @model_validator(mode="after")
    def _webhooks_sign(self) -> Self:
        names = [hook.name for hook in self.webhook]
        for hook in self.webhook:
            if names.count(hook.name) > 1:
                raise ValueError(f"webhook: {hook.name!r} is there twice; each has a name of its own")
            try:
                self.webhook_key(hook)
            except ValueError as refused:
                raise ValueError(f"webhook: {hook.name}: {refused}") from None
        for name in self.webhook_secrets:
            if name not in names:
                raise ValueError(f"webhook_secrets: there is no webhook {name!r}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment outrank the file, and a folder of secrets both."""
        return (file_secret_settings, env_settings, init_settings)

    def webhook_key(self, hook: Webhook) -> bytes:
        """Give the key that signs what a webhook is sent; raises ValueError with a sentence that does not show it."""
        return key_of(self.webhook_secrets.get(hook.name, hook.secret).get_secret_value())

    @property
    def ways_in(self) -> frozenset[Channel]:
        """Give the channels by which the office is reached: those it names, else the usual, and texts with an inbox."""
        texts = frozenset({Channel.SMS} if self.phone.texts or self.phone.text_lines else ())
        return self.office.channels or WAYS_IN | texts

    @property
    def record_url(self) -> str:
        """Give the record's address."""
        return self.record.url or f"sqlite:///{self.state / 'parley.db'}"

    @property
    def maildir(self) -> Path:
        """Give the folder of the Maildirs."""
        return self.state / "mail"


@dataclass(frozen=True)
class Settings:
    """Hold the configuration together with the policy it names."""

    config: Config
    policy: Policy


def state_folder(given: Path | None) -> Path:
    """Say which folder holds the settings and state: the one given, else PARLEY_STATE, else ./var."""
    return given or Path(os.environ.get("PARLEY_STATE", "var"))


def load(state: Path) -> Settings:
    """Read the settings in a state folder; raises ConfigError with a sentence."""
    file = state / FILE_NAME
    data = _read_toml(file, f"run `parley --state {state} init` to begin")
    arguments: dict[str, Any] = data | {"state": state, "_secrets_dir": os.environ.get("PARLEY_SECRETS")}
    try:
        with sentences():
            # PARLEY_STATE says where to look by default; the folder that was looked in is the one that counts.
            config = Config(**arguments).model_copy(update={"state": state})
    except (ValueError, ValidationError) as refused:
        raise ConfigError(f"{file}: {refused}") from None
    policy = _policy(config, file)
    for person in config.people:
        for role in person.roles:
            if role not in policy.roles:
                known = ", ".join(policy.roles)
                raise ConfigError(f"{file}: people: {person.name}: there is no role {role!r}; the roles are {known}.")
    return Settings(config, policy)


def _policy(config: Config, file: Path) -> Policy:
    policy = read_policy(config.office.policy, file.parent)
    changes: dict[str, Any] = {"ways_in": config.ways_in}
    if config.office.zone:
        try:
            changes["zone"] = policies.zone(config.office.zone)
        except ValueError as refused:
            raise ConfigError(f"{file}: office.zone: {refused}") from None
    if config.mail.border:
        changes["answer_claimed"] = False
    return policy.with_changes(**changes)


def read_policy(name: str, beside: Path) -> Policy:
    """Read a policy that ships with Parley by name, or a file relative to `beside`; raises ConfigError."""
    text, where = policy_text(name, beside)
    try:
        policy = policies.parse(tomllib.loads(text))
        check_own(policy)
        return policy
    except ValueError as refused:
        raise ConfigError(f"{where}: {refused}") from None


def policy_text(name: str, beside: Path) -> tuple[str, str]:
    """Give a policy's TOML as it was written, and what to call it; raises ConfigError where it cannot be read."""
    if name in shipped_policies():
        return (resources.files(policies) / f"{name}.toml").read_text("utf-8"), f"policy {name}"
    path = beside / name
    try:
        return path.read_text("utf-8"), str(path)
    except (OSError, UnicodeDecodeError, ValueError) as fault:
        raise ConfigError(f"The policy {path} cannot be read ({_why(fault)}).{_shipped_words(name)}") from None


def shipped_policies() -> tuple[str, ...]:
    """Name the policies that ship with Parley, the plain one first."""
    files = (file.name for file in resources.files(policies).iterdir())
    names = sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))
    return tuple(sorted(names, key=lambda name: name != "default"))


def _shipped_words(name: str) -> str:
    """Name what ships where somebody may have meant one of those."""
    return "" if "/" in name or "." in name else f" Those that ship with Parley are {', '.join(shipped_policies())}."


def _read_toml(path: Path, cure: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"There is no {path}; {cure}.") from None
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"{path} cannot be read ({_why(fault)}).") from None
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"{path} is not valid TOML: {fault}.") from None


def _why(fault: Exception) -> str:
    return (fault.strerror or str(fault)) if isinstance(fault, OSError) else "it is not UTF-8 text"
