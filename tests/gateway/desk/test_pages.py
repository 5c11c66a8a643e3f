"""The pages: valid HTML that needs no script, labels and headings, and nothing of what people chose as markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from gateway.desk.pages import HERE, printed_page
from rules.contact import Channel
from storage.entries import State
from tests.storage.office import entry

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=y>\u202e{{ 7777*7777 }}"
TERMS = {"kind": "visit_terms", "appointment": True}
_VOID = {"meta", "link", "input", "br"}
_ONE_OF = {"h1", "main", "title"}


class Strict(HTMLParser):
    """Follow the tags of a page, and insist on what HTML and WCAG 2.2 ask for."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        """Open an element; its attributes are there once."""
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        self.seen.append((tag, dict(attrs)))
        if tag not in _VOID:
            if tag == "p":
                assert "p" not in self.open, "a paragraph in a paragraph"
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Close the element that was opened last."""
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Keep the text."""
        self.text.append(data)

    def every(self, tag):
        """Give the attributes of every element of this name."""
        return [attributes for name, attributes in self.seen if name == tag]


def read(text: str) -> Strict:
    """Read a page, and look at what every page must have."""
    assert text.lstrip().startswith("<!doctype html>")
    page = Strict()
    page.feed(text)
    page.close()
    assert page.open == []
    for tag in _ONE_OF:
        assert len(page.every(tag)) == 1, tag
    assert page.every("html") == [{"lang": "en"}]
    ids = [one["id"] for _, one in page.seen if "id" in one]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag, _ in page.seen if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels
    labelled = {one.get("for") for one in page.every("label")}
    for tag in ("input", "select", "textarea"):
        for one in page.every(tag):
            assert one.get("type") == "hidden" or one.get("id") in labelled, one
    for _, one in page.seen:
        for name in ("aria-describedby", "aria-labelledby"):
            assert set((one.get(name) or "").split()) <= set(ids), one
        assert not [name for name in one if name.startswith("on") or name == "style"]
    for one in page.every("a"):
        target = one["href"]
        assert target.startswith("/desk/") or target.removeprefix("#") in ids, target
    for one in page.every("form"):
        assert one["action"].startswith("/desk/")
    return page


@pytest.fixture
def lived(browser):
    """A desk with a hostile party in everything that can hold its name."""
    number = browser.party(
        TERMS, {"kind": "block", "channels": ["call"]}, name=HOSTILE, known=("r.example@example.org",)
    )
    browser.party({"kind": "block"}, name="A. One", known=("+441632960555",), shared=True)
    browser.adjust(number, Channel.SMS, detail=HOSTILE)
    held = entry(state=State.HELD, whose=f"party:{number}", party_id=number, sender="email:r.example@example.org")
    browser.record.write_now(lambda tx: tx.add_contact(held))
    browser.sign_in("Ada", "manager")
    browser.number = number
    return browser


def test_every_page_is_valid_and_can_be_used_without_script(lived):
    """Tags in order, ids once, a label for every field, one heading above all, a link past the menu."""
    done = lived.add("visit", party=lived.number, note=HOSTILE)
    for path in (
        "/",
        "/?channel=visit",
        "/log",
        f"/log?who={lived.number}",
        "/waiting",
        f"/parties/{lived.number}",
        f"/log/{done.entry.id}",
        "/nothing",
    ):
        page = read(lived.get(path).text)
        assert page.every("a")[0] == {"class": "skip", "href": "#main"}
    read(browser_text(lived, "/log", channel="", day="x", time="y"))
    lived.client.cookies.clear()
    read(lived.get("/sign-in").text)
    read(browser_text(lived, "/sign-in", token="x"))


def browser_text(browser, path, **fields):
    """Give the page that answers a form with a fault in it."""
    answer = browser.post(path, **fields)
    assert answer.status_code in (401, 422)
    page = answer.text
    assert "<title>Error: " in page
    assert 'role="alert"' in page
    return page


def test_W1_nothing_that_people_chose_is_markup(lived):
    """A name, a note, an adjustment, an address in the question: shown as they are written, turned by nothing."""
    done = lived.add("visit", party=lived.number, note=HOSTILE, staff="<b>x")
    pages = [
        lived.get("/"),
        lived.get("/", params={"name": HOSTILE, "line": HOSTILE}),
        lived.get("/waiting"),
        lived.get(f"/parties/{lived.number}"),
        lived.get("/log", params={"who": HOSTILE}),
        lived.get(f"/log/{done.entry.id}"),
        lived.post("/log", channel="visit", who=f"{HOSTILE}x", note=HOSTILE, day="2026-03-09", time="09:00"),
    ]
    for answer in pages:
        page = read(answer.text)
        assert not [tag for tag, _ in page.seen if tag in ("script", "img", "b")]
        assert "\u202e" not in answer.text
        assert "60481729" not in "".join(page.text)
    assert "<script>alert(1)</script>" in "".join(read(pages[0].text).text)
    assert "\\u202e" in pages[0].text


def test_a_contact_is_logged_on_the_page_once_however_often_it_is_sent(lived):
    """The form's own key makes two sendings one; the entry says what is in force."""
    form = lived.get("/log").text
    key = re.search(r'name="key" value="([^"]+)"', form)[1]
    fields = {
        "channel": "visit",
        "who": str(lived.number),
        "day": "2026-03-09",
        "time": "09:30",
        "minutes": "5",
        "key": key,
    }
    first, second = (lived.post("/log", **fields) for _ in range(2))
    assert (first.status_code, second.headers["Location"]) == (303, first.headers["Location"])
    shown = lived.client.get(first.headers["Location"]).text
    assert "To be seen by appointment only." in shown
    assert "Monday 9 March 2026 at 09:30" in shown
    number = first.headers["Location"].rpartition("/")[2]
    back = lived.post(f"/log/{number}/take-back", on=f"/log/{number}", why="the wrong person")
    assert back.status_code == 303
    assert "the wrong person" in lived.get(f"/log/{number}").text
    assert lived.record.read_now(lambda reader: reader.contact(number)).state is State.TAKEN_BACK
    assert lived.post(f"/log/{number}/take-back", on="/", why="x").status_code == 409


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"channel": ""}, "channel-email", id="no channel"),
        pytest.param({"who": "Nobody"}, "who", id="a party that is not there"),
        pytest.param({"identifier": "who?"}, "identifier", id="no address"),
        pytest.param({"day": "9 March"}, "day", id="no day"),
        pytest.param({"day": "2026-03-10"}, "day", id="a day to come"),
        pytest.param({"day": "2026-03-29", "time": "01:30"}, "day", id="a time that the clocks skip"),
        pytest.param({"minutes": "five"}, "minutes", id="no number"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(lived, fields, field):
    """With a link to it from the top of the page."""
    given = {"channel": "visit", "day": "2026-03-09", "time": "09:00", "note": "kept", "key": "k"} | fields
    answer = lived.post("/log", **given)
    assert answer.status_code == 422
    page = read(answer.text)
    assert {"href": f"#{field}"} in page.every("a")
    assert "kept" in answer.text
    assert (
        lived.record.read_now(lambda reader: [one for one in reader.contacts(limit=9) if one.channel == "visit"]) == []
    )


def test_the_form_tells_nobody_unseen_who_is_on_file(lived):
    """Known or not, the same is wrong with the rest; a look-up that leads to no entry is an act, with ids only."""
    given = {"channel": "visit", "day": "2026-03-09", "time": "09:00", "key": "k"}
    wrong = ({"minutes": "x"}, {"minutes": "99999"}, {"identifier": "who?"}, {"day": "2026-03-10"}, {"to": "x" * 999})

    def asked(**fields):
        page = read(lived.post("/log", **given | fields).text)
        return [one["href"] for one in page.every("a") if one["href"].startswith("#")][-1], looked()

    def looked():
        acts = lived.record.read_now(lambda reader: reader.acts(limit=99))
        return [one for one in acts if one.act == "list_files"]

    before = len(looked())
    for fields in wrong:
        known, unknown = (asked(who=who, **fields) for who in (str(lived.number), "Nobody"))
        assert known == unknown, fields
        assert len(known[1]) == before, fields
    field, acts = asked(who="nobody@example.org")
    assert (field, len(acts)) == ("#who", before + 1)
    assert acts[0].detail == {"of": "hand_log", "parties": []}
    assert lived.post("/log", **given, note="a", who=str(lived.number)).status_code == 303
    _, acts = asked(who=str(lived.number), note="b")
    assert (len(acts), acts[0].detail) == (before + 2, {"of": "hand_log", "parties": [lived.number]})


def test_PHSO_M8_a_letter_to_return_shows_its_slip(lived):
    """On the page of the entry, which prints as nothing but the slip."""
    number = lived.party({"kind": "return_letters"}, name="P. Ost", known=())
    done = lived.add("letter", party=number)
    assert "We have not kept your letter." in lived.get(f"/log/{done.entry.id}").text


def test_the_page_today_is_one_file_with_all_that_it_needs(lived):
    """For a printer without the gateway: its style inside, and no link to anywhere."""
    text = printed_page(lived.brief(), lived.settings)
    page = Strict()
    page.feed(text)
    assert page.open == []
    assert not [tag for tag, _ in page.seen if tag in ("script", "link", "img", "a", "form")]
    assert "@media print" in text
    assert "\u202e" not in text


def test_the_page_today_is_taken_as_a_pdf(lived):
    """As the part of it that is shown, as a download; a sign that our fonts have not is said in a sentence."""
    link = read(lived.get("/?channel=visit").text)
    assert "/desk/today.pdf?channel=visit" in [one["href"] for one in link.every("a")]
    answer = lived.get("/today.pdf?channel=visit")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="today-2026-03-09.pdf"'
    lived.party({"kind": "block"}, name="\u5f20", known=())
    answer = lived.get("/today.pdf")
    assert (answer.status_code, "U+5F20" in read(answer.text).text.__str__()) == (409, True)


def test_the_menu_names_the_pages_that_somebody_may_ask_for(open_browser):
    """And says which of them is shown, to those who see and to those who hear it."""
    managers = frozenset({"manager"})
    browser = open_browser(rights={"read_file": managers, "hear_voicemail": managers})
    browser.sign_in("Reception", "caseworker")
    menu = [(one["href"], one.get("aria-current")) for one in read(browser.get("/log").text).every("a")][1:]
    assert menu == [("/desk/", None), ("/desk/log", "page")]


def _luminance(colour):
    shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_of_text_can_be_read():
    """At least 4.5 to 1 on white, and on the green behind what was agreed (WCAG 2.2, 1.4.3)."""
    style = (HERE / "style.css").read_text("utf-8")
    inks = set(re.findall(r"(?<![-\w])color: (#[0-9a-f]{6})", style)) - {"#ffffff"}
    assert len(inks) >= 4
    for ink in inks:
        assert (_luminance("#ffffff") + 0.05) / (_luminance(ink) + 0.05) >= 4.5, ink
    for back in ("#00603a",):
        assert (_luminance("#ffffff") + 0.05) / (_luminance(back) + 0.05) >= 4.5, back
