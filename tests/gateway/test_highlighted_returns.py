"""Mail that goes back with passages marked, and comes again: by the SMTP door in, by a real server out (PHSO-M3)."""

from __future__ import annotations

import asyncio
from email import message_from_bytes, policy

import pytest

from gateway.build_desk import highlights_of, letters_of, traces_of
from gateway.letter_reports import LetterReports
from rules.casework.actor import Actor
from rules.casework.acts.highlight import Highlight
from rules.casework.refused import Refused
from rules.contact import Channel
from rules.policies.parts import Replies
from storage.entries import LetterState
from tests.gateway.hop import Hop
from tests.gateway.office import ADDRESS, APPEALS, CLERK, FILED, PARTY, mail, office

ME = Actor("k.jones", frozenset({"caseworker"}))
FILED_ONLY = {"kind": "file_unanswered"}
RETURN = {"kind": "return_mail", "note": "Please write by post."}
RUDE = "You are a fool & a <b>liar</b>."
ASKED = "Where is my file HS-1234? I sent the forms on 3 March and have heard nothing since then from any of you."
BODY = f"Good morning.\r\n\r\n{RUDE}\r\n{ASKED}\r\n\r\nR. Example"
CLEAN = f"Good morning.\r\n\r\n{ASKED}\r\n\r\nR. Example"
NOTE = "It insults a colleague."
MX = "mx.office.example.org"
VOUCHED = f"{MX}; dmarc=pass header.from=example.org"


def desk(here):
    """Give what people do with passages in an office."""
    return highlights_of(here.settings, here.record, clock=here.clock)


def highlight(here, party, entry, words=(RUDE,), **more):
    """Mark words in a message and send it back."""
    here.clock.advance(seconds=1)
    act = desk(here).meant(party, entry.id, list(words), NOTE, more.get("message"))
    return desk(here).do(party, act, ME, **more)


async def went_back(here, party, body=BODY, words=(RUDE,)):
    """Have a message come, and go back with words of it marked; gives the contact."""
    assert (await here.post(mail(1, body=body))).startswith("250 ")
    entry = here.contacts()[-1]
    highlight(here, party, entry, words)
    return entry


