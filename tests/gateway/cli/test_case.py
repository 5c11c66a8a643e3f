"""`parley party`, `act`, `token`, `audit`: casework as a person does it at the keyboard."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from rules.casework.catalogue import ACTS

PEOPLE = """
[[people]]
name = "Ada Reid"
login = "ada"
roles = ["caseworker"]

[[people]]
name = "Bea Moss"
login = "bea"
roles = ["manager"]
"""


@pytest.fixture
def at(office, parley, monkeypatch):
    """Run a command as somebody of an office of two; insists that it is done unless told which code to expect."""
    with (office.state / "parley.toml").open("a") as file:
        file.write(PEOPLE)

    def run(login: str, *arguments: str, code: int = 0):
        monkeypatch.setattr("gateway.cli.office.pwd.getpwuid", lambda _uid: SimpleNamespace(pw_name=login))
        said = parley(*arguments)
        assert said.code == code, said
        return said

    return run


def shown(at, party="1"):
    """Give a party's file as a program reads it."""
    return json.loads(at("ada", "party", "show", party, "--json").out)


def paper(at, *arguments: str, login: str = "ada") -> str:
    """Do an act; gives the id of its paper."""
    return json.loads(at(login, "act", "--json", *arguments).out)["paper"]["id"]


def drafted(at, *more: str) -> str:
    """Bring a party as far as a draft of a total block; gives its id."""
    at("ada", "party", "add", "R. Example", "--email", "r@example.net", "--how", "on a letter")
    incident = paper(at, "note_incident", "R. Example", "category=abusive_language", "what=Shouted, and swore")
    paper(at, "warn", "r@example.net", f"incidents={incident}", "text=Please do not shout.", "spoken=yes")
    incident = paper(at, "note_incident", "R. Example", "category=abusive_language", "what=Shouted again")
    fields = ("ground=abusive_language", "reason=Shouting", "adjustments_considered=None", f"incidents={incident}")
    return paper(at, "draft_restriction", "1", 'measures=[{kind="block"}]', *fields, *more)


def test_a_whole_life(at):
    """Incident, warning, draft, proposal, approval by another, notice, review: each command says where it stands."""
    number = drafted(at)
    assert "is awaiting approval" in at("ada", "act", "propose_restriction", "1", f"restriction={number}").out
    refused = at("ada", "act", "approve_restriction", "1", f"restriction={number}", "reason=Fine", code=2).err
    assert refused == (
        "Ada Reid may not do this: approve a restriction.\n"
        "It is for the Head of the office or Manager; ask one of them.\nClause: PHSO-18\n"
    )
    paper(at, "approve_restriction", "1", f"restriction={number}", "reason=Proportionate", login="bea")
    assert "waits for its notice to be sent" in at("ada", "party", "show", "1").out
    assert "is in force" in at("ada", "act", "send_notice", "1", f"about={number}", "how=by post").out
    page = at("ada", "party", "show", "R. Example").out
    assert page.startswith("R. Example   person, party 1, version ")
    for part in ("Stage: manage", "block, until ", "Approved by Bea Moss as Manager, as a total block.", "stands, "):
        assert part in page
    assert max(map(len, page.splitlines())) <= 80
    lifted = at("bea", "act", "review_restriction", "1", f"restriction={number}", "outcome=lift", "reason=Quiet").out
    assert f"Restriction {number} is lifted." in lifted
    assert "Nothing is restricted." in at("ada", "party", "show", "1").out
    assert at("ada", "audit", "verify").out.startswith("Sound: ")


def test_version_after_an_act_is_the_one_to_act_on(at):
    """The version that an act tells is that of the file, also where what is enforced changed it once more."""
    number = drafted(at)
    at("ada", "act", "propose_restriction", "1", f"restriction={number}")
    at("bea", "act", "approve_restriction", "1", f"restriction={number}", "reason=Fine")
    told = json.loads(at("ada", "act", "--json", "send_notice", "1", f"about={number}").out)
    assert told["version"] == shown(at)["version"]
    said = at("ada", "act", "note_incident", "1", "category=abusive_language", "what=x", "--version", "1", code=75)
    assert "Somebody else has changed this file" in said.err


