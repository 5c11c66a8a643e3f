"""The words of HTML mail, as a person sees them, whatever the HTML, in little time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.html_text import html_text

WORDS = {
    "paragraphs": ("<p>One</p><p>two <b>th</b>ree</p>", "One\ntwo three"),
    "line breaks": ("One<br>two", "One\ntwo"),
    "a list": ("<ul><li>One<li>two</ul>three", "One\ntwo\nthree"),
    "a table": ("<table><tr><td>One<td>two<tr><td>three</table>", "One\ntwo\nthree"),
    "entities": ("One &amp; two&nbsp;three &#8211; &bogus;", "One & two three \u2013 &bogus;"),
    "what is not shown": ("<head><title>x</title></head><style>x</style><script>x</script><!-- x -->One", "One"),
    "styles change nothing": ('<p style="padding-left:9999em;margin-top:999em">One</p>', "One"),
    "an XML declaration": ('<?xml version="1.0" encoding="utf-16"?><p>One</p>', "One"),
    "no tags": ("One two", "One two"),
    "nothing": ("", ""),
    "blanks": (" \n\t ", ""),
}


@pytest.mark.parametrize(("html", "text"), WORDS.values(), ids=WORDS)
def test_the_words(html, text):
    """A line for each block, the blanks between words as one."""
    assert html_text(html).strip() == text


QUOTED = {
    "a quote": "<p>Mine</p><blockquote>theirs</blockquote>",
    "a quote in a quote": "<p>Mine</p><blockquote>theirs<blockquote>older</blockquote></blockquote>",
    "as one provider marks it": '<div>Mine</div><div class="x gmail_quote">On Monday you wrote: theirs</div>',
    "as an office program marks it": '<div>Mine</div><div><div id="divRplyFwdMsg">From: x</div><div>theirs</div></div>',
}


@pytest.mark.parametrize("html", QUOTED.values(), ids=QUOTED)
def test_quotes_are_left_out_where_they_are_not_wanted(html):
    """By their tag, or as mail programs mark them."""
    assert html_text(html, quotes=False).strip() == "Mine"
    assert "theirs" in html_text(html)


FILLS = {
    "blocks in blocks": "<div>",
    "tables in tables": "<table><tr><td>x",
    "lists in lists": '<ul style="padding-left:100000000em"><li>a',
    "cells": "<td>a<br>b</td>",
    "paragraphs with margins": '<p style="margin-top:100000em">a',
    "spans of rows": "<tr><td colspan=100000 rowspan=10000>a</td></tr>",
    "open brackets": "<",
    "attributes": "<a b='",
    "comments": "<!--",
    "ampersands": "&#",
    "marked sections": "<![IE[<",
    "quotes": "<blockquote>x",
    "declarations": "<?xml ",
    "paragraphs": "<p>",
}


@pytest.mark.parametrize("fill", FILLS.values(), ids=FILLS)
@pytest.mark.parametrize("quotes", [True, False], ids=["with quotes", "without"])
def test_hostile_html_costs_little(fill, quotes):
    """Neither time nor room: a style may ask for a line of a gigabyte (THREATS C1)."""
    html = fill * (1_000_000 // len(fill))
    began = time.perf_counter()
    assert len(html_text(html, quotes=quotes)) < 1_000_000
    assert time.perf_counter() - began < 1.0


@given(st.text(st.sampled_from('<>/&;"=! abpdivtrl#x\0\ud800\u202e'), max_size=200))
def test_no_text_raises(html):
    """Whatever the signs, some words come out, or none."""
    assert "\0" not in html_text(html)
