"""Evidence over the API: brought in whole or not at all, opened after a warning, and given as a download only."""

from __future__ import annotations

import asyncio
import http.client
import re
import select
import socket
import threading
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from urllib.parse import urlencode

import pytest

from gateway.api import evidence as routes
from gateway.web_door import WebDoor
from rules.policies.parts import Evidence
from tests.gateway import office as offices

CONTENT = b"ID3\x04 <script>alert(1)</script> a voicemail\r\n" * 50
NAMED = {"mark": "DISTRESSING - voicemail 1", "description": "A voicemail of two minutes"}
MB = 1_000_000


def add(desk, party=1, content=CONTENT, who="Ada", *roles, kind="audio/mpeg", **more):
    """Bring a file in."""
    headers = {"Content-Type": kind} if kind else {}
    return desk.ask(
        "POST", f"/parties/{party}/evidence", who, *roles, content=content, headers=headers, params=NAMED | more
    )


def sealed(desk, party=1, **more):
    """Bring a file in; insists that it is taken, and gives its id."""
    answer = add(desk, party, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()["paper"]["id"]


def take(desk, number, party=1, who="Bea", *roles, **body):
    """Open a piece, as a manager unless said."""
    body = {"reason": "For the appeal.", "warned": True} | body
    return desk.ask("POST", f"/parties/{party}/evidence/{number}/open", who, *(roles or ("manager",)), json=body)


def contents(desk):
    """Count what is kept."""
    (row,) = desk.record.read_now(lambda reader: reader.link.plain("SELECT count(*) FROM evidence_contents", {}))
    return row[0]


def papers(desk, party=1):
    """Name the acts on a party's file."""
    return [paper.act.name for paper in desk.record.read_now(lambda reader: reader.case_file(party)).papers]


def test_SPSO_66_a_file_is_sealed_as_it_is(desk):
    """Digest and size are ours; what is in it stands nowhere in the answers, and the same twice is kept once."""
    desk.party()
    number = sealed(desk)
    assert sealed(desk, mark="COPY") != number
    assert contents(desk) == 1
    listed = desk.ask("GET", "/parties/1/evidence")
    one = listed.json()[0]
    assert (one["digest"], one["size"], one["media_type"]) == (sha256(CONTENT).hexdigest(), len(CONTENT), "audio/mpeg")
    assert "put on record" in one["warning"] and one["opened"] == []
    assert "alert" not in listed.text + desk.ask("GET", "/parties/1").text


def test_SPSO_67_it_is_opened_after_the_warning_and_is_a_download(desk):
    """First the warning; then the bytes, under a safe name, as no type that a browser shows; an opening is a paper."""
    desk.party()
    number = sealed(desk, kind="text/html; charset=utf-8", mark='x"\r\nSet-Cookie: a=1/../\u202efdp.exe')
    first = take(desk, number, warned=False)
    assert (first.status_code, "put on record" in first.json()["why"]) == (409, True)
    answer = take(desk, number)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert re.fullmatch(r'attachment; filename="[A-Za-z0-9-]+\.bin"', answer.headers["Content-Disposition"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Repr-Digest"] == f"sha-256=:{b64encode(sha256(CONTENT).digest()).decode()}:"
    assert "Set-Cookie" not in answer.headers
    assert papers(desk) == ["seal_evidence", "open_evidence"]
    assert [one["by"] for one in desk.ask("GET", "/parties/1/evidence").json()[0]["opened"]] == ["Bea"]


def test_SPSO_68_who_may_not_open_it_is_told_whom_to_ask(desk):
    """403 with the clause; no paper says that it was opened."""
    desk.party()
    answer = take(desk, sealed(desk), 1, "Ada", "caseworker")
    assert (answer.status_code, answer.json()["clause"], "Manager" in answer.json()["way"]) == (403, "SPSO-66", True)
    assert papers(desk) == ["seal_evidence"]


def test_a_piece_of_another_party_is_not_opened(desk):
    """The id is right, the file is not: nothing is given."""
    desk.party()
    other = desk.party(name="S. Example", emails=[])
    number = sealed(desk)
    answer = take(desk, number, other)
    assert (answer.status_code, "no sealed evidence" in answer.json()["why"]) == (409, True)
    assert take(desk, number, 99).status_code == 404


WRONG = {
    "no mark": ({"mark": ""}, 422, "mark"),
    "a mark that is a story": ({"mark": "x" * 81}, 422, "mark"),
    "no description": ({"description": " "}, 422, "write something"),
    "an incident that is not on this file": ({"incident": "none"}, 409, "incident"),
}


@pytest.mark.parametrize(("more", "status", "words"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_refused_and_not_kept(desk, more, status, words):
    """In a sentence; neither paper nor bytes."""
    desk.party()
    answer = add(desk, **more)
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
    assert (contents(desk), papers(desk)) == (0, [])


def test_an_empty_file_and_a_stale_version_are_refused(desk):
    """There is nothing to seal; and somebody else has changed the file since."""
    desk.party()
    assert add(desk, content=b"").status_code == 409
    assert add(desk, version=1).status_code == 412
    assert (contents(desk), papers(desk)) == (0, [])


def test_the_same_mark_twice_is_refused(desk):
    """Two pieces of one name would be taken for each other."""
    desk.party()
    sealed(desk)
    assert add(desk, content=b"other").status_code == 409
    assert contents(desk) == 1


@pytest.mark.parametrize("kind", ["", "nonsense", "a/b/c", "x" * 200, "text/html\u00e9".encode()])
def test_a_type_that_is_none_is_not_kept(desk, kind):
    """It is what somebody said, and may be nothing."""
    desk.party()
    sealed(desk, kind=kind)
    assert desk.ask("GET", "/parties/1/evidence").json()[0]["media_type"] == ""


@pytest.fixture
def small(open_desk):
    """An office whose policy takes pieces of 1 MB."""
    desk = open_desk(evidence=Evidence(required=True, most_mb=1))
    desk.party()
    return desk


def test_a_piece_of_just_the_policys_size_is_taken(small):
    """One byte more is 413, in a sentence with its clause, whether it says so beforehand or not."""
    assert add(small, content=bytes(MB)).status_code == 201
    for content in (bytes(MB + 1), iter([bytes(600_000), bytes(600_000)])):
        answer = add(small, content=content, mark="LARGER")
        assert (answer.status_code, "1 MB at most" in answer.json()["detail"]) == (413, True)
        assert "SPSO-22" in answer.json()["detail"]
    assert contents(small) == 1


def test_who_may_not_seal_is_not_read(open_desk):
    """403 before a byte of the body is asked for."""
    desk = open_desk(rights={"seal_evidence": frozenset({"manager"})})
    desk.party()

    def never():
        yield b"begun"
        raise AssertionError("the body was read")

    assert add(desk, content=never()).status_code == 403
    assert contents(desk) == 0


def test_damaged_evidence_is_our_fault(desk):
    """503 with an incident; nobody is given what was not sealed, and no opening is on record."""
    desk.party()
    number = sealed(desk)
    desk.record.write_now(lambda tx: tx.link.plain("UPDATE evidence_contents SET content = x'00'", {}))
    answer = take(desk, number)
    assert (answer.status_code, bool(answer.json()["incident"])) == (503, True)
    assert papers(desk) == ["seal_evidence"]


# Over a real connection: what a test client does not do.


@pytest.fixture
def served(small):
    """Give what serves an office with one party while a job asks it with a token; tells what is left then."""

    def run(ask):
        async def whole():
            door = WebDoor(small.app, "127.0.0.1:0", shared=False)
            await door.start()
            try:
                await asyncio.to_thread(ask, door.port, small.token("Ada", "caseworker"))
            finally:
                await door.stop()

        asyncio.run(whole())
        state = small.settings.config.state
        return contents(small), [one.name for one in state.iterdir() if not one.name.startswith("parley.db")]

    return run


def head(token, length, path="/api/parties/1/evidence", **named):
    """Write the head of an upload."""
    query = urlencode(NAMED | named)
    return (
        f"POST {path}?{query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: audio/mpeg\r\n{length}\r\n\r\n"
    ).encode()


def test_half_an_upload_leaves_nothing(served):
    """The caller hangs up in the middle: no paper, no bytes, no file."""

    def ask(port, token):
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", port), 10) as client:
                client.sendall(head(token, "Content-Length: 900000") + bytes(400_000))
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.sendall(b"GET /api/health HTTP/1.0\r\n\r\n")
            assert b" 200 " in client.recv(100)

    assert served(ask) == (0, [])


def test_more_than_the_policy_takes_is_refused_while_it_comes(served):
    """A body of no stated length ends with 413 long before its end, and the connection is closed."""

    def ask(port, token):
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.sendall(head(token, "Transfer-Encoding: chunked"))
            sent = 0
            try:
                while sent < 60 * MB:
                    client.sendall(b"40000\r\n" + bytes(0x40000) + b"\r\n")
                    sent += 0x40000
            except OSError:
                pass
            assert sent < 50 * MB

        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(
            "POST",
            "/api/parties/1/evidence?" + urlencode(NAMED),
            headers={"Authorization": f"Bearer {token}", "Content-Length": "2000000"},
        )
        answer = connection.getresponse()
        assert (answer.status, b"1 MB at most" in answer.read()) == (413, True)
        connection.close()

    assert served(ask)[0] == 0


def test_no_more_uploads_at_once_than_there_is_room_for(served, monkeypatch):
    """One more is told to try later; those that wait for their last byte are finished."""
    monkeypatch.setattr(routes, "MOST_UPLOADS", 1)

    def ask(port, token):
        while True:  # whichever of two comes first has the room: until that is the slow one
            with socket.create_connection(("127.0.0.1", port), 10) as slow:
                slow.sendall(head(token, "Content-Length: 1000") + bytes(999))
                while not select.select([slow], [], [], 0)[0]:
                    with socket.create_connection(("127.0.0.1", port), 10) as second:
                        second.sendall(head(token, "Content-Length: 1", mark="another") + b"x")
                        if b" 503 " not in second.recv(20):
                            continue
                    slow.sendall(b"\0")
                    assert b" 201 " in slow.recv(20)
                    return

    assert served(ask)[0] >= 1


def test_a_file_that_never_ends_is_not_waited_for(served, monkeypatch):
    """After its time it is 408."""
    monkeypatch.setattr(routes, "UPLOAD_S", 0.2)

    def ask(port, token):
        with socket.create_connection(("127.0.0.1", port), 10) as slow:
            slow.sendall(head(token, "Content-Length: 1000") + bytes(10))
            assert b" 408 " in slow.recv(20)

    assert served(ask)[0] == 0


def test_two_at_once_bring_the_same_bytes(served):
    """Both are sealed or one is told that it was slower; the bytes are kept once."""

    def ask(port, token):
        answers = []

        def bring(number):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            query = urlencode(NAMED | {"mark": f"PIECE {number}"})
            headers = {"Authorization": f"Bearer {token}"}
            connection.request("POST", f"/api/parties/1/evidence?{query}", bytes(500_000), headers)
            answers.append(connection.getresponse().status)
            connection.close()

        threads = [threading.Thread(target=bring, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(answers) <= {201, 412} and 201 in answers

    assert served(ask)[0] == 1


def test_the_same_on_postgresql(folder, postgres_url):
    """Bytes of every value go in and come out."""
    from storage.record import Record
    from tests.gateway.api.conftest import Desk

    chosen, clock = offices.settings(folder / "state"), offices.Clock()
    chosen = replace(chosen, config=chosen.config.model_copy(update={"record": {"url": postgres_url}}))
    with Record.open(postgres_url, now=clock) as record:
        desk = Desk(chosen, record, clock)
        desk.party()
        content = bytes(range(256)) * 10_000
        assert take(desk, sealed(desk, content=content)).content == content
