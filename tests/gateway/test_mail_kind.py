"""What machines send, through a whole office: recognised, on record, never answered, exempt about our letters only."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.mail.line_ends import to_crlf
from gateway.build_desk import letters_of, traces_of
from gateway.letter_reports import LetterReports
from gateway.mail_kind import GIVEN_UP, LETTER_AGE, MOST_ABOUT_A_LETTER
from rules.contact import Nature
from rules.waiting_for import WaitingFor
from storage.entries import Letter, LetterState, State
from tests.gateway.casework.desk import CLERK as CLERK_AT_DESK
from tests.gateway.casework.notice_desk import NoticeDesk
from tests.gateway.office import ADDRESS, CLERK, NOW, PARTY, Office, mail, office, settled

LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
RETURN = {"kind": "return_mail", "note": "Please write by post."}
BOUNCES = Path(__file__).resolve().parents[1] / "bounces"
DAEMON = "MAILER-DAEMON@mx.example.org"
MX = "mx.office.example.org"
BORDER = {"border": MX}
VOUCHED = f"{MX}; dmarc=pass header.from=mx.example.org"


def ours(here: Office, *, kind: str = "note", number: str = "L1", at=NOW) -> Letter:
    """Put a letter of ours to the party on record, as it is after it left."""
    letter = Letter(number, kind, "<>", PARTY, f"<{number}@office.example.org>", b"Hello\r\n", at)
    here.record.write_now(lambda tx: tx.enqueue(letter))
    return letter


def bounce(
    message_id: str,
    *,
    sender: str = DAEMON,
    action: str = "failed",
    status: str = "5.1.1",
    number: int = 1,
    about: str = PARTY,
    vouched: str = f"{MX}; dmarc=none",
) -> bytes:
    """Give a report on a message."""
    return to_crlf(
        f"""Authentication-Results: {vouched}
