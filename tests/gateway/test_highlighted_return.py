"""A message as it goes back with passages marked: whatever it says, it is text in both forms."""

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.text import Shown
from gateway.highlighted_return import NOT_BACK, written
from rules.casework.passages import Passage, marked, quoted
from rules.policies.texts import Texts

TEXTS = Texts(highlighted="{office} sends it back.")
TAGS = {"html", "head", "meta", "title", "body", "p", "br", "blockquote", "mark"}


class Reading(HTMLParser):
    """Read a page as a mail program does: its tags, and what stands in the marks."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.marked, self.words, self._in = set(), [], [], False

    def handle_starttag(self, tag, attrs):
        """Note a tag."""
        self.tags.add((tag, *(name for name, _ in attrs)))
        self._in = tag == "mark"

    def handle_endtag(self, tag):
        """Note that one ends."""
        self._in = self._in and tag != "mark"

    def handle_data(self, data):
        """Keep words."""
        self.words.append(data)
        if self._in:
            self.marked.append(data)


def read(html):
    """Read a page."""
    reading = Reading()
    reading.feed(html)
    reading.close()
    return reading


HOSTILE = st.lists(
    st.sampled_from(
        ["<b>", "</mark>", "<img src=x onerror=y>", "&amp;", '"', "[[", "]]", "{{", "{office}", " ", "\n", "é", "a"]
    ),
    min_size=1,
    max_size=30,
).map("".join)


@given(HOSTILE, st.data())
def test_nothing_that_a_sender_wrote_is_markup(text, data):
    """The page has our own tags alone, no attribute that fetches, and marks what was marked."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    passage = Passage(start=start, end=end, digest=quoted(text[start:end]))
    found = written(Shown((), text), [passage], text, TEXTS, "<The Office>")
    page = read(found.html)
    assert {tag for tag, *_ in page.tags} <= TAGS
    assert {name for _, *names in page.tags for name in names} <= {"style", "dir", "charset"}
    assert text[start:end] in "".join(page.marked)


def test_the_signs_are_none_that_the_message_has():
    """Nobody can mark a passage of their own, or end one early."""
    found = written(Shown((), "a [[b]] {{c fool d"), marked("a [[b]] {{c fool d", ["fool"]), "x", TEXTS, "O")
    assert "> a [[b]] {{c <<<fool>>> d" in found.text
    assert "between <<< and >>>" in found.text


def test_what_is_left_out_is_said():
    """Files are not sent back, nor what was too long; no sign turns the direction of the text."""
    shown = Shown((), "fool \u202egnorw", ("x.pdf",), ("Only a part is shown.",))
    found = written(shown, marked(shown.text, ["fool"]), "x", TEXTS, "The Office")
    assert found.text.startswith("The Office sends it back.")
    for form in (found.text, found.html):
        assert NOT_BACK in form
        assert "Only a part is shown." in form
        assert not re.search("[\u202a-\u202e]", form)
