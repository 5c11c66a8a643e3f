"""The page of what waits says how much is overdue, and shows requests that have a time by law."""

from __future__ import annotations

from datetime import timedelta

from rules.legal_clocks import ClockKind, LegalClock
from storage.entries import State
from tests.storage.office import entry


def test_the_figure_stands_above_the_list(browser):
    """Nothing overdue is said too; a stranger's request is on the list, with whose it is and without a party."""
    now = browser.clock()
    asked = entry(state=State.LOOKED_AT, at=now)
    filed = entry(state=State.FILED, at=now, look_by=now + timedelta(hours=1))

    def job(tx):
        tx.add_contact(asked)
        tx.add_contact(filed)
        tx.start_clock(LegalClock(asked.id, ClockKind.OWN_DATA, now, now))

    browser.record.write_now(job)
    browser.sign_in("Ada")
    text = browser.get("/waiting").text
    assert "2 waiting, nothing overdue." in text
    # A stranger is told by the address, which the browser must not take for markup or turn around.
    assert "<bdi>rosa@example.org</bdi></strong>: an answer on a person&#39;s own data" in text
    assert "<bdi>Caseworker</bdi>." in text and "Party None" not in text
    browser.clock.advance(hours=2)
    browser.sign_in("Ada")
    assert '<strong class="late">1 overdue</strong>' in browser.get("/waiting").text
