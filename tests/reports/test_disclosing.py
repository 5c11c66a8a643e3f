"""What is given to a party: all that was decided on it, and nothing of anybody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from time import process_time

import pytest

from gateway.casework.desk import NoSuchParty
from gateway.reports import disclosure_forms as forms
from gateway.reports.disclosing import disclosure
from gateway.reports.leaving_out import Ground, curtain
from gateway.reports.telling import NOT_TOLD, TOLD
from rules import identity
from rules.casework.actor import Actor
from rules.casework.catalogue import ACTS
from rules.casework.refused import Refused
from rules.contact import Assurance, Channel
from rules.decision import Outcome, Reason
from storage.entries import Entry, State
from tests.gateway.casework.desk import MANAGER, Desk
from tests.gateway.office import ADDRESS, PARTY, office

WEEKLY = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}
CARER = Actor("Keeley Jones", frozenset({"caseworker"}))
HOSTEL = identity.email("front.desk@hostel.example.org")


def contact(number: int, party: int, at, restriction: str, **more) -> Entry:
    """Give a contact of a party that was filed under a restriction."""
    reason = Reason(restriction, "block", "PHSO-M12", "goes to hilda.morgan@office.example.org")
    filed = {"decided": Outcome.FILE, "carried": Outcome.FILE, "channel": Channel.EMAIL, "state": State.FILED}
    given = {"whose": f"party:{party}", "party_id": party, "look_by": at, "reasons": (reason,)} | filed | more
    return Entry(id=f"contact-{number}", at=at, **given)


def everything(here, party: int) -> str:
    """Give a disclosure in each form that is text, one after the other."""
    found = disclosure(here.record, here.settings, party, MANAGER, now=here.clock())
    zone = here.settings.policy.zone
    assert forms.as_pdf(found, "The Office", zone).startswith(b"%PDF")
    page, text = forms.as_page(found, "The Office", zone), "\n".join(forms.as_text(found, zone))
    return f"{page}\n{text}\n{forms.as_data(found, zone)}"


def tell(desk, party, name, by=CARER, **fields):
    """Do an act; a moment passes."""
    desk.here.clock.advance(minutes=1)
    return desk.do(party, name, by, **fields).id


def restriction(desk, party, reason, *, untold="") -> str:
    """Make a restriction that the party was told of, or not, for a reason."""
    incident = tell(desk, party, "note_incident", category="zero_tolerance", what=reason)
    draft = tell(
        desk,
        party,
        "draft_restriction",
        measures=[WEEKLY],
        ground="zero_tolerance",
        reason=reason,
        incidents=[incident],
        adjustments_considered="Asked; none needed.",
        police="not told",
    )
    tell(desk, party, "propose_restriction", restriction=draft)
    if untold:
        tell(desk, party, "record_no_notice", about=draft, reason=untold)
    else:
        tell(desk, party, "send_notice", about=draft, how="by post")
    return draft


async def test_nothing_of_others_is_in_it(folder):
    """Shared identifiers, a party that was split off again, colleagues, one who is shielded: none is seen."""
    async with office(folder) as here:
        desk = Desk(here)
        rosa = here.party(phones=["+441632960001"])
        quill = here.party(name="Desmond Quill", emails=["quill@example.org"], phones=["+441632960111"])
        here.record.write_now(lambda tx: [tx.add_identifier(HOSTEL, one, shared=True) for one in (rosa, quill)])
        brother = here.party(name="Victor Holm", emails=["holm@example.org"])
        alias = here.party(name="Rosa Alias", emails=["rosa.alias@example.org"])
        tell(desk, brother, "note_incident", category="abusive_language", what="HOLM-SHOUTED")
        tell(desk, quill, "note_incident", category="abusive_language", what="QUILL-SHOUTED")
        tell(desk, alias, "note_incident", category="abusive_language", what="ALIAS-CALLED")
        merge = tell(desk, rosa, "merge", other=brother, reason="HOLM-IS-SHE")
        tell(desk, rosa, "split", merge=merge, reason="HOLM-IS-TWO")
        tell(desk, rosa, "merge", other=alias, reason="one address")
        known = restriction(
            desk,
            rosa,
            "SAID-TO-HER with Mr Quill and DESMOND QUILL (quill@example.org, 01632 960111, here just 960 111), "
            "V. Holm, Victor Holm; "
            f"Keeley Jones and Ms Morgan heard it on 2026-03-09 10:00, write to {PARTY}, {ADDRESS} or 01632 960001.",
        )
        secret = restriction(desk, rosa, "SECRET-REASON", untold="SECRET-WHY")
        ways = {"inbox": "hilda.morgan@office.example.org", "manager_inbox": "head@office.example.org"}
        tell(desk, rosa, "shield", MANAGER, colleague="Hilda Morgan", reason="SHIELD-WHY", **ways)
        tell(desk, rosa, "seek_advice", adviser="Counsel", question="ADVICE-ASKED")
        at = here.clock()
        for one in (
            contact(
                1, rosa, at, known, state=State.LOOKED_AT, looked_at=at + timedelta(hours=1), looked_by="Keeley Jones"
            ),
            contact(2, rosa, at, secret),
            contact(3, quill, at, known),
            contact(4, rosa, at, known, assurance=Assurance.FAILED),
        ):
            here.record.write_now(lambda tx, one=one: tx.add_contact(one))
        here.clock.advance(days=1)
        given = everything(here, rosa)
    for theirs in ("SAID-TO-HER", "ALIAS-CALLED", "by post", PARTY, ADDRESS, "01632 960001", "2026-03-09 10:00"):
        assert theirs in given, theirs
    for others in (
        *(
            "Quill",
            "QUILL",
            "Desmond",
            "Holm",
            "HOLM",
            "Victor",
            "hostel",
            "960111",
            "960 111",
            "Keeley",
            "Jones",
            "k.jones",
        ),
        *("Hilda", "Morgan", "morgan", "SECRET", "SHIELD", "ADVICE", "Counsel"),
    ):
        assert others not in given, others


async def test_no_change_of_what_is_not_told_is_told(folder):
    """Neither one that stands nor one that gave way to a later one, with all that was written about their letters."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party()
        secret = restriction(desk, party, "SECRET-REASON", untold="SECRET-WHY")
        amended = {"restriction": secret, "outcome": "amend", "measures": [WEEKLY]}
        first = tell(desk, party, "review_restriction", MANAGER, reason="SECRET-FIRST", **amended)
        tell(desk, party, "send_notice", about=first, how="SECRET-LETTER")
        second = tell(desk, party, "review_restriction", MANAGER, reason="SECRET-SECOND", **amended)
        tell(desk, party, "notice_came_back", about=first, detail="SECRET-RETURN")
        tell(desk, party, "record_no_notice", about=second, reason="SECRET-NO-LETTER")
        here.clock.advance(days=1)
        assert "SECRET" not in everything(here, party)


