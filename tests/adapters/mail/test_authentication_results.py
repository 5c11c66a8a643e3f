"""What a border said (RFC 8601): whose fields count, how they are read, and that no octets make it raise or slow."""

import time

import pytest
from authres import AuthenticationResultsHeader
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.authentication_results import Border, Result, receiver, reported, results_of

MX = "mx.office.example.org"
STANDARD, BELOW = Border(MX), Border(MX, below=True)
RELAYED = Border(MX, relays=frozenset({"relay.office.example.org"}))
GOOGLE, MICROSOFT = Border("google"), Border("microsoft365")

OURS = b"Authentication-Results: mx.office.example.org; dmarc=pass header.from=example.org"
FORGED = b"Authentication-Results: mx.office.example.org; dkim=pass header.d=example.org"
RECEIVED = b"Received: from mail.example.org (mail.example.org [192.0.2.1])\r\n\tby mx.office.example.org with ESMTPS"
SENT = b"Received: from laptop by mail.example.org"
RELAY = b"Received: from mx.office.example.org by relay.office.example.org (Postfix) with ESMTP id 1; Mon, 9 Mar 2026"
FROM = b"From: r@example.org"


def message(*fields: bytes) -> bytes:
    """Build a message of these fields."""
    return b"\r\n".join((*fields, b"", b"Hello.", b""))


