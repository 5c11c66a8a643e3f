"""Tests of the arithmetic of X-Twilio-Signature, with Twilio's own validator as the oracle."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from adapters.phone.signature import Signatures
from tests.adapters.phone.office import TOKEN, _Django

BASES = st.sampled_from(
    [
        "https://calls.example.org",
        "https://calls.example.org:443",
        "https://calls.example.org:8443",
        "http://calls.example.org",
        "http://calls.example.org:80",
        "http://127.0.0.1:8080",
        "https://calls.example.org/parley",
    ]
)
TARGETS = st.builds(
    lambda path, query: "/calls" + quote(path) + (f"?{quote(query, safe='=&;,')}" if query else ""),
    st.text(max_size=8),
    st.text(max_size=12),
)
NAMES = st.text(st.characters(codec="utf-8"), max_size=4)
PAIRS = st.lists(st.tuples(NAMES | st.sampled_from(["CallSid", "From"]), NAMES), max_size=8)


def oracle(url: str, pairs: list[tuple[str, str]], signature: str, token: str = TOKEN) -> bool:
    return RequestValidator(token).validate(url, _Django(ImmutableMultiDict(pairs)), signature)


def sign(url: str, pairs: list[tuple[str, str]], token: str = TOKEN) -> str:
    return RequestValidator(token).compute_signature(url, _Django(ImmutableMultiDict(pairs)))


@given(BASES, BASES, TARGETS, PAIRS)
def test_the_verdict_is_that_of_twilios_library(base, signed_base, target, pairs):
    """Whatever address and parameters were signed, our verdict on them is the library's."""
    signature = sign(signed_base + target, pairs)
    ours = Signatures(base, [TOKEN]).valid(target.encode(), pairs, signature.encode())
    assert ours == oracle(base + target, pairs, signature)


@given(BASES, TARGETS, PAIRS, PAIRS, st.binary(max_size=32))
def test_a_change_is_seen_as_twilios_library_sees_it(base, target, pairs, others, noise):
    """Other parameters under the same signature, or another signature, get the library's verdict."""
    checker, signature = Signatures(base, [TOKEN]), sign(base + target, pairs)
    assert checker.valid(target.encode(), pairs, signature.encode())
    assert checker.valid(target.encode(), others, signature.encode()) == oracle(base + target, others, signature)
    assert not checker.valid(target.encode(), pairs, noise)


@given(st.text(st.characters()), st.text(st.characters()), st.binary(), st.binary())
def test_nothing_that_a_stranger_sends_raises(name, value, target, signature):
    """Lone surrogates and bytes of any kind are wrong, not an exception."""
    assert Signatures("https://calls.example.org", [TOKEN]).valid(target, [(name, value)], signature) is False


def test_twilios_published_example_is_accepted():
    """The example of Twilio's security page, with its dialled digits, has the signature printed there."""
    pairs = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]
    checker = Signatures("https://mycompany.com", ["12345"])
    assert checker.valid(b"/myapp.php?foo=1&bar=2", pairs, b"RSOYDt4T1cUTdK1PDd93/VVr8B8=")


def test_the_old_and_the_new_token_are_both_good_while_it_is_changed():
    """Either of two configured tokens may have signed, and no third one."""
    checker, url = Signatures("https://calls.example.org", ["old", "new"]), "https://calls.example.org/calls"
    verdicts = [checker.valid(b"/calls", [], sign(url, [], token).encode()) for token in ("old", "new", "other")]
    assert verdicts == [True, True, False]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param("https://calls.example.org/calls/", id="a slash more"),
        pytest.param("https://calls.example.org/Calls", id="a capital"),
        pytest.param("https://calls.example.org/calls?a=1", id="a query"),
        pytest.param("http://calls.example.org/calls", id="no TLS"),
        pytest.param("https://calls.example.org:8443/calls", id="another port"),
        pytest.param("https://other.example.org/calls", id="another host"),
    ],
)
def test_another_address_is_another_signature(changed):
    """What was signed for one address is wrong for every other."""
    assert not Signatures("https://calls.example.org", [TOKEN]).valid(b"/calls", [], sign(changed, []).encode())


def test_a_signature_cut_short_or_padded_is_wrong():
    """Only the whole signature is right, not a beginning of it nor one with something behind it."""
    checker, right = Signatures("https://calls.example.org", [TOKEN]), sign("https://calls.example.org/calls", [])
    wrong = [right[:-1], right + "=", right.lower(), " " + right, "", right * 2]
    assert checker.valid(b"/calls", [], right.encode())
    assert not any(checker.valid(b"/calls", [], text.encode()) for text in wrong)
