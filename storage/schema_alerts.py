"""The tables of alerts to staff: what was raised, by which way each was told, what leaves by text or webhook.

Belongs here: as in storage/schema.py, whose metadata this is. What leaves by mail is in the outbox.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from storage.schema import metadata

alerts = Table(
    "alerts",
    metadata,
    Column("id", Text, primary_key=True),
    # One alert for one thing: the key under which it is raised once.
    Column("once", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("severity", Text, nullable=False),
    # `contact:ID`, `flag:ID`, `party:ID`, `paper:ID` (of no party), `mailbox:NAME`, `role:NAME` (for whom it is); empty
    # where it is about the installation.
    Column("about", Text, nullable=False),
    Column("contact_id", Text, ForeignKey("contacts.id", ondelete="CASCADE"), index=True),
    Column("title", Text, nullable=False),
    Column("words", Text, nullable=False),
    # The command that shows what it is about; empty where none does.
    Column("command", Text, nullable=False),
    Column("raised_at", BigInteger, nullable=False),
    # When it is told next; none where it waits for a digest, or all is told.
    Column("next_at", BigInteger),
    Column("told_at", BigInteger),
    Column("last_at", BigInteger),
    Column("times", Integer, nullable=False),
    # How many rows of the settings it has reached.
    Column("step", Integer, nullable=False),
    Column("escalated_at", BigInteger),
    Column("acknowledged_at", BigInteger),
    # Empty where the thing itself was done.
    Column("acknowledged_by", Text, nullable=False),
    UniqueConstraint("once"),
)
_open = alerts.c.acknowledged_at.is_(None)
Index("ix_alerts_open", alerts.c.raised_at, sqlite_where=_open, postgresql_where=_open)
Index("ix_alerts_due", alerts.c.next_at, sqlite_where=_open, postgresql_where=_open)

alert_posts = Table(
    "alert_posts",
    metadata,
    # The same at every attempt; a webhook tells a repeat by it.
    Column("id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    # A number, or the name of a webhook.
    Column("recipient", Text, nullable=False),
    Column("body", Text, nullable=False),
    # What a text costs; 0 for a webhook.
    Column("parts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("claimed_by", Text, nullable=False),
    Column("claimed_at", BigInteger),
    Column("detail", Text, nullable=False),
    Index("ix_alert_posts_due", "state", "next_at"),
    Index("ix_alert_posts_claimed", "channel", "claimed_at"),
)

alert_tellings = Table(
    "alert_tellings",
    metadata,
    Column("alert_id", Text, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    # A letter of the outbox or a row of `alert_posts`; it may tell of several alerts.
    Column("post_id", Text, primary_key=True, index=True),
    Column("channel", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    # It may have left before, and left again.
    Column("doubtful", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
