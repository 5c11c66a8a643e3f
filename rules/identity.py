"""Turn what senders call themselves into identifiers that compare equal when they mean the same mailbox or line.

Belongs here: normal forms of addresses, domains and numbers (THREATS I2, I3). Never raises on what a sender wrote.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import idna
import phonenumbers

from rules.contact import Caller, Identifier, IdentifierKind

# Providers known to deliver local+anything to local; the first also ignore dots and answer to both names (I3).
_DOTS_IGNORED = frozenset({"gmail.com", "googlemail.com"})
_TAGS_IGNORED = _DOTS_IGNORED.union(
    ("outlook.com", "outlook.ie", "outlook.fr", "outlook.de", "outlook.es", "outlook.it", "outlook.pt"),
    ("hotmail.com", "hotmail.co.uk", "hotmail.fr", "hotmail.de", "hotmail.es", "hotmail.it"),
    ("live.com", "live.co.uk", "live.ie", "live.fr", "live.nl", "msn.com"),
    ("icloud.com", "me.com", "mac.com"),
    ("fastmail.com", "fastmail.fm", "fastmail.co.uk"),
    ("proton.me", "protonmail.com", "pm.me"),
)
# Where whatever@mailbox.provider reaches mailbox@provider too, as Fastmail's help says.
_MAILBOX_AS_HOST = ".fastmail.com"
# Cyrillic, Greek and Armenian letters that most typefaces draw as Latin ones (Unicode's confusables, UTS 39).
_LOOKS_LIKE = dict(
    zip(
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u051d\u04bb\u04cf"
        "\u03bf\u03bd\u03b1\u03b9\u03c1\u0578\u057d\u0585\u0563\u0131\u0261",
        "aeopcyxijsdqwhlovaipnuogig",
        strict=True,
    )
)
_LONGEST_ADDRESS = 320  # RFC 5321 4.5.3.1: 64 + 1 + 255
_LONGEST_NAME = 255
_NOT_IN_LOCAL = frozenset('<>,;:"()[]\\@')  # RFC 5321 4.1.2, outside quotes
# phonenumbers digs a number out of `client:+441632960001` and spells words: what is typed must look like a number.
_NUMBER = re.compile(r"(?:tel:)?[+\uff0b\d\s()./\u2010-\u2015-]+(?:(?:ext\.?|x|#)\s*\d{1,7})?", re.IGNORECASE)
# A whole British number, as carriers send nearly all: the library says the same of each, in fifty times the time.
_WHOLE_GB = re.compile(r"\+44[1-9][0-9]{9}")
_LINE = re.compile(r"\+?[0-9 ().-]+")
# What carriers and providers write where a number is missing: a word, or the same word spelt on a keypad.
_NO_NUMBER = {
    **dict.fromkeys(("withheld", "anonymous", "private", "restricted", "blocked"), Caller.WITHHELD),
    **dict.fromkeys(("266696687", "7378742833", "2562533", "464"), Caller.WITHHELD),
    **dict.fromkeys(("unavailable", "unknown", "86282452253", "8656696"), Caller.UNAVAILABLE),
}


@lru_cache(maxsize=8192)
def email(address: str) -> Identifier | None:
    """Give the identifier of a bare mail address, or None where it is none.

    The local part is compared without case; tags and dots are dropped only where the provider is known to ignore them.
    """
    local, _, host = address.strip().rpartition("@")
    if len(address) > _LONGEST_ADDRESS:
        return None
    key, name = _mailbox(local), _host(host)
    if not key or name is None:
        return None
    if name.endswith(_MAILBOX_AS_HOST) and name.count(".") == 2:
        key, _, name = name.partition(".")
    if name in _TAGS_IGNORED:
        key = key.split("+", 1)[0] or key
    if name in _DOTS_IGNORED:
        key, name = key.replace(".", "") or key, "gmail.com"
    return Identifier(IdentifierKind.EMAIL, f"{key}@{name}")


def warning(address: str) -> str:
    """Say what may deceive about an address or domain in normal form, for staff; empty where nothing does (THREATS I2).

    It is shown as it is compared: its domain as punycode, which no look-alike sign can imitate.
    """
    local, _, host = address.rpartition("@")
    if any(unicodedata.category(ch) == "Cf" for ch in local):
        return "the address has signs that cannot be seen, or that turn the direction of writing"
    written = ".".join(_decoded(label) for label in host.split("."))
    if local.isascii() and written == host:
        return ""
    seen = f"{local}@{written}" if local else written
    taken = "".join(_LOOKS_LIKE.get(ch, ch) for ch in seen)
    if taken != seen and taken.isascii():
        return f"the address has foreign letters that look like others: it may be taken for {taken}"
    return "the address has letters of other alphabets or with marks, and may look like another"


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def domain(text: str) -> Identifier | None:
    """Give the identifier of a mail domain, written `example.org` or `@example.org`; None where it is none."""
    name = _host(text.strip().removeprefix("@"))
    return Identifier(IdentifierKind.DOMAIN, name) if name and "." in name else None


def domain_of(identifier: Identifier) -> Identifier | None:
    """Give the domain that a mail address belongs to; None for other identifiers."""
    if identifier.kind is not IdentifierKind.EMAIL:
        return None
    return Identifier(IdentifierKind.DOMAIN, identifier.value.rpartition("@")[2])


@lru_cache(maxsize=8192)
def phone(number: str, region: str = "GB") -> Identifier | None:
    """Give the identifier of a phone number in E.164; None where it is not possible as a number.

    Possible, not valid: numbers that a regulator keeps for drama are not valid, and the library lags behind new ranges.
    """
    if _WHOLE_GB.fullmatch(number):
        return Identifier(IdentifierKind.PHONE, number)
    if len(number) > 40 or not _NUMBER.fullmatch(number.strip()):
        return None
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    # The library also calls a number possible that lacks its area code; in E.164 that would be someone else's.
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return Identifier(IdentifierKind.PHONE, phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def caller(given: str, region: str = "GB") -> tuple[Caller, Identifier | None]:
    """Say what is known of a caller: a number, withheld, unavailable, or something odd in its place (THREATS T5).

    An address (`sip:`, `client:`) is no number and odd, unless its word is the one for "anonymous" (RFC 3323).
    """
    scheme, _, address = given.strip().lower().rpartition(":")
    word = address.partition("@")[0].removeprefix("+")
    if word in _NO_NUMBER and scheme != "client":
        return _NO_NUMBER[word], None
    # A line says digits; an extension, or digits of another script, were typed by somebody.
    identifier = phone(given, region) if _LINE.fullmatch(given.strip()) else None
    if identifier is not None:
        return Caller.NUMBER, identifier
    return (Caller.ODD if given.strip() else Caller.UNAVAILABLE), None


def handle(text: str) -> Identifier | None:
    """Give the identifier of a social handle, written `platform:name` (SPSO-31)."""
    platform, _, name = text.strip().partition(":")
    platform, name = _folded(platform.strip()), _folded(name.strip().lstrip("@"))
    if not platform or not name or len(text) > _LONGEST_ADDRESS or _unwritable(text.strip()):
        return None
    return Identifier(IdentifierKind.HANDLE, f"{platform}:{name}")


def anything(text: str, region: str = "GB") -> Identifier | None:
    """Give the identifier that a person typed: an address, `@domain`, a number or a `platform:name`."""
    if text.strip().startswith("@"):
        return domain(text)
    return email(text) or phone(text, region) or handle(text)


def _mailbox(local: str) -> str | None:
    """Give the local part without its quotes and case; None where it is none, or empty."""
    if len(local) > 1 and local[0] == local[-1] == '"':
        local = re.sub(r"\\(.)", r"\1", local[1:-1])
    elif any(ch in _NOT_IN_LOCAL for ch in local):
        return None
    return None if _unwritable(local) or any(ch.isspace() for ch in local) else _folded(local)


def _folded(text: str) -> str:
    """Fold case as lower case does: what casefold makes equal (strasse, stra\xdfe) are two names."""
    return text if text.isascii() and text.islower() else unicodedata.normalize("NFC", text.lower())


def _host(host: str) -> str | None:
    name = host.strip().rstrip(".").lower()
    if not name or len(name) > _LONGEST_NAME or _unwritable(name):
        return None
    if name.startswith("[") and name.endswith("]") and name.isascii() and not any(ch.isspace() for ch in name):
        return name
    if any(ch.isspace() or ch in _NOT_IN_LOCAL for ch in name):
        return None
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode("ascii").rstrip(".") or None
    except (idna.IDNAError, UnicodeError):
        return None


def _unwritable(text: str) -> bool:
    """Tell whether it has control characters, or halves of characters that no record can hold."""
    return not text.isprintable() and any(unicodedata.category(ch) in {"Cc", "Cs"} for ch in text)