async def test_what_is_left_out_is_counted_by_its_ground(folder):
    """Each paper and contact that is not told is in a count, and the reading is on record."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party()
        secret = restriction(desk, party, "a reason", untold="it is not safe")
        tell(desk, party, "seek_advice", adviser="Counsel", question="May we?")
        tell(desk, party, "note_incident", category="abusive_language", what="on which nothing rests")
        here.record.write_now(lambda tx: tx.add_contact(contact(1, party, here.clock(), secret)))
        here.clock.advance(days=1)
        found = disclosure(here.record, here.settings, party, MANAGER, now=here.clock())
        counts = dict(found.left_out)
        # Incident, draft, proposal, the reason for no notice, and the contact that was filed under it.
        assert counts == {Ground.UNTOLD: 5, Ground.ADVICE: 1}
        assert [one.what for one in found.told] == ["An incident was noted. By the Caseworker."]
        acts = here.record.read_now(lambda reader: reader.acts_about(f"party:{party}"))
        assert acts[-1].detail == {"of": "disclosure", "told": 1, "left_out": 6}


async def test_a_look_and_a_refusal_are_told_with_the_restriction_behind_them(folder):
    """The party reads what happened to an email of theirs, under which restriction, and when somebody looked."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party()
        known = restriction(desk, party, "You called eleven times")
        at = here.clock() + timedelta(hours=1)
        looked = {"state": State.LOOKED_AT, "looked_at": at + timedelta(days=2), "looked_by": "Keeley Jones"}
        here.record.write_now(lambda tx: tx.add_contact(contact(1, party, at, known, **looked)))
        forged = contact(2, party, at, known, assurance=Assurance.FAILED)
        here.record.write_now(lambda tx: tx.add_contact(forged))
        here.clock.advance(days=3)
        found = disclosure(here.record, here.settings, party, MANAGER, now=here.clock())
        assert found.told[-1].what == "An email from you was put on file and not answered."
        assert found.told[-1].words == (
            "Under the restriction that began on Monday 9 March 2026 (volume limit).",
            "A person looked at it on Wednesday 11 March 2026.",
        )
        assert [one.at for one in found.told] == sorted(one.at for one in found.told)
        assert found.left_out == ((Ground.OTHERS, 1),)


