"""Tokens for mailboxes: asked for at each connect, kept privately, and refusals in our words."""

from __future__ import annotations

import json
import stat
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.mail import oauth
from adapters.mail.imap import ImapFault
from adapters.mail.oauth import GoogleApp, GoogleColleague, MicrosoftApp, MicrosoftColleague

NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
TENANT = "contoso.example.org"


class Answered:
    """Be an answer of the web, as msal wants one."""

    def __init__(self, told, status=200):
        self.status_code, self.text, self.headers = status, json.dumps(told), {}

    def raise_for_status(self):
        """Be well, or not."""
        if self.status_code >= 400:
            raise OSError(self.status_code)


class Microsoft:
    """Be Microsoft's sign-in: `tokens` are the answers to come, `asked` what was asked for."""

    def __init__(self, *tokens):
        self.tokens, self.asked = list(tokens), []

    def get(self, url, **_):
        """Say where things are."""
        here = f"https://login.microsoftonline.com/{TENANT}"
        told = {
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "device_authorization_endpoint": f"{here}/devicecode",
            "issuer": f"{here}/v2.0",
            "tenant_discovery_endpoint": url,
            "metadata": [],
        }
        return Answered(told)

    def post(self, url, data=None, **_):
        """Give the next answer."""
        self.asked.append((url.rpartition("/")[2], dict(data or {})))
        if url.endswith("devicecode"):
            told = {"user_code": "AB12", "device_code": "d", "verification_uri": "https://device.example.org"}
            return Answered(told | {"expires_in": 60, "interval": 0})
        told = self.tokens.pop(0)
        return Answered(told, 400 if "error" in told else 200)

    def close(self):
        """Have nothing to close."""


def token(text="token", **more):
    """Give an answer that holds a token."""
    return {"access_token": text, "expires_in": 3600, "token_type": "Bearer"} | more


def test_an_application_asks_for_itself():
    """By its secret, for the mailboxes of Exchange; what is still good is not asked for again."""
    web = Microsoft(token())
    ask = MicrosoftApp(TENANT, "the-app", "the-secret", http=web)
    first, second = ask(), ask()
    assert (first.text, first.token, second.text) == ("token", True, "token")
    ((where, form),) = web.asked
    assert (where, form["grant_type"], form["client_id"]) == ("token", "client_credentials", "the-app")
    assert form["scope"] == "https://outlook.office365.com/.default"
    assert "the-secret" not in repr(ask)


REFUSALS = {
    "AADSTS7000215: Invalid client secret provided for app r.example": "client secret is wrong",
    "AADSTS7000222: The provided client secret keys are expired": "has expired",
    "AADSTS700016: Application was not found in the directory": "no such app",
    "something that nobody knows, about r.example": "refused us",
}


@pytest.mark.parametrize(("said", "meant"), REFUSALS.items(), ids=REFUSALS)
def test_refusals_are_explained(said, meant):
    """In our words alone: a person has to mend it."""
    ask = MicrosoftApp(TENANT, "app", "secret", http=Microsoft({"error": "x", "error_description": said}))
    with pytest.raises(ImapFault, match=meant) as refused:
        ask()
    assert refused.value.refused
    assert "r.example" not in str(refused.value)


def identified(**more):
    """Give an answer to the sign-in of a colleague."""
    claims = {"oid": "1", "tid": "2", "preferred_username": "clerk@example.org", "aud": "the-app"}
    claims |= {"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0", "exp": 2**33, "iat": 1, "sub": "s"}
    info = oauth.base64.urlsafe_b64encode(json.dumps({"uid": "1", "utid": "2"}).encode()).decode().rstrip("=")
    signed = jwt.encode(claims, "a key that is long enough for any digest", algorithm="HS256")
    return token(id_token=signed, client_info=info, refresh_token="refresh", scope="mail", **more)


def test_a_colleague_signs_in_once(tmp_path):
    """By a code at any browser; the sign-in lies in a file that nobody else reads, and gives tokens from then on."""
    cache = tmp_path / "mailboxes" / "enquiries.json"
    web, said = Microsoft(identified()), []
    with pytest.raises(ImapFault, match="parley mailbox sign-in"):
        MicrosoftColleague(TENANT, "the-app", cache, http=web)()
    MicrosoftColleague(TENANT, "the-app", cache, http=web).sign_in(said.append)
    assert said == ["Open https://device.example.org in a browser and enter the code AB12."]
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.parent.stat().st_mode) == 0o700
    assert "refresh" in cache.read_text()
    assert [path.name for path in cache.parent.iterdir()] == ["enquiries.json"]
    later = MicrosoftColleague(TENANT, "the-app", cache, http=Microsoft(token("a newer one", refresh_token="r2")))
    assert later().text in {"token", "a newer one"}


