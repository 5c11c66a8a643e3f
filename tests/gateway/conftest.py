"""Records to copy, and a PostgreSQL for the tests that want one."""

import pytest

from tests.gateway import office as offices
from tests.storage.conftest import Server


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A record with tables and nothing in it."""
    return offices.empty_record(tmp_path_factory.mktemp("template"))


@pytest.fixture
def folder(tmp_path, template):
    """A folder for an office, with an empty record in it."""
    return offices.with_record(tmp_path, template)


@pytest.fixture(scope="session")
def server():
    """One PostgreSQL for all tests of a worker."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(server):
    """A PostgreSQL database with tables and nothing in them."""
    name = server.database("with_tables")
    yield server.url(name)
    server.drop(name)
