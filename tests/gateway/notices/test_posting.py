"""A notice as mail: from the office, to one person, with its PDFs, the same octets every time."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace

import pytest

from adapters.pdf.letter import Press
from gateway.notices.composing import compose
from gateway.notices.forms import Form, as_pdf, plain_text
from gateway.notices.phrases import shipped
from gateway.notices.position import AdvocateCopy, ArrangementsFacts, RestrictionFacts
from gateway.notices.posting import Envelope, as_copy, as_mail
from tests.gateway.notices.office import OFFICE, position, restriction
from tests.rules.office import NOW

ONE = restriction()
ADVOCATE = AdvocateCopy("A. Advocate", "a.advocate@example.org", consent=True)
NOTICE = compose(RestrictionFacts(ONE), position(ONE, advocates=(ADVOCATE,)), shipped())
TO_PARTY = Envelope("r.example@example.org", "<n1@example.org>", NOW)
PDFS = [as_pdf(NOTICE, Press(), NOW, form) for form in (Form.PDF, Form.LARGE_PRINT)]


def read(octets: bytes):
    """Read a message as a mail program does."""
    return email.message_from_bytes(octets, policy=email.policy.default)


def lines(part) -> str:
    """Give the text of a part with line ends as a program shows them."""
    return part.get_content().replace("\r\n", "\n")


def test_a_notice_comes_from_the_office():
    """No colleague is the sender: name and address are the office's (SPSO-28), and no machine answers it."""
    message = read(as_mail(NOTICE, OFFICE, TO_PARTY).content)
    assert str(message["From"]) in (
        '"Example Office" <enquiries@example.org>',
        "Example Office <enquiries@example.org>",
    )
    assert message["To"] == "r.example@example.org"
    assert message["Subject"] == NOTICE.title
    assert message["Message-ID"] == "<n1@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Cc"] is None
    assert lines(message) == plain_text(NOTICE)


def test_pdfs_go_with_it():
    """The text stands first, then each PDF as it was printed, under a name of ours."""
    octets = as_mail(NOTICE, OFFICE, TO_PARTY, PDFS).content
    text, *enclosed = read(octets).iter_parts()
    assert lines(text) == plain_text(NOTICE)
    assert [one.get_content() for one in enclosed] == [one.content for one in PDFS]
    assert [one.get_filename() for one in enclosed] == ["restriction-pdf-1.pdf", "restriction-large-print-2.pdf"]
    assert read(octets)["From"] == read(as_mail(NOTICE, OFFICE, TO_PARTY).content)["From"]


@pytest.mark.parametrize("enclosed", [pytest.param([], id="alone"), pytest.param(PDFS, id="with PDFs")])
def test_lines_end_as_mail_has_them(enclosed):
    """No bare CR or LF, no octet over 127, no long line leaves us (THREATS S3)."""
    octets = as_mail(NOTICE, OFFICE, TO_PARTY, enclosed).content
    lines = octets.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 998
    assert octets.isascii()
    assert octets == as_mail(NOTICE, OFFICE, TO_PARTY, enclosed).content


def test_a_copy_says_that_it_is_one():
    """An advocate's copy is a message of its own that says whose letter it is, and shows no address of the party."""
    envelope = replace(TO_PARTY, to=ADVOCATE.address, message_id="<n2@example.org>")
    octets = as_copy(NOTICE, OFFICE, envelope, "R. Example", shipped(), PDFS).content
    text = lines(next(iter(read(octets).iter_parts())))
    assert text.startswith("This is a copy of a letter to R. Example. They agreed that you get it.\n")
    assert b"r.example@example.org" not in octets


def test_a_copy_without_consent_is_refused():
    """Nobody but an advocate with the party's consent on record gets a copy."""
    with pytest.raises(ValueError, match="consent"):
        as_copy(NOTICE, OFFICE, replace(TO_PARTY, to="other@example.org"), "R. Example", shipped())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"to": "a@example.org\r\nBcc: b@example.org"}, id="an address with a line end"),
        pytest.param({"message_id": "<a@b>\r\nBcc: x@example.org"}, id="a Message-ID with a line end"),
        pytest.param({"at": NOW.replace(tzinfo=None)}, id="a time without a zone"),
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(change):
    """Nothing of the envelope can add a field."""
    with pytest.raises(ValueError, match=r"header|Message-ID|zone"):
        as_mail(NOTICE, OFFICE, replace(TO_PARTY, **change), PDFS)


def test_a_page_without_a_pdf_stands_in_the_mail():
    """Who was promised plain text gets letter and page as text, in the advocate's copy too."""
    page = compose(ArrangementsFacts(), position(ONE), shipped())
    octets = as_mail(NOTICE, OFFICE, TO_PARTY, (), (page,)).content
    assert lines(read(octets)) == f"{plain_text(NOTICE)}\n\n{plain_text(page)}"
    envelope = replace(TO_PARTY, to=ADVOCATE.address)
    copy = as_copy(NOTICE, OFFICE, envelope, "R. Example", shipped(), (), (page,)).content
    assert lines(read(copy)).endswith(plain_text(page))


def test_each_pdf_bears_the_name_of_its_own_notice():
    """A page that goes with a letter is not called a letter."""
    page = as_pdf(compose(ArrangementsFacts(), position(ONE), shipped()), Press(), NOW)
    _, *enclosed = read(as_mail(NOTICE, OFFICE, TO_PARTY, [PDFS[0], page]).content).iter_parts()
    assert [one.get_filename() for one in enclosed] == ["restriction-pdf-1.pdf", "arrangements-pdf-2.pdf"]
