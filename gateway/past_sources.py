"""Goes through files of the past for the import, mail by several processes where that pays.

Belongs here: which file is what, and work handed out and taken back in order. Promises that what cannot be read is
named and the rest goes on, and that no process outlives the one that asked it.
"""

from __future__ import annotations

import mmap
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path

from gateway.past_calls import NoLog, Terms, calls_in
from gateway.past_contact import LeftAside, Read
from gateway.past_files import (
    LINES,
    MBOX,
    MESSAGE,
    MOST_OCTETS,
    Piece,
    begin_of,
    files_at,
    foreign,
    pieces_of,
    single,
    size_of,
)
from gateway.past_mail import Reading, read_pieces

_LOGS = {".csv", ".tsv"}
_AT_ONCE, _OCTETS_AT_ONCE = 100, 4 * 1024 * 1024
_PAYS_FROM = 32 * 1024 * 1024
_JSON = "JSON Lines are for `parley replay`; of calls, give the log as CSV."
Heard = Callable[[int], None]


@dataclass(slots=True)
class Sources:
    """Say what is gone through and how; `processes` beyond 1 read mail beside this one, where there is much of it."""

    paths: Sequence[Path]
    reading: Reading
    terms: Terms
    processes: int = 1
    pays_from: int = _PAYS_FROM
    heard: Heard = lambda octets: None
    logs: bool = field(default=False)
    """Every file is a call log: said by hand."""

    def read(self) -> Iterator[Read]:
        """Give all that is in the files, in their order; what is no contact is left aside by name."""
        with ExitStack() as stack:
            pool: ProcessPoolExecutor | None = None
            if self.processes > 1 and size_at(self.paths) >= self.pays_from:
                pool = _pool(self.reading, self.processes)
                # Reason: whoever stops in the midst waits for no work that was handed out.
                stack.callback(pool.shutdown, wait=True, cancel_futures=True)
            for path in self.paths:
                yield from self._path(path, pool)

    def _path(self, path: Path, pool: ProcessPoolExecutor | None) -> Iterator[Read]:
        told: list[Read] = []

        def fault(sentence: str) -> None:
            told.append(_faulty(sentence))

        def aside(file: Path) -> None:
            if file.suffix.lower() in _LOGS:
                logs.append(file)
            else:
                why = foreign(begin_of(file))
                told.append(LeftAside(str(file), why or "It is no mail.", wrong=bool(why)))

        logs: list[Path] = []
        if self.logs or (path.is_file() and self._is_log(path)):
            yield from self._log(path)
            return
        for file, kind in files_at(path, fault, aside):
            yield from self._file(file, kind, pool)
            yield from _taken(told)
        # A folder of call logs alone holds no mail, and nothing is wrong with that.
        yield from (one for one in told if not (logs and one.place == str(path)))
        for file in logs:
            yield from self._log(file)

    def _is_log(self, path: Path) -> bool:
        return path.suffix.lower() in _LOGS or self.terms.chosen is not None

    def _log(self, file: Path) -> Iterator[Read]:
        try:
            yield from calls_in(file, self.terms, self.heard)
        except NoLog as refused:
            yield LeftAside(str(file), str(refused), wrong=True)

    def _file(self, file: Path, kind: str, pool: ProcessPoolExecutor | None) -> Iterator[Read]:
        if kind not in (MBOX, MESSAGE):
            yield LeftAside(str(file), _JSON if kind == LINES else kind, wrong=True)
            return
        told: list[Read] = []
        try:
            pieces = _pieces(file, kind, lambda sentence: told.append(_faulty(sentence)))
            yield from self._handed_out(_lots(pieces), pool)
        except (OSError, ValueError):
            yield LeftAside(str(file), "It cannot be read.", wrong=True)
        yield from told

    def _handed_out(self, lots: Iterable[list[Piece]], pool: ProcessPoolExecutor | None) -> Iterator[Read]:
        """Have messages read, here or by others; as many lots are out at once as keep those busy."""
        out: deque[tuple[int, Future[list[Read]]]] = deque()
        for lot in lots:
            octets = sum(piece.end - piece.start for piece in lot)
            if pool is None:
                yield from read_pieces(self.reading, lot)
                self.heard(octets)
                continue
            out.append((octets, pool.submit(_read, lot)))
            if len(out) > 3 * self.processes:
                yield from self._taken_back(out)
        while out:
            yield from self._taken_back(out)

    def _taken_back(self, out: deque[tuple[int, Future[list[Read]]]]) -> list[Read]:
        octets, future = out.popleft()
        found = future.result()
        self.heard(octets)
        return found


def size_at(paths: Iterable[Path]) -> int:
    """Give how many octets there are to read."""
    files = (file for path in paths for file in (path.rglob("*") if path.is_dir() else (path,)))
    return sum(size_of(file) for file in files if file.is_file())


def _faulty(sentence: str) -> LeftAside:
    place, _, why = sentence.rpartition(": ")
    return LeftAside(place, why, wrong=True)


def _taken(told: list[Read]) -> list[Read]:
    """Give what was told of so far, once."""
    found = told[:]
    told.clear()
    return found


def _pieces(file: Path, kind: str, fault: Callable[[str], None]) -> Iterator[Piece]:
    with file.open("rb") as opened:
        if kind == MESSAGE:
            begin = begin_of(file) if size_of(file) else b""
            raw = opened.read(MOST_OCTETS + 1) if begin.startswith((b"From ", b">From ")) else b""
            yield single(file, raw) if raw else Piece(file, 0, 0, size_of(file))
        elif size_of(file):
            with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                yield from pieces_of(file, mapped, fault)


def _lots(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    lot: list[Piece] = []
    octets = 0
    for piece in pieces:
        lot.append(piece)
        octets += piece.end - piece.start
        if len(lot) >= _AT_ONCE or octets >= _OCTETS_AT_ONCE:
            yield lot
            lot, octets = [], 0
    if lot:
        yield lot


# In the other processes

_reading: list[Reading] = []


def _pool(reading: Reading, processes: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(reading,))


def _begin(reading: Reading) -> None:
    """Begin to read for another process: Ctrl-C is its to answer, and with it this one ends, however it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _reading.append(reading)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _read(lot: list[Piece]) -> list[Read]:
    return read_pieces(_reading[0], lot)
