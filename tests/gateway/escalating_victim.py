"""Tells two roles of what is overdue, in one office after the other, and is killed where it is told.

Reads orders as JSON lines (folder, ports, step or none, hour of its clock) and prints how each process ended.
"""

import asyncio
import json
import os
import sys
from datetime import timedelta
from functools import partial

import aiohttp  # noqa: F401  # loaded once for all children

from adapters.mail.maildir import Maildir
from adapters.phone.twilio_rest import Access, TwilioRest
from gateway import failpoints, outbox
from gateway.alerts import posting
from gateway.build_alerts import alert_post_of, rounds_of
from gateway.build_desk import letters_of, traces_of
from gateway.build_mail import next_hop_of
from gateway.escalation import Escalation
from rules.policies.overdue import Overdue, Step
from storage.entries import State
from storage.record import Record
from tests.gateway import office as offices
from tests.gateway.alerts.victim import NODE, settings_of
from tests.storage.office import entry

STEPS = (Step(working_days=1, role="manager"), Step(working_days=3, role="head"))
_LATE = offices.NOW - timedelta(days=20)


def main():
    """Work in a process of its own for each order."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()  # what was imported is imported for all
        if not child:
            asyncio.run(work(**order))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


async def work(folder, hop, twilio, hook, step, hour, careless):
    """Do the work of a process of that office that starts at an hour, until the step."""
    armed, dying = [], failpoints.dying(step) if step else failpoints.nothing

    def failpoint(name):
        if armed:
            dying(name)

    clock = offices.Clock(offices.NOW + timedelta(hours=hour))
    settings = settings_of(folder, hop, twilio, hook)
    policy = settings.policy.with_changes(overdue=Overdue(owner="caseworker", steps=STEPS))
    with Record.open(settings.config.record_url, now=clock, failpoint=failpoint) as record:
        if not hour:
            record.write_now(fall_behind)
        letters = letters_of(settings, traces_of(record))
        armed.append(step)
        record.write_now(partial(outbox.recover, NODE))
        record.write_now(partial(posting.recover, NODE, letters.tellings, clock()))
        if careless:
            record.write_now(forget_what_was_told)
        rest = TwilioRest(Access(offices.ACCOUNT, ((offices.ACCOUNT, offices.TOKEN),), settings.config.phone.api_url))
        escalation = Escalation(record, policy, letters, clock)
        rounds = rounds_of(record, letters, clock, failpoint)
        posts = alert_post_of(settings, record, letters, rest, clock, NODE, failpoint)
        next_hop = next_hop_of(settings.config)
        mail = outbox.Outbox(
            record, Maildir(settings.config.maildir), next_hop, None, clock=clock, node=NODE, failpoint=failpoint
        )
        for hours in (0, 24):
            clock.advance(hours=hours)
            await escalation.run()
            await rounds.make()
            await posts.send_due()
            await mail.send_due()
        await next_hop.close()


def fall_behind(tx):
    """Put two things on record that nobody looked at for weeks."""
    for late in (_LATE, _LATE + timedelta(days=1)):
        tx.add_contact(entry(state=State.FILED, at=late - timedelta(days=2), look_by=late, owner="duty"))


def forget_what_was_told(tx):
    """Break the promise: what was told of one thing is told again."""
    tx.link.plain("DELETE FROM escalations WHERE about = (SELECT min(about) FROM escalations)", {})


if __name__ == "__main__":
    main()
