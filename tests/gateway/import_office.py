"""An office to import into: its policy with an approver of total blocks, a record of its own, what is on it."""

import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from gateway.config import read_policy
from gateway.import_fields import Terms
from rules.policies import Approval
from storage.record import Record
from tests.gateway.office import empty_record

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY = read_policy("default", Path()).with_changes(
    approval=Approval(total_block=("Chief Executive",)), always_open=frozenset({"appeals@office.example.org"})
)
TERMS = Terms(POLICY, NOW, frozenset({"office.example.org"}))


@contextmanager
def scratch(folder):
    """Open a record of its own in a folder."""
    (Path(folder) / "parley.db").write_bytes(_empty())
    with Record.open(f"sqlite:///{folder}/parley.db", now=lambda: NOW) as record:
        yield record


@cache
def _empty():
    with tempfile.TemporaryDirectory() as folder:
        return empty_record(Path(folder)).read_bytes()


def everything(reader):
    """Give all that an import could have changed."""
    parties = reader.parties(limit=1000)
    holders = {one: reader.holders((one,)) for party in parties for one in party.identifiers}
    return [reader.party_file(party.id) for party in parties], holders, reader.acts(limit=1000)
