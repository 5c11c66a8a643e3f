"""Who sent a message, by its header (THREATS I1, I2), and what else the header says."""

from datetime import UTC, datetime

import pytest

from adapters.mail.message import answerable, read

R = "r@example.org"
X = "x@example.net"


def head(*lines: bytes) -> bytes:
    """Build a message of these header lines."""
    return b"".join(line + b"\r\n" for line in lines) + b"\r\nHello.\r\n"


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        pytest.param(b"r@example.org", R, id="a bare address"),
        pytest.param(b"<r@example.org>", R, id="an address in angle brackets"),
        pytest.param(b"R. Example <r@example.org>", R, id="a name with a full stop"),
        pytest.param(b'"Example, R." <r@example.org>', R, id="a quoted name with a comma"),
        pytest.param(b'"x@example.net" <r@example.org>', R, id="a quoted name that is somebody else's address"),
        pytest.param(b'"a \\" <x@example.net>" <r@example.org>', R, id="a quoted name with an escaped quote"),
        pytest.param(b"=?utf-8?b?eEBleGFtcGxlLm5ldA==?= <r@example.org>", R, id="an encoded name that is an address"),
        pytest.param(b"r@example.org (R. Example)", R, id="the old form with the name in a comment"),
        pytest.param(b"R (a (nested) comment) <r@example.org>", R, id="a nested comment"),
        pytest.param(
            b"R.Example@EXAMPLE.org", "R.Example@example.org", id="local part as written, domain in lower case"
        ),
        pytest.param(b"Ren\xc3\xa9 <r@example.org>", R, id="a name in raw UTF-8"),
        pytest.param(b"Ren\xe9 <r@example.org>", R, id="a name in raw Latin-1"),
        pytest.param(b"R\r\n Example\r\n\t<r@example.org>", R, id="a folded field"),
        pytest.param(b"r+case.12@example.org", "r+case.12@example.org", id="a tag is part of the address"),
        pytest.param(b"root@localhost", "root@localhost", id="a domain of one label"),
    ],
)
def test_one_author_is_certain(value, sender):
    """A From field with one address in the usual forms names its sender, and nobody else is suspected."""
    heading = read(head(b"From: " + value))
    assert (heading.sender, heading.candidates, heading.doubt) == (sender, (sender,), "")
    assert not heading.incomplete


