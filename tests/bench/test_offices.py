"""The offices of the benchmark can be made: nobody else looks whether they fit the tables of today."""

from storage.record import Record
from tests.bench import offices


def test_a_long_history_stands_on_record(tmp_path, monkeypatch):
    """The party has its history among other parties, and the empty office has none."""
    monkeypatch.setattr(offices, "PARTIES", 30)
    monkeypatch.setattr(offices, "HISTORY", 20)
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    offices.empty(tmp_path / "empty")
    offices.full(tmp_path / "full", tmp_path / "empty")
    for name, parties, contacts in (("empty", 1, 0), ("full", 30, 20)):
        with Record.open(f"sqlite:///{tmp_path / name / 'parley.db'}", now=lambda: offices.NOW) as record:
            assert len(record.read_now(lambda reader: reader.contacts(limit=100))) == contacts
            assert record.read_now(lambda reader, last=parties: reader.party_file(last)) is not None
