"""Levels over the API: the same as at the command line, on record who looked, and minutes that staff put right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.entries import State
from tests.storage.office import add


def lived(desk):
    """Put a party on record with two calls of ten minutes, one of them missed; gives the contacts."""
    desk.party()
    plain = {"whose": "party:1", "party_id": 1, "channel": "call", "carried": "connect"}
    return [
        add(
            desk.record,
            **_typed(plain),
            id=f"{talk_s:022}",
            at=desk.clock.at - timedelta(minutes=5),
            state=state,
            talk_s=talk_s,
        )
        for state, talk_s in ((State.ANSWERED, 600), (State.MISSED, 0))
    ]


def _typed(plain):
    from rules.contact import Channel
    from rules.decision import Outcome

    return plain | {"channel": Channel(plain["channel"]), "carried": Outcome(plain["carried"])}


def test_SPSO_14_SPSO_51_levels_of_a_party(desk):
    """Every window, together and by channel, with our own part beside it and the share named an estimate."""
    lived(desk)
    found = desk.ask("GET", "/parties/1/levels").json()
    assert [one["per"] for one in found["spans"]] == ["hour", "day", "week", "month"]
    day = found["spans"][1]
    assert (day["levels"]["attempts"], day["levels"]["contacts"], day["levels"]["unanswered"]) == (2, 1, 1)
    assert (day["channels"]["call"]["talk_minutes"], day["levels"]["staff_minutes"]) == (10.0, 14.0)
    assert (day["share_percent"], day["usual"]["parties"]) == (100.0, 1)
    assert found["estimates"] == ["staff_minutes", "share_percent", "usual"]
    assert found["ours"]["missed_calls"] == 1
    read = desk.record.read_now(lambda reader: reader.acts(limit=20))
    assert any((act.act, act.about, act.detail) == ("read_file", "party:1", {"of": "levels"}) for act in read)


def test_only_what_is_asked_for(desk):
    """One window, one channel, by the calendar."""
    lived(desk)
    asked = {"per": "day", "window": "calendar", "channel": "email"}
    (one,) = desk.ask("GET", "/parties/1/levels", params=asked).json()["spans"]
    assert (one["per"], one["window"], one["levels"]["attempts"], one["channels"]) == ("day", "calendar", 0, {})


def test_levels_of_the_office(desk):
    """All of it by channel, who took most of its time first, and that somebody looked."""
    lived(desk)
    found = desk.ask("GET", "/levels").json()
    assert found["channels"]["call"] == {"contacts": 1, "attempts": 2, "talk_minutes": 10.0, "staff_minutes": 14.0}
    assert [(one["name"], one["share_percent"]) for one in found["most"]] == [("R. Example", 100.0)]
    assert desk.record.read_now(lambda reader: reader.acts(limit=1))[0].act == "read_levels"


def test_what_staff_put_right_stands(desk):
    """Minutes of staff stand instead of the estimate, with both figures and author in the chain; null goes back."""
    first, _ = lived(desk)
    assert desk.ask("POST", f"/contacts/{first.id}/minutes", json={"minutes": 45}).json()["minutes"] == 45
    assert desk.ask("GET", "/parties/1/levels").json()["spans"][1]["levels"]["staff_minutes"] == 45.0
    (act,) = [each for each in desk.record.read_now(lambda reader: reader.acts(limit=9)) if "minutes" in each.act]
    assert (act.who, act.about, act.detail) == ("Ada", first.id, {"minutes": 45, "before": None, "party": 1})
    assert desk.ask("POST", f"/contacts/{first.id}/minutes", json={"minutes": None}).status_code == 200
    assert desk.ask("GET", "/parties/1/levels").json()["spans"][1]["levels"]["staff_minutes"] == 14.0


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        pytest.param(f"/contacts/{7:022}/minutes", {"minutes": 1}, 409, id="no such contact"),
        pytest.param("/contacts/{}/minutes", {"minutes": -1}, 422, id="less than nothing"),
        pytest.param("/contacts/{}/minutes", {}, 422, id="nothing said"),
        pytest.param("/contacts/{}/minutes", {"minutes": 1441}, 422, id="more than a day"),
    ],
)
def test_what_is_not_taken(desk, path, body, code):
    """Each is refused with a sentence, and nothing is changed."""
    first, _ = lived(desk)
    answer = desk.ask("POST", path.format(first.id), json=body)
    assert answer.status_code == code, answer.text
    assert desk.record.read_now(lambda reader: reader.particulars(first.id)) is None


def test_forged_contact_is_put_right_by_nobody(desk):
    """What counts towards nobody's levels takes no minutes."""
    desk.party()
    forged = add(desk.record, id="9" * 22, whose="party:1", party_id=1, counts=False)
    assert desk.ask("POST", f"/contacts/{forged.id}/minutes", json={"minutes": 1}).status_code == 409
    assert desk.ask("GET", "/parties/2/levels").status_code == 404
