"""Statements as text, times as numbers, text that both databases keep."""

import importlib
import json
import pkgutil
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import bindparam, select

import storage
from rules.decision import Outcome, Reason
from storage.entries import Goal
from storage.schema import contacts
from storage.statements import POSTGRESQL, SQLITE, Statement
from storage.times import moment, moment_or_none, stamp
from storage.transaction import Reader, Transaction
from storage.words import read_goals, read_reasons, storable, write_goals, write_reasons

ROOMS = sorted(each.name for each in pkgutil.iter_modules(storage.__path__) if not each.ispkg)


def statements(room):
    """Give all statements that a module has, also those in its tables."""
    for name, value in vars(importlib.import_module(f"storage.{room}")).items():
        for each in value.values() if isinstance(value, dict) else [value]:
            if isinstance(each, Statement):
                yield name, each


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=["sqlite", "postgresql"])
def test_every_statement_can_be_written(room, dialect):
    """Each statement of each room is text with named parameters only, in both dialects."""
    for name, statement in statements(room):
        assert statement.text(dialect), name


def test_a_value_inside_a_statement_is_refused():
    """A value that is not a parameter by name would be forgotten at the run: it is an error at once."""
    with pytest.raises(ValueError, match="not a parameter by name"):
        Statement(select(contacts).where(contacts.c.id == "C1")).text(SQLITE)


@pytest.mark.parametrize("room", ROOMS)
def test_values_by_position_are_those_by_name(room):
    """For SQLite each statement has a question mark for each parameter, and its values come in their order."""
    for name, statement in statements(room):
        text, ordered = statement.by_position()
        named = re.findall(r"(?<!:):([a-z_0-9]+)", statement.text(SQLITE))
        values = {each: f"value of {each}" for each in [*named, "of no use here"]}
        assert text == re.sub(r"(?<!:):[a-z_0-9]+", "?", statement.text(SQLITE)), name
        assert ordered(values) == tuple(values[each] for each in named), name


def test_a_value_that_is_not_given_is_an_error():
    """A parameter without a value is met before the database is asked; what the statement does not name is left."""
    _, ordered = Statement(select(contacts).where(contacts.c.id == bindparam("id"))).by_position()
    assert ordered({"id": "C1", "key": "k"}) == ("C1",)
    with pytest.raises(KeyError):
        ordered({"key": "k"})
    with pytest.raises(ValueError, match="not a parameter by name"):
        Statement(select(contacts).where(contacts.c.id == "C1")).by_position()


ANY_TEXT = st.text(st.characters(), max_size=20)


@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT), max_size=3))
def test_reasons_are_json_and_come_back(texts):
    """Reasons are written as the library would write them, whatever is in them, and read back alike."""
    reasons = tuple(Reason(*each) for each in texts)
    assert write_reasons(reasons) == json.dumps(texts)
    assert read_reasons(write_reasons(reasons)) == reasons


@given(st.lists(st.tuples(ANY_TEXT, st.sampled_from(Outcome), ANY_TEXT, st.booleans()), max_size=3))
def test_goals_are_json_and_come_back(parts):
    """Goals are written as the library would write them, whatever is in them, and read back alike."""
    goals = tuple(Goal(*each) for each in parts)
    assert write_goals(goals) == json.dumps([(who, outcome.value, to, done) for who, outcome, to, done in parts])
    assert read_goals(write_goals(goals)) == goals


def test_everything_that_can_be_asked_is_explained():
    """Each function in the two lists has a docstring."""
    for kind in (Reader, Transaction):
        for name, value in vars(kind).items():
            if callable(value):
                assert value.__doc__, name


AWARE = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]))


@given(AWARE)
def test_times_are_exact(at):
    """Every moment comes back to the microsecond, in UTC, and later is larger."""
    try:
        utc = at.astimezone(UTC)
    except OverflowError:
        return
    assert moment(stamp(at)) == utc
    assert moment(stamp(at)).tzinfo is UTC
    assert stamp(utc) == stamp(at)


def test_no_time_is_no_time():
    """None stays None, both ways; a naive time is an error, never a guess."""
    assert (stamp(None), moment_or_none(None)) == (None, None)
    assert moment_or_none(0) == datetime(1970, 1, 1, tzinfo=UTC)
    with pytest.raises(TypeError):
        stamp(datetime(2026, 3, 9, 10))  # noqa: DTZ001  (this is the naive time)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("plain", "plain", id="plain text stays"),
        pytest.param("Siân ŵ 漢 😀", "Siân ŵ 漢 😀", id="every language stays"),
        pytest.param("a\0b", "a\ufffdb", id="NUL is marked"),
        pytest.param("é\0", "é\ufffd", id="NUL among other letters is marked"),
        pytest.param("a\udce9b", "a?b", id="half a surrogate pair is marked"),
    ],
)
def test_text_that_can_be_kept(text, kept):
    """What a database cannot keep is marked, all else stays."""
    assert storable(text) == kept
