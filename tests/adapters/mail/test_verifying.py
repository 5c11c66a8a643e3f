"""Checking senders here: signatures, permitted clients, what domains ask for, and that no doubt becomes a `failed`."""

import asyncio
import time

import dkim
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.dns_answers import LONGEST_TEXT, DnsResolver, NotNow, Questions
from adapters.mail.message import Incoming
from adapters.mail.sender_policy import outside
from adapters.mail.signatures import LARGEST_MESSAGE, signer
from adapters.mail.verifying import Policy, Verifying, check, policy_of
from tests.adapters.mail import signed
from tests.adapters.mail.dns_server import BROKEN, SILENT, serving

RAW = b"From: R. Example <r@example.org>\r\nTo: clerk@office.example.org\r\nSubject: One\r\n\r\nGood  morning \r\n\r\n"
CLIENT, STRANGER = "192.0.2.1", "198.51.100.9"
SPF = {("example.org", "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"']}
REJECT = {("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=reject"']}
KEY = signed.zone()


def incoming(raw=RAW, *, peer=STRANGER, mail_from="r@example.org", helo="mail.example.org"):
    """Build a message as the door has it."""
    return Incoming(peer, helo, mail_from, ("clerk@office.example.org",), raw)


def judged(message, records, author="example.org", **limits):
    """Check a message against a zone; gives the assurance and the questions."""
    with serving(records) as (zone, address):
        questions = Questions(DnsResolver([address]), **{"seconds": 5.0} | limits)
        return check(message, author, questions).assurance.value, zone.asked


def dmarc(text, domain="example.org"):
    """Give a zone in which a domain asks for something."""
    return {(f"_dmarc.{domain}", "TXT"): [f'"{text}"']}


CASES = {
    "signed by the author's domain": (incoming(signed.sign(RAW)), KEY | REJECT, "verified"),
    "signed, with the simple form of both": (
        incoming(signed.sign(RAW, canonicalize=(b"simple", b"simple"))),
        KEY | REJECT,
        "verified",
    ),
    "signed with a long key": (incoming(signed.sign(RAW, bits=2048)), signed.zone(bits=2048) | REJECT, "verified"),
    "signed by a domain below the author's": (
        incoming(signed.sign(RAW, "mail.example.org")),
        signed.zone("mail.example.org") | REJECT,
        "verified",
    ),
    "signed by a domain below, where the author's wants its own": (
        incoming(signed.sign(RAW, "mail.example.org")),
        signed.zone("mail.example.org") | dmarc("v=DMARC1; p=reject; adkim=s"),
        "failed",
    ),
    "signed by somebody else": (
        incoming(signed.sign(RAW, "example.net")),
        signed.zone("example.net") | REJECT,
        "failed",
    ),
    "signed by somebody else and by the author's domain": (
        incoming(signed.sign(signed.sign(RAW), "example.net")),
        KEY | signed.zone("example.net") | REJECT,
        "verified",
    ),
    "changed after it was signed": (incoming(signed.sign(RAW) + b"more\r\n"), KEY | REJECT, "failed"),
    "another From after it was signed": (
        incoming(signed.sign(RAW.replace(b"r@", b"x@")).replace(b"x@", b"r@")),
        KEY | REJECT,
        "failed",
    ),
    "signed for a part of the body only": (incoming(signed.sign(RAW, length=True)), KEY | REJECT, "failed"),
    "signed with a key that nobody published": (incoming(signed.sign(RAW)), REJECT, "failed"),
    "signed, and the key cannot be had now": (
        incoming(signed.sign(RAW)),
        {("s1._domainkey.example.org", "TXT"): BROKEN} | REJECT,
        "claimed",
    ),
    "sent by a client of the author's domain": (incoming(peer=CLIENT), SPF | REJECT, "verified"),
    "sent by such a client, with the null path": (
        incoming(peer=CLIENT, mail_from="<>"),
        {("mail.example.org", "TXT"): SPF["example.org", "TXT"]} | REJECT,
        "verified",
    ),
    "sent by a client that the domain does not know": (incoming(), SPF | REJECT, "failed"),
    "sent by a client of another domain": (
        incoming(peer=CLIENT, mail_from="r@example.net"),
        {("example.net", "TXT"): SPF["example.org", "TXT"]} | REJECT,
        "failed",
    ),
    "sent by a client of a domain below, where the author's wants its own": (
        incoming(peer=CLIENT, mail_from="r@mail.example.org"),
        {("mail.example.org", "TXT"): SPF["example.org", "TXT"]} | dmarc("v=DMARC1; p=reject; aspf=s"),
        "failed",
    ),
    "sent by a client of which the domain cannot say now": (
        incoming(peer=CLIENT),
        {("example.org", "TXT"): BROKEN} | REJECT,
        "claimed",
    ),
    "a record of servers that nobody can read": (
        incoming(peer=CLIENT),
        {("example.org", "TXT"): ['"v=spf1 what is this"']} | REJECT,
        "failed",
    ),
    "two records of servers": (
        incoming(peer=CLIENT),
        {("example.org", "TXT"): ['"v=spf1 +all"', '"v=spf1 ip4:192.0.2.1"']} | REJECT,
        "failed",
    ),
    "by way of include, mx and a": (
        incoming(peer=CLIENT),
        {
            ("example.org", "TXT"): ['"v=spf1 include:_a.example.org -all"'],
            ("_a.example.org", "TXT"): ['"v=spf1 mx:example.net a:example.com -all"'],
            ("example.net", "MX"): ["10 mx.example.net."],
            ("mx.example.net", "A"): ["192.0.2.77"],
            ("example.com", "A"): [CLIENT],
        },
        "verified",
    ),
    "a record that includes itself for ever": (
        incoming(peer=CLIENT),
        {("example.org", "TXT"): ['"v=spf1 include:example.org -all"']} | REJECT,
        "failed",
    ),
    "nothing to go by, and nothing asked for": (incoming(), {}, "claimed"),
    "nothing to go by, and the domain only watches": (incoming(), dmarc("v=DMARC1; p=none"), "claimed"),
    "nothing to go by, and the domain asks for quarantine": (incoming(), dmarc("v=DMARC1; p=quarantine"), "failed"),
    "what the domain asks for cannot be had now": (incoming(), {("_dmarc.example.org", "TXT"): SILENT}, "claimed"),
    "a client of our own network, of whom nothing is known": (incoming(peer="10.1.2.3"), SPF | REJECT, "claimed"),
    "no client at all": (incoming(peer=""), SPF | REJECT, "claimed"),
}


@pytest.mark.parametrize(("message", "records", "assurance"), CASES.values(), ids=CASES)
def test_verdicts(message, records, assurance):
    """Aligned and valid is verified; failed is only what the domain disowns; what cannot be known is claimed."""
    assert judged(message, records, seconds=1.0)[0] == assurance


POLICIES = {
    "none": ("v=DMARC1; p=none", Policy()),
    "in capitals": ("V=dmarc1;P=REJECT;ADKIM=S;ASPF=S", Policy(True, True, True)),
    "quarantine on trial": ("v=DMARC1; p=quarantine; pct=0", Policy()),
    "refusal on trial is quarantine": ("v=DMARC1; p=reject; t=y", Policy(True)),
    "no policy in it": ("v=DMARC1; rua=mailto:a@example.org", Policy()),
    "the first of two counts": ("v=DMARC1; p=none; p=reject", Policy()),
    "an unknown word": ("v=DMARC1; p=burn", Policy()),
    "no record of that kind": ("v=DMARC2; p=reject", Policy()),
}


def asked_for(records, author="example.org"):
    """Read a policy from a zone."""
    with serving(records) as (_, address):
        return policy_of(author, Questions(DnsResolver([address]), seconds=5.0))


@pytest.mark.parametrize(("text", "policy"), POLICIES.values(), ids=POLICIES)
def test_policies(text, policy):
    """What a domain asks for, by its record (RFC 7489 6.3)."""
    assert asked_for(dmarc(text)) == policy


def test_the_owners_policy_serves_domains_below_it():
    """Where a domain has no record, its owner's counts, with `sp` before `p`; its own counts before that."""
    owner = dmarc("v=DMARC1; p=none; sp=reject")
    assert asked_for(owner, "a.b.example.org") == Policy(True)
    assert asked_for(owner) == Policy()
    assert asked_for(owner | dmarc("v=DMARC1; p=none", "a.example.org"), "a.example.org") == Policy()


def test_two_policies_are_none():
    """Two records are as good as none (RFC 7489 6.6.3)."""
    assert asked_for({("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=reject"', '"v=DMARC1; p=none"']}) == Policy()


def test_nothing_is_asked_that_need_not_be():
    """Without a signature and a client to look at there is no question; a good signature takes one."""
    assert judged(incoming(peer="127.0.0.1"), SPF | REJECT) == ("claimed", [])
    assert judged(incoming(signed.sign(RAW)), KEY | REJECT)[1] == [("s1._domainkey.example.org", "TXT")]


def test_a_domain_cannot_make_us_ask_for_ever():
    """A tree of includes ends at the cap, and leaves the sender claimed."""
    names = [f"a{number}.example.org" for number in range(9)]
    tree = {("example.org", "TXT"): ['"v=spf1 ' + " ".join(f"mx:{name}" for name in names) + ' -all"']}
    tree |= {(name, "MX"): [f"{n} mx{n}.{name}." for n in range(5)] for name in names}
    tree |= {(f"mx{n}.{name}", "A"): ["192.0.2.77"] for n in range(5) for name in names}
    assurance, asked = judged(incoming(peer=CLIENT), tree | REJECT)
    assert assurance == "claimed"
    assert len(asked) <= 30


@pytest.mark.parametrize(
    ("client", "known"),
    [
        *[pytest.param(one, "", id=f"{one} is ours") for one in ("127.0.0.1", "10.0.0.1", "172.20.1.1", "192.168.1.1")],
        *[pytest.param(one, "", id=f"{one} is ours") for one in ("::1", "fd00::1", "fe80::1%eth0", "::ffff:10.0.0.1")],
        pytest.param("::ffff:192.0.2.1", "192.0.2.1", id="an old address in a new form"),
        pytest.param("2001:db8::1", "2001:db8::1", id="a new address"),
        pytest.param("unknown", "", id="a word"),
    ],
)
def test_who_is_outside(client, known):
    """Only of clients outside our own network does SPF say anything."""
    assert outside(client) == known


class _NoAnswers:
    def look_up(self, name, kind, within_s):
        return [b"v=DKIM1; k=rsa; p=" + signed.record()[0].replace('" "', "").strip('"').rpartition("p=")[2].encode()]


def signed_by(raw):
    """Name the signer of a message whose key is known."""
    return signer(raw, "example.org", Questions(_NoAnswers(), seconds=60.0), lambda domain: True)


BIG = 2 * 1024 * 1024
HOSTILE = {
    "two megabytes of blanks in a line of the body": RAW + b" " * BIG + b"x\r\n",
    "a million blank lines": RAW + b"\r\n" * (BIG // 2),
    "blanks and tabs at every line's end": RAW + b" \t \r\n" * (BIG // 5),
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("way", [b"simple", b"relaxed"])
def test_bodies_that_take_dkimpy_for_ever(raw, way):
    """A signature over a hostile body is looked at in linear time (THREATS C1); and a good one still holds."""
    value = b"v=1; a=rsa-sha256; c=relaxed/%s; d=example.org; s=s1; h=from; bh=AAAA; b=AAAA" % way
    begin = time.perf_counter()
    assert signed_by(b"DKIM-Signature: " + value + b"\r\n" + raw) == ""
    assert time.perf_counter() - begin < 2


def test_our_relaxed_form_is_the_librarys():
    """Blanks inside and at the end of lines, blank lines at the end: signed by the library, it holds for us."""
    for body in (b"", b"\r\n", b" \t\r\n\r\n", b"a \t b\t\r\n \r\nc  \r\n\r\n\r\n", b"no end", b"\t\r\n x"):
        raw = RAW.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body
        assert signed_by(signed.sign(raw)) == "example.org", body


SIGNATURES = {
    "blanks without end": b"v=1; b" + b" " * 5000 + b"=A; d=example.org",
    "longer than is read": b"v=1; d=example.org; b=" + b"A" * 7000,
    "thousands of signed fields": b"v=1; a=rsa-sha256; d=example.org; s=s1; bh=AA==; b=AA==; h=from" + b":a" * 2500,
    "not From": b"v=1; a=rsa-sha256; d=example.org; s=s1; bh=AA==; b=AA==; h=subject",
    "SHA-1": b"v=1; a=rsa-sha1; d=example.org; s=s1; bh=AA==; b=AA==; h=from",
    "a tag twice": b"v=1; d=example.org; d=example.net; h=from; b=AA==",
    "octets": bytes(range(1, 10)) + bytes(range(14, 255)),
    "nothing": b"",
}


@pytest.mark.parametrize("value", SIGNATURES.values(), ids=SIGNATURES)
def test_signatures_that_prove_nothing(value):
    """What is no whole signature of the author is none, and costs no time."""
    begin = time.perf_counter()
    assert signed_by(b"DKIM-Signature: " + value + b"\r\n" + RAW) == ""
    assert time.perf_counter() - begin < 0.5


def test_a_signature_that_leaves_out_the_author_says_nothing_of_the_author():
    """A signature may be valid and yet cover no From: then anybody may have put another one there (RFC 6376 5.4)."""
    raw = RAW.replace(b"Good  morning ", b"Good morning").rstrip(b"\r\n") + b"\r\n"
    whole = signed.sign_subject(raw)
    key = signed.record()[0].replace('" "', "").strip('"').encode()
    assert dkim.verify(whole, dnsfunc=lambda name, timeout=0: key)
    assert signed_by(whole) == ""


def test_a_header_that_only_a_forger_writes_is_not_signed():
    """More header than anybody writes saves nobody from being found out; more body than is read does no harm."""
    field = b"X-A: " + b"a" * 70_000 + b"\r\n"
    assert signed_by(signed.sign(RAW).replace(b"From:", field + b"From:", 1)) == ""
    with pytest.raises(NotNow):
        signed_by(signed.sign(RAW) + b"x" * LARGEST_MESSAGE)


TAGS = [b"v=1; ", b"a=rsa-sha256; ", b"d=example.org; ", b"s1; ", b"h=from; ", b"t=9; x=1; ", b"c=relaxed; ", b"A=; "]
SIGNS = [
    b"s=",
    b"b=",
    b"bh=",
    b"q=",
    b"i=@example.org; ",
    b" ",
    b"\r\n ",
    b"\r\n",
    b"=",
    b";",
    b"\0",
    b"\xff",
    b"From: ",
]
TOKENS = st.sampled_from(TAGS + SIGNS)


@given(st.lists(TOKENS, max_size=30).map(b"".join), st.binary(max_size=30))
def test_no_signature_raises(value, more):
    """Whatever stands in a signature, it is none."""
    assert signed_by(b"DKIM-Signature: " + value + more + b"\r\n" + RAW) == ""


@given(st.text("v=spf1 ainclude:mxptr-+~?%{}()/.0123456789redirect=exp ", max_size=80), st.text(max_size=20))
def test_no_record_raises(text, sender):
    """Whatever a domain publishes and a sender says, there is a verdict."""

    class Published:
        def look_up(self, name, kind, within_s):
            return [f"v=spf1 {text}".encode()] if kind == "TXT" else []

    message = incoming(peer=CLIENT, mail_from=f"{sender}@example.org", helo=sender)
    assert check(message, "example.org", Questions(Published(), seconds=60.0)).assurance


class _Slow:
    def look_up(self, name, kind, within_s):
        time.sleep(min(within_s, 0.5))
        raise NotNow


async def test_nobody_waits_longer_than_the_deadline():
    """Fifty messages of slow domains take one deadline, not fifty, and leave their senders claimed (S7)."""
    checks = Verifying(_Slow(), seconds=0.5, threads=2)
    begin = time.monotonic()
    verdicts = await asyncio.gather(*(checks.verdict(incoming(peer=CLIENT), "example.org") for _ in range(50)))
    assert {one.assurance for one in verdicts} == {"claimed"}
    assert time.monotonic() - begin < 3


async def test_a_fault_of_ours_leaves_the_sender_claimed():
    """What goes wrong in a check is no word against anybody."""

    class Faulty:
        def look_up(self, name, kind, within_s):
            raise RuntimeError("r.example@example.org")

    verdict = await Verifying(Faulty(), seconds=5.0).verdict(incoming(), "example.org")
    assert verdict.assurance == "claimed"


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a:",
        "%{",
        "%{d}",
        "ip4:1",
        "ip6::",
        "1.",
        ":",
        "/",
        "=",
        "-",
        " ",
        "a=",
        "exp=%{l}",
        "include:",
        "mx/1//1 ",
        "_",
    ],
)
def test_no_record_takes_long(piece):
    """A record of four kilobytes of anything costs no time (THREATS C1)."""

    class Published:
        def look_up(self, name, kind, within_s):
            return [f"v=spf1 {piece * 4000}"[:LONGEST_TEXT].encode()] if kind == "TXT" else []

    begin = time.perf_counter()
    assert check(incoming(peer=CLIENT), "example.org", Questions(Published(), seconds=60.0)).assurance
    assert time.perf_counter() - begin < 0.5
