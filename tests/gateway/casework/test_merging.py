"""Merge and split as acts: judged on both files, undone exactly, nothing lost (W10)."""

import pytest

from gateway.casework.desk import NoSuchParty
from rules.casework.refused import Refused
from rules.casework.shelf import shelf_of
from rules.contact import Channel
from rules.standing import PartyKind
from tests.gateway.casework.desk import CLERK, MANAGER, Desk
from tests.gateway.office import PARTY, mail, office

OTHER = "r.other@example.org"
MAIL = {"kind": "block", "channels": ["email", "sms", "web", "online"]}
REST = {"kind": "block", "channels": ["call", "letter", "visit"]}
LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"}


def enforced(desk, party):
    """Name the restrictions and adjustments by which decisions on a party are made."""
    file = desk.read(lambda reader: reader.party_file(party))
    return {one.id for one in file.restrictions}, sorted(one.need for one in file.adjustments)


async def test_a_merge_that_is_undone(folder):
    """Both files act as one meanwhile; then each has what it had, papers too, and the chain verifies all along."""
    async with office(folder) as here:
        desk, rosa, other = Desk(here), here.party(), here.party(name="R. Other", emails=[OTHER])
        mine, theirs = desk.restriction(rosa, LIMIT), desk.restriction(other, LIMIT)
        desk.do(other, "agree_adjustment", need="large print", forms=["large_print"])
        before = {one: (enforced(desk, one), [paper.id for paper in desk.file(one).papers]) for one in (rosa, other)}
        merge = desk.do(rosa, "merge", other=other, reason="one address on both forms").id
        assert enforced(desk, rosa) == ({mine, theirs}, ["large print"])
        await here.post(mail(1))
        await here.post(mail(2, sender=OTHER), sender=OTHER)
        assert (here.states(), here.used(rosa)) == (["delivered", "filed"], 1)
        with pytest.raises(Refused, match=r"was merged into R\. Example"):
            desk.do(other, "note_incident", category="persistent_contact", what="Eleven calls")
        with pytest.raises(Refused, match="merged already"):
            desk.do(rosa, "merge", other=other, reason="again")
        split = desk.do(rosa, "split", merge=merge, reason="two brothers").id
        for one, extra in ((rosa, [merge, split]), (other, [])):
            needs, papers = before[one]
            assert (enforced(desk, one), [paper.id for paper in desk.file(one).papers]) == (needs, papers + extra)
        assert [entry.party_id for entry in here.contacts()] == [rosa, other]
        assert desk.read(lambda reader: (reader.verify_acts().broken_at, reader.verify_papers())) == (None, ())
        desk.do(other, "note_incident", category="persistent_contact", what="Eleven calls")


async def test_a_paper_on_another_file_than_its_own_is_found(folder):
    """Whoever moves one in the database is found out, however often the files were one and two again (W4)."""
    async with office(folder) as here:
        desk, rosa, other = Desk(here), here.party(), here.party(name="R. Other", emails=[OTHER])
        incident = desk.do(other, "note_incident", category="persistent_contact", what="Eleven calls").id
        for _ in range(2):
            merge = desk.do(rosa, "merge", other=other, reason="one address").id
            lies = {rosa: (), other: (incident,)}
            for party in (other, rosa):
                move = {"id": incident, "party": party}
                here.record.write_now(
                    lambda tx, move=move: tx.link.plain("UPDATE papers SET party_id = :party WHERE id = :id", move)
                )
                assert desk.read(lambda reader: reader.verify_papers()) == lies[party]
            desk.do(rosa, "split", merge=merge, reason="two brothers")
            assert desk.read(lambda reader: reader.verify_papers()) == ()


