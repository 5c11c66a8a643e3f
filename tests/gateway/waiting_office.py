"""An office in which something of every kind waits, with a plain reckoning of what that is, made apart from the rules.

Belongs here: the generated office and the reckoning: published holidays, days counted one by one, no code of Parley's.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from gateway.casework.desk import Casework
from gateway.config import read_policy
from gateway.serials import serial
from rules import identity
from rules.casework import catalogue
from rules.casework.actor import Actor
from rules.casework.notices import NoticeOnFile, NoticeState
from rules.clarification import Asked, Clarification
from rules.legal_clocks import ClockKind, LegalClock, Stopped
from storage.entries import Flag, FlagState, Letter, LetterState, State
from storage.record import Record
from tests.gateway.office import Clock
from tests.rules.test_workdays import PUBLISHED
from tests.storage.office import entry

LONDON = ZoneInfo("Europe/London")
CLERK, MANAGER = Actor("A. Clerk", frozenset({"caseworker"})), Actor("M. Manager", frozenset({"manager"}))
LIMIT = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}
BLOCK = {"kind": "block"}
HOLIDAYS = {region: {date.fromisoformat(day) for day in days.split()} for region, days in PUBLISHED.items()}
ANYWHERE = set().union(*HOLIDAYS.values())
_DAY = timedelta(days=1)


def day_of(moment):
    """Give the office's day."""
    return moment.astimezone(LONDON).date()


