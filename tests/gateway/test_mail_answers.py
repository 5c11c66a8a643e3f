"""What senders are told: notes once a window, returns with the manners of RFC 3834, and who is never told."""

from contextlib import asynccontextmanager
from email import message_from_bytes, policy

import pytest

from adapters.mail.bounces import Tells, report
from rules.policies.parts import Replies
from storage.entries import LetterState
from tests.adapters.mail.door import Client
from tests.gateway.hop import Hop
from tests.gateway.office import ADDRESS, CLERK, DOMAIN, HEAD, PARTY, SENT, mail, office, wire

LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
MX = "mx.office.example.org"
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
    "what a vacation program marks": {"X_Autoreply": "yes"},
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
    "a list program": ("LISTSERV@example.org", "LISTSERV@example.org"),
    "the postmaster": ("postmaster@example.org", "postmaster@example.org"),
    "who takes no answer": ("no-reply@example.org", "no-reply@example.org"),
    "ourselves": (ADDRESS, ADDRESS),
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
    """An out-of-office note on a note of ours, with the null path, uses up no limit and no level (C5)."""
    async with office(folder) as here:
        party = here.party(LIMIT)
        await here.post(mail(1))
        await here.post(mail(2))
        (note,) = here.told()
        await here.post(mail(3, Auto_Submitted="auto-replied", In_Reply_To=note.message_id), sender="<>")
        assert ([one.counts for one in here.contacts()], here.used(party)) == ([True, True, False], 1)


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


async def from_many(here, count):
    """Send a message from each of several addresses of a domain; give the replies."""
    replies = []
    for number in range(count):
        sender = f"p{number}@example.net"
        replies.append((await here.post(mail(number, sender=sender), CLERK, sender=sender))[:3])
    return replies


CAPS = {
    "to a party, by whatever address": {"party": 3},
    "to a domain, whoever writes from it": {"domain": 3},
    "in all": {"everybody": 3},
}


@pytest.mark.parametrize("cap", CAPS.values(), ids=CAPS)
async def test_C4_caps_are_the_policys(folder, cap):
    """Past one the message is refused in the session, and staff see why; the others stand far off."""
    most = Replies(**({"party": 100, "address": 100} | cap))
    async with office(folder, policy={"replies": most}) as here:
        here.party(RETURN, emails=["@example.net"])
        assert await from_many(here, 5) == ["250"] * 3 + ["550"] * 2
        assert here.contacts()[-1].reasons[-1].text.startswith("As much as the policy allows in a day")


async def test_C4_a_note_past_the_cap_is_not_written(folder):
    """What is filed is filed all the same."""
    async with office(folder, policy={"replies": Replies(party=1)}) as here:
        here.party(LIMIT)
        for day in range(2):
            await here.post(mail(2 * day))
            await here.post(mail(2 * day + 1))
            here.clock.advance(hours=20)
        assert (here.states(), len(here.told())) == (["delivered", "filed"] * 2, 1)


async def test_rfc5322_an_answer_stands_in_its_thread(folder):
    """What the message referred to, then the message (3.6.4); its subject to nobody but whom somebody vouches for."""
    fields = {"References": "<a@example.org> <b@example.org>", "In_Reply_To": "<b@example.org>"}
    async with office(folder, mail={"border": MX}) as here:
        here.party(RETURN)
        await here.post(mail(1, **fields, Authentication_Results=f"{MX}; dmarc=pass header.from=example.org"))
        await here.post(mail(2, **fields))
        verified, claimed = map(parsed, here.told())
        assert verified["References"] == "<a@example.org> <b@example.org> <1@example.org>"
        assert (verified["In-Reply-To"], verified["Subject"]) == ("<1@example.org>", "Auto: Message 1")
        assert claimed["Subject"] == "Auto: About your message to The Office"


async def test_several_authors_are_nobody_to_answer(folder):
    """Two From fields, or two addresses in one: a person looks at it, and nobody is told (I1)."""
    async with office(folder) as here:
        here.party(RETURN)
        two = mail(1).replace(b"From: ", b"From: s.sample@example.net\r\nFrom: ", 1)
        both = mail(2).replace(b"From: R. Example <", b"From: s.sample@example.net, <", 1)
        for message in (two, both):
            assert (await here.post(message)).startswith("250 ")
        assert (here.states(), here.told()) == (["held", "held"], [])


# What a sender wishes to hear (RFC 3461)


@asynccontextmanager
async def reporting(folder, results=""):
    """Give an office behind whose door a server reports, and what sends one message there with parameters."""
    async with Hop({"EHLO": "250-hop.example.org\r\n250-DSN\r\n250 PIPELINING"}) as hop:
        where = {"next_hop": f"127.0.0.1:{hop.port}", "border": MX}
        async with office(folder, mail=where) as here:

            async def post(number, parameters, *recipients, ret=""):
                fields = {"Authentication_Results": results} if results else {}
                async with Client.of(here.gateway.smtp) as client:
                    assert (await client.say(f"MAIL FROM:<{PARTY}>{ret}")).startswith("250")
                    for recipient in recipients or (CLERK,):
                        assert (await client.say(f"RCPT TO:<{recipient}>{parameters}")).startswith("250"), parameters
                    await client.say("DATA")
                    await client.send(wire(mail(number, **fields)))
                    return await client.reply()

            yield here, post


WISHES = {
    "nothing is said": ("", "250", "text/plain"),
    "failure": (" NOTIFY=FAILURE", "250", "multipart/report"),
    "success and failure": (" NOTIFY=SUCCESS,FAILURE,DELAY", "250", "multipart/report"),
    "never": (" NOTIFY=NEVER", "550", ""),
    "success alone": (" NOTIFY=SUCCESS", "550", ""),
    "delay alone": (" NOTIFY=DELAY", "550", ""),
}


