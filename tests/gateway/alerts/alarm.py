"""An office that is alerted: its record, its settings of [alerts], what tells, and a provider that takes texts."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy

from gateway.build_alerts import alert_post_of, rounds_of
from gateway.build_desk import letters_of, traces_of
from gateway.failpoints import nothing
from gateway.serials import serial
from rules.answers import Delivered
from rules.contact import Channel
from rules.decision import Outcome
from storage.alerts import Raised
from storage.entries import Entry, Flag, LetterState, State
from storage.record import Record
from tests.gateway import office as offices
from tests.gateway.office import DOMAIN, Clock

DUTY, HEAD = f"duty@{DOMAIN}", f"head@{DOMAIN}"
PHONE, FROM = "+447700900123", "+441632960100"
ESCALATES = {"to": [{"mail": [DUTY]}, {"severities": ["urgent"], "mail": [HEAD], "after_minutes": 45}]}
TEXTED = {"text_from": FROM, "to": [{"mail": [DUTY], "text": [PHONE]}]}


class Provider:
    """Take texts; `answers` are given one by one, then it takes all."""

    def __init__(self, *answers) -> None:
        self.sent, self.answers = [], list(answers)

    async def send_text(self, sender, to, words):
        """Take one."""
        self.sent.append((sender, to, words))
        return self.answers.pop(0) if self.answers else Delivered("SM1")


class Alarm:
    """Hold one machine of an office over its record."""

    def __init__(self, settings, record, clock, provider=None, *, node="here", failpoint=nothing) -> None:
        self.settings, self.record, self.clock, self.provider = settings, record, clock, provider
        self.letters_ = letters_of(settings, traces_of(record))
        self.rounds = rounds_of(record, self.letters_, clock, failpoint)
        self.posting = alert_post_of(settings, record, self.letters_, provider, clock, node, failpoint)
        self._last = 0

    def contact(self, **more):
        """Put a contact on record; gives its number."""
        self._last += 1
        fields = {"state": State.FILED, "sender": "email:r@example.org", "whose": "email:r@example.org"} | more
        entry = Entry(
            f"c{self._last:05}", Channel.EMAIL, self.clock(), decided=Outcome.FILE, carried=Outcome.FILE, **fields
        )
        assert self.record.write_now(lambda tx: tx.add_contact(entry))
        return entry.id

    def danger(self, contact=None):
        """Raise an urgent alert; gives it."""
        contact = contact or self.contact()
        return self.raised(self.letters_.alert_danger(contact, f"danger:{contact}", self.clock()))

    def held(self, contact=None):
        """Raise an alert that can wait until the office is awake; gives it."""
        contact = contact or self.contact(state=State.HELD)
        return self.raised(self.letters_.alert_held(contact, "a fault of ours", self.clock()))

    def routine(self, hook="cases"):
        """Raise an alert that waits for a digest; gives it."""
        return self.raised(self.letters_.alert_webhook(hook, "answered 500", self.clock()))

    def flagged(self, whose="email:r@example.org"):
        """Raise a flag with its alert; gives the alert."""
        now = self.clock()
        flag = Flag(serial(now), whose, "a threshold", now, self.contact(), 5)
        assert self.record.write_now(lambda tx: tx.add_flag(flag))
        return self.raised(self.letters_.alert_flag(flag, "5 mails in a day", "r@example.org", now))

    def raised(self, made: Raised):
        """Put one on record, as whatever it tells of does."""
        assert self.record.write_now(lambda tx: tx.enqueue(made))
        self.clock.advance(milliseconds=1)  # so that the next is later on record
        return made.alert

    def alert(self, one):
        """Read an alert as it stands."""
        return self.record.read_now(lambda reader: reader.alert(one.id))

    def tellings(self, one):
        """List how an alert was told: way and state."""
        found = self.record.read_now(lambda reader: reader.alert_tellings(one.id))
        return sorted((each.channel, each.state) for each in found)

    def mails(self):
        """List the letters that wait to leave, oldest first: to whom, and the subject."""
        found = self.record.read_now(lambda reader: reader.letters(LetterState.QUEUED))
        return [(one.rcpt, self._read(one)["Subject"]) for one in sorted(found, key=lambda one: one.id)]

    def bodies(self):
        """List what the letters say."""
        found = self.record.read_now(lambda reader: reader.letters(LetterState.QUEUED))
        return [self._read(one).get_content() for one in sorted(found, key=lambda one: one.id)]

    @staticmethod
    def _read(letter):
        return message_from_bytes(letter.message, policy=policy.default)

    async def round(self, **later):
        """Let time pass, and make a round."""
        self.clock.advance(**later)
        await self.rounds.make()

    async def rounds_until(self, end, every=timedelta(minutes=5)):
        """Make rounds until a moment."""
        while self.clock() < end:
            self.clock.at = min(self.clock() + every, end)
            await self.rounds.make()


@contextmanager
def alarm(folder, *, record_url="", clock=None, provider=None, policy=None, failpoint=nothing, **alerts):
    """Open an office in a folder with these settings of [alerts], and of its `desk` where it has one."""
    clock = clock or Clock()
    more = {"alerts": alerts, "record": {"url": record_url}} if record_url else {"alerts": alerts}
    phone = {"phone": True, "phone_changes": {"api_url": "https://api.example.org"}} if "text_from" in alerts else {}
    served = {"desk": alerts.pop("desk")} if "desk" in alerts else {}
    hooks = more_hooks(alerts)
    settings = offices.settings(folder / "state", policy=policy, **phone, **more, **served, **hooks)
    with Record.open(settings.config.record_url, now=clock, failpoint=failpoint) as record:
        yield Alarm(settings, record, clock, provider, failpoint=failpoint)


def more_hooks(alerts):
    """Take the webhooks out of the settings of alerts, where a test wrote them."""
    hooks = alerts.pop("hooks", ())
    return {"webhook": hooks} if hooks else {}
