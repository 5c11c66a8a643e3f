"""Notices over the API: the same steps as at the keyboard, and what is answered where one is not done."""

from __future__ import annotations

import pytest

from rules.casework.actor import Actor
from tests.gateway.api.test_acts import INCIDENT, drafted

PDF = b"%PDF-1.7"


def awaiting(desk, **more):
    """Bring a restriction to where its notice is owed; gives the party and the restriction."""
    party, number = drafted(desk, **more)
    desk.act("propose_restriction", party, restriction=number)
    return party, number


def notice(desk, party, about, **more):
    """Draft a notice over the API; gives what is answered."""
    answer = desk.ask("POST", f"/parties/{party}/notices", json={"about": about} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def state(desk, party):
    """Say where the one restriction is."""
    (one,) = desk.ask("GET", f"/parties/{party}").json()["history"]["restrictions"]
    return one["state"]


def test_a_notice_is_drafted_read_and_sent(desk):
    """Not in force while it is leaving; the words and the PDFs are there to be read."""
    party, number = awaiting(desk)
    drafted_notice = notice(desk, party, number, words="We are sorry.")
    place = f"/parties/{party}/notices/{drafted_notice['id']}"
    assert "We are sorry." in drafted_notice["text"]
    assert (drafted_notice["to"], drafted_notice["pdfs"]) == ("r@example.net", 2)
    pdf = desk.ask("GET", f"{place}/pdfs/1")
    assert (pdf.headers["content-type"], pdf.content[: len(PDF)]) == ("application/pdf", PDF)
    assert desk.ask("GET", f"{place}/pdfs/3").status_code == 404
    assert desk.ask("POST", f"{place}/send").status_code == 409
    assert desk.ask("POST", f"{place}/read", "Bea", "manager").json()["read_by"] == "Bea"
    assert desk.ask("POST", f"{place}/send").json()["state"] == "leaving"
    assert desk.ask("POST", f"{place}/send").status_code == 409
    assert state(desk, party) == "awaiting_notice"
    (listed,) = desk.ask("GET", f"/parties/{party}/notices").json()
    assert (listed["state"], listed["text"], listed["pdfs"]) == ("leaving", None, None)


def test_a_notice_is_posted_comes_back_and_is_closed(desk):
    """Told at once, then not told; closed with a reason."""
    party, number = awaiting(desk)
    place = f"/parties/{party}/notices/{notice(desk, party, number)['id']}"
    desk.ask("POST", f"{place}/read")
    assert desk.ask("POST", f"{place}/posted", json={"how": "by hand"}).json()["state"] == "posted"
    assert state(desk, party) == "in_force"
    assert desk.ask("POST", f"{place}/came-back", json={"detail": "Moved"}).json()["state"] == "came_back"
    assert state(desk, party) == "awaiting_notice"
    assert desk.ask("POST", f"{place}/close", json={"reason": ""}).status_code == 422
    assert desk.ask("POST", f"{place}/close", json={"reason": "Told by phone"}).json()["state"] == "closed"


def test_a_stale_notice_is_412(desk):
    """What it tells of has changed since."""
    party, number = awaiting(desk)
    place = f"/parties/{party}/notices/{notice(desk, party, number)['id']}"
    desk.ask("POST", f"{place}/read")
    desk.act("agree_adjustment", party, need="Sight", forms=["large_print"])
    answer = desk.ask("POST", f"{place}/send")
    assert (answer.status_code, "Draft it again" in answer.json()["detail"]) == (412, True)


@pytest.mark.parametrize(
    ("method", "end", "body"),
    [
        ("GET", "", None),
        ("POST", "", {"about": "x"}),
        ("GET", "/{notice}", None),
        ("GET", "/{notice}/pdfs/1", None),
        ("POST", "/{notice}/read", None),
        ("POST", "/{notice}/send", None),
        ("POST", "/{notice}/posted", {}),
        ("POST", "/{notice}/came-back", {}),
        ("POST", "/{notice}/close", {"reason": "x"}),
    ],
)
def test_W4_who_may_not_send_notices_is_403_everywhere(open_desk, method, end, body):
    """Every route asks; whoever may gets past it."""
    desk = open_desk(rights={"send_notice": frozenset({"manager"})})
    party, number = awaiting(desk)
    found = desk.ask("POST", f"/parties/{party}/notices", "Bea", "manager", json={"about": number}).json()
    path = f"/parties/{party}/notices{end}".replace("{notice}", found["id"])
    more = {} if body is None else {"json": body}
    assert desk.ask(method, path, "Ada", "caseworker", **more).status_code == 403
    assert desk.ask(method, path, "Bea", "manager", **more).status_code != 403


def test_a_notice_of_another_party_is_not_there(desk):
    """Under a party's path only its own are found."""
    party, number = awaiting(desk)
    found = notice(desk, party, number)["id"]
    other = desk.party(name="S. Example", emails=["s@example.net"])
    for path in (f"/parties/{other}/notices/{found}", f"/parties/{other}/notices/{found}/pdfs/1"):
        assert desk.ask("GET", path).status_code == 404
    assert desk.ask("POST", f"/parties/{other}/notices/{found}/read").status_code == 404
    assert desk.ask("GET", "/parties/99/notices").status_code == 404
    assert desk.ask("GET", f"/parties/{party}/notices/{found}").json()["state"] == "drafted"


def test_what_cannot_be_written_is_409_with_the_way(desk):
    """An unknown paper, a form that there is not, signs that no font has: never 500."""
    party = desk.party(name="\u0e01\u0e02", emails=["t@example.net"])
    incident = desk.act("note_incident", party, **INCIDENT)["paper"]["id"]
    warning = desk.act("warn", party, incidents=[incident], text="Please stop.")["paper"]["id"]
    for body in ({"about": "none"}, {"about": warning, "forms": ["braille"]}, {"about": warning}):
        answer = desk.ask("POST", f"/parties/{party}/notices", json=body)
        assert (answer.status_code, bool(answer.json()["way"])) == (409, True), body
    assert notice(desk, party, warning, forms=["plain_text"])["pdfs"] == 0


def test_who_reads_a_notice_is_on_record(desk):
    """THREATS W4."""
    party, number = awaiting(desk)
    found = notice(desk, party, number)["id"]
    desk.ask("GET", f"/parties/{party}/notices/{found}", "Bea", "manager")
    links = desk.record.read_now(lambda reader: reader.acts_about(f"notice:{found}"))
    assert (links[-1].act, links[-1].who) == ("notice looked at", Actor("Bea").name)
