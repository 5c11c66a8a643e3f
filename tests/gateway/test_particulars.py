"""Every door keeps what levels need of a contact, in the transaction that puts it on record; and once."""

from __future__ import annotations

from gateway.party_levels import party_levels, windows
from rules.casework.actor import Actor
from rules.contact import Channel
from rules.facts import Facts, Span, Voice
from rules.levels.kinds import Level
from rules.levels.particulars import case_number, place_number
from rules.repeats import Likeness
from rules.windows import Mode, Per
from tests.gateway.desk_office import MAIL, at_desk  # noqa: F401  (a fixture)
from tests.gateway.office import APPEALS, CLERK, HEAD, LINE, NOW, PARTY, mail, office
from tests.gateway.texting import TEXTS, texting
from tests.gateway.twilio import CALLER, Twilio

LETTER = "I ask once more why nobody has answered my letter of the first of March about the broken gate in our street."


def known(here, entry):
    """Give what was kept of a contact."""
    return here.record.read_now(lambda reader: reader.particulars(entry.id))


async def test_mail(folder):
    """Whom of ours it reached, its matters, whether we stand in Cc alone, a repeat, whether we were there."""
    async with office(folder) as here:
        here.party(emails=[PARTY])
        to_others = mail(1, body=LETTER, Cc=CLERK).replace(f"To: {CLERK}".encode(), b"To: x@example.net")
        await here.post(to_others.replace(b"Message 1", b"HO/2024-17"), CLERK)
        here.clock.advance(hours=9)
        answer = mail(2, body=LETTER, Cc=HEAD, References="<a@example.org> <b@example.org>")
        await here.post(answer, CLERK, HEAD)
        first, second = (known(here, entry) for entry in here.contacts())
        assert first.matters == (case_number("ho 2024 17"),)
        assert (first.only_cc, first.out_of_hours, first.repeat) == (True, False, None)
        assert (set(second.places), second.only_cc) == ({place_number(CLERK), place_number(HEAD)}, False)
        assert (len(second.matters), second.out_of_hours, second.repeat) == (1, True, Likeness.COPY)


async def test_recipients_of_a_second_transaction_are_addressed_too(folder):
    """A server that sends one message for each recipient brings one contact, and all whom it addresses."""
    async with office(folder) as here:
        here.party(emails=[PARTY])
        message = mail(1)
        for recipient in (CLERK, HEAD, APPEALS):
            await here.post(message, recipient)
        assert set(known(here, here.only()).places) == {place_number(each) for each in (CLERK, HEAD, APPEALS)}


async def test_mail_under_a_limit(folder):
    """Where the intent is written down first, the same is kept with it."""
    limit = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
    async with office(folder) as here:
        here.party(limit, emails=[PARTY])
        await here.post(mail(1), CLERK)
        here.clock.advance(seconds=1)
        await here.post(mail(2), HEAD)
        places = [known(here, entry).places for entry in here.contacts()]
        assert places == [(place_number(CLERK),), (place_number(HEAD),)]


async def test_calls(folder):
    """A call is of the line that was called."""
    async with office(folder, phone=True) as here, Twilio(here) as twilio:
        here.party(emails=(), phones=[CALLER])
        await twilio.call()
        assert known(here, here.only()).places == (place_number(LINE),)


async def test_texts(folder):
    """A text is of the inbox that its line's texts go to."""
    async with texting(folder) as (here, texter, _):
        await texter.text("Good morning")
        assert known(here, here.only()).places == (place_number(TEXTS),)


def test_what_is_logged_by_hand(at_desk):  # noqa: F811  (the fixture)
    """Pages of a letter; minutes of a visit stand instead of an estimate, those of a call are talk."""
    desk = at_desk()
    party = desk.party()
    letter = desk.entry(desk.add(Channel.LETTER, party=party, pages=4, cases=("HO/2024-17",)))
    visit = desk.entry(desk.add(Channel.VISIT, party=party, minutes=50))
    call = desk.entry(desk.add(Channel.CALL, party=party, minutes=8))
    assert (known(desk, letter).pages, known(desk, letter).matters) == (4, (case_number("HO/2024-17"),))
    assert (known(desk, visit).minutes, known(desk, call).minutes, call.talk_s) == (50, None, 480)


async def test_an_advocate_is_shown_and_not_counted(folder):
    """What comes of who speaks for a party stands beside its levels, and is in none of them (PHSO-M13)."""
    async with office(folder) as here:
        party = here.party(emails=[PARTY])
        speaks = Voice("Ada Vocate", frozenset({"email:ada@example.org"}), Span(NOW), "all")
        here.record.write_now(lambda tx: tx.keep_facts(party, Facts(voices=(speaks,))))
        await here.post(mail(1), CLERK)
        await here.post(mail(2, sender="ada@example.org"), CLERK, sender="ada@example.org")
        policy = here.settings.policy
        spans = windows(Mode.ROLLING, here.clock(), policy, (Per.DAY,))
        by = Actor("A. Clerk", frozenset(policy.roles))
        found = party_levels(here.record, f"party:{party}", spans, policy, by, now=here.clock())
        (day,) = found.spans
        assert (day.levels[Level.ATTEMPTS], day.advocates, day.uncounted) == (1, 1, 0)
