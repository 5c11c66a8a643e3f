"""Which column of a call log holds what, for the logs that offices have.

Belongs here: names of columns and words in them. Sources, read in November 2026: Twilio's Call resource and its console
(twilio.com/docs/voice/api/call-resource), Microsoft's "Teams PSTN usage report" with its export and Graph's
pstnCallLogRow and directRoutingLogRow (learn.microsoft.com), "Asterisk billing support" (README.cdr) and cdr_csv.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

_UTC = ZoneInfo("UTC")
_PLAIN = re.compile(r"[^a-z0-9]+")
_DIGITS_OF_A_TIME = 3


class Log(StrEnum):
    """Name a kind of call log."""

    TWILIO = "twilio"
    TEAMS = "teams"
    ASTERISK = "asterisk"
    PBX = "pbx"

    @property
    def zone(self) -> ZoneInfo | None:
        """Give the zone of its times, where its makers say which; the others write the time of their machine."""
        return _UTC if self in (Log.TWILIO, Log.TEAMS) else None


class Field(StrEnum):
    """Name what is read of a call; these are the words of `--columns`."""

    AT = "at"
    DAY = "day"
    FROM = "from"
    TO = "to"
    DURATION = "duration"
    DIRECTION = "direction"
    STATUS = "status"
    ID = "id"
    PARENT = "parent"


class Way(StrEnum):
    """Say who called whom."""

    IN = "in"
    OUT = "out"
    MEETING = "meeting"


@dataclass(frozen=True, slots=True)
class Columns:
    """Say which log a file is and in which column each field stands, from 0; `least` cells each row must have.

    `headless` tells that the first row is a call already; `each` is how many seconds a plain number of its lengths is.
    """

    log: Log
    at: Mapping[Field, int]
    least: int
    headless: bool = False
    each: float = 1.0


_F = Field
# By the names as `_plain` makes them; of several in one file the first of these counts.
_NAMES: dict[Log, dict[Field, tuple[str, ...]]] = {
    Log.TWILIO: {
        _F.ID: ("callsid", "sid"),
        _F.AT: ("starttime", "datecreated"),
        _F.FROM: ("from", "fromformatted"),
        _F.TO: ("to", "toformatted"),
        _F.DURATION: ("duration", "callduration"),
        _F.DIRECTION: ("direction",),
        _F.STATUS: ("status", "callstatus"),
        _F.PARENT: ("parentcallsid",),
    },
    Log.TEAMS: {
        _F.ID: ("usageid", "correlationid", "id"),
        _F.AT: ("invitetime", "invitetimeutc", "invitedatetime", "starttime", "starttimeutc", "startdatetime"),
        _F.FROM: ("callerid", "callernumber", "calledfrom"),
        _F.TO: ("destinationnumber", "calleenumber", "calledto", "phonenumber"),
        _F.DURATION: ("durationseconds", "duration"),
        _F.DIRECTION: ("calltype",),
        _F.STATUS: ("success", "successfulcall", "eventtype"),
    },
    Log.ASTERISK: {
        _F.ID: ("linkedid", "uniqueid"),
        _F.AT: ("start", "calldate"),
        _F.FROM: ("src",),
        _F.TO: ("did", "dst"),
        _F.DURATION: ("billsec",),
        _F.STATUS: ("disposition",),
    },
    Log.PBX: {
        _F.ID: ("callid", "uniqueid", "id", "recordid", "globalcallidcallid", "linkedid"),
        _F.AT: (
            *(
                "starttime",
                "datetime",
                "calltime",
                "timestamp",
                "start",
                "calldate",
                "time",
                "callstarttime",
                "callstart",
            ),
            *("callstartedat", "callstarted", "startedat", "started", "startdatetime", "calldatetime", "dateandtime"),
            *("dateandtimeofcall", "timeofcall", "datetimeorigination", "receivedat", "received"),
        ),
        _F.DAY: ("date", "day", "calldate", "startdate", "dateofcall"),
        _F.FROM: (
            *("from", "caller", "callernumber", "callerid", "cli", "callingnumber", "callingparty", "source", "src"),
            *(
                "callingpartynumber",
                "calleridnumber",
                "callernumberid",
                "callerphonenumber",
                "callerphone",
                "fromnumber",
            ),
            *("originator", "originatingnumber", "ani", "externalnumber", "customernumber", "incomingnumber"),
        ),
        _F.TO: (
            *("to", "callee", "called", "callednumber", "calledparty", "destination", "dialled", "ddi", "did", "dst"),
            *("diallednumber", "dialednumber", "dnis", "tonumber", "calleenumber", "destinationnumber"),
            *("originalcalledpartynumber", "calledpartynumber", "finalcalledpartynumber"),
        ),
        _F.DURATION: (
            *("talktime", "talkduration", "billsec", "talking", "talktimeseconds", "talkseconds", "talkminutes"),
            *(
                "duration",
                "durationseconds",
                "durationsecs",
                "durationminutes",
                "durationmins",
                "callduration",
                "length",
            ),
            *("calllength", "lengthofcall", "calldurationseconds", "calldurationminutes", "minutes", "seconds"),
        ),
        _F.DIRECTION: ("direction", "calldirection", "inout", "calltype", "type"),
        _F.STATUS: (
            *("status", "disposition", "callstatus", "result", "outcome", "answered", "calloutcome", "callresult"),
            "actionresult",
        ),
    },
}
_NEEDED = {
    Log.TWILIO: (_F.ID, _F.AT, _F.FROM, _F.DIRECTION),
    Log.TEAMS: (_F.ID, _F.AT, _F.FROM, _F.DIRECTION),
    Log.ASTERISK: (_F.AT, _F.FROM, _F.DURATION),
    Log.PBX: (_F.AT, _F.FROM),
}
# Master.csv of cdr_csv has no first row of names; uniqueid and userfield stand at its end where they are switched on.
_MASTER = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield"),
)
_MASTER_LEAST, _DISPOSITION = 16, 14
_DISPOSITIONS = frozenset({"answered", "noanswer", "busy", "failed", "congestion"})
_IN = frozenset({"in", "inbound", "incoming", "received", "missed", "i"})
_OUT = frozenset({"out", "outbound", "outgoing", "dialled", "dialed", "placed", "internal", "local", "o"})
_TEAMS_MEETING = frozenset({"conf_in", "conf_out"})
_TEAMS_IN = re.compile(r"(?:^|_)in(?:_|$)|^byotin")
_TEAMS_OUT = re.compile(r"(?:^|_)out(?:_|$)|^byotout|^emergency")
_ANSWERED = frozenset(
    {"answered", "completed", "complete", "success", "successful", "yes", "true", "1", "ok", "connected"}
    | {"callconnected", "accepted", "handled", "transferred"}
)
_NOT_ANSWERED = frozenset(
    {"noanswer", "notanswered", "unanswered", "missed", "busy", "failed", "failure", "canceled", "cancelled", "no"}
    | {"abandoned", "congestion", "attempt", "false", "0", "rejected", "declined", "unsuccessful", "voicemail"}
    | {"hangup", "hungup", "lost", "notconnected", "missedcall", "timeout"}
)
# What a plain number of a column counts, by what its name says.
_UNITS = (
    (re.compile(r"milli|\bms\b|\bmsec"), 0.001),
    (re.compile(r"mm:ss|hh:mm|sec|\bs\b"), 1.0),
    (re.compile(r"min"), 60.0),
    (re.compile(r"hour|\bhrs?\b|\bh\b"), 3600.0),
)


def columns_of(first: Sequence[str], chosen: Log | None, named: Mapping[Field, str]) -> Columns | str:
    """Tell by its first row which log a file is and where its fields stand; a sentence where nobody can."""
    names = [_plain(cell) for cell in first]
    if named:
        found = _by_hand(first, names, chosen or Log.PBX, named)
    elif chosen in (None, Log.ASTERISK) and _is_master(names):
        return _found(Log.ASTERISK, list(_MASTER[: len(first)]), headless=True)
    else:
        found = _by_names(first, names, chosen)
    if isinstance(found, str) or found.headless or _F.DURATION not in found.at:
        return found
    return replace(found, each=_unit(first[found.at[_F.DURATION]]))


def _unit(name: str) -> float:
    return next((each for words, each in _UNITS if words.search(name.lower())), 1.0)


def _by_names(first: Sequence[str], names: Sequence[str], chosen: Log | None) -> Columns | str:
    logs = (chosen,) if chosen is not None else tuple(Log)
    for log in logs:
        columns = _found(log, names)
        if all(field in columns.at for field in _NEEDED[log]):
            return columns
    if chosen is None:
        return f"Its columns are of no call log that we know: name them with --columns.{_has(first)}"
    missing = [field.value for field in _NEEDED[chosen] if field not in _found(chosen, names).at]
    return f"It is no log of {chosen.value}: no column for {', '.join(missing)}. Name it with --columns."


def _found(log: Log, names: Sequence[str], *, headless: bool = False) -> Columns:
    at = {}
    for field, known in _NAMES[log].items():
        here = next((name for name in known if name in names), None)
        if here is not None:
            at[field] = names.index(here)
    if _F.DAY in at and at.get(_F.AT, at[_F.DAY]) == at[_F.DAY]:
        at[_F.AT] = at.pop(_F.DAY)  # one column that has both
    return Columns(log, at, _least(log, at), headless)


def _least(log: Log, at: Mapping[Field, int]) -> int:
    return max((at[field] for field in _NEEDED[log] if field in at), default=0) + 1


def _by_hand(first: Sequence[str], names: Sequence[str], log: Log, named: Mapping[Field, str]) -> Columns | str:
    """Take the columns that a person named; what was not named is looked for as ever."""
    at = dict(_found(log, names).at)
    if _F.AT in named:
        at.pop(_F.DAY, None)
    for field, name in named.items():
        if _plain(name) in names:
            at[field] = names.index(_plain(name))
        elif name.isdecimal() and 1 <= int(name) <= len(first):
            at[field] = int(name) - 1
        else:
            return f"There is no column {name!r}.{_has(first)}"
    if field_missing := next((field for field in (_F.AT, _F.FROM) if field not in at), None):
        return f"No column is named for {field_missing.value}."
    return Columns(log, at, max(at[field] for field in (_F.AT, _F.FROM)) + 1, _is_call(first[at[_F.AT]]))


def _is_call(at: str) -> bool:
    """Tell by its time whether a first row is no row of names."""
    return sum(map(str.isdigit, at)) >= _DIGITS_OF_A_TIME


def _has(first: Sequence[str]) -> str:
    """Name the columns, which are no contents: nothing where the row has numbers, and may be a call."""
    named = ", ".join(cell.strip() for cell in first if cell.strip())
    return f" It has {named[:300]}." if named and sum(map(str.isdigit, named)) < _DIGITS_OF_A_TIME else ""


def _is_master(names: Sequence[str]) -> bool:
    return _MASTER_LEAST <= len(names) <= len(_MASTER) and names[_DISPOSITION] in _DISPOSITIONS


def _plain(name: str) -> str:
    """Compare names of columns without case, spaces and signs; what stands in brackets is a unit."""
    return _PLAIN.sub("", name.lower().partition("(")[0])


def way_of(log: Log, word: str) -> Way:
    """Say who called whom; raises ValueError with a sentence for a word that nobody knows."""
    plain = word.strip().lower()
    if log is Log.TEAMS:
        if plain in _TEAMS_MEETING:
            return Way.MEETING
        if _TEAMS_IN.search(plain):
            return Way.IN
        if _TEAMS_OUT.search(plain):
            return Way.OUT
    first = _PLAIN.sub(" ", plain).split(" ", 1)[0]
    if first in _IN:
        return Way.IN
    if first in _OUT:
        return Way.OUT
    raise ValueError("Its direction is a word that we do not know")


def answered(word: str) -> bool:
    """Tell whether a call was answered; raises ValueError with a sentence for a word that nobody knows."""
    plain = _PLAIN.sub("", word.lower())
    if plain in _ANSWERED:
        return True
    if plain in _NOT_ANSWERED or not plain:
        return False
    raise ValueError("Its status is a word that we do not know")
