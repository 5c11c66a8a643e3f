"""The words of HTML mail, for reading and matching: inscriptis under limits.

Belongs here: HTML to text, and what of it is hidden or quoted. The promise (THREATS C1): no exception whatever the
HTML, and bounded work: styles, which can blow a line up to a gigabyte, are taken off first.
"""

from __future__ import annotations

import re

from inscriptis import Inscriptis
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.html_properties import Display
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement as Style
from lxml.html import HtmlElement, HTMLParser, document_fromstring

LONGEST_HTML = 64 * 1024
"""Characters that are read; in this much nothing was found that takes half a second."""
_MOST_DEPTH = 200
_HIDDEN = ("script", "style", "head", "title", "template", "noscript", "textarea", "select", "object", "svg", "math")
_QUOTED = ("blockquote",)
# How mail programs mark what they quote without `blockquote`, by class and by id.
_QUOTED_CLASSES = frozenset(("gmail_quote", "moz-cite-prefix", "yahoo_quoted", "protonmail_quote", "gmail_attr"))
_QUOTED_IDS = frozenset(("divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container"))
_REST_IDS = frozenset(("divrplyfwdmsg", "appendonsend"))
"""Where these stand, all that follows beside them is quoted too (Outlook)."""
# Tables would be drawn with spaces, lists with bullets: only the words are wanted.
_AS_BLOCKS = dict.fromkeys(("table", "tr", "td", "th", "ul", "ol", "li"), "div")
_PLAIN = {name: Style(display=style.display) for name, style in STRICT_CSS_PROFILE.items()} | {
    name: Style(display=Display.block) for name in ("p", "dd", "dt", "hr")
}
_DECLARATION = re.compile(r"\A\s*+<\?xml[^>]{0,200}>")
_CONFIG = ParserConfig(css=_PLAIN)


def html_text(html: str, *, quotes: bool = True) -> str:
    """Give the words of HTML, a line for each block; empty where it cannot be read. `quotes` False leaves those out."""
    try:
        readable = html[:LONGEST_HTML].encode("utf-8", "replace").decode("utf-8").replace("\0", "")
        tree = document_fromstring(_DECLARATION.sub("", readable), parser=HTMLParser(remove_comments=True))
        _prune(tree, quotes)
        text = Inscriptis(tree, _CONFIG).get_text()
    except Exception:  # ParserError, ValueError, RecursionError have been seen; any of them means: no words
        return ""
    return "\n".join(" ".join(line.split()) for line in text.split("\n"))


def _prune(tree: HtmlElement, quotes: bool) -> None:
    """Take off what is not shown, what is quoted where it is not wanted, what lies too deep, and every style."""
    waiting: list[tuple[HtmlElement, int]] = [(tree, 0)]
    while waiting:
        element, depth = waiting.pop()
        for child in list(element):
            if not isinstance(child.tag, str) or child.tag in _HIDDEN or depth >= _MOST_DEPTH:
                child.drop_tree()
            elif not quotes and _is_quoted(child):
                _drop(element, child)
            else:
                waiting.append((child, depth + 1))
        element.attrib.clear()
        element.tag = _AS_BLOCKS.get(element.tag, element.tag)


def _is_quoted(element: HtmlElement) -> bool:
    if element.tag in _QUOTED or element.get("id", "").lower() in _QUOTED_IDS:
        return True
    return not _QUOTED_CLASSES.isdisjoint(element.get("class", "").lower().split())


def _drop(parent: HtmlElement, child: HtmlElement) -> None:
    if child.get("id", "").lower() in _REST_IDS:
        for later in list(child.itersiblings()):
            parent.remove(later)
        child.tail = None
    child.tail = f" {child.tail or ''}"
    child.drop_tree()
