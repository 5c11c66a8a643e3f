"""Flags and alerts on the pages of the desk: read, taken on, settled, acted on, dismissed; each once, by name."""

from __future__ import annotations

import pytest

from gateway.alerts.desk import ACKNOWLEDGED, SETTLED
from gateway.casework.desk import file_of
from gateway.flags import ACTED_ON, DISMISS
from rules.alerts import AlertKind, Severity
from rules.casework.acts.note_incident import NoteIncident
from storage.alerts import Alert, NewPost, Raised, Telling
from storage.entries import Flag, FlagState, State
from tests.gateway.desk.test_pages import HOSTILE, read
from tests.storage.office import entry

TITLE = "A caller says that somebody is in danger"
FLAG = "01k0000000000000000flag"[:22]


@pytest.fixture
def alarmed(browser):
    """A desk with an urgent alert whose text may have left, one that somebody has taken on, and one with a command."""
    now = browser.clock()

    def alert(number, kind, severity, **more):
        return Alert(number, number, kind, severity, more.pop("title", TITLE), f"{HOSTILE}\n", now, **more)

    def job(tx):
        text = NewPost("p1", "text", "+447700900123", "words", 1)
        tx.add_contact(entry(id="c1", state=State.FILED))
        urgent = alert("a1", AlertKind.DANGER, Severity.URGENT, about="contact:c1", contact_id="c1", next_at=now)
        tx.raise_alert(Raised(urgent, Telling(posts=(text,))))
        tx.claim_post("text", "+447700900123", "here", now, now)
        tx.recover_posts("here")
        done = alert("a2", AlertKind.WEBHOOK, Severity.ROUTINE)
        tx.raise_alert(Raised(done, Telling(posts=(NewPost("p2", "text", "+447700900124", "words", 1),))))
        tx.claim_post("text", "+447700900124", "here", now, now)
        tx.recover_posts("here")
        tx.acknowledge_alert("a2", "Bea", now)
        tx.raise_alert(Raised(alert("a3", AlertKind.PHONE, Severity.SOON, title=HOSTILE, command="parley doctor")))

    browser.record.write_now(job)
    browser.sign_in("Ada", "manager")
    return browser


@pytest.fixture
def flagged(browser):
    """A desk with an open flag on a party, made by three contacts."""
    number = browser.party(name=HOSTILE, known=("r.example@example.org",))

    def job(tx):
        for one in ("c1", "c2", "c3"):
            tx.add_contact(entry(id=one, at=browser.clock(), party_id=number, whose=f"party:{number}"))
        tx.add_flag(Flag(FLAG, f"party:{number}", "a threshold of old", browser.clock(), "c3", 3))

    browser.record.write_now(job)
    browser.sign_in("Ada", "manager")
    browser.number = number
    return browser


def acts(browser, name):
    """List by whom and about what something was done."""
    return [(one.who, one.about) for one in browser.record.read_now(lambda reader: reader.acts_named(name))]


def flag(browser):
    """Give the flag as it stands."""
    return browser.record.read_now(lambda reader: reader.flag(FLAG))


def test_what_is_open_is_listed_the_urgent_first(alarmed):
    """And what somebody took on though it may not have arrived; names and words are text; no number is shown."""
    page = read(alarmed.get("/alerts").text)
    text = "".join(page.text)
    rooms = [one["href"] for one in page.every("a") if one["href"].startswith("/desk/alerts/")]
    assert rooms == ["/desk/alerts/a1", "/desk/alerts/a3", "/desk/alerts/a2"]
    assert "Urgent." in text and "text unclear" in text and "7700900123" not in text
    assert not [tag for tag, _ in page.seen if tag in ("script", "img")]


def test_an_alert_says_what_it_is_about_and_how_it_was_told(alarmed):
    """With a link to the page that shows the thing, else the command; its words are no markup."""
    page = read(alarmed.get("/alerts/a1").text)
    assert {"href": "/desk/waiting/c1"} in page.every("a")
    assert not [tag for tag, _ in page.seen if tag in ("script", "img")]
    assert "By text" in "".join(page.text)
    assert "parley doctor" in alarmed.get("/alerts/a3").text
    assert alarmed.get("/alerts/nothing").status_code == 404


def test_an_alert_is_taken_on_once_by_name(alarmed):
    """Sent twice it is once; somebody else is told who was faster; another may be named."""
    form = alarmed.form("/alerts/a1")
    for _ in range(2):
        assert alarmed.post("/alerts/a1/acknowledge", form=form).headers["Location"] == "/desk/alerts/a1"
    assert acts(alarmed, ACKNOWLEDGED) == [("Ada", "alert:a1")]
    page = read(alarmed.get("/alerts/a1").text)
    assert "Acknowledged by Ada" in "".join(page.text)
    assert not [one for one in page.every("form") if one["action"].endswith("/acknowledge")]
    alarmed.sign_in("Bea", "manager")
    late = alarmed.post("/alerts/a1/acknowledge", on="/alerts")
    assert (late.status_code, "acknowledged by Ada" in read(late.text).text.__str__()) == (409, True)
    alarmed.post("/alerts/a3/acknowledge", on="/alerts", who="K. Jones")
    assert alarmed.record.read_now(lambda reader: reader.alert("a3")).acknowledged_by == "K. Jones"
    assert alarmed.post("/alerts/nothing/acknowledge", on="/alerts").status_code == 404


