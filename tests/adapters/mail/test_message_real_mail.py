"""Real mail, where the folder with it lies beside the repository: nearly everybody is certain, nothing raises."""

from pathlib import Path

import pytest

from adapters.mail.line_ends import only_crlf, to_crlf
from adapters.mail.message import read
from adapters.mail.trace import content_key

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
MAIL, BOUNCES = DATA / "real-mail", DATA / "bounces" / "maildir"


def messages(folder: Path) -> list[bytes]:
    """Read all messages as they would come by SMTP, less the line that mailboxes put before them."""
    raws = [path.read_bytes() for path in sorted(folder.rglob("*.eml"))]
    return [to_crlf(raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw) for raw in raws]


@pytest.mark.skipif(not MAIL.is_dir(), reason="the real mail does not lie beside the repository")
def test_ordinary_people_are_certain():
    """Of 1,400 ordinary messages hardly any leaves a doubt, and each is a message of its own."""
    raws = messages(MAIL)
    headings = [read(raw) for raw in raws]
    doubts = [heading.doubt for heading in headings if heading.sender is None]
    assert len(headings) >= 1_400
    assert len(doubts) <= len(headings) / 200, doubts
    assert all(heading.received_at or heading.date for heading in headings)
    assert len({content_key(heading.sender or "", raw) for heading, raw in zip(headings, raws, strict=True)}) > 1_390


@pytest.mark.skipif(not BOUNCES.is_dir(), reason="the bounces do not lie beside the repository")
def test_bounces_and_broken_mail_are_read():
    """Bounces of many systems, some of them broken, are read without an exception and with clean texts."""
    headings = [read(raw) for raw in messages(BOUNCES)]
    assert len(headings) > 800
    assert all(heading.sender or heading.doubt for heading in headings)
    assert all(heading.subject.isprintable() or not set(heading.subject) & set("\r\n\0\x1b") for heading in headings)


@pytest.mark.skipif(not MAIL.is_dir(), reason="the real mail does not lie beside the repository")
def test_real_mail_has_whole_line_ends_only():
    """After the door every message has CRLF line ends only, and normalising again changes nothing."""
    assert all(only_crlf(raw) for raw in messages(MAIL))
