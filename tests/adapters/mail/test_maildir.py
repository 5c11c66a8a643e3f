"""The door into mailboxes on disk."""

import errno
import mailbox
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail import maildir as door
from adapters.mail.maildir import FsyncFailed, Maildir
from adapters.mail.maildir_names import folder_directory, folder_name, inbox_directory, message_file, modified_utf7
from rules.answers import Delivered, Temporary

INBOX = "enquiries@example.org"
FILED = "Filed unanswered"
MESSAGE = b"Parley-Trace: v1; id=1\r\nSubject: Hello\r\n\r\nCaf\xe9 \x00\r\n.\r\n"


@pytest.fixture
def boxes(tmp_path):
    """Give mailboxes under a folder that does not exist yet."""
    return Maildir(tmp_path / "mail" / "boxes")


@pytest.fixture
def home(tmp_path):
    """Give the directory of the inbox."""
    return tmp_path / "mail" / "boxes" / INBOX


def files(home):
    """Give every message file, drafts too, relative to the inbox."""
    kept = (path for path in home.rglob("*") if path.is_file() and path.name != "maildirfolder")
    return sorted(str(path.relative_to(home)) for path in kept)


def test_delivered_octet_for_octet(boxes, home):
    """A message lies in `new` as it came, CRLF and all, and nothing is left in `tmp`."""
    assert boxes.deliver(INBOX, MESSAGE, "m1") == Delivered("m1")
    assert files(home) == ["new/m1"]
    assert (home / "new" / "m1").read_bytes() == MESSAGE
    assert (home / "new" / "m1").stat().st_mode & 0o777 == 0o600


def test_filed_as_read_in_a_folder(boxes, home):
    """`seen` puts it into `cur` of the Maildir++ folder with the mark that mail readers know."""
    boxes.deliver(INBOX, MESSAGE, "m1", folder=FILED, seen=True)
    assert files(home) == [".Filed unanswered/cur/m1:2,S"]
    assert (home / ".Filed unanswered" / "maildirfolder").exists()


def test_pythons_mailbox_reads_it(boxes, home):
    """Inbox, folder, flags and octets are what the standard library expects of a Maildir."""
    boxes.deliver(INBOX, MESSAGE, "m1")
    boxes.deliver(INBOX, MESSAGE, "m2", folder=FILED, seen=True)
    box = mailbox.Maildir(home, create=False)
    assert box.list_folders() == [FILED]
    assert box.get_bytes("m1") == MESSAGE
    filed = box.get_folder(FILED)
    assert filed.keys() == ["m2"]
    assert filed["m2"].get_flags() == "S"


@pytest.mark.parametrize(
    ("folder", "seen", "moved_to"),
    [
        ("", False, None),
        ("", True, None),
        ("", False, "cur/m1"),
        ("", False, "cur/m1:2,"),
        ("", False, "cur/m1:2,RS"),
        ("", True, "cur/m1:2,DFPRST"),
        (FILED, True, ".Filed unanswered/cur/m1:2,"),
    ],
    ids=["unread", "read", "seen by a reader", "opened", "answered", "all marks", "marked unread in the folder"],
)
def test_a_second_delivery_leaves_one_file(boxes, home, folder, seen, moved_to):
    """The same name delivered again succeeds and leaves the first one where a mail reader has put it."""
    boxes.deliver(INBOX, MESSAGE, "m1", folder=folder, seen=seen)
    if moved_to:
        (home / files(home)[0]).rename(home / moved_to)
    before = files(home)
    assert isinstance(boxes.deliver(INBOX, MESSAGE, "m1", folder=folder, seen=seen), Delivered)
    assert files(home) == before
    assert len(before) == 1


def test_the_same_name_at_once_leaves_one_file(boxes, home):
    """Eight threads that deliver the same message leave one."""
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: boxes.deliver(INBOX, MESSAGE, "m1"), range(40)))
    assert all(isinstance(answer, Delivered) for answer in answers)
    assert files(home) == ["new/m1"]


def test_found_and_removed(boxes, home):
    """A message is found wherever it lies and marked as it may be, and leaves only the folder asked for."""
    boxes.deliver(INBOX, MESSAGE, "m1", folder=FILED, seen=True)
    boxes.deliver(INBOX, MESSAGE, "m1")
    boxes.deliver(INBOX, MESSAGE, "m10")
    assert [(found.folder, found.path.read_bytes()) for found in boxes.find(INBOX, "m1")] == [
        ("", MESSAGE),
        (FILED, MESSAGE),
    ]
    assert isinstance(boxes.remove(INBOX, "m1", folder=FILED), Delivered)
    assert isinstance(boxes.remove(INBOX, "m1", folder=FILED), Delivered)
    assert files(home) == ["new/m1", "new/m10"]
    assert boxes.find("nobody@example.org", "m1") == []
    assert isinstance(boxes.remove("nobody@example.org", "m1"), Delivered)


@pytest.mark.parametrize(
    "folder", ["../other", "a/b", ".hidden", "..", ".", "a..b", "a.", "a\\b", "a\x00b", "a\nb"], ids=repr
)
def test_a_folder_never_leads_elsewhere(boxes, folder):
    """Separators, leading dots and empty parts are refused before anything is written."""
    with pytest.raises(ValueError, match="folder"):
        boxes.deliver(INBOX, MESSAGE, "m1", folder=folder)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", ".hidden", "..", "a/b", "x\x00y", "a:2,S", "é" * 300, "/"], ids=repr
)
def test_a_name_never_leads_elsewhere(boxes, tmp_path, name):
    """Inbox and message keep their places whatever they are called, and are found under the same name."""
    boxes.deliver(name, MESSAGE, name)
    (found,) = boxes.find(name, name)
    assert found.path.read_bytes() == MESSAGE
    assert found.path.resolve().relative_to(tmp_path / "mail" / "boxes").parts[1:-1] == ("new",)


