"""Records to copy, and the whole chain of servers, started once for all tests that carry the xdist group `chain`."""

import pytest

from tests.gateway.office import empty_record, with_record
from tests.servers import dovecot, postfix
from tests.servers.chain import Chain


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A record with tables and nothing in it."""
    return empty_record(tmp_path_factory.mktemp("template"))


@pytest.fixture
def folder(tmp_path, template):
    """A folder for an office, with an empty record in it."""
    return with_record(tmp_path, template)


def started(folder, *, queued):
    """Start border, server behind and mailboxes, and end them afterwards."""
    dovecot.needed()
    postfix.needed()
    chain = Chain(folder, queued=queued)
    try:
        chain.start()
        yield chain
    finally:
        chain.end()


@pytest.fixture(scope="session")
def asking_first(tmp_path_factory):
    """The servers, with a border that asks Parley before it answers."""
    yield from started(tmp_path_factory.mktemp("chain"), queued=False)


@pytest.fixture(scope="session")
def out_of_a_queue(tmp_path_factory):
    """The servers, with a border that hands on from its queue."""
    yield from started(tmp_path_factory.mktemp("chain"), queued=True)


@pytest.fixture
def chain(asking_first):
    """The servers with empty mailboxes."""
    asking_first.empty()
    return asking_first


@pytest.fixture
def queued_chain(out_of_a_queue):
    """The servers with empty mailboxes, the border with a queue between it and Parley."""
    out_of_a_queue.empty()
    return out_of_a_queue
