"""What a border's results come to for one author (DESIGN: every sender carries an assurance; THREATS I4)."""

import pytest

from adapters.mail.authentication_results import results_of
from adapters.mail.verdict import verdict_of

CASES = {
    "nothing was said": ("mx; none", "claimed"),
    "DMARC passed": ("mx; dmarc=pass header.from=example.org", "verified"),
    "DMARC passed, with capitals": ("mx; DMARC=Pass Header.From=Example.ORG", "verified"),
    "DMARC passed, of whom is not said": ("mx; dmarc=pass", "verified"),
    "DMARC passed for somebody else's mail": ("mx; dmarc=pass header.from=example.net", "claimed"),
    "DMARC failed": ("mx; dmarc=fail header.from=example.org", "failed"),
    "DMARC failed, and the domain asks to refuse": (
        "mx; dmarc=fail (p=REJECT dis=NONE) header.from=example.org",
        "failed",
    ),
    "DMARC failed, and the domain asks for nothing": ("mx; dmarc=fail (p=NONE sp=REJECT dis=NONE)", "claimed"),
    "DMARC failed, as rspamd says so": ('mx; dmarc=fail reason="x" header.from=example.org (policy=none)', "claimed"),
    "DMARC failed for somebody else's mail": ("mx; dmarc=fail header.from=example.net", "claimed"),
    "DMARC passed in one field and failed in another": ("mx; dmarc=pass; dmarc=fail header.from=example.org", "failed"),
    "DMARC could not be tried": ("mx; dmarc=temperror header.from=example.org", "claimed"),
    "a record of DMARC that nobody can read": ("mx; dmarc=permerror header.from=example.org", "claimed"),
    "no record, and a guess that passed": ("mx; dmarc=bestguesspass action=none header.from=example.org", "verified"),
    "a signature of the author's domain": ("mx; dkim=pass header.d=example.org", "verified"),
    "a signature of a domain below": ("mx; dkim=pass header.d=mail.example.org", "verified"),
    "a signature by its identity": ("mx; dkim=pass header.i=@example.org header.s=s header.b=abc", "verified"),
    "a signature of another domain": ("mx; dkim=pass header.d=example.net", "claimed"),
    "a signature of another that names the author": (
        "mx; dkim=pass header.d=example.net header.i=@example.org",
        "claimed",
    ),
    "a signature that did not hold": ("mx; dkim=fail header.d=example.org", "claimed"),
    "the second of two signatures": ("mx; dkim=pass header.d=example.net; dkim=pass header.d=example.org", "verified"),
    "a server of the author's domain": ("mx; spf=pass smtp.mailfrom=r@example.org", "verified"),
    "a server of another domain": ("mx; spf=pass smtp.mailfrom=r@example.net", "claimed"),
    "a server by its own name only": ("mx; spf=pass smtp.helo=example.org", "claimed"),
    "a server that is not the author's": ("mx; spf=fail smtp.mailfrom=r@example.org", "claimed"),
    "a method of nobody's": ("mx; x-own=pass header.d=example.org", "claimed"),
    "a comment that says pass": ("mx; dkim=none (dkim=pass header.d=example.org)", "claimed"),
    "a reason that says pass": ('mx; dkim=none reason="; dmarc=pass header.from=example.org"', "claimed"),
    "Microsoft: all well": (
        "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.org; dkim=pass (signature was verified)"
        " header.d=example.org;dmarc=pass action=none header.from=example.org;compauth=pass reason=100",
        "verified",
    ),
    "Microsoft: forged by its own reckoning": (
        "spf=none smtp.mailfrom=example.org; dkim=none header.d=none;dmarc=none action=none header.from=example.org;"
        "compauth=fail reason=001",
        "failed",
    ),
    "Microsoft: forged, and the domain asks to refuse": (
        "spf=fail smtp.mailfrom=example.org; dkim=none header.d=none;dmarc=fail action=oreject header.from=example.org;"
        "compauth=fail reason=000",
        "failed",
    ),
    "Microsoft: passed by guesswork alone": (
        "spf=none smtp.mailfrom=example.org; dkim=none;dmarc=none action=none header.from=example.org;"
        "compauth=softpass reason=201",
        "claimed",
    ),
    "Microsoft: broken by a forwarder it trusts": (
        "spf=fail smtp.mailfrom=example.net; dkim=fail header.d=example.org;dmarc=fail action=oreject"
        " header.from=example.org;compauth=pass reason=130",
        "claimed",
    ),
    "Google: all well": (
        "mx.google.com; dkim=pass header.i=@example.org header.s=20210112 header.b=PqBP51+l; spf=pass (google.com:"
        " domain of r@example.org designates 192.0.2.1 as permitted sender) smtp.mailfrom=r@example.org;"
        " dmarc=pass (p=QUARANTINE sp=QUARANTINE dis=NONE) header.from=example.org",
        "verified",
    ),
}


@pytest.mark.parametrize(("value", "assurance"), CASES.values(), ids=CASES)
def test_what_a_border_said(value, assurance):
    """Only what is aligned with the author speaks for the author, and only a failed DMARC against."""
    assert verdict_of(results_of(value)[1], "example.org").assurance == assurance


@pytest.mark.parametrize(
    ("author", "comment", "assurance"),
    [
        pytest.param(
            "a.example.org", "p=REJECT sp=NONE", "claimed", id="what is below the owner's domain asks for nothing"
        ),
        pytest.param("a.example.org", "p=NONE sp=REJECT", "failed", id="or for more than the owner's domain"),
        pytest.param("example.org", "p=REJECT sp=NONE", "failed", id="the owner's domain goes by its own"),
    ],
)
def test_the_policy_below_a_domain(author, comment, assurance):
    """A domain below its owner's goes by `sp` (RFC 7489 6.3)."""
    results = results_of(f"mx; dmarc=fail ({comment} dis=NONE) header.from={author}")[1]
    assert verdict_of(results, author).assurance == assurance


def test_it_says_why():
    """A verdict says what it rests on."""
    assert "dmarc=fail" in verdict_of(results_of("mx; dmarc=fail")[1], "example.org").why
