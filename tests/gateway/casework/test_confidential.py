"""Confidential records: for few, each look in the chain, and no word of them anywhere else."""

import pytest

from gateway.casework.confidential import LISTED, READ, TOLD, ConfidentialRecords
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from tests.gateway.casework.casework_office import CLERK, Office

HR = Actor("H. Resources", frozenset({"hr_officer"}))
NAMED = {"colleague": "A. Clerk", "place": "A platform", "words": "They wrote where I live."}


@pytest.fixture
def office(folder):
    """An office under SPSO's policy."""
    office = Office(folder, "spso")
    yield office
    office.record.close()


@pytest.fixture
def records(office):
    """Its confidential records."""
    return ConfidentialRecords(office.record, office.policy, office.clock)


async def test_SPSO_71_a_record_is_made_and_read_by_few(office, records):
    """Who read it and why is in the chain; no name of a colleague and no word of it is."""
    number = await records.make(HR, **NAMED)
    found = await records.read(number, HR, reason="To tell the colleague.")
    assert (found.colleague, found.place, found.words, found.by) == (*NAMED.values(), HR.name)
    (read,) = office.acts(READ)
    assert (read.who, read.about, read.detail) == (
        HR.name,
        f"confidential:{number}",
        {"why": "To tell the colleague."},
    )
    told = str(office.record.read_now(lambda reader: reader.acts()))
    assert not [each for each in NAMED.values() if each in told]
    assert office.record.read_now(lambda reader: reader.verify_acts()).broken_at is None


async def test_SPSO_75_a_list_says_nothing_and_is_on_record_too(office, records):
    """Numbers and times alone."""
    number = await records.make(HR, **NAMED)
    (outline,) = await records.list(HR)
    assert (outline.id, outline.at) == (number, office.clock.at)
    assert [each.who for each in office.acts(LISTED)] == [HR.name]
    assert not hasattr(outline, "colleague")


async def test_SPSO_72_the_colleague_is_told_privately(office, records):
    """On which day is on record; a day to come is refused."""
    number = await records.make(HR, **NAMED)
    await records.tell(number, HR)
    with pytest.raises(Refused, match="still to come"):
        await records.tell(number, HR, day=office.clock.at.date().replace(year=2027))
    (told,) = office.acts(TOLD)
    assert told.detail == {"day": "2026-03-09"}


def tries(records, by, number):
    """Give every way to a record, to be tried."""
    return (
        lambda: records.make(by, **NAMED),
        lambda: records.list(by),
        lambda: records.read(number, by, reason="Curious."),
        lambda: records.tell(number, by),
    )


async def test_SPSO_75_whoever_may_not_sees_nothing_and_changes_nothing(office, records):
    """Each way is refused with who may, and leaves no trace."""
    number = await records.make(HR, **NAMED)
    before = len(office.record.read_now(lambda reader: reader.acts()))
    for attempt in tries(records, CLERK, number):
        with pytest.raises(Refused, match="confidential") as refused:
            await attempt()
        assert "HR Officer" in refused.value.way
        assert refused.value.clause == "SPSO-71"
    assert len(office.record.read_now(lambda reader: reader.acts())) == before


async def test_SPSO_75_where_the_policy_names_nobody_nobody_may(folder):
    """An empty right means everybody for an act of casework, and nobody here."""
    office = Office(folder, "mp-office")
    records = ConfidentialRecords(office.record, office.policy, office.clock)
    for attempt in tries(records, Actor("An MP", frozenset({"mp"})), "none"):
        with pytest.raises(Refused, match="confidential"):
            await attempt()
    office.record.close()


@pytest.mark.parametrize("field", NAMED)
async def test_SPSO_71_a_record_says_who_where_and_what(records, field):
    """Blank, or far too long, is refused."""
    for text in ("  ", "x" * 9000):
        with pytest.raises(Refused, match="Write something"):
            await records.make(HR, **NAMED | {field: text})


async def test_SPSO_71_one_that_is_not_there_is_not_read(office, records):
    """Nor is the look put on record."""
    for attempt in ((lambda: records.read("none", HR, reason="To see.")), (lambda: records.tell("none", HR))):
        with pytest.raises(Refused, match="no such"):
            await attempt()
    assert office.acts(READ) == office.acts(TOLD) == []
