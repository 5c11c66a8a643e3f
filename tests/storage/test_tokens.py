"""Tokens on record, on both databases."""

from __future__ import annotations

from datetime import timedelta

from storage.tokens import Token
from tests.storage.office import AT


def made(number: str = "t1", **more) -> Token:
    """Give a token."""
    return Token(number, "Ada Reid", frozenset({"manager", "head"}), "00" * 32, AT, "bea", **more)


def test_a_token_comes_out_as_it_went_in(record):
    """With its roles and all its times."""
    whole = made(expires=AT + timedelta(days=1), revoked=AT + timedelta(hours=1), used=AT + timedelta(minutes=1))
    record.write_now(lambda tx: (tx.add_token(made()), tx.add_token(whole_as("t2", whole))))
    assert record.read_now(lambda reader: reader.tokens()) == (made(), whole_as("t2", whole))
    assert record.read_now(lambda reader: (reader.token("t1"), reader.token("none"), reader.token("\0"))) == (
        made(),
        None,
        None,
    )


def whole_as(number: str, token: Token) -> Token:
    """Give the same token under another id."""
    return Token(number, *[getattr(token, name) for name in Token.__slots__[1:]])


def test_a_token_is_revoked_once(record):
    """The second time, and for one that there is not, nothing changes."""
    record.write_now(lambda tx: tx.add_token(made()))
    later = AT + timedelta(hours=1)
    assert record.write_now(lambda tx: [tx.revoke_token(n, later) for n in ("t1", "t1", "none")]) == [
        True,
        False,
        False,
    ]
    assert record.read_now(lambda reader: reader.token("t1")) == made(revoked=later)


def test_its_use_is_noted(record):
    """The last one counts."""
    record.write_now(lambda tx: (tx.add_token(made()), tx.use_token("t1", AT), tx.use_token("t1", AT + timedelta(1))))
    assert record.read_now(lambda reader: reader.token("t1")).used == AT + timedelta(1)


def test_it_is_good_until_its_last_moment():
    """Revoked or past its time it is not."""
    token = made(expires=AT)
    assert token.good(AT - timedelta(microseconds=1))
    assert not token.good(AT)
    assert not made(revoked=AT).good(AT)
    assert made().good(AT + timedelta(days=10_000))


def test_parties_are_found_by_a_part_of_their_name(record):
    """Without regard to case, beyond ASCII too; what a LIKE would take for a pattern is none."""
    names = ["\u00c9lise Example", "S. Sample", "100% Ltd"]
    numbers = record.write_now(lambda tx: [tx.add_party(name) for name in names])
    found = record.read_now(lambda reader: [reader.parties_named(part) for part in ("\u00e9LI", "amp", "%", "_", "zz")])
    assert found == [
        ((numbers[0], names[0]),),
        ((numbers[0], names[0]), (numbers[1], names[1])),
        ((numbers[2], names[2]),),
        (),
        (),
    ]