@pytest.mark.parametrize(("parameters", "reply", "kind"), WISHES.values(), ids=WISHES)
async def test_rfc3461_a_return_is_what_the_sender_asked_for(folder, parameters, reply, kind):
    """A report where FAILURE is asked for, none where it is left out (4.1): then refused in the session, not lost."""
    async with reporting(folder, f"{MX}; dmarc=pass header.from=example.org") as (here, post):
        here.party(RETURN)
        assert (await post(1, parameters)).startswith(reply)
        assert [parsed(letter).get_content_type() for letter in here.told()] == ([kind] if kind else [])
        if not kind:
            assert here.only().reasons[-1].text.startswith("The sender wishes to hear of no failure")


async def test_rfc3464_the_report_says_who_did_not_get_it(folder):
    """In the form that programs read: our host, the sender's own ids, each recipient; the words first; null path."""
    async with reporting(folder, f"{MX}; dmarc=pass header.from=example.org") as (here, post):
        here.party(RETURN)
        original = f" NOTIFY=FAILURE ORCPT=rfc822;Clerk+2Bx@{DOMAIN}"
        assert (await post(1, original, CLERK, HEAD, ret=" RET=FULL ENVID=QQ+2B1")).startswith("250 ")
        (letter,) = here.told()
        assert (letter.mail_from, letter.rcpt) == ("<>", PARTY)
        told = parsed(letter)
        words, status, header = told.iter_parts()
        assert told["Content-Type"].params["report-type"] == "delivery-status"
        assert "Please write by post." in words.get_content()
        assert [dict(block.items()) for block in status.get_payload()] == [
            {
                "Original-Envelope-Id": "QQ+1",
                "Reporting-MTA": f"dns; {DOMAIN}",
                "Arrival-Date": "Mon, 09 Mar 2026 10:00:00 +0000",
            },
            *(
                {
                    "Original-Recipient": f"rfc822; Clerk+x@{DOMAIN}",
                    "Final-Recipient": f"rfc822; {recipient}",
                    "Action": "failed",
                    "Status": "5.7.1",
                }
                for recipient in (CLERK, HEAD)
            ),
        ]
        assert header.get_content_type() == "text/rfc822-headers"
        assert "Subject: Message 1" in header.get_content()
        assert "Good morning" not in letter.message.decode()
        assert report(letter.message).tells is Tells.FAILED


async def test_I5_a_report_gives_back_nothing_to_whom_nobody_vouches_for(folder):
    """The header that came is another's to choose: whoever claims an address is sent none of it."""
    async with reporting(folder) as (here, post):
        here.party(RETURN)
        assert (await post(1, " NOTIFY=FAILURE")).startswith("250 ")
        kinds = [part.get_content_type() for part in parsed(here.told()[0]).iter_parts()]
        assert kinds == ["text/plain", "message/delivery-status"]


# Who is told what, in all


ASSURANCES = {"verified": f"{MX}; dmarc=pass header.from=example.org", "claimed": "", "failed": f"{MX}; dmarc=fail"}
MEASURES = {
    "return": (RETURN,),
    "refuse": ({"kind": "block"},),
    "file": ({"kind": "channel_only", "allowed": ["letter"], "email": "file"},),
    "hold": ({"kind": "time_window", "channels": ["email"], "days": ["sun"], "from": "10:00", "to": "11:00"},),
    "route": ({"kind": "named_contact", "inbox": HEAD},),
}
MARKS = {
    "a person's": {},
    "a list's": {"List_Id": "<list.example.org>"},
    "a program's": {"Auto_Submitted": "auto-generated"},
    "an answer's": {"Auto_Submitted": "auto-replied"},
    "in bulk": {"Precedence": "bulk"},
    "asking for silence": {"X_Auto_Response_Suppress": "OOF"},
}


def told_what(assurance, outcome, mark, answer_claimed):
    """Say from the rules in words what happens: the state, and what the sender is told."""
    answered = mark == "a person's" and (assurance == "verified" or (assurance == "claimed" and answer_claimed))
    if outcome in ("return", "refuse"):
        if assurance == "failed":
            return "filed", []
        if outcome == "return" and answered:
            return "returned", ["return"]
        return "refused", []
    state = {"file": "filed", "hold": "held", "route": "delivered"}[outcome]
    return state, ["note"] if answered and outcome == "file" else []


@pytest.mark.parametrize("answer_claimed", [True, False], ids=["claimed is answered", "claimed is not"])
@pytest.mark.parametrize("outcome", MEASURES)
async def test_I5_who_is_told_what(folder, outcome, answer_claimed):
    """Every assurance with every mark: whoever may not be answered learns no more than a refusal's neutral words."""
    cases = [(one, other) for one in ASSURANCES for other in MARKS]
    async with office(folder, mail={"border": MX}, policy={"answer_claimed": answer_claimed}) as here:
        for number, (assurance, mark) in enumerate(cases):
            sender = f"p{number}@example.org"
            here.party(*MEASURES[outcome], emails=[sender])
            results = {"Authentication_Results": ASSURANCES[assurance]} if ASSURANCES[assurance] else {}
            reply = await here.post(mail(number, sender=sender, **results, **MARKS[mark]), sender=sender)
            state, told = told_what(assurance, outcome, mark, answer_claimed)
            found = here.contacts()[-1]
            seen = (found.state.value, [one.kind for one in here.told() if one.rcpt == sender])
            assert seen == (state, told), (assurance, mark)
            assert reply.startswith("550 5.7.1 This message was not accepted." if state == "refused" else "250 ")


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
