"""What is on file beside restrictions, end to end: shields, closed cases, our requests, advocates (PHSO-22, 24, 26)."""

import pytest

from gateway.config import read_policy
from rules.facts import NOTHING
from storage.entries import State
from tests.gateway.casework.desk import MANAGER, Desk
from tests.gateway.office import (
    APPEALS,
    CLERK,
    FILED,
    HEAD,
    LINE,
    PARTY,
    SWITCHBOARD,
    mail,
    office,
    untraced,
)
from tests.gateway.twilio import CALLER, Twilio, dial

BOSS, MOBILE = "boss@office.example.org", "+441632960777"
DESK_PHONE = "+441632960555"
SISTER, ADVOCATE = "sister@example.org", "a.advocate@example.org"
SUNDAY = {"kind": "time_window", "channels": ["email"], "days": ["sun"], "from": "14:00", "to": "15:00"}
FILES = {"kind": "file_unanswered"}
LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"}
BLOCK = {"kind": "block"}


def shield(desk, party, **ways):
    """Shield the clerk from a party."""
    ways = ways or {"inbox": CLERK, "manager_inbox": BOSS}
    return desk.do(party, "shield", MANAGER, colleague="A. Clerk", reason="a threat", **ways).id


@pytest.mark.parametrize("observing", [False, True], ids=["enforcing", "observing"])
@pytest.mark.parametrize("measures", [(), ({"kind": "named_contact", "inbox": CLERK},)], ids=["free", "named contact"])
async def test_phso_24_mail_never_reaches_a_shielded_colleague(folder, measures, observing):
    """It goes to the manager; others who were written to get theirs; ended, it comes again."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(*measures)
        here.observe("on" if observing else "off")
        number = shield(desk, party)
        for one, to in ((1, (CLERK,)), (2, ("clerk+x@office.example.org", APPEALS))):
            assert (await here.post(mail(one), *to)).startswith("250")
        assert not here.mailbox(CLERK)
        named = bool(measures) and not observing
        assert (len(here.mailbox(BOSS)), len(here.mailbox(APPEALS))) == (2, 0 if named else 1)
        assert {entry.carried.value for entry in here.contacts()} == {"route"}
        assert all(entry.reasons[-1].measure == "shield" for entry in here.contacts())
        desk.do(party, "unshield", MANAGER, shield=number, reason="moved away", asked="agreed")
        await here.post(mail(3), CLERK)
        assert len(here.mailbox(CLERK)) == 1


async def test_phso_24_others_still_reach_the_colleague(folder):
    """A shield is one party's: nobody else's mail is moved."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party()
        shield(desk, party)
        await here.post(mail(1, sender=SISTER), CLERK, sender=SISTER)
        assert len(here.mailbox(CLERK)) == 1


async def test_phso_24_a_sender_in_doubt_is_kept_from_the_colleague(folder):
    """Two From addresses, one of them the party's: it reaches the manager."""
    async with office(folder) as here:
        shield(Desk(here), here.party())
        twice = mail(1).replace(b"To: ", f"From: {SISTER}\r\nTo: ".encode(), 1)
        assert (await here.post(twice, CLERK)).startswith("250")
        assert (here.mailbox(CLERK), len(here.mailbox(BOSS))) == ([], 1)


async def test_phso_24_further_recipients(folder):
    """A sender's server that sends one message for each recipient brings the second to the manager."""
    async with office(folder) as here:
        shield(Desk(here), here.party(FILES))
        await here.post(mail(1), HEAD)
        await here.post(mail(1), CLERK)
        (entry,) = here.contacts()
        assert [(goal.recipient, goal.to, goal.done) for goal in entry.targets] == [
            (HEAD, HEAD, True),
            (CLERK, BOSS, True),
        ]
        assert (here.mailbox(CLERK, FILED), len(here.mailbox(BOSS, FILED))) == ([], 1)


