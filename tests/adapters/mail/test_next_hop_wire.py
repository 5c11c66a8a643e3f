"""What leaves for the next hop and what is read from it, octet by octet."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.smtp_commands import envelope, offers_of, on_the_wire, path
from adapters.mail.smtp_replies import LINE_LIMIT, LINES_LIMIT, Garbled, Reply, ReplyReader, passed_on

PIECES = st.sampled_from([b".", b"\r\n", b"..", b"\r\n.\r\n", b"a", b"\xff", b" ", b"\r\n..\r\n"])
TEXT = st.lists(PIECES, max_size=12).map(b"".join)


def unstuffed(octets):
    """Read as RFC 5321 4.5.2 says, and give the message with what follows its end."""
    lines = []
    while True:
        line, end, octets = octets.partition(b"\r\n")
        assert end, "the message never ended"
        if line == b".":
            return b"".join(lines), octets
        lines.append((line[1:] if line.startswith(b".") else line) + b"\r\n")


@given(st.lists(TEXT, max_size=5))
def test_a_message_survives_the_wire(chunks):
    """Whatever the chunks, the other side reads the same octets and nothing after them."""
    message = b"".join(chunks)
    read, rest = unstuffed(b"".join(on_the_wire(chunks)))
    assert rest == b""
    assert read == (message if not message or message.endswith(b"\r\n") else message + b"\r\n")


# RFC 5321 has one end of data; these are the others that servers were seen to take (SMTP smuggling, 2023 and 2024).
FAKE_ENDS = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\n",
    b"\r\n.\r",
    b"\r.\n",
    b"\n.\r",
    b"\r\n\x00.\r\n",
    b"\r\n.\x00\r\n",
    b"\r\n.\r\n",
    b"\r\n.\r\n.\r\n",
    b"\r\r\n.\r\r\n",
]
ENDS_SOME_TAKE = re.compile(rb"(?:\r\n|\r|\n)\.(?:\r\n|\r|\n)")


@pytest.mark.parametrize("fake", FAKE_ENDS, ids=[repr(fake)[2:-1] for fake in FAKE_ENDS])
def test_a_fake_end_of_data_leaves_as_one_message_or_not_at_all(fake):
    """What leaves holds one end of data under every reading known, at its very end (S3)."""
    smuggled = (
        b"Subject: a\r\n\r\nhello" + fake + b"MAIL FROM:<boss@example.org>\r\nRCPT TO:<x@example.org>\r\nDATA\r\n"
    )
    bare = re.search(rb"\r(?!\n)|(?<!\r)\n", smuggled)
    if bare:
        with pytest.raises(ValueError, match="bare"):
            on_the_wire([smuggled])
        return
    octets = b"".join(on_the_wire([smuggled]))
    ends = [found.end() for found in ENDS_SOME_TAKE.finditer(octets)]
    assert ends == [len(octets)]


def test_a_fake_end_across_two_chunks_does_not_leave():
    """CR at the end of one chunk and LF at the start of the next are bare each."""
    with pytest.raises(ValueError, match="bare"):
        on_the_wire([b"a\r", b"\n.\r\n"])
    assert b"".join(on_the_wire([b"a\r\n", b".\r\n", b"b"])) == b"a\r\n..\r\nb\r\n.\r\n"
    assert b"".join(on_the_wire([b"a", b".\r\n"])) == b"a.\r\n.\r\n"


def test_a_large_message_without_dots_is_not_copied():
    """The same bytes object goes to the transport."""
    body = b"x" * 100 + b"\r\n"
    assert on_the_wire([body])[0] is body


@given(st.text(max_size=30))
def test_a_path_is_one_line(address):
    """No text makes more of a command than one address."""
    try:
        written = path(address)
    except ValueError:
        return
    assert written.isprintable()
    assert written == "<>" or re.fullmatch(r'<("([^"\\]|\\.)*"|[^"<> ])[^"<> ]*>', written)


def test_what_is_offered():
    """Extensions are known by their first word, in any case."""
    offers = offers_of([b"pipelining", b"SIZE 100", b"X-8BITMIME", b"", b" ", b"dsn", b"STARTTLS"])
    assert offers == (True, False, True, True, False, True)
    assert envelope("<>", ("a@example.org",), (b"\xff",)).eight_bit


@given(
    st.lists(st.tuples(st.integers(200, 599), st.lists(st.binary(max_size=20), min_size=1, max_size=4)), max_size=4),
    st.data(),
)
def test_replies_however_they_are_cut(replies, data):
    """The reader finds the same replies wherever the network cut them."""
    clean = [(code, tuple(re.sub(rb"[\r\n]", b"", text) for text in texts)) for code, texts in replies]
    octets = b"".join(
        b"".join(b"%d%s%s\r\n" % (code, b"-" if n < len(texts) - 1 else b" ", text) for n, text in enumerate(texts))
        for code, texts in clean
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=5)))
    reader, found = ReplyReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
        found += reader.feed(octets[start:end])
    assert found == [Reply(code, texts) for code, texts in clean]
    assert reader.between_replies


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_octets_are_replies_or_garbled(pieces):
    """Nothing else is raised, whatever a peer sends."""
    reader = ReplyReader()
    try:
        for piece in pieces:
            for reply in reader.feed(piece):
                assert 200 <= reply.code < 600
    except Garbled:
        pass


def test_a_reply_has_bounds():
    """Neither a line nor the number of lines grows without end."""
    with pytest.raises(Garbled):
        ReplyReader().feed(b"2" * (LINE_LIMIT + 1))
    with pytest.raises(Garbled):
        ReplyReader().feed(b"250-a\r\n" * (LINES_LIMIT + 1))


@given(st.integers(400, 599), st.lists(st.binary(max_size=1200), min_size=1, max_size=40))
def test_what_is_passed_on_is_safe(code, texts):
    """Lines of printable ASCII, 512 octets at most with their end, every one with the code, the last one marked."""
    lines = passed_on(Reply(code, tuple(texts))).split("\r\n")
    assert len(lines) <= 20
    assert all(re.fullmatch(rf"{code}[ -][ -~]*", line) and len(line) <= 510 for line in lines)
    assert [line[3] for line in lines] == ["-"] * (len(lines) - 1) + [" "]
