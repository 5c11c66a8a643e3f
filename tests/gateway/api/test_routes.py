"""Every route, from the list of them: who may ask for it (THREATS W2), and that reading a file is on record (W4)."""

from __future__ import annotations

import json
import re

import pytest
from starlette.testclient import TestClient

from gateway.api.door import OPEN
from rules.policies.acts import ACTS as RIGHTS
from tests.gateway.api.messages import two_versions
from tests.gateway.api.test_door import paths
from tests.gateway.api.test_evidence import sealed

EVERYBODY = {
    **dict.fromkeys([("GET", path) for path in OPEN], "no token is needed"),
    ("GET", "/parties"): "whoever meets a party has to know what to do now (SPSO-70)",
    ("GET", "/parties/1"): "the same; the history is not in it for those who may not (SPSO-68)",
    ("GET", "/acts"): "it says who may, and nothing of anybody",
    ("GET", "/policy"): "it says nothing of anybody",
    ("GET", "/audit/verify"): "anybody may find out that the record was changed",
}
"""What a colleague without any right may ask for, and why."""
NOT_A_FILE = {
    ("GET", "/export"): "that somebody took all files out is an act of its own",
    ("GET", "/brief"): "that somebody read the brief of a day is an act of its own",
    ("GET", "/reports/restrictions"): "it counts, and names nobody",
    ("GET", "/reports/thresholds"): "it counts, and names nobody",
    ("GET", "/reports/week"): "that somebody read the levels of the office is an act of its own",
    ("GET", "/clocks"): "it lists what all asked for by law, and nobody can be looked up by it",
    ("GET", "/alerts"): "it lists what staff were told of, and nobody can be looked up by it",
    ("GET", "/levels"): "that somebody read the levels of the office is an act of its own",
    ("GET", "/flags"): "it lists the levels that wait for a person, and nobody can be looked up by it",
    ("GET", "/waiting"): "it lists what is to do for all parties, and nobody can be looked up by it",
}
"""What shows something of parties and is no reading of a file, and why."""
ASKED = {"measures": '[{"kind": "block"}]'}
BODIES = {"/notices": {"about": "arrangements"}, "/close": {"reason": "x"}, "/log": {"channel": "visit"}}
BODIES |= {"/take-back": {"why": "x"}, "/clocks": {"kind": "own_data"}, "/extend": {"why": "x"}}
BODIES |= {"/pause": {"asked_for": "meaning", "words": "x"}, "/resume": {"answer": "x"}}
BODIES |= {"/minutes": {"minutes": 1}}
BODIES |= {"/stop": {"stopped": "answered", "how": "x"}}


def body(path):
    """Give what a route that judges its body first has to be given."""
    return next((given for end, given in BODIES.items() if path.endswith(end)), {})


def test_W2_whoever_has_no_right_is_refused_at_every_route(open_desk):
    """Where the policy leaves everything to a manager, all else is 403 for a caseworker; what is not stands above."""
    desk = open_desk(rights={name: frozenset({"manager"}) for name in RIGHTS})
    party = desk.record.write_now(lambda tx: tx.add_party("R. Example"))
    assert party == 1
    acts = len(desk.record.read_now(lambda reader: reader.acts(limit=1000)))
    open_to_all = set()
    for method, path in paths(desk):
        if method == "HEAD":
            continue
        answer = desk.ask(method, path, "Ada", "caseworker", json=body(path) if method == "POST" else None)
        if answer.status_code != 403:
            open_to_all.add((method, path))
        else:
            assert answer.json()["way"] == "It is for the Manager; ask one of them.", path
    assert open_to_all == set(EVERYBODY)
    # The token, and the two lists and files that were given.
    done = desk.record.read_now(lambda reader: reader.acts(limit=1000))[: -acts or None]
    assert {act.act for act in done} == {"token_add", "list_files", "read_file"}


def lived(desk):
    """Give an office in which every route finds something: a party, a letter with a PDF, a sealed piece, messages."""
    desk.party()
    number = sealed(desk)
    drafted = desk.ask("POST", "/parties/1/notices", json={"about": "arrangements", "forms": ["large_print"]})
    assert drafted.status_code == 201, drafted.text
    return number, drafted.json()["id"], two_versions(desk)[1]


