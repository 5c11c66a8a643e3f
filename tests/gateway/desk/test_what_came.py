"""What came of a party in the last 30 days stands on the page of its file, with what nobody could count."""

from __future__ import annotations

from datetime import timedelta

from rules.levels.particulars import Particulars
from tests.storage.office import entry


def test_words_and_pages_stand_on_the_party_s_page(browser):
    """Of these days, and of no longer ago; for one by hand the words fit one."""
    number = browser.party({"kind": "block", "channels": ["call"]})
    whose = {"whose": f"party:{number}", "party_id": number}
    at = browser.clock()
    made = [entry(at=at - timedelta(days=days), words=200, **whose) for days in (1, 2, 40)]

    def job(tx):
        for one in made:
            tx.add_contact(one)
            tx.keep_particulars(one.id, Particulars(files_not_counted=2))
        tx.count_pages(made[0].id, 61, 0)

    browser.sign_in("Ada")
    page = f"/parties/{number}"
    assert "In the last 30 days 0 contacts, with 0 words and 0 pages." in browser.get(page).text
    browser.record.write_now(job)
    said = "In the last 30 days 2 contacts, with 400 words and 61 pages, beside 2 attached files whose pages nobody"
    assert said in browser.get(page).text