async def test_what_was_done_since_about_what_came_goes_along(folder):
    """A restriction that came is lifted while they are one: after the split it is lifted on its own file."""
    async with office(folder) as here:
        desk, rosa, other = Desk(here), here.party(), here.party(name="R. Other", emails=[OTHER])
        theirs = desk.restriction(other, LIMIT)
        merge = desk.do(rosa, "merge", other=other, reason="one address").id
        lift = desk.do(rosa, "lift_restriction", restriction=theirs, reason="not needed").id
        incident = desk.do(rosa, "note_incident", category="persistent_contact", what="More calls").id
        new = desk.restriction(rosa, LIMIT)
        desk.do(rosa, "split", merge=merge, reason="two brothers")
        assert desk.file(other).paper(lift) is not None
        assert desk.file(rosa).paper(lift) is None
        assert desk.file(rosa).paper(incident) is not None
        assert (enforced(desk, rosa)[0], enforced(desk, other)[0]) == ({new}, {theirs})
        (old,) = desk.read(lambda reader: reader.party_file(other)).restrictions
        assert old.ends <= here.clock()


async def test_an_adjustment_agreed_meanwhile_stands_on_both(folder):
    """Nobody knows whose need it was: it is lost for neither (W10)."""
    async with office(folder) as here:
        desk, rosa, other = Desk(here), here.party(), here.party(name="R. Other", emails=[OTHER])
        merge = desk.do(rosa, "merge", other=other, reason="one address").id
        desk.do(rosa, "agree_adjustment", need="calls", open=["call"])
        desk.do(rosa, "split", merge=merge, reason="two brothers")
        assert [enforced(desk, one)[1] for one in (rosa, other)] == [["calls"], ["calls"]]


async def test_a_merge_that_would_make_a_total_block(folder):
    """Refused with the way; nothing moved. With a channel that an adjustment of either keeps open it is allowed."""
    async with office(folder) as here:
        desk, rosa, other = Desk(here), here.party(MAIL), here.party(REST, name="R. Other", emails=[OTHER])
        with pytest.raises(Refused, match="no channel would be left") as refused:
            desk.do(rosa, "merge", other=other, reason="one address")
        assert (refused.value.clause, "have the block approved" in refused.value.way) == ("PHSO-18", True)
        assert (desk.file(rosa).papers, desk.read(lambda reader: reader.merged_into(other))) == ((), None)
        assert {str(one) for one in desk.file(other).party.identifiers} == {f"email:{OTHER}"}
        desk.do(other, "agree_adjustment", need="cannot write", open=["call"])
        desk.do(rosa, "merge", other=other, reason="one address")
        assert enforced(desk, rosa)[1] == ["cannot write"]


async def test_a_split_that_would_make_a_total_block(folder):
    """The adjustment of the one kept open what the other's restrictions shut: parted, nobody approved that."""
    async with office(folder) as here:
        desk = Desk(here)
        rosa = here.party(MAIL)
        other = here.party(name="R. Other", emails=[OTHER], open_channels=[Channel.CALL])
        merge = desk.do(rosa, "merge", other=other, reason="one address").id
        desk.restriction(rosa, REST)
        with pytest.raises(Refused, match="On one of the two no channel would be left"):
            desk.do(rosa, "split", merge=merge, reason="two brothers")
        assert desk.read(lambda reader: reader.merged_into(other)) == rosa


async def test_a_person_and_an_organisation_are_not_one(folder):
    """What was approved for the one kind was not approved for the other (PHSO-19)."""
    async with office(folder) as here:
        desk, rosa = Desk(here), here.party()
        council = here.record.write_now(lambda tx: tx.add_party("Council", PartyKind.ORGANISATION))
        with pytest.raises(Refused, match="as person, Council as organisation"):
            desk.do(rosa, "merge", other=council, reason="he works there")
        for number in (99, rosa):
            with pytest.raises(Refused):
                desk.do(rosa, "merge", other=number, reason="x")
        with pytest.raises(NoSuchParty):
            desk.do(99, "merge", other=rosa, reason="x")