def test_W4_every_route_that_reads_a_file_puts_that_on_record(desk):
    """Who asked is in the chain before they are given anything, for each route with a party in it, and for lists."""
    piece, notice, contact = lived(desk)
    asked = 0
    for path, operations in desk.client.get("/api/openapi.json").json()["paths"].items():
        if "get" not in operations or ("{party}" not in path and path != "/parties"):
            continue
        there = path.format(party=1, notice=notice, number=1, piece=piece, contact=contact)
        before = desk.record.read_now(lambda reader: reader.acts(limit=1))[0].seq
        answer = desk.ask("GET", there, "Eve", "manager", params=ASKED if path.endswith("/sheet") else {})
        assert answer.status_code == 200, (path, answer.text)
        new = [act for act in desk.record.read_now(lambda reader: reader.acts(limit=9)) if act.seq > before]
        assert [act for act in new if act.who == "Eve" and act.act != "token_add"], path
        asked += 1
    assert asked >= 7


def test_W4_no_other_route_shows_a_name(desk):
    """Whoever asks for everything without a party in its path meets no name but where it is listed, with a reason."""
    lived(desk)
    desk.party(name="Zebedee Example", emails=["zebedee@example.net"])
    incident = desk.act("note_incident", 2, category="abusive_language", what="Shouted")["paper"]["id"]
    desk.act("warn", 2, incidents=[incident], text="Please do not shout.")
    for path, operations in desk.client.get("/api/openapi.json").json()["paths"].items():
        if "get" in operations and "{" not in path and path != "/parties":
            shows = "Zebedee" in desk.ask("GET", path).text
            assert not shows or ("GET", path) in NOT_A_FILE, path


def test_W4_who_looked_for_whom_is_told_from_who_turned_the_pages(desk):
    """A search is on record with those whom it gave; what was typed is not."""
    desk.party()
    desk.party(name="S. Sample", emails=[])
    desk.ask("GET", "/parties", "Eve", params={"name": "Sample"})
    desk.ask("GET", "/parties", "Eve", params={"identifier": "r@example.net"})
    desk.ask("GET", "/parties", "Eve")
    acts = [act for act in desk.record.read_now(lambda reader: reader.acts(limit=9)) if act.act == "list_files"]
    assert [(act.who, act.about, act.detail) for act in reversed(acts)] == [
        ("Eve", "by name", {"parties": [2]}),
        ("Eve", "by identifier", {"parties": [1]}),
        ("Eve", "by number", {"from": [1], "to": [2]}),
    ]
    assert "r@example.net" not in json.dumps([dict(act.detail) for act in acts])


def test_W1_no_answer_is_kept_or_shown_as_a_page(desk):
    """Whatever the answer, also a refusal: no cache, no guessing of its type, nothing run."""
    page = "/reports/restrictions?format=html"
    for path, token in [("/parties", True), ("/nothing", True), (page, True), ("/parties", False), ("/health", False)]:
        answer = desk.ask("GET", path) if token else desk.client.get(f"/api{path}")
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'"), path


def test_a_question_that_a_route_does_not_know_is_refused(desk):
    """A filter that is spelt wrong would find everybody."""
    desk.party()
    answer = desk.ask("GET", "/parties", params={"nmae": "Sample"})
    assert (answer.status_code, answer.json()["faults"]) == (422, ["there is no parameter nmae."])


# A file that cannot be read


def spoil(desk, statement):
    """Change the record past the product."""
    desk.record.write_now(lambda tx: tx.link.plain(statement, {}))


SPOILED = {
    "a paper that is no JSON": "UPDATE papers SET data = '{' WHERE party_id = 1",
    "an act that there is not": "UPDATE papers SET act = 'exile' WHERE party_id = 1",
    "fields that no act has": "UPDATE papers SET data = '{\"x\": 1}' WHERE party_id = 1",
}


@pytest.fixture
def spoiled(desk, request):
    """An office in which the first of two files cannot be read; gives the paper that is the reason."""
    desk.party()
    number = desk.act("note_incident", 1, category="abusive_language", what="Shouted")["paper"]["id"]
    desk.party(name="S. Sample", emails=[])
    desk.act("note_incident", 2, category="abusive_language", what="Shouted")
    spoil(desk, request.param)
    return number


