"""Made-up languages: whole, and with no word of English in them, as phrases and as the file that an office brings."""

from __future__ import annotations

import json

from gateway.notices.phrases import shipped
from rules.measures import KINDS
from tests.gateway.notices.office import POLICY

POLICY_TEXTS = ("challenge", "about_us", "new_complaint", "data_request", "help", "emergency")
CHECKED = '[checked]\nby = "A. Lawyer, solicitor"\non = 2026-01-15\n'
"""Who answers for the words, and since when."""


def dashed(text: str) -> str:
    """Make a made-up language of a phrase: every letter a dash, every brace as it was."""
    kept, inside = [], False
    for sign in text:
        inside = (inside or sign == "{") and sign != "}"
        kept.append(sign if inside or sign == "}" or not sign.isalpha() else "x")
    return "".join(kept)


def made_up() -> dict[str, str]:
    """Give every phrase that a language needs, of letters that are none of English."""
    words = {key: dashed(text) for key, text in shipped().words.items() if not key.startswith("easy.")}
    words |= {f"text.{name}": "xx." for name in POLICY_TEXTS}
    words |= {f"ground.{ground}": "xx" for ground in POLICY.grounds} | {f"role.{role}": "xx" for role in POLICY.roles}
    words |= {f"measure.{kind}": "xx." for kind in KINDS if f"measure.{kind}" not in words}
    words |= {"language": "xx"}
    return words


def catalogue_in(language: str, *, checked: str = CHECKED, mark: str = "") -> str:
    """Give the file of a made-up language as an office would bring it; `mark` makes it say something else."""
    words = made_up() | {"language": language, "title.restriction": f"Xxx{mark}"}
    tables: dict[str, dict[str, str]] = {}
    for key, text in words.items():
        table, _, name = key.rpartition(".")
        tables.setdefault(table, {})[name] = text
    lines = [f"{name} = {json.dumps(text)}" for name, text in tables.pop("").items()]
    for table, phrases in tables.items():
        lines += [f"[{table}]", *(f"{name} = {json.dumps(text)}" for name, text in phrases.items())]
    return "\n".join([*lines, checked])