def test_acts_are_listed_and_described(at):
    """Every act with its words; one alone with its fields; another with exit 2."""
    listed = at("ada", "act").out
    assert all(f"\n{name}\n" in f"\n{listed}" for name in ACTS)
    described = at("ada", "act", "note_incident").out
    assert "category (must be given): words" in described
    assert "day: day, as 2026-03-04" in described
    assert "channel: email or call or sms" in described
    assert "last_day" not in at("ada", "act", "warn").out
    assert {json.loads(line)["name"] for line in at("ada", "act", "--json").out.splitlines()} == set(ACTS)
    assert "There is no act 'smile'" in at("ada", "act", "smile", code=2).err


def test_measures_and_words_come_from_files(at, tmp_path):
    """A TOML file for tables, any text for words; @@ stands for words that begin with @."""
    measures = tmp_path / "measures.toml"
    measures.write_text('[[measures]]\nkind = "volume_limit"\nchannels = ["email"]\ncount = 1\nper = "week"\n')
    number = drafted(at)
    reason = tmp_path / "reason.txt"
    reason.write_text("Two\nlines")
    paper(at, "change_draft", "1", f"restriction={number}", f"measures=@{measures}", f"reason=@{reason}")
    (one,) = shown(at)["history"]["restrictions"]
    assert [each["kind"] for each in one["measures"]] == ["volume_limit"]
    assert one["reason"] == "Two\nlines"
    paper(at, "note_incident", "1", "category=abusive_language", "what=@@me", "evidence=a, b", 'evidence=["c, d"]')
    assert shown(at)["history"]["papers"][-1]["data"] == {
        "category": "abusive_language",
        "what": "@me",
        "day": shown(at)["history"]["papers"][-1]["data"]["day"],
        "evidence": ["a", "b", "c, d"],
    }


WRONG = {
    "no field": (["what"], "'what' is no field"),
    "a field that there is not": (["colour=red"], "There is no field 'colour'; the fields are category, what"),
    "a field that is filled in": (["last_day=2026-01-01"], "There is no field 'last_day'"),
    "a field twice": (["what=a", "what=b"], "what is given twice"),
    "fields that are missing": ([], "category is missing.\nwhat is missing.\n`parley act note_incident` says"),
    "a day that is none": (["category=x", "what=x", "day=tomorrow"], "day is 'tomorrow'"),
    "a list that is no TOML": (["category=x", "what=x", "evidence=[a"], "evidence cannot be read"),
    "a file that is not there": (["category=x", "what=@/nowhere/at/all"], "cannot be read (No such file"),
    "a category that the policy has not": (["category=x", "what=x"], "'x' is no ground of this policy"),
    "an escape sequence": (["category=x\x1b[2J", "what=x"], "\\x1b"),
}


@pytest.mark.parametrize(("fields", "why"), WRONG.values(), ids=WRONG)
def test_what_makes_no_sense_ends_with_2(at, fields, why):
    """In a sentence, with nothing that a terminal obeys, and nothing is done."""
    at("ada", "party", "add", "R. Example")
    said = at("ada", "act", "note_incident", "1", *fields, code=2)
    assert why in said.err
    assert "\x1b" not in said.err
    assert "Traceback" not in said.err
    assert shown(at)["history"]["papers"] == []


def test_parties_by_their_words(at):
    """By number, name without case, or identifier; several of a name are told apart by number."""
    for arguments in (
        ["R. Example", "--phone", "01632 960001"],
        ["S. Sample", "--kind", "organisation"],
        ["s. sample"],
    ):
        at("ada", "party", "add", *arguments)
    for words in ("1", "r. example", "+441632960001"):
        assert shown(at, words)["id"] == 1
    said = at("ada", "party", "show", "S. SAMPLE", code=2).err
    assert "Say one by its number: 2, 3." in said
    assert "No party has this" in at("ada", "party", "show", "nobody", code=2).err
    assert "No party has this" in at("ada", "party", "show", "9" * 30, code=2).err
    assert [
        json.loads(line)["id"] for line in at("ada", "party", "list", "--name", "SAMPLE", "--json").out.splitlines()
    ] == [
        2,
        3,
    ]
    assert "S. Sample" in at("ada", "party", "list").out
    assert "own domain" in at("ada", "party", "add", "T", "--email", "x@office.example.org", code=2).err


