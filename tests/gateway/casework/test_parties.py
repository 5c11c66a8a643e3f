"""Identifiers by acts: the record follows the paper, and another party's are refused with the way that is open."""

import pytest

from rules.casework.refused import Refused
from rules.contact import Identifier, IdentifierKind
from tests.gateway.casework.desk import Desk
from tests.gateway.office import PARTY, mail, office

ROSA = "rosa@example.net"
PHONE = Identifier(IdentifierKind.PHONE, "+441632960001")


def identifiers(desk, party):
    """Give what is on a party: identifier, shared, how, by whom."""
    return {str(mark.identifier): (mark.shared, mark.how, mark.by) for mark in desk.file(party).marks}


async def test_an_identifier_is_put_on_a_party_confirmed_shared_and_taken_off(folder):
    """Each act is a paper, and the mark says who established it, how, and when it was last confirmed."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(emails=[])
        await here.post(mail(sender=ROSA), sender=ROSA)
        desk.do(party, "add_identifier", identifier=ROSA, how="on her form")
        assert identifiers(desk, party) == {f"email:{ROSA}": (False, "on her form", "k.jones")}
        assert here.only().whose == f"party:{party}"
        here.clock.advance(days=40)
        desk.do(party, "confirm_identifier", identifier=ROSA, how="she rang")
        (mark,) = desk.file(party).marks
        assert (here.clock() - mark.confirmed).total_seconds() < 86400
        desk.do(party, "share_identifier", identifier=ROSA, reason="her mother uses it")
        assert here.only().whose == f"email:{ROSA}"
        desk.do(party, "remove_identifier", identifier=ROSA, reason="closed")
        assert (desk.file(party).marks, len(desk.file(party).papers)) == ((), 4)
        assert desk.read(lambda reader: (reader.verify_acts().broken_at, reader.verify_papers())) == (None, ())


async def test_an_address_that_is_excepted_leaves_with_what_came_from_it(folder):
    """Not the council's though its domain is: its contacts are its own from then on."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(emails=["@example.org"])
        await here.post(mail())
        assert here.only().party_id == party
        desk.do(party, "add_identifier", identifier=PARTY, how="he left them", exception=True)
        assert (here.only().whose, here.only().party_id) == (f"email:{PARTY}", None)


async def test_anothers_identifier_is_refused(folder):
    """With the way that is open, and no paper; once it is shared on both it may stand on both."""
    async with office(folder) as here:
        desk, rosa = Desk(here), here.party(phones=["01632 960001"], emails=[])
        omar = here.party(name="Omar", emails=[])
        with pytest.raises(Refused, match=r"stands on R\. Example.*mark it shared on both"):
            desk.do(omar, "add_identifier", identifier=PHONE.value, how="he rang from it")
        assert desk.file(omar).papers == ()
        desk.do(rosa, "share_identifier", identifier=PHONE.value, reason="a household")
        desk.do(omar, "add_identifier", identifier=PHONE.value, how="he rang from it", shared=True)
        with pytest.raises(Refused, match="stands on Omar too"):
            desk.do(rosa, "share_identifier", identifier=PHONE.value, reason="he moved", shared=False)
        assert len(desk.file(rosa).papers) == 1
