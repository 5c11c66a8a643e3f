"""Raises alerts, tells them by mail, text and webhook in one office after the other, and is killed where it is told.

Reads orders as JSON lines (folder, ports, step or none, hour of its clock) and prints how each process ended.
"""

import asyncio
import json
import os
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

import aiohttp  # noqa: F401  # loaded once for all children

from adapters.mail.maildir import Maildir
from adapters.phone.twilio_rest import Access, TwilioRest
from gateway import failpoints, outbox
from gateway.alerts import posting
from gateway.build_alerts import alert_post_of, rounds_of
from gateway.build_desk import letters_of, traces_of
from gateway.build_mail import next_hop_of
from storage.alert_posts import PostState
from storage.record import Record
from tests.adapters.hook import SECRET
from tests.gateway import office as offices
from tests.gateway.alerts.alarm import DUTY, FROM, PHONE

NODE = "here"


def main():
    """Work in a process of its own for each order."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()  # what was imported is imported for all
        if not child:
            asyncio.run(work(**order))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def settings_of(folder, hop, twilio, hook):
    """Give the settings of an office that alerts in all three ways."""
    return offices.settings(
        Path(folder) / "state",
        mail={"next_hop": f"127.0.0.1:{hop}"},
        phone=True,
        phone_changes={"api_url": f"http://127.0.0.1:{twilio}"},
        webhook=[{"name": "pager", "url": f"http://127.0.0.1:{hook}/hook", "secret": SECRET, "alerts_only": True}],
        alerts={"text_from": FROM, "to": [{"mail": [DUTY], "text": [PHONE], "webhook": ["pager"]}]},
    )


async def work(folder, hop, twilio, hook, step, hour, careless):
    """Do the work of a process of that office that starts at an hour, until the step."""
    armed, dying = [], failpoints.dying(step) if step else failpoints.nothing

    def failpoint(name):
        if armed:
            dying(name)

    clock = offices.Clock(offices.NOW + timedelta(hours=hour))
    settings = settings_of(folder, hop, twilio, hook)
    with Record.open(settings.config.record_url, now=clock, failpoint=failpoint) as record:
        letters = letters_of(settings, traces_of(record))
        armed.append(step)
        record.write_now(partial(outbox.recover, NODE))
        record.write_now(partial(posting.recover, NODE, letters.tellings, clock()))
        if careless:
            record.write_now(partial(send_again, clock()))
        rest = TwilioRest(Access(offices.ACCOUNT, ((offices.ACCOUNT, offices.TOKEN),), settings.config.phone.api_url))
        rounds = rounds_of(record, letters, clock, failpoint)
        posts = alert_post_of(settings, record, letters, rest, clock, NODE, failpoint)
        next_hop = next_hop_of(settings.config)
        place = Maildir(settings.config.maildir)
        mail = outbox.Outbox(record, place, next_hop, None, clock=clock, node=NODE, failpoint=failpoint)
        for made in (
            letters.alert_danger(None, "danger:one", clock()),
            letters.alert_webhook("cases", "answered 500", offices.NOW),
        ):
            record.write_now(lambda tx, made=made: tx.enqueue(made))
        for hours in (0, 0.6, 24) if step else (0, 24):
            clock.advance(hours=hours)
            await rounds.make()
            await posts.send_due()
            await mail.send_due()
        await next_hop.close()


def send_again(now, tx):
    """Break the promise: what may have left is sent again."""
    for row in tx.link.plain("SELECT id FROM alert_posts WHERE state = 'unclear'", {}):
        tx.settle_post(row[0], PostState.QUEUED, now)


if __name__ == "__main__":
    main()
