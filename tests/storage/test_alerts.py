"""Alerts on record: one for one thing, taken by one process at a time, ended by a person or by the thing itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.alerts import AlertKind, Severity
from rules.retention import NEVER, RecordClass
from storage.alert_posts import PostState
from storage.alerts import _ANSWERED, Alert, NewPost, Raised, Telling
from storage.entries import Letter, LetterState, State
from storage.record import Record
from storage.statements import SQLITE
from tests.storage.office import AT, add, after, party

HOUR = timedelta(hours=1)


def alert(number=1, **changes):
    """Give an alert with some things changed."""
    plain = {"once": f"thing {number}", "kind": AlertKind.HELD, "severity": Severity.SOON, "title": "A message waits"}
    plain |= {"words": "To see it: parley queue", "raised_at": AT}
    return Alert(id=f"A{number}", **(plain | changes))


def letter(number="L1"):
    """Give a letter that tells of an alert."""
    return Letter(number, "alert", "<>", "staff@example.org", f"<{number}@example.org>", b"message", AT, number)


def put(record, made, *, letters=(), posts=()):
    """Raise an alert; tells whether it is new."""
    return record.write_now(lambda tx: tx.raise_alert(Raised(made, Telling(tuple(letters), tuple(posts)))))


def due(record, now):
    """Name the alerts that are due."""
    bounds = {"soon": now + HOUR, "rested": now - HOUR, "ahead": now + HOUR}
    return [one.id for one in record.write_now(lambda tx: tx.due_alerts(now, **bounds))]


def test_one_alert_for_one_thing(record):
    """Raised again it is nothing, and nothing more leaves."""
    made = alert(next_at=AT + HOUR, times=1, told_at=AT, last_at=AT, step=1)
    assert put(record, made, letters=[letter()])
    assert not put(record, replace(made, id="A2"), letters=[letter("L2")])
    assert record.read_now(lambda reader: reader.alerts()) == (made,)
    assert [one.id for one in record.read_now(lambda reader: reader.letters(LetterState.QUEUED))] == ["L1"]
    ((channel, state),) = [(each.channel, each.state) for each in record.read_now(lambda r: r.alert_tellings("A1"))]
    assert (channel, state) == ("mail", "queued")


def test_what_is_due(record):
    """By its time; an urgent one early that rested; one that was told in what is the future now; none that is ended."""
    urgent = {"severity": Severity.URGENT, "kind": AlertKind.DANGER}
    put(record, alert(1, next_at=after(hours=1)))
    put(record, alert(2, next_at=after(hours=2), last_at=after(hours=0), **urgent))
    put(record, alert(3, next_at=after(hours=2), last_at=after(minutes=30), **urgent))
    put(record, alert(4, next_at=after(hours=9), last_at=after(hours=8)))
    put(record, alert(5))
    assert due(record, after(hours=1)) == ["A1", "A2", "A4"]
    assert record.write_now(lambda tx: tx.acknowledge_alert("A1", "k.jones", AT))
    assert not record.write_now(lambda tx: tx.acknowledge_alert("A1", "m.smith", AT))
    assert not record.write_now(lambda tx: tx.move_alert(alert(1, times=7)))
    assert due(record, after(hours=1)) == ["A2", "A4"]
    assert [one.id for one in record.write_now(lambda tx: tx.untold_alerts())] == ["A5"]
    assert [one.id for one in record.read_now(lambda reader: reader.alerts(only_open=True))] == ["A5", "A4", "A3", "A2"]


@pytest.mark.parametrize(
    ("kind", "state", "looked", "ended"),
    [
        pytest.param(AlertKind.HELD, State.HELD, None, False, id="held and waiting"),
        pytest.param(AlertKind.HELD, State.DELIVERED, None, True, id="held and released"),
        pytest.param(AlertKind.DANGER, State.LOOKED_AT, AT, True, id="a call that was looked at"),
        pytest.param(AlertKind.DANGER, State.VOICEMAIL, None, False, id="a call that nobody looked at"),
        pytest.param(AlertKind.ZERO_TOLERANCE, State.LOOKED_AT, AT, False, id="an incident is more than a look"),
    ],
)
def test_the_thing_itself_ends_it(record, kind, state, looked, ended):
    """What was done needs nobody's acknowledgement."""
    contact = add(record, state=state, looked_at=looked)
    put(record, alert(kind=kind, contact_id=contact.id))
    assert record.write_now(lambda tx: tx.settle_answered(AT)) == int(ended)
    found = record.read_now(lambda reader: reader.alert("A1"))
    assert (found.open, found.acknowledged_by) == (not ended, "")


