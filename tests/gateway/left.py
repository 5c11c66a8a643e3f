"""A call that ended in a message, fetched from the provider: kept with the call, or sealed on a party's file."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from gateway.build_desk import casework_of, letters_of, traces_of
from gateway.recordings import Recordings
from gateway.serials import serial
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import Entry, State
from storage.recordings import RecordingEntry
from tests.gateway.provider import SOUND, FakeProvider

RE1, RE2 = "RE" + "1" * 32, "RE" + "2" * 32
STRANGER = "phone:+447700900456"


def leave(office, *recordings: str, party: int | None = None, sender: str = STRANGER, sound: bytes = SOUND) -> str:
    """Have somebody leave messages in one call, each fetched; gives the call's number."""
    now = office.clock()
    call = Entry(
        serial(now),
        Channel.CALL,
        now,
        f"party:{party}" if party is not None else sender,
        State.VOICEMAIL,
        Outcome.CONNECT,
        Outcome.CONNECT,
        party_id=party,
        sender=sender,
        look_by=now + timedelta(days=2),
        detail="left",
    )

    def job(tx) -> None:
        tx.add_contact(call)
        for sid in recordings or (RE1,):
            tx.add_recording(RecordingEntry(sid, call.id, now, now, 20))

    office.record.write_now(job)
    fetch(office, dict.fromkeys(recordings or (RE1,), sound))
    return call.id


def fetch(office, sounds: dict[str, bytes]) -> None:
    """Run the job that fetches what is due, from a provider that has these sounds."""
    chosen, record, provider = office.settings, office.record, FakeProvider()
    provider.sounds |= sounds
    letters = letters_of(chosen, traces_of(record))
    casework = casework_of(chosen, record, clock=office.clock)
    job = Recordings(record, casework, chosen.policy, letters, provider, office.clock)
    asyncio.run(job.fetch_due())