PLACES = [
    pytest.param(STANDARD, (OURS, RECEIVED, FROM), ["dmarc"], id="above the border's Received it counts"),
    pytest.param(STANDARD, (RECEIVED, FORGED, FROM), [], id="below it the sender may have written it"),
    pytest.param(STANDARD, (OURS, RECEIVED, FORGED, SENT), ["dmarc"], id="one above counts, one below does not"),
    pytest.param(STANDARD, (OURS, FORGED, RECEIVED), ["dmarc", "dkim"], id="several above all count"),
    pytest.param(STANDARD, (OURS, b"X-Spam: no", FORGED, RECEIVED), ["dmarc", "dkim"], id="with others in between"),
    pytest.param(STANDARD, (FROM, OURS), ["dmarc"], id="without any Received nobody but the border was there"),
    pytest.param(STANDARD, (RELAY, OURS, RECEIVED), [], id="below a server that is not named, it does not count"),
    pytest.param(RELAYED, (RELAY, OURS, RECEIVED, FORGED), ["dmarc"], id="below a relay of the office it counts"),
    pytest.param(RELAYED, (RECEIVED, RELAY, FORGED), [], id="below the border a relay's name is anybody's"),
    pytest.param(
        RELAYED,
        (b"Received: from x by relay.office.example.org (a) by mx.office.example.org", FORGED),
        [],
        id="a client that calls itself by a relay's name is no relay",
    ),
    pytest.param(
        RELAYED,
        (b"Received: from ( by relay.office.example.org (x [192.0.2.1]) by mx.office.example.org", FORGED),
        [],
        id="a bracket that never closes hides no server",
    ),
    pytest.param(
        STANDARD,
        (b"Authentication-Results: mx.example.net; dkim=pass header.d=example.org", RECEIVED),
        [],
        id="another server's is no concern of ours",
    ),
    pytest.param(
        STANDARD,
        (b"AUTHENTICATION-RESULTS:\r\n (c) MX.Office.Example.ORG (d) 1;\r\n\tdkim=pass", RECEIVED),
        ["dkim"],
        id="case, folding and comments say nothing",
    ),
    pytest.param(
        STANDARD,
        (b"Authentication-Results : mx.office.example.org; dkim=pass", RECEIVED),
        [],
        id="no field of that name",
    ),
    pytest.param(
        STANDARD,
        (b"Authentication-Results: mx.office.example.org;" + b" " * 9000 + b"dkim=pass", RECEIVED),
        [],
        id="a field longer than is read says nothing",
    ),
    pytest.param(STANDARD, (b"no field at all", OURS), [], id="after a line that is no field nothing counts"),
    pytest.param(STANDARD, (b" folded first", OURS), [], id="nor after one that continues nothing"),
    pytest.param(BELOW, (RECEIVED, OURS, FROM), ["dmarc"], id="a border that writes below its Received says so"),
    pytest.param(BELOW, (RECEIVED, b"DKIM-Filter: x", OURS, b"X-A: b", OURS), ["dmarc"] * 2, id="with filters' fields"),
    pytest.param(BELOW, (RECEIVED, FROM, FORGED), [], id="not below the first field of the sender's"),
    pytest.param(BELOW, (RECEIVED, OURS, SENT, FORGED), ["dmarc"], id="nor below the next Received"),
    pytest.param(BELOW, (OURS, RECEIVED, FROM), ["dmarc"], id="and what stands above counts as well"),
    pytest.param(
        GOOGLE,
        (
            b"Delivered-To: clerk@office.example.org",
            b"Received: by 2002:a05:6a10:1:b0:1 with SMTP id a1csp1; Mon, 9 Mar 2026",
            b"X-Received: by 2002:a17:906:1 with SMTP id b",
            b"ARC-Authentication-Results: i=1; mx.google.com; dkim=pass header.i=@example.org",
            b"Return-Path: <r@example.org>",
            b"Received: from mail.example.org (mail.example.org. [192.0.2.1]) by mx.google.com with ESMTPS id a; Mon",
            b"Received-SPF: pass (google.com: domain of r@example.org designates 192.0.2.1) client-ip=192.0.2.1;",
            b"Authentication-Results: mx.google.com; dkim=fail header.i=@example.org header.s=s header.b=PqBP51+l",
            b"Authentication-Results: mx.google.com; dkim=pass header.i=@example.org",
        ),
        ["dkim=fail"],
        id="Google writes one below its own Received, and the next is the sender's",
    ),
    pytest.param(
        GOOGLE,
        (SENT, b"Authentication-Results: mx.google.com; dkim=pass header.i=@example.org"),
        [],
        id="where Google did not receive it, nothing is Google's",
    ),
    pytest.param(
        MICROSOFT,
        (
            b"Received: from A.eurprd.prod.outlook.com (::1) by B.eurprd.prod.outlook.com with HTTPS; Mon",
            b"Received: from C.mail.protection.outlook.com (2603:1) by D.outlook.office365.com (2603:2) with TLS; Mon",
            b"Authentication-Results: spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=example.org;"
            b" dkim=none (message not signed)\r\n header.d=none;dmarc=pass action=none\r\n header.from=example.org;"
            b"compauth=pass reason=100",
            b"Received-SPF: Pass (protection.outlook.com: domain of example.org designates 192.0.2.1)",
            b"Received: from mail.example.org (192.0.2.1) by C.mail.protection.outlook.com (10.0.0.1) with TLS; Mon",
            b"Authentication-Results: dmarc=fail",
        ),
        ["spf=pass", "dkim=none", "dmarc=pass", "compauth=pass"],
        id="Microsoft 365 names nobody, and only its topmost counts",
    ),
    pytest.param(
        MICROSOFT,
        (
            b"Received: from x (192.0.2.1) by C.mail.protection.outlook.com with TLS; Mon",
            SENT,
            b"Authentication-Results: dmarc=pass header.from=example.org",
        ),
        [],
        id="below a server that is not Microsoft's it is anybody's",
    ),
    pytest.param(MICROSOFT, (OURS, RECEIVED), [], id="and one that names somebody is not Microsoft's"),
]


@pytest.mark.parametrize(("border", "fields", "expected"), PLACES)
def test_only_what_the_border_wrote_counts(border, fields, expected):
    """Fields count by their place and by whom they name, never by being there (THREATS I4)."""
    found = [
        f"{one.method}={one.result}" if "=" in "".join(expected) else one.method
        for one in reported(message(*fields), border)
    ]
    assert found == expected


def test_line_ends_of_a_file_are_understood():
    """A message out of a mailbox file is read alike."""
    raw = message(OURS, RECEIVED, FORGED)
    assert reported(raw.replace(b"\r\n", b"\n"), STANDARD) == reported(raw, STANDARD) != ()


