"""A record on each of the two databases, new for each test."""

import shutil

import pytest

from storage.record import Record
from tests.postgresql import EMPTY, WITH_TABLES
from tests.storage.office import Clock


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path, template):
    """A database with tables and nothing in them."""
    if request.param == "sqlite":
        shutil.copyfile(template, tmp_path / "parley.db")
    yield from _database(request, tmp_path, WITH_TABLES)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """A database without any tables."""
    yield from _database(request, tmp_path, EMPTY)


@pytest.fixture
def sqlite_url(tmp_path):
    """A SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path}/parley.db"


def _database(request, tmp_path, copied):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/parley.db"
        return
    postgres = request.getfixturevalue("postgres")
    name = postgres.database(copied)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def clock():
    """The time, which stands still unless a test moves it."""
    return Clock()


@pytest.fixture
def record(url, clock):
    """An open record."""
    with Record.open(url, now=clock) as record:
        yield record
