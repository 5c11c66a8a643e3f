"""A record on each of the two databases, as the tests of the record have it."""

from tests.storage.conftest import clock, record, url

__all__ = ("clock", "record", "url")