ONE = "The From field does not name exactly one address in the usual form."
WAYS = "The From field can be read in more than one way."
ODD = "A From field is written in an odd way."
LATE = "The From field stands after a line that is no field."
MIXED = "The header has line ends of more than one kind."
NONE = "There is no From field."
FROM_X = b"From: x@example.net"
DOUBTS = [
    pytest.param(head(b"From: r@example.org", FROM_X), "There are 2 From fields.", {R, X}, id="two From fields"),
    pytest.param(head(FROM_X, FROM_X), "There are 2 From fields.", {X}, id="the same From twice"),
    pytest.param(head(b"From: r@example.org, x@example.net"), ONE, {R, X}, id="two addresses in one field"),
    pytest.param(head(b"To: x@example.net"), NONE, set(), id="no From at all"),
    pytest.param(
        head(b"Sender: r@example.org", b"Reply-To: x@example.net"), NONE, {R, X}, id="Sender and Reply-To only"
    ),
    pytest.param(
        head(b"From\r\n : r@example.org", FROM_X), ODD, {R, X}, id="a name cut off by folding, then a second From"
    ),
    pytest.param(head(b"From\r\n : r@example.org"), ODD, {R}, id="a name cut off by folding"),
    pytest.param(head(b"From : r@example.org"), ODD, {R}, id="a blank before the colon"),
    pytest.param(head(b"From\t: r@example.org", FROM_X), ODD, {R, X}, id="a tab before the colon, then a second From"),
    pytest.param(head(b"\0From: r@example.org"), ODD, {R}, id="a NUL before the name"),
    pytest.param(head(b"Fr\0om: r@example.org", FROM_X), ODD, {R, X}, id="a NUL inside the name"),
    pytest.param(head(b"From\xc2\xad: r@example.org"), ODD, {R}, id="a soft hyphen in the name"),
    pytest.param(head(b">From: r@example.org", FROM_X), ODD, {R, X}, id="a From escaped as in a mailbox"),
    pytest.param(
        head(b"FROM: r@example.org", b"from: x@example.net"), "There are 2 From fields.", {R, X}, id="case is no help"
    ),
    pytest.param(
        head(b"Subject: a", b"no field at all", b"From: r@example.org"), LATE, {R}, id="From after a broken line"
    ),
    pytest.param(head(b"Subject: a", b" \t ", b"From: r@example.org"), LATE, {R}, id="From after a line of blanks"),
    pytest.param(
        head(b" a folded line first", b"From: r@example.org"), LATE, {R}, id="From after a line that continues nothing"
    ),
    pytest.param(
        head(b"From r@example.org Mon Mar  9 10:00:00 2026", b"From: r@example.org"), LATE, {R}, id="a mailbox's line"
    ),
    pytest.param(
        b"\r\n" + head(b"From: r@example.org"), "A blank line stands before the header.", {R}, id="a blank line first"
    ),
    pytest.param(
        b"Subject: hi\nFrom: r@example.org\r\nFrom: x@example.net\r\n\r\n", MIXED, {R, X}, id="a bare LF makes a field"
    ),
    pytest.param(
        b"Subject: hi\rFrom: r@example.org\r\nFrom: x@example.net\r\n\r\n", MIXED, {R, X}, id="a bare CR makes a field"
    ),
    pytest.param(
        b"From: x@example.net\n\nFrom: r@example.org\r\n\r\n", "", {X}, id="a Unix file's header ends at its blank line"
    ),
    pytest.param(head(b"From: =?utf-8?q?r=40example.org?="), ONE, {R}, id="the whole address is an encoded word"),
    pytest.param(head(b"From: <=?utf-8?q?r?=@example.org>"), ONE, {R}, id="an encoded word as local part"),
    pytest.param(head(b"From: =?utf-8?q?r=40example.org=2C?= x@example.net"), ONE, {R, X}, id="an encoded list"),
    pytest.param(head(b"From: r@example.org <x@example.net>"), ONE, {R, X}, id="an unquoted address as name"),
    pytest.param(head(b"From: r@example.org)x@example.net"), ONE, {R, X}, id="CVE-2023-27043: a lone closing bracket"),
    pytest.param(head(b"From: r@example.org(<x@example.net>"), ONE, {R, X}, id="CVE-2023-27043: an opening bracket"),
    pytest.param(
        head(b"From: <r@example.org>x@example.net"), ONE, {R, X}, id="CVE-2023-27043: an address behind the brackets"
    ),
    pytest.param(head(b"From: r@example.org]x@example.net"), ONE, {R, X}, id="CVE-2023-27043: a square bracket"),
    pytest.param(head(b"From: r@example.org x@example.net"), ONE, {R, X}, id="CVE-2023-27043: a blank between"),
    pytest.param(head(b'From: r@example.org;"x" <x@example.net>'), ONE, {R, X}, id="CVE-2023-27043: a semicolon"),
    pytest.param(head(b"From: r@example.org:x@example.net"), ONE, {R, X}, id="CVE-2023-27043: a colon"),
    pytest.param(head(b'From: r@example.org"x" <x@example.net>'), ONE, {R, X}, id="CVE-2023-27043: a quote"),
    pytest.param(head(b"From: r@example.org@example.net"), ONE, {R, "example.org@example.net"}, id="two at signs"),
    pytest.param(head(b"From: " + b"(" * 490 + b" r@example.org"), ONE, {R}, id="parentheses that never close"),
    pytest.param(
        head(b"From: " + b"(" * 490 + b")" * 490 + b" r@example.org"), WAYS, {R}, id="parentheses five hundred deep"
    ),
    pytest.param(head(b"From: Team: r@example.org, x@example.net;"), ONE, {R, X}, id="a group"),
    pytest.param(head(b"From: Team: r@example.org;"), ONE, {R}, id="a group of one"),
    pytest.param(head(b"From: undisclosed:;"), ONE, set(), id="an empty group"),
    pytest.param(head(b"From: <@a.example,@b.example:r@example.org>"), ONE, {R}, id="a source route"),
    pytest.param(head(b"From: r @ example . org"), ONE, {R}, id="blanks inside the address"),
    pytest.param(head(b"From: r(a comment)@(another)example.org"), ONE, {R}, id="comments inside the address"),
    pytest.param(head(b'From: "r"@example.org'), ONE, {R}, id="a quoted local part"),
    pytest.param(head(b'From: r."x"@example.org'), ONE, {"r.x@example.org"}, id="a partly quoted local part"),
    pytest.param(head(b"From: r@example.org."), ONE, {R}, id="a full stop after the domain"),
    pytest.param(head(b"From: r\0@example.org"), ONE, {R}, id="a NUL in the address"),
    pytest.param(head(b"From: r@exam\r\n ple.org"), ONE, {"r@exam"}, id="an address folded in two"),
    pytest.param(head("From: r\u202e@example.org".encode()), ONE, {R}, id="a bidi control in the address"),
    pytest.param(head("From: r\uff20example.org".encode()), ONE, {R}, id="a wide at sign"),
    pytest.param(
        head("From: r@ex\u0430mple.org".encode()), ONE, {"r@ex\u0430mple.org"}, id="a look-alike letter in the domain"
    ),
    pytest.param(
        head("From: ren\u00e9@example.org".encode()), ONE, {"ren\u00e9@example.org"}, id="an address beyond ASCII"
    ),
    pytest.param(head(b"From: r@[192.0.2.1]"), ONE, set(), id="an address literal"),
    pytest.param(head(b"From: 'r@example.org'"), ONE, {R}, id="an address in apostrophes"),
    pytest.param(head(b"From:"), ONE, set(), id="an empty From"),
    pytest.param(head(b"From: R. Example"), ONE, set(), id="a name without an address"),
    pytest.param(b"", NONE, set(), id="no octets at all"),
]


