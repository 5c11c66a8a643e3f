"""The page of a party's file: what to do now, requests with a time by law, what waits; for those who may read files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.legal_clocks import LegalClocks
from rules.casework.actor import Actor
from rules.clarification import Asked
from rules.legal_clocks import ClockKind
from storage.entries import Flag, FlagState, State
from tests.storage.office import entry

CLERK = Actor("A. Clerk", frozenset({"caseworker"}))


@pytest.fixture
def asked(browser):
    """A party who asked for their own data; gives the browser with its number."""
    browser.number = browser.party({"kind": "block", "channels": ["call"]})
    whose = {"whose": f"party:{browser.number}", "party_id": browser.number}
    made = entry(state=State.LOOKED_AT, at=browser.clock(), **whose)
    browser.record.write_now(lambda tx: tx.add_contact(made))
    browser.clocks = LegalClocks(browser.record, browser.settings.policy, browser.clock)
    browser.clocks.start(made.id, ClockKind.OWN_DATA, CLERK, why="By letter")
    browser.asked = made.id
    browser.sign_in("Ada")
    return browser


def test_a_legal_clock_stands_on_the_party_s_page(asked):
    """Its last day; since when it rests and what we asked; and that it is overdue."""
    page = f"/parties/{asked.number}"
    text = asked.get(page).text
    assert "received 9 Mar 2026; to answer by 9 Apr 2026." in text
    assert asked.asked in text
    asked.clocks.pause(asked.asked, ClockKind.OWN_DATA, Asked.MEANING, "Which <years>?", CLERK)
    text = asked.get(page).text
    assert "RESTS since 9 Mar 2026: we asked what is meant." in text
    assert "<bdi>A. Clerk</bdi>: <bdi>Which &lt;years&gt;?</bdi>" in text
    asked.clock.advance(days=3)
    asked.clocks.resume(asked.asked, ClockKind.OWN_DATA, "2025", CLERK)
    asked.sign_in("Ada")
    assert "to answer by 13 Apr 2026; 3 days of waiting do not count." in asked.get(page).text  # the 12th is a Sunday
    asked.clock.advance(days=60)
    asked.sign_in("Ada")
    assert '<strong class="late">Overdue.</strong>' in asked.get(page).text


def test_the_lists_lead_to_it(asked):
    """From the page of what waits, and from the brief."""
    link = f'href="/desk/parties/{asked.number}"'
    assert link in asked.get("/waiting").text
    assert link in asked.get("/").text


def test_an_open_flag_waits_with_its_age_and_owner(asked):
    """It leads to the page of the flag, and leaves the list once it is dealt with."""
    flag = Flag("f" * 22, f"party:{asked.number}", "3 calls an hour", asked.clock(), asked.asked, 3)
    asked.record.write_now(lambda tx: tx.add_flag(flag))
    asked.clock.advance(days=4)
    asked.sign_in("Ada")
    text = asked.get("/waiting").text
    assert f'<a href="/desk/flags/{flag.id}">a flag to act on or to dismiss</a>' in text
    assert "By Wednesday 11 March 2026, <bdi>Caseworker</bdi>. Waits for 4 days." in text
    assert asked.get(f"/flags/{flag.id}").status_code == 200
    done = replace(flag, state=FlagState.DISMISSED, settled_at=asked.clock(), settled_by="Ada", why="Our doing")
    asked.record.write_now(lambda tx: tx.settle_flag(done))
    assert "a flag to act on" not in asked.get("/waiting").text


@pytest.mark.parametrize("number", ["7", "0", "01", "-1", "x", "9" * 19, "9" * 400])
def test_no_party_is_404(asked, number):
    """Whatever stands in its place."""
    assert asked.get(f"/parties/{number}").status_code == 404


def test_W4_that_somebody_read_a_file_is_on_record(asked):
    """By name, each time."""
    asked.get(f"/parties/{asked.number}")
    reads = [one for one in asked.record.read_now(lambda reader: reader.acts(limit=9)) if one.act == "read_file"]
    assert [(one.who, one.about) for one in reads] == [("Ada", f"party:{asked.number}")]


def test_a_file_that_cannot_be_read_is_said_so(asked):
    """In a sentence, with 503."""
    asked.record.write_now(lambda tx: tx.link.plain("UPDATE restrictions SET measures = '[{}]'", {}))
    answer = asked.get(f"/parties/{asked.number}")
    assert (answer.status_code, "cannot be read" in answer.text) == (503, True)


def test_the_figure_of_what_is_overdue_stands_on_today(asked):
    """One number, by queue, in words; nothing overdue is said too."""
    assert "Nothing is overdue." in asked.get("/").text
    asked.clock.advance(days=60)
    asked.sign_in("Ada")
    assert '<strong class="late">1 overdue: 1 request with a time by law.</strong>' in asked.get("/").text
    # A part of the brief is about those people alone.
    assert "overdue" not in asked.get("/?name=Nobody").text


def test_SPSO_68_the_figure_is_for_whoever_may_read_files(open_browser):
    """Others see who may contact us, and neither the figure nor a link to files."""
    browser = open_browser(rights={"read_file": frozenset({"manager"})})
    browser.party({"kind": "block"})
    browser.sign_in("Ada", "caseworker")
    text = browser.get("/").text
    assert "overdue" not in text and "/desk/parties/" not in text
