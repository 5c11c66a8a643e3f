"""How far senders are known, through a whole office and its real SMTP door: by the border's word, by checks of our own.

Forged mail never counts, is never answered and learns nothing (THREATS I4, I5); a party's own mail is answered.
"""

import pytest

from adapters.mail.message import Incoming, read
from adapters.mail.verdict import Verdict
from gateway.mail_contact import contact_of
from gateway.mail_message import Message
from gateway.matters import Contents
from gateway.vouching import Vouching
from rules.contact import Assurance
from rules.standing import Party, Standing
from tests.adapters.mail import signed
from tests.adapters.mail.dns_server import BROKEN, serving
from tests.adapters.mail.door import Client
from tests.gateway.office import CLERK, FILED, HEAD, NOW, PARTY, deliver, mail, office

MX = "mx.office.example.org"
RETURN, BLOCK = {"kind": "return_mail", "note": "Please write by post."}, {"kind": "block"}
LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
NAMED = {"kind": "named_contact", "inbox": HEAD}
PASS, FAIL = "dmarc=pass header.from=example.org", "dmarc=fail (p=REJECT) header.from=example.org"
CHECKED = {"mail": {"border": MX}, "policy": {"answer_claimed": False}}


def said(results: str, number: int = 1, *, name: str = MX, below: bytes = b"", **more) -> bytes:
    """Give a message as a border passes it on."""
    head = f"Authentication-Results: {name}; {results}\r\n" if results else ""
    received = (
        f"Received: from mail.example.org (x [192.0.2.1]) by {MX} with ESMTPS; Mon, 9 Mar 2026 10:00:00 +0000\r\n"
    )
    return (head + received).encode() + below + mail(number, **more)


OUTCOMES = {
    "verified, and returned with a note": (RETURN, PASS, "250 ", "returned", "verified", ["return"]),
    "claimed, and refused in neutral words": (RETURN, "", "550 5.7.1", "refused", "claimed", []),
    "forged, and filed where it would be returned": (RETURN, FAIL, "250 ", "filed", "failed", []),
    "verified, and refused": (BLOCK, PASS, "550 5.7.1", "refused", "verified", []),
    "forged, and filed where it would be refused": (BLOCK, FAIL, "250 ", "filed", "failed", []),
    "forged, and still routed to the named contact": (NAMED, FAIL, "250 ", "delivered", "failed", []),
}


@pytest.mark.parametrize(
    ("measure", "results", "reply", "state", "assurance", "letters"), OUTCOMES.values(), ids=OUTCOMES
)
async def test_what_the_border_says(folder, measure, results, reply, state, assurance, letters):
    """The reply, the state, the assurance on record, and who is written to."""
    async with office(folder, **CHECKED) as here:
        party = here.party(measure)
        assert (await here.post(said(results))).startswith(reply)
        entry = here.only()
        assert (entry.state.value, entry.assurance.value, entry.party_id) == (state, assurance, party)
        assert [letter.kind for letter in here.told()] == letters
        assert len(here.mailbox(CLERK, FILED)) == (state == "filed")


async def test_a_forger_learns_nothing(folder):
    """Forged mail gets the very reply that a stranger's gets, whatever is on the party."""
    async with office(folder, **CHECKED) as here:
        replies = [await here.post(said(FAIL, 1))]
        here.party(BLOCK)
        replies.append(await here.post(said(FAIL, 2)))
        serials = [entry.id for entry in here.contacts()]
        assert len({reply.replace(number, "") for reply, number in zip(replies, serials, strict=True)}) == 1


async def test_forged_mail_uses_up_no_limit(folder):
    """A hundred forged messages take nothing of a party's one a day, and leave no level and no note (I4)."""
    async with office(folder, **CHECKED) as here:
        party = here.party(LIMIT)
        for number in range(5):
            assert (await here.post(said(FAIL, number))).startswith("250 ")
        assert here.used(party) == 0
        assert not any(entry.counts for entry in here.contacts())
        assert here.flags() == []
        assert (await here.post(said(PASS, 9))).startswith("250 ")
        assert (here.used(party), here.states()[-1]) == (1, "delivered")
        await here.post(said(FAIL, 10))
        assert (here.states()[-1], here.told()) == ("filed", [])
        await here.post(said(PASS, 11))
        assert [letter.kind for letter in here.told()] == ["note"]


FORGERIES = {
    "a field below the border's own Received": said("", below=f"Authentication-Results: {MX}; {PASS}\r\n".encode()),
    "a field of another server": said(PASS, name="mx.example.net"),
    "a field of nobody": mail(Authentication_Results=PASS.partition(";")[0]),
}


@pytest.mark.parametrize("raw", FORGERIES.values(), ids=FORGERIES)
async def test_nobody_vouches_for_himself(folder, raw):
    """What the border did not write makes nobody verified, so that nothing is told to whom nobody knows (I5)."""
    async with office(folder, **CHECKED) as here:
        here.party(RETURN)
        assert (await here.post(raw)).startswith("550 5.7.1 ")
        assert here.only().assurance == "claimed"
        assert here.told() == []


