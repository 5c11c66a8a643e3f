"""Messages that callers left: fetched, sealed or kept, deleted at the provider only then, heard on record (SPSO-66)."""

from datetime import timedelta

import pytest

from adapters.phone.twilio_rest import ProviderFault
from gateway.build_desk import casework_of, letters_of, traces_of
from gateway.casework.evidence import EvidenceRoom
from gateway.recordings import Recordings, wait
from gateway.voicemail import HEARD, Voicemail
from rules.answers import Temporary
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.policies import Callers
from storage.entries import State
from storage.recordings import RecordingState
from tests.gateway.office import LINE, office
from tests.gateway.provider import DOWN, NO_ROOMS, SOUND, FakeProvider
from tests.gateway.twilio import CALLER, Twilio

MANAGER = Actor("M. Anager", frozenset({"manager"}))
CLERK = Actor("A. Clerk", frozenset({"caseworker"}))
RE1, RE2 = "RE" + "1" * 32, "RE" + "2" * 32
EVIDENCE = {"required": True, "most_mb": 25}


class Desk:
    """Hold an office, its provider and the job."""

    def __init__(self, here):
        self.here, self.provider = here, FakeProvider()
        settings, record = here.settings, here.record
        casework = casework_of(settings, record, clock=here.clock)
        letters = letters_of(settings, traces_of(record))
        self.job = Recordings(record, casework, settings.policy, letters, self.provider, here.clock)
        self.room = EvidenceRoom(record, casework, settings.policy)
        self.voicemail = self.hearing(settings.policy)

    def hearing(self, policy):
        """Build what gives messages to staff, under a policy."""
        return Voicemail(self.here.record, policy, self.room, self.here.clock)

    async def left(self, twilio, *recordings):
        """Have a caller leave messages; give the contact."""
        sid, _ = await twilio.call()
        await twilio.dialled(sid, "no-answer")
        for number in recordings:
            await twilio.recorded(sid, number)
        return self.here.contacts()[-1]

    async def run(self, **later):
        """Let time pass, and do the job."""
        self.here.clock.advance(**(later or {"seconds": 1}))
        return await self.job.fetch_due()

    def found(self, sid=RE1):
        return self.here.record.read_now(lambda reader: reader.recording(sid))

    def contact(self, entry):
        return self.here.record.read_now(lambda reader: reader.contact(entry.id))

    def alerts(self):
        return [letter for letter in self.here.letters() if letter.kind == "alert"]

    def acts(self, name):
        return self.here.record.read_now(lambda reader: reader.acts_named(name))


async def test_SPSO_66_a_partys_message_is_sealed_on_its_file(folder):
    """It becomes evidence, marked, with its warning; staff are told where it is, and the provider's copy goes."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        desk, party = Desk(here), here.party(emails=(), phones=[CALLER])
        desk.provider.sounds[RE1] = SOUND
        entry = await desk.left(twilio, RE1)
        await desk.run()
        (sealed,) = desk.room.list(party, MANAGER)
        assert (sealed.size, sealed.media_type, sealed.sealed_by) == (len(SOUND), "audio/mpeg", "voicemail")
        assert "VOICEMAIL of 2026-03-09" in sealed.mark
        assert CALLER not in sealed.mark + sealed.description
        now = desk.contact(entry)
        assert (now.state, sealed.mark in now.detail) == (State.VOICEMAIL, True)
        opened = desk.room.open(party, sealed.id, MANAGER, reason="to answer it", warned=True)
        assert opened.content == SOUND
        assert (desk.found().state, desk.found().paper) == (RecordingState.DONE, sealed.id)
        assert desk.provider.deleted == [RE1]
        with pytest.raises(Refused, match="sealed as evidence"):
            desk.voicemail.hear(entry.id, MANAGER)


async def test_a_message_of_nobody_known_is_kept_with_the_call(folder):
    """A colleague hears it, as it was; that they did is in the chain of acts."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        desk = Desk(here)
        desk.provider.sounds |= {RE1: SOUND, RE2: SOUND[::-1]}
        entry = await desk.left(twilio, RE1, RE2)
        with pytest.raises(Refused, match="still to be fetched"):
            desk.voicemail.hear(entry.id, CLERK)
        await desk.run()
        heard = desk.voicemail.hear(entry.id, CLERK)
        assert {one.content for one in heard} == {SOUND, SOUND[::-1]}
        assert all(one.file_name.endswith(".mp3") for one in heard)
        assert [act.who for act in desk.acts(HEARD)] == ["A. Clerk"] * 2
        assert f"parley voicemail hear {entry.id}" in desk.contact(entry).detail
        assert [entry.state for entry in here.queue()] == [State.VOICEMAIL]


async def test_who_may_hear_is_the_policys_to_say(folder):
    """Where the policy names who may hear, nobody else is given anything, and nothing is put on record."""
    may = {"hear_voicemail": frozenset({"manager"})}
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        desk = Desk(here)
        desk.provider.sounds[RE1] = SOUND
        entry = await desk.left(twilio, RE1)
        await desk.run()
        policy = here.settings.policy.with_changes(rights={**here.settings.policy.rights, **may})
        with pytest.raises(Refused, match="may not do this"):
            desk.hearing(policy).hear(entry.id, CLERK)
        assert desk.acts(HEARD) == ()
        assert desk.hearing(policy).hear(entry.id, MANAGER)
        with pytest.raises(Refused, match="No message was left"):
            desk.voicemail.hear("nothing", MANAGER)