def test_a_mailbox_that_is_read_again_ends_its_alert(record):
    """Read after it was raised, not before."""
    put(record, alert(kind=AlertKind.MAILBOX, about="mailbox:box0"))
    for synced, ended in ((-1, 0), (1, 1)):
        record.write_now(
            lambda tx, synced=synced: tx.link.plain(
                "INSERT INTO mailboxes (name, uidvalidity, last_uid, rescan_to, since, synced_at, holder, leased_until)"
                f" VALUES ('box0', 1, 1, 0, 0, {int(after(hours=synced).timestamp() * 1_000_000)}, '', 0)"
                " ON CONFLICT (name) DO UPDATE SET synced_at = excluded.synced_at",
                {},
            )
        )
        assert record.write_now(lambda tx: tx.settle_answered(AT)) == ended


def test_what_was_done_is_looked_up_and_not_searched_for(sqlite_url, clock):
    """However many flags and mailboxes there are, none is read but the one that an alert is about."""
    text = _ANSWERED.text(SQLITE)
    with Record.open(sqlite_url, now=clock) as record:
        plan = record.write_now(lambda tx: tx.link.plain(f"EXPLAIN QUERY PLAN {text}", {"at": 0}))
    steps = [row[-1] for row in plan]
    assert any("SEARCH flags" in step for step in steps)
    assert not any(step.startswith(("SCAN flags", "SCAN mailboxes", "SCAN contacts")) for step in steps)


def test_alerts_on_a_party_are_counted(record):
    """Those of the last hour on its contacts, and those on nobody's."""
    rosa = party(record)
    put(record, alert(1, contact_id=add(record, party_id=rosa).id))
    put(record, alert(2, contact_id=add(record, party_id=rosa).id, raised_at=after(hours=-2)))
    put(record, alert(3, contact_id=add(record).id))
    put(record, alert(4))
    assert record.read_now(lambda reader: reader.alerts_lately(rosa, after(hours=-1))) == 1
    assert record.read_now(lambda reader: reader.alerts_lately(None, after(hours=-1))) == 1


def test_a_letter_that_may_have_left_is_doubtful(record):
    """Noted on the telling, whatever becomes of the letter."""
    put(record, alert(), letters=[letter()])
    record.write_now(lambda tx: tx.doubt_telling("L1"))
    record.write_now(lambda tx: tx.settle_letter("L1", LetterState.SENT))
    (told,) = record.read_now(lambda reader: reader.alert_tellings("A1"))
    assert (told.state, told.doubtful) == ("sent", True)


def test_a_text_is_claimed_once_and_counted_from_then(record):
    """Whoever claims it has it; left behind it is unclear, and what it cost is spent."""
    put(record, alert(), posts=[NewPost("P1", "text", "+447700900123", "words", 2)])
    assert record.read_now(lambda reader: reader.posts_waiting(AT)) == (("text", "+447700900123"),)
    (one, other) = [
        record.write_now(lambda tx: tx.claim_post("text", "+447700900123", "n1", AT, AT + HOUR)) for _ in range(2)
    ]
    assert (one.id, other) == ("P1", None)
    assert record.read_now(lambda reader: reader.texts_sent(AT - HOUR)) == (1, 2)
    assert record.write_now(lambda tx: tx.recover_posts("n2")) == ()
    assert record.write_now(lambda tx: tx.recover_posts("n1")) == ("P1",)
    assert record.write_now(lambda tx: tx.claim_post("text", "+447700900123", "n1", after(hours=2), AT)) is None
    assert [one.id for one in record.read_now(lambda reader: reader.not_mailed_since("P1"))] == ["A1"]


