"""The table of what we asked back about requests that have a time by law.

Belongs here: as in storage/schema.py, whose metadata this is. A question goes with the legal clock that rests for it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, Table, Text

from storage.schema import metadata

clarifications = Table(
    "clarifications",
    metadata,
    Column("contact_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    # The questions of one clock, the oldest is 0; only the last may be without an answer.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("asked_for", Text, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("answered_at", BigInteger),
    Column("answered_by", Text, nullable=False),
    Column("answer", Text, nullable=False),
    ForeignKeyConstraint(["contact_id", "kind"], ["legal_clocks.contact_id", "legal_clocks.kind"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)
