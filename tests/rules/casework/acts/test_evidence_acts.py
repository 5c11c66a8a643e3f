"""Sealed evidence on the file: named, not shown; opened after the warning, each time on record."""

from hashlib import sha256

import pytest

from rules.casework.refused import Refused
from tests.rules.casework.acts.clerk import CLERK, MANAGER, NOW, Clerk

DIGEST = sha256(b"a recording").hexdigest()
PIECE = {"mark": "DISTRESSING - voicemail 1", "description": "A voicemail of two minutes", "digest": DIGEST, "size": 11}


def test_SPSO_66_sealed_evidence_has_a_marked_name_and_a_neutral_description():
    """The file says what it is, since when and by whom; it is not opened."""
    clerk = Clerk("spso")
    incident = clerk.incident()
    number = clerk.do("seal_evidence", **PIECE, incident=incident).id
    one = clerk.shelf.evidence[number]
    assert (one.mark, one.digest, one.size, one.incident) == (PIECE["mark"], DIGEST, 11, incident)
    assert (one.sealed_at, one.sealed_by, one.opened) == (NOW, CLERK.name, ())


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({"digest": ""}, "nothing to seal", id="no bytes were brought"),
        pytest.param({"size": 0}, "nothing to seal", id="an empty file"),
        pytest.param({"size": 25_000_001}, "25 MB at most", id="a byte above the policy's size"),
        pytest.param({"incident": "none"}, "no incident", id="an incident that is not on the file"),
        pytest.param({"mark": "distressing - VOICEMAIL 1"}, "is on this file", id="a mark that is taken"),
    ],
)
def test_SPSO_66_what_cannot_be_sealed_is_refused(fields, why):
    """Each with its reason; the file stays as it was."""
    clerk = Clerk("spso")
    clerk.do("seal_evidence", **PIECE)
    with pytest.raises(Refused, match=why):
        clerk.do("seal_evidence", **PIECE | {"mark": "Another"} | fields)
    assert len(clerk.file.papers) == 1


def test_SPSO_22_a_piece_of_just_the_policys_size_is_taken():
    """Twenty-five megabytes are 25,000,000 bytes."""
    clerk = Clerk("spso")
    clerk.do("seal_evidence", **PIECE | {"size": 25_000_000})
    assert len(clerk.shelf.evidence) == 1


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"digest": "xyz"}, id="a digest that is none"),
        pytest.param({"digest": DIGEST + "\n"}, id="a digest with a line end"),
        pytest.param({"mark": ""}, id="no mark"),
        pytest.param({"mark": "x" * 81}, id="a mark that is a story"),
        pytest.param({"size": -1}, id="less than nothing"),
    ],
)
def test_SPSO_66_a_piece_is_described_in_full(fields):
    """What does not fit its field is no act at all."""
    with pytest.raises(ValueError, match=next(iter(fields))):
        Clerk("spso").do("seal_evidence", **PIECE | fields)


def test_SPSO_67_nobody_opens_it_without_the_warning():
    """Whoever has not read the warning is given it, with its mark, and nothing is opened."""
    clerk = Clerk("spso")
    number = clerk.do("seal_evidence", **PIECE).id
    with pytest.raises(Refused, match="DISTRESSING - voicemail 1") as refused:
        clerk.do("open_evidence", MANAGER, evidence=number, reason="For the appeal.")
    assert (refused.value.clause, "warned" in refused.value.way) == ("SPSO-66", True)
    assert clerk.shelf.evidence[number].opened == ()


def test_SPSO_67_each_opening_is_on_record():
    """When and by whom, as often as it happens."""
    clerk = Clerk("spso")
    number = clerk.do("seal_evidence", **PIECE).id
    for _ in range(2):
        clerk.wait(hours=1)
        clerk.do("open_evidence", MANAGER, evidence=number, reason="For the appeal.", warned=True)
    assert [by for _, by in clerk.shelf.evidence[number].opened] == [MANAGER.name] * 2
    assert [at for at, _ in clerk.shelf.evidence[number].opened] == [paper.at for paper in clerk.file.papers[1:]]


def test_SPSO_68_only_those_who_need_it_open_it():
    """A caseworker may not, and nobody opens what is not there."""
    clerk = Clerk("spso")
    number = clerk.do("seal_evidence", **PIECE).id
    with pytest.raises(Refused, match="may not do this"):
        clerk.do("open_evidence", CLERK, evidence=number, reason="Curious.", warned=True)
    with pytest.raises(Refused, match="no sealed evidence"):
        clerk.do("open_evidence", MANAGER, evidence="none", reason="For the appeal.", warned=True)


@pytest.mark.parametrize(
    ("mark", "media_type", "name"),
    [
        pytest.param("DISTRESSING - voicemail 1", "audio/mpeg", "DISTRESSING-voicemail-1", id="a plain mark"),
        pytest.param("../../etc/passwd", "", "etc-passwd", id="a path"),
        pytest.param("C:\\x\r\nSet-Cookie: a.exe", "", "C-x-Set-Cookie-a-exe", id="a path and a header"),
        pytest.param(
            "\u202egpj.exe \u00e9\u00e8", "application/x-msdownload", "gpj-exe", id="letters of other scripts"
        ),
        pytest.param("\u2620", "text/html", "evidence", id="no letter at all"),
        pytest.param("x" * 80, "image/png", "x" * 60, id="a long mark"),
    ],
)
def test_C7_the_name_of_its_file_is_safe(mark, media_type, name):
    """Letters, digits and hyphens, and an ending that no machine runs, whatever it was called."""
    clerk = Clerk("spso")
    number = clerk.do("seal_evidence", **PIECE | {"mark": mark, "media_type": media_type}).id
    stem, _, ending = clerk.shelf.evidence[number].file_name().rpartition(".")
    assert stem.startswith(f"{name}-")
    assert ending in {"mp3", "png", "bin"}
    assert not set(stem) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")
