"""Case references and phrases: which spellings are the same, and what only contains them or looks like them."""

from __future__ import annotations

import re
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.case_references import LONGEST_TEXT, References, Text, key, phrase, reference

BARRED = References(["HO/2024-123"], ["Parking permits"])
CASE, PERMITS = ("ho 2024 123",), ("parking permits",)

FOUND = {
    "as the office writes it": "HO/2024-123",
    "with blanks and in small letters": "ho 2024 123",
    "with other separators": "Ho-2024/123",
    "with fewer separators": "HO2024-123",
    "with a full stop in it": "HO.2024.123",
    "after the prefix of an answer": "Re: AW: HO/2024-123",
    "in brackets": "[HO/2024-123] (was: something)",
    "after a label": "Ref:HO/2024-123",
    "after a sharp": "#HO/2024-123",
    "at the end of a sentence": "I wrote about HO/2024-123. Then you wrote.",
    "before a comma and a figure": "HO/2024-123, 4 letters",
    "before a dash and a figure": "HO/2024-123 - 4 letters",
    "before a dash and a word": "HO/2024-123- please answer",
    "before an em dash": "HO/2024-123\u2014please answer",
    "as somebody's": "HO/2024-123's outcome",
    "over the end of a line": "HO/2024-\r\n123",
    "over the end of a line without its hyphen": "HO/2024\n 123",
    "in full-width digits and letters": "\uff28\uff2f\uff0f\uff12\uff10\uff12\uff14\uff0d\uff11\uff12\uff13",
    "with a zero-width space in it": "HO/2024-1\u200b23",
    "with a soft hyphen in it": "HO/20\u00ad24-123",
    "with a variation selector in it": "HO/2024\ufe0f-123",
    "with a byte order mark before it": "\ufeffHO/2024-123",
    "with non-breaking hyphen and blank": "HO\u00a02024\u2011123",
    "with dashes for hyphens": "HO\u20132024\u2014123",
}
LONGER = {
    "one more digit": "HO/2024-1234",
    "one more digit before": "1HO/2024-123",
    "a letter after it": "HO/2024-123A",
    "a letter before it": "XHO/2024-123",
    "one more part": "HO/2024-123-4",
    "one more part in front": "EU-HO/2024-123",
    "one more part after an en dash": "HO/2024-123\u20134",
    "a part after a full stop": "HO/2024-123.5",
    "initials after it": "HO/2024-123/AB",
    "one more part on the next line": "HO/2024-123-\r\n4",
    "one more part where a header was folded": "HO/2024-123- 4",
}
NOT_THERE = {
    "another year": "HO/2023-123",
    "digits in another order": "HO/2024-132",
    "leading zeros": "HO/2024-0123",
    "a Cyrillic letter that looks alike": "\u041dO/2024-123",
    "letters for digits": "HO/2O24-l23",
    "an Arabic digit": "HO/2024-12\u0663",
    "a superscript": "HO/2024-12\u00b3",
    "no separators at all": "HO2024123",
    "a comma in it": "ho, 2024, 123 people",
    "a paragraph in it": "ho 2024\n\n123 people",
    "words in it": "ho in 2024 for 123 people",
}


def search(text: str, looked_for: References = BARRED):
    """Look for the barred ones in a text."""
    return looked_for.search(Text.of(text))


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND)
def test_a_reference_is_found_however_it_is_written(text):
    """Case, separators, width, line ends and what nobody sees make no other reference."""
    assert search(text).names == CASE
    assert not search(text).alike


@pytest.mark.parametrize("text", (LONGER | NOT_THERE).values(), ids=LONGER | NOT_THERE)
def test_what_is_no_such_reference_is_not_found(text):
    """A part of a longer reference, and what only looks alike to the eye, is another one or none."""
    assert search(text).names == ()


@pytest.mark.parametrize("text", LONGER.values(), ids=LONGER)
def test_a_longer_reference_is_another_one(text):
    """What goes on is taken for a reference to something else."""
    assert search(text).others


ELSEWHERE = {
    "another of the same form": ("HO/2024-999", True, True),
    "another of the same form in blanks": ("ho 2026 7", True, False),
    "one of another form": ("LL-20417", False, True),
    "one of another form beside it": ("HO/2024-123 and my REF20417", False, True),
    "a date": ("HO/2024-123 of 12/03/2026", False, False),
    "a telephone number": ("HO/2024-123, call 01632 960001", False, False),
    "a postcode and a room": ("HO/2024-123, room 12b, SW1A 1AA", False, False),
    "nothing": ("HO/2024-123 again", False, False),
}


