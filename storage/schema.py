"""The tables and their indexes: the one description of what is on record.

Times are BIGINT microseconds since 1970 UTC, JSON is TEXT. A change here needs a migration beside it; a test compares.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from storage.entries import State

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

# SQLite counts its row numbers by themselves only for INTEGER, and INTEGER has 64 bits there.
Number = BigInteger().with_variant(Integer(), "sqlite")


def in_state(column: Column[str], state: State) -> ColumnElement[bool]:
    """Write a state as a literal, so that both databases see that a partial index fits."""
    return column == literal_column(f"'{state.value}'")


parties = Table(
    "parties",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    # Goes up with every change to what is known of the party, so that a file read once can be kept.
    Column("version", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    # The party that it turned out to be; nothing is done on a party that was merged.
    Column("merged_into", Number, ForeignKey("parties.id"), index=True),
    # A number is never given to a second party.
    sqlite_autoincrement=True,
)

identifiers = Table(
    "identifiers",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("party_id", Number, ForeignKey("parties.id"), primary_key=True, index=True),
    Column("shared", Boolean, nullable=False),
    # An address of a domain that does not belong to the domain's party.
    Column("exception", Boolean, nullable=False),
    Column("how", Text, nullable=False),
    Column("established_by", Text, nullable=False),
    Column("established_at", BigInteger, nullable=False),
    Column("confirmed_at", BigInteger),
    # One tree instead of two: a look-up by address costs half.
    sqlite_with_rowid=False,
)

restrictions = Table(
    "restrictions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("party_id", Number, ForeignKey("parties.id"), nullable=False, index=True),
    Column("measures", Text, nullable=False),
    Column("starts", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("told", Text, nullable=False),
    Column("review_at", BigInteger),
    Column("contract_agreed", BigInteger),
    Column("created_at", BigInteger, nullable=False),
)

adjustments = Table(
    "adjustments",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("party_id", Number, ForeignKey("parties.id"), nullable=False, index=True),
    Column("need", Text, nullable=False),
    Column("open", Text, nullable=False),
    Column("agreed", BigInteger),
    Column("ends", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    # The paper that agreed it; none where it was imported.
    Column("paper", Text, unique=True),
    Column("forms", Text, nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_autoincrement=True,
)

facts = Table(
    "facts",
    metadata,
    # What the papers of a party say that decisions must know, read with its restrictions.
    Column("party_id", Number, ForeignKey("parties.id"), primary_key=True, autoincrement=False),
    Column("data", Text, nullable=False),
)

speakers = Table(
    "speakers",
    metadata,
    # Addresses and numbers of advocates, with their kind, by which the party whose facts name them is found.
    Column("identifier", Text, primary_key=True),
    Column("party_id", Number, ForeignKey("parties.id"), primary_key=True, autoincrement=False, index=True),
)

papers = Table(
    "papers",
    metadata,
    # Its link in the chain of acts, and so the order of all papers.
    Column("seq", Number, ForeignKey("acts.seq"), primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("party_id", Number, ForeignKey("parties.id"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("written_by", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("data", Text, nullable=False),
    # The digest of its contents where retention deleted them: its link in the chain covers that.
    Column("removed", Text),
)

moves = Table(
    "moves",
    metadata,
    # The paper of the merge that brought it: what came is what a split gives back.
    Column("paper", Text, ForeignKey("papers.id"), primary_key=True),
    Column("what", Text, primary_key=True),
    Column("which", Text, primary_key=True),
    sqlite_with_rowid=False,
)

evidence_contents = Table(
    "evidence_contents",
    metadata,
    # SHA-256, in hexadecimal: the same bytes are kept once, whoever brought them.
    Column("digest", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    # The paper that sealed it.
    Column("paper", Text, ForeignKey("papers.id"), primary_key=True),
    Column("digest", Text, ForeignKey("evidence_contents.digest"), nullable=False, index=True),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("party_id", Number, ForeignKey("parties.id"), nullable=False, index=True),
    Column("about", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("drafted_at", BigInteger, nullable=False),
    Column("drafted_by", Text, nullable=False),
    Column("says", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("terms", Text, nullable=False),
    # Its PDFs as they were read, for what is sent is what was read.
    Column("printed", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("changed_at", BigInteger, nullable=False),
    Column("read_by", Text, nullable=False),
    Column("read_roles", Text, nullable=False),
    Column("letters", Text, nullable=False),
    Column("paper", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

confidential = Table(
    "confidential",
    metadata,
    # Its link in the chain of acts.
    Column("seq", Number, ForeignKey("acts.seq"), primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("at", BigInteger, nullable=False),
    Column("written_by", Text, nullable=False),
    Column("colleague", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("words", Text, nullable=False),
    # As of papers.
    Column("removed", Text),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text),
    Column("channel", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("whose", Text, nullable=False),
    Column("party_id", Number, ForeignKey("parties.id")),
    Column("sender", Text, nullable=False),
    Column("assurance", Text, nullable=False),
    Column("nature", Text, nullable=False),
    Column("decided", Text, nullable=False),
    Column("carried", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("counted_at", BigInteger),
    Column("size", BigInteger, nullable=False),
    Column("words", Integer),
    Column("talk_s", Integer),
    Column("reserved_s", Integer),
    Column("reasons", Text, nullable=False),
    Column("targets", Text, nullable=False),
    Column("release_at", BigInteger),
    Column("look_by", BigInteger),
    Column("owner", Text, nullable=False),
    Column("looked_at", BigInteger),
    Column("looked_by", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

_contact = contacts.c
Index(
    "uq_contacts_key",
    _contact.key,
    unique=True,
    sqlite_where=_contact.key.is_not(None),
    postgresql_where=_contact.key.is_not(None),
)
# `counts` before `at`: forged mail, which counts for nothing, must not make the count of the rest slow.
Index("ix_contacts_levels", _contact.whose, _contact.channel, _contact.counts, _contact.at)
Index(
    "ix_contacts_limits",
    _contact.party_id,
    _contact.channel,
    _contact.counted_at,
    sqlite_where=_contact.counted_at.is_not(None),
    postgresql_where=_contact.counted_at.is_not(None),
)
# Of all contacts together, and of no use for anything else: with an index on `at` itself, PostgreSQL
# was seen to walk back through everybody's contacts to find those of one party (28 ms instead of 0.04).
at_of_all = _contact.at + literal_column("0")
Index("ix_contacts_at", at_of_all)
for _name, _column, _state in (
    ("held", _contact.release_at, State.HELD),
    ("filed", _contact.look_by, State.FILED),
    ("unclear", _contact.at, State.UNCLEAR),
    ("voicemail", _contact.at, State.VOICEMAIL),
    ("intended", _contact.node, State.INTENDED),
    ("ringing", _contact.at, State.RINGING),
    ("past", _contact.node, State.PAST),
):
    _where = in_state(_contact.state, _state)
    Index(f"ix_contacts_{_name}", _column, sqlite_where=_where, postgresql_where=_where)

raw = Table(
    "raw",
    metadata,
    Column("contact_id", Text, ForeignKey("contacts.id"), primary_key=True),
    Column("mail_from", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
)

hand_log = Table(
    "hand_log",
    metadata,
    # What staff wrote down by hand beside the contact itself; it goes with the contact.
    Column("contact_id", Text, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    # Given by whoever wrote it down, so that writing it down twice is one contact.
    Column("key", Text, unique=True),
    Column("logged_at", BigInteger, nullable=False),
    Column("logged_by", Text, nullable=False),
    Column("staff", Text, nullable=False),
    # We contacted them.
    Column("ours", Boolean, nullable=False),
    Column("minutes", Integer),
    Column("note", Text, nullable=False),
    Column("taken_back_at", BigInteger),
    Column("taken_back_by", Text, nullable=False),
    Column("taken_back_why", Text, nullable=False),
)

threads = Table(
    "threads",
    metadata,
    Column("party_id", Number, ForeignKey("parties.id"), primary_key=True),
    # A digest of its Message-ID.
    Column("message", Text, primary_key=True),
    Column("matter", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Index("ix_threads_newest", "party_id", "at"),
    sqlite_with_rowid=False,
)

calls = Table(
    "calls",
    metadata,
    Column("sid", Text, primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.id"), nullable=False, index=True),
    Column("document", Text, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("last_sequence", Integer, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

call_warnings = Table(
    "call_warnings",
    metadata,
    # A limited call that is told before it ends, and the leg that was dialled for it.
    Column("sid", Text, ForeignKey("calls.sid", ondelete="CASCADE"), primary_key=True),
    Column("leg", Text, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("said", Boolean, nullable=False),
)

recordings = Table(
    "recordings",
    metadata,
    # The provider's id; what it is of may be gone when retention has deleted it.
    Column("sid", Text, primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.id"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("duration_s", Integer),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    # The paper that sealed it; none where the caller is no party, whose message is kept here.
    Column("paper", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("content", LargeBinary),
    Column("detail", Text, nullable=False),
    Index("ix_recordings_due", "state", "next_at"),
)

texts = Table(
    "texts",
    metadata,
    # The provider's id of a text that came, and what we answered.
    Column("sid", Text, primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.id"), nullable=False, index=True),
    Column("document", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    # To whom a text of ours went with it, in how many parts; empty and 0 where none did.
    Column("number", Text, nullable=False),
    Column("parts", Integer, nullable=False),
    # The key under which it was said once.
    Column("once", Text),
    UniqueConstraint("once"),
)
_answered = texts.c.parts > literal_column("0")
Index("ix_texts_answered", texts.c.at, sqlite_where=_answered, postgresql_where=_answered)
Index("ix_texts_number", texts.c.number, texts.c.at, sqlite_where=_answered, postgresql_where=_answered)

text_stops = Table(
    "text_stops",
    metadata,
    # A number that asked for no more texts, and when; none is sent to it while it stands here.
    Column("number", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("once", Text),
    Column("kind", Text, nullable=False),
    Column("contact_id", Text, ForeignKey("contacts.id")),
    Column("mail_from", Text, nullable=False),
    Column("rcpt", Text, nullable=False),
    Column("message_id", Text, nullable=False, index=True),
    Column("message", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("claimed_by", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("written_at", BigInteger, nullable=False, index=True),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("once"),
    Index("ix_outbox_due", "state", "next_at"),
)

reports = Table(
    "reports",
    metadata,
    # The contact that is the report: a bounce, a delay, an automatic reply to a letter of ours.
    Column("contact_id", Text, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("letter_id", Text, ForeignKey("outbox.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("nature", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    # Whether somebody speaks for it; of any other a person finds out what is so.
    Column("vouched", Boolean, nullable=False),
    # When what follows from it was done.
    Column("followed_at", BigInteger),
)
_unfollowed = reports.c.followed_at.is_(None)
Index("ix_reports_unfollowed", reports.c.at, sqlite_where=_unfollowed, postgresql_where=_unfollowed)

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("contact_id", Text, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    # Under whom it is looked for; whose the contact is, the contact says.
    Column("party_id", Number, ForeignKey("parties.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("words", Integer, nullable=False),
    Column("exact", Text, nullable=False),
    *(Column(f"mark_{number}", BigInteger) for number in range(4)),
    # 32-bit numbers made of three words each, big-endian.
    Column("sketch", LargeBinary, nullable=False),
    Column("grain", Integer, nullable=False),
    Column("over", Text, nullable=False),
    Column("repeats", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("percent", Integer, nullable=False),
    Index("ix_fingerprints_exact", "party_id", "exact", "at"),
    *(Index(f"ix_fingerprints_mark_{number}", "party_id", f"mark_{number}", "at") for number in range(4)),
)

attached = Table(
    "attached",
    metadata,
    Column("party_id", Number, ForeignKey("parties.id"), primary_key=True),
    # SHA-256 of the file, in hexadecimal: nothing else of it is kept, and it was never opened.
    Column("digest", Text, primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

flags = Table(
    "flags",
    metadata,
    Column("id", Text, primary_key=True),
    Column("whose", Text, nullable=False),
    Column("threshold", Text, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("contact_id", Text, ForeignKey("contacts.id"), nullable=False),
    Column("level", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    # Who dealt with it, when and why; the incident that was noted of it; how long it sleeps.
    Column("settled_at", BigInteger),
    Column("settled_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("paper", Text, nullable=False),
    Column("wakes_at", BigInteger),
    UniqueConstraint("whose", "threshold", "contact_id"),
    Index("ix_flags_newest", "whose", "threshold", "at"),
)
_asleep = flags.c.wakes_at.is_not(None)
Index("ix_flags_asleep", flags.c.wakes_at, sqlite_where=_asleep, postgresql_where=_asleep)

due_levels = Table(
    "due_levels",
    metadata,
    # Whose levels changed, by contacts from `since` to `last`, and are to be looked at; marked with the contact itself.
    Column("whose", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("joined", Boolean, nullable=False),
    Column("marks", Integer, nullable=False),
    sqlite_with_rowid=False,
)

legal_clocks = Table(
    "legal_clocks",
    metadata,
    # What is asked for with a time of its own goes with the contact that asked, whosever that turns out to be.
    Column("contact_id", Text, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("received", BigInteger, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("extended_at", BigInteger),
    Column("extended_by", Text, nullable=False),
    Column("extended_why", Text, nullable=False),
    Column("stopped_at", BigInteger),
    Column("stopped_by", Text, nullable=False),
    Column("stopped", Text),
    Column("how", Text, nullable=False),
)
_running = legal_clocks.c.stopped_at.is_(None)
Index("ix_legal_clocks_running", legal_clocks.c.received, sqlite_where=_running, postgresql_where=_running)

escalations = Table(
    "escalations",
    metadata,
    # What was overdue and was told to which step of the policy: a thing with the moment it was due is told once.
    Column("what", Text, primary_key=True),
    Column("about", Text, primary_key=True),
    Column("due", BigInteger, primary_key=True, autoincrement=False),
    Column("step", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

failures = Table(
    "failures",
    metadata,
    Column("key", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

acts = Table(
    "acts",
    metadata,
    # Numbered by us and without gaps, so that one taken out of the middle is seen.
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("about", Text, nullable=False, index=True),
    Column("detail", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),
    # SHA-256 of its secret, which is nowhere else.
    Column("digest", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("used_at", BigInteger),
)

desk_sessions = Table(
    "desk_sessions",
    metadata,
    # SHA-256 of what the browser shows, which is nowhere else.
    Column("digest", Text, primary_key=True),
    Column("token_id", Text, ForeignKey("tokens.id"), nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("hook", Text, nullable=False),
    Column("party_id", Number, ForeignKey("parties.id"), nullable=False),
    Column("act", Text, nullable=False),
    # What is sent, as it is sent: no contents, names, addresses or numbers.
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
    UniqueConstraint("id", "hook"),
    Index("ix_events_order", "hook", "party_id", "state", "seq"),
    Index("ix_events_due", "state", "hook", "seq"),
    # A number once given is never given again, so that the order of a party's events holds.
    sqlite_autoincrement=True,
)

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("name", Text, primary_key=True),
    # As its server numbers messages; 0 until it was first read.
    Column("uidvalidity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
    Column("rescan_to", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("synced_at", BigInteger),
    Column("holder", Text, nullable=False),
    Column("leased_until", BigInteger, nullable=False),
)

mailbox_messages = Table(
    "mailbox_messages",
    metadata,
    Column("mailbox", Text, primary_key=True),
    # Of its contents, less what servers add.
    Column("digest", Text, primary_key=True),
    # It may be gone when retention has deleted it; its message must not look new for that.
    Column("contact_id", Text, nullable=False),
    Column("arrived", BigInteger, nullable=False, index=True),
    Column("placed", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

imports = Table(
    "imports",
    metadata,
    # One bringing in of contacts of the past; a contact names it as its node.
    Column("id", Text, primary_key=True),
    # A digest of what was asked for, so that one that broke off is gone on with.
    Column("asked", Text, nullable=False, index=True),
    Column("begun_at", BigInteger, nullable=False),
    Column("begun_by", Text, nullable=False),
    Column("ended_at", BigInteger),
    Column("undone_at", BigInteger),
)

jobs_done = Table(
    "jobs_done",
    metadata,
    Column("job", Text, primary_key=True),
    Column("due", BigInteger, primary_key=True),
    Column("done_at", BigInteger, nullable=False),
)