FORMS = [
    pytest.param("mx.example.org; none", ("mx.example.org", []), id="no result"),
    pytest.param("mx.example.org", ("mx.example.org", []), id="a name alone"),
    pytest.param(
        'mx.example.org 1; dkim/1=pass reason="good (enough); yes" header.d=example.org',
        ("mx.example.org", [("dkim", "pass", {"reason": "good (enough); yes", "header.d": "example.org"})]),
        id="versions, and a quoted reason with a semicolon",
    ),
    pytest.param(
        'mx; spf = (a) pass (b (c)) smtp.mailfrom (d) = "a b"@example.org',
        ("mx", [("spf", "pass", {"smtp.mailfrom": '"a b"@example.org'})]),
        id="comments and blanks wherever they may be",
    ),
    pytest.param(
        "r2.example.net; spf=pass \r\n (server-0: designates \r\n 192.0.2.225)smtp.mailfrom=example.net",
        ("r2.example.net", [("spf", "pass", {"smtp.mailfrom": "example.net"})]),
        id="a comment with no blank after it",
    ),
    pytest.param(
        "mx; spf=pass smtp.mailfrom=bounce+1=r=example.org@example.net smtp.helo=h",
        ("mx", [("spf", "pass", {"smtp.mailfrom": "bounce+1=r=example.org@example.net", "smtp.helo": "h"})]),
        id="an address with equals signs",
    ),
    pytest.param(
        "spf=none (sender IP is 192.0.2.6) smtp.mailfrom=a.example; b.example;"
        " dkim=none header.d=none;b.example; dmarc=none",
        (
            "",
            [
                ("spf", "none", {"smtp.mailfrom": "a.example"}),
                ("dkim", "none", {"header.d": "none"}),
                ("dmarc", "none", {}),
            ],
        ),
        id="Microsoft's older form with the recipient's domain in between",
    ),
    pytest.param(
        "mx; dkim=PASS header.d=A header.d=B", ("mx", [("dkim", "pass", {"header.d": "A"})]), id="the first counts"
    ),
    pytest.param("mx.example.org\r\n  from=example.jp; domainkeys=neutral (no sig)", None, id="Yahoo's older form"),
    pytest.param(";;;===;(((", None, id="signs and nothing else"),
    pytest.param('mx; dkim="', None, id="a quote that never closes"),
]


@pytest.mark.parametrize(("value", "expected"), FORMS)
def test_forms(value, expected):
    """Each form that servers write is read; what nobody writes does no harm."""
    name, results = results_of(value)
    if expected is not None:
        assert (name, [(one.method, one.result, one.properties) for one in results]) == expected


def test_comments_are_kept_apart():
    """What a border says of the domain's policy in a comment is there to be read."""
    _, (only,) = results_of("mx; dmarc=fail (p=REJECT sp=NONE dis=NONE) header.from=example.org")
    assert only == Result("dmarc", "fail", {"header.from": "example.org"}, "p=REJECT sp=NONE dis=NONE")


@pytest.mark.parametrize(
    ("received", "host"),
    [
        pytest.param(b" from a by mx.example.org with SMTP; Mon", "mx.example.org", id="plain"),
        pytest.param(
            b" from a (by b)\r\n\tby MX.Example.ORG. (Postfix)", "mx.example.org", id="comments, folding, case"
        ),
        pytest.param(b" by 2002:a05:1 with SMTP id 1", "2002:a05:1", id="nobody before it"),
        pytest.param(b" from a by b by c", "c", id="the last counts: a client chose the first"),
        pytest.param(b" from a; by b", "", id="after the semicolon is the time"),
        pytest.param(b" from a (b by c", "", id="a bracket that never closes"),
        pytest.param(b" from a ) by c (", "", id="brackets the wrong way round"),
        pytest.param(b" by", "", id="nobody"),
        pytest.param(b"(" * 8000 + b" by c", "", id="thousands of brackets"),
    ],
)
def test_who_wrote_a_received_field(received, host):
    """The server that wrote it, or nobody where a client may have chosen what it says."""
    assert receiver(received) == host


