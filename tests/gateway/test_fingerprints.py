"""Repeats through a whole office: marked on the contact of a party, shown to staff, changing no decision."""

from __future__ import annotations

import threading
from email.message import EmailMessage
from email.policy import SMTP

from gateway import fingerprints
from gateway.fingerprints import UNREADABLE, said
from rules.repeats import Likeness, Repeat
from storage.entries import State
from tests.gateway.office import CLERK, PARTY, mail, office

LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
LETTER = " ".join(f"word{number}" for number in range(80))
NEAR = LETTER.replace("word40", "other")
PDF = b"%PDF-1.7 " + b"letter " * 100


def known(here):
    """Give what is known of what each contact said, the oldest first."""
    return [here.record.read_now(lambda reader, each=each: reader.fingerprint(each.id)) for each in here.contacts()]


async def test_a_partys_repeats_are_marked(folder):
    """A copy with our answer quoted below it, a near copy, another letter; each with its words."""
    async with office(folder) as here:
        here.party()
        bodies = (
            LETTER,
            f"{LETTER}\r\n\r\nOn Monday the office wrote:\r\n> No.",
            NEAR,
            "Something else this time, if I may.",
        )
        for number, body in enumerate(bodies):
            await here.post(mail(number, body=body))
        first, copy, near, other = known(here)
        ids = [each.id for each in here.contacts()]
        assert (first.repeat, other.repeat) == (None, None)
        assert copy.repeat == Repeat(ids[0], Likeness.COPY, 100)
        assert (near.repeat.how, near.repeat.of in ids[:2]) == (Likeness.NEAR_COPY, True)
        assert [each.words for each in here.contacts()] == [80, 80, 80, 7]


async def test_it_is_marked_whatever_was_decided(folder):
    """Filed over a limit, from another address of the same party: a repeat is a repeat, and decides nothing."""
    async with office(folder) as here:
        here.party(LIMIT, emails=(PARTY, "r.second@example.org"))
        await here.post(mail(1, body=LETTER))
        await here.post(mail(2, body=LETTER, sender="r.second@example.org"), sender="r.second@example.org")
        assert here.states() == ["delivered", "filed"]
        assert known(here)[1].repeat.how is Likeness.COPY


async def test_nobody_elses_mail_is_read(folder, monkeypatch):
    """Who is no party on record is not looked at, nor is forged or automatic mail."""
    monkeypatch.setattr(fingerprints, "said", lambda raw: 1 / 0)
    async with office(folder) as here:
        await here.post(mail(1, body=LETTER))
        assert (here.states(), known(here), here.only().words) == (["delivered"], [None], None)


async def test_another_partys_letter_is_no_repeat(folder):
    """The same standard letter by two people is two letters."""
    async with office(folder) as here:
        here.party()
        here.party(emails=("a.sample@example.org",), name="A. Sample")
        await here.post(mail(1, body=LETTER))
        await here.post(mail(2, body=LETTER, sender="a.sample@example.org"), sender="a.sample@example.org")
        assert [each.repeat for each in known(here)] == [None, None]


async def test_the_same_file_again(folder):
    """Other words with a file that came before."""

    def letter(number, text):
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Message-ID"] = PARTY, CLERK, f"<{number}@example.org>"
        message.set_content(text)
        message.add_attachment(PDF, maintype="application", subtype="pdf", filename=f"{number}.pdf")
        return message.as_bytes()

    async with office(folder) as here:
        here.party()
        await here.post(letter(1, "Here is my report of last week."))
        await here.post(letter(2, "Nobody has answered my report so far."))
        first = here.contacts()[0]
        assert known(here)[1].repeat == Repeat(first.id, Likeness.ATTACHMENT, 0)


async def test_a_retry_is_no_repeat(folder):
    """The same message once more, as a server sends it after a lost reply, is one contact and repeats nothing."""
    async with office(folder) as here:
        here.party()
        for _ in range(2):
            await here.post(mail(1, body=LETTER))
        assert [each.repeat for each in known(here)] == [None]


async def test_what_was_not_read_is_said(folder):
    """Over a limit it is decided from envelope and header, and marked (C1)."""
    async with office(folder) as here:
        here.party()
        nested = "--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * 300
        await here.post(mail(1, body=nested, Content_Type="multipart/mixed; boundary=a"))
        assert here.states() == ["delivered"]
        assert known(here)[0].over


async def test_a_body_that_cannot_be_read_is_no_fault(folder, monkeypatch):
    """Whatever breaks there: the message passes, and it is marked."""

    def broken(raw):
        raise RecursionError

    monkeypatch.setattr(fingerprints, "body", broken)
    async with office(folder) as here:
        here.party()
        assert (await here.post(mail(1, body=LETTER))).startswith("250 ")
        assert (here.only().state, known(here)[0].over) == (State.DELIVERED, UNREADABLE)


async def test_large_messages_are_read_apart(folder, monkeypatch):
    """In a thread, so that nobody else waits for them (C1); a small one costs less than a thread."""
    threads = []

    def watched(raw):
        threads.append(threading.current_thread() is threading.main_thread())
        return said(raw)

    monkeypatch.setattr(fingerprints, "said", watched)
    async with office(folder) as here:
        here.party()
        await here.post(mail(1, body=LETTER))
        await here.post(mail(2, body=(LETTER + "\r\n") * 100))
        assert threads == [True, False]