def parts(octets):
    """Read a message as a mail program does; gives it, its plain text and its HTML."""
    told = message_from_bytes(octets, policy=policy.default)
    text, html = (told.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    return told, text, html


async def test_PHSO_M3_the_octets_that_leave(folder):
    """One act sends it: to the author alone, tied to the message, both forms marked, nothing of it live or remote."""
    async with (
        Hop() as hop,
        office(folder, mail={"outbound": {"server": f"127.0.0.1:{hop.port}", "security": "none"}}) as here,
    ):
        party = here.party(FILED_ONLY)
        entry = await went_back(here, party)
        assert await here.gateway.outbox.send_due() == 1
        (took,) = hop.messages
        assert (took.mail, took.rcpts) == (f"MAIL FROM:<{ADDRESS}>", (f"RCPT TO:<{PARTY}>",))
        told, text, html = parts(took.octets)
        assert took.octets.isascii()
        assert told.get_content_type() == "multipart/alternative"
        assert (told["To"], told["From"]) == (PARTY, f"The Office <{ADDRESS}>")
        assert told["In-Reply-To"] == told["References"] == "<1@example.org>"
        assert told["Auto-Submitted"] == "auto-generated"
        assert (told["Reply-To"], told["Cc"], told["Bcc"]) == (None, None, None)
        assert f"> [[{RUDE}]]\n> {ASKED}" in text
        assert '">[[You are a fool &amp; a &lt;b&gt;liar&lt;/b&gt;.]]</mark>' in html
        for said in (text, html):
            assert NOTE in said
            assert "send it again without the marked parts" in said
            assert "call 999" in said
        assert not any(word in html.lower() for word in ("http", "src=", "href", "url(", "<b>", "<script", "<img"))
        settled = here.contacts()[0]
        assert (settled.id, settled.state.value, settled.looked_by) == (entry.id, "returned", ME.name)
        (paper,) = here.record.read_now(lambda reader: reader.case_file(party)).papers
        assert (paper.act.name, paper.act.contact, paper.by) == ("highlight", entry.id, ME.name)


async def test_W6_it_goes_back_once(folder):
    """A second act is refused, however many try at once; what may have left is never sent again."""
    async with office(folder) as here:
        party = here.party(FILED_ONLY)
        entry = await went_back(here, party)
        with pytest.raises(Refused, match="marked before"):
            highlight(here, party, entry)
        assert [letter.kind for letter in here.told()] == ["highlighted"]
        (letter,) = here.record.write_now(lambda tx: tx.claim_letters(here.clock(), here.gateway.node, 1))
        here.record.write_now(lambda tx: tx.recover(here.gateway.node))
        assert [one.id for one in here.letters(LetterState.UNCLEAR)] == [letter.id]
        assert await here.gateway.outbox.send_due() == 0


STATES = {
    "filed": ((FILED_ONLY,), "filed"),
    "held": (
        (
            {
                "kind": "time_window",
                "channels": ["email"],
                "days": ["sun"],
                "from": "10:00",
                "to": "11:00",
                "email": "hold",
            },
        ),
        "held",
    ),
    "returned with a note before": ((RETURN,), "returned"),
}


@pytest.mark.parametrize(("measures", "state"), STATES.values(), ids=STATES)
async def test_wherever_the_record_keeps_it(folder, measures, state):
    """It waits for nobody any more, and no clock releases it."""
    async with office(folder) as here:
        party = here.party(*measures)
        await here.post(mail(1, body=BODY))
        assert here.states() == [state]
        highlight(here, party, here.only())
        assert here.states() == ["returned"]
        here.clock.advance(days=30)
        assert (await here.gateway.holds.release_due(), here.mailbox(CLERK)) == (0, [])


async def test_what_was_delivered_goes_back_from_the_inbox(folder):
    """The message as it lies there, our trace on it, is known by its content; any other file is not."""
    async with office(folder) as here:
        party = here.party()
        await here.post(mail(1, body=BODY))
        (lies,) = here.mailbox(CLERK)
        with pytest.raises(Refused, match="keeps no copy"):
            highlight(here, party, here.only())
        with pytest.raises(Refused, match="not this message"):
            highlight(here, party, here.only(), message=lies.replace(b"fool", b"sage"))
        highlight(here, party, here.only(), message=lies.replace(b"\r\n", b"\n"))
        (letter,) = here.told()
        assert (letter.rcpt, here.states()) == (PARTY, ["returned"])
        assert f"[[{RUDE}]]" in parts(letter.message)[1]


async def test_after_a_week_nobody_can_tell_whether_a_file_is_the_message(folder):
    """The key by which it is known is kept so long."""
    async with office(folder) as here:
        party = here.party()
        await here.post(mail(1, body=BODY))
        here.clock.advance(days=8)
        here.record.write_now(lambda tx: tx.forget_keys(here.clock()))
        with pytest.raises(Refused, match="so long ago"):
            highlight(here, party, here.only(), message=here.mailbox(CLERK)[0])


NOBODY = {
    "a list": ({"List_Id": "<list.example.org>"}, PARTY),
    "an automatic reply": ({"Auto_Submitted": "auto-replied"}, PARTY),
    "the null path": ({}, "<>"),
    "another envelope sender": ({}, "elsewhere@example.net"),
}


@pytest.mark.parametrize(("fields", "sender"), NOBODY.values(), ids=NOBODY)
async def test_I5_it_goes_to_nobody_who_may_not_be_answered(folder, fields, sender):
    """Staff are told why, and nothing is done."""
    async with office(folder) as here:
        party = here.party(FILED_ONLY)
        await here.post(mail(1, body=BODY, **fields), sender=sender)
        with pytest.raises(Refused, match="may not be answered"):
            highlight(here, party, here.only())
        assert (here.told(), here.states()) == ([], ["filed"])
        assert here.record.read_now(lambda reader: reader.case_file(party)).papers == ()


async def test_I5_behind_a_border_only_who_is_vouched_for(folder):
    """A sender for whom the border does not speak is not sent their words, or anybody's."""
    async with office(folder, mail={"border": MX}, policy={"answer_claimed": False}) as here:
        party = here.party(FILED_ONLY)
        await here.post(mail(1, body=BODY))
        await here.post(mail(2, body=BODY, Authentication_Results=VOUCHED))
        claimed, verified = here.contacts()
        with pytest.raises(Refused, match="may not be answered"):
            highlight(here, party, claimed)
        highlight(here, party, verified)
        assert [letter.rcpt for letter in here.told()] == [PARTY]


async def test_a_passage_that_does_not_stand_there_is_refused(folder):
    """By its words, and by its place: nothing is marked that nobody wrote."""
    async with office(folder) as here:
        party = here.party(FILED_ONLY)
        await here.post(mail(1, body=BODY))
        with pytest.raises(Refused, match="words of passage 2 are not in the text"):
            desk(here).meant(party, here.only().id, [RUDE, "You are a knave"], NOTE)
        away = {"start": 0, "end": 4, "digest": "a" * 64}
        with pytest.raises(Refused, match="does not stand"):
            desk(here).do(party, Highlight(contact=here.only().id, passages=[away], note=NOTE), ME)
        assert here.told() == []


async def test_what_is_being_released_does_not_go_back(folder):
    """Who releases it has it: it goes to one place only."""
    async with office(folder) as here:
        party = here.party(STATES["held"][0][0])
        await here.post(mail(1, body=BODY))
        entry = here.only()
        until = here.clock.at.replace(year=2027)
        assert here.record.write_now(lambda tx: tx.claim_hold(entry.id, "other", here.clock(), until, by_hand=True))
        with pytest.raises(Refused, match="being released"):
            highlight(here, party, entry)
        assert (here.told(), here.states()) == ([], ["held"])


# It comes again


async def test_PHSO_M3_sent_again_without_the_passages_it_is_delivered_and_shown_beside_the_first(folder):
    """It goes where the measures say, staff see what it is, and what changed."""
    async with office(folder) as here:
        party = here.party()
        await here.post(mail(1, body=BODY))
        first = here.only()
        highlight(here, party, first, message=here.mailbox(CLERK)[0])
        assert (await here.post(mail(2, body=CLEAN))).startswith("250 ")
        second = here.contacts()[-1]
        assert second.state.value == "delivered"
        assert second.reasons[-1].text == f"It is message {first.id} sent again without the passages that were marked"
        assert second.reasons[-1].clause == "PHSO-M3"
        found = desk(here).beside(party, second.id, ME)
        assert (found.first.id, found.still, found.near, found.cut) == (first.id, 0, True, False)
        assert [(one.kind.value, one.text.split()) for one in found.pieces if one.kind.value != "same"] == [
            ("gone", RUDE.split())
        ]
        assert here.record.read_now(lambda reader: reader.acts(limit=1))[0].act == "read_file"


async def test_PHSO_M3_sent_again_with_a_passage_it_goes_back_again(folder):
    """Once for each message, in neutral words, by the manners of any return; the third version knows the first."""
    async with office(folder) as here:
        party = here.party()
        await here.post(mail(1, body=BODY))
        first = here.only()
        highlight(here, party, first, message=here.mailbox(CLERK)[0])
        again = BODY.replace("You are", "You   ARE").replace("a fool", "a\r\nfool").replace("3 March", "4 March")
        for number in (2, 3):
            assert (await here.post(mail(number, body=again))).startswith("250 ")
        assert here.states() == ["returned"] * 3
        assert (
            here.contacts()[1].reasons[-2].text
            == f"It is message {first.id} sent again, and still has a passage that we marked"
        )
        told = [letter for letter in here.told() if letter.kind == "return"]
        assert [(one.mail_from, one.rcpt) for one in told] == [("<>", PARTY)] * 2
        text = message_from_bytes(told[0].message, policy=policy.default).get_content()
        assert "The marked parts are still in it" in text
        assert "fool" not in text
        assert desk(here).beside(party, here.contacts()[1].id, ME).still == 1
        assert (await here.post(mail(4, body=CLEAN))).startswith("250 ")
        assert here.states()[-1] == "delivered"


SPARED = {
    "who may be in danger reaches a person": (f"{BODY}\r\nI want to kill myself.", {}, "delivered"),
    "an inbox that is always open": (BODY, {"to": APPEALS}, "delivered"),
    "who may not be answered is put before a person": (BODY, {"fields": {"X_Auto_Response_Suppress": "All"}}, "held"),
    "what only answers it goes where the measures say": ("I will complain about this.", {"answers": True}, "delivered"),
    "what quotes it does not say it": (f"{CLEAN}\r\n\r\n> {RUDE}", {}, "delivered"),
}


@pytest.mark.parametrize(("body", "how", "state"), SPARED.values(), ids=SPARED)
async def test_what_does_not_go_back_again(folder, body, how, state):
    """Safeguards, open inboxes and people come first; what is a second version is said of each."""
    async with office(folder, policy={"always_open": frozenset({APPEALS})}) as here:
        party = here.party()
        await here.post(mail(1, body=BODY))
        highlight(here, party, here.only(), message=here.mailbox(CLERK)[0])
        fields = how.get("fields", {})
        if how.get("answers"):
            fields = {"In_Reply_To": here.told()[0].message_id}
        assert (await here.post(mail(2, body=body, **fields), how.get("to", CLERK))).startswith("250 ")
        second = here.contacts()[-1]
        assert second.state.value == state, second.reasons
        assert any(one.measure == "highlight" for one in second.reasons)
        assert [letter.kind for letter in here.told()] == ["highlighted"]


async def test_I4_a_forged_second_version_is_nobodys(folder):
    """It is delivered as any forged mail of an unrestricted party is: no return, no word of the first."""
    async with office(folder, mail={"border": MX}, policy={"answer_claimed": False}) as here:
        party = here.party()
        await here.post(mail(1, body=BODY, Authentication_Results=VOUCHED))
        highlight(here, party, here.only(), message=here.mailbox(CLERK)[0])
        forged = f"{MX}; dmarc=fail (p=REJECT) header.from=example.org"
        assert (await here.post(mail(2, body=BODY, Authentication_Results=forged))).startswith("250 ")
        second = here.contacts()[-1]
        assert (second.assurance.value, second.state.value) == ("failed", "delivered")
        assert not any(one.measure == "highlight" for one in second.reasons)
        assert [letter.kind for letter in here.told()] == ["highlighted"]


async def test_PHSO_23_an_adjustment_that_keeps_mail_open_keeps_it_open(folder):
    """Whoever writes so because they cannot otherwise reaches a person."""
    async with office(folder) as here:
        party = here.party(open_channels=[Channel.EMAIL])
        await here.post(mail(1, body=BODY))
        highlight(here, party, here.only(), message=here.mailbox(CLERK)[0])
        await here.post(mail(2, body=BODY + " Again."))
        assert here.states() == ["returned", "delivered"]
        assert "adjustment" in here.contacts()[-1].reasons[-1].text


async def test_observing_sends_nothing_back_by_itself(folder):
    """What would have been done is on record; the message is let through."""
    async with office(folder) as here:
        party = here.party()
        await here.post(mail(1, body=BODY))
        highlight(here, party, here.only(), message=here.mailbox(CLERK)[0])
        here.observe()
        await here.post(mail(2, body=BODY + " Again."))
        second = here.contacts()[-1]
        assert (second.decided, second.carried, second.state.value) == ("return", "deliver", "delivered")
        assert [letter.kind for letter in here.told()] == ["highlighted"]


async def test_C4_past_the_cap_it_is_refused_in_the_session(folder):
    """Two in a day to a party under this policy: what staff sent back is one of them."""
    async with office(folder, policy={"replies": Replies(party=2)}) as here:
        party = here.party()
        await here.post(mail(1, body=BODY))
        highlight(here, party, here.only(), message=here.mailbox(CLERK)[0])
        replies = [(await here.post(mail(number, body=f"{BODY} {number}")))[:3] for number in (2, 3)]
        assert replies == ["250", "550"]
        assert here.contacts()[-1].reasons[-1].text.startswith("As much as the policy allows in a day")


async def test_a_second_version_that_was_held_meanwhile_is_known_when_it_is_released(folder):
    """It was accepted, so it is filed for a person and not sent away; without the passages it is delivered."""
    async with office(folder) as here:
        party = here.party(*STATES["held"][0])
        for number, body in enumerate((BODY, BODY + " Again.", CLEAN), 1):
            await here.post(mail(number, body=body))
        highlight(here, party, here.contacts()[0])
        here.clock.advance(days=6)  # a Sunday, in the window
        await here.gateway.holds.release_due()
        assert here.states() == ["returned", "filed", "delivered"]
        assert "still has a passage" in here.contacts()[1].reasons[-2].text


async def test_what_may_not_go_back_waits_for_a_person_and_no_clock(folder):
    """Nothing that changes on the file releases it."""
    async with office(folder) as here:
        party = here.party(*STATES["held"][0])
        await here.post(mail(1, body=BODY))
        highlight(here, party, here.only())
        await here.post(mail(2, body=BODY + " Again.", X_Auto_Response_Suppress="All"))
        here.record.write_now(lambda tx: tx.release_now(party, here.clock()))
        here.clock.advance(days=6)
        await here.gateway.holds.release_due()
        assert here.states() == ["returned", "held"]
        assert here.contacts()[1].look_by is not None


async def test_C6_staff_hear_that_it_did_not_arrive(folder):
    """It is from the office's own address, so that its bounce is heard of; told once."""
    async with office(folder) as here:
        party = here.party(FILED_ONLY)
        await went_back(here, party)
        (letter,) = here.told()
        report = (
            f"From: MAILER-DAEMON@example.org\r\nTo: {ADDRESS}\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
            f"Final-Recipient: rfc822; {PARTY}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
            f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {letter.message_id}\r\n\r\n--b--\r\n"
        )
        await here.post(report.encode(), ADDRESS, sender="<>")

        async def said(*_):
            return False

        reports = LetterReports(here.record, said, letters_of(here.settings, traces_of(here.record)), here.clock)
        assert (await reports.follow(), await reports.follow()) == (1, 0)
        alerts = [one for one in here.letters() if one.kind == "alert" and b"did not arrive" in one.message]
        assert len(alerts) == 1


async def test_C1_mail_of_others_waits_for_no_comparison(folder):
    """Five messages that went back, each as long as any that is read, and a second version: well under a second."""
    long = " ".join(f"word{number}" for number in range(4000))
    async with office(folder) as here:
        party = here.party(FILED_ONLY)
        for number in range(1, 6):
            await here.post(mail(number, body=f"{RUDE} {number} {long[:19_000]}"))
            highlight(here, party, here.contacts()[-1])
        began = asyncio.get_running_loop().time()
        await here.post(mail(9, body=f"{RUDE} 9 {long[:19_000]}"))
        assert asyncio.get_running_loop().time() - began < 3
        assert here.states()[-1] == "returned"
        assert here.mailbox(CLERK, FILED) != []