@pytest.mark.parametrize(("measure", "state"), [(SUNDAY, State.HELD), (FILES, State.FILED)], ids=["held", "filed"])
async def test_phso_24_what_a_person_releases(folder, measure, state):
    """Held or filed before the shield, released after it: to the manager, and out of the colleague's folder."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(measure)
        await here.post(mail(1), CLERK)
        assert here.only().state is state
        shield(desk, party)
        assert "delivered" in await here.gateway.holds.release(here.only().id, "m.smith")
        assert (here.mailbox(CLERK), here.mailbox(CLERK, FILED)) == ([], [])
        assert [untraced(one) for one in here.mailbox(BOSS)] == [mail(1)]
        assert [(goal.recipient, goal.to) for goal in here.only().targets] == [(CLERK, BOSS)]


async def test_phso_24_what_the_clock_releases(folder):
    """Held before the shield, decided anew after it; what would be returned by then is filed with the manager."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(SUNDAY)
        await here.post(mail(1), CLERK)
        here.restrict(party, {"kind": "return_mail"})
        shield(desk, party)
        assert await here.gateway.holds.release_due() == 1
        assert (here.mailbox(CLERK), here.mailbox(CLERK, FILED)) == ([], [])
        assert len(here.mailbox(BOSS, FILED)) == 1


async def test_phso_24_calls_never_ring_at_a_shielded_colleague(folder):
    """Neither by the line that was called nor by the number that serves it, observing or not."""
    lines = {"lines": {LINE: DESK_PHONE}}
    async with office(folder, phone=True, phone_changes=lines) as here, Twilio(here) as twilio:
        desk, party = Desk(here), here.party(phones=[CALLER])
        assert dial((await twilio.call())[1])[0] == DESK_PHONE
        shield(desk, party, phone=DESK_PHONE, manager_phone=MOBILE)
        for mode in ("off", "on"):
            here.observe(mode)
            assert dial((await twilio.call())[1])[0] == MOBILE
        assert here.contacts()[-1].carried == "route"
        assert dial((await twilio.call(caller="+441632960002"))[1])[0] == DESK_PHONE
        shield(desk, party, phone=SWITCHBOARD, manager_phone=MOBILE)
        assert dial((await twilio.call(to="+441632960888"))[1])[0] == MOBILE


async def test_phso_26_answers_to_us_use_up_nothing(folder):
    """Three after we asked are neither counted nor flagged; the fourth counts; a limit of one is left till then."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(LIMIT)
        asked = desk.do(party, "request", what="a summary", difficulty="asked; none").id
        for number in range(3):
            await here.post(mail(number))
        assert (here.states(), here.used(party)) == (["delivered"] * 3, 0)
        assert [entry.counts for entry in here.contacts()] == [False] * 3
        for number in (4, 5):
            await here.post(mail(number))
        assert (here.states()[3:], here.used(party)) == (["delivered", "filed"], 1)
        assert [entry.counts for entry in here.contacts()] == [False, False, False, True, True]
        desk.do(party, "answer_request", request=asked, contact=here.contacts()[0].id)
        here.clock.advance(days=7)
        await here.post(mail(6))
        assert (here.contacts()[-1].counts, here.used(party)) == (True, 2)


async def test_phso_26_no_flag_for_answers(folder):
    """Without a restriction too: what may answer us reaches no threshold, five others do, and an answer not again."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party()
        desk.do(party, "request", what="a summary", difficulty="asked; none")
        for number in range(7):
            await here.post(mail(number))
        assert [entry.counts for entry in here.contacts()] == [False] * 3 + [True] * 4
        assert here.flags() == []
        await here.post(mail(8))
        assert [flag.contact_id for flag in here.flags()] == [here.contacts()[-1].id]
        desk.do(party, "request", what="a date", difficulty="asked; none")
        await here.post(mail(9))
        assert (here.contacts()[-1].counts, len(here.flags())) == (False, 1)


def about(number, subject, body="Good morning"):
    """Give a message with a subject of its own."""
    return mail(number, body=body).replace(f"Subject: Message {number}".encode(), f"Subject: {subject}".encode())