def midnight(day):
    """Give the moment at which a day of the office begins."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def working(day, days, holidays):
    """Walk on day by day until so many were worked."""
    while days:
        day += _DAY
        days -= day.weekday() < 5 and day not in holidays
    return day


def same_day_next_month(day):
    """Walk back to the last day that there is."""
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    number = day.day
    while True:
        try:
            return date(year, month, number)
        except ValueError:
            number -= 1


def month_later(day, holidays, days=0):
    """Take the same day of the next month, walk some days on, then on to one that is worked."""
    found = same_day_next_month(day) + days * _DAY
    while found.weekday() > 4 or found in holidays:
        found += _DAY
    return found


class WaitingOffice:
    """Fill an office up to `now`; `expected` is what waits then: kind, about, since, due, owner, party's name."""

    def __init__(self, folder, region, now, seed):
        self.clock, self.now, self.holidays = Clock(now), now, HOLIDAYS[region]
        self.by_law = HOLIDAYS[region] if region == "scotland" else ANYWHERE
        self.record = Record.open(f"sqlite:///{folder / 'state' / 'parley.db'}", now=self.clock)
        self.policy = read_policy("default", folder).with_changes(region=region)
        self.casework = Casework(self.record, self.policy, self.clock)
        self.random = random.Random(seed)
        self.expected = []
        self.party, self.name = 0, ""
        for scenario in (name for name in dir(self) if name.startswith("has_")):
            for _ in range(2):
                self._begin(scenario)
                getattr(self, scenario)()
        self._broken()
        self.clock.at = now

    def _begin(self, scenario):
        """Put a party on record some days ago, at any minute of the day."""
        self.clock.at = self.now - timedelta(days=self.random.randint(5, 12), minutes=self.random.randint(0, 1439))
        self.name = f"{scenario} {self.random.random()}"

        def job(tx):
            number = tx.add_party(self.name)
            address = identity.email(f"p{number}@example.org")
            tx.add_identifier(address, number, how="told", by="intake")
            return number

        self.party = self.record.write_now(job)

    def do(self, name, by=CLERK, **fields):
        """Do an act, some minutes later."""
        self.clock.at += timedelta(minutes=self.random.randint(1, 700))
        return self.casework.do_now(self.party, catalogue.parse(name, fields), by).paper

    def waits(self, what, about, since, due, owner="Caseworker"):
        """Note what waits."""
        self.expected.append((what, about, since, due, owner, self.name))

    def look(self, moment, days=2):
        """Give the end of the working days in which somebody looks."""
        return midnight(working(day_of(moment), days, self.holidays) + _DAY)

    def incident(self):
        return self.do("note_incident", category="persistent_contact", what="Eleven calls").id

    def proposed(self, measure=LIMIT, **more):
        """Warn, note it again, draft and propose; gives the restriction and the paper that proposed it."""
        self.do("warn", incidents=[self.incident()], text="Please stop.", spoken=True)
        common = {"ground": "persistent_contact", "reason": "It keeps us.", "adjustments_considered": "None"}
        draft = self.do("draft_restriction", measures=[measure], incidents=[self.incident()], **common | more).id
        return draft, self.do("propose_restriction", restriction=draft)

    def told(self, **more):
        """Make a restriction that its party knows of; the page of arrangements is owed from then on."""
        draft, _ = self.proposed(**more)
        return draft, self.do("send_notice", about=draft)

    def page(self, since):
        self.waits("page", "arrangements", since, self.look(since), "A. Clerk")

    # On files

    def has_an_approval(self):
        draft, proposed = self.proposed(BLOCK)
        self.waits("approval", draft, proposed.at, self.look(proposed.at), "A. Clerk")

    def has_a_notice(self):
        draft, proposed = self.proposed()
        self.waits("notice", draft, proposed.at, self.look(proposed.at), "A. Clerk")

    def has_a_notice_that_came_back(self):
        draft, proposed = self.proposed()
        self.do("send_notice", about=draft)
        self.do("notice_came_back", about=draft)
        self.waits("notice_came_back", draft, proposed.at, proposed.at, "A. Clerk")

    def has_a_page(self):
        _, sent = self.told()
        self.page(sent.at)

    def has_a_change(self):
        draft, _ = self.told()
        ends = (day_of(self.now) + timedelta(days=330)).isoformat()
        paper = self.do("extend_restriction", restriction=draft, incident=self.incident(), ends=ends)
        self.waits("change_notice", paper.id, paper.at, self.look(paper.at), "A. Clerk")

    def has_a_review(self):
        review = day_of(self.now) + timedelta(days=self.random.randint(1, 13))
        draft, _ = self.proposed(review=review.isoformat())
        self.do("record_no_notice", about=draft, reason="It went by hand.")
        since = midnight(review) - timedelta(days=14)
        self.waits("review", draft, since, midnight(review + _DAY), "A. Clerk")

    def has_an_appeal(self):
        draft, sent = self.told()
        appeal = self.do("appeal", restriction=draft, grounds="No.")
        received = midnight(day_of(appeal.at))
        self.waits("appeal", appeal.id, received, midnight(working(day_of(received), 10, self.holidays) + _DAY))
        self.page(sent.at)

    def has_interim_protection(self):
        self.clock.at = self.now - timedelta(hours=20)
        paper = self.do("protect_interim", incident=self.incident(), reason="A threat.")
        self.waits("decision", paper.id, paper.at, self.look(paper.at), "A. Clerk")

    def has_a_warning(self):
        warning = self.do("warn", incidents=[self.incident()], text="Please stop.")
        self.waits("warning_letter", warning.id, warning.at, self.look(warning.at), "A. Clerk")

    def has_a_request(self):
        asked = self.do("request", what="A summary", difficulty="None")
        due = working(day_of(asked.at), 10, self.holidays)
        remind = max(day_of(asked.at) + (due - day_of(asked.at)) // 2, day_of(asked.at) + _DAY)
        self.waits("answer", asked.id, asked.at, midnight(due + _DAY), "A. Clerk")
        if midnight(remind) <= self.now:
            self.waits("reminder", asked.id, midnight(remind), midnight(remind), "A. Clerk")

    def has_a_letter_owed(self):
        draft, _ = self.told()
        lifted = self.do("lift_restriction", MANAGER, restriction=draft, reason="It is over.")
        self.waits("letter_owed", lifted.id, lifted.at, self.look(lifted.at), "M. Manager")

    def has_an_owed_letter_that_came_back(self):
        draft, _ = self.told()
        lifted = self.do("lift_restriction", MANAGER, restriction=draft, reason="It is over.")
        self.do("send_notice", about=lifted.id)
        self.do("notice_came_back", about=lifted.id)
        self.waits("owed_came_back", lifted.id, lifted.at, lifted.at, "M. Manager")

    def has_a_breach(self):
        paper = self.do("correct", identifier=f"p{self.party}@example.org", reason="A neighbour.")
        self.waits("breach", paper.id, paper.at, paper.at + timedelta(hours=72), "A. Clerk")

    def has_letters(self):
        names = {
            NoticeState.DRAFTED: ("letter_unread", "A. Clerk"),
            NoticeState.READ: ("letter_unsent", "A. Clerk"),
            NoticeState.FAILED: ("letter_failed", "B. Reader"),
            NoticeState.UNCLEAR: ("letter_unclear", "B. Reader"),
            NoticeState.CAME_BACK: ("letter_came_back", "B. Reader"),
        }
        for state in NoticeState:
            at, number = self.clock.at, serial(self.clock.at)
            notice = NoticeOnFile(
                number,
                self.party,
                "x",
                "warning",
                "",
                at,
                "A. Clerk",
                "",
                "",
                "",
                12.0,
                state=state,
                read_by="B. Reader",
            )
            self.record.write_now(partial(lambda tx, notice: tx.add_notice(notice, ()), notice=notice))
            if state in names:
                what, owner = names[state]
                late = self.look(at) if what in ("letter_unread", "letter_unsent") else at
                self.waits(what, number, at, late, owner)

    # Contacts

    def _contact(self, state, **more):
        made = entry(at=self.clock.at, state=state, whose=f"party:{self.party}", party_id=self.party, **more)
        self.record.write_now(lambda tx: tx.add_contact(made))
        return made

    def has_contacts(self):
        at = self.clock.at
        names = {
            State.FILED: "look",
            State.HELD: "held",
            State.VOICEMAIL: "voicemail",
            State.UNCLEAR: "unclear",
        }
        for state in State:
            by = at + timedelta(days=3)
            made = self._contact(state, look_by=by, owner="duty")
            plain = self._contact(state, owner="K. Jones")
            if state in names:
                self.waits(names[state], made.id, at, by)
                self.waits(names[state], plain.id, at, self.look(at), "K. Jones")
        release = at + timedelta(days=2)
        held = self._contact(State.HELD, release_at=release, look_by=at)
        self.waits("held", held.id, at, release)

    def has_clocks(self):
        at, day = self.clock.at, day_of(self.clock.at)
        days = {
            "own_data": month_later(day, self.holidays),
            "information": working(day, 20, self.by_law),
            "environmental": working(day, 20, self.by_law),
            "data_complaint": day + timedelta(days=29),
            "appeal": working(day, 10, self.holidays),
        }
        made, other = self._contact(State.LOOKED_AT), self._contact(State.LOOKED_AT)
        for kind, last in days.items():
            clock = LegalClock(made.id, ClockKind(kind), at, at)
            over = LegalClock(other.id, ClockKind(kind), at, at).stop(Stopped.ANSWERED, "A", "By post.", at)
            self.record.write_now(
                partial(lambda tx, clock, over: (tx.start_clock(clock), tx.start_clock(over)), clock=clock, over=over)
            )
            self.waits("written_appeal" if kind == "appeal" else kind, made.id, at, midnight(last + _DAY))
        made = self._contact(State.LOOKED_AT)
        longer = LegalClock(made.id, ClockKind.ENVIRONMENTAL, at, at, extended_at=at)
        self.record.write_now(lambda tx: tx.start_clock(longer))
        self.waits("environmental", made.id, at, midnight(working(day, 40, self.by_law) + _DAY))

    def has_clocks_that_rested(self):
        at = self.clock.at
        received, asked, answered = (at + timedelta(hours=hours) for hours in (0, 20, 75))
        open_question = Clarification(Asked.MEANING, asked, "A", "Which?")
        closed = open_question.answered(answered, "B", "That.")
        days = (day_of(answered) - day_of(asked)).days
        lasts = {
            "own_data": month_later(day_of(received), self.holidays, days),
            "information": working(day_of(answered), 20, self.by_law),
        }
        for kind, last in lasts.items():
            made, other = self._contact(State.LOOKED_AT), self._contact(State.LOOKED_AT)
            rests = LegalClock(made.id, ClockKind(kind), received, at, questions=(open_question,))
            runs = LegalClock(other.id, ClockKind(kind), received, at, questions=(closed,))
            self.record.write_now(
                partial(lambda tx, rests, runs: (tx.start_clock(rests), tx.start_clock(runs)), rests=rests, runs=runs)
            )
            self.waits("clarification", made.id, asked, midnight(same_day_next_month(day_of(asked)) + _DAY))
            self.waits(kind, other.id, at, midnight(last + _DAY))

    def has_flags(self):
        made = self._contact(State.DELIVERED)
        for number, state in enumerate(FlagState):
            flag = Flag(serial(self.clock.at), f"party:{self.party}", f"t{number}", self.clock.at, made.id, 3, state)
            self.record.write_now(partial(lambda tx, flag: tx.add_flag(flag), flag=flag))
            if state is FlagState.OPEN:
                self.waits("flag", flag.id, self.clock.at, self.look(self.clock.at))

    def has_mail_of_ours(self):
        made = self._contact(State.DELIVERED)
        for kind, what in (("note", "our_mail"), ("alert", "alert_lost"), ("notice", None)):
            for state in LetterState:
                at, number = self.clock.at, serial(self.clock.at)
                letter = Letter(
                    number, kind, "<>", "x@example.org", f"<{number}@x>", b"x", at, contact_id=made.id, state=state
                )
                self.record.write_now(partial(lambda tx, letter: tx.enqueue(letter), letter=letter))
                if what and state in (LetterState.FAILED, LetterState.UNCLEAR):
                    self.waits(what, number, at, at)

    def _broken(self):
        """Leave a file that cannot be read."""
        self._begin("broken")
        paper = self.incident()
        at = self.clock.at.replace(microsecond=self.clock.at.microsecond // 1000 * 1000)
        self.record.write_now(lambda tx: tx.link.plain(f"UPDATE papers SET data = '{{' WHERE id = '{paper}'", {}))
        self.waits("unreadable", paper, at, at)