async def test_forged_mail_of_nobody_counts_for_nobody(folder):
    """Where the border speaks, forged mail of people whom nobody restricts is known for what it is too."""
    async with office(folder, **CHECKED) as here:
        await here.post(said(FAIL))
        assert (here.only().assurance, here.only().counts, here.only().state) == ("failed", False, "delivered")


ZONE = signed.zone() | {
    ("example.org", "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"'],
    ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=reject"'],
}
OWN_CHECKS = {
    "signed by the author's domain": (signed.sign(mail()), "198.51.100.9", "verified", "returned"),
    "sent by a server of that domain": (mail(), "192.0.2.1", "verified", "returned"),
    "neither": (mail(), "198.51.100.9", "failed", "filed"),
    "by a client that nobody knows": (mail(), "127.0.0.1", "claimed", "refused"),
}


async def heard(here, raw, client):
    """Send a message by SMTP as a border does that names its client (XFORWARD)."""
    here.clock.advance(milliseconds=1)
    async with Client.of(here.gateway.smtp) as border:
        assert (await border.say(f"XFORWARD ADDR={client}")).startswith("250 ")
        return await deliver(border, raw, (CLERK,), PARTY)


def resolving(address):
    """Give an office that checks senders itself, with a name server of the test's."""
    dns = {"dns": (f"{address[0]}:{address[1]}",), "dns_timeout_s": 1.0, "xforward_from": ("127.0.0.1/32",)}
    return {"mail": dns, "policy": {"answer_claimed": False}}


@pytest.mark.parametrize(("raw", "client", "assurance", "state"), OWN_CHECKS.values(), ids=OWN_CHECKS)
async def test_checks_of_our_own(folder, raw, client, assurance, state):
    """Without a border, senders on record are checked here; the client is whom XFORWARD or PROXY names."""
    with serving(ZONE) as (_, address):
        async with office(folder, **resolving(address)) as here:
            here.party(RETURN)
            await heard(here, raw, client)
            assert (here.only().assurance, here.only().state) == (assurance, state)


async def test_signed_mail_through_the_door(folder):
    """A signature is checked on the very octets that came by SMTP."""
    with serving(ZONE) as (_, address):
        async with office(folder, **resolving(address)) as here:
            here.party(RETURN)
            assert (await here.post(signed.sign(mail()))).startswith("250 ")
            assert (here.only().assurance, here.only().state) == ("verified", "returned")


async def test_nobody_waits_for_the_dns_who_is_not_on_record(folder):
    """Mail of strangers is delivered without one question; a party's takes some, and a broken DNS forges nobody."""
    broken = {("example.org", "TXT"): BROKEN, ("_dmarc.example.org", "TXT"): BROKEN}
    with serving(broken) as (zone, address):
        async with office(folder, **resolving(address)) as here:
            await heard(here, mail(), "192.0.2.1")
            assert (zone.asked, here.only().assurance) == ([], "claimed")
            here.party(RETURN)
            await heard(here, mail(2), "192.0.2.1")
            assert zone.asked
            assert (here.contacts()[-1].assurance, here.contacts()[-1].state) == ("claimed", "refused")


async def test_checks_can_be_left_out(folder):
    """An office that says so checks nobody."""
    with serving(ZONE) as (zone, address):
        chosen = resolving(address)
        chosen["mail"] |= {"check_senders": False}
        async with office(folder, **chosen) as here:
            here.party(RETURN)
            await heard(here, mail(), "198.51.100.9")
            assert (zone.asked, here.only().assurance) == ([], "claimed")


class _Counting:
    """Say that everybody is forged, and count who was asked about."""

    def __init__(self):
        self.asked = []

    async def verdict(self, incoming, author):
        self.asked.append(author)
        return Verdict(Assurance.FAILED, "for the test")


KNOWN = {
    "a party": (Standing(party=Party(1, "R. Example")), ["example.org"]),
    "who speaks for a party": (Standing(speaks_for=("R. Example",)), ["example.org"]),
    "who shares an address with one": (Standing(perhaps=("R. Example",)), []),
    "a stranger": (Standing(), []),
}


@pytest.mark.parametrize(("standing", "asked"), KNOWN.values(), ids=KNOWN)
async def test_who_is_checked(standing, asked):
    """Checks are made where something rests on them: on who a party is, and on who speaks for one."""
    checks = _Counting()
    incoming = Incoming("192.0.2.1", "h", PARTY, (CLERK,), mail())
    heading = read(incoming.raw)
    contact = contact_of(incoming, heading, "c1", NOW)
    message = Message(incoming, heading, contact, "key", "digest", NOW, Contents(lambda: incoming.raw), b"")
    after = await Vouching(None, checks).looked_up(message, standing)
    assert checks.asked == asked
    assert (after.contact.assurance is Assurance.FAILED) == bool(asked)


async def test_an_uncertain_sender_is_vouched_for_by_nobody(folder):
    """Where nobody can say who sent it, a border's word for a domain says nothing either."""
    async with office(folder, **CHECKED) as here:
        here.party(BLOCK)
        two = mail().replace(b"From: ", b"From: x.sample@example.net\r\nFrom: ", 1)
        await here.post(said(PASS).partition(b"From: ")[0] + two)
        assert (here.only().state, here.only().assurance) == ("held", "claimed")