@pytest.mark.parametrize(("text", "alike", "others"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_other_references_are_noticed(text, alike, others):
    """Whatever looks like a reference beside those looked for may be something else that is raised."""
    found = search(text)
    assert (found.alike, found.others) == (alike, others)


def test_a_reference_without_letters_is_like_others_of_its_length():
    """Six digits are another case of six digits; a year or an amount is none."""
    numbers = References(["204171"])
    assert search("204171 and 204172", numbers).alike
    assert not search("204171 in 2026 for 12500", numbers).alike


PHRASES = {
    "in capitals": ("PARKING PERMITS", PERMITS),
    "over a line and two blanks": ("about parking\n  permits again", PERMITS),
    "in quotes": ('your "parking permits" letter', PERMITS),
    "with an apostrophe after it": ("the parking permits' price", PERMITS),
    "a word between": ("parking and permits", ()),
    "two sentences": ("I was parking. Permits are dear.", ()),
    "a part of a word": ("parking permitsholder", ()),
    "figures at its end": ("parking permits2026", ()),
    "another order": ("permits for parking", ()),
    "a paragraph between": ("parking\n\npermits", ()),
}


@pytest.mark.parametrize(("text", "names"), PHRASES.values(), ids=PHRASES)
def test_a_phrase_is_found_whole(text, names):
    """A subject is found as it stands, in one sentence, in whole words."""
    assert search(text).names == names


def test_a_short_reference_is_found_without_blanks_only():
    """Written with a blank it would be a part of any sentence."""
    short = References(["C-12"])
    assert search("case c/12, please", short).names == ("c 12",)
    assert search("vitamin c 12 times a day", short).names == ()


def test_several_are_found_each_by_its_name():
    """Every one that is there is named, the longer one where both could stand."""
    several = References(["HO/2024-123", "HO/2024-124", "HO/2024"], ["Mill Lane"])
    assert search("mill lane: ho/2024-124, HO/2024-123 and HO/2024-124", several).names == (
        "mill lane",
        "ho 2024 124",
        "ho 2024 123",
    )
    assert several.names["ho 2024 124"] == "HO/2024-124"


@pytest.mark.parametrize(
    ("read", "text", "why"),
    [
        (reference, "complaint", "is no case reference"),
        (reference, "A1", "is no case reference"),
        (reference, "", "is no case reference"),
        (reference, "HO/2024-1\x00", "is no case reference"),
        (reference, "9" * 61, "60 characters at most"),
        (reference, "HO/2024-123 and 124, both", "more than one"),
        (phrase, "the", "too short"),
        (phrase, "...", "too short"),
        (phrase, "a b " * 20, "20 words at most"),
        (phrase, "x" * 201, "20 words at most"),
    ],
)
def test_what_would_match_anything_is_refused(read, text, why):
    """A reference has three letters and digits and a digit among them; a phrase is no single short word."""
    with pytest.raises(ValueError, match=why):
        read(text)


def test_what_an_office_writes_is_kept_as_it_is_written():
    """Blanks are set right, everything else stays."""
    assert reference("  HO/2024-123 ") == "HO/2024-123"
    assert phrase("Parking \n permits") == "Parking permits"


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text):
    """Whatever is written, it is searched without an exception, and folding what is folded changes nothing."""
    found = search(text)
    assert set(found.names) <= {*CASE, *PERMITS}
    assert key(key(text)) == key(text)


@given(
    st.text("hoHO ./-_2034\n", max_size=12),
    st.text("hoHO ./-_1204\n", max_size=12),
    st.sampled_from(["HO/2024-123", "ho 2024 123", "HO-2024\n123"]),
)
def test_it_is_found_where_nothing_leads_on(before, after, written):
    """An independent reading agrees: found for sure between blanks, never where a letter or digit touches it."""
    assert CASE[0] in search(f"{before} ; {written} ; {after}").names
    touched = re.search(r"[0-9a-zA-Z]\Z", before) or re.match(r"[0-9a-zA-Z]", after)
    if touched and not re.search(r"(?i)ho[^a-z0-9]{0,3}2024[^a-z0-9]{0,3}123(?![0-9a-z])", before + " " + after):
        assert CASE[0] not in search(before + written + after).names


@pytest.mark.parametrize(
    "text",
    ["ho 2024 " * 9000, "ho" * 90_000, "\u0301\u0316" * 40_000, "HO/" * 30_000, "1-" * 50_000, "\u200b" * 90_000],
    ids=["beginnings", "no gaps", "marks", "separators", "one long run", "nothing to see"],
)
def test_hostile_texts_cost_little(text):
    """Only so much is looked at, in a time that grows with it alone."""
    many = References([f"HO/2024-{number}" for number in range(100)], [f"word{n} and more" for n in range(100)])
    began = time.perf_counter()
    many.search(Text.of(text))
    assert time.perf_counter() - began < 0.5
    assert len(Text.of(text).folded) <= 2 * LONGEST_TEXT


def test_keys_are_plain():
    """A key has small letters, digits and single blanks, whatever separates the parts."""
    assert key("HO//2024 - 123") == "ho 2024 123"
    assert set(key("HO/2024-123")) <= set(string.ascii_lowercase + string.digits + " ")
