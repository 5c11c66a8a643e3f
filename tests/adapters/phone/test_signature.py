"""Tests of the arithmetic of X-Twilio-Signature, with Twilio's own validator as the oracle."""

from __future__ import annotations

import hmac
from base64 import b64encode
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from adapters.phone import signature as signing
from adapters.phone.signature import Signatures
from tests.adapters.phone.office import CALL, TOKEN, FakeCalls, _Django, client

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


KEY, OTHER_KEY = "webhooks_sharedkey_01", "webhooks_sharedkey_02"
SECRET, OTHER_SECRET = "a-shared-secret", "another-shared-secret"
KEYS = {KEY: SECRET, OTHER_KEY: OTHER_SECRET}
SHA256 = f"key={KEY},algorithm=HMAC_SHA256"


def sign256(url: str, pairs: list[tuple[str, str]], secret: str = SECRET) -> bytes:
    """Sign with a shared key as Twilio's library does."""
    form = _Django(ImmutableMultiDict(pairs))
    return RequestValidator(secret).compute_signature(url, form, algorithm="HMAC_SHA256").encode()


@given(BASES, BASES, TARGETS, PAIRS)
def test_the_verdict_on_a_shared_key_is_that_of_twilios_library(base, signed_base, target, pairs):
    """Whatever address and parameters a shared key signed, our verdict on them is the library's."""
    signature = sign256(signed_base + target, pairs)
    ours = Signatures(base, [TOKEN], KEYS).valid(target.encode(), pairs, signature, SHA256)
    form = _Django(ImmutableMultiDict(pairs))
    assert ours == RequestValidator(SECRET).validate(base + target, form, signature.decode(), algorithm="HMAC_SHA256")


def test_a_shared_key_signs_as_hmac_alone_does():
    """The arithmetic, written anew from the description: SHA-256 over address and sorted parameters, in Base64."""
    signed = "https://calls.example.org/callsCallSidCA1From+441632960001"
    mark = b64encode(hmac.new(SECRET.encode(), signed.encode(), "sha256").digest())
    pairs = [("From", "+441632960001"), ("CallSid", "CA1")]
    assert Signatures("https://calls.example.org", [], KEYS).valid(b"/calls", pairs, mark, SHA256)
    made = signing.sign("https://calls.example.org/calls", pairs, SECRET, KEY)
    assert made == {signing.SIGNATURE: mark.decode(), signing.SIGNED_WITH: SHA256}


NAMED = {
    "the key and its algorithm": (SHA256, True),
    "the same in another order, with spaces": (f" algorithm=hmac_sha256 , key={KEY} ", True),
    "the other key": (f"key={OTHER_KEY},algorithm=HMAC_SHA256", False),
    "a key that we do not know": ("key=webhooks_sharedkey_99,algorithm=HMAC_SHA256", False),
    "no key": ("algorithm=HMAC_SHA256", False),
    "an algorithm that nobody knows": (f"key={KEY},algorithm=NONE", False),
    "the older algorithm": (f"key={KEY},algorithm=HMAC_SHA1", False),
    "no algorithm, which means the older one": (f"key={KEY}", False),
    "two keys": (f"key={KEY},algorithm=HMAC_SHA256,key={OTHER_KEY}", False),
    "two algorithms": (f"{SHA256},algorithm=HMAC_SHA1", False),
    "nothing, so that a token would have signed": ("", False),
}


@pytest.mark.parametrize(("named", "heard"), NAMED.values(), ids=NAMED)
def test_a_request_is_held_to_the_key_that_it_names(named, heard):
    """A signature is right for the key and algorithm that signed it, whatever else is configured."""
    mark = sign256("https://calls.example.org/calls", [])
    assert Signatures("https://calls.example.org", [TOKEN], KEYS).valid(b"/calls", [], mark, named) is heard


