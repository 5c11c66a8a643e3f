"""Contacts of the past for the tests of the import: mail as it lies in mailboxes, call logs, what became of them."""

from datetime import UTC, datetime
from pathlib import Path

from gateway.config import read_policy
from gateway.import_contacts import ImportContacts, asked_for
from gateway.past_calls import Terms, calls_in
from gateway.past_mail import Reading, read_message
from gateway.past_sources import Sources
from rules import identity
from rules.standing import PartyKind
from storage.entries import State

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
POLICY = read_policy("default", Path())
ROSA, SAM = "rosa@example.org", "sam@example.org"
LINE, ROSAS_NUMBER, SAMS_NUMBER = "+442079460000", "+441632960001", "+441632960002"
TWILIO = "Call Sid,Parent Call Sid,Start Time,From,To,Direction,Duration,Status\n"


def reading(**changes):
    """Say how mail is read in an office that knows Rosa."""
    plain = {
        "domains": frozenset({"office.example.org"}),
        "office": "hello@office.example.org",
        "known": frozenset({ROSA}),
        "now": NOW,
        "policy": POLICY,
    }
    return Reading(**(plain | changes))


def terms(**changes):
    """Say how call logs are read."""
    return Terms(**({"policy": POLICY, "now": NOW} | changes))


def message(
    sender=ROSA, number="1", when="Mon, 9 Mar 2026 10:00:00 +0000", text="Hello.", header="", to="hello", date=""
):
    """Write a message with CRLF line ends, received at a time."""
    whole = (
        f"Received: from a by b; {when}\n{header}From: {sender}\nTo: {to}@office.example.org\nSubject: My case\n"
        f"Date: {date or when}\nMessage-ID: <{number}@example.org>\n\n{text}\n"
    )
    return whole.replace("\n", "\r\n").encode()


def mail(*args, reads=None, place="past.mbox:1", **more):
    """Read a message of the past."""
    return read_message(reads or reading(), message(*args, **more), place)


def calls(folder, text, name="calls.csv", encoding="utf-8", **how):
    """Read a call log of this text."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return list(calls_in(path, terms(**how), lambda octets: None))


def row(sid="CA1", at="2026-03-09T10:00:00Z", caller=ROSAS_NUMBER, duration="65", status="completed", way="inbound"):
    """Write a row of Twilio's log."""
    return f"{sid},,{at},{caller},{LINE},{way},{duration},{status}\n"


def add_rosa(record):
    """Put Rosa on record with her address and number; gives her number."""

    def add(tx):
        party = tx.add_party("Rosa Example", PartyKind.PERSON)
        for one in (identity.email(ROSA), identity.phone(ROSAS_NUMBER)):
            tx.add_identifier(one, party)
        return party

    return record.write_now(add)


def bring_in(record, reads, asked="all", **how):
    """Bring contacts of the past in."""
    return ImportContacts(record, POLICY, lambda: NOW).bring_in(reads, asked_for([asked]), "clerk", **how)


def sources(*paths, **how):
    """Say which files are gone through."""
    return Sources(paths, reading(), terms(), **how)


def on_record(record):
    """Give all contacts with what is kept beside them, by key; of the import itself and of ids nothing."""

    def look(reader):
        entries = reader.contacts(limit=100_000)
        keys = {one.id: one.key for one in entries}
        return {one.key: _of(reader, one, keys) for one in entries}

    return record.read_now(look)


def _of(reader, one, keys):
    said = reader.fingerprint(one.id)
    repeat = (keys[said.repeat.of], said.repeat.how, said.repeat.percent) if said and said.repeat else None
    plain = (one.channel, one.at, one.whose, one.party_id, one.state, one.sender, one.counts, one.counted_at)
    more = (one.words, one.talk_s, one.size, one.nature, one.assurance, one.targets, one.updated_at, one.look_by)
    return plain, more, reader.particulars(one.id), said and said.words, repeat


def past_only(record):
    """Tell whether all that is on record is of the past, and waits for nobody."""
    entries = record.read_now(lambda reader: reader.contacts(limit=100_000))
    return all(one.state is State.PAST and one.counted_at is None and not one.owner for one in entries)