@pytest.mark.parametrize(
    ("unread", "state"), [(True, State.FILED_UNREAD), (False, State.FILED)], ids=["unread", "looked at"]
)
async def test_phso_22_mail_on_a_closed_case_is_logged_and_filed(folder, unread, state):
    """No restriction is on the party; a reply in the thread is filed and looked at; all else and a new case passes."""
    clauses = read_policy("phso", folder).clauses
    async with office(folder, policy={"closed_unread": unread, "clauses": clauses}) as here:
        desk, party = Desk(here), here.party()
        await here.post(about(1, "HO/2024-123"))
        closed = desk.do(party, "close_case", reference="HO/2024-123", explained="2026-03-09", how="by letter").id
        await here.post(about(2, "Re: HO/2024-123"))
        await here.post(mail(3, In_Reply_To="<2@example.org>"))
        await here.post(about(4, "HO/2024-123 and HO/2026-9"))
        await here.post(about(5, "My rubbish"))
        assert here.states() == ["delivered", state, "filed", "delivered", "delivered"]
        assert here.contacts()[1].reasons[0].clause == "PHSO-22"
        assert (len(here.mailbox()), len(here.mailbox(CLERK, FILED))) == (3, 2)
        desk.do(party, "reopen_case", case=closed, reason="new evidence")
        await here.post(about(6, "HO/2024-123"))
        assert here.states()[-1] == "delivered"


async def test_phso_22_other_policies_deliver_it(folder):
    """Where the policy says nothing of closed matters, closing a case closes no door."""
    async with office(folder) as here:
        Desk(here).do(here.party(), "close_case", reference="HO/2024-123", explained="2026-03-09", how="by letter")
        await here.post(about(1, "HO/2024-123"))
        assert here.states() == ["delivered"]


@pytest.mark.parametrize("known", [False, True], ids=["unknown to us", "a party of their own"])
async def test_phso_m13_an_advocate_is_never_limited(folder, known):
    """The party is blocked; what the advocate sends arrives, and uses up nothing of the party's."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(BLOCK)
        if known:
            here.party(emails=[ADVOCATE], name="A. Advocate")
        fields = {"advocate": "A. Advocate", "identifiers": [ADVOCATE], "until": "2026-12-31", "consent": "signed"}
        desk.do(party, "authorise_advocate", **fields)
        assert (await here.post(mail(1))).startswith("550")
        for number in (2, 3):
            await here.post(mail(number, sender=ADVOCATE), sender=ADVOCATE)
        assert (here.states(), here.used(party)) == (["refused", "delivered", "delivered"], 0)
        assert [entry.party_id == party for entry in here.contacts()] == [True, False, False]


async def test_facts_follow_a_merge_and_its_undoing(folder):
    """The shield of what was thought another party stands on both as one, and goes back with it."""
    async with office(folder) as here:
        desk, rosa, other = Desk(here), here.party(), here.party(name="R. Other", emails=[SISTER])
        shield(desk, other)
        facts = lambda number: desk.read(lambda reader: reader.facts(number))  # noqa: E731  # two words of one test
        theirs = facts(other)
        assert (facts(rosa), bool(theirs.shields)) == (NOTHING, True)
        merge = desk.do(rosa, "merge", other=other, reason="one address on both forms").id
        assert (facts(rosa), facts(other)) == (theirs, NOTHING)
        await here.post(mail(1), CLERK)
        assert (here.mailbox(CLERK), len(here.mailbox(BOSS))) == ([], 1)
        desk.do(rosa, "split", merge=merge, reason="two brothers")
        assert (facts(rosa), facts(other)) == (NOTHING, theirs)


async def test_a_correction_forgets_the_threads(folder):
    """What the wrong person's mail was about no longer decides what the party's replies are about."""
    async with office(folder) as here:
        closed = {"kind": "issue_limit", "cases": ["HO/2024-123"]}
        desk, party = Desk(here), here.party(closed, emails=[PARTY, SISTER])
        await here.post(about(1, "HO/2024-123").replace(PARTY.encode(), SISTER.encode()), sender=SISTER)
        await here.post(mail(2, In_Reply_To="<1@example.org>"))
        assert here.states() == ["filed", "filed"]
        await desk.correct(party, SISTER)
        await here.post(mail(3, In_Reply_To="<1@example.org>"))
        assert here.states()[-1] == "delivered"
