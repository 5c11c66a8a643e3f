"""Makes the tables of levels, for the first migration. Belongs here: what storage/schema_levels.py describes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def create() -> None:
    """Make them; the table of contacts is there."""
    op.create_table(
        "particulars",
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("matter", sa.BigInteger(), nullable=True),
        sa.Column("repeats", sa.Text(), nullable=False),
        sa.Column("only_cc", sa.Boolean(), nullable=False),
        sa.Column("out_of_hours", sa.Boolean(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("files_not_counted", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_particulars_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_particulars")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "further_particulars",
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("which", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_further_particulars_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", "what", "which", name=op.f("pk_further_particulars")),
        sqlite_with_rowid=False,
    )
