"""`parley run-sample`, which is `make run`: the sample day ends with the story that it is meant to tell."""

from __future__ import annotations

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from gateway import cli, config
from gateway.build import open_record
from gateway.clock import utc_now
from gateway.config import ConfigError
from gateway.import_fields import Terms
from gateway.imports import bring_in
from gateway.sample import day, office
from gateway.sample.ledger import begin, move_in
from gateway.sample.staff import OnFile
from rules import measures
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import LetterState, State
from tests.ports import free_port

COMMAND = [sys.executable, "-c", "from gateway.cli import main; main()"]
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def free_ports():
    """Two ports that are free."""
    return free_port(), free_port()


@pytest.fixture(scope="module")
def surroundings(free_ports):
    """The environment of a visitor whose ports are taken: others are chosen by it."""
    mail, web = free_ports
    return {
        "PATH": "/usr/bin:/bin",
        "PARLEY_MAIL__LISTEN": f"127.0.0.1:{mail}",
        "PARLEY_PHONE__LISTEN": f"127.0.0.1:{web}",
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
    }


def run(state, surroundings, *arguments):
    """Run the command line as a process."""
    return subprocess.run(
        [*COMMAND, "--state", str(state), *arguments],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def here(surroundings, monkeypatch, capsys):
    """Run the command line in the test's own process, which has imported it; gives the exit code and what it said."""
    for name, value in surroundings.items():
        if name.startswith("PARLEY_"):
            monkeypatch.setenv(name, value)

    def ask(state, *arguments):
        monkeypatch.setattr(sys, "argv", ["parley", "--state", str(state), *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return ask


@pytest.fixture(scope="module")
def played(tmp_path_factory, surroundings):
    """The sample office after its day: the folder and what was printed."""
    state = tmp_path_factory.mktemp("sample") / "var"
    said = run(state, surroundings, "run-sample", "--leave")
    assert said.returncode == 0, said.stderr
    return state, said


@pytest.fixture(scope="module")
def entries(played, surroundings):
    """What the day left on record, oldest first."""
    state, _ = played
    record = open_record(config.load(state).config)
    try:
        yield sorted(
            record.read_now(lambda reader: reader.contacts(limit=1000)), key=lambda entry: (entry.at, entry.id)
        )
    finally:
        record.close()


# Tests of one module share the day that was played.
pytestmark = pytest.mark.xdist_group("sample")


def test_every_outcome(entries):
    """Each outcome of mail and calls comes about in the day."""
    carried = {(one.channel.value, one.carried) for one in entries if one.channel in (Channel.EMAIL, Channel.CALL)}
    mail = ("deliver", "route", "hold", "file", "return", "refuse")
    calls = ("connect", "route", "voicemail", "automated_line", "refuse")
    assert carried == {("email", Outcome(one)) for one in mail} | {("call", Outcome(one)) for one in calls}


# What measures do that shut nothing: the words by which they bite.
SAYS = {
    "call_length_limit": "The longest call is 5 minutes",
    "slow_response": "An answer is due by",
    "visit_terms": "To be seen by appointment only, by two colleagues together",
    "return_letters": "To be returned by the post room",
    "meeting": "A meeting about their contact is arranged for",
}


@pytest.mark.parametrize("kind", sorted(measures.KINDS))
def test_every_measure_bites_and_does_not(entries, kind, played):
    """Each kind of measure stands on somebody, bites on something of theirs and lets something pass."""
    state, _ = played
    under = {party for party, on_them in _parties(state) if any(measure.kind == kind for measure in on_them)}
    assert under, f"no party of the sample is under {kind}"
    theirs = [entry for entry in entries if entry.party_id in under]
    bitten = [
        entry for entry in theirs if any(_bites(entry, reason) for reason in entry.reasons if reason.measure == kind)
    ]
    assert bitten, f"{kind} bites on nothing"
    passed = [one for one in theirs if one not in bitten and one.carried in (Outcome.DELIVER, Outcome.CONNECT)]
    assert passed, f"nobody under {kind} gets anything through"


def _bites(entry, reason):
    if reason.measure in SAYS:
        return reason.text.startswith(SAYS[reason.measure])
    return not entry.carried.lets_through or entry.carried is Outcome.ROUTE


def test_a_contract_opens_the_phone_again(entries):
    """One call before it was agreed hears the recorded message; the one after it is put through, and says why."""
    before, after = [entry for entry in entries if any(one.measure == "behaviour_contract" for one in entry.reasons)]
    assert (before.state, after.state) == (State.AUTOMATED_LINE, State.ANSWERED)
    assert "not agreed yet" in before.reasons[-1].text
    assert "Its conditions: No shouting; One matter a call" in after.reasons[0].text


def test_what_staff_write_down_has_an_instruction(entries):
    """Letters and a visit are on record, before staff already, with what a measure has them do."""
    logged = [entry for entry in entries if entry.channel in (Channel.LETTER, Channel.VISIT)]
    assert {entry.channel for entry in logged} == {Channel.LETTER, Channel.VISIT}
    assert all(entry.state is State.DELIVERED for entry in logged)
    assert all(any(reason.measure for reason in entry.reasons) for entry in logged)


def _parties(state):
    record = open_record(config.load(state).config)
    try:
        files = record.read_now(lambda reader: [reader.party_file(party.id) for party in reader.parties()])
    finally:
        record.close()
    return [(file.party.id, [m for restriction in file.restrictions for m in restriction.measures]) for file in files]


def test_a_dozen_parties_with_an_adjustment_and_a_shared_number(played):
    """The office is one that an office would recognise."""
    state, _ = played
    assert len(_parties(state)) >= 12
    text = (state / "restrictions.toml").read_text()
    assert "[[party.adjustment]]" in text
    assert text.count("shared = ") == 2


def test_the_story_of_each_event(entries):
    """Each event of the day is one contact, also where it came twice; none is under way or unclear."""
    events = [event for event in day.events() if not isinstance(event, OnFile)]
    assert len(entries) == len(events)
    assert any(getattr(event, "times", 1) > 1 for event in events)
    unfinished = {State.INTENDED, State.DEFERRED, State.UNCLEAR, State.RINGING, State.PASSED_BACK}
    assert not unfinished & {entry.state for entry in entries}


def test_the_rarer_turns(entries):
    """Uncertain identity, a shared number, a withheld number, an auto-reply and a missed call are all in it."""
    assert any(entry.state is State.HELD and entry.party_id is None for entry in entries), "uncertain identity"
    assert any("shared" in reason.text for entry in entries for reason in entry.reasons)
    assert any(entry.whose == "call:withheld" or "withheld" in str(entry.reasons) for entry in entries)
    assert any(not entry.counts for entry in entries), "an auto-reply"
    assert any(entry.state is State.MISSED for entry in entries)
    assert any(entry.state is State.VOICEMAIL and entry.detail for entry in entries)


def test_flags_and_letters(played, here):
    """Flags, and a measure that is suspended, alert the staff inbox; returns and notes lie in `Sent out`."""
    state, _ = played
    flags = [json.loads(line) for line in here(state, "flags", "--json")[1].splitlines()]
    assert "+447700900123" in {flag["who"] for flag in flags}
    alerts = list((state / "mail" / "duty@office.example.org" / "new").iterdir())
    suspended = [alert for alert in alerts if b"Suspended: nobody has authority to speak" in alert.read_bytes()]
    assert (len(suspended), len(alerts)) == (1, len(flags) + 1)
    assert len(list((state / "mail" / "Sent%20out" / "cur").iterdir())) == 5
    record = open_record(config.load(state).config)
    assert not record.read_now(lambda reader: reader.letters(LetterState.QUEUED))
    record.close()


def test_the_table(played, entries):
    """One table says who, by which channel, what happened and why, and fits 100 columns."""
    _, said = played
    lines = said.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    for words in (
        "Who",
        "By",
        "What happened",
        "Why",
        "R. Calder",
        "refused",
        "returned with a note",
        "left a voicemail",
    ):
        assert words in said.stdout
    assert f"{len(entries)} in all" in said.stdout
    assert "Flag for staff: 3 contacts by phone" in said.stdout
    assert "\x1b" not in said.stdout, "no colours in a pipe"
    assert said.stderr == ""


def test_a_second_start_plays_nothing_again(played, surroundings, entries, here):
    """A second start keeps the record, plays nothing, and prints the same table."""
    state, said = played
    again = run(state, surroundings, "run-sample", "--leave")
    assert again.returncode == 0, again.stderr
    assert again.stdout == said.stdout
    _, counted, _ = here(state, "contacts", "--json", "--limit", "1000")
    assert counted.count("\n") == len(entries)


def test_it_serves_until_ctrl_c(played, surroundings, free_ports, here):
    """Without --leave it goes on serving, says what to try in commands that work, and Ctrl-C ends it with 0."""
    state, _ = played
    arguments = [*COMMAND, "run-sample", "--state", str(state)]
    with subprocess.Popen(arguments, env=surroundings, stdout=subprocess.PIPE, text=True) as serving:
        tries = []
        for line in serving.stdout:
            if f"--state {state} " in line:
                tries.append(line.partition(f"--state {state} ")[2].strip())
            if line.strip().startswith("let everything through"):
                break
        with socket.create_connection(("127.0.0.1", free_ports[0]), 5) as client:
            assert client.recv(100).startswith(b"220 ")
        taken = run(state, surroundings, "run-sample")
        assert taken.returncode == 75
        assert "cannot be listened on" in taken.stderr
        for line in tries:
            if not line.startswith("observe"):
                code, _, complained = here(state, *shlex.split(line))
                assert code == 0, (line, complained)
        serving.send_signal(signal.SIGINT)
        assert serving.wait(20) == 0
    assert len(tries) >= 5


def test_an_office_of_ones_own_is_never_touched(tmp_path, surroundings, here):
    """A folder that holds another office is refused with 78, and stays as it is."""
    state = tmp_path / "var"
    code, _, complained = here(state, "init", "--name", "The Office", "--address", "hello@office.example.org")
    assert code == 0, complained
    before = (state / "parley.toml").read_bytes()
    said = run(state, surroundings, "run-sample", "--leave")
    assert said.returncode == 78
    assert "is not the sample office's" in said.stderr
    assert (state / "parley.toml").read_bytes() == before
    assert "observe" in here(state, "observe", "--json")[1]
    assert here(state, "contacts", "--json")[1] == ""


def test_an_interrupted_day_is_not_played_again(tmp_path, surroundings):
    """Where the day broke off, the next start says so and shows what there is."""
    state = tmp_path / "var"
    office.settle_in(state)
    record = open_record(config.load(state).config)
    record.write_now(move_in)
    record.write_now(lambda tx: begin(tx, utc_now()))
    record.close()
    said = run(state, surroundings, "run-sample", "--leave")
    assert said.returncode == 0, said.stderr
    assert "was interrupted" in said.stdout


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 25, hour, minute, tzinfo=UTC) + timedelta(days=days)
        for hour, minute, days in product(range(0, 24, 5), (0, 59), (0, 3))
    ]
    + [datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)],
    ids=str,
)
def test_the_story_is_the_same_at_any_hour(tmp_path, now):
    """Whenever the first start is, the one window is closed then and for hours, the other open; and the file loads."""
    state = tmp_path / "var"
    office.settle_in(state)
    settings = config.load(state)
    file = office.write_restrictions(state, now, LONDON)
    record = open_record(settings.config)
    try:
        terms = Terms(settings.policy, now, frozenset(settings.config.office.domains))
        imported = bring_in(record, file, terms, who="test")
        assert len(imported.parties) >= 12
        assert not imported.untold
    finally:
        record.close()
    windows = dict(_windows(file.read_text()))
    for later in (timedelta(), timedelta(minutes=55)):
        assert not windows["G. Thorne"]._hours.open_at(now + later, LONDON)
        assert windows["L. Brandt"]._hours.open_at(now + later, LONDON)


def _windows(text):
    for party in tomllib.loads(text)["party"]:
        for restriction in party.get("restriction", []):
            for measure in restriction["measures"]:
                if measure["kind"] == "time_window":
                    yield party["name"], measures.parse(measure)


def test_only_invented_people():
    """Every address is of example.org, every number of the ranges that Ofcom keeps for drama."""
    text = office.read("restrictions.toml") + office.read("day.toml") + office.read("settings.toml")
    for address in re.findall(r"[\w.+-]+@([\w.-]+)", text):
        assert address.endswith("example.org"), address
    for number in re.findall(r"\+\d+", text):
        assert re.fullmatch(r"\+441632960\d{3}|\+447700900\d{3}", number), number


def test_a_broken_settings_file_is_kept(tmp_path):
    """The sample never replaces settings that are there."""
    state = tmp_path / "var"
    state.mkdir()
    (state / "parley.toml").write_text("not toml")
    office.settle_in(state)
    with pytest.raises(ConfigError, match="not valid TOML"):
        config.load(state)
