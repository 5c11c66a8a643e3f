"""The door of the desk: sessions, forms, headers, rights and faults, for every page (THREATS W1, W2)."""

from __future__ import annotations

import re

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from gateway.desk.door import MOST_BYTES, OPEN
from gateway.desk.sessions import IDLE, LONGEST, form_token
from gateway.wrong_tokens import MOST_WRONG
from rules.policies.acts import ACTS as RIGHTS
from storage.faults import RecordLocked
from tests.gateway.desk.conftest import OPERATOR

COOKIE = "__Secure-parley_desk"


def routes(browser):
    """Give every page with its methods, from the routes themselves."""
    found = [
        (method, re.sub(r"{\w+:str}", "x", route.path))
        for route in browser.app.routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    ]
    assert len(found) >= 10
    return found


def test_W2_every_page_but_the_first_needs_a_session(browser):
    """Also where there is nothing: whoever has none is sent to sign in, and hears nothing else."""
    for method, path in [*routes(browser), ("GET", "/nothing"), ("DELETE", "/log"), ("GET", "/sign-in/")]:
        answer = browser.client.request(method, f"/desk{path}")
        led = answer.headers.get("Location", "").partition("?to=")
        sent_away = answer.status_code == 303 and led[0] == "/desk/sign-in" and led[2] in ("", path)
        assert sent_away is (path not in OPEN), (method, path, answer.status_code)


def test_W2_whoever_has_no_right_is_refused_at_every_page(open_browser):
    """What [may] of the policy leaves to a manager is 403 for a caseworker, as over the API."""
    browser = open_browser(rights={name: frozenset({"manager"}) for name in RIGHTS})
    browser.sign_in("Ada", "caseworker")
    for method, path in routes(browser):
        if path in OPEN or path == "/sign-out":
            continue
        secret = browser.client.cookies[COOKIE]
        answer = browser.client.request(method, f"/desk{path}", data={"form": form_token(secret)})
        assert answer.status_code == 403, (method, path)
        assert "It is for the Manager; ask one of them." in answer.text


def test_a_session_shows_no_token_and_no_script_reads_it(browser):
    """The cookie is the browser's own secret, for these pages alone, over https, never sent by another site."""
    token = browser.token()
    cookie = next(
        one for one in browser.sign_in(token=token).headers.get_list("set-cookie") if one.startswith(f"{COOKIE}=")
    )
    for part in ("HttpOnly", "Path=/desk", "SameSite=strict", "Secure"):
        assert part in cookie
    assert token not in cookie
    assert "Expires" not in cookie
    secret = browser.client.cookies[COOKIE]
    kept = browser.record.read_now(lambda reader: reader.link.plain("SELECT * FROM desk_sessions", {}))
    assert secret not in str(kept)
    assert browser.get().status_code == 200


def test_without_https_on_this_machine_alone_the_cookie_says_so(open_browser):
    """The office chose it: a browser would not send the other back."""
    browser = open_browser(plain_http=True)
    browser.client.base_url = "http://127.0.0.1:8080"
    browser.sign_in()
    assert "parley_desk" in browser.client.cookies
    assert browser.get().status_code == 200


def test_W2_to_sign_in_gives_a_new_secret(browser):
    """What the browser showed before is nobody's session (fixation)."""
    browser.client.cookies.set(COOKIE, "chosen-by-somebody", domain="desk.example.org", path="/desk")
    browser.client.cookies.clear()
    browser.sign_in()
    first = browser.client.cookies[COOKIE]
    browser.sign_in("Bea", "manager")
    assert browser.client.cookies[COOKIE] != first


def test_a_wrong_token_opens_nothing_and_past_a_few_none_is_tried(browser):
    """In a sentence, with the label of the field; then 429 for a minute."""
    for _ in range(MOST_WRONG):
        answer = browser.post("/sign-in", token="parley_nobody")
        assert (answer.status_code, "This token opens nothing" in answer.text) == (401, True)
        assert "parley_nobody" not in answer.text
    good = browser.token()
    assert browser.post("/sign-in", token=good).status_code == 429
    browser.clock.advance(minutes=1)
    assert browser.post("/sign-in", token=good).status_code == 303


def test_a_session_ends_after_an_hour_of_nothing(browser):
    """Each page that is asked for makes it last."""
    browser.sign_in()
    for _ in range(3):
        browser.clock.advance(seconds=IDLE.total_seconds() - 1)
        assert browser.get().status_code == 200
    browser.clock.advance(seconds=IDLE.total_seconds())
    assert browser.get().status_code == 303


def test_a_session_ends_after_a_day_of_work_whatever_is_asked(browser):
    """Then the token is shown again."""
    browser.sign_in()
    for _ in range(int(LONGEST / IDLE * 2) - 1):
        browser.clock.advance(seconds=IDLE.total_seconds() / 2)
        assert browser.get().status_code == 200
    browser.clock.advance(seconds=IDLE.total_seconds() / 2)
    assert browser.get().status_code == 303


def test_a_token_that_is_revoked_or_over_ends_its_sessions(browser):
    """From the next request on."""
    browser.sign_in()
    browser.tokens.revoke(browser.tokens.listed()[0].id, OPERATOR)
    assert browser.get().status_code == 303
    browser.sign_in(token=browser.token("Bea", "manager", days=1))
    for _ in range(23):
        browser.clock.advance(minutes=30)
    assert browser.get().status_code == 303


