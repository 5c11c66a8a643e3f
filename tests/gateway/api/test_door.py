"""The door of the API: who comes in, how much they bring, and what they hear of our faults."""

from __future__ import annotations

import json
import re

import pytest
from starlette.routing import Mount, Route

from gateway.api.door import MOST_BYTES, OPEN
from rules.casework.refused import Refused
from storage.faults import RecordLocked
from tests.gateway.api.conftest import OPERATOR


def paths(desk):
    """Give every path of the app with its methods, made from the routes themselves."""
    (mount,) = desk.app.routes
    assert isinstance(mount, Mount)
    found = [*_routes(mount.app.routes)]
    assert len(found) > 25
    return found


def _routes(routes):
    for route in routes:
        if isinstance(route, Route) or hasattr(route, "methods"):
            yield from ((method, re.sub(r"{[^}]*}", "1", route.path)) for method in route.methods or ())
        elif hasattr(route, "effective_candidates"):
            yield from _routes(route.effective_candidates())
        elif hasattr(route, "routes"):
            yield from _routes(route.routes)


def test_every_route_but_health_and_schema_needs_a_token(desk):
    """Whatever is asked for without a token, the answer is 401, also where there is nothing."""
    for method, path in [*paths(desk), ("GET", "/nothing"), ("DELETE", "/parties/1"), ("GET", "/health/")]:
        answer = desk.client.request(method, f"/api{path}")
        assert (answer.status_code == 401) is (path not in OPEN), (method, path, answer.status_code)


def test_health_and_schema_are_open(desk):
    """Who watches the machine, or writes a program, needs no token."""
    assert desk.client.get("/api/health").json() == {"record": "ok"}
    assert desk.client.get("/api/openapi.json").json()["openapi"].startswith("3.")


def _changed(token: str, at: int) -> str:
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]


WRONG = {
    "nothing at all": lambda token: {},
    "an empty field": lambda token: {"Authorization": ""},
    "no scheme": lambda token: {"Authorization": token},
    "another scheme": lambda token: {"Authorization": f"Basic {token}"},
    "a secret with another last character": lambda token: {"Authorization": f"Bearer {_changed(token, -2)}"},
    "an id that is nobody's": lambda token: {"Authorization": f"Bearer {_changed(token, 20)}"},
    "the digest in place of the secret": lambda token: {"Authorization": f"Bearer {token[:30]}{'0' * 64}"},
    "a token and more": lambda token: {"Authorization": f"Bearer {token} {token}"},
    "letters of another script": lambda token: {"Authorization": f"Bearer {token}".encode() + b"\xc3\xa9"},
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG)
def test_what_is_no_token_opens_nothing(desk, headers):
    """The answer is the same for all of it, and says how a token is sent."""
    answer = desk.client.get("/api/parties", headers=headers(desk.token("Ada")))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Send a token that is valid" in answer.json()["detail"]


def test_two_tokens_at_once_open_nothing(desk):
    """Whose request it would be is not guessed."""
    token = f"Bearer {desk.token('Ada')}"
    answer = desk.client.get("/api/parties", headers=[("Authorization", token), ("Authorization", token)])
    assert answer.status_code == 401


def test_the_scheme_is_read_without_case(desk):
    """RFC 9110 has it so."""
    assert desk.client.get("/api/parties", headers={"Authorization": f"bearer {desk.token('Ada')}"}).is_success


def test_a_token_that_is_revoked_opens_nothing(desk):
    """From the next request on."""
    assert desk.ask("GET", "/parties").is_success
    desk.tokens.revoke(desk.tokens.listed()[0].id, OPERATOR)
    assert desk.ask("GET", "/parties").status_code == 401


def test_a_token_ends_with_its_last_moment(desk):
    """After its days it opens nothing, whether or not any job ran."""
    desk.token("Ada", days=30)
    desk.clock.advance(days=29, hours=23)
    assert desk.ask("GET", "/parties").is_success
    desk.clock.advance(hours=1)
    assert desk.ask("GET", "/parties").status_code == 401


def test_a_request_that_says_it_is_too_large_is_not_read(desk):
    """413, in a sentence."""
    answer = desk.ask("POST", "/parties", content=b"x" * (MOST_BYTES + 1))
    assert (answer.status_code, answer.json()["status"]) == (413, 413)


