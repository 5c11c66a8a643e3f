"""Two years of contact of an office that is made up, put on record, with what a plain table would say of it.

Belongs here: the contacts, with both clock changes and window edges among their times, merges and splits.
"""

import bisect
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice

from rules.contact import Assurance, Channel, Contact, Identifier, IdentifierKind, Nature
from rules.decision import Outcome
from rules.levels.particulars import particulars_of
from rules.repeats import Likeness, Repeat
from storage.entries import Entry, Goal, State
from tests.levels.plain import CHANNELS, Plain
from tests.storage.test_merges import merge

BEGIN, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
CHANGES = [
    *(datetime(2024, 3, 31, 1, tzinfo=UTC), datetime(2024, 10, 27, 1, tzinfo=UTC)),
    *(datetime(2025, 3, 30, 1, tzinfo=UTC), datetime(2025, 10, 26, 1, tzinfo=UTC)),
]
"""When the clocks of London change."""
OURS = [f"{name}@office.example.org" for name in ("intake", "Intake", "duty", "a.clerk", "b.clerk", "appeals")]
LINES = ["+441632960100", "+441632960101"]
_CALLS = [
    ("answered", "connect", 600),
    ("answered", "route", 29),
    ("answered", "connect", 30),
    ("missed", "connect", 0),
    ("voicemail", "connect", 0),
    ("looked_at", "voicemail", None),
    ("automated_line", "automated_line", None),
    ("refused", "refuse", None),
    ("ringing", "connect", None),
]
_MAIL = [
    ("delivered", "deliver"),
    ("delivered", "route"),
    ("filed", "file"),
    ("looked_at", "file"),
    ("held", "hold"),
    ("returned", "return"),
    ("refused", "refuse"),
    ("deferred", "deliver"),
    ("passed_back", "deliver"),
    ("unclear", "deliver"),
]


@dataclass
class Office:
    """Hold what was made: the plain table, and the numbers of the parties, each under its own word for who it is."""

    contacts: list = field(default_factory=list)
    parties: list = field(default_factory=list)


def times(count, draw):
    """Draw times in order, a fifth of them around the clock changes, a tenth on the edges of windows."""
    span = int((END - BEGIN).total_seconds())
    found = []
    for number in range(count):
        if number % 5 == 0:
            at = draw.choice(CHANGES) + timedelta(seconds=draw.randint(-3 * 86_400, 3 * 86_400))
        else:
            at = BEGIN + timedelta(seconds=draw.randrange(span))
        if number % 10 == 1:
            hour = at.replace(minute=0, second=0)
            edge = draw.choice((hour, hour.replace(hour=0), hour.replace(hour=23)))
            at = edge + timedelta(seconds=draw.choice((-1, 0, 1)))
        found.append(max(at, BEGIN))
    return sorted(found)


def made(count, seed, people):
    """Make contacts of so many people; who they are is the plain table's `who`."""
    draw = random.Random(seed)  # a sample, nothing secret
    for number, at in enumerate(times(count, draw)):
        # A few contact an office much, most of them seldom.
        person = min(int(draw.paretovariate(0.6)) - 1, people - 1)
        channel = draw.choices(CHANNELS, (50, 30, 6, 5, 3, 3, 3))[0]
        yield _one(f"G{number:08}", f"p{person}@example.org", channel, at, draw)


def _one(number, who, channel, at, draw):
    call = channel == "call"
    state, carried, talk_s = draw.choice(_CALLS) if call else (*draw.choice(_MAIL), None)
    if channel in ("letter", "visit"):
        state, carried = draw.choice([("delivered", "deliver"), ("taken_back", "deliver"), ("delivered", "deliver")])
    places = tuple(draw.sample(LINES if call else OURS, draw.choice((1, 1, 1, 2))))
    to, cc = draw.choice([(places, ()), ((), places), (("else@example.net",), places[:1]), (places[:1], places)])
    mail = channel == "email"
    return Plain(
        id=number,
        who=who,
        channel=channel,
        at=at,
        state=state,
        carried=carried,
        forged=draw.random() < 0.05 and state != "taken_back",
        automatic=mail and draw.random() < 0.05,
        claimed=draw.random() < 0.5,
        words=draw.randrange(2000) if mail and draw.random() < 0.7 else None,
        talk_s=talk_s,
        pages=draw.randrange(20) if channel == "letter" else draw.choice((0, 0, 0, 7)) if mail else 0,
        files_not_counted=draw.choice((0, 0, 0, 2)) if mail else 0,
        repeats=draw.choice(("", "", "", "copy", "near_copy", "attachment")) if mail else "",
        recipients=places,
        to=to if mail else (),
        cc=cc if mail else (),
        subject=draw.choice(("Hello", "HO/2024-17", "Re: HO/2024-17 and HO/2025-2", "")) if mail else "",
        thread=f"<t{draw.randrange(40)}@example.org>" if mail and draw.random() < 0.8 else "",
        cases=("ho 2024 17",) if channel == "letter" else (),
        minutes=draw.randrange(90) if draw.random() < 0.05 else None,
    )


