"""Documents that no honest program writes, attached to a party's mail: their pages are counted, or said not to be.

Belongs here: making them of what readers of documents stumbled over, and the law. It has numbers of its own, so that
the seeds of messages make what they made before.
"""

from __future__ import annotations

import time
from collections import Counter
from functools import lru_cache
from random import Random

from adapters.documents.pages import MOST_PAGES
from adapters.mail.attachments import MOST
from tests.adapters.documents import samples
from tests.gateway.office import Office

SENDER = "filed@example.org"
LETTERS = 12
"""Messages that one office meets."""
MOST_CPU_S = 1.0
_PIECES = (
    b"/Kids [2 0 R 3 0 R 2 0 R]", b"/Count 999999999999999999", b"/Type /Pages", b"/Parent 3 0 R", b"<< " * 300,
    b"[" * 3_000, b"endobj", b"1 0 obj", b"stream\n", b"endstream", b"/Length -1", b"/Length 99 0 R", b"%PDF-1.4\n",
    b"/Filter [/FlateDecode /FlateDecode /ASCIIHexDecode /LZWDecode]", b"/W [9 9 9]", b"/Index [0 99999999]",
    b"/Prev 9", b"startxref\n0\n", b"xref\n0 4294967295\n", b"trailer\n<< /Root 2 0 R /Encrypt 3 0 R >>\n", b"(" * 900,
    b"#00#ff", b"/" * 500, b"\x00" * 200, b"\xff" * 200, b"9" * 5_000, b"-", b"R R R", b"/ObjStm", b"/DecodeParms",
    b"PK\x01\x02", b"PK\x05\x06", b"<Pages>99999</Pages>", b"II*\0\x04\0\0\0",
)  # fmt: skip


@lru_cache(maxsize=1)
def _whole() -> tuple[bytes, ...]:
    return (
        samples.printed(3),
        samples.plain(4),
        samples.plain(2, 10**9),
        samples.locked(samples.plain(3), ""),
        samples.locked(samples.plain(3), "secret"),
        samples.looping(),
        samples.doubling(12),
        samples.nested(5_000),
        samples.inflating(128 * 1024**2),
        samples.tiff(5, small=1),
        samples.tiff(2, loop=True),
        samples.word(12),
        samples.open_document(3),
        samples.zipped(a_txt="".join(map(str, range(900)))),
    )


def document(chance: Random) -> bytes:
    """Make one, mostly of a good one: cut, doubled, with pieces of others and of nothing in it."""
    made = bytearray(chance.choice(_whole()))
    for _ in range(chance.randrange(0, 6)):
        at, until = sorted(chance.randrange(len(made) + 1) for _ in range(2))
        match chance.randrange(5):
            case 0:
                made[at:at] = chance.choice(_PIECES)
            case 1:
                made[at : min(until, at + 40)] = chance.choice(_PIECES)
            case 2:
                del made[at : min(until, at + 2_000)]
            case 3:
                made[at:at] = made[at : min(until, at + 2_000)]
            case 4:
                made[at : at + 4] = chance.randbytes(4)
    return bytes(made)


async def tried(here: Office, seed: int, counts: Counter[str]) -> list[str]:
    """Send letters with documents and have them counted; says what is against the law."""
    wrong, before = [], {entry.id for entry in here.contacts()}
    for number in range(LETTERS):
        chance = Random(f"{seed}:documents:{number}")
        made = [document(chance) for _ in range(chance.randrange(1, 4))]
        reply = await here.post(samples.with_pdf(*made, sender=SENDER, number=f"{seed}.{number}"), sender=SENDER)
        counts[f"document answered {reply[:3]}"] += len(made)
    began = time.process_time()
    done = await here.gateway.pages.run()
    if (spent := time.process_time() - began) > MOST_CPU_S:
        wrong.append(f"{spent:.1f} s of work in the process that takes mail")
    for entry in here.contacts():
        known = here.record.read_now(lambda reader, of=entry.id: reader.particulars(of))
        if entry.id in before or known is None:
            continue
        counts["pages"] += known.pages
        counts["document not counted"] += known.files_not_counted
        if not (0 <= known.pages <= MOST * MOST_PAGES and 0 <= known.files_not_counted <= 3):
            wrong.append(f"{entry.id} has {known.pages} pages, and {known.files_not_counted} files not counted")
    return wrong + ([] if done else ["nothing was counted"])
