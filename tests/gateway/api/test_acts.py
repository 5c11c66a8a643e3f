"""Acts over the API: a whole life of a restriction, and what is answered where an act is not done."""

from __future__ import annotations

import pytest
from jsonschema_rs import validator_for

from rules.casework.catalogue import ACTS
from rules.contact import Channel, Identifier, IdentifierKind
from rules.measures import KINDS

BLOCK = {"kind": "block"}
WEEKLY = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"}
INCIDENT = {"category": "abusive_language", "what": "Shouted"}


def drafted(desk, *measures, **more):
    """Bring a party as far as a draft; gives the party and the restriction."""
    party = desk.party()
    incident = desk.act("note_incident", party, **INCIDENT)["paper"]["id"]
    desk.act("warn", party, incidents=[incident], text="Please do not shout.", spoken=True)
    incident = desk.act("note_incident", party, **INCIDENT)["paper"]["id"]
    draft = desk.act(
        "draft_restriction",
        party,
        measures=list(measures or (WEEKLY,)),
        ground="abusive_language",
        reason="Shouting",
        incidents=[incident],
        adjustments_considered="None needed",
        **more,
    )
    return party, draft["paper"]["id"]


def test_a_whole_life(desk):
    """Incident, warning, draft, proposal, approval by another, notice, review, end: each is seen at once."""
    party, number = drafted(desk, BLOCK)

    def state():
        answer = desk.ask("GET", f"/parties/{party}").json()
        (one,) = answer["history"]["restrictions"]
        return answer["stage"], one["state"]

    assert state() == ("warn", "draft")
    desk.act("propose_restriction", party, restriction=number)
    assert state() == ("warn", "awaiting_approval")
    desk.act("approve_restriction", party, "Bea", "manager", restriction=number, reason="Proportionate")
    assert state() == ("warn", "awaiting_notice")
    told = desk.act("send_notice", party, about=number, how="by email")
    assert state() == ("manage", "in_force")
    assert [one["kind"] for one in told["party"]["instructions"][0]["measures"]] == ["block"]
    desk.clock.advance(days=80)
    waits = desk.ask("GET", f"/parties/{party}").json()["history"]["waiting"]
    assert ("review", number) in [(one["what"], one["about"]) for one in waits]
    desk.act("review_restriction", party, restriction=number, outcome="lift", reason="It is quiet now")
    assert state() == ("warn", "lifted")
    papers = desk.ask("GET", f"/parties/{party}").json()["history"]["papers"]
    assert [(one["by"], one["role"]) for one in papers if one["act"] == "approve_restriction"] == [("Bea", "manager")]
    assert desk.ask("GET", "/audit/verify").json()["sound"] is True


def test_what_is_decided_is_enforced(desk):
    """Decisions on contacts are made by it from the notice on, with the party's other identifiers too."""
    party, number = drafted(desk)
    desk.act("propose_restriction", party, restriction=number)

    def held():
        file = desk.record.read_now(lambda reader: reader.party_file(party))
        return [one.id for one in file.restrictions if one.in_force(desk.clock())]

    assert held() == []
    desk.act("send_notice", party, about=number)
    assert held() == [number]
    address = Identifier(IdentifierKind.EMAIL, "r@example.net")
    assert [one.party_id for one in desk.record.read_now(lambda reader: reader.holders((address,)))] == [party]


def test_an_adjustment_is_shown_to_everybody(desk):
    """An open channel stands with the instruction."""
    party = desk.party()
    answer = desk.act("agree_adjustment", party, need="cannot write", open=["call"])
    assert answer["party"]["open_channels"] == [Channel.CALL.value]