@pytest.mark.parametrize(("raw", "doubt", "suspects"), DOUBTS)
def test_doubtful_author_names_every_candidate(raw, doubt, suspects):
    """Where programs could read another author than we do, nobody is the sender and everybody is a candidate."""
    heading = read(raw)
    assert heading.doubt == doubt
    assert suspects <= set(heading.candidates)
    assert (heading.sender is None) == bool(doubt)


@pytest.mark.parametrize(
    "raw",
    [
        head(b"From: R <r@example.org>", b"From: x@example.net (X)"),
        head(b'From: "a@b.example, c" <r@example.org>, x@example.net'),
        head(b"From: r@example.org", b"Sender: x@example.net", b"From: r@example.org", b"To: d@example.org"),
        head(b"From: =?utf-8?q?r=40example.org?= <x@example.net>, y"),
    ],
    ids=["two fields", "a quoted name among two", "a sender besides", "an encoded name among two"],
)
def test_recipients_and_text_are_no_candidates(raw):
    """Nobody comes under suspicion who is only written to, or who is not there."""
    found = set(read(raw).candidates)
    assert {R, X} <= found
    assert {address.rpartition("@")[2] for address in found} <= {"example.org", "example.net", "b.example"}
    assert "d@example.org" not in found


@pytest.mark.parametrize("ends", [b"\n", b"\r"], ids=["a file on Unix", "a file on an old Mac"])
def test_files_with_one_kind_of_line_end_are_understood(ends):
    """A file whose line ends are all of one kind leaves no doubt."""
    raw = head(b"Subject: a", b"From: r@example.org").replace(b"\r\n", ends)
    assert read(raw).sender == R
    assert read(raw).subject == "a"


def test_header_beyond_the_limit_is_incomplete():
    """What hides behind a header longer than is read is said to be incomplete, not overlooked."""
    raw = head(b"X-Filler: " + b"a" * 300_000, b"From: r@example.org")
    heading = read(raw)
    assert heading.sender is None
    assert heading.incomplete
    assert heading.doubt == "The header is longer than is read."