def test_what_people_wrote_cannot_steer_a_terminal(at):
    """Names and words of papers are escaped on every page; programs get them as they are."""
    at("ada", "party", "add", "R. Example")
    paper(at, "note_incident", "1", "category=abusive_language", "what=\x1b[2J\u202e[red]x")
    for arguments in (("party", "show", "1"), ("party", "list"), ("audit", "list")):
        said = at("ada", *arguments).out
        assert "\x1b" not in said
        assert "\u202e" not in said
    assert "\\x1b[2J\\u202e[red]x" in at("ada", "party", "show", "1").out


def test_who_reads_a_file_is_on_record(at):
    """THREATS W4: under the name that the settings have for the login."""
    at("ada", "party", "add", "R. Example")
    at("bea", "party", "show", "1")
    newest = json.loads(at("ada", "audit", "list", "--json", "--limit", "1").out)
    assert (newest["who"], newest["act"], newest["about"]) == ("Bea Moss", "read_file", "party:1")


def test_audit_finds_what_was_changed(at, office):
    """One changed character in a paper, then in the chain itself: exit 1, naming where."""
    at("ada", "party", "add", "R. Example")
    number = paper(at, "note_incident", "1", "category=abusive_language", "what=Shouted")
    office.write(lambda tx: tx.link.plain("UPDATE papers SET data = replace(data, 'Shouted', 'Smiled')", {}))
    assert f"Paper {number} is changed" in at("ada", "audit", "verify", code=1).err
    office.write(lambda tx: tx.link.plain("UPDATE acts SET who = 'nobody' WHERE seq = 2", {}))
    found = json.loads(at("ada", "audit", "verify", "--json", code=1).out)
    assert (found["sound"], found["broken_at"]) == (False, 2)


def test_audit_finds_what_is_enforced_otherwise_w4(at, office):
    """The paper is as it was written, the row that decisions are made by is not: exit 1, naming both."""
    at("ada", "party", "add", "R. Example")
    number = paper(at, "agree_adjustment", "1", "need=A person answers.", "open=call")
    assert "Compared with nothing" not in at("ada", "audit", "verify").out
    office.write(lambda tx: tx.link.plain("UPDATE adjustments SET open = '[]'", {}))
    sentence = f"Party 1: adjustment {number} is otherwise than its papers say: the ways that stay open."
    assert at("ada", "audit", "verify", code=1).err.strip() == sentence
    found = json.loads(at("ada", "audit", "verify", "--json", code=1).out)
    assert (found["sound"], found["papers_wrong"], found["differences"]) == (False, [], [sentence])


def test_import_is_for_those_whom_the_policy_names_spso_68(at, tmp_path):
    """A file restricts people: neither a caseworker nor somebody whom no settings name brings it in."""
    file = tmp_path / "parties.toml"
    file.write_text("", encoding="utf-8")
    for login in ("ada", "nobody here"):
        assert "may not do this" in at(login, "import", str(file), code=2).err


def test_tokens_are_made_listed_and_revoked(at):
    """The secret is shown once; the list tells whose, which roles, until when, and whether it still opens the door."""
    assert "may not do this" in at("ada", "token", "add", "ada", code=2).err
    assert at("bea", "token", "list").out == "No tokens: nobody comes in by the API.\n"
    made = json.loads(at("bea", "token", "add", "bea", "--days", "3", "--json").out)
    assert (made["name"], made["roles"]) == ("Bea Moss", ["manager"])
    assert made["token"].startswith(f"parley_{made['id']}_")
    listed = at("bea", "token", "list")
    assert "good until" in listed.out
    assert made["token"] not in listed.out + at("bea", "token", "list", "--json").out
    assert "opens nothing any more" in at("bea", "token", "revoke", made["id"]).out
    assert "revoked" in at("bea", "token", "list").out
    assert "no token of this id" in at("bea", "token", "revoke", made["id"], code=2).err
    assert "no role king" in at("bea", "token", "add", "carl", "--role", "king", code=2).err
    assert "shown this once" in at("bea", "token", "add", "the website", "--role", "manager").out
