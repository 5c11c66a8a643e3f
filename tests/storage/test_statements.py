"""Statements as text, times as numbers, text that both databases keep."""

import importlib
import pkgutil
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

import storage
from storage.schema import contacts
from storage.statements import POSTGRESQL, SQLITE, Statement
from storage.times import moment, moment_or_none, stamp
from storage.transaction import Reader, Transaction
from storage.words import storable

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