# Google


@contextmanager
def google(*answers):
    """Be Google's token endpoint on loopback; give its address and the forms that came."""
    forms, left = [], list(answers)

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):  # as http.server has it
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            forms.append({name: value[0] for name, value in parse_qs(body).items()})
            told = left.pop(0)
            self.send_response(400 if isinstance(told, dict) and "error" in told else 200)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/token", forms
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_google_by_a_colleague(tmp_path):
    """The address at which the browser stops gives a refresh token, and that gives a token at each connect."""
    cache = tmp_path / "mailboxes" / "enquiries.json"
    with google({"refresh_token": "refresh"}, token("one"), token("two")) as (address, forms):
        ask = GoogleColleague("the-app", "the-secret", cache, address)
        with pytest.raises(ImapFault, match="parley mailbox sign-in"):
            ask()
        begun = ask.begin()
        wanted = parse_qs(urlsplit(begun.address).query)
        assert (wanted["scope"], wanted["access_type"]) == (["https://mail.google.com/"], ["offline"])
        ask.finish(begun, f"http://127.0.0.1:8086/?state={wanted['state'][0]}&code=the-code&scope=x\n")
        assert [ask().text, ask().text] == ["one", "two"]
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600
    assert [form["grant_type"] for form in forms] == ["authorization_code", "refresh_token", "refresh_token"]
    proof = oauth.hashlib.sha256(forms[0]["code_verifier"].encode()).digest()
    assert wanted["code_challenge"] == [oauth.base64.urlsafe_b64encode(proof).decode().rstrip("=")]


@pytest.mark.parametrize("ended", ["http://127.0.0.1:8086/?state=another&code=c", "nonsense", "http://[", ""])
def test_the_end_of_another_sign_in_is_refused(tmp_path, ended):
    """Nothing is asked, nothing is kept."""
    ask = GoogleColleague("the-app", "s", tmp_path / "c.json", "http://127.0.0.1:1/")
    with pytest.raises(ImapFault):
        ask.finish(ask.begin(), ended)
    assert list(tmp_path.iterdir()) == []


def test_a_sign_in_that_has_ended(tmp_path):
    """Somebody has to sign in again."""
    (tmp_path / "c.json").write_text('{"refresh_token": "old"}')
    refusal = {"error": "invalid_grant", "error_description": "of r.example"}
    with google(refusal) as (address, _), pytest.raises(ImapFault, match="parley mailbox sign-in") as refused:
        GoogleColleague("the-app", "s", tmp_path / "c.json", address)()
    assert refused.value.refused


def test_google_by_a_service_account(tmp_path):
    """Its key signs who it is and whose mailbox it wants; the time is the one that is handed in."""
    key = rsa.generate_private_key(65537, 2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    secret = {"client_email": "parley@project.example.org", "private_key": key.private_bytes(*form).decode()}
    (tmp_path / "key.json").write_text(json.dumps(secret))
    with google(token()) as (address, forms):
        ask = GoogleApp(tmp_path / "key.json", "enquiries@example.org", lambda: NOW, address)
        assert ask().text == "token"
    claims = jwt.decode(
        forms[0]["assertion"], key.public_key(), ["RS256"], audience=oauth.GOOGLE_TOKENS, options={"verify_exp": False}
    )
    assert (claims["iss"], claims["sub"]) == ("parley@project.example.org", "enquiries@example.org")
    assert claims["iat"] == int(NOW.timestamp())


@pytest.mark.parametrize("text", [None, "{}", "no json"])
def test_a_key_file_that_is_none(tmp_path, text):
    """It is said, without a word of what stands in it."""
    if text is not None:
        (tmp_path / "key.json").write_text(text)
    with pytest.raises(ImapFault, match="key file"):
        GoogleApp(tmp_path / "key.json", "enquiries@example.org", lambda: NOW, "http://127.0.0.1:1/")()


@pytest.mark.parametrize("told", [[], {"access_token": ""}, {"access_token": "a\r\nb"}, {"access_token": 3}])
def test_an_answer_without_a_token(tmp_path, told):
    """Nothing that could break a command is taken for one (M1)."""
    (tmp_path / "c.json").write_text('{"refresh_token": "r"}')
    with google(told) as (address, _), pytest.raises(ImapFault):
        GoogleColleague("the-app", "s", tmp_path / "c.json", address)()


def test_nobody_answers(tmp_path):
    """That is a matter of time, and no refusal."""
    (tmp_path / "c.json").write_text('{"refresh_token": "r"}')
    with pytest.raises(ImapFault, match="cannot be reached") as fault:
        GoogleColleague("the-app", "s", tmp_path / "c.json", "http://127.0.0.1:1/")()
    assert not fault.value.refused
