"""What limits and levels ask of the record: right, and not slower for a long history."""

import time
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.contact import Channel
from rules.standing import NOTHING_USED, Need, Usage, UsageKind, Used
from rules.windows import Per, Window
from storage.record import Record
from storage.statements import POSTGRESQL, SQLITE
from storage.times import stamp
from storage.usage import _ATTEMPTS, _LET_THROUGH, _TALKED
from tests.storage.office import AT, add, after, entry, party

DAY = Window(Per.DAY)
TOMORROW = after(days=1)
CHANNELS = (Channel.EMAIL, Channel.CALL, Channel.SMS)


def let_through(count, *channels, since=AT):
    """Ask whether the `count`-th newest is inside the window."""
    return Need(Usage(UsageKind.LET_THROUGH, frozenset(channels), DAY, count), since)


def talked(*channels, since=AT):
    """Ask how long was talked."""
    return Need(Usage(UsageKind.TALK_SECONDS, frozenset(channels), DAY), since)


def ask(record, party_id, *needs, now=TOMORROW):
    """Give the record's answers, in order."""
    answers = record.read_now(lambda reader: reader.used(party_id, needs, now))
    return [answers[need] for need in needs]


def counted(record, party_id, *minutes, channel=Channel.EMAIL, **changes):
    """Put contacts on record that were let through at these minutes."""
    for minute in minutes:
        add(record, party_id=party_id, channel=channel, counted_at=after(minutes=minute), **changes)


def test_the_nth_newest_over_channels(record):
    """It is the n-th newest contact let through over all channels asked for; None where there are fewer."""
    rosa, other = party(record), party(record)
    counted(record, rosa, 1, 4, 9)
    counted(record, rosa, 2, 6, channel=Channel.CALL)
    counted(record, other, 7, 8)
    add(record, party_id=rosa)
    mail, both = (Channel.EMAIL,), (Channel.EMAIL, Channel.CALL)
    answers = ask(
        record, rosa, let_through(1, *mail), let_through(3, *mail), let_through(4, *mail), let_through(4, *both)
    )
    assert [answer.reached_at for answer in answers] == [after(minutes=9), after(minutes=1), None, after(minutes=2)]
    assert [answer.frees_at for answer in answers] == [answer.reached_at for answer in answers]


def test_the_window_has_both_its_ends(record):
    """The first moment counts and now does; a microsecond before the one or after the other does not."""
    rosa = party(record)
    tick = timedelta(microseconds=1)
    counted(record, rosa, 0, 10)
    need, later = let_through(2, Channel.EMAIL), let_through(2, Channel.EMAIL, since=AT + tick)
    assert ask(record, rosa, need, later, now=after(minutes=10)) == [Used(AT, 0, AT), NOTHING_USED]
    assert ask(record, rosa, need, now=after(minutes=10) - tick) == [NOTHING_USED]


def test_talk_time_is_settled_or_reserved(record):
    """Settled seconds count, else those reserved; calls that limits do not count, count nothing."""
    rosa = party(record)
    counted(record, rosa, 1, channel=Channel.CALL, talk_s=0, reserved_s=600)
    counted(record, rosa, 2, channel=Channel.CALL, talk_s=60, reserved_s=600)
    counted(record, rosa, 3, channel=Channel.CALL, reserved_s=300)
    counted(record, rosa, 4, channel=Channel.CALL)
    add(record, party_id=rosa, channel=Channel.CALL, talk_s=999)
    (answer,) = ask(record, rosa, talked(Channel.CALL))
    assert answer == Used(None, 360, after(minutes=2))
    assert ask(record, rosa, talked(Channel.EMAIL), talked(Channel.CALL, since=after(hours=1))) == [NOTHING_USED] * 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    contacts=st.lists(
        st.tuples(
            st.sampled_from(CHANNELS),
            st.none() | st.integers(-5, 30),
            st.none() | st.integers(0, 900),
            st.none() | st.integers(0, 900),
        ),
        max_size=25,
    ),
    channels=st.frozensets(st.sampled_from(CHANNELS), min_size=1),
    count=st.integers(1, 8),
    since=st.integers(-10, 30),
    now=st.integers(0, 40),
)
def test_answers_equal_a_plain_count(record, contacts, channels, count, since, now):
    """Whatever is on record, the answer is that of going through all of it."""
    made = [
        entry(channel=channel, counted_at=None if at is None else after(minutes=at), talk_s=talk, reserved_s=reserved)
        for channel, at, talk, reserved in contacts
    ]

    def job(tx):
        rosa = tx.add_party("Rosa Example")
        for each in made:
            tx.add_contact(_of(each, rosa))
        return rosa

    rosa = record.write_now(job)
    start, end = after(minutes=since), after(minutes=now)
    inside = [each for each in made if each.counted_at and start <= each.counted_at <= end and each.channel in channels]
    newest = sorted((each.counted_at for each in inside), reverse=True)
    reached = newest[count - 1] if len(newest) >= count else None
    seconds = {each: each.reserved_s if each.talk_s is None else each.talk_s for each in inside}
    speaking = [each.counted_at for each in inside if seconds[each]]
    expected = [
        Used(reached, 0, reached),
        Used(None, sum(each or 0 for each in seconds.values()), min(speaking, default=None)),
    ]
    needs = let_through(count, *channels, since=start), talked(*channels, since=start)
    assert ask(record, rosa, *needs, now=end) == expected


def _of(made, party_id):
    import dataclasses

    return dataclasses.replace(made, party_id=party_id)


