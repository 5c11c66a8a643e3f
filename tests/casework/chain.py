"""The chain of acts under attack: whatever one byte, paper or link is changed, added or taken away, it is found."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.casework.office import Office

_COLUMNS = {
    "papers": ("id", "party_id", "at", "written_by", "role", "act", "data"),
    "acts": ("at", "who", "act", "about", "detail", "hash"),
}
_TRIES = 3


def verify(office: Office, seed: int) -> None:
    """Find the chain whole; then spoil it in several ways, one after the other, and find it broken each time."""
    assert broken(office) == []
    papers, acts = office.rows("papers"), office.rows("acts")
    if not papers:
        return
    chance = random.Random(seed)  # drawn by hypothesis, so that a run can be had again
    for _ in range(_TRIES):
        table, rows = chance.choice([("papers", papers), ("acts", acts)])
        _one_byte(office, table, chance.choice(rows), chance)
    _removed(office, "papers", papers[-1])
    _removed(office, "papers", chance.choice(papers))
    _removed(office, "acts", chance.choice(acts[:-1] or acts))
    _the_end_is_cut(office, papers[-1], acts)
    assert broken(office) == [], "it was put back as it was"


def _one_byte(office: Office, table: str, row: dict[str, Any], chance: random.Random) -> None:
    column = chance.choice(_COLUMNS[table])
    spoilt = _spoilt(row[column], chance)
    if spoilt == row[column]:
        return
    _set(office, table, column, spoilt, row["seq"])
    assert broken(office) != [], f"{table}.{column} was changed and nobody noticed"
    _set(office, table, column, row[column], row["seq"])


def _spoilt(value: Any, chance: random.Random) -> Any:
    """Change one character, or the lowest bit of a number."""
    if isinstance(value, int):
        return value ^ 1
    if not value:
        return "x"
    at = chance.randrange(len(value))
    return value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]


def _set(office: Office, table: str, column: str, value: Any, seq: int) -> None:
    office.raw.execute(f"UPDATE {table} SET {column} = ? WHERE seq = ?", (value, seq))  # our own names


def _removed(office: Office, table: str, row: dict[str, Any]) -> None:
    office.raw.execute(f"DELETE FROM {table} WHERE seq = ?", (row["seq"],))
    assert broken(office) != [], f"a row of {table} was removed and nobody noticed"
    _put_back(office, table, row)


def _the_end_is_cut(office: Office, paper: dict[str, Any], acts: list[dict[str, Any]]) -> None:
    """Only the last hash, kept elsewhere, finds that the end of both was cut off."""
    head = office.record.read_now(lambda reader: reader.verify_acts()).head
    cut = [link for link in acts if link["seq"] >= paper["seq"]]
    office.raw.execute("DELETE FROM papers WHERE seq = ?", (paper["seq"],))
    office.raw.execute("DELETE FROM acts WHERE seq >= ?", (paper["seq"],))
    now = office.record.read_now(lambda reader: reader.verify_acts()).head
    assert now != head, "the end of the chain was cut off, and the last hash is the same"
    for link in cut:
        _put_back(office, "acts", link)
    _put_back(office, "papers", paper)


def _put_back(office: Office, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(row)
    office.raw.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))


def broken(office: Office) -> list[str]:
    """Say what verification finds wrong."""

    def look(reader: Any) -> list[str]:
        chain = reader.verify_acts()
        return [*([f"chain at {chain.broken_at}"] if chain.broken_at else []), *reader.verify_papers()]

    try:
        return office.record.read_now(look)
    except ValueError as unreadable:
        return [f"unreadable: {unreadable}"]
