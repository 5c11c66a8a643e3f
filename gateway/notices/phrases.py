"""Catalogues of phrases, one TOML file a language: what a notice says, by key, with names for what is filled in.

Belongs here: looking phrases up and checking a catalogue. Promises never to give half a translation: what has no
phrase in a language is refused with a sentence.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from functools import cache
from pathlib import Path

from adapters.mail.own_mail import clean_line
from rules.measures import KINDS

HERE = Path(__file__).parent
SHIPPED = "en"
_EASY = "easy."


class MissingPhrase(LookupError):
    """Say to a person what a language has no words for; nothing was composed."""


@dataclass(frozen=True)
class Phrases:
    """Hold one language's phrases by key; `easy` prefers those written for Easy Read.

    `translations` holds, for a language that is not the office's own, what colleagues typed (reasons, needs), each text
    beside its translation.
    """

    language: str
    words: Mapping[str, str]
    easy: bool = False
    translations: Mapping[str, str] = field(default_factory=dict)

    @property
    def own(self) -> bool:
        """Tell whether it is the language that the office and its policy write in."""
        return self.language.partition("-")[0] == SHIPPED

    def easily(self) -> Phrases:
        """Give the same language for Easy Read."""
        return replace(self, easy=True)

    def with_translations(self, translations: Mapping[str, str]) -> Phrases:
        """Give the same phrases with translations of what colleagues typed."""
        return replace(self, translations={clean_line(key): text for key, text in translations.items()})

    def has(self, key: str) -> bool:
        """Tell whether there is a phrase for a key."""
        return key in self.words

    def say(self, key: str, **values: str) -> str:
        """Give a phrase with its values filled in; raises MissingPhrase where the language has none, or lacks one."""
        found = self.words.get(_EASY + key) if self.easy else None
        template = found if found is not None else self.words.get(key)
        if template is None:
            raise MissingPhrase(f"The catalogue of phrases in {self.language} has no {key!r}; add it before you write.")
        return fill(template, values, key)

    def count(self, key: str, number: int) -> str:
        """Say so many of something: `minutes.1` where the language has a form for the number, else `minutes.many`."""
        exact = f"{key}.{number}"
        return self.say(exact if self.has(exact) else f"{key}.many", n=str(number))

    def day(self, day: date) -> str:
        """Say a day: `Monday 9 March 2026`."""
        weekday, month = self.say(f"weekday.{day.isoweekday()}"), self.say(f"month.{day.month}")
        return self.say("date", weekday=weekday, day=str(day.day), month=month, year=str(day.year))

    def wall_time(self, wall: time) -> str:
        """Say a time of day."""
        return self.say("time", hour=f"{wall.hour:02}", minute=f"{wall.minute:02}")

    def either(self, items: list[str]) -> str:
        """Say alternatives: `email, phone or letter`."""
        return self._joined("or", items)

    def both(self, items: list[str]) -> str:
        """Say things that go together: `email, phone and letter`."""
        return self._joined("and", items)

    def typed(self, text: str) -> str:
        """Give what a colleague typed, on one line, in this language; raises MissingPhrase where nobody translated it.

        Nothing in it can end a line, turn the direction of reading, or stand as markup (THREATS C2, I2).
        """
        said = clean_line(text)
        if self.own or not said:
            return said
        if said not in self.translations:
            shown = said if len(said) <= 60 else said[:57] + "..."
            raise MissingPhrase(f"Nobody has translated {shown!r} into {self.language}; add its translation.")
        return clean_line(self.translations[said])

    def office_text(self, name: str, text: str) -> str:
        """Give a text of the policy, in its own words or, in another language, as the catalogue has it."""
        return clean_line(text) if self.own else self.say(f"text.{name}")

    def _joined(self, key: str, items: list[str]) -> str:
        return items[0] if len(items) == 1 else self.say(key, first=", ".join(items[:-1]), last=items[-1])


def fill(template: str, values: Mapping[str, str], key: str) -> str:
    """Put values into a phrase; raises MissingPhrase where it names one that nobody gave."""
    try:
        return template.format_map(values)
    except KeyError as missing:
        raise MissingPhrase(f"The phrase {key!r} asks for {missing.args[0]!r}, which nobody knows here.") from None


def names(template: str) -> frozenset[str]:
    """Give the names that a phrase fills in; raises ValueError for anything but a bare name in braces."""
    found = set()
    for _, name, form, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError("braces hold a bare name and nothing else")
        found.add(name)
    return frozenset(found)


def parse(language: str, text: str) -> Phrases:
    """Read a catalogue; raises ValueError with every fault in a sentence, measured against the English one."""
    return of_table(language, tomllib.loads(text))


def of_table(language: str, table: Mapping[str, object]) -> Phrases:
    """Take a catalogue that was read from its file; raises ValueError as `parse` does."""
    words = dict(_flat(table))
    english = words if language == SHIPPED else shipped().words
    if faults := list(_faults(words, english)):
        raise ValueError("; ".join(faults))
    return Phrases(words.get("language", language), words)


def untranslated(phrases: Phrases) -> tuple[str, ...]:
    """Name the English keys that a catalogue has no phrase for; an exact number or an Easy Read phrase may be left out.

    Every measure has a phrase in another language. `text.*`, `ground.*` and `role.*` of the policy come on top: they
    are the office's own words.
    """
    wanted = dict.fromkeys((*shipped().words, *(f"measure.{kind}" for kind in KINDS)))
    return tuple(key for key in wanted if key not in phrases.words and not _optional(key))


def _optional(key: str) -> bool:
    head, _, last = key.rpartition(".")
    return key.startswith(_EASY) or (last.isdigit() and head not in ("weekday", "month"))


@cache
def shipped() -> Phrases:
    """Give the English catalogue."""
    return parse(SHIPPED, (HERE / f"{SHIPPED}.toml").read_text("utf-8"))


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, str):
            yield prefix + key, value
        else:
            raise ValueError(f"{prefix}{key} is not a text")


def _faults(words: Mapping[str, str], english: Mapping[str, str]) -> Iterator[str]:
    """Find phrases that cannot be filled in, and those that leave out what the English one tells."""
    for key, template in words.items():
        if clean_line(template) != template:
            yield f"{key} is not one clean line"
        try:
            named = names(template)
        except ValueError as fault:
            yield f"{key}: {fault}"
            continue
        model = english.get(key.removeprefix(_EASY))
        if model is not None and (unknown := named - names(model)):
            yield f"{key} names {', '.join(sorted(unknown))}, which nobody fills in"
        elif model is not None and not key.startswith(_EASY) and (left := names(model) - named):
            yield f"{key} leaves out {', '.join(sorted(left))}"
