"""One contact more costs the same whatever the history: nothing is counted when it goes on record."""

from storage.record import Record
from tests.bench.levels import NOW, histories, one_more


def test_one_contact_more_costs_the_same(url):
    """At a hundred contacts of its party and at thousands; in turn, in one run, with room for a busy machine."""
    short, long = histories(url, 100, 10_000 if url.startswith("sqlite") else 3_000)
    with Record.open(url, now=lambda: NOW) as record:
        assert one_more(record, 80, short, long) < 2
