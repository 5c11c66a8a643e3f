"""Whom a party's identifiers reach: nobody shuts out the office itself, or half the town, by one act (THREATS I7)."""

from contextlib import nullcontext
from datetime import timedelta

import pytest

from rules.casework.refused import Refused
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import Entry, State
from tests.gateway.casework.desk import Desk
from tests.gateway.office import DOMAIN, mail, office

LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"}
FIRM = "partners.example.net"


async def wrote(here, count, domain=FIRM):
    """Have so many people of a domain write."""
    for number in range(count):
        sender = f"p{number}@{domain}"
        await here.post(mail(sender, sender=sender), sender=sender)
    here.clock.advance(hours=1)


def on_record(here, count, sender):
    """Put so many contacts of a sender on record, of earlier this month."""

    def job(tx):
        for number in range(count):
            tx.add_contact(
                Entry(
                    id=f"{sender[0]}{number}",
                    channel=Channel.EMAIL,
                    at=here.clock() - timedelta(days=9),
                    whose=f"email:{sender}",
                    sender=f"email:{sender}",
                    state=State.DELIVERED,
                    decided=Outcome.DELIVER,
                    carried=Outcome.DELIVER,
                )
            )

    here.record.write_now(job)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        pytest.param("@gmail.com", "provider that many people use", id="half the town"),
        pytest.param(f"@{DOMAIN}", "own domain", id="the office's own domain"),
        pytest.param(f"clerk@{DOMAIN}", "own domain", id="a colleague"),
        pytest.param("@co.uk", "no one's domain", id="a registry"),
        pytest.param("appeals@example.com", "always open", id="a way in that stays open"),
    ],
)
async def test_I7_what_can_be_nobodys_is_put_on_nobody(folder, typed, why):
    """As an import refuses it, and `parley party add`, shared too; nothing is on the file then."""
    async with office(folder, policy={"always_open": frozenset({"appeals@example.com"})}) as here:
        desk, party = Desk(here), here.party(LIMIT)
        for shared in (False, True):
            with pytest.raises(Refused, match=why):
                desk.do(party, "add_identifier", identifier=typed, how="x", shared=shared)
        assert (len(desk.file(party).marks), desk.file(party).papers) == (1, ())


@pytest.mark.parametrize("how", ["added", "no longer shared", "merged"])
async def test_I7_what_stands_on_a_party_reaches_no_more_people_than_a_draft_could(folder, how):
    """Three people of a domain wrote: whatever puts it on a restricted party is refused, and nothing is done."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(LIMIT)
        await wrote(here, 3)
        other = here.party(name="The Firm", emails=[])
        if how == "merged":
            desk.do(other, "add_identifier", identifier=f"@{FIRM}", how="their site")
        if how == "no longer shared":
            desk.do(party, "add_identifier", identifier=f"@{FIRM}", how="their site", shared=True)
        name, fields = {
            "added": ("add_identifier", {"identifier": f"@{FIRM}", "how": "their site"}),
            "no longer shared": ("share_identifier", {"identifier": f"@{FIRM}", "reason": "x", "shared": False}),
            "merged": ("merge", {"other": other, "reason": "one firm"}),
        }[how]
        before = desk.file(party)
        with pytest.raises(Refused, match="recognised 3 other people") as refused:
            desk.do(party, name, **fields)
        assert refused.value.way.startswith("Name the person's own addresses")
        assert desk.file(party) == before
        free = {one.party_id for one in here.contacts()} - {other}
        assert free == (set() if how == "merged" else {None})


async def test_I7_a_domain_on_a_party_that_nothing_stands_on_is_recognised(folder):
    """Its people are the party's from then on; a restriction of all of them is refused at each step to it."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party()
        draft = desk.do(
            party,
            "draft_restriction",
            measures=[LIMIT],
            ground="persistent_contact",
            reason="It keeps us from other work.",
            incidents=[desk.do(party, "note_incident", category="persistent_contact", what="Eleven calls").id],
            adjustments_considered="Asked; none needed.",
        ).id
        await wrote(here, 3)
        desk.do(party, "add_identifier", identifier=f"@{FIRM}", how="their site")
        assert {one.party_id for one in here.contacts()} == {party}
        with pytest.raises(Refused, match="recognised 3 other people"):
            desk.do(party, "propose_restriction", restriction=draft, exception="It cannot wait.")
        desk.do(party, "remove_identifier", identifier=f"@{FIRM}", reason="they are many")
        desk.do(party, "propose_restriction", restriction=draft, exception="It cannot wait.")


@pytest.mark.parametrize(
    ("theirs", "others", "refused"),
    [
        pytest.param(6, 94, True, id="six of a hundred are more than five in a hundred"),
        pytest.param(5, 95, False, id="five of a hundred are not"),
        pytest.param(6, 93, False, id="of fewer than a hundred a share says nothing"),
    ],
)
async def test_I7_one_person_with_a_large_share_of_the_months_contacts_is_too_much(folder, theirs, others, refused):
    """What the policy says of a share is enforced (`most_share_percent`), however few people it is."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(LIMIT)
        on_record(here, theirs, f"p@{FIRM}")
        on_record(here, others, "somebody@example.com")
        with pytest.raises(Refused, match="more than 5% of the office's contacts") if refused else nullcontext():
            desk.do(party, "add_identifier", identifier=f"@{FIRM}", how="their site")