def test_a_request_that_grows_too_large_is_cut_off(desk):
    """Also where nothing was said of its length."""

    def parts():
        for _ in range(20):
            yield b" " * (MOST_BYTES // 10)

    answer = desk.ask("POST", "/parties", content=parts(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["status"]) == (413, 413)


def test_a_fault_of_ours_is_503_and_tells_nothing(desk, capsys):
    """Its words, which may quote a person, go neither to the caller nor to the log; the incident's number does."""
    desk.party()
    desk.record.write_now(lambda tx: tx.link.plain("UPDATE parties SET kind = 'secret@example.org'", {}))
    answer = desk.ask("GET", "/parties/1")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "secret" not in answer.text
    logged = capsys.readouterr()
    assert "secret" not in logged.out + logged.err
    assert answer.json()["incident"] in logged.out + logged.err


def test_a_record_that_is_locked_is_503(desk, monkeypatch):
    """With the time after which to try again."""
    token = desk.token("Ada")

    def locked(job):
        raise RecordLocked("in use")

    monkeypatch.setattr(desk.record, "read_now", locked)
    answer = desk.client.get("/api/parties", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_only_a_digest_of_the_secret_is_on_record(desk):
    """Who reads the whole record learns no token."""
    secret = desk.token("Ada").rpartition("_")[2][:20]
    dump = desk.record.read_now(lambda reader: json.dumps([*map(str, reader.link.plain("SELECT * FROM tokens", {}))]))
    assert "Ada" in dump
    assert secret not in dump
    assert all(secret not in str(act) for act in desk.record.read_now(lambda reader: reader.acts()))


def test_making_and_revoking_are_acts_on_record(desk):
    """Who made a token for whom, in which roles, stays in the chain."""
    desk.token("Ada", "manager")
    number = desk.tokens.listed()[0].id
    desk.tokens.revoke(number, OPERATOR)
    acts = desk.record.read_now(lambda reader: reader.acts(limit=2))
    assert [(act.act, act.who, act.about) for act in acts] == [
        ("token_revoke", OPERATOR.name, f"token:{number}"),
        ("token_add", OPERATOR.name, f"token:{number}"),
    ]
    assert acts[1].detail["roles"] == ["manager"]


def test_its_last_use_is_noted_once_a_minute(desk):
    """So that a forgotten token is seen, and busy ones do not write all the time."""
    desk.ask("GET", "/acts")
    first = desk.tokens.listed()[0].used
    desk.clock.advance(seconds=30)
    desk.ask("GET", "/acts")
    assert desk.tokens.listed()[0].used == first
    desk.clock.advance(seconds=31)
    desk.ask("GET", "/acts")
    assert desk.tokens.listed()[0].used > first


BAD_TOKENS = {
    "a role that the policy has not": (("Ada", ["king"]), "no role king"),
    "no name": (("  ", []), "needs a name"),
    "a name with a line end": (("A\x1bda", []), "needs a name"),
    "a name that is too long": (("x" * 121, []), "needs a name"),
}


@pytest.mark.parametrize(("given", "why"), BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_a_token_that_makes_no_sense_is_refused(desk, given, why):
    """In a sentence, and none is made."""
    with pytest.raises(Refused, match=why):
        desk.tokens.add(*given, OPERATOR)
    assert not desk.tokens.listed()


@pytest.mark.parametrize("days", [0, -1, 10_000_000])
def test_a_token_of_no_days_is_refused(desk, days):
    """So are more than any calendar has."""
    with pytest.raises(Refused, match="lasts 1 to"):
        desk.tokens.add("Ada", ["caseworker"], OPERATOR, days=days)


def test_a_token_is_revoked_once(desk):
    """The second time, and for an id of nobody, it is refused."""
    desk.token("Ada")
    number = desk.tokens.listed()[0].id
    desk.tokens.revoke(number, OPERATOR)
    for wrong in (number, "nobody", "\0"):
        with pytest.raises(Refused, match="no token of this id"):
            desk.tokens.revoke(wrong, OPERATOR)


@pytest.mark.parametrize(
    "path", ["/api/%0A", "/api/parties/%0A/acts/warn", "/api//parties", "/api/", "/api/../api/acts"]
)
def test_odd_paths_are_the_apis_to_answer(desk, path):
    """A problem in JSON, whatever stands in the path."""
    headers = {"Authorization": f"Bearer {desk.token('Ada')}"}
    answer = desk.client.get(path, headers=headers)
    assert answer.headers["Content-Type"].startswith("application/"), answer.text
    assert answer.status_code in (200, 404, 405, 422)
    assert desk.client.get(path).status_code == 401
