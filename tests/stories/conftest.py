"""Empty records for the offices of stories."""

import pytest

from tests.gateway import office as offices


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A record with tables and nothing in it."""
    return offices.empty_record(tmp_path_factory.mktemp("template"))


@pytest.fixture
def folder(tmp_path, template):
    """A folder for an office, with an empty record in it."""
    return offices.with_record(tmp_path, template)
