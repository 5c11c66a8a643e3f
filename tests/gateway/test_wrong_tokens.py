"""The limiter of wrong tokens: by who shows them, for a minute, in bounded memory."""

from __future__ import annotations

from gateway import wrong_tokens
from gateway.wrong_tokens import MOST_WRONG, WrongTokens
from tests.gateway.office import Clock


def test_it_counts_by_client_and_forgets_after_a_minute():
    """The tenth within a minute shuts it, for that client alone, until the first of them is a minute old."""
    clock = Clock()
    wrong = WrongTokens(clock)
    for _ in range(MOST_WRONG - 1):
        wrong.wrong("a")
        clock.advance(seconds=2)
    assert wrong.wait_s("a", "x") == 0
    wrong.wrong("a")
    assert wrong.wait_s("a", "x") == 60 - 2 * (MOST_WRONG - 1)
    assert wrong.wait_s("b", "x") == 0
    clock.advance(seconds=60 - 2 * (MOST_WRONG - 1))
    assert wrong.wait_s("a", "x") == 0


def test_who_came_in_lately_is_not_kept_out():
    """For an hour; then their token is tried as any."""
    clock = Clock()
    wrong = WrongTokens(clock)
    wrong.right("good")
    for _ in range(MOST_WRONG):
        wrong.wrong("a")
    assert (wrong.wait_s("a", "good"), wrong.wait_s("a", "bad")) == (0, 60)
    clock.advance(hours=1)
    for _ in range(MOST_WRONG):
        wrong.wrong("a")
    assert wrong.wait_s("a", "good") == 60


def test_a_flood_from_many_addresses_takes_no_more_room(monkeypatch):
    """The oldest are forgotten."""
    monkeypatch.setattr(wrong_tokens, "_MOST_REMEMBERED", 3)
    wrong = WrongTokens(Clock())
    for number in range(50):
        wrong.wrong(str(number))
        wrong.right(str(number))
    assert (len(wrong._wrong), len(wrong._right)) == (3, 3)
