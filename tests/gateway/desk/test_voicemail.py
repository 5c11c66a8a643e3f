"""Messages on the pages of the desk: heard by those who may, in parts, with an act on record each time (SPSO-66)."""

from __future__ import annotations

import pytest

from gateway.casework.evidence import GIVEN
from gateway.desk.sound import sound
from gateway.looks import LOOKED
from gateway.voicemail import HEARD, LISTENS_FOR, Heard
from storage.entries import State
from storage.recordings import RecordingEntry
from tests.gateway.desk.test_pages import HOSTILE, read
from tests.gateway.left import RE1, RE2, leave
from tests.gateway.office import NOW
from tests.gateway.provider import SOUND


def acts(browser, name):
    """Name who did something, the first one first."""
    return [one.who for one in browser.record.read_now(lambda reader: reader.acts_named(name))]


def hear(browser, call, sid=RE1, **fields):
    """Press the button of a recording."""
    return browser.post(f"/voicemail/{call}/{sid}/hear", on=f"/voicemail/{call}", **fields)


def asked(browser, call, sid=RE1, **headers):
    """Ask as a player does."""
    return browser.get(f"/voicemail/{call}/{sid}/sound", headers=headers)


def test_a_message_is_heard_after_it_is_on_record_who_does(browser):
    """The list gives nothing out; a player gets parts for a while, and none of them is another hearing."""
    call = leave(browser)
    browser.sign_in()
    assert "+447700900456" in browser.get("/voicemail").text
    assert "<audio" not in browser.get(f"/voicemail/{call}").text
    assert (asked(browser, call).status_code, acts(browser, HEARD)) == (403, [])
    answer = hear(browser, call)
    assert (answer.status_code, acts(browser, HEARD)) == (303, ["Ada"])
    page = read(browser.client.get(answer.headers["Location"]).text)
    assert [one["src"] for one in page.every("audio")] == [f"/desk/voicemail/{call}/{RE1}/sound"]
    whole = asked(browser, call)
    assert (whole.status_code, whole.content, whole.headers["Content-Type"]) == (200, SOUND, "audio/mpeg")
    assert whole.headers["Content-Disposition"].startswith('attachment; filename="voicemail-')
    assert (whole.headers["X-Content-Type-Options"], whole.headers["Cache-Control"]) == ("nosniff", "no-store")
    part = asked(browser, call, Range="bytes=3-10")
    assert (part.status_code, part.content) == (206, SOUND[3:11])
    assert acts(browser, HEARD) == ["Ada"]
    browser.clock.advance(seconds=LISTENS_FOR.total_seconds() + 1)
    assert asked(browser, call).status_code == 403
    assert "<audio" not in browser.get(f"/voicemail/{call}").text


def test_who_opened_it_alone_is_given_the_sound(browser):
    """A colleague who knows the address hears nothing before they opened it under their own name."""
    call = leave(browser)
    browser.sign_in("Ada")
    hear(browser, call)
    browser.sign_in("Bea")
    assert asked(browser, call).status_code == 403
    hear(browser, call)
    assert (asked(browser, call).status_code, acts(browser, HEARD)) == (200, ["Ada", "Bea"])


def test_SPSO_66_a_partys_message_is_opened_as_the_evidence_that_it_is(browser):
    """After its warning, with a reason, by those who may open evidence; the paper is on the file."""
    party = browser.party()
    call = leave(browser, party=party)
    browser.sign_in("Ada", "caseworker")
    shown = browser.get(f"/voicemail/{call}").text
    assert "The Head of the office or Manager may open it." in shown
    assert hear(browser, call, reason="to answer it", warned="yes").status_code == 409
    assert "I have looked at it" not in shown
    assert "I have looked at it" not in browser.get(f"/waiting/{call}").text
    for room in ("voicemail", "waiting"):
        assert browser.post(f"/{room}/{call}/looked", on="/").status_code == 409
    browser.sign_in("Bea", "manager")
    shown = browser.get(f"/voicemail/{call}").text
    assert "Nobody has listened to it yet. It was sealed because it may distress" in shown
    read(shown)
    unread = hear(browser, call, reason="to answer it")
    assert (unread.status_code, "To open it, say warned." in unread.text) == (409, True)
    unsaid = hear(browser, call, reason=" ", warned="yes")
    assert (unsaid.status_code, "Say why you must hear it." in unsaid.text) == (409, True)
    assert (acts(browser, GIVEN), asked(browser, call).status_code) == ([], 403)
    assert hear(browser, call, reason="to answer it", warned="yes").status_code == 303
    assert (acts(browser, GIVEN), asked(browser, call).content) == (["Bea"], SOUND)
    papers = browser.record.read_now(lambda reader: reader.case_file(party)).papers
    assert [(one.by, one.act.reason) for one in papers if one.act.name == "open_evidence"] == [("Bea", "to answer it")]
    browser.clock.advance(seconds=LISTENS_FOR.total_seconds() + 1)
    assert asked(browser, call).status_code == 403
    assert browser.post(f"/voicemail/{call}/looked", on="/").status_code == 303
    assert acts(browser, LOOKED) == ["Bea"]


def test_it_is_marked_as_looked_at_once_by_name(browser):
    """Sent twice, or by a colleague behind, it is the first one's; it leaves the list."""
    call = leave(browser)
    browser.sign_in("Ada")
    form = browser.form(f"/voicemail/{call}")
    for _ in range(2):
        assert browser.post(f"/voicemail/{call}/looked", form=form).status_code == 303
    browser.sign_in("Bea")
    assert browser.post(f"/voicemail/{call}/looked", on="/").status_code == 303
    assert acts(browser, LOOKED) == ["Ada"]
    entry = browser.record.read_now(lambda reader: reader.contact(call))
    assert (entry.state, entry.looked_by) == (State.LOOKED_AT, "Ada")
    assert "No message waits." in browser.get("/voicemail").text
    page = browser.get(f"/voicemail/{call}").text
    assert "by <bdi>Ada</bdi>" in page
    assert "I have looked at it" not in page


