"""The door to the typesetter: tagged PDF, hostile words as words, refusals with a sentence."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.pdf.letter import PICTURES, Look, Part, Press, PrintedLetter, Unprintable, contrast, pages

AT = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)
PRESS = Press()
LETTER = PrintedLetter(
    title="Your contact arrangements",
    author="Example Office",
    language="en-GB",
    at=AT,
    parts=(
        Part("heading", ("How you can contact us",)),
        Part("heading", ("By email",), level=2, picture="email"),
        Part("paragraph", ("Write to us at enquiries@example.org.",), picture="yes"),
        Part("list", ("By letter", "By email")),
        Part("table", ("How", "When"), (("Email", "At any time"), ("Phone", "Never"))),
    ),
)


def titled(words: str) -> bytes:
    """Print a letter whose title, heading, cells and items are these words."""
    parts = (
        Part("heading", (words,)),
        Part("paragraph", (words,)),
        Part("list", (words,)),
        Part("table", ("How", words), ((words, "x"),)),
    )
    return PRESS.print(replace(LETTER, title=words, author=words, parts=parts))


@pytest.mark.parametrize(
    "mark",
    [
        pytest.param(rb"/StructTreeRoot", id="a tree of its structure"),
        pytest.param(rb"/MarkInfo ?<<\s*/Marked true", id="the word that it is tagged"),
        pytest.param(rb"/Lang ?\(en-GB\)", id="its language"),
        pytest.param(rb"/Title ?\(Your contact arrangements\)", id="its title"),
        pytest.param(rb"/DisplayDocTitle true", id="the wish to show the title"),
        pytest.param(rb"<pdfuaid:part>1</pdfuaid:part>", id="the claim of PDF/UA-1"),
        pytest.param(rb"/S ?/TH", id="the head of its table"),
        pytest.param(rb"/S ?/LI", id="the items of its list"),
        pytest.param(rb"/S ?/H1", id="its headings"),
        pytest.param(rb"/S ?/H2", id="its headings under headings"),
        pytest.param(rb"/S ?/P\b", id="its paragraphs"),
    ],
)
def test_a_letter_is_tagged(mark):
    """A printed letter carries what a reader of screens needs."""
    assert re.search(mark, PRESS.print(LETTER))


@pytest.mark.parametrize(
    "words",
    [
        pytest.param('#include "x"', id="an include"),
        pytest.param('#read("letter.typ")', id="the reading of a file"),
        pytest.param('#import "@preview/x:1.0.0"', id="a package from the network"),
        pytest.param("$x^2$ *b* _i_", id="formulas and emphasis"),
        pytest.param("= heading <label> @reference", id="headings, labels and references"),
        pytest.param("[content] {code} // /* */", id="brackets and comments"),
        pytest.param("a ` \" ' ~ -- ... b", id="raw text, quotes and shorthand"),
        pytest.param("\\ \\# \\u{41}", id="backslashes"),
        pytest.param("a@b.example.org #panic()", id="a command behind an address"),
    ],
)
def test_hostile_words_are_words(words):
    """What a party chose as a name stands in the title as it was written, and is never read as source."""
    printed = re.sub(rb"\\([()\\])", rb"\1", titled(words))
    assert printed.count(b"/Title(" + words.encode() + b")") >= 2  # of the file, and of the heading in its outline


@pytest.mark.parametrize(
    ("words", "sign"),
    [
        pytest.param("Anna\x07Secret", "U+0007", id="a control character"),
        pytest.param("Anna 中 Secret", "U+4E2D", id="a script that the typesetter has no font for"),
        pytest.param("Anna \U0001f600 Secret", "U+1F600", id="a picture"),
        pytest.param("Anna \ud800 Secret", "half a sign", id="half a sign"),
    ],
)
def test_signs_without_a_font_are_refused(words, sign):
    """What no font can show is refused with the sign's number, and the letter's words stay out of the sentence."""
    with pytest.raises(Unprintable) as refused:
        titled(words)
    assert sign in str(refused.value)
    assert "Secret" not in str(refused.value)


def test_other_scripts_inside_the_font_are_printed():
    """Welsh, Greek and Cyrillic names need no font of the machine."""
    assert titled("Llŷn Ŵ Жук Ωμέγα").startswith(b"%PDF")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param({"language": "English"}, "not a language", id="a language that is none"),
        pytest.param({"parts": (Part("table", ("a", "b"), (("c",),)),)}, "more or fewer cells", id="a short row"),
        pytest.param({"parts": (Part("list", ()),)}, "no words", id="an empty list"),
        pytest.param({"parts": (Part("paragraph", ("a",), picture="cat"),)}, "no picture 'cat'", id="a picture"),
        pytest.param({"parts": (Part("paragraph", ("a" * 1_000_001,)),)}, "too long", id="a book"),
    ],
)
def test_a_letter_that_makes_no_sense_is_refused(change, sentence):
    """What cannot be set is refused with a sentence before the typesetter sees it."""
    with pytest.raises(Unprintable, match=sentence):
        PRESS.print(replace(LETTER, **change))


def test_a_date_without_its_zone_is_refused():
    """The date that a file carries is one moment."""
    with pytest.raises(ValueError, match="zone"):
        PRESS.print(replace(LETTER, at=datetime(2026, 3, 11)))  # noqa: DTZ001  # the point of the test


def test_the_same_letter_gives_the_same_octets():
    """What was sent can be proven: another press, the same octets; another day, others."""
    assert Press().print(LETTER) == PRESS.print(LETTER)
    assert PRESS.print(LETTER) != PRESS.print(replace(LETTER, at=AT.replace(day=12)))


def test_threads_share_a_press():
    """Letters printed at the same time wait for each other and get their own words."""
    letters = [replace(LETTER, title=f"Letter {number}") for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        printed = list(pool.map(PRESS.print, letters))
    assert all(f"/Title(Letter {number})".encode() in one for number, one in enumerate(printed))


def test_every_picture_is_drawn():
    """Each that the press has is an artifact beside its words, and changes what is printed."""
    plain = PRESS.print(replace(LETTER, parts=(Part("paragraph", ("Yes",)),)))
    printed = {one: PRESS.print(replace(LETTER, parts=(Part("paragraph", ("Yes",), picture=one),))) for one in PICTURES}
    assert printed.pop("") == plain
    assert len(set(printed.values())) == len(PICTURES) - 1
    assert not any(b"/Figure" in one for one in printed.values())


def test_pages_are_counted():
    """A long letter has several pages, and what the press did not print is refused."""
    long = replace(LETTER, parts=tuple(Part("paragraph", ("Many words. " * 60,)) for _ in range(30)))
    assert pages(PRESS.print(LETTER)) == 1
    assert pages(PRESS.print(long)) > 2
    with pytest.raises(ValueError, match="did not print"):
        pages(b"%PDF-1.7")


@pytest.mark.parametrize(
    ("look", "sentence"),
    [
        pytest.param({"size": 4}, "from 8 to 40", id="letters too small"),
        pytest.param({"paper": "cream"}, "not a colour", id="a colour by name"),
        pytest.param({"paper": "#ffff00", "ink": "#ffffff"}, "too alike", id="white on yellow"),
        pytest.param({"paper": '#ffffff")#'}, "not a colour", id="a colour with a command"),
    ],
)
def test_a_look_that_nobody_could_read_is_refused(look, sentence):
    """Sizes and colours are looked over before they reach the typesetter."""
    with pytest.raises(ValueError, match=sentence):
        Look(**look)


def test_contrast_is_that_of_the_standard():
    """Black on white is 21 to 1, a colour on itself 1 to 1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


def test_a_font_that_is_not_there_is_refused_at_the_start(tmp_path):
    """A family that neither the folder nor the typesetter has is said when the press is set up."""
    with pytest.raises(ValueError, match="no font Example Sans"):
        Press(tmp_path, ("Example Sans",))


def test_a_long_address_stays_in_its_cell():
    """An address wider than its cell goes on in the next line, so its row is taller."""

    def rows(address: str) -> bytes:
        table = Part("table", ("How", "When", "Who", "Where"), (("Email", "x", "y", address),) * 30)
        return PRESS.print(replace(LETTER, parts=(table,)))

    assert pages(rows("casework.team.of.the.north@department.example.org")) > pages(rows("a@example.org"))
