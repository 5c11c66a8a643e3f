"""`parley events`, and the settings of webhooks with their secrets."""

import json
from datetime import timedelta

import pytest

from gateway import config
from storage.events import EventState
from tests.adapters.hook import KEY, SECRET

HOOK = '\n[[webhook]]\nname = "cases"\nurl = "https://cases.example.org/hook"\n'


@pytest.fixture
def hooked(office):
    """An office with a webhook and two events for it: one was given up, one waits."""
    with (office.state / "parley.toml").open("a") as file:
        file.write(HOOK + f'secret = "{SECRET}"\nevents = ["warn"]\n')

    def job(tx):
        party = tx.add_party("R. Example")
        for number in ("evt_1", "evt_2"):
            tx.add_event(number, "cases", party, "warn", "{}")
        later = office.now + timedelta(hours=1)
        first = tx.claim_event("cases", later, later)
        tx.settle_event(first.seq, EventState.GIVEN_UP, office.now, "answered 500")

    office.write(job)
    return office


def test_they_are_listed(hooked, parley):
    """What was given up comes first, with the reason."""
    said = parley("events", "list", "--json")
    found = [json.loads(line) for line in said.out.splitlines()]
    assert [(one["event"], one["state"], one["why"]) for one in found] == [
        ("evt_1", "given_up", "answered 500"),
        ("evt_2", "queued", ""),
    ]
    shown = parley("events", "list").out
    assert "given up" in shown and "cases" in shown


def test_nothing_to_list(office, parley):
    """It says so."""
    assert "No event waits" in parley("events", "list").out


@pytest.mark.parametrize("arguments", [["evt_1"], ["--all"]])
def test_one_is_tried_again(hooked, parley, arguments):
    """It waits again, and who did that is on record."""
    said = parley("events", "retry", *arguments)
    assert (said.code, said.out) == (0, "1 event is tried again from now on.\n")
    assert [one.id for one in hooked.read(lambda r: r.events_in(EventState.QUEUED))] == ["evt_1", "evt_2"]
    assert hooked.read(lambda r: r.acts(limit=1))[0].act == "retry_events"


@pytest.mark.parametrize("arguments", [["evt_2"], ["no such"], [], ["evt_1", "--all"]])
def test_what_cannot_be_tried_again(hooked, parley, arguments):
    """What waits, what is not there, nothing, and both at once are sentences."""
    assert parley("events", "retry", *arguments).code == 2
    assert len(hooked.read(lambda r: r.events_in(EventState.GIVEN_UP))) == 1


def test_a_secret_of_the_environment(office, monkeypatch):
    """It need not be in the file."""
    with (office.state / "parley.toml").open("a") as file:
        file.write(HOOK)
    monkeypatch.setenv("PARLEY_WEBHOOK_SECRETS__CASES", SECRET)
    read = config.load(office.state).config
    assert read.webhook_key(read.webhook[0]) == KEY
    assert SECRET not in repr(read)


def test_a_secret_of_a_file(office, monkeypatch, tmp_path):
    """The folder of secrets has them by name."""
    with (office.state / "parley.toml").open("a") as file:
        file.write(HOOK)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "parley_webhook_secrets").write_text(json.dumps({"cases": SECRET}))
    monkeypatch.setenv("PARLEY_SECRETS", str(tmp_path / "secrets"))
    read = config.load(office.state).config
    assert read.webhook_key(read.webhook[0]) == KEY


def test_a_bad_secret_is_not_shown(office, parley):
    """The sentence says what is wrong with it, not what it is."""
    with (office.state / "parley.toml").open("a") as file:
        file.write(HOOK + 'secret = "hunter2-hunter2"\n')
    said = parley("events", "list")
    assert said.code == 78
    assert "webhook: cases: a secret is whsec_" in said.err
    assert "hunter2" not in said.err
