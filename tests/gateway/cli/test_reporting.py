"""`parley report` as somebody runs it."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

from rules import measures
from rules.standing import Restriction


def restricted(office, name="R. Example") -> int:
    """Put a party with a restriction in force on record."""

    def job(tx) -> int:
        party = tx.add_party(name)
        block = measures.parse({"kind": "block", "channels": ["call"]})
        span = office.now - timedelta(days=30), office.now + timedelta(days=30)
        ground = "persistent_contact"
        tx.add_restriction(party, Restriction("r1", (block,), *span, ground=ground, approved_by="Head"))
        return party

    return office.write(job)


def test_the_table_says_what_is_in_force(parley, office):
    """A person reads the period, what is in force, and rows that have something in them."""
    restricted(office)
    said = parley("report", "restrictions")
    assert said.code == 0, said.err
    assert "In force at the end of the period" in said.out
    assert "Block" in said.out
    assert "Conceal staff" not in said.out
    assert max(map(len, said.out.splitlines())) <= 80


def test_published_forms_hide_what_is_small(parley, office):
    """With --publish the one restriction is nowhere, and every row of the catalogue is there."""
    restricted(office)
    found = json.loads(parley("report", "restrictions", "--publish", "--json").out)
    tables = {table["name"]: table for table in found["tables"]}
    assert {row["values"]["in_force"] for row in tables["measures"]["rows"]} == {"fewer than 5"}
    assert len(tables["measures"]["rows"]) == len(measures.KINDS)
    rows = list(csv.reader(io.StringIO(parley("report", "restrictions", "--publish", "--format", "csv").out)))
    assert not [row for row in rows if row[3] == "1"]


def test_thresholds_are_published_and_a_week_is_not(parley, office):
    """The week names parties; whoever asks is told what may be published."""
    thin = json.loads(parley("report", "thresholds", "--publish", "--json").out)
    assert (thin["published"], [table["name"] for table in thin["tables"]]) == (
        True,
        ["thresholds", "became", "flagged"],
    )
    said = parley("report", "week", "--publish")
    assert said.code == 2
    assert "A week is not published" in said.err


def test_of_who_never_wrote_each_form_says_that_nothing_came(parley, office, tmp_path):
    """An empty table would look like a fault."""
    office.write(lambda tx: tx.add_party("R. Example"))
    assert "Nothing came in this time." in parley("report", "party", "1").out
    assert "Nothing came in this time." in parley("report", "party", "1", "--format", "html").out
    assert "There is nothing of that kind on record." in parley("report", "party", "1", "--disclose").out
    for more in ((), ("--disclose",)):
        path = tmp_path / f"{len(more)}.pdf"
        assert parley("report", "party", "1", *more, "--format", "pdf", "-o", str(path)).code == 0
        assert path.read_bytes().startswith(b"%PDF")


def test_the_page_names_nobody_and_runs_nothing(parley, office, tmp_path):
    """The HTML is one file without a script, to which nothing is loaded, and which others cannot read."""
    restricted(office)
    path = tmp_path / "report.html"
    assert parley("report", "restrictions", "--format", "html", "-o", str(path)).code == 0
    page = path.read_text("utf-8")
    assert "<script" not in page
    assert "http" not in page
    assert "R. Example" not in page
    assert path.stat().st_mode & 0o077 == 0
    assert parley("report", "restrictions", "--format", "html", "-o", str(path)).code == 2


def test_a_period_that_cannot_be_counted_is_refused(parley, office):
    """Days to come, or in the wrong order, are said in a sentence."""
    for days in (("--since", "2030-01-01"), ("--since", "2026-02-02", "--until", "2026-02-01")):
        said = parley("report", "restrictions", *days)
        assert said.code == 2
        assert "cannot be counted" in said.err


def test_a_disclosure_is_written_in_each_form(parley, office, tmp_path):
    """Text, JSON for programs, a page and a PDF for the party; the colleague is told to read it first."""
    restricted(office, "R. Example")
    said = parley("report", "party", "R. Example", "--disclose")
    assert said.code == 0, said.err
    assert "A restriction was taken over from before" in said.out
    assert "Read it before you give it" in said.err
    assert json.loads(parley("report", "party", "R. Example", "--disclose", "--json").out)["told"]
    for form, begins in (("html", b"<!doctype html>"), ("pdf", b"%PDF")):
        path = tmp_path / f"given.{form}"
        assert parley("report", "party", "1", "--disclose", "--format", form, "-o", str(path)).code == 0
        assert path.read_bytes().startswith(begins)


def test_nobody_is_disclosed_who_is_not_on_record(parley, office):
    """A name that nobody has is refused in a sentence."""
    said = parley("report", "party", "N. Obody", "--disclose")
    assert said.code == 2
    assert "No party has this number" in said.err


def test_a_party_is_shown_week_by_week(parley, office, tmp_path):
    """The screen has the figures and what happened; the page has the charts."""
    restricted(office)
    office.entry(whose="party:1", party_id=1, ago=timedelta(days=8))
    said = parley("report", "party", "1")
    assert said.code == 0, said.err
    assert "1: block" in said.out
    assert "The figures, week by week" in said.out
    path = tmp_path / "party.html"
    assert parley("report", "party", "1", "--format", "html", "-o", str(path)).code == 0
    assert path.read_text("utf-8").count("<svg") >= 2
    rows = list(
        csv.DictReader(io.StringIO(parley("report", "party", "1", "--format", "csv").out.removeprefix("\ufeff")))
    )
    assert [row["value"] for row in rows if row["table"] == "Restrictions of this time"][:1] == ["block"]
    for wrong in (("--since", "2026-01-01"), ("--format", "csv")):
        assert parley("report", "party", "1", "--disclose", *wrong).code == 2


def test_the_week_and_the_thresholds_come_in_every_form(parley, office):
    """The tables fit the screen, and a program reads the same."""
    office.entry(whose="email:r@example.org")
    for report in ("week", "thresholds"):
        said = parley("report", report)
        assert said.code == 0, said.err
        assert max(map(len, said.out.splitlines())) <= 80
        assert json.loads(parley("report", report, "--json").out)["tables"]
        assert "<svg" in parley("report", report, "--format", "html").out or report == "thresholds"
    assert parley("report", "week", "--of", "2199-01-01").code == 2
