"""Takes one text and brings it to its inbox, in each of several offices, and is killed at the step that it is told."""

import asyncio
import os
import sys
from pathlib import Path

from adapters.mail.maildir import Maildir
from adapters.phone.twilio_texts import parse_text
from gateway import failpoints
from gateway.build_desk import letters_of, traces_of
from gateway.delivery import Delivery
from gateway.holds import Holds
from storage.record import Record
from tests.gateway import office as offices
from tests.gateway.texting import TEXTS, form, reception


def main(plans):
    """Work in each folder in a process of its own, and print how each ended; a plan is `FOLDER=STEP`."""
    for plan in plans:
        child = os.fork()  # what was imported is imported for all
        if not child:
            work(*plan.split("="))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def work(folder, step):
    """Do the work of a process of that office, until the step."""
    armed, dying = [], failpoints.dying(step)

    def failpoint(name):
        if armed:
            dying(name)

    clock = offices.Clock()
    settings = offices.settings(Path(folder) / "state", phone_changes={"texts": TEXTS})
    with Record.open(settings.config.record_url, now=clock, failpoint=failpoint) as record:
        traces = traces_of(record)
        delivery = Delivery(traces.field, Maildir(settings.config.maildir))
        letters = letters_of(settings, traces)
        holds = Holds(record, settings.policy, delivery, letters, clock=clock, node="here", failpoint=failpoint)
        texts = reception(settings, record, clock, failpoint)
        armed.append(step)
        asyncio.run(texts.incoming(parse_text(form(sid="SM1"))))
        asyncio.run(holds.release_due())


if __name__ == "__main__":
    main(sys.argv[1:])