async def test_a_provider_that_is_down_is_waited_for(folder):
    """Tried again, ever more seldom; after a day staff are told once a day; then it is fetched all the same."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        desk = Desk(here)
        desk.provider.sounds[RE1], desk.provider.fault = SOUND, DOWN
        await desk.left(twilio, RE1)
        assert await desk.run() == 1
        assert await desk.run(seconds=5) == 0
        for _ in range(60):
            await desk.run(hours=1)
        assert (desk.found().state, len(desk.alerts())) == (RecordingState.WAITING, 2)
        desk.provider.fault = None
        await desk.run(hours=1)
        assert desk.found().state is RecordingState.DONE


async def test_a_message_that_is_not_there_yet_may_come(folder):
    """Not there is not gone, for some hours; then it is, and staff are told where it was."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        desk = Desk(here)
        entry = await desk.left(twilio, RE1)
        await desk.run()
        assert desk.found().state is RecordingState.WAITING
        await desk.run(hours=7)
        assert desk.found().state is RecordingState.LOST
        assert "has it no more" in desk.contact(entry).detail
        assert desk.contact(entry).state is State.VOICEMAIL
        (alert,) = desk.alerts()
        assert RE1.encode() in alert.message
        assert await desk.run(days=9) == 0
        with pytest.raises(Refused, match="has it no more"):
            desk.voicemail.hear(entry.id, CLERK)


LOST = {
    "a message above the cap": (ProviderFault("too large", permanent=True, status=413), "larger than the policy takes"),
    "an id that is none": (ProviderFault("that is no id of the provider's", permanent=True), "no id of the provider's"),
}


@pytest.mark.parametrize(("fault", "why"), LOST.values(), ids=LOST)
async def test_what_will_never_be_fetched_is_said_to_staff(folder, fault, why):
    """At once, with an alert, and on the call itself; nothing is deleted there."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        desk = Desk(here)
        desk.provider.sounds[RE1] = fault
        entry = await desk.left(twilio, RE1)
        await desk.run()
        assert why in desk.contact(entry).detail
        assert (desk.found().state, len(desk.alerts()), desk.provider.deleted) == (RecordingState.LOST, 1, [])


async def test_a_token_that_is_wrong_loses_nothing(folder):
    """A refusal that somebody can mend is waited for."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        desk = Desk(here)
        desk.provider.sounds[RE1] = ProviderFault("the provider answered 401", permanent=True, status=401)
        await desk.left(twilio, RE1)
        await desk.run(days=3)
        assert desk.found().state is RecordingState.WAITING


async def test_what_was_not_deleted_there_is_deleted_later(folder):
    """The provider's copy is asked away until it is gone; what is kept here is not fetched again."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        desk = Desk(here)
        desk.provider.sounds[RE1], desk.provider.deleting = SOUND, Temporary("the provider answered 503")
        await desk.left(twilio, RE1)
        await desk.run()
        assert (desk.found().state, desk.found().detail) == (RecordingState.KEPT, "the provider answered 503")
        desk.provider.deleting = FakeProvider().deleting
        await desk.run(hours=1)
        assert (desk.found().state, desk.provider.deleted) == (RecordingState.DONE, [RE1])
        assert [asked[0] for asked in desk.provider.asked] == ["fetch", "delete", "delete"]


async def test_the_policy_may_leave_the_copy_there(folder):
    """With delete_at_provider off nothing is asked away."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        desk = Desk(here)
        evidence = here.settings.policy.evidence.model_copy(update={"delete_at_provider": False})
        desk.job._policy = here.settings.policy.with_changes(evidence=evidence)
        desk.provider.sounds[RE1] = SOUND
        await desk.left(twilio, RE1)
        await desk.run()
        assert (desk.found().state, desk.provider.deleted) == (RecordingState.DONE, [])


async def test_two_that_fetch_at_once_seal_once(folder):
    """The one that comes second finds it moved on, and puts no second paper on the file."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        desk, party = Desk(here), here.party(emails=(), phones=[CALLER])
        desk.provider.sounds[RE1] = SOUND
        await desk.left(twilio, RE1)
        one = desk.found()
        await desk.job._fetch(one)
        await desk.job._fetch(one)
        assert len(desk.room.list(party, MANAGER)) == 1


async def test_I4_a_number_that_was_keyed_in_puts_nothing_on_a_file(folder):
    """Anybody can key in another's number: what they leave stays with the contact, which says so."""
    asks = {"callers": Callers(withheld="ask")}
    async with office(folder, phone=True, policy=asks, **NO_ROOMS) as here, Twilio(here) as twilio:
        desk, party = Desk(here), here.party({"kind": "block"}, emails=(), phones=[CALLER])
        desk.provider.sounds[RE1] = SOUND
        sid, _ = await twilio.call(caller="anonymous")
        await twilio.post("/calls/number", {"CallSid": sid, "From": "anonymous", "To": LINE, "Digits": "01632960001"})
        await twilio.recorded(sid, RE1)
        await desk.run()
        entry = here.only()
        assert entry.party_id == party
        assert desk.room.list(party, MANAGER) == ()
        assert "kept on no file: the number was keyed in" in entry.detail
        assert here.record.read_now(lambda reader: reader.recording_content(RE1)) == SOUND


def test_waiting_grows_and_ends():
    """From twenty seconds to an hour, whatever the number of attempts."""
    waits = [wait(number) for number in (0, 1, 4, 10, 10_000)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=20), timedelta(hours=1))
