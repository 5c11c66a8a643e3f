"""Letters as PDF/UA: a letter's parts in, tagged PDF bytes out, by typst, in this process, without any network.

Belongs here: the typesetter and its one template. No word of a letter is ever source: words go in as data, so nothing
that a party chose can be markup. The same letter gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import typst  # the typesetter is seven megabytes: a process that prints nothing never loads it

HERE = Path(__file__).parent
SERIF = "Libertinus Serif"
"""The face inside typst itself: no file, no folder of the machine is needed; Latin, Greek and Cyrillic."""
MOST_OCTETS = 1_000_000
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:-([A-Z]{2}))?")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_NO_GLYPH = re.compile(r"the text `?\"(.*?)\"`? could not be displayed", re.DOTALL)


PICTURES = frozenset({"", "email", "call", "sms", "letter", "visit", "web", "online", "yes", "no"})
"""The pictures that the press can draw."""


class Unprintable(ValueError):
    """Say to a person why a letter cannot be printed, and what would help; permanent until the letter is changed."""


@dataclass(frozen=True, slots=True)
class Part:
    """Hold one part: `texts` is the words of a heading or paragraph, the items of a list, the head of a table.

    `level` is that of a heading, 1 to 3. A `picture` stands beside a heading or paragraph and says nothing more than
    its words: readers of screens pass it over. A `drawing` is SVG of our own making, its words what it shows.
    """

    kind: Literal["heading", "paragraph", "list", "table", "drawing"]
    texts: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    level: int = 1
    picture: str = ""
    drawing: str = ""


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, from 1 to 21 (WCAG 2.2, 1.4.3)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def pages(pdf: bytes) -> int:
    """Count the pages of what this press printed; of other PDFs nothing is promised."""
    found = re.search(rb"/Type/Pages/Count (\d+)", pdf)
    if found is None:
        raise ValueError("this press did not print it")
    return int(found[1])


def _luminance(colour: str) -> float:
    shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@dataclass(frozen=True, slots=True)
class Look:
    """Say how a letter looks: `size` in points, the colours of paper and ink as `#rrggbb` (HO-3).

    `airy` leaves room between lines and parts, which a page that must be one does without.
    """

    size: int = 11
    paper: str = "#ffffff"
    ink: str = "#000000"
    airy: bool = True

    def __post_init__(self) -> None:
        """Refuse what nobody could read."""
        if not 8 <= self.size <= 40:
            raise ValueError(f"{self.size} points: choose from 8 to 40")
        for colour in (self.paper, self.ink):
            if not _COLOUR.fullmatch(colour):
                raise ValueError(f"{colour!r} is not a colour; write it as #fff8dc")
        if (ratio := contrast(self.paper, self.ink)) < 4.5:
            raise ValueError(f"ink and paper are too alike ({ratio:.1f} to 1); choose colours of at least 4.5 to 1")


@dataclass(frozen=True, slots=True)
class PrintedLetter:
    """Hold a letter as it is printed: `language` as `en-GB`, `at` (aware) is the date that the file carries."""

    title: str
    author: str
    language: str
    at: datetime
    parts: tuple[Part, ...]
    look: Look = Look()


class Press:
    """Print letters; fonts are read once. One letter at a time: threads may share a press and wait for each other."""

    def __init__(self, fonts: Path | None = None, family: Sequence[str] = (SERIF,)) -> None:
        """Take a folder of further fonts and the families to use, the first that has a sign wins.

        Without a folder nothing outside typst is read, the machine's own fonts least of all.
        """
        import typst  # as above

        self._family = tuple(dict.fromkeys((*family, SERIF)))
        self._fonts = typst.Fonts(include_system_fonts=False, font_paths=[fonts] if fonts else [])
        if missing := set(self._family) - set(self._fonts.families()):
            raise ValueError(f"there is no font {', '.join(sorted(missing))} in {fonts or 'the typesetter'}")
        self._source = (HERE / "letter.typ").read_bytes()
        self._compiler = typst.Compiler(root=HERE, font_paths=self._fonts, ignore_system_fonts=True)
        self._lock = Lock()

    def print(self, letter: PrintedLetter) -> bytes:
        """Give the letter as PDF/UA-1; raises Unprintable with a sentence, ValueError for a time without its zone."""
        import typst  # as above

        if letter.at.tzinfo is None:
            raise ValueError("the date of a letter has a zone")
        data = self._data(letter)
        with self._lock:
            try:
                printed = self._compiler.compile(
                    self._source,
                    format="pdf",
                    sys_inputs={"letter": data},
                    pdf_standards="ua-1",
                    timestamp=int(letter.at.timestamp()),
                )
            except typst.TypstError as failed:
                raise Unprintable(_sentence(failed)) from None
        assert isinstance(printed, bytes)  # typst gives a list for pictures of several pages only
        return printed

    def _data(self, letter: PrintedLetter) -> str:
        language = _LANGUAGE.fullmatch(letter.language)
        if language is None:
            raise Unprintable(f"{letter.language!r} is not a language; write it as en-GB.")
        for part in letter.parts:
            if part.kind == "table" and any(len(row) != len(part.texts) for row in part.rows):
                raise Unprintable("A row of a table has more or fewer cells than its head.")
            if part.picture not in PICTURES:
                raise Unprintable(f"There is no picture {part.picture!r}.")
            if not part.texts:
                raise Unprintable("A part of the letter has no words.")
        try:
            data = json.dumps(
                {
                    "title": letter.title,
                    "author": letter.author,
                    "lang": language[1],
                    "region": language[2],
                    "rtl": language[1] in _RIGHT_TO_LEFT,
                    "family": self._family,
                    "parts": [asdict(part) for part in letter.parts],
                    **asdict(letter.look),
                },
                ensure_ascii=False,
            )
            octets = len(data.encode())
        except UnicodeEncodeError:
            raise Unprintable("The letter has half a sign in it, which no font can show.") from None
        if octets > MOST_OCTETS:
            raise Unprintable("The letter is too long to be printed.")
        return data


def _sentence(failed: typst.TypstError) -> str:
    """Say what is wrong without the letter's words: signs by their number, as a name must not get into a log."""
    found = _NO_GLYPH.search(failed.message)
    if found is None:
        return "The typesetter could not set this letter."
    text = re.sub(r"\\u\{([0-9a-f]+)\}", lambda escape: chr(int(escape[1], 16)), found[1])
    signs = ", ".join(dict.fromkeys(f"U+{ord(sign):04X}" for sign in text if not sign.isspace()))
    return f"Our fonts cannot show every sign of this letter ({signs}). Add a font that has them, or send it as mail."
