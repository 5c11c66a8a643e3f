"""What waits, on the pages of the desk: one contact with its words behind a fold, and marked by name, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.looks import LOOKED
from storage.entries import State
from tests.gateway.desk.test_pages import HOSTILE, read
from tests.storage.office import entry

MAIL = (
    b"From: R <r.example@example.org>\r\nTo: enquiries@office.example.org\r\nSubject: About it\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nThe words. " + HOSTILE.encode() + b"\r\n"
)


@pytest.fixture
def waits(browser):
    """A filed message of a party, kept in the record; gives its number."""
    number = browser.party()
    filed = entry(
        id="01k000000000000000filed",
        state=State.FILED,
        whose=f"party:{number}",
        party_id=number,
        sender="email:r.example@example.org",
        look_by=browser.clock(),
    )

    def job(tx):
        tx.add_contact(filed)
        tx.keep_raw(filed.id, "r.example@example.org", MAIL)

    browser.record.write_now(job)
    return filed.id


def done(browser, name):
    """List what was done under a name."""
    return browser.record.read_now(lambda reader: reader.acts_named(name))


def test_a_filed_contact_is_read_and_marked_once_by_name(browser, waits):
    """Sent twice it is marked once; the page says by whom; that it was read is on record, with whose it is."""
    browser.sign_in("Ada")
    assert f'href="/desk/waiting/{waits}"' in browser.get("/waiting").text
    page = browser.get(f"/waiting/{waits}")
    assert "I have looked at it" in page.text
    assert [(one.who, one.about) for one in done(browser, "read_file")] == [("Ada", "party:1")]
    form = browser.form(f"/waiting/{waits}")
    for _ in range(2):
        assert browser.post(f"/waiting/{waits}/looked", form=form).status_code == 303
    browser.sign_in("Bea")
    assert browser.post(f"/waiting/{waits}/looked", on="/").status_code == 303
    assert [one.who for one in done(browser, LOOKED)] == ["Ada"]
    entry_now = browser.record.read_now(lambda reader: reader.contact(waits))
    assert (entry_now.state, entry_now.looked_by) == (State.LOOKED_AT, "Ada")
    after = browser.get(f"/waiting/{waits}").text
    assert "by <bdi>Ada</bdi>" in after
    assert "I have looked at it" not in after
    assert waits not in browser.get("/waiting").text


def test_W1_the_words_are_text_behind_a_fold(browser, waits):
    """Nobody meets them by accident, and nothing of them is markup."""
    browser.sign_in("Ada")
    text = browser.get(f"/waiting/{waits}").text
    page = read(text)
    assert not [tag for tag, _ in page.seen if tag in ("script", "img")]
    assert text.index("<details>") < text.index("The words.") < text.index("</details>")
    assert "open" not in page.every("details")[0]
    assert "<script>alert(1)</script>" in "".join(page.text)


def test_what_waits_for_no_look_is_not_marked(browser):
    """A held message is released, or decided; a page says so, and the record is as it was."""
    held = entry(id="01k0000000000000000held", state=State.HELD)
    browser.record.write_now(lambda tx: tx.add_contact(held))
    browser.sign_in("Ada")
    assert "I have looked at it" not in browser.get(f"/waiting/{held.id}").text
    answer = browser.post(f"/waiting/{held.id}/looked", on="/")
    assert (answer.status_code, "This waits for no look: it is held." in answer.text) == (409, True)
    read(answer.text)
    assert done(browser, LOOKED) == ()
    assert browser.post("/waiting/nothing/looked", on="/").status_code == 404


def test_SPSO_68_whoever_may_not_read_files_sees_none_of_it(open_browser):
    """The list, the words and the mark are for those who read files; there is no link to them either."""
    browser = open_browser(rights={"read_file": frozenset({"manager"})})
    browser.record.write_now(lambda tx: tx.add_contact(entry(id="01k000000000000000filed", state=State.FILED)))
    browser.sign_in("Reception", "caseworker")
    assert "/desk/waiting" not in browser.get("/").text
    answers = [browser.get(path) for path in ("/waiting", "/waiting/01k000000000000000filed", "/waiting/nothing")]
    answers += [browser.post(f"/waiting/{one}/looked", on="/") for one in ("01k000000000000000filed", "nothing")]
    assert {one.status_code for one in answers} == {403}
    assert len({one.text.partition("<main")[2] for one in answers}) == 1


def test_what_is_due_now_is_not_hidden_behind_what_is_old(browser):
    """A risk to life that came last, due at once, is the first of the page, however many older ones wait."""
    now = browser.clock()
    urgent = entry(id="01k000000000000000danger", state=State.FILED, at=now, look_by=now)

    def job(tx):
        for number in range(201):
            old = entry(
                id=f"01k0000000000000000o{number:03}",
                state=State.FILED,
                at=now - timedelta(days=1),
                look_by=now + timedelta(days=1),
            )
            tx.add_contact(old)
        tx.add_contact(urgent)

    browser.record.write_now(job)
    browser.sign_in("Ada")
    text = browser.get("/waiting").text
    assert 0 < text.find(urgent.id) < text.find("01k0000000000000000o000")
    assert "Those due first are shown" in text