From: {sender}
To: {ADDRESS}
Subject: Delivery status {number}
Message-ID: <report.{number}@mx.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {about}
Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
--b--
""".encode()
    )


KINDS = {
    "a bounce": ({}, Nature.BOUNCE),
    "a delay": ({"action": "delayed", "status": "4.4.1"}, Nature.DELAY),
    "a receipt": ({"action": "delivered", "status": "2.0.0"}, Nature.RECEIPT),
}


@pytest.mark.parametrize(("changes", "nature"), KINDS.values(), ids=KINDS)
async def test_a_report_on_a_letter_of_ours(folder, changes, nature):
    """It counts for nothing, is tied to the letter, reaches the office and is never answered (C4, C5)."""
    async with office(folder) as here:
        letter = ours(here)
        assert (await here.post(bounce(letter.message_id, **changes), ADDRESS, sender="<>")).startswith("250 ")
        entry = here.only()
        assert (entry.nature, entry.counts, entry.state) == (nature, False, State.DELIVERED)
        told = here.record.read_now(lambda reader: reader.report(entry.id))
        assert (told.letter_id, told.nature, told.status) == (letter.id, nature, changes.get("status", "5.1.1"))
        assert len(here.mailbox(ADDRESS)) == 1
        assert here.told() == [here.record.read_now(lambda reader: reader.letter(letter.id))]


NOT_EXEMPT = {
    "with a sender": (bounce("<L1@office.example.org>"), DAEMON),
    "of a letter that is not ours": (bounce("<L9@office.example.org>"), "<>"),
    "that names no letter": (bounce(""), "<>"),
    "an automatic reply that names none": (mail(Auto_Submitted="auto-replied"), "<>"),
    "an automatic reply with a sender": (
        mail(Auto_Submitted="auto-replied", In_Reply_To="<L1@office.example.org>"),
        PARTY,
    ),
    "a person's answer": (mail(In_Reply_To="<L1@office.example.org>"), PARTY),
    "a list that names it": (mail(List_Id="<x.example.org>", In_Reply_To="<L1@office.example.org>"), "<>"),
}


@pytest.mark.parametrize(("message", "sender"), NOT_EXEMPT.values(), ids=NOT_EXEMPT)
async def test_what_is_not_exempt(folder, message, sender):
    """Without the null path or without a letter of ours it counts like any mail, and is a report on nothing (C5)."""
    async with office(folder) as here:
        ours(here)
        await here.post(message, ADDRESS, sender=sender)
        assert here.only().counts
        assert here.record.read_now(lambda reader: reader.unfollowed()) == ()


async def test_a_forged_report_tells_nothing(folder):
    """What the border calls forged is on record for what it says it is, and nothing follows from it (I4)."""
    async with office(folder, mail={"border": "mx.office.example.org"}) as here:
        notice = ours(here, kind="notice")
        forged = b"Authentication-Results: mx.office.example.org; dmarc=fail header.from=mx.example.org\r\n"
        await here.post(forged + bounce(notice.message_id), ADDRESS, sender="<>")
        assert (here.only().assurance, here.only().nature) == ("failed", Nature.BOUNCE)
        assert here.record.read_now(lambda reader: reader.unfollowed()) == ()


async def test_a_letter_of_long_ago_is_no_reference(folder):
    """Nobody bounces a letter a month after it left."""
    async with office(folder) as here:
        letter = ours(here, at=NOW - LETTER_AGE * 1.1)
        await here.post(bounce(letter.message_id), ADDRESS, sender="<>")
        assert here.only().counts


EVASIONS = {
    "Auto-Submitted typed by hand": {"Auto_Submitted": "auto-replied"},
    "a list's mark": {"List_Id": "<x.example.org>"},
    "bulk": {"Precedence": "bulk"},
    "a wish for silence": {"X_Auto_Response_Suppress": "All"},
    "a vendor's mark": {"X_Autoreply": "yes"},
    "a reference to our note": {"Auto_Submitted": "auto-replied", "In_Reply_To": "<L1@office.example.org>"},
    "failed recipients": {"X_Failed_Recipients": PARTY},
}


@pytest.mark.parametrize("fields", EVASIONS.values(), ids=EVASIONS)
@pytest.mark.parametrize("sender", [PARTY, "<>"], ids=["from the person", "without a sender"])
async def test_who_writes_marks_by_hand_is_counted_all_the_same(folder, fields, sender):
    """A restricted person marks each mail as automatic: one is let through, whatever the marks; all are levels (C5).

    With the null path and our own Message-ID the first few count for nothing, and then no more.
    """
    async with office(folder) as here:
        party = here.party(LIMIT)
        ours(here)
        for number in range(6):
            await here.post(mail(number, **fields), sender=sender)
        exempt = MOST_ABOUT_A_LETTER if sender == "<>" and "In_Reply_To" in fields else 0
        assert here.used(party) == 1
        assert sum(entry.counts for entry in here.contacts()) == 6 - exempt
        through = [entry for entry in here.contacts() if entry.state is State.DELIVERED]
        assert len(through) == 1 + exempt


async def test_a_bounce_written_by_hand_uses_up_its_few(folder):
    """Our Message-ID is known to who got the letter: so many reports on it are exempt, and no more."""
    async with office(folder) as here:
        party = here.party(LIMIT)
        letter = ours(here)
        for number in range(6):
            await here.post(bounce(letter.message_id, sender=PARTY, number=number), CLERK, sender="<>")
        assert [entry.counts for entry in here.contacts()] == [False] * MOST_ABOUT_A_LETTER + [True] * 3
        assert here.used(party) == 1


async def test_machines_are_never_answered(folder):
    """Whatever a measure returns: a bounce, an absence note, a list get nothing back (C4)."""
    async with office(folder) as here:
        here.party(RETURN, emails=(PARTY, DAEMON))
        letter = ours(here)
        await here.post(bounce(letter.message_id), CLERK, sender="<>")
        await here.post(mail(2, Auto_Submitted="auto-replied", In_Reply_To=letter.message_id), sender="<>")
        await here.post(mail(3, List_Id="<x.example.org>"))
        assert [one.id for one in here.told()] == [letter.id]


async def test_what_is_exempt_is_so_when_it_is_released(folder):
    """A bounce that hours held counts neither when it came nor when it goes to its inbox."""
    hours = {"kind": "time_window", "channels": ["email"], "from": "14:00", "to": "15:00"}
    async with office(folder) as here:
        party = here.party(hours, LIMIT, emails=(PARTY, DAEMON))
        await here.post(bounce(ours(here).message_id), CLERK, sender="<>")
        assert here.states() == ["held"]
        here.clock.advance(hours=4, minutes=1)
        await here.gateway.holds.release_due()
        assert (here.states(), here.used(party)) == (["delivered"], 0)


async def test_our_own_mail_that_comes_back(folder):
    """A letter of ours that a server sends on to us without our mark: known by its Message-ID, not answered."""
    async with office(folder) as here:
        letter = ours(here)
        own = f"From: {ADDRESS}\nTo: {PARTY}\nMessage-ID: {letter.message_id}\nSubject: About you\n\nHello\n"
        await here.post(to_crlf(own.encode()), ADDRESS, sender="<>")
        assert (here.only().nature, here.only().counts) == (Nature.OUR_OWN, False)
        other = f"<other@office.example.org>\nIn-Reply-To: {letter.message_id}"
        forged = own.replace(letter.message_id, other)
        await here.post(to_crlf(forged.encode()), ADDRESS, sender=PARTY)
        assert here.contacts()[1].nature is Nature.PERSON


async def test_every_sample_passes(folder):
    """All our samples of bounces and look-alikes go through the door: each is on record once, none is lost."""
    async with office(folder) as here:
        samples = [to_crlf(path.read_bytes()) for path in sorted(BOUNCES.glob("*.eml"))]
        replies = [await here.post(raw, ADDRESS, sender="<>") for raw in samples]
        assert all(reply.startswith("250 ") for reply in replies)
        assert len(here.contacts()) == len(samples)
        natures = [entry.nature for entry in here.contacts()]
        assert (natures.count(Nature.BOUNCE), natures.count(Nature.DELAY)) == (
            12,
            2,
        )  # with the letter that quotes one, for it came without a sender
        assert Nature.PERSON not in natures


# What follows


def reports_of(here, said):
    """Give what follows reports in an office."""
    return LetterReports(here.record, said, letters_of(here.settings, traces_of(here.record)), here.clock)


class Notices:
    """Take what is said of notices; `news` is the answer, or what is raised."""

    def __init__(self, news=True):
        self.news, self.told = news, []

    async def __call__(self, reference, why, vouched):
        """Note it."""
        self.told.append((reference, why, vouched))
        if isinstance(self.news, Exception):
            raise self.news
        return self.news


async def test_a_notice_that_bounced_is_told_on_once(folder):
    """With its Message-ID and the status; a delay, and a note that bounced, are no such thing (C6)."""
    async with office(folder) as here:
        notice, note = ours(here, kind="notice"), ours(here, number="L2")
        await here.post(bounce(notice.message_id, action="delayed", status="4.4.1"), ADDRESS, sender="<>")
        await here.post(bounce(notice.message_id, number=2), ADDRESS, sender="<>")
        await here.post(bounce(note.message_id, number=3), ADDRESS, sender="<>")
        said = Notices()
        reports = reports_of(here, said)
        assert await reports.follow() == 3
        assert said.told == [(notice.message_id, "returned by mail, 5.1.1", False)]
        assert (await reports.follow(), len(said.told)) == (0, 1)


async def test_a_report_that_could_not_be_followed_is_followed_later(folder):
    """A fault is no end of it."""
    async with office(folder) as here:
        notice = ours(here, kind="notice")
        await here.post(bounce(notice.message_id), ADDRESS, sender="<>")
        assert await reports_of(here, Notices(OSError("no"))).follow() == 0
        said = Notices()
        assert await reports_of(here, said).follow() == 1
        assert len(said.told) == 1


async def test_C6_a_returned_notice_is_put_on_file_by_itself(folder):
    """Through the door, the record and the clock's work: not told any more, and the restriction rests."""
    async with office(folder, jobs=True, mail=BORDER) as here:
        desk = NoticeDesk(here)
        restriction = desk.untold()
        desk.leaving(restriction)
        await settled(lambda: desk.state(restriction) == "in_force")
        (letter,) = [one for one in here.letters(LetterState.SENT) if one.kind == "notice"]
        await here.post(bounce(letter.message_id, vouched=VOUCHED), ADDRESS, sender="<>")
        await settled(lambda: desk.state(restriction) == "awaiting_notice")
        (paper,) = desk.acts("notice_came_back")
        assert paper.act.detail == "returned by mail, 5.1.1"


