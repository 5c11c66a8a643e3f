"""What senders are told: notes once a window, returns with the manners of RFC 3834, and who is never told."""

from email import message_from_bytes, policy

import pytest

from storage.entries import LetterState
from tests.gateway.office import ADDRESS, CLERK, PARTY, SENT, mail, office

LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
RETURN = {"kind": "return_mail", "note": "Please write by post.\r\nBcc: all@example.net"}


def parsed(letter):
    """Read a letter as a mail program does."""
    return message_from_bytes(letter.message, policy=policy.default)


async def test_a_return_has_manners(folder):
    """From nobody to the sender alone, said to be automatic, tied to the message, with none of its contents."""
    async with office(folder) as here:
        here.party(RETURN)
        await here.post(mail(body="A private matter"))
        (letter,) = here.letters()
        assert (letter.kind, letter.mail_from, letter.rcpt) == ("return", "<>", PARTY)
        told = parsed(letter)
        assert told["Auto-Submitted"] == "auto-replied"
        assert told["In-Reply-To"] == told["References"] == "<1@example.org>"
        assert told["Message-ID"] == letter.message_id
        assert (told["To"], told["From"]) == (PARTY, f"The Office <{ADDRESS}>")
        assert told["Bcc"] is None
        text = told.get_content()
        assert "Please write by post." in text
        assert "call 999" in text
        assert "private matter" not in text
        assert letter.message.startswith(b"Parley-Trace: v1; id=")


async def test_a_return_leaves_once(folder):
    """Sent again, the message is returned no second time; the outbox without a server puts it into `Sent out`."""
    async with office(folder) as here:
        here.party(RETURN)
        for _ in range(3):
            assert (await here.post(mail())).startswith("250 ")
        assert await here.gateway.outbox.send_due() == 1
        assert await here.gateway.outbox.send_due() == 0
        assert here.mailbox(SENT) == [here.letters(LetterState.SENT)[0].message]


async def test_a_note_is_written_once_a_window(folder):
    """Of five messages a day the first passes, the others are filed, and the party is told once; tomorrow again."""
    async with office(folder) as here:
        here.party(LIMIT)
        for number in range(5):
            await here.post(mail(number))
        assert [letter.kind for letter in here.told()] == ["note"]
        text = parsed(here.told()[0]).get_content()
        assert "We take 1 contact from you by email in a day." in text
        assert "Tuesday 10 March 2026 at 00:00" in text
        here.clock.advance(days=1)
        for number in range(5, 8):
            await here.post(mail(number))
        assert len(here.told()) == 2


FIELDS = {
    "list mail": {"List_Id": "<list.example.org>"},
    "a newsletter": {"List_Unsubscribe": "<mailto:x@example.org>"},
    "an automatic reply": {"Auto_Submitted": "auto-replied"},
    "something generated": {"Auto_Submitted": "auto-generated; why=x"},
    "bulk mail": {"Precedence": "bulk"},
    "junk": {"Precedence": "Junk"},
    "who asks for silence": {"X_Auto_Response_Suppress": "All"},
    "what bears a trace": {"Parley_Trace": "v1; id=1; outcome=deliver; mac=00"},
}


@pytest.mark.parametrize("measure", [RETURN, LIMIT], ids=["a return", "a note"])
@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
async def test_machines_are_never_answered(folder, fields, measure):
    """Nobody is told: a return becomes a refusal in the session, what is filed is filed without a word (C4, I5)."""
    async with office(folder) as here:
        here.party(measure)
        await _used_up(here, measure)
        reply = await here.post(mail(**fields))
        assert reply.startswith("550 5.7.1 " if measure is RETURN else "250 ")
        assert here.told() == []
        assert here.contacts()[-1].state == ("refused" if measure is RETURN else "filed")