def test_who_signs_out_is_out_also_with_the_old_cookie(browser):
    """The session is over on record, and not only in the browser."""
    browser.sign_in()
    secret = browser.client.cookies[COOKIE]
    assert browser.post("/sign-out", on="/").status_code == 303
    assert COOKIE not in browser.client.cookies
    browser.client.cookies.set(COOKIE, secret, domain="desk.example.org", path="/desk")
    assert browser.get().status_code == 303


# Forms


def test_W2_a_form_that_another_site_sent_does_nothing(browser):
    """Without its token, with another session's, or from elsewhere by the browser's own word: 403, nothing done."""
    browser.sign_in()
    own = browser.form("/log")
    fields = {"channel": "visit", "day": "2026-03-09", "time": "09:00", "key": "k"}
    for form, headers in (
        ("", {}),
        (form_token("another"), {}),
        ("é", {}),
        (own, {"Sec-Fetch-Site": "cross-site"}),
        (own, {"Sec-Fetch-Site": "same-site"}),
    ):
        assert browser.post("/log", form=form, headers=headers, **fields).status_code == 403
    assert browser.record.read_now(lambda reader: reader.contacts(limit=9)) == ()
    assert browser.post("/log", form=own, headers={"Sec-Fetch-Site": "same-origin"}, **fields).status_code == 303


def test_W2_nobody_is_signed_in_by_another_site(browser):
    """The form that opens a session carries what fits the browser it was shown to."""
    token = browser.token()
    foreign = browser.form("/sign-in")
    browser.client.cookies.clear()
    assert browser.post("/sign-in", form=foreign, token=token).status_code == 403
    assert browser.post("/sign-in", form=form_token(""), token=token).status_code == 403


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        pytest.param(b"form=" + b"x" * MOST_BYTES, "application/x-www-form-urlencoded", 413, id="too long"),
        pytest.param(b"&".join([b"a=b"] * 41), "application/x-www-form-urlencoded", 400, id="too many fields"),
        pytest.param(b"form=%ff%fe", "application/x-www-form-urlencoded", 400, id="bytes that are no UTF-8"),
        pytest.param(b"form=\xff", "application/x-www-form-urlencoded", 400, id="bytes that are no form"),
        pytest.param(b"{}", "application/json", 415, id="JSON"),
        pytest.param(b"", "multipart/form-data; boundary=x", 415, id="a form with files"),
    ],
)
def test_a_hostile_form_is_a_page_in_a_sentence(browser, content, kind, status):
    """Never 500, and nothing is done."""
    browser.sign_in()
    answer = browser.client.post("/desk/log", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, "<h1>This was not done</h1>" in answer.text) == (status, True)


# Headers and faults


def test_W1_no_page_may_run_anything_or_be_kept(browser):
    """Whatever the answer: no script at all, only our own style, in no frame, in no cache, and no address leaves."""
    inside = ("/", "/log", "/waiting", "/nothing")
    pages = [browser.get("/sign-in"), browser.get("/"), browser.client.delete("/desk/sign-in")]
    browser.sign_in()
    pages += [browser.get(path) for path in inside]
    for answer in pages:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'")
        assert "frame-ancestors 'none'" in policy
        assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert (answer.headers["X-Content-Type-Options"], answer.headers["X-Frame-Options"]) == ("nosniff", "DENY")
        assert "<script" not in answer.text
        assert "style=" not in answer.text
    assert browser.get("/style.css").headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize("fault", [RecordLocked("x"), RuntimeError("/a/path of ours")], ids=["record", "fault"])
def test_our_own_fault_is_503_and_says_nothing_of_it(browser, monkeypatch, fault):
    """With when to try again, and an incident where it is no passing one."""
    browser.sign_in()

    def fail(*_):
        raise fault

    monkeypatch.setattr(type(browser.room.briefing), "read", fail)
    client = TestClient(browser.client.app, base_url="https://desk.example.org", cookies=browser.client.cookies)
    answer = client.get("/desk/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "path of ours" not in answer.text
    assert ("this number" in answer.text) is isinstance(fault, RuntimeError)


# Back to where a link led


def test_a_link_leads_on_after_sign_in(browser):
    """The form keeps where to; a wrong token does not lose it."""
    sent = browser.get("/waiting")
    assert sent.headers["Location"] == "/desk/sign-in?to=/waiting"
    form = "/sign-in?to=/waiting"
    wrong = browser.post("/sign-in", on=form, to="/waiting", token="parley_nobody")
    assert 'name="to" value="/waiting"' in wrong.text
    assert browser.post("/sign-in", on=form, to="/waiting", token=browser.token()).headers["Location"] == (
        "/desk/waiting"
    )


@pytest.mark.parametrize(
    "to",
    ["//evil.example.org", "https://evil.example.org/", "/\\evil", "/..", "/a/../b", "/a?b", "/a#b", "x", "/a\r\nX: y"],
)
def test_W2_nobody_is_led_to_another_site(browser, to):
    """What is no name of a page leads to the first of them, and is not on the form."""
    asked = browser.get("/sign-in", params={"to": to})
    assert 'name="to"' not in asked.text
    assert browser.post("/sign-in", to=to, token=browser.token()).headers["Location"] == "/desk/"


def test_whoever_is_signed_in_and_comes_from_a_mail_goes_on_by_our_own_link(browser):
    """Mail that is read in a browser is another site, from which no cookie comes: they need not sign in twice."""
    asked = browser.get("/sign-in", params={"to": "/waiting"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert 'href="/desk/waiting">Go on to the page' in asked.text
    assert "Go on to the page" not in browser.get("/sign-in", params={"to": "/waiting"}).text