def test_SPSO_68_whoever_may_not_know_sees_that_somebody_called(open_browser):
    """No name, no number of a party, no mark of what is sealed; nor may they say that it was looked at."""
    managers = frozenset({"manager"})
    browser = open_browser(rights={"read_file": managers, "open_evidence": managers})
    call = leave(browser, party=browser.party(), sender="phone:+441632960001")
    browser.sign_in("Reception", "caseworker")
    for path in ("/voicemail", f"/voicemail/{call}"):
        page = browser.get(path).text
        assert "somebody on file" in page
        for secret in ("R. Example", "960001", "VOICEMAIL", "/desk/waiting"):
            assert secret not in page, (path, secret)
    assert browser.post(f"/voicemail/{call}/looked", on="/").status_code == 409
    assert browser.record.read_now(lambda reader: reader.contact(call)).state is State.VOICEMAIL


def test_every_page_of_messages_is_valid_html(browser):
    """With two recordings, one opened, of a party whose name is hostile; with none that came; with nobody's number."""
    calls = [leave(browser, RE1, RE2), leave(browser, "RE" + "3" * 32, party=browser.party(name=HOSTILE))]
    browser.clock.advance(seconds=1)
    calls.append(leave(browser, "RE" + "4" * 32, sender="", sound=b"x"))
    browser.sign_in("Bea", "manager")
    hear(browser, calls[0])
    for path in ("/voicemail", *(f"/voicemail/{one}" for one in calls)):
        answer = browser.get(path)
        page = read(answer.text)
        assert not [tag for tag, _ in page.seen if tag in ("script", "img")]
        assert ("media-src 'self'" in answer.headers["Content-Security-Policy"]) is (path != "/voicemail")
    for path in ("/voicemail/nothing", f"/voicemail/{calls[0]}x", "/voicemail/%3Cb%3E"):
        assert browser.get(path).status_code == 404
    assert asked(browser, calls[0], "RE9").status_code == 403


PARTS = {
    "all of it, to the end": ("bytes=0-", 206, SOUND, f"bytes 0-{len(SOUND) - 1}/{len(SOUND)}"),
    "some of it": ("bytes=2-4", 206, SOUND[2:5], f"bytes 2-4/{len(SOUND)}"),
    "more than there is": (f"bytes=5-{len(SOUND) * 9}", 206, SOUND[5:], f"bytes 5-{len(SOUND) - 1}/{len(SOUND)}"),
    "the last of it": ("bytes=-6", 206, SOUND[-6:], f"bytes {len(SOUND) - 6}-{len(SOUND) - 1}/{len(SOUND)}"),
    "more than all of the last": ("bytes=-999999", 206, SOUND, f"bytes 0-{len(SOUND) - 1}/{len(SOUND)}"),
    "behind its end": (f"bytes={len(SOUND)}-", 416, b"", f"bytes */{len(SOUND)}"),
    "nothing of the last": ("bytes=-0", 416, b"", f"bytes */{len(SOUND)}"),
    "a part that ends before it begins": ("bytes=9-3", 200, SOUND, None),
    "two parts": ("bytes=0-1,4-5", 200, SOUND, None),
    "another unit": ("lines=0-1", 200, SOUND, None),
    "neither end": ("bytes=-", 200, SOUND, None),
    "a number without end": (f"bytes={'9' * 500}-", 200, SOUND, None),
    "no range": ("", 200, SOUND, None),
}


@pytest.mark.parametrize(("given", "status", "content", "said"), PARTS.values(), ids=PARTS)
def test_a_player_gets_the_part_that_it_asks_for(given, status, content, said):
    """One range as RFC 9110 has it; what is none is answered with all of it."""
    answer = sound(Heard(RecordingEntry(RE1, "c", NOW, NOW, media_type="audio/mpeg"), SOUND, "v.mp3"), given)
    assert (answer.status_code, answer.body, answer.headers.get("Content-Range")) == (status, content, said)


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "", "audio/mpeg; x"])
def test_W1_what_is_no_sound_is_a_download(kind):
    """Whatever whoever brought it said that it is: of no type that a browser shows or runs."""
    answer = sound(Heard(RecordingEntry(RE1, "c", NOW, NOW, media_type=kind), b"<script>", "v.bin"), "")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_what_is_not_here_is_said_and_offers_no_player(browser):
    """A sound that is still to come, and one that is kept no longer, in words; the call is marked all the same."""
    call = leave(browser)
    browser.record.write_now(lambda tx: tx.link.plain("UPDATE recordings SET content = NULL", {}))
    browser.sign_in()
    assert "kept no longer" in browser.get("/voicemail").text
    page = browser.get(f"/voicemail/{call}").text
    assert "Its sound is kept no longer." in page
    assert "Hear it</button>" not in page
    assert hear(browser, call).status_code == 409
    browser.record.write_now(lambda tx: tx.link.plain("UPDATE recordings SET state = 'waiting', detail = 'later'", {}))
    assert "still to be fetched (<bdi>later</bdi>)" in browser.get(f"/voicemail/{call}").text
    assert browser.post(f"/voicemail/{call}/looked", on="/").status_code == 303
