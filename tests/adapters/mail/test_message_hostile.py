"""Hostile headers: no exception, bounded time, no control characters, and no address that readers disagree about."""

import string
import time
import unicodedata
from email import policy
from email.headerregistry import HeaderRegistry
from email.parser import BytesHeaderParser
from email.utils import getaddresses

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.mail.addresses import lowered, one_author
from adapters.mail.header import LONGEST_HEADER
from adapters.mail.message import Heading, answerable, read
from adapters.mail.trace import content_digest, content_key

OCTETS = [bytes([octet]) for octet in range(256)]
NAMES_OF_FIELDS = [
    b"From:",
    b"from :",
    b"From\r\n :",
    b"Subject:",
    b"To:",
    b"Date:",
    b"Received:",
    b"List-Id:",
    b"Reply-To:",
]
ADDRESSES = [b"r@example.org", b"<x@example.net>", b'"r@example.org"', b"=?utf-8?q?r=40a.example?=", b"Team:"]
BRACKETS = [b"(", b")", b"(" * 300, b"=?utf-8?b?", b"?=", b";", b",", b"\xe2\x80\xae", b"\0", b" " * 200, b"\\", b'"']
LINES = [b"\r\n", b"\r\n ", b"\r\n\r\n", b"Parley-Trace:"]
PIECE = st.one_of(*(st.sampled_from(kind) for kind in (OCTETS, NAMES_OF_FIELDS, ADDRESSES, BRACKETS, LINES)))
HOSTILE = st.lists(PIECE, max_size=40).map(b"".join)
SLOWEST_S = 0.05


