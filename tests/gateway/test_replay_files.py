"""Mailboxes and logs of the past, in every form in which an office has them: where messages end, when they came."""

import os
import re
import time
from collections import Counter
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path

import pytest

from gateway.contact_files import FilesRefused, gather
from gateway.past_calls import NoLog, calls_in
from gateway.past_contact import LeftAside
from gateway.past_files import MOST_OCTETS, TOO_LONG, dated
from tests.gateway.import_office import NOW
from tests.gateway.past import sources, terms

REAL = Path(__file__).parents[3] / "shared" / "data" / "real-mail"
HEADER = "From: r.example@example.org\nTo: clerk@office.example.org\nSubject: {}\n"
RECEIVED = "Received: from a by b; Mon, 9 Mar 2026 10:00:00 +0000\n"
DATE = "Date: Mon, 9 Mar 2026 12:00:00 +0100\n"


def message(subject="One", header="", body="Hello\n"):
    """Write a message as a mailbox keeps it."""
    return header + HEADER.format(subject) + "\n" + body


def subjects(path, **options):
    """Read what is at a path; give the subjects in order of time."""
    return [past.contact.subject for past in gather([path], now=NOW, **options).pasts]


def only(path):
    """Read the one contact at a path."""
    (past,) = gather([path], now=NOW).pasts
    return past.contact


