"""All the watchers of one process, and the watchdog over them.

Belongs here: which mailboxes are watched, by which reception, and how often somebody looks whether they still are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from gateway.clock import Clock
from gateway.config import Config
from gateway.config_mailbox import Mailbox
from gateway.ending import Ending
from gateway.jobs import Job
from gateway.letters import Letters
from gateway.mailboxes import mailbox_of
from gateway.reception import Reception
from gateway.sorting import Sorting
from gateway.watcher import Watchdog, Watched, Watcher
from storage.record import Record


class Watching:
    """Hold the watchers of a process and their jobs; there are none where `config` is None."""

    def __init__(
        self,
        config: Config | None,
        record: Record,
        reception_of: Callable[[Mailbox], Reception],
        letters: Letters,
        ending: Ending,
        clock: Clock,
        node: str,
    ) -> None:
        self.watchers: tuple[Watcher, ...] = ()
        self.jobs: tuple[Job, ...] = ()
        watched = [one for one in config.mailbox if one.watch] if config is not None else []
        if config is None or not watched:
            return
        self.watchers = tuple(
            Watcher(
                Watched(one.name, mailbox_of(config, one, clock), one.poll_minutes * 60.0),
                Sorting(one.name, one.address, reception_of(one), record),
                record,
                ending,
                clock=clock,
                node=node,
            )
            for one in watched
        )
        patience = {one.name: timedelta(minutes=one.alert_minutes) for one in watched}
        dog = Watchdog(record, letters, self.watchers, patience, clock=clock)
        self.jobs = (("watchdog", dog.look, 60), ("old mailbox messages", dog.forget, 3600))
