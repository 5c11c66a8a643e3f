"""Easy Read: short sentences, one idea a line, headings as questions, no table (PHSO on adjustments, HO-3).

Belongs here: the change of shape; the easier words are the catalogue's `easy` phrases, the pictures are the printer's.
What a colleague typed is broken up but not made easier: whoever reads the draft does that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gateway.notices.notice import Block, Heading, Listing, Notice, Paragraph, Table
from gateway.notices.readability import sentences_of


def eased(notice: Notice) -> Notice:
    """Give a notice in the shape of Easy Read."""
    blocks = tuple(line for block in notice.blocks for line in _eased(block))
    return replace(notice, blocks=blocks, easy=True)


def _eased(block: Block) -> Iterator[Block]:
    if isinstance(block, Heading):
        yield block
    elif isinstance(block, Paragraph):
        yield from _lines(block.text)
    elif isinstance(block, Listing):
        for item in block.items:
            yield from _lines(item)
    else:
        yield from _table(block)


def _table(table: Table) -> Iterator[Block]:
    """Turn each row into a question, with its answer, its times and its people a line each."""
    pictures = table.pictures or (("", ""),) * len(table.rows)
    for (first, works, *rest), (channel, answer) in zip(table.rows, pictures, strict=True):
        yield Heading(first, 2, channel)
        for line in _lines(works):
            yield replace(line, picture=answer)
            answer = ""
        for head, cell in zip(table.head[2:], rest, strict=True):
            if cell != "-":
                yield Heading(head, 3)
                yield from _lines(cell)


def _lines(text: str) -> Iterator[Paragraph]:
    for sentence in sentences_of(text):
        yield Paragraph(sentence)