def test_fields_beyond_the_limit_are_incomplete():
    """A thousand fields are enough for anybody."""
    heading = read(head(*[b"X: a"] * 1_001, b"From: r@example.org"))
    assert (heading.sender, heading.incomplete) == (None, True)
    assert heading.candidates == (R,)


def test_candidates_beyond_the_limit_are_incomplete():
    """A restricted sender cannot hide behind two hundred others."""
    heading = read(head(b"From: " + b", ".join(b"a%d@example.net" % n for n in range(300)) + b", r@example.org"))
    assert (heading.sender, heading.incomplete, len(heading.candidates)) == (None, True, 200)


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        pytest.param(b"Hello", "Hello", id="plain"),
        pytest.param(b"=?utf-8?q?Caf=C3=A9_visit?=", "Caf\u00e9 visit", id="quoted-printable"),
        pytest.param(b"=?utf-8?b?Q2Fmw6k=?=\r\n =?utf-8?q?_visit?=", "Caf\u00e9 visit", id="two words, folded"),
        pytest.param(
            b"=?utf-8?q?a=0D=0ABcc:_x@example.net?=", "a  Bcc: x@example.net", id="CR and LF inside an encoded word"
        ),
        pytest.param(b"a\0b\x1b[2Jc", "ab[2Jc", id="control characters"),
        pytest.param("abc\u202egpj\u2066".encode(), "abcgpj", id="bidi controls"),
        pytest.param(b"=?utf-8?b?4oCu4oGm?=x", "x", id="encoded bidi controls"),
        pytest.param(b"=?x-unheard-of?q?a?=", "=?x-unheard-of?q?a?=", id="an unknown charset stays as it is"),
        pytest.param(b"=?idna?q?a?=", "=?idna?q?a?=", id="a codec that is no charset stays as it is"),
        pytest.param(b"=?utf-8?b?!!!?=", "", id="base64 that decodes to nothing"),
        pytest.param(b"=?utf-8?b?a?=", "=?utf-8?b?a?=", id="broken base64 stays as it is"),
        pytest.param(b"=?utf-8*en?q?Hello?=", "Hello", id="a word with a language"),
        pytest.param(b"a" * 700, "a" * 500, id="500 characters at most"),
    ],
)
def test_subject_is_decoded_and_harmless(raw, subject):
    """The subject is what people read, without what could break a header or mislead on a screen (THREATS C2)."""
    assert read(head(b"Subject: " + raw)).subject == subject


@pytest.mark.parametrize(
    ("lines", "automatic", "may_answer"),
    [
        pytest.param((), False, True, id="a person's mail"),
        pytest.param((b"Auto-Submitted: no",), False, True, id="Auto-Submitted: no"),
        pytest.param((b"Auto-Submitted: auto-replied; x=y",), True, False, id="an automatic reply"),
        pytest.param(
            (b"Auto-Submitted: AUTO-GENERATED (by a machine)",), True, False, id="an automatic message, in capitals"
        ),
        pytest.param((b"List-Id: <a.example.org>",), True, False, id="a list"),
        pytest.param((b"list-unsubscribe: <mailto:a@example.org>",), True, False, id="a newsletter"),
        pytest.param((b"Precedence: bulk",), True, False, id="bulk"),
        pytest.param((b"Precedence: first-class", b"Precedence: Junk"), True, False, id="junk in a second field"),
        pytest.param((b"Precedence: first-class",), False, True, id="another precedence"),
        pytest.param(
            (b"X-Auto-Response-Suppress: All",), False, False, id="asked for silence: counts, is not answered"
        ),
        pytest.param((b"X-Auto-Response-Suppress: None",), False, True, id="asked for no silence"),
        pytest.param((b"Parley-Trace: v1; whatever",), False, False, id="a trace, valid or not, is not answered"),
    ],
)
def test_what_machines_send_is_not_answered(lines, automatic, may_answer):
    """Nothing is sent back to what a machine or a list sent (THREATS C4)."""
    heading = read(head(b"From: r@example.org", *lines))
    assert heading.automatic is automatic
    assert answerable(heading, R) is may_answer
    assert heading.answerable is may_answer


