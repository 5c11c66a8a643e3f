"""`parley observe`, `parley away` and `parley backup`: acts of the office, and a copy of its record."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing


def test_observe(office, parley):
    """The whole office is switched by one act, which is on record, and each mode says what it means."""
    assert parley("observe", "on").out.startswith("Observing: every contact is decided and recorded")
    assert json.loads(parley("observe", "--json").out) == {"observe": "on"}
    assert parley("observe", "off").out.startswith("Enforcing: restrictions in force are carried out")
    acts = office.read(lambda reader: reader.acts(limit=2))
    assert [(act.act, act.detail["mode"]) for act in acts] == [("observe", "off"), ("observe", "on")]
    assert all(act.who for act in acts)
    assert office.read(lambda reader: reader.verify_acts()).broken_at is None


def test_observe_takes_on_or_off(office, parley):
    """Anything else is a usage fault."""
    assert parley("observe", "perhaps").code == 2


def test_away(office, parley):
    """Colleagues are away and come back, each an act on record; inboxes are compared without case."""
    assert parley("away").out == "Nobody is away.\n"
    parley("away", "on", "J.Moss@office.example.org")
    parley("away", "on", "a.reid@office.example.org")
    assert json.loads(parley("away", "--json").out) == {
        "away": ["a.reid@office.example.org", "j.moss@office.example.org"]
    }
    assert parley("away", "off", "j.moss@OFFICE.example.org").out == "Away: a.reid@office.example.org.\n"
    assert office.read(lambda reader: reader.acts(limit=1))[0].about == "j.moss@office.example.org"


def test_away_needs_an_inbox(office, parley):
    """An inbox that is missing, or none, is a sentence and exit 2."""
    assert "which inbox" in parley("away", "on").err
    said = parley("away", "on", "J. Moss")
    assert (said.code, "is not a mail address" in said.err) == (2, True)


def test_backup(office, parley, tmp_path):
    """The copy is a whole record; a file that is there is never written over."""
    office.entry()
    copy = tmp_path / "copy.db"
    said = parley("backup", str(copy))
    assert said.code == 0, said.err
    assert "parley.toml" in said.out
    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("SELECT count(*) FROM contacts").fetchone() == (1,)
    again = parley("backup", str(copy))
    assert again.code == 2
    assert "is there already" in again.err


def test_backup_to_nowhere(office, parley, tmp_path):
    """A folder that is not there is a sentence."""
    said = parley("backup", str(tmp_path / "none" / "copy.db"))
    assert said.code == 2
    assert "There is no folder" in said.err