def test_levels_count_attempts_that_count(record):
    """Levels see every attempt, whatever became of it, but not those that count for nothing (forged, our own doing)."""
    for minute in (1, 3, 5):
        add(record, whose="party:7", at=after(minutes=minute))
    add(record, whose="party:7", at=after(minutes=4), channel=Channel.CALL)
    add(record, whose="party:7", at=after(minutes=6), counts=False)
    add(record, whose="party:8", at=after(minutes=7))

    def newest(most, channels=None, until=None):
        return record.read_now(lambda reader: reader.newest("party:7", channels, most, until=until))

    def minutes(*values):
        return tuple(after(minutes=value) for value in values)

    assert [newest(most) for most in (0, 1, 9)] == [(), minutes(5), minutes(5, 4, 3, 1)]
    assert newest(2, [Channel.EMAIL]) == minutes(5, 3)
    assert newest(2, [Channel.EMAIL, Channel.CALL], after(minutes=4)) == minutes(4, 3)
    assert newest(1, [Channel.VISIT]) == ()


def test_levels_add_up_talk_time(record):
    """Talk time is that of calls from the first moment to the last, both inclusive."""
    for minute, seconds in ((1, 10), (2, 20), (3, None), (4, 40)):
        add(record, whose="party:7", at=after(minutes=minute), channel=Channel.CALL, talk_s=seconds)

    def seconds(since, until):
        return record.read_now(
            lambda reader: reader.talk_seconds("party:7", after(minutes=since), after(minutes=until))
        )

    assert (seconds(0, 9), seconds(2, 4), seconds(3, 3), seconds(5, 9)) == (70, 60, 0, 0)


# Speed


def fill(record, many, whose, party_id, start=0):
    """Put a long history on record, half of it forged mail that counts for nothing."""

    def job(tx):
        for number in range(start, start + many):
            forged = number % 2 == 1
            counted_at = None if forged else after(seconds=number)
            made = entry(whose=whose, party_id=party_id, at=after(seconds=number), counts=not forged)
            tx.add_contact(_with(made, counted_at))

    record.write_now(job)


def _with(made, counted_at):
    import dataclasses

    return dataclasses.replace(made, counted_at=counted_at)


def fastest(job, times=60):
    """Give the best time of several, in seconds: what the work costs when nothing else runs."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        job()
        best = min(best, time.perf_counter() - start)
    return best


def test_a_long_history_costs_no_more_than_a_short_one(url, clock):
    """Asking about a party with very many contacts takes about as long as about one with a hundred."""
    many = 20_000 if url.startswith("sqlite") else 10_000
    with Record.open(url, now=clock) as record:
        short, long = party(record), party(record)
        fill(record, 100, "party:short", short)
        fill(record, many, "party:long", long)
        if not url.startswith("sqlite"):
            record.write_now(lambda tx: tx.link.plain("ANALYZE contacts", {}))
        now = after(seconds=many)
        needs = [let_through(10, Channel.EMAIL), let_through(10, Channel.EMAIL, Channel.CALL)]

        def asking(party_id, whose):
            def job(reader):
                reader.used(party_id, needs, now)
                reader.newest(whose, None, 10)
                reader.contacts(whose=whose, limit=10)

            return lambda: record.read_now(job)

        costs = [fastest(asking(short, "party:short")), fastest(asking(long, "party:long"))]
        assert costs[1] < 3 * costs[0]


def test_sqlite_looks_into_the_index(sqlite_url, clock):
    """SQLite plans a search of the index that was made for the question, and no sorting."""
    values = {"party_id": 1, "channel": "email", "since": 0, "until": stamp(AT), "limit": 1, "offset": 4, "whose": "x"}
    with Record.open(sqlite_url, now=clock) as record:
        for statement, index in (
            (_LET_THROUGH, "ix_contacts_limits (party_id=? AND channel=? AND counted_at>? AND counted_at<?)"),
            (_TALKED, "ix_contacts_limits (party_id=? AND channel=? AND counted_at>? AND counted_at<?)"),
            (_ATTEMPTS, "ix_contacts_levels (whose=? AND channel=? AND counts=? AND at<?)"),
        ):
            text = f"EXPLAIN QUERY PLAN {statement.text(SQLITE)}"
            plan = [row[3] for row in record.read_now(lambda reader, text=text: reader.link.plain(text, values))]
            assert len(plan) == 1 and plan[0].startswith("SEARCH contacts USING") and plan[0].endswith(index)


def test_postgresql_looks_into_the_index(postgres_url, clock):
    """PostgreSQL plans a scan of the index that was made for the question, and no sorting.

    The party's contacts are many and old: an index on the time alone would tempt it to walk through all newer ones.
    """
    values = {
        "party_id": 1,
        "channel": "email",
        "since": 0,
        "until": 2**60,
        "limit": 1,
        "offset": 4,
        "whose": "party:1",
    }
    with Record.open(postgres_url, now=clock) as record:
        for number in range(1, 5):
            fill(record, 2000, f"party:{number}", party(record), start=number * 3000)
        record.write_now(lambda tx: tx.link.plain("ANALYZE contacts", {}))
        for statement, index in ((_LET_THROUGH, "ix_contacts_limits"), (_ATTEMPTS, "ix_contacts_levels")):
            text = f"EXPLAIN {statement.text(POSTGRESQL)}"
            plan = record.read_now(lambda reader, text=text: reader.link.plain(text, values))
            words = "\n".join(row[0] for row in plan)
            assert f"using {index}" in words and "Sort" not in words, words
