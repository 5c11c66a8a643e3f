"""Forms of webhooks: what the standard library reads, pair by pair."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.phone.form import pairs

MOST = 20


def by_library(body: bytes) -> list[tuple[str, str]] | None:
    """Give what `parse_qsl` reads; None where it refuses the form."""
    with suppress(ValueError):
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST)
    return None


def ours(body: bytes) -> list[tuple[str, str]] | None:
    """Give what we read; None where we refuse the form."""
    with suppress(ValueError):
        return pairs(body, MOST)
    return None


HOSTILE = st.lists(
    st.sampled_from(
        [b"&", b"=", b"%", b"+", b"%2", b"%2B", b"%2b", b"%C3%A9", b"%ff", b"%00", b"a", b"\xc3\xa9", b"\xff"]
    )
    | st.binary(max_size=3),
    max_size=30,
).map(b"".join)


@given(HOSTILE)
@example(b"%2541")
@example(b"a=1&&b")
@example(b"&".join([b"a=1"] * MOST))
@example(b"&".join([b"a=1"] * (MOST + 1)))
def test_any_octets_are_read_as_by_the_library(body):
    """The same pairs, or refused by both: too many, not UTF-8, escapes of what is not UTF-8."""
    assert ours(body) == by_library(body)


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=MOST))
def test_what_was_encoded_comes_back(form):
    """Any text in names and values, blank ones too; whatever no UTF-8 can say is refused."""
    body = urlencode(form, errors="surrogatepass").encode()
    surrogates = any("\ud800" <= one <= "\udfff" for pair in form for text in pair for one in text)
    assert ours(body) == (None if surrogates else form)


def test_too_many_pairs_are_refused():
    """One more than there may be is a ValueError, before anything is read."""
    with pytest.raises(ValueError, match="more than 2 pairs"):
        pairs(b"a=1&b=2&%FF=3", 2)
