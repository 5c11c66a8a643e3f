"""Acts on who a party is: each way to be refused, and what goes on the file."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rules.casework.breaches import open_of
from rules.casework.file import Mark
from rules.casework.identifiers import stale
from rules.casework.refused import Refused
from rules.contact import Identifier, IdentifierKind
from tests.rules.casework.acts.clerk import NOW, OWN, Clerk

STALE_DAYS = 365
DOMAIN = Identifier(IdentifierKind.DOMAIN, "council.example.org")
PHONE = Identifier(IdentifierKind.PHONE, "+441632960001")
LEFT = "left@council.example.org"
MARKS = (
    Mark(OWN, how="on the form", by="intake", established=NOW, confirmed=NOW),
    Mark(DOMAIN, how="their site"),
    Mark(PHONE, shared=True),
    Mark(Identifier(IdentifierKind.EMAIL, LEFT), exception=True),
)


def clerk():
    """Give a clerk with a file that has every kind of mark."""
    return Clerk("phso", *MARKS)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        pytest.param("R.New@Example.ORG", "email:r.new@example.org", id="an address, without case"),
        pytest.param("@Example.org", "domain:example.org", id="a domain"),
        pytest.param("01632 960 002", "phone:+441632960002", id="a number as people write it"),
        pytest.param("mastodon:@Rosa", "handle:mastodon:rosa", id="a handle"),
        pytest.param("email:r.new@example.org", "email:r.new@example.org", id="as the record writes it"),
        pytest.param("phone:+441632960002", "phone:+441632960002", id="a number as the record writes it"),
    ],
)
def test_an_identifier_is_written_in_its_normal_form(typed, written):
    """However a person types it, the paper has the form that compares equal, and reads back alike."""
    paper = clerk().do("add_identifier", identifier=typed, how="by phone")
    assert paper.act.identifier == written
    assert type(paper.act).model_validate(paper.act.model_dump(mode="json")) == paper.act


@pytest.mark.parametrize("typed", ["", "nobody", "@", "phone:rosa@example.org", "a\nb@example.org", "x" * 401])
def test_what_is_no_identifier(typed):
    """What nobody could be recognised by is a sentence."""
    with pytest.raises(ValueError, match=r"no identifier|at most 400"):
        clerk().do("add_identifier", identifier=typed, how="by phone")


REFUSED = {
    "one that is on the file": ("add_identifier", {"identifier": OWN.value, "how": "x"}, "on this file already"),
    "an exception to no domain": (
        "add_identifier",
        {"identifier": "a@example.org", "how": "x", "exception": True},
        "no domain on this file",
    ),
    "not theirs and shared": (
        "add_identifier",
        {"identifier": "a@council.example.org", "how": "x", "exception": True, "shared": True},
        "cannot be shared",
    ),
    "confirmed tomorrow": (
        "add_identifier",
        {"identifier": "a@example.org", "how": "x", "confirmed": date(2026, 3, 12)},
        "still to come",
    ),
    "taking off what is not on it": (
        "remove_identifier",
        {"identifier": "a@b.org", "reason": "x"},
        "is not on the file",
    ),
    "confirming what is not on it": ("confirm_identifier", {"identifier": "a@b.org", "how": "x"}, "is not on the file"),
    "confirming it tomorrow": (
        "confirm_identifier",
        {"identifier": OWN.value, "how": "x", "on": date(2026, 3, 12)},
        "still to come",
    ),
    "confirming it before it was confirmed": (
        "confirm_identifier",
        {"identifier": OWN.value, "how": "x", "on": date(2026, 3, 1)},
        "confirmed since then, on 2026-03-11",
    ),
    "sharing what is not on it": ("share_identifier", {"identifier": "a@b.org", "reason": "x"}, "is not on the file"),
    "sharing what is shared": ("share_identifier", {"identifier": PHONE.value, "reason": "x"}, "is shared already"),
    "sharing what is not theirs": ("share_identifier", {"identifier": LEFT, "reason": "x"}, "as not theirs"),
    "unsharing what is theirs alone": (
        "share_identifier",
        {"identifier": OWN.value, "reason": "x", "shared": False},
        "theirs alone already",
    ),
    "merging with itself": ("merge", {"other": 7, "reason": "x"}, "with itself"),
    "splitting what was never merged": ("split", {"merge": "nothing", "reason": "x"}, "There is no merge nothing"),
    "correcting what is nobody's": ("correct", {"identifier": "a@b.org", "reason": "x"}, "not recognised as Rosa"),
    "correcting it a second time": ("correct", {"identifier": LEFT, "reason": "x"}, "as not theirs already"),
    "assessing no correction": (
        "assess_breach",
        {"correction": "nothing", "risk": "x", "regulator_told": True, "person_told": True},
        "There is no correction nothing",
    ),
}


@pytest.mark.parametrize(("act", "fields", "why"), REFUSED.values(), ids=REFUSED)
def test_refused(act, fields, why):
    """What makes no sense on this file is refused with a sentence, and nothing is on it."""
    here = clerk()
    with pytest.raises(Refused, match=why):
        here.do(act, **fields)
    assert here.file.papers == ()


def test_what_is_taken_off_is_kept_on_the_paper():
    """How, by whom and when it was established stays on record, whatever somebody gave for it."""
    act = clerk().do("remove_identifier", identifier=OWN.value, reason="a new address", how="forged").act
    assert (act.how, act.established_by, act.established) == ("on the form", "intake", NOW)


@pytest.mark.parametrize(
    ("identifier", "known", "by_domain"),
    [
        pytest.param(OWN.value, "on the form", False, id="an address of their own"),
        pytest.param("other@council.example.org", "their site", True, id="an address of their domain"),
        pytest.param("@council.example.org", "their site", False, id="the whole domain"),
        pytest.param(PHONE.value, "", False, id="a number that is shared"),
    ],
)
def test_any_colleague_corrects(identifier, known, by_domain):
    """Without role or approval; the paper keeps what was known, and the draft of an apology that names nobody else."""
    act = clerk().do("correct", identifier=identifier, reason="she rang: it is her number", apology="forged").act
    assert (act.how, act.by_domain) == (known, by_domain)
    assert identifier in act.apology
    assert "We are sorry" in act.apology
    assert "Rosa" not in act.apology
    assert "11 March 2026" in act.apology


def test_a_breach_is_open_for_72_hours_until_it_is_assessed():
    """From the moment somebody said so; assessed once; without telling the regulator only with the reason."""
    here = clerk()
    paper = here.do("correct", identifier=OWN.value, reason="it is her brother's")
    (breach,) = open_of(here.file.papers)
    assert (breach.id, breach.due) == (paper.id, NOW + timedelta(hours=72))
    assert not breach.overdue(NOW + timedelta(hours=71, minutes=59))
    assert breach.overdue(NOW + timedelta(hours=72))
    fields = {"correction": paper.id, "risk": "A returned mail told a stranger.", "person_told": True}
    with pytest.raises(Refused, match="the reason stays on record"):
        here.do("assess_breach", regulator_told=False, **fields)
    here.do("assess_breach", regulator_told=False, why="No risk to anybody.", **fields)
    assert open_of(here.file.papers) == ()
    with pytest.raises(Refused, match="assessed already"):
        here.do("assess_breach", regulator_told=True, **fields)


def test_a_merge_is_undone_once():
    """The split knows the other's number from the merge; a second one is refused."""
    here = clerk()
    merge = here.do("merge", other=9, reason="one address")
    assert here.do("split", merge=merge.id, reason="two brothers", other=12).act.other == 9
    with pytest.raises(Refused, match="undone already"):
        here.do("split", merge=merge.id, reason="again")


@pytest.mark.parametrize(
    ("established", "confirmed", "is_stale"),
    [
        pytest.param(None, None, True, id="nobody knows since when"),
        pytest.param(STALE_DAYS, None, True, id="established a year ago to the day"),
        pytest.param(STALE_DAYS - 1, None, False, id="established less than a year ago"),
        pytest.param(900, STALE_DAYS - 1, False, id="old, and confirmed since"),
        pytest.param(900, STALE_DAYS, True, id="confirmed a year ago"),
        pytest.param(0, 900, False, id="brought in with an old confirmation and established today"),
    ],
)
def test_numbers_are_recycled(established, confirmed, is_stale):
    """An identifier that nobody confirmed for a year is stale."""
    now = datetime(2026, 3, 11, tzinfo=UTC)
    ago = [None if days is None else now - timedelta(days=days) for days in (established, confirmed)]
    assert stale(Mark(OWN, established=ago[0], confirmed=ago[1]), now, timedelta(days=STALE_DAYS)) is is_stale
