"""Notices as tests write them, and what stands in one: its words, a section, a row of what works."""

from __future__ import annotations

from dataclasses import replace

from gateway.notices.composing import compose
from gateway.notices.notice import Heading, Notice, Table
from gateway.notices.phrases import shipped
from rules.measures import Measure, parse
from tests.gateway.notices.office import (
    OVER,
    POLICY,
    every_facts,
    position,
    restriction,
)

EN = shipped()
BLOCK = parse({"kind": "block"})


def written(name: str, *measures: Measure, easy: bool = False, **changes) -> Notice:
    """Write one kind of notice on a restriction of these measures."""
    one = restriction(*measures, ground=next(iter(changes.get("policy", POLICY).grounds)))
    stand = () if name in OVER else (one,)
    phrases = EN.easily() if easy else EN
    return compose(every_facts(one)[name], position(*stand, **changes), phrases)


def said(notice: Notice) -> str:
    """Give all that a notice says."""
    return "\n".join(notice.texts())


def under(notice: Notice, heading: str, *, easy: bool = False) -> str:
    """Give what stands under a heading; fails where there is none."""
    blocks = list(notice.blocks)
    phrases = EN.easily() if easy else EN
    start = blocks.index(Heading(phrases.say(f"heading.{heading}"))) + 1
    kept = []
    for block in blocks[start:]:
        if isinstance(block, Heading):
            break
        kept.append(block)
    return said(replace(notice, title="", blocks=tuple(kept))).strip()


def row(notice: Notice, channel: str) -> tuple[str, ...]:
    """Give the row of a channel in the table of what works."""
    table = next(block for block in notice.blocks if isinstance(block, Table))
    return next(one for one in table.rows if one[0] == channel)
