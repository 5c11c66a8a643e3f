"""Finds phone numbers in text that are written without their nought or plus, or only by their end.

Belongs here: telling them from days, sums and references. Promises that a number on record is found however it is
grouped; one on no record only where it has the form of a British number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_GROUP = re.compile(r"(?<![\w@])\d{1,15}(?![\w@])")
_BETWEEN = re.compile(r"[\s()./\u00ad\u200b-\u200f\u2010-\u2015\u2060-]{0,4}")
_DAY_OR_HOUR = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d(?P<one>[-/.])[01]?\d(?P=one)[0-3]?\d|[0-3]?\d(?P<two>[-/.])[0-3]?\d(?P=two)(?:19|20)?\d\d"
    r"|\d\d?:\d\d(?::\d\d)?)(?!-?\d)"
)
# What stands before a sum of money, or a reference.
_BEFORE = 30
_NO_NUMBER = re.compile(
    r"(?:[\u00a3$\u20ac]\s?|\b(?:GBP|EUR)\s?"
    r"|\b(?:ref(?:erence)?|case|account|invoice|order|claim)\b\.?(?:\s(?:no|number)\b\.?)?\s?[:#]?\s?)$",
    re.IGNORECASE,
)
_FEWEST, _MOST, _MOST_GROUPS, _LONG_GROUP = 6, 15, 8, 3
_BRITISH = re.compile(r"(?:44)?0?[123789]\d{9}")


@dataclass(frozen=True, slots=True)
class Numbers:
    """Hold the numbers on record by their digits: those of others, and those that the party may read."""

    others: frozenset[str]
    own: frozenset[str]
    ends: frozenset[str]

    def ends_of_others(self, digits: str) -> bool:
        """Tell whether these digits are a number of somebody else, or at least its last six."""
        return digits[-_FEWEST:] in self.ends and any(each.endswith(digits) for each in self.others)

    def ends_of_own(self, digits: str) -> bool:
        """Tell whether these digits are a number that may be read, or at least its last six."""
        return any(each.endswith(digits) for each in self.own)


def numbers_of(others: Collection[str], own: Collection[str]) -> Numbers:
    """Make them of numbers in E.164; what is both is the party's."""
    theirs = frozenset(each.lstrip("+") for each in own)
    rest = frozenset(each.lstrip("+") for each in others) - theirs
    return Numbers(rest, theirs, frozenset(each[-_FEWEST:] for each in rest))


def bare_numbers(text: str, numbers: Numbers) -> Iterator[tuple[int, int]]:
    """Give where numbers of others stand in a text, from left to right; never one that may be read."""
    without_days = _DAY_OR_HOUR.sub(lambda found: "x" * len(found[0]), text)
    groups = list(_GROUP.finditer(without_days))
    at = 0
    while at < len(groups):
        length, hidden = _number_at(without_days, groups[at : at + _MOST_GROUPS], numbers)
        if hidden:
            yield groups[at].start(), groups[at + length - 1].end()
        at += length


def _number_at(text: str, groups: list[re.Match[str]], numbers: Numbers) -> tuple[int, bool]:
    """Say how many groups of digits from here are one number, the most that can be, and whether it is hidden."""
    together = _together(text, groups)
    if _NO_NUMBER.search(text[max(0, groups[0].start() - _BEFORE) : groups[0].start()]):
        return together, False
    for length in range(together, 0, -1):
        digits = "".join(each[0] for each in groups[:length])
        if not _FEWEST <= len(digits) <= _MOST:
            continue
        if numbers.ends_of_own(digits.lstrip("0")):
            return length, False
        if numbers.ends_of_others(digits.lstrip("0")) or (_BRITISH.fullmatch(digits) and _is_grouped(groups[:length])):
            return length, True
    return 1, False


def _is_grouped(groups: list[re.Match[str]]) -> bool:
    """Tell a number from a row of days: nobody writes one by twos alone."""
    return any(len(each[0]) >= _LONG_GROUP for each in groups)


def _together(text: str, groups: list[re.Match[str]]) -> int:
    """Count the groups from the first on that only signs stand between."""
    length = 1
    while length < len(groups) and _BETWEEN.fullmatch(text, groups[length - 1].end(), groups[length].start()):
        length += 1
    return length