def test_a_webhooks_post_that_was_left_is_due_again(record):
    """Under its id, once its time with whoever claimed it is over; settled it is not."""
    put(record, alert(), posts=[NewPost("P1", "webhook", "pager", "{}")])
    claim = "webhook", "pager", "n1"
    assert record.write_now(lambda tx: tx.claim_post(*claim, AT, AT + HOUR)).id == "P1"
    assert record.write_now(lambda tx: tx.claim_post(*claim, AT, AT + HOUR)) is None
    assert record.write_now(lambda tx: tx.claim_post(*claim, AT + HOUR, AT + 2 * HOUR)).attempts == 1
    assert record.write_now(lambda tx: tx.settle_post("P1", PostState.SENT, AT))
    assert not record.write_now(lambda tx: tx.settle_post("P1", PostState.QUEUED, AT))
    assert record.read_now(lambda reader: reader.texts_sent(AT - HOUR)) == (0, 0)


def test_W6_what_is_unclear_is_settled_for_all_that_it_tells_of(record):
    """A text and a letter that may have left are seen to, once; what they cost stays spent."""
    post = NewPost("P1", "text", "+447700900123", "words", 2)
    put(record, alert(1), letters=[letter()], posts=[post])
    put(record, alert(2))
    record.write_now(lambda tx: tx.tell([alert(2)], Telling(posts=(post,))))
    record.write_now(lambda tx: tx.claim_post("text", "+447700900123", "n1", AT, AT + HOUR))
    record.write_now(lambda tx: (tx.recover_posts("n1"), tx.doubt_telling("L1"), tx.doubt_telling("P1")))
    assert record.write_now(lambda tx: tx.settle_tellings("A1")) == 2
    assert [record.write_now(lambda tx, one=one: tx.settle_tellings(one)) for one in ("A1", "A2", "A9")] == [0, 0, 0]
    told = [
        one for name in ("A1", "A2") for one in record.read_now(lambda reader, name=name: reader.alert_tellings(name))
    ]
    assert {(one.channel, one.state, one.doubtful) for one in told} == {
        ("mail", "queued", False),
        ("text", "looked_at", False),
    }
    assert record.read_now(lambda reader: reader.texts_sent(AT - HOUR)) == (1, 2)


def test_PHSO_7_old_alerts_go_with_all_that_told_of_them(record):
    """From when they were over; what is open stays, and its contact with it, however old."""
    contact = add(record, state=State.LOOKED_AT)
    put(record, alert(1), posts=[NewPost("P1", "webhook", "pager", "{}")])
    put(record, alert(2, contact_id=contact.id), posts=[NewPost("P2", "webhook", "pager", "{}")])
    record.write_now(lambda tx: tx.acknowledge_alert("A1", "k.jones", after(hours=2)))
    assert record.read_now(lambda reader: reader.oldest(RecordClass.ALERTS, AT)) == after(hours=2)
    assert record.read_now(lambda reader: reader.old(RecordClass.ALERTS, after(hours=2))) == ()
    assert record.read_now(lambda reader: reader.old(RecordClass.ALERTS, after(hours=3))) == ("A1",)
    assert record.read_now(lambda reader: reader.old(RecordClass.CONTACTS, NEVER)) == ()
    assert record.write_now(lambda tx: tx.remove_old(RecordClass.ALERTS, after(hours=3), ["A1", "A2"])) == 1
    assert [one.id for one in record.read_now(lambda reader: reader.alerts())] == ["A2"]
    assert record.read_now(lambda reader: reader.alert_tellings("A1")) == ()
    posts = record.read_now(lambda reader: reader.link.plain("SELECT id FROM alert_posts", {}))
    assert [row[0] for row in posts] == ["P2"]
