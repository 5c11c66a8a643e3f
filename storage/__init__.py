"""The record: what happened, what is promised, who is restricted; on SQLite or PostgreSQL.

Promises that what it acknowledged is on disk, and speaks in values of `rules` and `storage.entries`, never rows.
"""
