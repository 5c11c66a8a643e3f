"""Levels of the real mail in shared equal a plain count: who sent it, when, to whom, on what, how often the same."""

import email
import email.policy
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.contact_files import gather
from gateway.party_levels import windows
from gateway.replay import Replay
from rules.contact import Assurance
from rules.windows import Mode
from tests.levels import plain
from tests.levels.test_levels_generated import POLICY, agree, measured

REAL = Path(__file__).parents[3] / "shared" / "data" / "real-mail"
NOW = datetime(2026, 3, 9, 10, tzinfo=UTC)
_ID = re.compile(r"<[^<>\s]+>")
pytestmark = [
    pytest.mark.skipif(not REAL.is_dir(), reason="the real mail is not here"),
    pytest.mark.xdist_group("real mail"),
]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_levels_of_real_mail(record):
    """Who wrote more than twice is put on file; many of their messages are looked at from their own second."""
    pasts = gather([REAL], now=NOW).pasts
    senders = [past.contact.sender for past in pasts if past.contact.sender]
    often = sorted({sender for sender in senders if senders.count(sender) > 2})

    def settle(tx):
        found = {}
        for sender in often:
            found[sender] = tx.add_party(sender.value)
            tx.add_identifier(sender, found[sender], how="wrote", by="x")
        return found

    numbers = record.write_now(settle)
    replayed = list(Replay(record, POLICY).run(pasts))
    # What counts is one rule for limits, thresholds and levels: it is asked, and not said again here.
    entries = record.read_now(lambda reader: reader.contacts(limit=10_000))
    uncounted = {entry.id for entry in entries if not entry.counts and entry.assurance is not Assurance.FAILED}
    contacts = [_plain(one, past, numbers, uncounted) for one, past in zip(replayed, pasts, strict=True)]
    contacts = [one for one in contacts if one is not None]
    assert len(contacts) > 1000
    looked = 0
    for one in [each for each in contacts if each.who.startswith("party:")][::25]:
        for mode in Mode:
            for span in windows(mode, one.at, POLICY):
                here = [each for each in contacts if plain.inside(each.at, one.at, span.window.per.value, mode.value)]
                found = measured(record, one.who, span)
                agree(found.levels, plain.measure(here, one.who), (one.who, one.at, span.window))
                looked += found.levels["attempts"] > 1
    assert looked > 15


def _plain(one, past, numbers, uncounted):
    """Write down what the standard library and the door say of a message; None for one that came twice."""
    contact = one.contact
    if one.double:
        return None
    party = numbers.get(contact.sender)
    raw = email.message_from_bytes(past.contents.octets(), policy=email.policy.compat32)
    threads = [*_ID.findall(str(raw.get("References", ""))), *_ID.findall(str(raw.get("In-Reply-To", "")))]
    threads += _ID.findall(str(raw.get("Message-ID", "")))
    return plain.Plain(
        id=contact.id,
        who=f"party:{party}" if party else f"email:{contact.sender.value}" if contact.sender else "nobody",
        channel="email",
        at=contact.at,
        forged=contact.assurance is Assurance.FAILED,
        automatic=contact.id in uncounted,
        nobody=contact.sender is None,
        claimed=contact.assurance is Assurance.CLAIMED,
        words=contact.words,
        repeats=one.repeat.how.value if one.repeat else "",
        recipients=contact.recipients,
        cc=contact.cc,
        thread=threads[0] if threads and party else "",
    )