async def test_what_moved_was_changed_past_the_chain(folder):
    """A split by a list that somebody changed would give away what is not theirs: refused."""
    async with office(folder) as here:
        desk, rosa, other = Desk(here), here.party(LIMIT), here.party(name="R. Other", emails=[OTHER])
        merge = desk.do(rosa, "merge", other=other, reason="one address").id
        sql = f"INSERT INTO moves (paper, what, which) VALUES ('{merge}', 'identifier', 'email:{PARTY}')"
        here.record.write_now(lambda tx: tx.link.plain(sql, {}))
        with pytest.raises(Refused, match="not on record as it was written down"):
            desk.do(rosa, "split", merge=merge, reason="two brothers")


async def test_flags_of_both_are_counted_again(folder):
    """Together they reached a threshold; apart neither did: the flag is dismissed with its reason in the chain."""
    async with office(folder) as here:
        desk, rosa, other = Desk(here), here.party(), here.party(name="R. Other", emails=[OTHER])
        merge = desk.do(rosa, "merge", other=other, reason="one address").id
        for number in range(6):
            sender = OTHER if number % 2 else PARTY
            await here.post(mail(number, sender=sender), sender=sender)
        assert [flag.state.value for flag in here.flags()] == ["open"]
        desk.do(rosa, "split", merge=merge, reason="two brothers", by=MANAGER)
        assert [flag.state.value for flag in here.flags()] == ["dismissed"]
        assert "recounted" in {act.act for act in desk.read(lambda reader: reader.acts())}


def on_file(desk, party):
    """Give what is open on a party by adjustment, as the file says it and as decisions are made by."""
    now = desk.here.clock()
    shelf = shelf_of(desk.file(party), desk.here.settings.policy)
    said = [(one.id, sorted(one.open), one.ends) for one in shelf.adjustments.values()]
    enforced = desk.read(lambda reader: reader.party_file(party)).adjustments
    assert [(channels, ends) for _, channels, ends in said] == [(sorted(one.open), one.ends) for one in enforced]
    return {number: channels for number, channels, ends in said if ends is None or ends > now}


def end(desk, party, number):
    """End an adjustment with what that needs."""
    fields = {"advice": "Taken from the adviser.", "route": "By letter.", "asked_by": CLERK.name}
    return desk.do(party, "end_adjustment", MANAGER, adjustment=number, **fields)


async def test_W10_an_imported_adjustment_stays_whose_it_is(folder):
    """Ended before a merge, it is over after it, and the other's, which is numbered apart, is not."""
    async with office(folder) as here:
        desk, rosa = Desk(here), here.party(open_channels=[Channel.CALL])
        other = here.party(name="R. Other", emails=[OTHER], open_channels=[Channel.LETTER])
        (mine,), (theirs,) = on_file(desk, rosa), on_file(desk, other)
        end(desk, other, theirs)
        assert (on_file(desk, rosa), on_file(desk, other)) == ({mine: ["call"]}, {})
        merge = desk.do(rosa, "merge", other=other, reason="one address").id
        assert on_file(desk, rosa) == {mine: ["call"]}
        desk.do(rosa, "split", merge=merge, reason="two brothers")
        assert (on_file(desk, rosa), on_file(desk, other)) == ({mine: ["call"]}, {})


async def test_W10_an_imported_adjustment_that_ends_after_a_merge_goes_with_its_party(folder):
    """The paper that ends it is about what came: both go back at the split."""
    async with office(folder) as here:
        desk, rosa = Desk(here), here.party(open_channels=[Channel.CALL])
        other = here.party(name="R. Other", emails=[OTHER], open_channels=[Channel.CALL])
        (mine,), (theirs,) = on_file(desk, rosa), on_file(desk, other)
        merge = desk.do(rosa, "merge", other=other, reason="one address").id
        over = end(desk, rosa, theirs).id
        assert on_file(desk, rosa) == {mine: ["call"]}
        desk.do(rosa, "split", merge=merge, reason="two brothers")
        assert (on_file(desk, rosa), on_file(desk, other)) == ({mine: ["call"]}, {})
        assert desk.file(other).paper(over) is not None
