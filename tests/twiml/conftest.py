"""An office on the phone for each story, without a socket: the application itself is asked."""

import shutil
from contextlib import asynccontextmanager

import pytest

from gateway import build
from storage.record import Record
from tests.gateway.office import Clock, Office, empty_record, settings
from tests.twiml.playing import AtOnce


@pytest.fixture(scope="session")
def phone_template(tmp_path_factory):
    """A record with tables and nothing in it."""
    return empty_record(tmp_path_factory.mktemp("phone"))


@pytest.fixture
def phone(tmp_path, phone_template):
    """Give what opens an office on the phone; opened again, it is the same office after a restart."""
    state, clock = tmp_path / "state", Clock()
    state.mkdir()
    shutil.copyfile(phone_template, state / "parley.db")

    @asynccontextmanager
    async def opened(policy=None, **phone_changes):
        chosen = settings(state, phone=True, policy=policy or {}, phone_changes=phone_changes, api={"enabled": False})
        record = Record.open(chosen.config.record_url, now=clock)
        try:
            here = Office(state, chosen, record, clock, build.build(chosen, record, clock=clock))
            async with AtOnce(here) as twilio:
                yield here, twilio
        finally:
            record.close()

    opened.state = state
    return opened
