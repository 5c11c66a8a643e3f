"""What all tests share: where they write, their order, an empty record, a PostgreSQL, and tables that they want seen.

What a test gives `record_property("table", text)` stands at the end of the output.
"""

import gc

import pytest

from tests.folders import write_into_memory

write_into_memory()  # before pytest makes its own folder


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A record with tables and nothing in it."""
    from tests.gateway.office import empty_record  # here, as most tests want nothing of the product's upper floors

    return empty_record(tmp_path_factory.mktemp("template"))


@pytest.fixture
def folder(tmp_path, template):
    """A folder for an office, with an empty record in it."""
    from tests.gateway.office import with_record

    return with_record(tmp_path, template)


@pytest.fixture(scope="session")
def postgres():
    """One PostgreSQL for all tests of a worker."""
    from tests.postgresql import Server

    server = Server()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres):
    """A PostgreSQL database with tables and nothing in them."""
    from tests.postgresql import WITH_TABLES

    name = postgres.database(WITH_TABLES)
    yield postgres.url(name)
    postgres.drop(name)


def pytest_collection_modifyitems(items):
    """Begin with the long ones, so that none of them runs alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish():
    """Look for garbage among what comes from now on: the modules and tests that are there took a tenth of the time."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    """Print the tables of all tests that passed or failed, whichever worker ran them."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "table" and getattr(report, "when", "") == "call":
                    terminalreporter.write_line(f"\n{value}")
