"""Where the pages are served: beside the API, only where the office chose them."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gateway.build_web import rooms_of
from storage.record import Record
from tests.gateway.office import Clock, settings


@pytest.mark.parametrize(
    ("served", "paths"),
    [
        pytest.param({}, ["/api"], id="not unless it is chosen"),
        pytest.param({"desk": {"enabled": True}}, ["/api", "/desk", "/desk"], id="beside the API"),
        pytest.param({"desk": {"enabled": True}, "api": {"enabled": False}}, ["/desk", "/desk"], id="without the API"),
        pytest.param({"api": {"enabled": False}}, [], id="neither"),
    ],
)
def test_what_is_served_is_what_was_chosen(folder, served, paths):
    """And /desk leads to the pages, by no host that the browser named."""
    chosen, clock = settings(folder / "state", **served), Clock()
    with Record.open(chosen.config.record_url, now=clock) as record:
        rooms = rooms_of(chosen, record, clock)
        assert [one.path for one in rooms] == paths
        client = TestClient(Starlette(routes=rooms), follow_redirects=False)
        answer = client.get("/desk", headers={"Host": "evil.example.org"})
        assert answer.headers.get("Location") == ("/desk/" if "/desk" in paths else None)


def test_the_api_and_the_pages_count_wrong_tokens_together(folder):
    """Whoever guessed at the one has used up their tries at the other."""
    chosen, clock = settings(folder / "state", desk={"enabled": True}), Clock()
    with Record.open(chosen.config.record_url, now=clock) as record:
        client = TestClient(Starlette(routes=rooms_of(chosen, record, clock)), base_url="https://desk.example.org")
        for _ in range(10):
            client.get("/api/parties", headers={"Authorization": "Bearer parley_nobody"})
        form = client.get("/desk/sign-in").text.partition('name="form" value="')[2][:64]
        assert client.post("/desk/sign-in", data={"form": form, "token": "parley_nobody"}).status_code == 429
