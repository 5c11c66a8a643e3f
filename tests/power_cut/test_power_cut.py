"""The power cut layer itself: what was synced stays, what was not goes, and a careless database is caught."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.power_cut import ROOT, PowerCut, unavailable

pytestmark = pytest.mark.servers

PAGES = 8
SEEDS = range(12)


@pytest.fixture(scope="module", autouse=True)
def layer() -> None:
    """Skip where the machine cannot mount, and fail where it must be able to."""
    reason = unavailable()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


def write(path: Path, data: bytes, *, sync: bool, at: int = 0) -> None:
    """Write at an offset, with or without fsync."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    os.pwrite(file, data, at)
    if sync:
        os.fsync(file)
    os.close(file)


def sync_directory(path: Path) -> None:
    """Do fsync of a directory."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(directory)
    os.close(directory)


def test_synced_data_stay_and_unsynced_data_vanish(tmp_path: Path) -> None:
    """A file keeps what was synced and not what was written after."""
    with PowerCut(tmp_path) as disk:
        write(disk.mountpoint / "kept", b"first", sync=True)
        sync_directory(disk.mountpoint)
        write(disk.mountpoint / "kept", b"second, longer", sync=False)
        assert (disk.mountpoint / "kept").read_bytes() == b"second, longer"
        left = disk.cut()
    assert (left / "kept").read_bytes() == b"first"


def rename(disk: Path) -> None:
    """Move a name."""
    (disk / "there").rename(disk / "moved")


def replace(disk: Path) -> None:
    """Put one file in place of another."""
    write(disk / "new", b"new", sync=True)
    (disk / "new").replace(disk / "there")


def unlink(disk: Path) -> None:
    """Take a name away."""
    (disk / "there").unlink()


def create(disk: Path) -> None:
    """Make a file and sync its bytes, not its name."""
    write(disk / "made", b"made", sync=True)


def truncate(disk: Path) -> None:
    """Make a file shorter."""
    os.truncate(disk / "there", 2)


NAME_CHANGES: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "an unsynced rename vanishes": (rename, {"moved"}),
    "an unsynced replacement vanishes": (replace, {"there"}),
    "an unsynced unlink vanishes": (unlink, set()),
    "an unsynced creation vanishes": (create, {"there", "made"}),
}


def a_file(folder: Path) -> PowerCut:
    """Prepare a disk on which a durable file `there` lies."""
    source = folder / "source"
    source.mkdir()
    (source / "there").write_bytes(b"there")
    return PowerCut(folder, source=source)


@pytest.mark.parametrize("name", NAME_CHANGES)
def test_names_are_durable_by_fsync_of_their_directory_only(tmp_path: Path, name: str) -> None:
    """A change of names is seen at once, is lost without fsync of the directory, and stays with it."""
    change, after = NAME_CHANGES[name]
    with a_file(tmp_path) as disk:
        change(disk.mountpoint)
        assert set(os.listdir(disk.mountpoint)) == after
        before = disk.left_now()
        assert {path.name: path.read_bytes() for path in before.iterdir()} == {"there": b"there"}
        sync_directory(disk.mountpoint)
        assert set(os.listdir(disk.cut(seed=1))) == after


def test_an_unsynced_truncation_vanishes(tmp_path: Path) -> None:
    """A file has its synced length again."""
    with a_file(tmp_path) as disk:
        truncate(disk.mountpoint)
        assert (disk.cut() / "there").read_bytes() == b"there"


def test_a_journal_makes_the_name_durable_with_the_file(tmp_path: Path) -> None:
    """As on ext4, fsync of a new file is enough where the disk has a journal."""
    with PowerCut(tmp_path, journal=True) as disk:
        create(disk.mountpoint)
        assert (disk.cut() / "made").read_bytes() == b"made"


def test_a_seed_keeps_some_whole_sectors(tmp_path: Path) -> None:
    """Over several seeds both old and new sectors are left, never a mixture inside one, and a seed repeats itself."""
    with PowerCut(tmp_path) as disk:
        file = disk.mountpoint / "file"
        write(file, b"o" * 4096 * PAGES, sync=True)
        sync_directory(disk.mountpoint)
        write(file, b"n" * 4096 * PAGES, sync=False)
        left = [(disk.left_now(seed) / "file").read_bytes() for seed in SEEDS]
        again = [(disk.left_now(seed) / "file").read_bytes() for seed in SEEDS]
    sectors = {data[at : at + 512] for data in left for at in range(0, len(data), 512)}
    assert sectors == {b"o" * 512, b"n" * 512}
    assert all(len(data) == 4096 * PAGES for data in left)
    assert len(set(left)) == len(SEEDS)
    assert left == again


def test_after_the_cut_nothing_can_be_acknowledged(tmp_path: Path) -> None:
    """A call after the cut fails, so no program takes it for done; with the power on again it works."""
    with a_file(tmp_path) as disk:
        file = os.open(disk.mountpoint / "there", os.O_RDWR)
        disk.cut()
        with pytest.raises(OSError, match="Input/output"):
            os.fsync(file)
        os.close(file)
        disk.power_on()
        assert (disk.mountpoint / "there").read_bytes() == b"there"


def deliver(maildir: Path, *, sync_file: bool, sync_new: bool) -> None:
    """Deliver a message into a Maildir, with care or without."""
    for name in ("tmp", "new", "cur"):
        (maildir / name).mkdir(parents=True)
    for path in (maildir, maildir.parent):
        sync_directory(path)
    write(maildir / "tmp" / "1.M1.host", b"Subject: hello\r\n\r\n" + b"words\r\n" * 900, sync=sync_file)
    (maildir / "tmp" / "1.M1.host").rename(maildir / "new" / "1.M1.host")
    if sync_new:
        sync_directory(maildir / "new")


MAILDIRS = {
    "a message delivered with every fsync is whole": (True, True, {"whole"}),
    "a message without fsync of its file may be torn": (False, True, {"torn", "whole"}),
    "a message without fsync of new may be gone": (True, False, {"gone", "whole"}),
}


@pytest.mark.parametrize("name", MAILDIRS)
def test_maildir(tmp_path: Path, name: str) -> None:
    """Of a delivery that skips an fsync some cuts leave less than the message."""
    sync_file, sync_new, expected = MAILDIRS[name]
    with PowerCut(tmp_path) as disk:
        deliver(disk.mountpoint / "Maildir", sync_file=sync_file, sync_new=sync_new)
        states = {state_of(disk.left_now(seed) / "Maildir" / "new" / "1.M1.host") for seed in (None, *range(40))}
    assert states <= expected
    assert states & {"torn", "gone"} == expected & {"torn", "gone"}


def state_of(path: Path) -> str:
    """Say how much of the delivered message is left."""
    if not path.exists():
        return "gone"
    return "whole" if path.read_bytes().endswith(b"\r\n\r\n" + b"words\r\n" * 900) else "torn"


@contextmanager
def committing(disk: PowerCut, journal: str, synchronous: str) -> Iterator[Callable[[], int]]:
    """Let another process commit rows; give the number that it was told were committed."""
    acknowledged = disk.folder / "acknowledged"
    acknowledged.touch()
    arguments = [str(disk.mountpoint / "rows.db"), str(acknowledged), journal, synchronous]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.power_cut.committer", *arguments], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        yield lambda: acknowledged.stat().st_size
    finally:
        process.kill()
        process.wait()


def wait_until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for something, a bounded time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.002)


def rows_in(left: Path) -> int:
    """Recover what is left as a program would at its next start, check it, and count the rows."""
    with closing(sqlite3.connect(left / "rows.db")) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        count, last = connection.execute("select count(*), coalesce(max(id), 0) from row").fetchone()
    assert count == last
    return int(count)


@pytest.mark.parametrize(("journal", "synchronous"), [("wal", "full"), ("delete", "extra")])
def test_sqlite_that_syncs_keeps_every_committed_row(tmp_path: Path, journal: str, synchronous: str) -> None:
    """Over 30 cuts at random moments of a load, with whatever subset surviving, no acknowledged row is lost."""
    chance = Random(20261121)
    with PowerCut(tmp_path) as disk, committing(disk, journal, synchronous) as acknowledged:
        wait_until(lambda: acknowledged() > 0)
        for seed in (None, *range(28)):
            time.sleep(chance.random() * 0.05)
            before = acknowledged()
            assert rows_in(disk.left_now(seed)) >= before
        before = acknowledged()
        assert rows_in(disk.cut(seed=99)) >= before > 100


CARELESS = {
    "WAL with synchronous off syncs nothing": ("wal", "off"),
    "WAL with synchronous normal syncs at checkpoints": ("wal", "normal"),
    "DELETE with synchronous full leaves the journal's end unsynced": ("delete", "full"),
}


@pytest.mark.parametrize("name", CARELESS)
def test_sqlite_that_does_not_sync_loses_committed_rows(tmp_path: Path, name: str) -> None:
    """The layer bites: what SQLite acknowledged without syncing is gone after some cut."""
    with PowerCut(tmp_path) as disk, committing(disk, *CARELESS[name]) as acknowledged:
        wait_until(lambda: acknowledged() > 70)
        assert any(rows_lost(disk, acknowledged) for _ in range(20))


def rows_lost(disk: PowerCut, acknowledged: Callable[[], int]) -> bool:
    """Look whether a loss of power now would take a committed row."""
    before = acknowledged()
    try:
        return rows_in(disk.left_now()) < before
    except sqlite3.DatabaseError:  # not even a database any more
        return True


HOLDER = """
import sys, time
from pathlib import Path
from tests.power_cut import PowerCut
with PowerCut(Path(sys.argv[1])) as disk:
    file = open(disk.mountpoint / "open", "w")
    print("mounted", flush=True)
    time.sleep(60)
"""


def test_a_test_that_crashes_leaves_no_mount(tmp_path: Path) -> None:
    """Killed with a file open on it, the process that mounted leaves nothing mounted."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"mounted\n"
    assert os.path.ismount(tmp_path / "disk")
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    wait_until(lambda: not os.path.ismount(tmp_path / "disk"))