@given(st.one_of(HOSTILE, HOSTILE.map(b"From: ".__add__), st.binary(max_size=400)))
def test_no_octets_raise(raw):
    """Whatever the octets, the header is read, within its promises."""
    heading = read(raw)
    assert (heading.sender is None) == bool(heading.doubt)
    if heading.sender is not None:
        assert heading.candidates == (heading.sender,)
    assert isinstance(answerable(heading, "a@example.org"), bool)
    assert heading.date is None or heading.date.tzinfo is not None
    assert heading.received_at is None or heading.received_at.tzinfo is not None
    content_key("r@example.org", raw)
    for text in shown_texts(heading):
        assert not [sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")]
        assert not [
            sign
            for sign in text
            if unicodedata.bidirectional(sign) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        ]


def shown_texts(heading: Heading) -> list[str]:
    """Give all texts of a heading that may reach a screen or a header."""
    texts = [heading.subject, heading.message_id, heading.in_reply_to, heading.sender or "", heading.doubt]
    return [*texts, *heading.to, *heading.cc, *heading.traces]


ON_ONE_LINE = [octet for octet in OCTETS if octet not in b"\r\n"]
AUTHORS = st.lists(st.one_of(*map(st.sampled_from, (ON_ONE_LINE, ADDRESSES, BRACKETS))), max_size=5)


@given(AUTHORS.map(b"".join), st.sampled_from([b"<x@example.net>", b"x@example.net"]), AUTHORS.map(b"".join))
def test_a_certain_author_is_certain_to_the_library_too(before, author, behind):
    """What the own pattern takes for one author, both readers of the standard library read alike."""
    value = before + author + behind
    sender, _ = one_author(value)
    if sender is None:
        return
    text = value.decode("utf-8", "replace")
    assert [lowered(address) for _, address in getaddresses([text])] == [sender]
    assert [lowered(one.addr_spec) for one in HeaderRegistry()("From", text).addresses] == [sender]


ATOMS = st.text(string.ascii_letters + string.digits + "!#$%&'*+/=?^_`{|}~-.", min_size=1, max_size=8)
QUOTABLE = "".join(sign for sign in string.printable if sign.isprintable() and sign not in '"\\')
ODD_NAMES = [
    "=?utf-8?q?r=40example.org=2C?=",
    '"r@example.org"',
    "Ren\u00e9",
    '"a \\" <x@example.net>"',
    "\u2028",
    "\uff20",
]
NAMES = st.lists(
    st.one_of(ATOMS, st.text(QUOTABLE, max_size=12).map('"{}"'.format), st.sampled_from(ODD_NAMES)), max_size=4
).map(" ".join)


@given(
    NAMES,
    st.sampled_from(["x@example.net", "a.b+c@EXAMPLE.net", "o'n@x-y.example", "a=b@h"]),
    st.sampled_from(["", " ", " (n)", "\t"]),
)
def test_names_cannot_hide_an_author(name, address, tail):
    """Before one address in angle brackets any name may stand; it never changes who is read."""
    value = f"{name} <{address}>{tail}".encode()
    sender, _ = one_author(value)
    assume(sender is not None)
    text = value.decode()
    assert sender == lowered(address)
    assert [lowered(one) for _, one in getaddresses([text])] == [sender]
    assert [lowered(one.addr_spec) for one in HeaderRegistry()("From", text).addresses] == [sender]


@given(HOSTILE)
def test_the_library_finds_no_author_that_is_not_a_candidate(raw):
    """Whoever the standard library's parser takes for the author is the sender or a candidate."""
    heading = read(raw)
    fields = BytesHeaderParser(policy=policy.compat32).parsebytes(raw).get_all("from", [])
    try:
        theirs = [lowered(address) for _, address in getaddresses([str(field) for field in fields])]
    except Exception:
        return
    plain = {address for address in theirs if address.isascii() and address.isprintable() and address.count("@") == 1}
    plain = {address for address in plain if not set(' "\\()<>,;:[]') & set(address) and not address.startswith("@")}
    plain = {
        address.strip("'.")
        for address in plain
        if "." not in (address[-1], address.partition("@")[0][:1], address.partition("@")[0][-1:])
    }
    assert heading.incomplete or {address for address in plain if address[-1] != "@"} <= {
        one.strip("'.") for one in heading.candidates
    }


BOMBS = [
    pytest.param(b"Subject: " + b"a" * 700_000, id="a Subject of 700 kB"),
    pytest.param(b"Subject: " + b"=?utf-8?q?a?= " * 17_000, id="a Subject of encoded words"),
    pytest.param(b"Subject: " + b"=?" * 120_000, id="a Subject of half words"),
    pytest.param(b"To: " + b"a@example.org, " * 23_000, id="350 kB of recipients"),
    pytest.param(b"To: " + b'"\\' * 120_000, id="recipients of quotes and backslashes"),
    pytest.param(b"Cc: " + b"(" * 240_000, id="recipients of parentheses"),
    pytest.param(b"From: " + b"(" * 240_000, id="an author of parentheses"),
    pytest.param(b"From: " + b'"' * 240_000, id="an author of quotes"),
    pytest.param(b"From: " + b"a@" * 120_000, id="an author of at signs"),
    pytest.param(b"From: " + b" " * 240_000 + b"x", id="an author of blanks"),
    pytest.param(b"From: " + b"\\" * 990, id="an author of backslashes, as long as is parsed"),
    pytest.param(b"From: " + b"(" * 495 + b")" * 495, id="an author of parentheses, as long as is parsed"),
    pytest.param(b"From: " + b"a@b," * 248, id="an author of addresses, as long as is parsed"),
    pytest.param(b"From: " + b"[" * 990, id="an author of square brackets, as long as is parsed"),
    pytest.param(b"From: " + b'"a" ' * 247, id="an author of words, as long as is parsed"),
    pytest.param(b"From: " + b"=?utf-8?q?a?= " * 70, id="an author of encoded words, as long as is parsed"),
    pytest.param(b"From: a@b\r\n" * 20_000, id="authors without end"),
    pytest.param(b"".join(b"From: %d@b\r\n" % n for n in range(18_000)), id="different authors without end"),
    pytest.param(b"".join(b"From: %d%s\r\n" % (n, b"(" * 900) for n in range(250)), id="authors of parentheses"),
    pytest.param(b"References: " + b"<a@b>" * 50_000, id="references without end"),
    pytest.param(b"Message-ID: " + b"<" * 240_000, id="an id of brackets"),
    pytest.param(b"Received: " + b"a\r\n b" * 50_000, id="one Received folded without end"),
    pytest.param(b"Received: a\r\n" * 18_000, id="Received without end"),
    pytest.param(b"\r\n" * 120_000, id="blank lines"),
    pytest.param(b"\r" * 240_000, id="bare CR"),
    pytest.param(b" \r\n" * 80_000, id="lines of blanks"),
    pytest.param(b"a" * LONGEST_HEADER, id="a line without end"),
    pytest.param(b"Date: " + b"9" * 240_000, id="a date of digits"),
    pytest.param(b"Parley-Trace: a\r\n" * 15_000, id="traces without end"),
]


@pytest.mark.parametrize("header", BOMBS)
def test_time_is_bounded(header):
    """No header costs more than 50 ms of processor time (THREATS C1)."""
    raw = header + b"\r\n\r\nHello.\r\n"
    assert min(cpu(read, raw) for _ in range(3)) < SLOWEST_S
    assert min(cpu(content_digest, raw) for _ in range(3)) < SLOWEST_S


def cpu(act, raw):
    """Measure processor seconds."""
    start = time.process_time()
    act(raw)
    return time.process_time() - start