@pytest.mark.parametrize("number", ["a1", "a2"], ids=["an open alert", "one that somebody took on"])
def test_W6_what_is_unclear_is_settled_in_one_act(alarmed, number):
    """Whether or not it is open; then it is shown as unclear no more, is on record, and stays as open as it was."""
    before = alarmed.record.read_now(lambda reader: reader.alert(number)).open
    assert alarmed.post(f"/alerts/{number}/settle", on=f"/alerts/{number}").status_code == 303
    text = alarmed.get(f"/alerts/{number}").text
    assert "unclear" not in text and "seen to" in text
    assert acts(alarmed, SETTLED) == [("Ada", f"alert:{number}")]
    assert alarmed.record.read_now(lambda reader: reader.alert(number)).open is before
    again = alarmed.post(f"/alerts/{number}/settle", on="/alerts")
    assert (again.status_code, "is unclear" in again.text) == (409, True)


def test_a_flag_shows_what_was_reached_and_by_which_contacts(flagged):
    """Each contact leads to its page; that somebody read it is on record, with whose it is."""
    assert f'href="/desk/flags/{FLAG}"' in flagged.get("/alerts").text
    page = read(flagged.get(f"/flags/{FLAG}").text)
    assert {"href": "/desk/waiting/c3"} in page.every("a")
    assert "3 (a threshold of old)" in "".join(page.text)
    assert not [tag for tag, _ in page.seen if tag in ("script", "img")]
    assert ("Ada", FLAG) in acts(flagged, "read_file")
    assert flagged.get("/flags/nothing").status_code == 404


def test_a_flag_is_acted_on_once(flagged):
    """The incident stands on the file in the words that were typed; sent twice it is one; what is wrong is kept."""
    ground = min(flagged.settings.policy.grounds)
    empty = flagged.post(f"/flags/{FLAG}/act", on=f"/flags/{FLAG}", what="kept words", category="")
    page = read(empty.text)
    assert (empty.status_code, {"href": "#what"} in page.every("a"), "kept words" in empty.text) == (409, True, True)
    assert flagged.post(f"/flags/{FLAG}/act", on=f"/flags/{FLAG}", what="", category=ground).status_code == 409
    form = flagged.form(f"/flags/{FLAG}")
    for _ in range(2):
        sent = flagged.post(f"/flags/{FLAG}/act", form=form, what="Three calls in an hour", category=ground)
        assert sent.headers["Location"] == f"/desk/flags/{FLAG}"
    assert flag(flagged).state is FlagState.ACTED
    assert acts(flagged, ACTED_ON) == [("Ada", FLAG)]
    noted = flagged.record.read_now(lambda reader: file_of(flagged.number, reader)).of(NoteIncident)
    assert [one.what for _, one in noted] == ["Three calls in an hour"]
    text = flagged.get(f"/flags/{FLAG}").text
    assert flag(flagged).paper in text and "Note the incident" not in text


def test_a_flag_is_dismissed_with_a_reason(flagged):
    """Without one nothing is done; with it the flag sleeps; somebody else is told that it is over."""
    bare = flagged.post(f"/flags/{FLAG}/dismiss", on=f"/flags/{FLAG}", why=" ")
    assert (bare.status_code, {"href": "#why"} in read(bare.text).every("a")) == (409, True)
    assert flag(flagged).state is FlagState.OPEN
    done = flagged.post(f"/flags/{FLAG}/dismiss", on=f"/flags/{FLAG}", why=f"a campaign {HOSTILE}")
    assert done.status_code == 303
    assert (flag(flagged).state, acts(flagged, DISMISS)) == (FlagState.DISMISSED, [("Ada", FLAG)])
    page = read(flagged.get(f"/flags/{FLAG}").text)
    assert "a campaign" in "".join(page.text)
    assert FLAG not in flagged.get("/alerts").text
    flagged.sign_in("Bea", "manager")
    assert flagged.post(f"/flags/{FLAG}/dismiss", on="/alerts", why="mine").status_code == 409


def test_nobody_elses_flag_says_what_is_missing(browser):
    """An incident stands on a party's file: for a sender whom nobody knows there is a sentence and no form."""

    def job(tx):
        tx.add_contact(entry(id="c1", sender="email:x@example.org", whose="email:x@example.org"))
        tx.add_flag(Flag(FLAG, "email:x@example.org", "a threshold of old", browser.clock(), "c1", 3))

    browser.record.write_now(job)
    browser.sign_in("Ada", "manager")
    text = browser.get(f"/flags/{FLAG}").text
    assert "Nobody has said whose" in text and "Note the incident" not in text and "Dismiss the flag" in text
    answer = browser.post(f"/flags/{FLAG}/act", on=f"/flags/{FLAG}", what="x", category="persistent_contact")
    assert answer.status_code == 409
    read(answer.text)


def test_SPSO_68_alerts_are_for_those_who_may_read_them(open_browser):
    """Flags are listed without them; to their pages there is no way, and no form for what somebody may not do."""
    managers = frozenset({"manager"})
    browser = open_browser(rights={"alerts": managers, "dismiss_flag": managers})
    browser.record.write_now(
        lambda tx: (
            tx.add_contact(entry(id="c1")),
            tx.add_flag(Flag(FLAG, "email:x@example.org", "old", browser.clock(), "c1", 3)),
            tx.raise_alert(Raised(Alert("a1", "a1", AlertKind.HELD, Severity.SOON, TITLE, "w", browser.clock()))),
        )
    )
    browser.sign_in("Reception", "caseworker")
    assert TITLE not in browser.get("/alerts").text
    assert browser.get("/alerts/a1").status_code == 403
    assert "Dismiss the flag" not in browser.get(f"/flags/{FLAG}").text
    for path in ("/alerts/a1/acknowledge", "/alerts/a1/settle", f"/flags/{FLAG}/dismiss"):
        assert browser.post(path, on="/alerts", why="x").status_code == 403
    assert flag(browser).state is FlagState.OPEN
