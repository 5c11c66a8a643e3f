"""With the token of those at the phones: the instruction, not the history, by whatever route (SPSO-68, THREATS W2)."""

from __future__ import annotations

from collections import defaultdict

import pytest

from gateway.hand_log import Slip
from rules.casework.actor import Actor
from rules.contact import Channel
from tests.gateway.api.conftest import Desk
from tests.gateway.desk_office import Desk as Office
from tests.gateway.left import leave

MANAGERS = frozenset({"manager"})
CLOSED = ("read_file", "open_evidence", "confidential_record", "export", "retention", "token", "take_back", "alerts")
SECRETS = ("SECRET", "a reason that nobody at the phones needs", "their own affair", "Head of Casework")
BEA = Actor("Bea", MANAGERS)


@pytest.fixture
def met(open_desk):
    """An office in which everything that is written of a party is secret, and only managers read files."""
    desk = open_desk(rights={name: MANAGERS for name in CLOSED})
    office = Office(desk.settings, desk.record, desk.clock)
    party = office.party({"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"})
    office.adjust(party, Channel.CALL)
    entry = office.log.log(Slip(Channel.VISIT, party=party, note="SECRET note"), BEA).entry.id
    incident = by_bea(desk, "note_incident", category="abusive_language", what="SECRET incident")
    by_bea(desk, "warn", incidents=[incident], text="SECRET warning")
    by_bea(desk, "debrief", incident=incident, colleague="SECRET colleague")
    call = leave(office, party=party, sender="phone:+441632960001")
    drafted = desk.ask("POST", "/parties/1/notices", "Bea", "manager", json={"about": "arrangements"})
    assert drafted.status_code == 201, drafted.text
    ids = {"notice": drafted.json()["id"], "entry": entry, "contact": entry, "call": call}
    return desk, defaultdict(lambda: "1", ids)


def by_bea(desk: Desk, act: str, **fields) -> str:
    """Do an act as a manager; gives its number."""
    return desk.act(act, 1, "Bea", "manager", **fields)["paper"]["id"]


def test_SPSO_68_no_route_shows_reception_what_led_to_a_restriction(met):
    """Every route that is read, asked for what there is: no reason, note, need, incident, or who decided."""
    desk, ids = met
    refused = asked = 0
    for path, operations in desk.client.get("/api/openapi.json").json()["paths"].items():
        if "get" not in operations:
            continue
        asked += 1
        answer = desk.ask("GET", path.format_map(ids), "Reception", params=MEANT if path.endswith("/sheet") else {})
        refused += answer.status_code in (403, 409)
        assert answer.status_code in (200, 403, 404, 409, 422), (path, answer.text)
        for secret in SECRETS:
            assert secret not in answer.text, (path, secret)
    assert asked > refused > 10


MEANT = {"measures": '[{"kind": "block"}]'}


def test_SPSO_68_nor_does_a_notice_that_reception_drafts(met):
    """Whoever reads no files is refused the words of a notice, whatever else they may do."""
    desk, _ = met
    for method, path in (("POST", ""), ("GET", "")):
        answer = desk.ask(method, f"/parties/1/notices{path}", "Reception", json={"about": "arrangements"})
        assert answer.status_code == 403, path


def test_how_an_identifier_was_established_is_history(met):
    """Those at the phones see by what a party is known, and managers see how, and by whom it was put on record."""
    desk, _ = met
    for path in ("/parties/1", "/parties"):
        shown = desk.ask("GET", path, "Reception").json()
        one = shown if path.endswith("1") else shown["parties"][0]
        assert {(mark["how"], mark["by"]) for mark in one["identifiers"]} == {("", "")}
        assert len(one["identifiers"]) == 2
    shown = desk.ask("GET", "/parties/1", "Bea", "manager").json()
    assert {mark["how"] for mark in shown["identifiers"]} == {"x"}


def test_W2_what_there_is_cannot_be_told_from_what_there_is_not(met):
    """An entry that a colleague logged, and one that nobody did, are refused in the same words."""
    desk, ids = met
    nobody = f"{ids['entry'][:-1]}{'0' if ids['entry'][-1] != '0' else '1'}"
    for ask in (
        lambda entry: desk.ask("GET", f"/log/{entry}", "Reception"),
        lambda entry: desk.ask("POST", f"/log/{entry}/take-back", "Reception", json={"why": "x"}),
        lambda entry: desk.ask("GET", f"/voicemail/{entry}", "Reception"),
    ):
        there, nowhere = ask(ids["entry"]), ask(nobody)
        assert (there.status_code, there.json()) == (nowhere.status_code, nowhere.json())
