"""What the office says on the phone: the policy's words, spoken or as the office's recordings, in a caller's language.

Belongs here: choosing words. Promises that they say nothing of a person, and that a language is spoken only where the
office has checked words in it; all else is said in the office's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from adapters.phone.call import Spoken
from rules import identity
from rules.policies import Texts
from rules.standing import Standing

TRANSLATED = "translated"
PERSON_ON_LINE = "person_on_line"
CALL_WARNING = "call_warning"
"""Forms of an adjustment that are heard on the phone (`rules.standing.FORMS`)."""
_NAMES = {
    "arabic": "ar",
    "bengali": "bn",
    "cymraeg": "cy",
    "gaelic": "gd",
    "gujarati": "gu",
    "irish": "ga",
    "polish": "pl",
    "portuguese": "pt",
    "punjabi": "pa",
    "romanian": "ro",
    "somali": "so",
    "turkish": "tr",
    "ukrainian": "uk",
    "urdu": "ur",
    "welsh": "cy",
}
"""Languages as colleagues write them on an adjustment; any other by its code."""
_REGIONS = {"cy": "cy-GB", "pl": "pl-PL", "pt": "pt-PT", "ro": "ro-RO", "tr": "tr-TR", "ar": "arb", "uk": "uk-UA"}
"""How the provider names the languages that it speaks."""
_WORD = re.compile(r"[^\W\d_]+")
_RECORDING = "https://"


class CallWords:
    """Give the office's words by the names that they have in the policy's texts.

    `recordings` are addresses of the office's own recordings by the name of a text, `cy:voicemail` for one in a
    language; `phrases` are the checked words of each language by its code, `text.voicemail` and so on; `lines` are the
    languages of the office's lines.
    """

    def __init__(
        self,
        texts: Texts,
        office: str,
        recordings: Mapping[str, str] | None = None,
        phrases: Mapping[str, Mapping[str, str]] | None = None,
        lines: Mapping[str, str] | None = None,
    ) -> None:
        self._texts = texts
        self._office = office
        self._recordings = recordings or {}
        self._phrases = phrases or {}
        self._lines = lines or {}

    def spoken(self, name: str, language: str = "") -> Spoken:
        """Give a text of the policy in a language, or in the office's own where it has no words in that."""
        if language:
            tag = _REGIONS.get(language, language)
            if recording := self._recordings.get(f"{language}:{name}"):
                return Spoken(play=recording, language=tag)
            if words := self._phrases.get(language, {}).get(f"text.{name}"):
                return Spoken(self._named(words), language=tag)
        own: str = getattr(self._texts, name)
        return Spoken(self._named(own), self._recordings.get(name, ""))

    def own(self, words: str, language: str = "") -> Spoken:
        """Give a message that colleagues wrote into a measure, or the address of one; empty: the policy's."""
        if not words or words == self._texts.automated_line:
            return self.spoken("automated_line", language)
        return Spoken(play=words) if words.startswith(_RECORDING) else Spoken(self._named(words))

    def language_of(self, standing: Standing, line: str, now: datetime) -> str:
        """Give the code of the language in which a party is to be spoken to, "" for the office's own.

        It is what an adjustment in force names among its details, by code or name, and the office has words in; else
        that of the line that was called.
        """
        for one in standing.adjustments:
            if TRANSLATED in one.forms and one.in_force(now):
                said = [word.lower() for word in _WORD.findall(one.detail)]
                found = (code for word in said if (code := _NAMES.get(word, word)) in self._languages)
                if language := next(found, ""):
                    return language
        known = identity.phone(line)
        return self._lines.get(known.value if known else line, "")

    @property
    def _languages(self) -> frozenset[str]:
        recorded = (name.partition(":")[0] for name in self._recordings if ":" in name)
        return frozenset((*self._phrases, *recorded))

    def _named(self, words: str) -> str:
        return words.replace("{office}", self._office)


def has_form(standing: Standing, form: str, now: datetime) -> bool:
    """Tell whether an adjustment in force asks for a form."""
    return any(form in one.forms and one.in_force(now) for one in standing.adjustments)
