"""The lists of words by which a policy recognises what must reach a person, read from the package and made ready.

Belongs here: the way from a policy to its lists, once for each. It takes some tenths of a second, so whoever
decides nothing leaves them alone.
"""

from __future__ import annotations

import json
import tomllib
from functools import lru_cache
from importlib import resources

from rules import safeguards
from rules.policies import Policy
from rules.safeguards.kinds import Kind
from rules.safeguards.lists import Lists, parse


def lists_of(policy: Policy) -> Lists:
    """Give the lists of a policy with its own phrases; raises ValueError with a sentence without its full stop."""
    own = policy.safeguards
    return _lists(own.languages, own.add.model_dump_json(), own.remove.model_dump_json())


@lru_cache(maxsize=16)
def _lists(languages: tuple[str, ...], add: str, remove: str) -> Lists:
    folder = resources.files(safeguards)
    tables = [tomllib.loads((folder / f"{code}.toml").read_text("utf-8")) for code in languages]
    return parse(tables, add=_by_kind(add), remove=_by_kind(remove))


def _by_kind(phrases: str) -> dict[Kind, list[str]]:
    return {Kind(kind): some for kind, some in json.loads(phrases).items()}


def check_own(policy: Policy) -> None:
    """Raise ValueError with a sentence where an office's own phrases cannot be read, or take out what is in no list."""
    own = policy.safeguards
    if own.add.by_kind() or own.remove.by_kind():
        lists_of(policy)