def test_what_the_policy_refuses_is_409_with_the_way(desk):
    """PHSO-9: without a warning the answer says why, by which clause, and what can be done instead; nothing is done."""
    party = desk.party()
    incident = desk.act("note_incident", party, **INCIDENT)["paper"]["id"]
    fields = {"ground": "abusive_language", "reason": "x", "incidents": [incident], "adjustments_considered": "none"}
    number = desk.act("draft_restriction", party, measures=[WEEKLY], **fields)["paper"]["id"]
    before = desk.ask("GET", f"/parties/{party}").json()["history"]["papers"]
    answer = desk.ask("POST", f"/parties/{party}/acts/propose_restriction", json={"restriction": number})
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["clause"] == "PHSO-9"
    assert said["why"].startswith("No warning is in force")
    assert said["way"].startswith("Warn first")
    assert desk.ask("GET", f"/parties/{party}").json()["history"]["papers"] == before


def test_nobody_approves_their_own(desk):
    """Four eyes: who proposed it is refused though the role is right."""
    party, number = drafted(desk, BLOCK)
    desk.act("propose_restriction", party, "Bea", "manager", restriction=number)
    fields = {"restriction": number, "reason": "Proportionate"}
    answer = desk.ask("POST", f"/parties/{party}/acts/approve_restriction", "Bea", "manager", json=fields)
    assert answer.status_code == 409
    assert "nobody approves their own" in answer.json()["why"]


def test_the_wrong_role_is_403(desk):
    """It says who may."""
    party, number = drafted(desk, BLOCK)
    desk.act("propose_restriction", party, restriction=number)
    fields = {"restriction": number, "reason": "Proportionate"}
    answer = desk.ask("POST", f"/parties/{party}/acts/approve_restriction", json=fields)
    assert (answer.status_code, answer.json()["clause"]) == (403, "PHSO-18")
    assert "Manager" in answer.json()["way"]


def test_a_role_that_the_policy_dropped_counts_no_more(desk, open_desk):
    """A token made under an older policy brings only the roles that there are."""
    desk.token("Bea", "manager")
    (token,) = desk.tokens.listed()
    desk.record.write_now(lambda tx: tx.link.plain("""UPDATE tokens SET roles = '["emperor", "caseworker"]'""", {}))
    actor = desk.tokens.holder(desk.token("Bea"))
    assert (actor.name, actor.roles, token.roles) == ("Bea", {"caseworker"}, {"manager"})


STALE = {
    "an older version": ({"params": {"version": 1}}, 412),
    "an older tag": ({"headers": {"If-Match": '"1"'}}, 412),
    "a tag that is no version": ({"headers": {"If-Match": "W/nonsense"}}, 412),
    "a tag and a version that differ": ({"headers": {"If-Match": '"2"'}, "params": {"version": 3}}, 412),
    "the version that it has": ({"params": {"version": 2}}, 201),
    "the tag that it has": ({"headers": {"If-Match": '"2"'}}, 201),
    "any version": ({"headers": {"If-Match": "*"}}, 201),
    "both": ({"headers": {"If-Match": '"2"'}, "params": {"version": 2}}, 201),
    "a version that is none": ({"params": {"version": "two"}}, 422),
    "a version beyond all numbers": ({"params": {"version": "9" * 5000}}, 422),
}


@pytest.mark.parametrize(("more", "status"), STALE.values(), ids=STALE)
def test_who_decided_on_an_older_file_is_told(desk, more, status):
    """412, and nothing is done; the file of the same version is acted on."""
    party = desk.party()
    assert desk.ask("GET", f"/parties/{party}").headers["ETag"] == '"2"'
    answer = desk.ask("POST", f"/parties/{party}/acts/note_incident", json=INCIDENT, **more)
    assert answer.status_code == status, answer.text
    papers = desk.ask("GET", f"/parties/{party}").json()["history"]["papers"]
    assert len(papers) == (status == 201)


def test_the_tag_of_an_act_is_that_of_the_file_then(desk):
    """Also where what is enforced changed the file once more: the next act can name it."""
    party, number = drafted(desk)
    desk.act("propose_restriction", party, restriction=number)
    for name, fields in (("send_notice", {"about": number}), ("note_incident", INCIDENT)):
        tag = desk.ask("GET", f"/parties/{party}").headers["ETag"]
        answer = desk.ask("POST", f"/parties/{party}/acts/{name}", json=fields, headers={"If-Match": tag})
        assert answer.status_code == 201, answer.text
        assert answer.headers["ETag"] == desk.ask("GET", f"/parties/{party}").headers["ETag"]


