"""Header text as people read it: encoded words decoded (RFC 2047), what could mislead or break taken out.

The promise (THREATS C1, C2, I2): never an exception, linear time, no control characters and no bidi controls.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re

# A closed list: Python's codec look-up keeps every unknown name for ever, and "idna" or "punycode" are no charsets.
_CHARSETS = {
    name.replace("_", "-"): name
    for name in (
        "ascii", "us_ascii", "utf_8", "utf8", "utf_16", "utf_7", "latin1", "big5", "gb2312", "gbk", "gb18030",
        "hz_gb_2312", "euc_jp", "euc_kr", "ks_c_5601_1987", "iso_2022_jp", "iso_2022_kr", "shift_jis", "koi8_r",
        "koi8_u", "tis_620", "macintosh",
        *(f"iso_8859_{number}" for number in range(1, 17) if number != 12),
        *(f"windows_{number}" for number in (874, *range(1250, 1259))),
        *(f"cp{number}" for number in (437, 850, 852, 866, 932, 936, 949, 950, *range(1250, 1259))),
    )
}  # fmt: skip
_WORD = re.compile(r"=\?([A-Za-z0-9_.:-]{1,40})(?:\*[A-Za-z0-9-]{1,20})?\?([BbQq])\?([^?\s]*+)\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)[ \t]++(?==\?)")
_BLANKS = re.compile(r"[\t\n\r\x0b\x0c\u2028\u2029]")
_MISLEADING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def decoded(text: str) -> str:
    """Decode the encoded words of a header; what cannot be decoded stays as it is."""
    if "=?" not in text:
        return text
    return _WORD.sub(_decoded_word, _BETWEEN_WORDS.sub("", text))


def _decoded_word(word: re.Match[str]) -> str:
    charset = _CHARSETS.get(word[1].lower().replace("_", "-"))
    if charset is None:
        return word[0]
    try:
        octets = _octets(word[3].encode("ascii"), quoted=word[2] in "Qq")
        return octets.decode(charset, "replace")
    except (ValueError, LookupError, binascii.Error):  # not ASCII, not base64, or a codec that this Python lacks
        return word[0]


def _octets(payload: bytes, *, quoted: bool) -> bytes:
    if quoted:
        return quopri.decodestring(payload, header=True)
    return base64.b64decode(payload + b"=" * (-len(payload) % 4))


def shown(raw: bytes, *, most: int) -> str:
    """Give a raw unfolded value as one line of at most `most` characters, safe on a screen and in a header."""
    # Three octets of quoted-printable for each of up to four octets a character, and the words' frames.
    text = raw[: 16 * most].decode("utf-8", "replace")
    return safe(decoded(text))[:most]


def safe(text: str) -> str:
    """Take out control characters and bidi controls; breaks and tabs become blanks."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _MISLEADING.sub("", _BLANKS.sub(" ", text)).strip()