TOKENS = st.sampled_from(
    [
        *'()";=\\/. \t,@',
        "\r\n ",
        "\r\n",
        "mx",
        "dkim",
        "pass",
        "header.d",
        "example.org",
        "(" * 50,
        "\0",
        "\u00e9",
        "=" * 9,
    ]
)
HOSTILE = st.lists(TOKENS, max_size=60).map("".join)
NAMES = [
    b"Authentication-Results:",
    b"Received:",
    b"Received: by mx.google.com",
    b"X:",
    b"",
    b" ",
    b"\r\n",
    b"\n",
    b"\0",
]
HEADERS = st.lists(st.one_of(st.sampled_from(NAMES), HOSTILE.map(str.encode), st.binary(max_size=20)), max_size=30)


@given(HOSTILE)
def test_no_text_raises(text):
    """Whatever stands in a field, it is read, in bounds."""
    name, results = results_of(text)
    assert len(name) <= len(text)
    assert len(results) <= 100


@given(HEADERS.map(b"\r\n".join), st.sampled_from([STANDARD, BELOW, RELAYED, GOOGLE, MICROSOFT]))
def test_no_header_raises(raw, border):
    """Whatever the octets, there are results or none."""
    assert isinstance(reported(raw, border), tuple)


@pytest.mark.parametrize(
    "piece",
    [
        b"(",
        b")",
        b'"',
        b"\\",
        b"=",
        b";",
        b"a=",
        b"a=b ",
        b"(a",
        b" ",
        b"\t",
        b"\r\n ",
        b'\\"',
        b"a" * 99 + b" ",
        b'"a\\',
    ],
)
def test_long_fields_take_no_time(piece):
    """A quarter of a megabyte of anything is read in a twentieth of a second (THREATS C1)."""
    value = (piece * 262_144)[:262_144]
    raws = [b"Authentication-Results: mx;" + value[:8000] + b"\r\n", b"Received: " + value + b"\r\n"]
    raws.append(b"".join(b"Authentication-Results: mx.office.example.org;" + value[:7000] + b"\r\n" for _ in range(30)))
    for raw in raws:
        for border in (STANDARD, BELOW, RELAYED):
            begin = time.perf_counter()
            reported(raw, border)
            assert time.perf_counter() - begin < 0.5


WORD = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
VALUE = st.sampled_from(["example.org", "@example.org", "r@example.org"])
CFWS = st.sampled_from(["", " ", "\r\n ", " (a comment) ", " (a (nested) one)\r\n\t"])


@st.composite
def fields(draw):
    """Draw a field as RFC 8601 has it, with comments and blanks where they may be."""
    parts = [draw(CFWS) + f"{draw(WORD)}.example.org" + draw(CFWS)]
    for _ in range(draw(st.integers(1, 4))):
        part = f" {draw(CFWS)}{draw(st.sampled_from(['dkim', 'spf', 'dmarc', 'x-own']))}"
        part += f"{draw(CFWS)}={draw(CFWS)}{draw(st.sampled_from(['pass', 'fail', 'none', 'temperror']))}"
        part += f" {draw(CFWS)}header.{draw(WORD)}={draw(VALUE)}"
        parts.append(part + draw(CFWS))
    return ";".join(parts)


@given(fields())
def test_it_reads_what_the_library_reads(value):
    """Of fields in the form of RFC 8601, the authres library gives the same names, results and properties."""
    theirs = AuthenticationResultsHeader.parse(f"Authentication-Results: {value}")
    name, ours = results_of(value)
    assert name == theirs.authserv_id
    assert [(one.method, one.result) for one in ours] == [(one.method, one.result) for one in theirs.results]
    expected = [{f"{p.type}.{p.name}": p.value for p in reversed(one.properties)} for one in theirs.results]
    assert [one.properties for one in ours] == expected