@pytest.mark.parametrize("party", [0, -1, 2, 2**63 - 1, 2**63, "9" * 5000, "one", "1.5", "%00", "1%2F2"])
def test_a_party_that_is_none(desk, party):
    """404 or 422, whatever the number; nobody else's file is shown."""
    desk.party()
    for method, path, more in (("GET", "", {}), ("POST", "/acts/note_incident", {"json": INCIDENT})):
        answer = desk.ask(method, f"/parties/{party}{path}", **more)
        assert answer.status_code in (404, 422), answer.text
        assert "R. Example" not in answer.text


def test_papers_of_another_file_are_not_there(desk):
    """An id of another party's paper is as unknown as any other."""
    _, number = drafted(desk)
    other = desk.party(name="S. Example", emails=[])
    for unknown in (number, "x" * 22):
        answer = desk.ask("POST", f"/parties/{other}/acts/propose_restriction", json={"restriction": unknown})
        assert (answer.status_code, answer.json()["why"]) == (409, f"There is no restriction {unknown} on this file.")


BAD = {
    "no JSON": (b"{", "not valid JSON"),
    "a list": (b"[]", ""),
    "nothing": (b"", ""),
    "null": (b"null", ""),
    "a field that is missing": (b'{"what": "x"}', "category is missing"),
    "a field that there is not": (b'{"category": "x", "what": "x", "colour": "red"}', "no parameter colour"),
    "a field that is filled in": (
        b'{"incidents": ["x"], "text": "x", "last_day": "2026-05-01"}',
        "no parameter last_day",
    ),
    "words that are a number": (b'{"category": "x", "what": 7}', "what is 7"),
    "words that are blank": (b'{"category": "x", "what": " "}', "what: write something"),
    "words that are too long": (b'{"category": "x", "what": "' + b"x" * 8001 + b'"}', "at most 8000"),
    "half of a character": (b'{"category": "x", "what": "\\ud800"}', "unicode"),
    "a day that is none": (b'{"category": "x", "what": "x", "day": "2026-02-30"}', "day is '2026-02-30'"),
    "a day that is beyond the calendar": (b'{"category": "x", "what": "x", "day": "99999-01-01"}', "day"),
    "no number that JSON has": (b'{"category": "x", "what": NaN}', "what is nan"),
    "a channel that is none": (
        b'{"category": "x", "what": "x", "channel": "smoke"}',
        "channel is 'smoke', but must be",
    ),
    "what is nested too deeply": (b"[" * 50_000, ""),
    "a number of ten thousand digits": (b'{"category": ' + b"9" * 10_000 + b"}", ""),
    "what is not UTF-8": (b'{"category": "\xff\xfe"}', ""),
}


