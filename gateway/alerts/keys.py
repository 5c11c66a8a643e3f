"""Keys under which one alert stands for several things: a flood, or a day.

Belongs here: that such an alert covers what comes while it waits for somebody, and nothing that comes after.
"""

from __future__ import annotations

from storage.transaction import Transaction


def unanswered(tx: Transaction, once: str) -> str:
    """Give a key under which no alert has ended: `once`, or the same with a number where somebody has answered it.

    What comes after somebody looked is told again, in one alert until somebody looks at that (THREATS C4).
    """
    key, number = once, 1
    while tx.alert_ended(key):
        number += 1
        key = f"{once}:{number}"
    return key