@pytest.mark.parametrize(
    ("author", "mail_from"),
    [
        pytest.param(b"r@example.org", "<>", id="the null path"),
        pytest.param(b"MAILER-DAEMON@example.org", "r@example.org", id="a mail system as author"),
        pytest.param(b"r@example.org", "Mailer-Daemon", id="a mail system in the envelope"),
        pytest.param(b"r@example.org", "owner-list@example.org", id="a list's owner"),
        pytest.param(b"list-request@example.org", "r@example.org", id="a list's robot"),
        pytest.param(b"r@example.org", "news-bounces@example.org", id="a list's bounces"),
        pytest.param(b"r@example.org, x@example.net", "r@example.org", id="nobody knows who it is"),
    ],
)
def test_some_senders_are_never_answered(author, mail_from):
    """Nothing is sent to the null path, to mail systems, to lists, or to somebody uncertain (THREATS C4)."""
    assert not answerable(read(head(b"From: " + author)), mail_from)


def test_other_fields_are_read():
    """Ids, recipients, times and traces come out bounded and clean."""
    heading = read(
        head(
            b"Received: from a by b; Mon, 9 Mar 2026 10:00:00 +0100",
            b"Received: from c by a; Mon, 9 Mar 2026 08:59:00 +0000",
            b"Date: Mon, 9 Mar 2026 09:00:00 -0000",
            b"From: r@example.org",
            b'To: "Office, the (x@example.net)" <Office@Example.org>, second@example.org',
            b"To: third@example.org",
            b"Cc: fourth@example.org (a comment)",
            b"Message-ID: <1.2@example.org>",
            b"References: <0@example.org>\r\n <1@example.org>",
            b"Parley-Trace: v1; id=a\r\n ; outcome=b",
        )
    )
    assert heading.received_count == 2
    assert heading.received_at == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    assert heading.date == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    assert heading.to == ("Office@example.org", "second@example.org", "third@example.org")
    assert heading.cc == ("fourth@example.org",)
    assert heading.message_id == "<1.2@example.org>"
    assert heading.in_reply_to == "<1@example.org>"
    assert heading.traces == ("v1; id=a ; outcome=b",)


def test_in_reply_to_comes_before_references():
    """The message that is answered is the one that In-Reply-To names."""
    heading = read(head(b"In-Reply-To: Your message <7@example.org> of today", b"References: <1@example.org>"))
    assert heading.in_reply_to == "<7@example.org>"


@pytest.mark.parametrize(
    ("lines", "root"),
    [
        pytest.param([b"References: <1@a> <2@a>", b"In-Reply-To: <2@a>"], "<1@a>", id="the first of References"),
        pytest.param([b"References: junk\r\n <1@a>", b"In-Reply-To: <2@a>"], "<1@a>", id="behind what is no id"),
        pytest.param([b"In-Reply-To: <2@a>"], "<2@a>", id="what it answers, where that is all"),
        pytest.param([b"References:"], "<3@a>", id="itself, where it answers nothing"),
    ],
)
def test_where_a_thread_began(lines, root):
    """The oldest message that the header names; a program that names one alone names that."""
    assert read(head(b"Message-ID: <3@a>", *lines)).root == root


@pytest.mark.parametrize(
    "line",
    [b"Date: yesterday", b"Date: Mon, 99 Mar 2026 99:00:00 +9999", b"Date: " + b"9" * 500, b"Received: by a", b"Date:"],
    ids=["no date", "a date that does not exist", "digits without end", "a Received without a date", "nothing"],
)
def test_no_time_where_none_can_be_read(line):
    """A time that cannot be read is no time, and no error (THREATS C3)."""
    heading = read(head(line))
    assert heading.date is None
    assert heading.received_at is None
