"""What the mail of the past repeats, told in the order of its time whatever the order in which it was brought in.

Belongs here: the recount for one party after an import or its undoing. What was told of a contact when it came by a
door stays as it was told (PHSO-25).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from rules.repeats import Likeness, Print, Repeat, repeat_of
from storage.fingerprints import NEWEST
from storage.transaction import Transaction


class _Earlier:
    """Find what is like a print among those before it, as the record does for a contact that comes now."""

    def __init__(self) -> None:
        self._exact: dict[str, str] = {}
        self._marked: dict[tuple[int, int], deque[tuple[str, Print]]] = {}
        self._files: dict[str, str] = {}

    def repeat(self, one: Print, files: Iterable[str]) -> Repeat | None:
        """Say what a print repeats."""
        found = repeat_of(one, self._like(one)) if one.exact else None
        if found is not None:
            return found
        brought = next((self._files[digest] for digest in files if digest in self._files), None)
        return Repeat(brought, Likeness.ATTACHMENT, 0) if brought is not None else None

    def _like(self, one: Print) -> list[tuple[str, Print]]:
        if one.exact in self._exact:
            return [(self._exact[one.exact], one)]
        if not one.sketch:
            return []
        found: dict[str, Print] = {}
        for at, mark in enumerate(one.marks):
            if mark is not None:
                found.update(self._marked.get((at, mark), ()))
        return sorted(found.items())

    def add(self, number: str, one: Print, files: Iterable[str]) -> None:
        """Know one more."""
        if one.exact:
            self._exact[one.exact] = number
        for at, mark in enumerate(one.marks):
            if mark is not None:
                self._marked.setdefault((at, mark), deque(maxlen=NEWEST)).append((number, one))
        for digest in files:
            self._files[digest] = number


def recount_repeats(tx: Transaction, party: int) -> None:
    """Tell anew what each contact of the past of a party repeats: what the same party sent before it."""
    earlier = _Earlier()
    for number, past, one, files, known in tx.prints_of(party):
        repeat = earlier.repeat(one, files) if past else known
        if repeat != known:
            tx.repeats_now(number, repeat)
        earlier.add(number, one, files)
