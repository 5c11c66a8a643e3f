"""A desk at which notices are written in a small office, and its clock's work done when a test wants it."""

from __future__ import annotations

import email
import email.policy

from gateway.build_desk import bounces_of, fate_of, notices_of
from gateway.casework.overview import everything_that_waits
from rules.casework.shelf import shelf_of
from tests.gateway.casework.desk import CLERK, MANAGER, Desk

WEEKLY = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}
DAILY = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "day"}
CONCEAL = {"kind": "conceal_staff", "inbox": "shared@office.example.org"}


class NoticeDesk(Desk):
    """Do casework and write notices in an office."""

    def __init__(self, here, emails=("r.example@example.org",), **party) -> None:
        super().__init__(here)
        self.notices = notices_of(here.settings, here.record, clock=here.clock)
        self.fate = fate_of(here.settings, here.record, clock=here.clock)
        self.bounces = bounces_of(here.settings, here.record, clock=here.clock)
        self.party = here.party(emails=emails, **party)

    def act(self, name, by=CLERK, **fields):
        """Do one act about the party; a moment passes."""
        self.here.clock.advance(minutes=1)
        return self.do(self.party, name, by, **fields)

    def incident(self):
        """Note an incident."""
        return self.act("note_incident", category="persistent_contact", what="Eleven calls").id

    def warning(self):
        """Warn in writing; gives the warning's id."""
        return self.act("warn", incidents=[self.incident()], text="Please call us once a week at most.").id

    def untold(self, *measures, **more):
        """Make a restriction that waits for its notice; gives its id."""
        self.act("warn", incidents=[self.incident()], text="Please stop.", spoken=True)
        incident = self.incident()
        fields = {"ground": "persistent_contact", "reason": "You called us eleven times in a day."} | more
        draft = self.act(
            "draft_restriction",
            measures=list(measures or (WEEKLY,)),
            incidents=[incident],
            adjustments_considered="Asked; none needed.",
            **fields,
        ).id
        if self.act("propose_restriction", restriction=draft).act.needs:
            self.act("approve_restriction", MANAGER, restriction=draft, reason="Proportionate.")
        return draft

    def told(self, *measures, **more):
        """Make a restriction that the party was told of by hand; gives its id."""
        number = self.untold(*measures, **more)
        self.act("send_notice", about=number)
        return number

    def draft(self, about, **more):
        """Draft a notice."""
        self.here.clock.advance(minutes=1)
        return self.notices.draft(self.party, about, CLERK, **more)

    def read(self, about, by=MANAGER, **more):
        """Draft and read a notice; gives its id."""
        return self.notices.read(self.draft(about, **more).id, by).id

    def leaving(self, about, by=MANAGER, **more):
        """Draft, read and send a notice; gives its id. It has not left yet."""
        return self.notices.send(self.read(about, by, **more), CLERK).id

    async def post(self):
        """Do the clock's work once: letters leave, notices are followed."""
        self.here.clock.advance(seconds=5)
        await self.here.gateway.outbox.send_due()
        return await self.fate.follow()

    def state(self, restriction):
        """Say where a restriction is."""
        shelf = self.shelf()
        return shelf.restrictions[restriction].state(self.here.clock()).value

    def shelf(self):
        """Give what the file says."""
        return shelf_of(self.file(self.party), self.here.settings.policy)

    def acts(self, name):
        """Give the acts of one name on the file."""
        return [paper for paper in self.file(self.party).papers if paper.act.name == name]

    def notice(self, number):
        """Give a notice as it is on record."""
        return self.read_record(lambda reader: reader.notice(number))

    def read_record(self, job):
        """Ask the record."""
        return self.here.record.read_now(job)

    def waits(self):
        """Say what waits for a person over all files."""
        policy, now = self.here.settings.policy, self.here.clock()
        return [one.waiting.what for one in self.read_record(lambda reader: everything_that_waits(reader, policy, now))]

    def alerts(self):
        """Give the alerts that wait to leave."""
        return [one for one in self.here.letters() if one.kind == "alert"]


def message(octets):
    """Read a message as a mail program does."""
    return email.message_from_bytes(octets, policy=email.policy.default)