@pytest.mark.parametrize("spoiled", SPOILED.values(), ids=SPOILED, indirect=True)
def test_one_file_that_cannot_be_read_hides_no_other(desk, spoiled):
    """The list goes on and names it; its own page says which paper, with an incident; nobody acts on it."""
    page = desk.ask("GET", "/parties").json()
    assert [one["name"] for one in page["parties"]] == ["S. Sample"]
    assert [(one["id"], one["paper"]) for one in page["unreadable"]] == [(1, spoiled)]
    own = desk.ask("GET", "/parties/1")
    assert (own.status_code, spoiled in own.json()["detail"], bool(own.json()["incident"])) == (503, True, True)
    note = {"category": "abusive_language", "what": "Again"}
    assert desk.ask("POST", "/parties/1/acts/note_incident", json=note).status_code == 503
    assert desk.ask("GET", "/parties/2").status_code == 200
    waits = desk.ask("GET", "/waiting").json()
    assert [(one["party"], one["about"]) for one in waits if one["what"] == "unreadable"] == [(1, spoiled)]


def test_papers_that_do_not_fit_together_hide_no_other(desk):
    """A paper that somebody pointed at nothing: each can be read, and they make no file."""
    desk.party()
    number = desk.act("agree_adjustment", 1, need="x", open=["call"])["paper"]["id"]
    fields = {"adjustment": number, "advice": "x", "instead": "x", "asked_by": "Somebody"}
    ended = desk.ask("POST", "/parties/1/acts/end_adjustment", "Bea", "manager", json=fields)
    assert ended.status_code in (201, 422), ended.text
    spoil(desk, "DELETE FROM papers WHERE act = 'agree_adjustment'")
    desk.party(name="S. Sample", emails=[])
    page = desk.ask("GET", "/parties").json()
    assert "S. Sample" in [one["name"] for one in page["parties"]]
    assert len(page["parties"]) + len(page["unreadable"]) == 2


def test_pages_go_on_behind_a_file_that_cannot_be_read(desk):
    """It counts as one of the page, so that no party is shown twice or never."""
    for number in range(3):
        desk.party(name=f"Party {number}", emails=[])
    desk.act("note_incident", 1, category="abusive_language", what="Shouted")
    spoil(desk, "UPDATE papers SET data = '{'")
    first = desk.ask("GET", "/parties", params={"limit": 1}).json()
    assert (first["parties"], [one["id"] for one in first["unreadable"]], first["more_after"]) == ([], [1], 1)


# What an attacker tries


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(b"[" * 100_000, 400, id="deep JSON"),
        pytest.param(b'{"a":' * 50_000, 400, id="deep objects"),
        pytest.param(b'{"what": "\xff\xfe"}', 400, id="bytes that are no UTF-8"),
        pytest.param(b'{"what": NaN, "category": Infinity}', 422, id="numbers that JSON has not"),
        pytest.param(b'{"what": ' + b"9" * 5000 + b"}", 400, id="a number of 5,000 digits"),
        pytest.param(b'{"what": "x", "what": "y", "category": "abusive_language"}', 201, id="a key twice"),
        pytest.param(b'{"__proto__": {}, "category": "abusive_language", "what": "x"}', 422, id="a key for JavaScript"),
        pytest.param(b'{"category": "abusive_language", "what": "\\ud800"}', 422, id="half a character"),
        pytest.param(b"", 422, id="nothing"),
        pytest.param(b"null", 422, id="null"),
        pytest.param(b"category=abusive_language&what=x", 422, id="a form"),
        pytest.param(bytes(10 * 1024 * 1024), 413, id="ten megabytes"),
    ],
)
def test_a_hostile_body_is_a_problem_in_a_sentence(desk, content, status):
    """Never 500, and nothing of the text that was sent comes back as it was."""
    desk.party()
    client = TestClient(desk.app, raise_server_exceptions=False)
    headers = {"Authorization": f"Bearer {desk.token('Ada', 'caseworker')}", "Content-Type": "application/json"}
    answer = client.post("/api/parties/1/acts/note_incident", content=content, headers=headers)
    assert answer.status_code == status, answer.text
    if status != 201:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert re.search(r"[.]$|\)$", answer.json()["detail"]), answer.text
        assert len(answer.text) < 2000


@pytest.mark.parametrize(
    "path",
    [
        *("/parties/..%2f..%2fetc%2fpasswd", "/parties/1%00", "/parties/1;x=1", "/parties/%e2%80%ae1", "/parties/-1"),
        *("/parties/1e3", "/parties/9223372036854775808", "/parties/1/evidence/..%2f..%2fx/open"),
        "/parties/1/notices/%0d%0aX:y",
    ],
)
def test_path_tricks_find_nothing(desk, path):
    """404, 405 or 422, never a file of anybody."""
    desk.party()
    answer = desk.ask("GET", path)
    assert answer.status_code in (404, 405, 422), answer.text
    assert "R. Example" not in answer.text