@given(st.text(min_size=1, max_size=400), st.text(min_size=1, max_size=400))
def test_names_do_not_collide(one, other):
    """Different names have different files, safe and short enough for any disk."""
    assert (message_file(one) == message_file(other)) == (one == other)
    for name in (message_file(one), inbox_directory(other)):
        assert len(name) <= 180
        assert name.isascii()
        assert "/" not in name
        assert ":" not in name
        assert not name.startswith(".")


def test_nothing_has_no_name():
    """An inbox or a message without a name is our own mistake."""
    with pytest.raises(ValueError, match="name"):
        message_file("")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="/\\."), min_size=1, max_size=40))
def test_folder_names_come_back(name):
    """Modified UTF-7 is ASCII, has no separator, and is undone by its reader."""
    directory = folder_directory(name)
    assert directory.isascii()
    assert "/" not in directory
    assert folder_name(directory) == name


@pytest.mark.parametrize(
    ("text", "coded"),
    [("Entwürfe", "Entw&APw-rfe"), ("A&B", "A&-B"), ("台北", "&U,BTFw-"), ("Filed unanswered", "Filed unanswered")],
)
def test_the_examples_of_imap(text, coded):
    """Names are encoded as RFC 3501 5.1.3 shows."""
    assert modified_utf7(text) == coded
    assert folder_name("." + coded) == text


def test_a_folder_that_others_named_badly_is_still_listed():
    """What is no modified UTF-7 is shown as it is."""
    assert folder_name(".&2AA-") == "&2AA-"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.ENOSPC, "The disk with the mailboxes is full."),
        (errno.EDQUOT, "The mailbox has used up its space."),
        (errno.EROFS, "The disk with the mailboxes cannot be written to."),
        (errno.EIO, "The disk with the mailboxes reports errors."),
        (errno.EACCES, "The mailbox cannot be written to."),
    ],
    ids=["full", "quota", "read-only", "broken", "forbidden"],
)
@pytest.mark.parametrize("call", ["write", "open", "mkdir"])
def test_trouble_with_the_disk_is_temporary(boxes, home, monkeypatch, code, sentence, call):
    """Every error before the sync is 451 with a plain sentence, and leaves nothing in `tmp`."""

    def fail(*_args, **_kwargs):
        raise OSError(code, os.strerror(code))

    if call == "write":
        boxes.deliver(INBOX, MESSAGE, "m0")
    with monkeypatch.context() as patch:
        patch.setattr(door.os, call, fail)
        assert boxes.deliver(INBOX, MESSAGE, "m1") == Temporary(sentence)
    assert files(home) == (["new/m0"] if call == "write" else [])
    assert isinstance(boxes.deliver(INBOX, MESSAGE, "m1"), Delivered)


def test_a_full_disk_for_real(boxes, home):
    """A limit of the system on the size of files is reported, and the part that was written is taken away."""
    import resource
    import signal

    boxes.deliver(INBOX, MESSAGE, "m0")
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        answer = boxes.deliver(INBOX, b"x" * 100_000, "m1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    assert isinstance(answer, Temporary)
    assert files(home) == ["new/m0"]


@pytest.mark.parametrize("nth", [1, 2], ids=["of the file", "of the directory"])
def test_a_failed_fsync_ends_the_process(boxes, home, monkeypatch, nth):
    """After a failed fsync nothing is known, so it is no answer but an exception (S17)."""
    boxes.deliver(INBOX, MESSAGE, "m0")
    sync, calls = os.fsync, []

    def fail(number):
        calls.append(number)
        if len(calls) == nth:
            raise OSError(errno.EIO, "no")
        sync(number)

    monkeypatch.setattr(door.os, "fsync", fail)
    with pytest.raises(FsyncFailed):
        boxes.deliver(INBOX, MESSAGE, "m1")
    assert not [name for name in files(home) if name.startswith("tmp")]


def test_synced_before_it_is_shown(boxes, monkeypatch):
    """The file is synced before it has its name, the directory after; a repeated delivery syncs again."""
    boxes.deliver(INBOX, MESSAGE, "m0")
    steps = []
    sync, rename = os.fsync, door.Path.rename
    monkeypatch.setattr(door.os, "fsync", lambda number: (steps.append("sync"), sync(number))[1])
    monkeypatch.setattr(door.Path, "rename", lambda path, to: (steps.append("rename"), rename(path, to))[1])
    boxes.deliver(INBOX, MESSAGE, "m1")
    assert steps == ["sync", "rename", "sync"]
    boxes.deliver(INBOX, MESSAGE, "m1")
    assert steps[3:] == ["sync", "sync", "sync"]


def test_a_mailbox_taken_away_is_made_again(boxes, home):
    """Someone who tidies up an empty mailbox costs no message."""
    boxes.deliver(INBOX, MESSAGE, "m1")
    (home / "new" / "m1").unlink()
    for part in ("new", "cur", "tmp"):
        (home / part).rmdir()
    assert isinstance(boxes.deliver(INBOX, MESSAGE, "m2"), Delivered)
    assert files(home) == ["new/m2"]
