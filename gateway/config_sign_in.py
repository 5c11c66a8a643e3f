"""The settings by which we sign in at another's mail server. Belongs here: what each way needs, refused in a sentence.

A password, or OAuth 2 at Microsoft 365 and Google, which take no passwords any more (THREATS M8): as an application,
or as a colleague who signed in once.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

NEEDS = {
    "password": (),
    "microsoft-app": ("tenant", "client_id"),
    "microsoft": ("client_id",),
    "google-app": ("key_file",),
    "google": ("client_id",),
}


class Account(BaseModel):
    """Hold as whom we sign in, and by what; `key_file` lies beside parley.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sign_in: Literal["password", "microsoft-app", "microsoft", "google-app", "google"] = "password"
    username: Annotated[str, Field(max_length=320)] = ""
    password: SecretStr = SecretStr("")
    tenant: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]*$", max_length=200)] = ""
    client_id: Annotated[str, Field(max_length=200)] = ""
    client_secret: SecretStr = SecretStr("")
    key_file: Path | None = None

    @property
    def own_secret(self) -> SecretStr:
        """Give the password or client secret that stands among these settings."""
        return self.password if self.sign_in == "password" else self.client_secret

    @property
    def takes_secret(self) -> bool:
        """Tell whether this way to sign in goes by a password or a client secret."""
        return self.sign_in in {"password", "microsoft-app", "google"}

    def check_account(self, name: str) -> None:
        """Look at whether this way to sign in has what it needs; raises ValueError."""
        for need in NEEDS[self.sign_in]:
            if not getattr(self, need):
                raise ValueError(f"{name}: sign_in {self.sign_in!r} needs {need}")
        if self.username and not self.username.isprintable():
            raise ValueError(f"{name}: username has characters that cannot be sent")


def is_here(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
