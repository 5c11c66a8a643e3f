"""Small things to remember: settings, what failed and how often, jobs done, keys to forget.

Promises that a job whose time has come is claimed once, by one process.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, literal_column, select, update

from storage.desk import Desk
from storage.entries import Failure, State
from storage.schema import at_of_all, contacts, failures, jobs_done, settings
from storage.statements import Statement, add_unless
from storage.times import moment, stamp
from storage.words import storable

_FORGOTTEN = "keys forgotten before"
_SETTING = Statement(select(settings.c.value).where(settings.c.name == bindparam("name")))
_ADD_SETTING = add_unless(settings, "name")
_CHANGE_SETTING = Statement(
    update(settings)
    .where(settings.c.name == bindparam("setting"))
    .values(value=bindparam("value"), updated_at=bindparam("updated_at"))
)
_FAILURE = Statement(select(failures).where(failures.c.key == bindparam("key")))
_ADD_FAILURE = add_unless(failures, "key")
_FAIL_AGAIN = Statement(
    update(failures)
    .where(failures.c.key == bindparam("failed"))
    .values(count=failures.c.count + literal_column("1"), last_at=bindparam("last_at"))
)
_CLEAR_FAILURE = Statement(failures.delete().where(failures.c.key == bindparam("key")))
_OLD_FAILURES = Statement(failures.delete().where(failures.c.last_at < bindparam("before")))
_CLAIM = add_unless(jobs_done, "job", "due")
_FORGET = Statement(
    update(contacts)
    .where(
        at_of_all >= bindparam("since"),
        at_of_all < bindparam("before"),
        contacts.c.key.is_not(None),
        # What was brought in from the past can be brought in again at any time.
        contacts.c.state != literal_column(f"'{State.PAST.value}'"),
    )
    .values(key=literal_column("NULL"))
)


def setting(desk: Desk, name: str) -> str | None:
    """Give a setting that people changed while running, such as observe mode; None where nobody did."""
    row = desk.row(_SETTING, {"name": name})
    return str(row[0]) if row else None


def set_setting(desk: Desk, name: str, value: str) -> None:
    """Change a setting."""
    values = {"value": storable(value), "updated_at": stamp(desk.now())}
    if not desk.run(_ADD_SETTING, {"name": name, **values}):
        desk.run(_CHANGE_SETTING, {"setting": name, **values})


def failure(desk: Desk, key: str) -> Failure | None:
    """Give how often something went wrong."""
    row = desk.row(_FAILURE, {"key": key})
    return Failure(row[0], row[1], moment(row[2]), moment(row[3])) if row else None


def fail(desk: Desk, key: str) -> int:
    """Note that something went wrong on our side; gives how often it has (THREATS S2)."""
    now = stamp(desk.now())
    if desk.run(_ADD_FAILURE, {"key": storable(key), "count": 1, "first_at": now, "last_at": now}):
        return 1
    desk.run(_FAIL_AGAIN, {"failed": storable(key), "last_at": now})
    row = desk.row(_FAILURE, {"key": storable(key)})
    return int(row[1]) if row else 1


def clear_failure(desk: Desk, key: str) -> None:
    """Forget that something went wrong, because it went well."""
    desk.run(_CLEAR_FAILURE, {"key": storable(key)})


def claim_job(desk: Desk, job: str, due: datetime) -> bool:
    """Claim one run of a job; False where it was claimed before, by whomever."""
    return desk.run(_CLAIM, {"job": job, "due": stamp(due), "done_at": stamp(desk.now())}) == 1


def forget_keys(desk: Desk, before: datetime) -> int:
    """Forget the keys of contacts that came before a time, and failures from before it; gives how many keys.

    The sender of such a message has given up long ago. Where it stopped last time is remembered, so that it never
    walks through years of contacts.
    """
    since = setting(desk, _FORGOTTEN)
    until = stamp(before)
    forgotten = desk.run(_FORGET, {"since": int(since) if since else 0, "before": until})
    desk.run(_OLD_FAILURES, {"before": until})
    set_setting(desk, _FORGOTTEN, str(until))
    return forgotten
