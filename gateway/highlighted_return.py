"""A message as it goes back with the passages that staff marked: as plain text and as HTML (PHSO-M3).

Belongs here: what is written, pure. Promises that the sender's words are text and nothing else, that a marked passage
is seen without colours and heard without eyes, and that nothing is fetched from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from adapters.mail.own_mail import TURNING
from adapters.mail.text import Shown
from rules.casework.passages import Passage
from rules.policies.texts import Texts

_SIGNS = (("[[", "]]"), ("{{", "}}"), ("<<<", ">>>"), ("##>", "<##"))
_LAST = ("[marked:", ":end of what is marked]")
NOT_BACK = "Files that came with it are not sent back."


@dataclass(frozen=True, slots=True)
class Written:
    """Hold what the party reads, the same in both forms."""

    text: str
    html: str


def written(shown: Shown, passages: Sequence[Passage], note: str, texts: Texts, office: str) -> Written:
    """Write the return of a message as `shown`; `note` is why the passages, which stand apart in it, are unacceptable.

    `texts` are the policy's, `office` is the office's name.
    """
    signs = next((pair for pair in _SIGNS if not any(sign in shown.text for sign in pair)), _LAST)
    before = [_said(texts.highlighted, office), note, _said(texts.send_again, office)]
    before.append(f"What we marked stands between {signs[0]} and {signs[1]}. This is your message:")
    left_out = [*shown.remarks, *([NOT_BACK] if shown.attachments else [])]
    after = [*left_out, _said(texts.emergency, office), _said(texts.about_us, office), office]
    pieces = list(_pieces(shown.text, passages))
    return Written(_plain(before, pieces, after, signs), _html(before, pieces, after, signs))


def _said(text: str, office: str) -> str:
    return text.replace("{office}", office)


def _pieces(text: str, passages: Sequence[Passage]) -> Iterator[tuple[str, bool]]:
    """Give the text in pieces, each with whether it was marked; less signs that turn its direction (THREATS I2)."""
    at = 0
    for one in passages:
        yield TURNING.sub("", text[at : one.start]), False
        yield TURNING.sub("", text[one.start : one.end]), True
        at = one.end
    yield TURNING.sub("", text[at:]), False


def _plain(before: list[str], pieces: list[tuple[str, bool]], after: list[str], signs: tuple[str, str]) -> str:
    text = "".join(f"{signs[0]}{words}{signs[1]}" if marked else words for words, marked in pieces)
    quoted = "\n".join(f"> {line}".rstrip() for line in re.split(r"\r\n|\r|\n", text.strip("\n")))
    return "\n\n".join([*before, quoted, *after]) + "\n"


_PAGE = (
    '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
    '<body style="font-family: Arial, sans-serif; font-size: 16px; line-height: 1.5; color: #0b0c0c; '
    'background: #ffffff; max-width: 40em; margin: 1em;">\n{body}\n</body>\n</html>\n'
)
_QUOTE = (
    '<blockquote dir="auto" style="white-space: pre-wrap; overflow-wrap: anywhere; margin: 1em 0; padding: 0 0 0 1em; '
    'border-left: 4px solid #b1b4b6;">{text}</blockquote>'
)
# The signs stand in it too: neither a screen without colours nor a voice shows a mark.
_MARK = '<mark style="background: #ffdd00; color: #0b0c0c; font-weight: bold;">{text}</mark>'


def _html(before: list[str], pieces: list[tuple[str, bool]], after: list[str], signs: tuple[str, str]) -> str:
    text = "".join(
        _MARK.format(text=escape(f"{signs[0]}{words}{signs[1]}")) if marked else escape(words)
        for words, marked in pieces
    )
    body = [*map(_paragraph, before), _QUOTE.format(text=text.strip("\n")), *map(_paragraph, after)]
    return _PAGE.format(title=escape(before[0][:100]), body="\n".join(body))


def _paragraph(text: str) -> str:
    lines = re.split(r"\r\n|\r|\n", text.strip())
    return f'<p dir="auto">{"<br>".join(map(escape, lines))}</p>'