FORGED = {
    "nobody vouches for it": {},
    "it is forged": {"vouched": f"{MX}; dmarc=fail header.from=mx.example.org"},
    "a server that never had the letter": {
        "sender": "MAILER-DAEMON@attacker.example",
        "vouched": f"{MX}; dmarc=pass header.from=attacker.example",
    },
    "a letter to somebody else": {"about": "nobody@example.org", "vouched": VOUCHED},
    "long after the letter": {"vouched": VOUCHED, "later": GIVEN_UP + timedelta(hours=1)},
}


@pytest.mark.parametrize("changes", FORGED.values(), ids=FORGED)
async def test_I4_a_report_that_anybody_can_write_lifts_nothing(folder, changes):
    """Whoever was told has the letter, and can bounce it: a person hears of it at once, and it holds until they say."""
    given = {key: value for key, value in changes.items() if key != "later"}
    async with office(folder, mail=BORDER) as here:
        desk = NoticeDesk(here)
        restriction = desk.untold()
        notice = desk.leaving(restriction)
        await desk.post()
        here.clock.at += changes.get("later", timedelta())
        (letter,) = [one for one in here.letters(LetterState.SENT) if one.kind == "notice"]
        for number in (1, 2):
            await here.post(bounce(letter.message_id, number=number, **given), ADDRESS, sender="<>")
        reports = LetterReports(
            here.record, desk.bounces.bounced, letters_of(here.settings, traces_of(here.record)), here.clock
        )
        await reports.follow()
        assert (desk.state(restriction), desk.acts("notice_came_back")) == ("in_force", [])
        forged = "dmarc=fail" in given.get("vouched", "")
        assert desk.notice(notice).state == ("sent" if forged else "unclear")
        if not forged:
            assert WaitingFor.LETTER_UNCLEAR in desk.waits()
            desk.act("note_incident", category="persistent_contact", what="Again.", channel="email")
            assert desk.notice(notice).state == "unclear"
            desk.notices.came_back(notice, CLERK_AT_DESK, detail="The post room says so.")
            assert (desk.state(restriction), desk.notice(notice).state) == ("awaiting_notice", "came_back")
