"""Pages of documents, honest and hostile: right, or not counted; in a child that dies of them alone."""

from __future__ import annotations

import gc
import sys

import pytest

from adapters.documents import child
from adapters.documents.counter import Counter
from adapters.documents.kinds import Document, document_of
from adapters.documents.pages import MOST_PAGES, pages_of
from adapters.mail.attachments import documents
from adapters.mail.parts import cut
from tests.adapters.documents import samples

PRINTED = samples.printed(12)
BOOK = samples.plain(300)
HONEST = [
    pytest.param(PRINTED, 12, id="printed by typst"),
    pytest.param(samples.plain(1), 1, id="one page"),
    pytest.param(b"\r\n\r\n" + samples.plain(2), 2, id="something stands before it"),
    pytest.param(samples.locked(samples.plain(3), ""), 3, id="it may be read and not printed"),
    pytest.param(samples.locked(samples.plain(3), "", "RC4-128"), 3, id="that by an older cipher"),
    pytest.param(samples.locked(samples.plain(3), "secret"), None, id="it is locked"),
    pytest.param(samples.plain(2, count=10**9), 2, id="it claims a thousand million pages"),
    pytest.param(samples.plain(2, count=-1), 2, id="it claims less than none"),
    pytest.param(samples.plain(0) + b"%" * 300, None, id="it has none"),
    pytest.param(PRINTED[:-700], None, id="it is cut off"),
    pytest.param(PRINTED[: len(PRINTED) // 2], None, id="it is cut off in the middle"),
    pytest.param(samples.looping(), None, id="its tree of pages loops"),
    pytest.param(samples.nested(), None, id="arrays within arrays"),
    pytest.param(b"%PDF-1.7" + b"1 0 obj <<" * 2000, None, id="it is rubbish"),
    pytest.param(samples.tiff(7), 7, id="a fax"),
    pytest.param(samples.tiff(3, small=2, order=">"), 3, id="a scan with small versions of its pages"),
    pytest.param(samples.tiff(3, loop=True), 3, id="a fax whose directories loop"),
    pytest.param(samples.tiff(3)[:38] + bytes(300), 1, id="a fax that is cut off"),
    pytest.param(samples.word(9), 9, id="a Word file says how many its program made"),
    pytest.param(samples.word(None), None, id="a Word file that does not"),
    pytest.param(samples.word(0), None, id="a Word file that says none"),
    pytest.param(samples.word(MOST_PAGES + 1), None, id="a Word file that says more than anybody writes"),
    pytest.param(samples.open_document(4), 4, id="an OpenDocument file"),
    pytest.param(samples.zipped(a_txt="x" * 900, b_txt="".join(map(str, range(900)))), None, id="an archive"),
    pytest.param(b"PK\x03\x04" + bytes(300), None, id="a broken archive"),
    pytest.param(b"{\\rtf1 " + b"x" * 300, None, id="rich text"),
    pytest.param(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(300), None, id="Word before 2007"),
]


@pytest.mark.parametrize(("octets", "pages"), HONEST)
def test_pages(octets, pages):
    """By its octets alone; what makes a reader raise is not counted, as the child has it."""
    document = document_of(octets)
    assert document is not None
    answer = b"-\n" if pages is None else b"%d\n" % pages
    assert list(child._answers(samples.with_pdf(octets))) == [answer]
    assert pages is None or pages_of(octets, document) == pages


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"\xff\xd8\xff\xe0" + bytes(500), id="a photograph"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(500), id="a drawing"),
        pytest.param(b"Dear Sir or Madam\r\n" * 50, id="text"),
        pytest.param(b"x" * 2000 + samples.plain(1), id="a PDF far inside something else"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_no_document(octets):
    """It has no pages, and is not said to be uncounted."""
    assert document_of(octets) is None


def test_documents_of_a_message_are_each_told_once_by_their_octets():
    """Whatever name and type their sender gave them; the same file twice is one, and a stub is none."""
    pdf = samples.plain(2)
    raw = samples.letter(
        ("cat.jpg", "image/jpeg", pdf), ("again.pdf", "application/pdf", pdf), ("x.pdf", "application/pdf", b"%PDF-1.7")
    )
    assert [kind for _, kind in documents(raw, cut(raw))] == [Document.PDF]


async def asked(counter, *messages):
    """Have messages counted one after the other."""
    return [await counter.count(raw) for raw in messages]


async def test_C7_a_child_counts_what_is_hostile_beside_what_is_not():
    """Bombs of a thousand to one, trees of 2 to the 30th, many pages: not counted; the same child counts the rest."""
    bomb, tree, long = samples.inflating(96 * 1024**2), samples.doubling(), samples.tiff(MOST_PAGES + 1)
    counter = Counter()
    try:
        found = await asked(counter, samples.with_pdf(BOOK, bomb, tree, PRINTED), samples.with_pdf(long))
        assert (found, counter._child.returncode) == ([(300, 12), ()], None)
        assert await asked(counter, b"", b"no message", samples.letter(("a.txt", "text/plain", b"x"))) == [(), (), ()]
    finally:
        await counter.close()


def program(more):
    """Give the command of a child with something changed; what it reads as a document is a letter by `letters`."""
    return ("-I", "-B", "-c", f"from adapters.documents import child\n{more}\nchild.main()")


DEADLY = {
    "it takes all time": "def pages_of(octets, kind):\n    while b'deadly' in octets: pass\n    return 2\n",
    "it takes all memory": "def pages_of(octets, kind): return 2 + 0 * len(b'x' * 2 ** (40 * (b'deadly' in octets)))\n",
    "it dies": "import os\ndef pages_of(octets, kind): return os._exit(1) if b'deadly' in octets else 2\n",
}


@pytest.mark.parametrize("what", DEADLY)
async def test_C7_a_document_that_kills_costs_what_came_after_it_in_its_message(what):
    """Time and memory are bounded by the kernel; what was counted stands, and the next message has a new child."""
    more = f"child.MOST_CPU_S = 1\n{DEADLY[what]}child.pages_of = pages_of"
    deadly = b"%PDF-1.7 deadly" + bytes(300)
    counter = Counter(program(more))
    try:
        found = await asked(counter, samples.with_pdf(BOOK, deadly, PRINTED), samples.with_pdf(PRINTED))
        assert found == [(2,), (2,)]
    finally:
        await counter.close()


async def test_a_child_that_was_used_up_is_no_harm_to_the_next_message():
    """What dies in a child that served before is asked again, of a new one."""
    more = (
        "served = []\ndef pages_of(octets, kind):\n    served.append(1)\n    return 5 if len(served) < 2 else 1 / 0\n"
    )
    counter = Counter(program(more.replace("1 / 0", "__import__('os')._exit(1)") + "child.pages_of = pages_of"))
    try:
        assert await asked(counter, *[samples.with_pdf(PRINTED)] * 3) == [(5,)] * 3
    finally:
        await counter.close()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("'99999999\\n-5\\n0\\n7\\n.\\n'", id="numbers that no file has"),
        pytest.param("'7\\nmany\\n\\u0667\\n.\\n'", id="what is no number"),
        pytest.param("'7\\n'", id="half an answer"),
        pytest.param("'7\\n' + '-\\n' * 100", id="no end"),
        pytest.param("'7\\n' + 'x' * 200_000", id="a line without an end"),
    ],
)
async def test_a_child_that_says_nonsense_is_a_stranger(said):
    """Of its words numbers within reason are taken, and nothing else."""
    counter = Counter(("-I", "-c", f"import sys; sys.stdin.buffer.read(9); sys.stdout.write({said})"))
    assert await counter.count(samples.with_pdf(BOOK)) == (7,)
    await counter.close()


