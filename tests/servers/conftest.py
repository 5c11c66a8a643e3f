"""The whole chain of servers, started once for all tests that carry the xdist group `chain`."""

import pytest

from tests.servers import dovecot, postfix
from tests.servers import kamailio as sip_server
from tests.servers.chain import Chain


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


@pytest.fixture
def kamailio(tmp_path):
    """Kamailio between nobody and nobody yet."""
    sip_server.needed()
    with sip_server.Kamailio(tmp_path) as running:
        yield running
