"""Identifiers: what compares equal, what never does, and that nothing a sender writes raises (THREATS I2, I3, T5)."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import identity
from rules.contact import Caller, IdentifierKind

ANYTHING = st.text(st.characters(), max_size=400)
# Text of the characters that mean something in addresses and numbers gets further than any text does.
HOSTILE = st.text(
    st.sampled_from('ab+.@"\\<>()[]:;,_-% \t\r\n\x00\x7f\u202e\u00df\u0130\u212a\u3002\uff0e\ud800\udcff0123456789')
)
EITHER = st.one_of(
    ANYTHING, HOSTILE, HOSTILE.map(lambda text: f"a@{text}.org"), HOSTILE.map(lambda text: f"{text}@b.org")
)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param("r.example@example.org", "r.example@example.org", id="an address is itself"),
        pytest.param("R.Example@Example.ORG", "r.example@example.org", id="case says nothing"),
        pytest.param(" r.example@example.org\t", "r.example@example.org", id="space around it says nothing"),
        pytest.param(
            "r.example+a@example.org", "r.example+a@example.org", id="a tag counts where the provider is unknown"
        ),
        pytest.param("rexample@example.org", "rexample@example.org", id="dots count where the provider is unknown"),
        pytest.param("r.example+a@outlook.com", "r.example@outlook.com", id="Outlook ignores tags"),
        pytest.param("r.example+a+b@FastMail.com", "r.example@fastmail.com", id="all of the tag goes"),
        pytest.param("R.Ex.ample+a@gmail.com", "rexample@gmail.com", id="Gmail ignores tags and dots"),
        pytest.param(
            "anything@Rexample.fastmail.com", "rexample@fastmail.com", id="Fastmail takes the mailbox as a host"
        ),
        pytest.param("a@b.rexample.fastmail.com", "a@b.rexample.fastmail.com", id="but no host below it"),
        pytest.param("r.example+a@hotmail.co.uk", "r.example@hotmail.co.uk", id="Hotmail ignores tags"),
        pytest.param("r.example@googlemail.com", "rexample@gmail.com", id="googlemail is Gmail"),
        pytest.param("+a@gmail.com", "+a@gmail.com", id="a tag alone stays"),
        pytest.param("r.example@example.org.", "r.example@example.org", id="a trailing dot of the domain goes"),
        pytest.param("a@b\u00fccher.example", "a@xn--bcher-kva.example", id="a domain is compared as punycode"),
        pytest.param("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example", id="written either way"),
        pytest.param("a@example\uff0eorg", "a@example.org", id="a full-width dot is a dot"),
        pytest.param("a@\uff45xample.org\u3002", "a@example.org", id="an ideographic full stop at the end too"),
        pytest.param("a@\u0430pple.com", "a@xn--pple-43d.com", id="a Cyrillic a makes another domain"),
        pytest.param("\u0430@example.org", "\u0430@example.org", id="and another local part"),
        pytest.param("stra\u00dfe@example.org", "stra\u00dfe@example.org", id="sharp s is not ss"),
        pytest.param("e\u0301@example.org", "\u00e9@example.org", id="composed or not, it is one letter"),
        pytest.param('"r.example"@example.org', "r.example@example.org", id="quotes say nothing"),
        pytest.param('"r\\.example"@example.org', "r.example@example.org", id="nor does a backslash in quotes"),
        pytest.param('"a@b"@example.org', "a@b@example.org", id="an at sign in quotes is a letter"),
        pytest.param("a@[192.0.2.1]", "a@[192.0.2.1]", id="an address literal is a host"),
        pytest.param("a@[IPv6:2001:DB8::1]", "a@[ipv6:2001:db8::1]", id="of either kind"),
        pytest.param("a@localhost", "a@localhost", id="a host may have one label"),
        pytest.param(f"a@{'b' * 63}.org", f"a@{'b' * 63}.org", id="a long label is fine"),
    ],
)
def test_addresses_that_mean_the_same_mailbox_are_equal(written, value):
    """An address has one normal form, which is its own normal form."""
    found = identity.email(written)
    assert found is not None
    assert (found.kind, found.value) == (IdentifierKind.EMAIL, value)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("", id="nothing"),
        pytest.param("r.example", id="no at sign"),
        pytest.param("@example.org", id="no local part"),
        pytest.param("r.example@", id="no domain"),
        pytest.param("r.example@.", id="a domain of dots"),
        pytest.param('""@example.org', id="an empty quoted local part"),
        pytest.param('"r.example@example.org', id="a quote that is not closed"),
        pytest.param("a@b@example.org", id="two at signs"),
        pytest.param("R Example <r.example@example.org>", id="a name before it"),
        pytest.param("a@example.org,b@example.org", id="two addresses"),
        pytest.param("a@example.org(b@example.com)", id="a comment"),
        pytest.param("a b@example.org", id="a space inside"),
        pytest.param("a@exa mple.org", id="a space in the domain"),
        pytest.param("a\r\nb@example.org", id="a line end inside"),
        pytest.param("a\x00@example.org", id="a zero byte"),
        pytest.param("a@exam\x7fple.org", id="a delete character"),
        pytest.param("a\udcff@example.org", id="a byte that was no text"),
        pytest.param("a@\ud800.org", id="half a character"),
        pytest.param("a@\u202eexample.org", id="an override of the writing direction in the domain"),
        pytest.param("a" * 310 + "@example.org", id="longer than an address can be"),
    ],
)
def test_what_is_no_address_is_none(written):
    """What is no address gives None, so that its sender is uncertain and never a wrong party."""
    assert identity.email(written) is None


@pytest.mark.parametrize(
    ("written", "warning"),
    [
        pytest.param("r.example@example.org", "", id="a plain address"),
        pytest.param(
            "\u0430pple@example.org", "may be taken for apple@example.org", id="a Cyrillic a in the local part"
        ),
        pytest.param(
            "r@\u0430\u0440\u0440\u04cf\u0435.example", "may be taken for r@apple.example", id="a domain in Cyrillic"
        ),
        pytest.param("r@b\u00fccher.example", "letters of other alphabets or with marks", id="an accent"),
        pytest.param("ren\u00e9@example.org", "letters of other alphabets or with marks", id="one in the local part"),
        pytest.param("r\u202eelpmaxe@example.org", "signs that cannot be seen", id="the direction of writing turned"),
        pytest.param("r\u200b.example@example.org", "signs that cannot be seen", id="a blank of no width"),
    ],
)
def test_what_may_deceive_is_said(written, warning):
    """Staff are told of addresses that look like others, and see domains as punycode (I2)."""
    found = identity.email(written)
    assert found is not None
    assert found.value.rpartition("@")[2].isascii()
    said = identity.warning(found.value)
    assert warning in said if warning else said == ""


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param("example.org", "example.org", id="plain"),
        pytest.param("@Example.ORG.", "example.org", id="with an at sign, case and a trailing dot"),
        pytest.param("b\u00fccher.example", "xn--bcher-kva.example", id="as punycode"),
        pytest.param("org", None, id="a top level is none"),
        pytest.param("a@example.org", None, id="an address is none"),
        pytest.param("exam ple.org", None, id="a space makes it none"),
        pytest.param("\u00fc" * 100_000 + ".org", None, id="one too long is none, and costs no time"),
    ],
)
def test_domains(written, value):
    """A mail domain has at least two labels and one normal form."""
    found = identity.domain(written)
    assert (found and found.value) == value


def test_the_domain_of_an_identifier():
    """An address belongs to its domain; a number to none."""
    assert identity.domain_of(identity.email('"a@b"@example.org')) == identity.domain("example.org")
    assert identity.domain_of(identity.phone("01632 960001")) is None


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param("+441632960001", "+441632960001", id="as E.164"),
        pytest.param("01632 960001", "+441632960001", id="as it is dialled at home"),
        pytest.param("(01632) 960-001", "+441632960001", id="with brackets and a dash"),
        pytest.param("01632\u00a0960\u2013001", "+441632960001", id="with a hard space and an en dash"),
        pytest.param("+44 (0)1632 960001", "+441632960001", id="with the zero that one leaves out"),
        pytest.param("0044 1632 960001", "+441632960001", id="with the prefix for abroad"),
        pytest.param("tel:+441632960001", "+441632960001", id="as a link"),
        pytest.param("01632 960001 ext. 5", "+441632960001", id="an extension is the same line"),
        pytest.param("01632 960001x5", "+441632960001", id="however it is written"),
        pytest.param("\uff0b\uff14\uff141632960001", "+441632960001", id="in full-width digits"),
        pytest.param("07700 900123", "+447700900123", id="a mobile number kept for drama"),
        pytest.param("020 7946 0999", "+442079460999", id="a London number kept for drama"),
        pytest.param("+12025550123", "+12025550123", id="a number of another country"),
        pytest.param("7946 0001", None, id="without its area code it would be someone else's"),
        pytest.param("960001", None, id="and so would six digits"),
        pytest.param("999", None, id="an emergency number is nobody"),
        pytest.param("+266696687", None, id="ANONYMOUS on a keypad"),
        pytest.param("anonymous", None, id="a word"),
        pytest.param("client:x", None, id="a client"),
        pytest.param("client:+441632960001", None, id="a client that calls itself a number"),
        pytest.param("sip:x@example.org", None, id="a SIP address"),
        pytest.param("sip:441632960001@example.org", None, id="a SIP address that looks like a number"),
        pytest.param("0800 FLOWERS", None, id="letters"),
        pytest.param("+44" + "1" * 60, None, id="far too long"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_numbers(written, value):
    """A number has one form, E.164; what is no whole number is none."""
    found = identity.phone(written)
    assert (found and found.value) == value


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("01632 960001", Caller.NUMBER, id="a number"),
        pytest.param("Anonymous", Caller.WITHHELD, id="anonymous"),
        pytest.param("withheld", Caller.WITHHELD, id="withheld"),
        pytest.param("+266696687", Caller.WITHHELD, id="ANONYMOUS on a keypad"),
        pytest.param("+7378742833", Caller.WITHHELD, id="RESTRICTED on a keypad"),
        pytest.param("+86282452253", Caller.UNAVAILABLE, id="UNAVAILABLE on a keypad, though it looks Chinese"),
        pytest.param("unknown", Caller.UNAVAILABLE, id="unknown"),
        pytest.param("client:x", Caller.ODD, id="a client"),
        pytest.param("sip:x@y", Caller.ODD, id="a SIP address"),
        pytest.param("", Caller.UNAVAILABLE, id="nothing"),
    ],
)
def test_callers(written, expected):
    """A caller is a number, or withheld, or unavailable, or odd; only a number has an identifier."""
    kind, identifier = identity.caller(written)
    assert kind is expected
    assert (identifier is not None) is (kind is Caller.NUMBER)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param("Mastodon: @R.Example", "mastodon:r.example", id="case and the at sign say nothing"),
        pytest.param("x:r_example", "x:r_example", id="plain"),
        pytest.param("x:", None, id="no name"),
        pytest.param("x:@ ", None, id="an at sign is no name"),
        pytest.param(":r_example", None, id="no platform"),
        pytest.param("x:a\x1bb", None, id="a control character"),
    ],
)
def test_handles(written, value):
    """A handle is a platform and a name on it (SPSO-31)."""
    found = identity.handle(written)
    assert (found and found.value) == value


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("r.example@example.org", "email:r.example@example.org", id="an address"),
        pytest.param("@example.org", "domain:example.org", id="a domain"),
        pytest.param("01632 960001", "phone:+441632960001", id="a number"),
        pytest.param("tel:01632 960001", "phone:+441632960001", id="a link to a number"),
        pytest.param("mastodon:@r@social.example", "handle:mastodon:r@social.example", id="a handle with a server"),
        pytest.param("somebody", "None", id="a word is nothing"),
    ],
)
def test_what_a_person_typed(written, expected):
    """What a person typed is read as what it looks like."""
    assert str(identity.anything(written)) == expected


@given(EITHER)
def test_nothing_that_a_sender_writes_raises(text):
    """Whatever the text, there is an identifier or None; and what there is can be written down."""
    readers = (identity.email, identity.domain, identity.phone, identity.handle, identity.anything)
    for found in (*(read(text) for read in readers), identity.caller(text)[1]):
        if found is not None:
            assert found.value
            found.value.encode()
            assert isinstance(identity.warning(found.value), str)


@given(EITHER)
def test_a_normal_form_is_its_own_normal_form(text):
    """Reading what was read gives the same, so that a record can be compared with a message."""
    first = identity.email(text)
    if first is not None and first.value.count("@") == 1 and not set('\\"():;<>,[]') & set(first.value):
        assert identity.email(first.value) == first
    number = identity.phone(text)
    assert number is None or identity.phone(number.value) == number


@given(
    st.from_regex(r"[a-z0-9]{1,8}(\.[a-z0-9]{1,8}){0,2}", fullmatch=True),
    st.from_regex(r"[a-z0-9.+]{0,6}", fullmatch=True),
)
def test_tags_and_dots_mean_nothing_at_gmail_and_something_elsewhere(local, tag):
    """Whoever writes from a variant of a Gmail address is the same; elsewhere that is for a person to say."""
    plain = identity.email(f"{local}@gmail.com")
    assert identity.email(f"{local.replace('.', '')}+{tag}@googlemail.com") == plain
    assert identity.email(f"{local}+{tag}@example.org") != identity.email(f"{local}@example.org")


@given(st.from_regex(r"\+44[1-9][0-9]{9}", fullmatch=True).filter(str.isascii))
def test_a_whole_british_number_is_what_the_library_makes_of_it(number):
    """Numbers that are taken as they stand are those that the library would have given back unchanged."""
    parsed = phonenumbers.parse(number, "GB")
    assert phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE
    assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number
    assert identity.phone(number).value == number