async def test_a_child_that_is_silent_is_ended():
    """By the clock, where it uses none of its time; nobody waits for it."""
    counter = Counter(("-I", "-c", "import sys, time; sys.stdin.buffer.read(); time.sleep(600)"), most_s=0.5)
    assert await counter.count(samples.with_pdf(PRINTED)) == ()
    assert counter._child is None
    await counter.close()
    gc.collect()  # what was left open would be a warning, and that an error


async def test_a_child_knows_nothing_of_us(monkeypatch):
    """It has none of our environment and none of our folders."""
    monkeypatch.setenv("PARLEY_SECRET", "for the test")
    look = "import os, sys; sys.stdout.write(f'{1 + (len(os.environ) > 1) + (os.getcwd() != chr(47))}\\n.\\n')"
    counter = Counter(("-I", "-c", f"import sys; sys.stdin.buffer.read(9); {look}"))
    assert await counter.count(b"x") == (1,)
    await counter.close()


def test_what_a_child_may_do():
    """It can open no file to write and has little memory, and says so to the kernel before it reads a word."""
    limits = "import resource, os; print(*[resource.getrlimit(x)[0] for x in (9, 1, 4, 6)], os.nice(0))"
    import subprocess

    found = subprocess.run(
        [sys.executable, "-I", "-B", "-c", f"from adapters.documents import child\nchild.main()\n{limits}"],
        input=b"",
        capture_output=True,
        check=True,
    )
    assert found.stdout.split() == [b"%d" % child.MOST_MEMORY, b"0", b"0", b"0", b"19"]
