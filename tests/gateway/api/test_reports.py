"""Reports over the API."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

from gateway.reports import disclosure_forms, party_forms
from gateway.reports.disclosing import disclosure
from gateway.reports.forms import as_csv
from gateway.reports.page import restrictions_page
from gateway.reports.party_report import party_report
from gateway.reports.restrictions import restrictions_report
from gateway.reports.small_numbers import published
from gateway.reports.table import period_of
from rules.casework.actor import Actor
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import Entry, State
from tests.gateway.office import ADDRESS

ADA = Actor("Ada", frozenset({"caseworker"}))
RUNS = "=1+1<b>"
MEDIA = {"csv": "text/csv; charset=utf-8", "html": "text/html; charset=utf-8", "pdf": "application/pdf"}


def contacted(desk, name=RUNS) -> int:
    """Put a party on record with one email of yesterday."""
    party = desk.record.write_now(lambda tx: tx.add_party(name))
    sent = {"decided": Outcome.DELIVER, "carried": Outcome.DELIVER, "state": State.DELIVERED, "words": 100}
    at = desk.clock() - timedelta(days=1)
    one = Entry(id="c1", at=at, channel=Channel.EMAIL, whose=f"party:{party}", party_id=party, **sent)
    desk.record.write_now(lambda tx: tx.add_contact(one))
    return party


def a_file(answer, form, name):
    """Give the bytes of an answer that is a download of ours, of its type, that nothing keeps or guesses."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == MEDIA[form]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}.{form}"'
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"]) == ("nosniff", "no-store")
    return answer.content


def test_gives_the_same_numbers_as_the_command(open_desk):
    """Tables come by name, with or without small numbers."""
    desk = open_desk()
    found = desk.ask("GET", "/reports/restrictions").json()
    assert found["tables"][0]["rows"][0] == {
        "name": "any",
        "label": "In force at any time in the period",
        "values": {"number": 0},
    }
    assert (found["first"], found["last"], found["published"]) == ("2025-03-10", "2026-03-09", False)
    thin = desk.ask("GET", "/reports/restrictions", params={"publish": True}).json()
    assert thin["published"]
    assert thin["tables"][0]["rows"][0]["values"] == {"number": "fewer than 5"}


def test_a_period_that_cannot_be_counted_is_said_in_a_sentence(open_desk):
    """The same refusal as on the command line."""
    desk = open_desk()
    for first, last in (("2026-03-10", None), ("2026-03-02", "2026-03-01"), ("1900-01-01", None), (None, "0001-01-01")):
        given = {key: day for key, day in (("first", first), ("last", last)) if day}
        answer = desk.ask("GET", "/reports/restrictions", params=given)
        assert answer.status_code == 422
        assert "cannot be counted" in answer.json()["detail"]


def test_the_week_thresholds_and_a_party_are_there_too(open_desk):
    """Each gives what the command gives, and asks for days that can be counted."""
    desk = open_desk()
    party = desk.record.write_now(lambda tx: tx.add_party("R. Example"))
    assert desk.ask("GET", "/reports/week").json()["title"] == "Office week"
    assert desk.ask("GET", "/reports/thresholds").json()["tables"][0]["name"] == "thresholds"
    found = desk.ask("GET", f"/parties/{party}/report").json()
    assert (found["name"], len(found["weeks"])) == ("R. Example", 53)
    assert desk.ask("GET", "/reports/week", params={"of": "2199-01-01"}).status_code == 422
    assert desk.ask("GET", f"/parties/{party}/report", params={"first": "1990-01-01"}).status_code == 422
    assert desk.ask("GET", "/parties/99/report").status_code == 404


def test_the_office_gets_each_form_in_the_words_of_the_command(open_desk):
    """CSV and HTML are what the command writes, small numbers left out where that is asked for."""
    desk = open_desk()
    policy, office, days = desk.settings.policy, desk.settings.config.office.name, "2025-03-10-2026-03-09"
    period = period_of(None, None, date(2026, 3, 9))
    for thin in (False, True):
        asked = {"publish": thin, "format": "csv"}
        table = desk.ask("GET", "/reports/restrictions", params=asked)
        page = desk.ask("GET", "/reports/restrictions", params=asked | {"format": "html"})
        report = restrictions_report(desk.record, policy, period, now=desk.clock())
        report = published(report) if thin else report
        assert a_file(table, "csv", f"restrictions-{days}").decode() == as_csv(report)
        assert a_file(page, "html", f"restrictions-{days}").decode() == restrictions_page(report, office, policy.zone)
    a_file(desk.ask("GET", "/reports/thresholds", params={"format": "csv"}), "csv", f"thresholds-{days}")
    assert desk.ask("GET", "/reports/thresholds", params={"publish": True}).json()["published"]
    for wrong in ({"publish": True}, {"format": "pdf"}):
        assert desk.ask("GET", "/reports/week", params=wrong).status_code == 422