def put(record, contacts, policy, whose, batch=500):
    """Put contacts on record; `whose` gives for a sender the party that holds it, None for nobody."""
    rest = iter(contacts)
    while some := list(islice(rest, batch)):
        record.write_now(lambda tx, some=some: [_put(tx, one, policy, whose) for one in some])


def _put(tx, one, policy, whose):
    party = whose(one.who)
    known_as = "nobody" if one.nobody else f"party:{party}" if party is not None else f"email:{one.who}"
    out = one.state in ("ours", "taken_back")
    tx.add_contact(
        Entry(
            id=one.id,
            channel=Channel(one.channel),
            at=one.at,
            whose=known_as,
            party_id=party,
            state=State(one.state),
            decided=Outcome(one.carried),
            carried=Outcome(one.carried),
            sender="" if one.nobody else f"email:{one.who}",
            assurance=Assurance.FAILED if one.forged else Assurance.CLAIMED if one.claimed else Assurance.VERIFIED,
            nature=Nature.AUTO_REPLY if one.automatic else Nature.PERSON,
            counts=not (one.forged or one.automatic or out or one.nobody),
            words=one.words,
            talk_s=one.talk_s,
            targets=tuple(Goal(each, Outcome(one.carried), each) for each in one.recipients),
        )
    )
    contact = Contact(
        one.id,
        Channel(one.channel),
        one.at,
        None,
        recipients=one.recipients,
        cc=one.cc,
        subject=one.subject,
        cases=one.cases,
    )
    repeat = Repeat("earlier", Likeness(one.repeats), 100) if one.repeats else None
    mail = one.channel == "email"
    pages, later = (0, one.files_not_counted + 1) if mail else (one.pages, 0)
    known = particulars_of(
        contact,
        policy,
        to=one.to,
        thread=one.thread,
        repeat=repeat,
        pages=pages,
        minutes=one.minutes,
        files_not_counted=later,
    )
    tx.keep_particulars(one.id, known)
    if mail:  # what was attached is counted a moment later
        tx.count_pages(one.id, one.pages, one.files_not_counted)


def office(record, policy, count, *, seed=1, people=40, on_file=12):
    """Make an office: the first people are on file; some of them turn out to be one, some of those are parted again.

    Two become one for good, two for a quarter of the time. What they write meanwhile goes back by its identifier.
    """
    contacts = list(made(count, seed, people))
    found = Office(contacts)
    numbers = {}

    def settle(tx):
        for person in range(on_file):
            number = tx.add_party(f"Person {person}")
            tx.add_identifier(Identifier(IdentifierKind.EMAIL, f"p{person}@example.org"), number, how="wrote", by="x")
            numbers[f"p{person}@example.org"] = number

    record.write_now(settle)
    stages = [contacts[len(contacts) * part // 4 : len(contacts) * (part + 1) // 4] for part in range(4)]
    now = dict(numbers)
    first, second = numbers["p0@example.org"], numbers["p1@example.org"]
    third, fourth = numbers["p2@example.org"], numbers["p3@example.org"]
    put(record, stages[0], policy, now.get)
    merge(record, first, second, "M1")
    now["p1@example.org"] = first
    put(record, stages[1], policy, now.get)
    merge(record, third, fourth, "M2")
    now["p3@example.org"] = third
    put(record, stages[2], policy, now.get)
    part = stages[2][0].at
    record.write_now(lambda tx: tx.give_back("M2", third, fourth, followers=(), merged_at=part))
    now["p3@example.org"] = fourth
    put(record, stages[3], policy, now.get)
    for one in contacts:
        one.who = f"party:{now[one.who]}" if one.who in now else f"email:{one.who}"
    found.parties = sorted({one.who for one in contacts})
    return found


def around(contacts, at):
    """Give the contacts of two months about a moment, out of many in order of time."""
    low = bisect.bisect_left(contacts, at - timedelta(days=32), key=lambda one: one.at)
    high = bisect.bisect_right(contacts, at, key=lambda one: one.at)
    return contacts[low:high]