async def test_what_people_typed_is_no_markup(folder):
    """The page shows it as it was typed."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party(name="<b>R. Example</b>")
        tell(desk, party, "note_incident", category="abusive_language", what="<script>alert(1)</script>")
        found = disclosure(here.record, here.settings, party, MANAGER, now=here.clock())
        page = forms.as_page(found, "The Office", here.settings.policy.zone)
        assert "<script" not in page and "<b>" not in page
        assert "&lt;script&gt;" in page


async def test_who_may_not_read_a_file_is_refused_and_a_merged_party_is_named(folder):
    """The right to read a whole file is asked for; what was merged is asked for by what it became."""
    async with office(folder) as here:
        desk, rosa, other = Desk(here), here.party(), here.party(name="R. Other", emails=["other@example.org"])
        desk.do(rosa, "merge", other=other, reason="one address")
        with pytest.raises(NoSuchParty, match=f"party {rosa}"):
            disclosure(here.record, here.settings, other, MANAGER, now=here.clock())
        rights = dict(here.settings.policy.rights) | {"read_file": frozenset({"manager"})}
        settings = replace(here.settings, policy=here.settings.policy.with_changes(rights=rights))
        with pytest.raises(Refused):
            disclosure(here.record, settings, rosa, CARER, now=here.clock())


def test_every_act_of_the_catalogue_is_sorted():
    """A new act is told, or not told on a ground, once somebody has thought of it."""
    assert set(NOT_TOLD) | set(TOLD) == set(ACTS)
    assert not set(NOT_TOLD) & set(TOLD)


NAME, WAY = "[name left out]", "[address left out]"
HIDDEN = [
    pytest.param("Call D. Quill today", "Call [name left out] today", id="a whole name"),
    pytest.param("d. quill's letter", "[name left out]'s letter", id="in any case, with an s"),
    pytest.param("Mr Marchmont rang", "Mr [name left out] rang", id="the surname of somebody near"),
    pytest.param("a march of time", "a march of time", id="no word that only looks like it"),
    pytest.param("R. Example rang R. Example", "R. Example rang R. Example", id="never the party's own name"),
    pytest.param("from x@example.org.", "from [address left out].", id="an address at the end of a sentence"),
    pytest.param("from R@EXAMPLE.ORG", "from R@EXAMPLE.ORG", id="the party's own, however it is written"),
    pytest.param("ring 020 7946 0123 now", "ring [address left out] now", id="a number with spaces"),
    pytest.param("ring +44 20 7946 0001", "ring +44 20 7946 0001", id="the office's own number"),
    pytest.param("case 2026/0123456789", "case 2026/0123456789", id="no reference of a case"),
    pytest.param("on 2026-03-09 10:00:00", "on 2026-03-09 10:00:00", id="no time"),
    pytest.param("on 09/03/2026 10.30", "on 09/03/2026 10.30", id="no day as people write it"),
    pytest.param("ring 07700 900123 2026-03-04", f"ring {WAY} 2026-03-04", id="a number before a day"),
    pytest.param("07700 900123 10 times", f"{WAY} 10 times", id="a number before how often"),
    pytest.param("07700 900123 3pm", f"{WAY} 3pm", id="a number before a time"),
    pytest.param("07700 900123 07700 900124", f"{WAY} {WAY}", id="two numbers with a space between them"),
    pytest.param("07700 900123/07700 900124", f"{WAY}/{WAY}", id="two numbers with a stroke between them"),
    pytest.param("020 7946 0001 07700 900123", f"020 7946 0001 {WAY}", id="a number behind one of the office's"),
    pytest.param("07700 900123 020 7946 0001 3", f"{WAY} 020 7946 0001 3", id="a number before one of the office's"),
    pytest.param("ring 07700/900123", f"ring {WAY}", id="a number with a stroke"),
    pytest.param("ring 07700\xa0900123", f"ring {WAY}", id="a number with a space that does not break"),
    pytest.param("ring 07700\u200b900123", f"ring {WAY}", id="a number with a space that is not seen"),
    pytest.param("tel.07700 900123", f"tel.{WAY}", id="a number behind a full stop"),
    pytest.param("+44 (0)7700 900123 2", f"{WAY} 2", id="a number as the whole world writes it"),
    pytest.param("ring 07700 900 1234", f"ring {WAY}", id="a number with a digit too many"),
    pytest.param("ring 7700 900123 or 1632-960-123", f"ring {WAY} or {WAY}", id="numbers without their nought"),
    pytest.param("ring 44 7700 900123.", f"ring {WAY}.", id="a number without its plus"),
    pytest.param("(7700) 900 123", f"({WAY}", id="a number in groups and brackets"),
    pytest.param("ring 960 777, next door", f"ring {WAY}, next door", id="a number on record without its area"),
    pytest.param("ring 1 212 555 0142", f"ring {WAY}", id="a number on record of another country, without its plus"),
    pytest.param("ring 960 778, next door", "ring 960 778, next door", id="six digits that are on no record"),
    pytest.param("1632 960001 is mine, 960001", "1632 960001 is mine, 960001", id="the party's own without its nought"),
    pytest.param("20 7946 0001", "20 7946 0001", id="the office's own without its nought"),
    pytest.param("2026-03-09 10.30 1632 960123", f"2026-03-09 10.30 {WAY}", id="a number behind a day and an hour"),
    pytest.param("reference 7700900123", "reference 7700900123", id="no reference, though it is as long as a number"),
    pytest.param("\xa3 1 250 000 000", "\xa3 1 250 000 000", id="no sum of money"),
    pytest.param("on 10 11 12 13 14 March", "on 10 11 12 13 14 March", id="no row of days"),
    pytest.param("in 2024 2025 and 2026", "in 2024 2025 and 2026", id="no years"),
    pytest.param("sam [at] example.org", WAY, id="an address with its sign in brackets"),
    pytest.param("write to sam at example dot org", f"write to {WAY}", id="an address in words"),
    pytest.param("r (at) example (dot) org", "r (at) example (dot) org", id="the party's own in words"),
    pytest.param(
        "she was at example.org then", "she was at example.org then", id="no address, though somebody was at one"
    ),
    pytest.param("posts as @Quill_D and @other", f"posts as @{WAY} and @other", id="a name on a platform on record"),
    pytest.param("Chirp: quill_d wrote", f"Chirp: {WAY} wrote", id="the same behind the name of the platform"),
    pytest.param("ring 20-12-12-7779", f"ring {WAY}", id="a number on record in groups like a day"),
    pytest.param("ask MARCHMONT", f"ask {NAME}", id="a surname in capitals"),
    pytest.param("Ms Ng rang", f"Ms {NAME} rang", id="a surname of two letters"),
    pytest.param("Jose\u0301 Nu\u0301n\u0303ez said", f"{NAME} said", id="a name whose marks are typed by themselves"),
    pytest.param("Hartigan, Mary", NAME, id="a name with the surname first"),
    pytest.param("Example, R. rang", "Example, R. rang", id="the party's own with the surname first"),
]


@pytest.mark.parametrize(("text", "shown"), HIDDEN)
def test_hides_others_and_nobody_else(text, shown):
    """Names and ways of others go, everything else stays as it was written."""
    ways = {"+442079460001"}
    others = ["D. Quill", "R. Example", "Mary Hartigan", "Jos\xe9 N\xfa\xf1ez"]
    own = {"email:r@example.org", "phone:+441632960001"}
    known = [
        identity.anything(one)
        for one in ("+441632960777", "+12125550142", "+441632960001", "chirp:quill_d", "+12012127779")
    ]
    screen = curtain(["R. Example"], own, ways, others, ["Ada Marchmont", "Mrs Wei Ng"], known)
    assert screen.over(text) == shown


@pytest.mark.parametrize(
    "piece",
    ["0 ", "+", "0", "+4 ", "07700 9", "0/", "09/03/2026 ", "(", "\xa0", "12 ", "1632 960", "a at b dot ", "@a"],
)
def test_a_long_text_costs_no_more_than_it_is_long(piece):
    """Twice as much takes about twice as long, whatever somebody typed to make it slow."""

    def once(times: int) -> float:
        screen, began = curtain(["R. Example"], set(), set(), [], []), process_time()
        screen.over(piece * times)
        return process_time() - began

    def cost(times: int) -> float:
        return min(once(times) for _ in range(3))  # the collector of a large process comes in between now and then

    assert cost(4000) < 40 * max(cost(500), 0.002)
