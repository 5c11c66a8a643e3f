"""Makes the table of questions about requests, for the first migration.

Belongs here: what storage/schema_clocks.py describes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def create() -> None:
    """Make it; the table of legal clocks is there."""
    op.create_table(
        "clarifications",
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_for", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id", "kind"],
            ["legal_clocks.contact_id", "legal_clocks.kind"],
            name=op.f("fk_clarifications_contact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", "kind", "number", name=op.f("pk_clarifications")),
        sqlite_with_rowid=False,
    )
