"""The tables of levels: what is known of a contact for levels beside the contact itself.

Belongs here: as in storage/schema.py, whose metadata this is. One narrow row for each contact, which goes with it;
whose it is and when it came are its contact's, so that a merge or a split has nothing to move here.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, Table, Text

from storage.schema import metadata

particulars = Table(
    "particulars",
    metadata,
    Column("contact_id", Text, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    # Numbers made of an address of ours and of a matter; the first of each, as most contacts have one.
    Column("place", BigInteger),
    Column("matter", BigInteger),
    Column("repeats", Text, nullable=False),
    Column("only_cc", Boolean, nullable=False),
    Column("out_of_hours", Boolean, nullable=False),
    Column("pages", Integer, nullable=False),
    # Attached files that have pages, as long as nobody has counted them, or could.
    Column("files_not_counted", Integer, nullable=False),
    # What staff say it took, instead of an estimate.
    Column("minutes", Integer),
    sqlite_with_rowid=False,
)

further_particulars = Table(
    "further_particulars",
    metadata,
    # The places and matters of a contact behind its first.
    Column("contact_id", Text, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("what", Text, primary_key=True),
    Column("which", BigInteger, primary_key=True),
    sqlite_with_rowid=False,
)