def test_a_token_never_stands_in_for_a_shared_key():
    """What a token signed is not heard under a key's name, nor a key's secret as if it were a token."""
    checker = Signatures("https://calls.example.org", [TOKEN], KEYS)
    by_token = sign("https://calls.example.org/calls", []).encode()
    by_key = sign("https://calls.example.org/calls", [], SECRET).encode()
    assert checker.valid(b"/calls", [], by_token)
    for named in (SHA256, f"key={KEY}", "key=webhooks_sharedkey_99,algorithm=HMAC_SHA1", "algorithm=HMAC_SHA1"):
        assert not checker.valid(b"/calls", [], by_token, named)
    assert not checker.valid(b"/calls", [], by_key)
    assert checker.valid(b"/calls", [], by_key, f"key={KEY},algorithm=HMAC_SHA1")


def test_shared_keys_are_changed_one_after_the_other():
    """While a key is changed both are good; once the old one is taken out it is good no more."""
    old = sign256("https://calls.example.org/calls", [])
    new = sign256("https://calls.example.org/calls", [], OTHER_SECRET)
    named = f"key={OTHER_KEY},algorithm=HMAC_SHA256"
    during = Signatures("https://calls.example.org", [], KEYS)
    after = Signatures("https://calls.example.org", [], {OTHER_KEY: OTHER_SECRET})
    assert (during.valid(b"/calls", [], old, SHA256), during.valid(b"/calls", [], new, named)) == (True, True)
    assert (after.valid(b"/calls", [], old, SHA256), after.valid(b"/calls", [], new, named)) == (False, True)


@given(st.text(st.characters()), st.binary())
def test_nothing_that_a_stranger_names_raises(named, noise):
    """A key's name of any kind is wrong, not an exception."""
    assert Signatures("https://calls.example.org", [TOKEN], KEYS).valid(b"/calls", [], noise, named) is False


def shared(path: str, params: dict[str, str], **fields: str) -> dict[str, str]:
    """Give the headers of a request that a shared key signed."""
    mark = sign256(f"https://calls.example.org{path}", list(params.items())).decode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return kind | {"X-Twilio-Signature": mark, "X-Twilio-Webhooks-Signature-Settings": SHA256} | fields


CHANGES = {
    "as it was signed": ({}, {}, 200),
    "another parameter": ({"Extra": "1"}, {}, 403),
    "a changed parameter": ({"CallStatus": "queued"}, {}, 403),
    "another signature": ({}, {"X-Twilio-Signature": "AAAA"}, 403),
    "another key": ({}, {"X-Twilio-Webhooks-Signature-Settings": f"key={OTHER_KEY},algorithm=HMAC_SHA256"}, 403),
    "no key": ({}, {"X-Twilio-Webhooks-Signature-Settings": ""}, 403),
}


@pytest.mark.parametrize("path", ["/calls", "/calls/status", "/calls/dial", "/calls/recorded"])
@pytest.mark.parametrize(("params", "fields", "status"), CHANGES.values(), ids=CHANGES)
def test_the_door_hears_what_a_shared_key_signed(path, params, fields, status):
    """At every door of calls: what the library signs by SHA-256 is heard, and each change of it is 403."""
    with client(FakeCalls(), shared_keys=tuple(KEYS.items())) as twilio:
        answer = twilio.post(path, content=urlencode(CALL | params), headers=shared(path, CALL, **fields))
    assert (204 if status == 200 and path == "/calls/status" else status) == answer.status_code


def test_two_names_of_keys_are_403():
    """A request that names its key in two headers is nobody's honest one."""
    with client(FakeCalls(), shared_keys=tuple(KEYS.items())) as twilio:
        headers = [*shared("/calls", CALL).items(), ("X-Twilio-Webhooks-Signature-Settings", SHA256)]
        assert twilio.post("/calls", content=urlencode(CALL), headers=headers).status_code == 403


def test_hmac_alone_is_heard_at_the_door():
    """A request signed by nothing but hmac, as the description has it, is heard; one change of it is not."""
    signed = "https://calls.example.org/calls" + "".join(name + value for name, value in sorted(CALL.items()))
    mark = b64encode(hmac.new(TOKEN.encode(), signed.encode(), "sha1").digest()).decode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": mark}
    with client(FakeCalls()) as twilio:
        answers = [twilio.post("/calls", content=urlencode(CALL | more), headers=headers) for more in ({}, {"a": "1"})]
    assert [answer.status_code for answer in answers] == [200, 403]