ENVELOPES = {
    "the null path": ("<>", PARTY),
    "another envelope sender": ("elsewhere@example.net", PARTY),
    "MAILER-DAEMON": ("mailer-daemon@example.org", "mailer-daemon@example.org"),
    "a list's owner": ("owner-list@example.org", "owner-list@example.org"),
    "a list's request address": ("list-request@example.org", "list-request@example.org"),
    "a list's bounces": ("list-bounces@example.org", "list-bounces@example.org"),
}


@pytest.mark.parametrize("measure", [RETURN, LIMIT], ids=["a return", "a note"])
@pytest.mark.parametrize(("sender", "author"), ENVELOPES.values(), ids=ENVELOPES)
async def test_nobody_behind_the_envelope_is_answered(folder, sender, author, measure):
    """Nothing is said where the answer would go to nobody, to a machine, or to somebody who did not write (C4, I5)."""
    async with office(folder) as here:
        here.party(measure, emails=[author])
        await _used_up(here, measure, author)
        reply = await here.post(mail(sender=author), sender=sender)
        assert reply.startswith("550 5.7.1 " if measure is RETURN else "250 ")
        assert here.told() == []


async def _used_up(here, measure, author=PARTY):
    if measure is LIMIT:
        await here.post(mail(0, sender=author, X_Auto_Response_Suppress="All"), sender=author)


async def test_claimed_senders_are_not_answered_behind_a_border(folder):
    """Where a border checks senders, a sender that it did not vouch for is refused in neutral words (I4)."""
    async with office(folder, policy={"answer_claimed": False}) as here:
        here.party(RETURN)
        reply = await here.post(mail())
        assert reply.startswith("550 5.7.1 This message was not accepted. Please use the arrangements")
        assert here.told() == []


async def test_an_automatic_reply_does_not_count(folder):
    """An out-of-office note with the null path uses up no limit and no level."""
    async with office(folder) as here:
        party = here.party(LIMIT)
        await here.post(mail(Auto_Submitted="auto-replied"), sender="<>")
        assert (here.only().counts, here.used(party)) == (False, 0)


async def test_caps_for_one_address(folder):
    """Ten answers a day to one address; from then on a return is a refusal in the session, tomorrow it is none (C4)."""
    async with office(folder) as here:
        here.party(RETURN)
        replies = [(await here.post(mail(number)))[:3] for number in range(12)]
        assert replies == ["250"] * 10 + ["550"] * 2
        assert [entry.decided for entry in here.contacts()] == ["return"] * 12
        assert len(here.told()) == 10
        here.clock.advance(days=1, hours=1)
        assert (await here.post(mail(99))).startswith("250 ")


async def test_caps_for_a_domain(folder):
    """A hundred answers a day to one domain, whoever writes from it."""
    async with office(folder) as here:
        here.party(RETURN, emails=["@example.net"])
        replies = []
        for number in range(104):
            sender = f"p{number}@example.net"
            replies.append((await here.post(mail(number, sender=sender), CLERK, sender=sender))[:3])
        assert replies == ["250"] * 100 + ["550"] * 4


HOSTILE = {
    "line ends in the subject": {"Subject": "=?utf-8?q?x=0D=0ABcc:_all@example.net?="},
    "line ends in the message id": {"Message_ID": "<a@b>\r\n\tBcc: all@example.net"},
    "a long list of references": {"References": " ".join(f"<{n}@example.org>" for n in range(500))},
}


@pytest.mark.parametrize("fields", HOSTILE.values(), ids=HOSTILE)
async def test_nothing_that_a_sender_chose_breaks_a_header(folder, fields):
    """The return has the fields that we wrote and no others (C2)."""
    async with office(folder) as here:
        here.party(RETURN)
        assert (await here.post(mail(**fields))).startswith("250 ")
        (letter,) = here.letters()
        names = set(parsed(letter).keys())
        assert "Bcc" not in names
        assert names <= {
            "Parley-Trace", "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
            "Auto-Submitted", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
        }  # fmt: skip
        assert max(map(len, letter.message.split(b"\r\n"))) < 998
