"""A contact on record in words for staff: who it was, what happened, why; and as an object for a program.

Belongs here: reading an entry aloud. It decides nothing and knows no command.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.cli.screen import clock_time, day_of, minutes
from gateway.silent_calls import GIVEN_BACK, UNTOLD
from gateway.text_contact import ON_ITS_WAY, on_its_way
from rules import identity
from rules.contact import Assurance, Channel, Nature
from rules.decision import Outcome, Reason
from rules.repeats import Likeness, Repeat
from storage.entries import Entry, Goal, Letter, State
from storage.transaction import Reader

CHANNELS = {
    Channel.EMAIL: "email",
    Channel.CALL: "call",
    Channel.SMS: "text",
    Channel.LETTER: "letter",
    Channel.VISIT: "visit",
    Channel.WEB: "web",
    Channel.ONLINE: "online",
}
LETTERS = {
    "note": "Our note",
    "return": "Our return",
    "highlighted": "Our marked return",
    "alert": "Our alert",
}
_WOULD = {
    Outcome.DELIVER: "be delivered",
    Outcome.CONNECT: "be put through",
    Outcome.ROUTE: "go to one person",
    Outcome.HOLD: "be held",
    Outcome.FILE: "be filed",
    Outcome.RETURN: "be returned",
    Outcome.VOICEMAIL: "go to voicemail",
    Outcome.AUTOMATED_LINE: "hear the recorded message",
    Outcome.REFUSE: "be refused",
}
_UNDER_WAY = {
    State.INTENDED: "under way",
    State.DEFERRED: "put off: the sender's server tries again",
    State.PASSED_BACK: "refused by the mail server behind us",
    State.UNCLEAR: "unclear: a person looks at it",
    State.FILED_UNREAD: "filed unread: the matter is closed",
    State.RINGING: "ringing, or on the phone",
    State.MISSED: "rang, nobody answered",
    State.AUTOMATED_LINE: "recorded message",
    State.OURS: "we contacted them",
    State.TAKEN_BACK: "taken back: logged by mistake",
    State.PAST: "of the past: brought in, never decided on",
}
NATURES = {
    Nature.LIST: "mail of a list",
    Nature.AUTO_REPLY: "an automatic reply",
    Nature.MACHINE: "written by a program",
    Nature.BOUNCE: "mail of ours was not delivered",
    Nature.DELAY: "mail of ours is delayed",
    Nature.RECEIPT: "a receipt for mail of ours",
    Nature.COMPLAINT: "a provider complains about mail of ours",
    Nature.OUR_OWN: "our own mail, come back",
}
_REPEATS = {
    Likeness.COPY: "the same words as on {when}",
    Likeness.NEAR_COPY: "nearly the same words as on {when}",
    Likeness.ATTACHMENT: "with a file that came on {when}",
}
_OPENS = "; it opens "
_REFUSED = {Channel.CALL: "not put through", Channel.SMS: "refused, without an answer"}
_WAY = {Outcome.DELIVER: "taken", Outcome.ROUTE: "routed", Outcome.FILE: "filed"}
_BY_HAND = frozenset(Channel) - {Channel.EMAIL, Channel.CALL, Channel.SMS}
_STYLES = {
    Outcome.DELIVER: "green",
    Outcome.CONNECT: "green",
    Outcome.ROUTE: "cyan",
    Outcome.HOLD: "yellow",
    Outcome.FILE: "yellow",
    Outcome.VOICEMAIL: "yellow",
    Outcome.RETURN: "magenta",
    Outcome.AUTOMATED_LINE: "magenta",
    Outcome.REFUSE: "red",
}


def who(reader: Reader, entry: Entry) -> str:
    """Name who it was: the party, else the address or number, else why there is none."""
    party = reader.party(entry.party_id) if entry.party_id is not None else None
    if party is not None:
        return party.name
    if entry.sender:
        return entry.sender.partition(":")[2]
    without = entry.whose.partition(":")[2]
    if entry.channel is Channel.SMS:
        return "no number"
    return f"number {without}" if entry.channel is Channel.CALL else "sender uncertain"


def what(entry: Entry, zone: ZoneInfo, now: datetime) -> str:
    """Say what happened to it; in observe mode also what would have."""
    told = _told(entry, zone, now)
    if entry.decided is not entry.carried:
        told += f" (observing: would {_WOULD[entry.decided]})"
    return told


def _told(entry: Entry, zone: ZoneInfo, now: datetime) -> str:
    match entry.state:
        case State.DELIVERED:
            return _delivered(entry)
        case State.HELD if on_its_way(entry):
            return f"{_WAY[entry.carried]}, {ON_ITS_WAY}"
        case State.HELD:
            return f"held until {clock_time(entry.release_at, zone, now)}" if entry.release_at else "held for a person"
        case State.FILED:
            return "filed" + (f", look by {day_of(entry.look_by, zone)}" if entry.look_by else "")
        case State.LOOKED_AT:
            return f"{'heard' if entry.channel is Channel.CALL else 'filed'}, looked at by {entry.looked_by}"
        case State.RETURNED:
            return "not taken, its sender told by text" if entry.channel is Channel.SMS else "returned with a note"
        case State.REFUSED:
            return _REFUSED.get(entry.channel, "refused")
        case State.VOICEMAIL:
            return "left a voicemail" if entry.detail else "sent to voicemail"
        case State.ANSWERED:
            return _connected(entry)
        case State.MISSED if entry.detail in (UNTOLD, GIVEN_BACK):
            return f"put through; {UNTOLD}"
        case _:
            return _UNDER_WAY[entry.state]


def _delivered(entry: Entry) -> str:
    if entry.channel in _BY_HAND:  # it is before staff already, and the reasons say what they do with it
        return "logged by hand"
    if entry.carried is Outcome.ROUTE:
        return f"passed to {', '.join(dict.fromkeys(_inbox(goal) for goal in entry.targets))}"
    return "delivered" if entry.carried is Outcome.DELIVER else "released to its inbox"


def _inbox(goal: Goal) -> str:
    """Name an inbox shortly where it is of the domain that was written to."""
    local, _, domain = goal.to.rpartition("@")
    return local if domain.lower() == goal.recipient.rpartition("@")[2].lower() else goal.to


def _connected(entry: Entry) -> str:
    to = f" to {entry.targets[0].to}" if entry.carried is Outcome.ROUTE and entry.targets else ""
    return f"put through{to}, {minutes(entry.talk_s or 0)}"


def why(entry: Entry, *, short: bool = False) -> str:
    """Give every reason; `short` leaves out when a measure opens again."""
    told = "; ".join(dict.fromkeys(_after(number, _reason(one, short)) for number, one in enumerate(entry.reasons)))
    notes = [told] if told else [entry.detail] if entry.detail else []
    if entry.sender.startswith("email:") and (deceives := identity.warning(entry.sender.removeprefix("email:"))):
        notes.append(deceives)
    if entry.assurance is Assurance.FAILED:
        notes.append("the sender's address is forged")
    elif not entry.counts or entry.nature is not Nature.PERSON:
        kind = NATURES.get(entry.nature, "")
        notes.append(kind if entry.counts else f"{kind}, which counts for nothing" if kind else "counts for nothing")
    return "; ".join(notes)


def repeats(reader: Reader, entry: Entry, zone: ZoneInfo, now: datetime) -> str:
    """Say which earlier contact of the same party it repeats; empty where it repeats none that is still on record."""
    known = reader.fingerprint(entry.id)
    earlier = reader.contact(known.repeat.of) if known is not None and known.repeat is not None else None
    if known is None or known.repeat is None or earlier is None:
        return ""
    return _REPEATS[known.repeat.how].format(when=clock_time(earlier.at, zone, now))


def brought(reader: Reader, entry: Entry) -> str:
    """Say how many pages it brought, and how many files whose pages nobody counted; empty where neither."""
    known = reader.particulars(entry.id)
    if known is None:
        return ""
    pages, files = known.pages, known.files_not_counted
    said = [f"{pages} page{'s' * (pages != 1)}"] if pages else []
    said += [f"{files} file{'s' * (files != 1)} whose pages nobody counted"] if files else []
    return ", ".join(said)


def _after(number: int, text: str) -> str:
    """Go on in a sentence: all but the first begin with a small letter, unless they begin with a name."""
    begins = text[1:2].islower() or text.startswith("A ")
    return text[:1].lower() + text[1:] if number and begins else text


def _reason(reason: Reason, short: bool) -> str:
    return reason.text.partition(_OPENS)[0] if short and reason.restriction else reason.text


def measures(reasons: Sequence[Reason]) -> str:
    """Name the measures that spoke: `volume_limit, block`."""
    return ", ".join(dict.fromkeys(reason.measure for reason in reasons if reason.measure))


def style(entry: Entry) -> str:
    """Give the colour of what happened; a screen without colours loses nothing."""
    return "red bold" if entry.state is State.UNCLEAR else _STYLES[entry.carried]


def short_number(number: str) -> str:
    """Give the end of a serial number, which is enough to name something in the queue."""
    return number[-7:]


def as_object(reader: Reader, entry: Entry, zone: ZoneInfo) -> dict[str, Any]:
    """Write a contact for a program: the keys of `parley replay`, and where it is now."""
    party = reader.party(entry.party_id) if entry.party_id is not None else None
    return {
        "id": entry.id,
        "at": _iso(entry.at, zone),
        "channel": entry.channel.value,
        "party": party.name if party else None,
        "from": entry.sender.partition(":")[2] or None,
        "assurance": entry.assurance.value,
        "nature": entry.nature.value,
        "outcome": entry.decided.value,
        "carried": entry.carried.value,
        "state": entry.state.value,
        "targets": [{"to": g.to, "recipient": g.recipient, "outcome": g.outcome.value} for g in entry.targets],
        "reasons": [
            {"restriction": r.restriction, "measure": r.measure, "clause": r.clause, "text": r.text}
            for r in entry.reasons
        ],
        "counts": entry.counts,
        "size": entry.size,
        "words": entry.words,
        **_said(reader, entry),
        "talk_s": entry.talk_s,
        "release_at": _iso(entry.release_at, zone),
        "look_by": _iso(entry.look_by, zone),
        "owner": entry.owner,
        "looked_by": entry.looked_by,
        "looked_at": _iso(entry.looked_at, zone),
        "detail": entry.detail,
    }


def _said(reader: Reader, entry: Entry) -> dict[str, Any]:
    """Say how many pages it has, what it repeats, what of it was not read, of which letter of ours it is a report."""
    known, told, counted = reader.fingerprint(entry.id), reader.report(entry.id), reader.particulars(entry.id)
    return {
        "pages": counted.pages if counted else 0,
        "files_not_counted": counted.files_not_counted if counted else 0,
        "repeats": repeat_object(known.repeat) if known else None,
        "not_read": known.over if known else "",
        "about_letter": {"letter": told.letter_id, "status": told.status} if told else None,
    }


def repeat_object(repeat: Repeat | None) -> dict[str, Any] | None:
    """Write what a contact repeats for a program; `percent` is how much of the words, none for a file."""
    if repeat is None:
        return None
    percent = None if repeat.how is Likeness.ATTACHMENT else repeat.percent
    return {"contact": repeat.of, "how": repeat.how.value, "percent": percent}


def letter_object(letter: Letter) -> dict[str, Any]:
    """Write a letter of ours for a program; its text stays on record."""
    return {
        "id": letter.id,
        "letter": letter.kind,
        "state": letter.state.value,
        "to": letter.rcpt,
        "contact": letter.contact_id,
        "detail": letter.detail,
    }


def _iso(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat() if moment else None
