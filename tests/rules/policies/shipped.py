"""The policies that ship, read without any of the product's own way of finding them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from rules import policies
from rules.policies import Policy

FOLDER = Path(policies.__file__).parent
NAMES = ("default", "housing-ombudsman", "mp-office", "phso", "spso")


def data(name: str) -> dict:
    """Give the plain data of a policy's file."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


SHIPPED: dict[str, Policy] = {name: policies.parse(data(name)) for name in NAMES}
