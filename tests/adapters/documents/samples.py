"""Documents as tests need them, honest and hostile. Belongs here: making their octets; a message around them too."""

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import typst
from pypdf import PdfReader, PdfWriter

OBJECTS_IN = 64


def printed(pages, words="A page of evidence."):
    """Print a PDF of so many pages, as an office's own typesetter does."""
    body = " #pagebreak() ".join(f"Page {number + 1}. {words}" for number in range(pages))
    return typst.compile(body.encode(), format="pdf")


def locked(pdf, password, algorithm="AES-256"):
    """Encrypt a PDF; with an empty password anybody may read it, and not print it."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf)))
    writer.encrypt(password, "an owner's password", algorithm=algorithm)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def by_hand(objects, tail=b""):
    """Write a PDF of these objects, numbered from 1, of which the first is its catalogue, with a table of where."""
    written, places = bytearray(b"%PDF-1.7\n"), []
    for number, each in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, tail, table)
    return bytes(written)


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"


def pages(kids, count=None):
    """Write a node of the tree of pages with these objects under it, and the number it claims."""
    named = b" ".join(b"%d 0 R" % kid for kid in kids)
    return b"<< /Type /Pages /Kids [%b] /Count %d >>" % (named, len(kids) if count is None else count)


def plain(number=2, count=None):
    """Write a PDF of so many pages that claims `count`."""
    kids = range(3, 3 + number)
    return by_hand([CATALOGUE, pages(kids, count), *[PAGE] * number])


def looping():
    """Write a PDF whose tree of pages comes back to its root, twice at every turn."""
    return by_hand([CATALOGUE, pages([3, 3, 3]), pages([2, 2, 3])])


def doubling(depth=30):
    """Write a PDF in which each node of the tree has the next one twice: 2 to the 30th pages in 3 kB."""
    nodes = [pages([number + 3, number + 3], 2**30) for number in range(depth)]
    return by_hand([CATALOGUE, *nodes, PAGE])


def nested(depth=100_000):
    """Write a PDF whose catalogue is arrays within arrays."""
    return by_hand([b"[" * depth, pages([3]), PAGE])


def inflating(octets=1024**3):
    """Write a PDF whose pages are in a stream that unpacks to so many octets, 1,000 to one."""
    packer = zlib.compressobj(9)
    block = b" " * 1024**2
    packed = b"".join(packer.compress(block) for _ in range(octets // len(block))) + packer.flush()
    stream = b"<< /Type /ObjStm /N 2 /First 10 /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream"
    written = bytearray(b"%PDF-1.7\n")
    catalogue = len(written)
    written += b"1 0 obj\n%b\nendobj\n" % CATALOGUE
    packing = len(written)
    written += b"4 0 obj\n%b\nendobj\n" % (stream % (len(packed), packed))
    table = len(written)
    rows = [(0, 0, 65535), (1, catalogue, 0), (2, 4, 0), (2, 4, 1), (1, packing, 0), (1, table, 0)]
    where = b"".join(struct.pack(">BIH", *row) for row in rows)
    head = b"<< /Type /XRef /Size 6 /Root 1 0 R /W [1 4 2] /Length %d >>" % len(where)
    written += b"5 0 obj\n%b\nstream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (head, where, table)
    return bytes(written)


def tiff(pages, *, small=0, order="<", loop=False):
    """Write a TIFF of so many images, and so many small versions of them; its directories may loop."""
    marks = {"<": b"II*\0", ">": b"MM\0*"}
    written = bytearray(marks[order] + struct.pack(f"{order}I", 8))
    kinds = [0] * pages + [1] * small
    for number, kind in enumerate(kinds):
        after = len(written) + 2 + 2 * 12 + 4
        last = number == len(kinds) - 1
        written += struct.pack(f"{order}H", 2) + struct.pack(f"{order}HHII", 254, 4, 1, kind)
        written += struct.pack(f"{order}HHII", 256, 4, 1, 1728)
        written += struct.pack(f"{order}I", (8 if loop else 0) if last else after)
    return bytes(written) + bytes(256)


def zipped(**files):
    """Write a ZIP of these files, named with `__` for a slash and `_` for a dot."""
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return written.getvalue() + bytes(0)


def word(pages):
    """Write as much of a Word file as says how many pages its program made of it; None leaves that out."""
    said = "" if pages is None else f"<Pages>{pages}</Pages>"
    document = "".join(f"<w:p>{number}</w:p>" for number in range(200))
    return zipped(word__document_xml=document, docProps__app_xml=f"<Properties>{said}</Properties>")


def open_document(pages):
    """Write as much of an OpenDocument file as says how many pages it has."""
    meta = f'<office:meta><meta:document-statistic meta:page-count="{pages}" meta:word-count="9"/></office:meta>'
    return zipped(content_xml="".join(map(str, range(500))), meta_xml=meta)


def letter(*files, sender="rosa@example.org", to="cases@office.example", subject="Evidence", number=1):
    """Write a message with these files attached, each as (name, type, octets)."""
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{number}.documents@example.org>"
    message["Date"] = "Mon, 09 Mar 2026 10:00:00 +0000"
    message.set_content("Please see what is attached.\n")
    for name, kind, octets in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(octets, maintype=main, subtype=sub, filename=name)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def with_pdf(*octets, **more):
    """Write a message with PDFs attached."""
    named = [(f"evidence-{at}.pdf", "application/pdf", each) for at, each in enumerate(octets, 1)]
    return letter(*named, **more)