@pytest.mark.parametrize(("body", "why"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_422_in_sentences(desk, body, why):
    """Or 400 where it is no JSON at all; each fault is a sentence, and nothing is done."""
    party = desk.party()
    name = "warn" if b"last_day" in body else "note_incident"
    headers = {"Content-Type": "application/json"}
    answer = desk.ask("POST", f"/parties/{party}/acts/{name}", content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
    assert why in answer.json()["detail"]
    assert "Traceback" not in answer.text
    assert desk.ask("GET", f"/parties/{party}").json()["history"]["papers"] == []


def test_a_measure_that_is_none(desk):
    """The sentence names those that there are."""
    party = desk.party()
    fields = {"ground": "abusive_language", "reason": "x", "adjustments_considered": "x"}
    for measure in ({"kind": "zap"}, {}, 7, {"kind": "volume_limit", "count": 0}, {"kind": ["block"]}):
        body = fields | {"measures": [measure]}
        answer = desk.ask("POST", f"/parties/{party}/acts/draft_restriction", json=body)
        assert answer.status_code == 422, answer.text
        assert "measure" in answer.json()["detail"]


def test_hostile_words_are_kept_as_they_are(desk):
    """NUL, escapes and markup come back as they were given: what shows them escapes them."""
    party = desk.party()
    words = "\0 \x1b[2J <script> \u202e {{7*7}} \U0001f4a9"
    desk.act("note_incident", party, category="abusive_language", what=words)
    (paper,) = desk.ask("GET", f"/parties/{party}").json()["history"]["papers"]
    assert paper["data"]["what"] == words.strip()


def test_the_catalogue_tells_what_each_act_takes(desk):
    """Every act has its words, who may do it, its clause and the schema of what people fill in, and a route."""
    found = {one["name"]: one for one in desk.ask("GET", "/acts").json()}
    assert set(found) == set(ACTS)
    assert all(one["words"] for one in found.values())
    assert found["approve_restriction"]["roles"] == ["head", "manager"]
    assert "last_day" not in found["warn"]["fields"]["properties"]
    routes = desk.client.get("/api/openapi.json").json()["paths"]
    assert {f"/parties/{{party}}/acts/{name}" for name in ACTS} <= set(routes)


def test_the_catalogue_tells_what_each_measure_takes(desk):
    """Its schema stands by itself: each kind of the catalogue with its parameters, and what no kind takes is none."""
    found = {one["name"]: one for one in desk.ask("GET", "/acts").json()}
    schema = found["draft_restriction"]["fields"]
    kinds = schema["$defs"]["Measure"]["discriminator"]["mapping"]
    assert set(kinds) == set(KINDS)
    judge = validator_for(schema | {"required": ["measures"]})
    assert judge.is_valid({"measures": [BLOCK]})
    assert judge.is_valid({"measures": [WEEKLY]})
    assert not judge.is_valid({"measures": [{}]})
    assert not judge.is_valid({"measures": [{"kind": "exile"}]})
    assert not judge.is_valid({"measures": [{"kind": "volume_limit", "count": "many"}]})


def test_the_policy_is_readable(desk):
    """With its roles, measures and durations."""
    policy = desk.ask("GET", "/policy").json()
    assert policy["name"] == "default"
    assert policy["durations"]["warning_months"] == 6
    assert "block" in policy["measures"]
    assert policy["rights"]["approve_restriction"] == ["head", "manager"]


def test_a_changed_paper_is_found(desk):
    """One changed character in one paper is named by its id."""
    party = desk.party()
    number = desk.act("note_incident", party, **INCIDENT)["paper"]["id"]
    desk.record.write_now(lambda tx: tx.link.plain("UPDATE papers SET data = replace(data, 'Shouted', 'Smiled')", {}))
    found = desk.ask("GET", "/audit/verify").json()
    assert (found["sound"], found["papers_wrong"], found["broken_at"]) == (False, [number], None)


@pytest.mark.parametrize("day", ["0001-01-01", "1847-11-30", "1971-06-01", "9999-12-31"])
def test_days_at_the_ends_of_the_calendar(desk, day):
    """They are taken or refused, and the file can be read afterwards: no clock had whole minutes before 1847."""
    party, number = drafted(desk)
    desk.act("propose_restriction", party, restriction=number)
    desk.act("send_notice", party, about=number)
    tried = {
        "appeal": {"restriction": number, "grounds": "It is wrong", "received": day, "late": "a long illness"},
        "note_incident": INCIDENT | {"day": day},
        "agree_adjustment": {"need": "x", "open": ["call"], "ends": day},
        "extend_restriction": {"restriction": number, "ends": day, "reason": "x", "incident": "x"},
        "review_restriction": {"restriction": number, "outcome": "continue", "reason": "x", "next_review": day},
    }
    for name, fields in tried.items():
        answer = desk.ask("POST", f"/parties/{party}/acts/{name}", json=fields)
        assert answer.status_code in (201, 409, 422), (name, answer.text)
    assert desk.ask("GET", f"/parties/{party}").status_code == 200