def test_W3_W1_a_name_is_no_formula_and_no_markup(open_desk):
    """Who took most of the week's time has chosen a name that a spreadsheet, or a browser, would obey."""
    desk = open_desk()
    contacted(desk)
    of = {"of": "2026-03-08"}
    table = a_file(desk.ask("GET", "/reports/week", params=of | {"format": "csv"}), "csv", "week-2026-03-02-2026-03-08")
    cells = {cell for row in csv.reader(io.StringIO(table.decode("utf-8-sig"))) for cell in row}
    assert f"'{RUNS}" in cells
    assert RUNS not in cells
    page = a_file(
        desk.ask("GET", "/reports/week", params=of | {"format": "html"}), "html", "week-2026-03-02-2026-03-08"
    )
    assert b"=1+1&lt;b&gt;" in page
    assert b"<b>" not in page


def test_a_party_is_given_in_each_form(open_desk):
    """Page and CSV are the renderers' own, the PDF is one; every figure is in the CSV; each reading is on record."""
    desk = open_desk()
    party = contacted(desk)
    zone, office = desk.settings.policy.zone, desk.settings.config.office.name
    given = {form: desk.ask("GET", f"/parties/{party}/report", params={"format": form}) for form in MEDIA}
    files = {form: a_file(answer, form, f"party-{party}-report") for form, answer in given.items()}
    acts = desk.record.read_now(lambda reader: reader.acts_about(f"party:{party}"))
    assert [(act.who, act.act, act.detail) for act in acts] == [("Ada", "read_file", {"of": "report"})] * 3
    period = period_of(None, None, date(2026, 3, 9))
    found = party_report(desk.record, desk.settings.policy, party, period, ADA, now=desk.clock())
    assert files["html"].decode() == party_forms.as_page(found, office, zone)
    assert files["csv"].decode() == party_forms.as_csv(replace(found, at=found.at - timedelta(milliseconds=2)), zone)
    assert files["pdf"].startswith(b"%PDF")
    rows = list(csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig"))))
    weeks = {row["row"]: row["value"] for row in rows if row["table"] == found.series[0].title}
    assert (weeks["2026-03-02"], weeks["2026-02-23"]) == ("1", "0")
    assert f"Contact of {RUNS}" in {row["table"] for row in rows}


def test_a_disclosure_is_what_the_command_gives_and_is_on_record_as_there(open_desk):
    """JSON, page and PDF, with the office's own address in it and no other; CSV there is none."""
    desk = open_desk()
    desk.party()
    desk.act("note_incident", category="abusive_language", what=f"Wrote <b>us</b> at {ADDRESS}, and x@example.org")
    address, policy, office = "/parties/1/disclosure", desk.settings.policy, desk.settings.config.office.name
    data = desk.ask("GET", address)
    page = a_file(desk.ask("GET", address, params={"format": "html"}), "html", "party-1-disclosure")
    pdf = a_file(desk.ask("GET", address, params={"format": "pdf"}), "pdf", "party-1-disclosure")
    found = disclosure(desk.record, desk.settings, 1, ADA, now=desk.clock())
    *acts, command = desk.record.read_now(lambda reader: reader.acts_about("party:1"))[-4:]
    assert [(act.who, act.act, act.detail) for act in acts] == [(command.who, command.act, command.detail)] * 3
    assert page.decode() == disclosure_forms.as_page(replace(found, read=1), office, policy.zone)
    first = replace(found, read=0, at=found.at - timedelta(milliseconds=2))
    assert data.json() == disclosure_forms.as_data(first, policy.zone)
    assert pdf.startswith(b"%PDF")
    assert (ADDRESS in data.text, "x@example.org" in data.text, b"<b>" in page) == (True, False, False)
    assert desk.ask("GET", address, params={"format": "csv"}).status_code == 422
    assert desk.ask("GET", "/parties/99/disclosure").status_code == 404


def test_what_our_fonts_cannot_show_is_said_in_a_sentence(open_desk):
    """No PDF with holes in it: 409, which the schema declares, and the way that is open."""
    desk = open_desk()
    party = contacted(desk, name="R. \U0001f600")
    for what in ("report", "disclosure"):
        answer = desk.ask("GET", f"/parties/{party}/{what}", params={"format": "pdf"})
        assert (answer.status_code, "ask for html" in answer.json()["way"]) == (409, True), answer.text
        paths = desk.client.get("/api/openapi.json").json()["paths"]
        assert {"403", "409"} <= set(paths[f"/parties/{{party}}/{what}"]["get"]["responses"])