def put(folder, text, name="mail.mbox"):
    """Write a file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_only_files_on_a_disk_are_read(tmp_path):
    """A pipe would be waited at for ever, a device has no end: both are named, and the rest is looked at."""
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    os.mkfifo(tmp_path / "cur" / "pipe")
    os.mkfifo(tmp_path / "pipe.eml")
    (tmp_path / "cur" / "zero").symlink_to("/dev/zero")
    with (tmp_path / "cur" / "long").open("wb") as long:
        long.truncate(MOST_OCTETS + 1)
    put(tmp_path, message(header=RECEIVED), "cur/one")
    with pytest.raises(FilesRefused) as refused:
        gather([tmp_path], now=NOW)
    told = str(refused.value).splitlines()
    assert [line.removeprefix(f"{tmp_path}/") for line in told] == [
        "pipe.eml: It is no file.",
        "cur/long: It cannot be read (It is longer than any message).",
        "cur/pipe: It is no file.",
        "cur/zero: It is no file.",
    ]
    read = list(sources(tmp_path).read())
    aside = {one.place.removeprefix(f"{tmp_path}/"): one.why for one in read if isinstance(one, LeftAside)}
    none = "It is no file."
    assert aside == {"pipe.eml": none, "cur/pipe": none, "cur/zero": none, "cur/long": TOO_LONG}
    assert len(read) == 5
    os.mkfifo(tmp_path / "calls.csv")
    with pytest.raises(NoLog, match=none):
        list(calls_in(tmp_path / "calls.csv", terms(), lambda octets: None))


def test_a_return_path_of_spaces_costs_no_more_than_it_is_long():
    """Eight times as much takes about eight times as long."""

    def cost(times):
        raw, began = b"Return-Path:" + b" " * times + b"x y\r\n\r\n", time.process_time()
        dated(raw, b"", "1", frozenset())
        return time.process_time() - began

    cost(100)
    assert cost(48_000) < 40 * max(cost(6_000), 0.002)


FIRST = "From r.example@example.org Mon Mar  9 10:00:00 2026\n"
SECOND = "From - Tue Mar 10 10:00:00 2026\n"
MBOXES = {
    "two messages": (FIRST + message() + "\n" + SECOND + message("Two"), ["One", "Two"]),
    "CRLF line ends": ((FIRST + message() + "\n" + SECOND + message("Two")).replace("\n", "\r\n"), ["One", "Two"]),
    "blank lines before the first": ("\n\n" + FIRST + message(), ["One"]),
    "no line end after the last": (FIRST + message(body="Hello"), ["One"]),
    "From in a text, after a blank line": (
        FIRST + message(body="Hello\n\nFrom here on it is 10:30 already.\n\nFrom my office\n"),
        ["One"],
    ),
    "From in a text, with a date and no blank line": (FIRST + message(body="Hello\n" + SECOND), ["One"]),
    "quoted From lines": (FIRST + message(body="Hello\n\n>" + SECOND), ["One"]),
    "a time zone in the From line": (
        "From x@example.org Mon Mar  9 11:00:00 +0100 2026\n" + message() + "\n" + SECOND + message("Two"),
        ["One", "Two"],
    ),
    "an empty message between": (
        FIRST + message() + "\n" + SECOND + "\n" + SECOND + message("Two"),
        ["One", "", "Two"],
    ),
    "an empty file": ("", []),
}


@pytest.mark.parametrize("name", MBOXES)
def test_an_mbox_is_cut_where_its_messages_end(name, tmp_path):
    """Only a From line with a date after a blank line begins a message."""
    text, expected = MBOXES[name]
    assert subjects(put(tmp_path, text)) == expected


TIMES = {
    "the topmost Received field": (FIRST.replace("10:00", "11:30") + message(header=RECEIVED + DATE), 10),
    "the From line of an mbox where there is no Received": (
        FIRST.replace("10:00", "11:30") + message(header=DATE),
        11.5,
    ),
    "the From line where Received has no date": (FIRST + message(header="Received: from a by b\n" + DATE), 10),
    "the From line with its own zone": ("From x Mon Mar  9 10:00:00 2026 +0200\n" + message(header=DATE), 8),
    "the Date where there is nothing else": (message(header=DATE), 11),
    "the Date where the Received time is impossible": (
        message(header="Received: from a by b; Mon, 9 Mar 9926 10:00:00 +0000\n" + DATE),
        11,
    ),
}


@pytest.mark.parametrize("source", TIMES)
def test_the_time_of_a_message_is_that_of(source, tmp_path):
    """Received comes before the From line, and that before Date, which the sender chose (C3)."""
    text, hours = TIMES[source]
    at = only(put(tmp_path, text, "mail")).at
    assert at == datetime(2026, 3, 9, int(hours), int(hours % 1 * 60), tzinfo=UTC)


def test_what_cannot_be_dated_is_placed_after_the_one_before_it_and_counted(tmp_path):
    """Nothing is dropped for want of a date."""
    folder = tmp_path / "mail"
    put(folder, message("Zero"), "0.eml")
    put(folder, message("Late", header=RECEIVED.replace("9 Mar", "11 Mar")), "1.eml")
    put(folder, message("Undated"), "2.eml")
    put(folder, message("Early", header=RECEIVED), "3.eml")
    gathered = gather([folder], now=NOW)
    assert [past.contact.subject for past in gathered.pasts] == ["Early", "Zero", "Late", "Undated"]
    assert gathered.undated == 2
    assert only(put(tmp_path, message(), "alone.eml")).at == NOW


def test_a_message_file_may_begin_with_the_from_line_of_an_mbox(tmp_path):
    """The line is no part of the message, and its sender is the reverse-path."""
    contact = only(put(tmp_path, "From MAILER-DAEMON Mon Mar  9 10:00:00 2026\n" + message(), "one.eml"))
    assert (contact.sender.value, contact.answerable) == ("r.example@example.org", False)
    assert only(put(tmp_path, FIRST + message(), "two.eml")).answerable


def test_folders_are_read_whole_and_what_is_no_mail_is_counted(tmp_path):
    """Maildirs with their subfolders, .eml, mbox and lines; not what a Maildir has yet to deliver."""
    put(tmp_path, message("New"), "inbox/new/1700000000.x")
    put(tmp_path, message("Read"), "inbox/cur/1700000001.x:2,S")
    put(tmp_path, message("Half"), "inbox/tmp/1700000002.x")
    put(tmp_path, message("Filed"), "inbox/.Filed/cur/1700000003.x:2,S")
    put(tmp_path, "3 V1", "inbox/dovecot-uidlist.log")
    put(tmp_path, message("Single"), "saved/one.eml")
    put(tmp_path, FIRST + message("Old"), "saved/Archive")
    put(
        tmp_path,
        '{"channel": "call", "from": "+441632960001", "at": "2026-03-09T10:00:00Z", "subject": "Log"}',
        "log.jsonl",
    )
    gathered = gather([tmp_path], now=NOW)
    assert {past.contact.subject for past in gathered.pasts} == {"New", "Read", "Filed", "Single", "Old", "Log"}
    assert [path.name for path in gathered.left_aside] == ["dovecot-uidlist.log"]


def test_recipients_are_the_offices_own_where_it_is_known_which_those_are(tmp_path):
    """To and Cc name whom it was written to; strangers among them are no inbox of ours."""
    path = put(
        tmp_path,
        "From: a@example.org\nTo: clerk@office.example.org, b@example.org\nCc: head@office.example.org\n\n",
        "m.eml",
    )
    (known,) = gather([path], now=NOW, domains=frozenset({"office.example.org"})).pasts
    assert known.contact.recipients == ("clerk@office.example.org", "head@office.example.org")
    assert only(path).recipients == ("clerk@office.example.org", "b@example.org", "head@office.example.org")


def test_a_hostile_line_costs_no_more_than_it_is_long(tmp_path):
    """Megabytes that nearly are a From line, or header fields, are read in no time worth naming (C1)."""
    hostile = "From " + "Jan 1 " * 200_000 + "\n\n" + "From Jan 10:0 " * 100_000
    path = put(tmp_path, FIRST + message(body=f"Hello\n\n{hostile}\n") + "\n" + SECOND + message("Two"))
    assert subjects(path) == ["One", "Two"]


def line(**changes):
    """Write a line of JSON with some of its text changed."""
    keys = {"channel": '"call"', "from": '"+441632960001"', "at": '"2026-03-09T10:00:00Z"'} | changes
    return "{" + ", ".join(f'"{key}": {value}' for key, value in keys.items() if value is not None) + "}\n"


KEYS = "the keys are id, channel, from, to, cc, at, subject, words, duration_s, assurance"
BAD_LINES = {
    "no JSON": ("{channel: call}\n", "It is not JSON: Expecting property name enclosed in double quotes"),
    "no object": ("[1]\n", 'A line is an object, as {"channel": "call", ...}, and not [1]'),
    "an unknown key": (line(form='"x"'), f"There is no key 'form'; {KEYS}"),
    "no channel": (line(channel=None), "channel is missing."),
    "an unknown channel": (line(channel='"fax"'), 'channel is "fax", but must be one of email, call, sms'),
    "a channel of the wrong kind": (line(channel="[]"), "channel is [], but must be one of email"),
    "no sender": (line(**{"from": None}), "from is missing; write null where nobody can say."),
    "a sender of the wrong kind": (line(**{"from": "7"}), "from is 7, but must be a text or a list of texts."),
    "no time": (line(at=None), "at is missing; write it as 2026-03-09T10:00:00Z."),
    "a time without a zone": (line(at='"2026-03-09T10:00:00"'), "at says no zone; write it as"),
    "a time that is none": (line(at='"yesterday"'), 'at is "yesterday"; write it as 2026-03-09T10:00:00Z.'),
    "a time out of reach": (line(at='"0001-01-01T00:00:00+14:00"'), "which no record of an office reaches."),
    "a negative length": (line(duration_s="-1"), "duration_s is -1, but must be a whole number from 0 to 604800."),
    "a length that is no number": (line(duration_s="true"), "duration_s is true, but must be a whole number"),
    "a length of mail": (line(channel='"email"', duration_s="1"), "duration_s is of calls only."),
    "an unknown assurance": (line(assurance='"sure"'), "but must be one of verified, claimed, failed."),
    "nested deeply": ("[" * 100_000, "It is nested too deeply to be read."),
    "an id that was there": (line(id='"1"') + line(id='"1"'), "id '1' stands on an earlier line as well."),
    "no UTF-8": (b'{"channel": "\xff"}\n', "It is not UTF-8 text."),
}


@pytest.mark.parametrize("fault", BAD_LINES)
def test_a_bad_line_is_named_by_file_and_line(fault, tmp_path):
    """The sentence says where, what is wrong and what would be right; nothing is run."""
    text, expected = BAD_LINES[fault]
    raw = text if isinstance(text, bytes) else text.encode()
    path = put(tmp_path, line().encode() + b"\n" + raw, "past.jsonl")
    with pytest.raises(FilesRefused) as caught:
        gather([path], now=NOW)
    number = 4 if fault == "an id that was there" else 3
    assert str(caught.value).startswith(f"{path}:{number}: ") and expected in str(caught.value)


def test_every_bad_line_is_named_up_to_twenty(tmp_path):
    """A log in another form altogether is not answered by thousands of lines."""
    path = put(tmp_path, line(channel='"fax"') * 100, "past.jsonl")
    with pytest.raises(FilesRefused) as caught:
        gather([path], now=NOW)
    assert len(str(caught.value).splitlines()) == 21


UNREADABLE = {
    "no file": ("gone.mbox", None, "There is no such file."),
    "a program": ("photo.mbox", b"\x7fELF\x00\x01", "It is no mailbox that can be read"),
    "a letter": ("letter.txt", "Dear Sir\n\nhello\n", "It is no mailbox that can be read"),
    "an mbox without a date": ("old.mbox", "From somebody\n\nHello\n", "its first `From ` line has no date."),
    "a folder without mail": ("folder/readme.txt", "x", "There is no mail in this folder"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_is_no_mailbox_is_refused_in_a_sentence(what, tmp_path):
    """Each path that cannot be read is named, and nothing is run."""
    name, content, expected = UNREADABLE[what]
    path = tmp_path / name if content is None else put(tmp_path, content, name)
    path = path.parent if "/" in name else path
    with pytest.raises(FilesRefused) as caught:
        gather([path], now=NOW)
    assert str(caught.value).startswith(f"{path}: ") and expected in str(caught.value)


def test_halves_of_surrogates_and_big_numbers_do_no_harm(tmp_path):
    """What JSON can write and nothing else can is replaced."""
    contact = only(put(tmp_path, line(subject=r'"\ud800"', id=r'"\udfff"', words="12.0"), "past.jsonl"))
    assert (contact.subject, contact.id, contact.words) == ("?", "?", 12)


def plain_count():
    """Count the senders of the real mail by nothing but a pattern and the standard library."""
    found = Counter()
    for path in REAL.iterdir():
        raw = path.read_bytes()
        head = (raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw).partition(b"\n\n")[0]
        (field,) = re.findall(rb"(?im)^from:((?:.|\n[ \t])*)$", head)
        found[parseaddr(field.decode("latin-1").replace("\n", " "))[1].lower()] += 1
    return found


def top(counter):
    """Give the ten highest counts, those that are equal in the order of their names."""
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:10]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real mail is not on this machine")
def test_the_real_mail_is_read_whole_and_its_senders_are_those_of_a_plain_count():
    """All 1,400 messages have a time and are told apart; the ten most frequent senders are those of the From fields."""
    gathered = gather([REAL], now=NOW)
    ours = Counter(past.contact.sender.value for past in gathered.pasts if past.contact.sender)
    assert top(ours) == top(plain_count())
    assert (len(gathered.pasts), gathered.undated) == (1400, 0)
    assert len({past.key for past in gathered.pasts}) == 1400


@pytest.mark.parametrize("name", ["mail.mbox", "one.eml"])
def test_what_a_message_says_is_read_from_its_file_when_somebody_asks(name, tmp_path):
    """The first lines and the thread of a message come from its own place in the file, and are not kept in memory."""
    bodies = ["HO/2024-123\n", "two\n"] if name == "mail.mbox" else ["HO/2024-123\n"]
    texts = [message(str(n), f"Message-ID: <{n}@x>\nIn-Reply-To: <{n - 1}@x>\n", body) for n, body in enumerate(bodies)]
    path = tmp_path / name
    mbox = "".join(f"From r@example.org Mon Mar  9 10:0{n}:00 2026\n{text}\n" for n, text in enumerate(texts))
    path.write_text(mbox if name == "mail.mbox" else texts[0])
    pasts = gather([path], now=NOW).pasts
    assert all(past.contact.opening == "" for past in pasts)
    found = [past.contents.read() for past in pasts]
    assert [one.opening for one in found] == [body.strip() for body in bodies]
    assert [one.thread.message_id for one in found] == [f"<{n}@x>" for n in range(len(bodies))]
    assert found[-1].thread.answers == (f"<{len(bodies) - 2}@x>",)


def test_a_file_that_is_gone_when_somebody_asks_says_nothing(tmp_path):
    """A mailbox that is moved during a replay leaves its subjects, and no traceback."""
    path = tmp_path / "one.eml"
    path.write_text(message())
    (past,) = gather([path], now=NOW).pasts
    path.unlink()
    assert past.contents.read().opening == ""
