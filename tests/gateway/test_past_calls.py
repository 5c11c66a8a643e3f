"""Call logs of the past: whose columns they are, what they are written in, what is wrong with a row."""

from datetime import UTC, datetime

import pytest

from gateway.past_call_columns import Field, Log
from gateway.past_calls import NoLog
from gateway.past_contact import LeftAside, PastContact
from gateway.past_times import Days
from rules.contact import Channel
from tests.gateway.past import LINE, ROSAS_NUMBER, TWILIO, calls, row

AT = datetime(2026, 3, 9, 10, tzinfo=UTC)
TEAMS = "UsageId,Call ID,UPN,User Display Name,Caller ID,Call Type,Destination Number,Start Time,Duration Seconds\n"
ROUTED = "CorrelationId,Invite Time (UTC),Caller Number,Callee Number,Call Type,Duration Seconds,Success\n"
MASTER = (
    '"","01632960001","02079460000","from-trunk","""Rosa"" <01632960001>","PJSIP/t-1","PJSIP/8-2","Dial","PJSIP/8",'
    '"2026-03-09 10:00:00","2026-03-09 10:00:05","2026-03-09 10:01:10","70","65","ANSWERED","DOCUMENTATION"\n'
)
LOGS = {
    "3CX": "Call Time,Caller ID,Destination,Status,Ringing,Talking,Totals\n"
    "2026-03-09 10:00:00,Rosa (01632960001),Reception (02079460000),Answered,00:00:05,00:01:05,00:01:10\n",
    "Cisco": "globalCallID_callId,dateTimeOrigination,callingPartyNumber,originalCalledPartyNumber,duration\n"
    f"12,{int(AT.timestamp())},01632960001,02079460000,65\n",
    "names that say the same otherwise": "Call Started At,Caller ID Number,Dialled Number,Call Length (mm:ss),In/Out\n"
    "09-Mar-2026 10:00:00,01632960001,02079460000,01:05,In\n",
    "minutes": "Start,From,To,Duration (minutes)\n2026-03-09 10:00,01632960001,02079460000,1.08333\n",
    "milliseconds": "Start,From,To,Duration (ms)\n2026-03-09 10:00,01632960001,02079460000,65000\n",
    "a title above the names": "Calls of Example Office\nMade on 10/03/2026, by hand\n\n"
    "Date;Time;Caller;Called;Talk time\n9/3/2026;10:00;01632960001;02079460000;65\n",
    "Twilio": TWILIO + row(),
    "Twilio by its API's names": "sid,start_time,from,to,direction,duration,status\n"
    f"CA1,2026-03-09T10:00:00Z,{ROSAS_NUMBER},{LINE},inbound,65,completed\n",
    "Teams, calling plan": TEAMS
    + f"u1,c1,a@office.example.org,A,{ROSAS_NUMBER},ucap_in,{LINE},2026-03-09T10:00:00.0000000+00:00,65\n",
    "Teams, direct routing": ROUTED + f"u1,2026-03-09T10:00:00Z,{ROSAS_NUMBER},{LINE},dr_in,65,TRUE\n",
    "Asterisk without names": MASTER,
    "Asterisk with names": "calldate,src,dst,billsec,disposition,uniqueid\n"
    "2026-03-09 10:00:00,01632960001,02079460000,65,ANSWERED,171.2\n",
    "a telephone system": "Date;Time;Caller;Called;Talk time;Direction;Result\n"
    "09/03/2026;10:00:00;01632 960001;020 7946 0000;00:01:05;In;Answered\n",
}


@pytest.mark.parametrize("log", LOGS)
def test_a_log_is_told_by_its_columns(log, tmp_path):
    """The same call is the same contact, whichever log tells of it."""
    (one,) = calls(tmp_path, LOGS[log])
    assert isinstance(one, PastContact)
    assert (one.channel, one.at, one.sender.value, one.talk_s) == (Channel.CALL, AT, ROSAS_NUMBER, 65)
    assert (one.recipients, one.counts, one.folded) == ((LINE,), True, False)


ASIDE = {
    "a leg of a call": "CA2,CA1,2026-03-09T10:00:00Z,x,y,outbound-dial,60,completed\n",
    "a call of ours": row(way="outbound-api"),
    "a call between extensions": row(caller="1234"),
}


@pytest.mark.parametrize("what", ASIDE)
def test_what_is_no_contact_of_anybody_is_left_aside(what, tmp_path):
    """It is counted, and nobody has to look at it."""
    (one,) = calls(tmp_path, TWILIO + ASIDE[what])
    assert isinstance(one, LeftAside)
    assert not one.wrong


@pytest.mark.parametrize("kind", ["user_out", "ucap_out", "conf_in", "dr_out_user_transfer", "ByotOut"])
def test_of_teams_only_calls_to_the_office_are_taken(kind, tmp_path):
    """Calls of ours and calls into meetings are nobody's contact."""
    (one,) = calls(tmp_path, TEAMS + f"u1,c1,,,{ROSAS_NUMBER},{kind},{LINE},2026-03-09T10:00:00Z,65\n")
    assert isinstance(one, LeftAside)
    assert not one.wrong


WRONG = {
    "a time that is none": (row(at="2026-13-09T10:00:00Z"), "The time has a day, hour or minute that is none."),
    "a time to come": (row(at="2027-03-09T10:00:00Z"), "Its time is still to come."),
    "a length that is none": (row(duration="x"), "The length of the call is none that can be read."),
    "an unknown direction": (row(way="sideways"), "Its direction is a word that we do not know."),
    "an unknown status": (row(status="maybe"), "Its status is a word that we do not know."),
    "too few cells": ("CA9,,2026\n", "The row has fewer cells than the log has columns."),
    "too many cells": ("x," * 600 + "\n", "The row has more cells than any log."),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_row_is_named_by_its_line_and_the_rest_goes_on(what, tmp_path):
    """What is wrong with it is said, and nothing of what stands in it."""
    text, why = WRONG[what]
    first, wrong, last = calls(tmp_path, TWILIO + row() + text + row("CA3"))
    assert (wrong.place, wrong.why, wrong.wrong) == (f"{tmp_path}/calls.csv:3", why, True)
    assert isinstance(first, PastContact)
    assert last.key == "past call CA3"


def test_a_quotation_mark_without_an_end_costs_no_more_than_its_rows(tmp_path):
    """The row that it begins is named, and nothing is lost in silence."""
    text = TWILIO + row() + '"CA2,,2026\n' + row("CA3") * 3000 + row("CA4")
    found = calls(tmp_path, text)
    assert found[0].key == "past call CA1"
    assert found[1] == LeftAside(
        f"{tmp_path}/calls.csv:3", "The row has a cell without an end: a quotation mark is missing.", True
    )
    assert found[-1].key == "past call CA4"


QUOTED = {
    "a mark that nothing ends": ('"Bob', "", [10]),
    "a mark that a later row seems to end": ('"Bob', '"Smith, J"', [10]),
    "a mark that a later row ends so that it could be a cell": ('"Bob', 'Smith"', [10]),
    "a cell of three lines": ('"Bob\n1 High Street\nTown"', "", []),
}


@pytest.mark.parametrize("what", QUOTED)
def test_a_quotation_mark_costs_its_own_row_alone(what, tmp_path):
    """All rows around it are brought in, and it is named by its line."""
    named, later, lost = QUOTED[what]
    names = {10: named, 12: later}
    rows = [f"2026-03-09 10:00:{each:02},01632960001,{names.get(each, 'Ann')},65\n" for each in range(60)]
    found = calls(tmp_path, "Start time,From,Name,Duration\n" + "".join(rows))
    aside = [one for one in found if isinstance(one, LeftAside)]
    assert [(one.place, one.wrong) for one in aside] == [(f"{tmp_path}/calls.csv:{each + 2}", True) for each in lost]
    assert {one.at.second for one in found if isinstance(one, PastContact)} == set(range(60)) - set(lost)


WRITINGS = {
    "UTF-8": ("utf-8", ","),
    "UTF-8 with a mark": ("utf-8-sig", ","),
    "UTF-16 with a mark": ("utf-16", "\t"),
    "UTF-16 without a mark": ("utf-16-le", ","),
    "what Windows writes": ("cp1252", ";"),
}


@pytest.mark.parametrize("writing", WRITINGS)
def test_encodings_and_separators_are_told_by_the_file(writing, tmp_path):
    """A spreadsheet of any country is read, names with accents and line ends in cells included."""
    encoding, separator = WRITINGS[writing]
    lines = [
        ("Name", "Date", "From", "Duration"),
        ('"Zo\xeb\nand Ren\xe9"', "09/03/2026 10:00", "01632 960001", "65"),
    ]
    text = "\r\n".join(separator.join(line) for line in lines) + "\r\n"
    (one,) = calls(tmp_path, text, encoding=encoding, named=((Field.AT, "Date"),))
    assert (one.at, one.sender.value, one.talk_s) == (AT, ROSAS_NUMBER, 65)


def test_the_separator_that_a_spreadsheet_names_is_taken(tmp_path):
    """Excel writes it into a line of its own."""
    (one,) = calls(
        tmp_path, "sep=;\nStarttime;From,number\n2026-03-09 10:00;01632960001\n", named=((Field.FROM, "From,number"),)
    )
    assert one.at == AT


@pytest.mark.parametrize("caller", ["anonymous", "Withheld", "unavailable", "", "+44163296****", "Some Name"])
def test_a_call_without_a_number_is_nobodys(caller, tmp_path):
    """It is on record and counts for nobody (THREATS T5)."""
    (one,) = calls(tmp_path, TWILIO + row(caller=caller))
    assert (one.sender, one.counts) == (None, False)


def test_a_number_is_read_from_what_a_spreadsheet_or_a_name_put_around_it(tmp_path):
    """An apostrophe, a formula and a name beside the number change nothing."""
    for cell in (f"'{ROSAS_NUMBER}", f'"=""{ROSAS_NUMBER}"""', f'"""Rosa"" <{ROSAS_NUMBER}>"'):
        (one,) = calls(tmp_path, TWILIO + row(caller=cell))
        assert one.sender.value == ROSAS_NUMBER, cell


def test_a_call_that_nobody_answered_has_no_talk(tmp_path):
    """How long it rang is no talk."""
    assert [one.talk_s for one in calls(tmp_path, TWILIO + row(status="no-answer") + row("CA2", status="busy"))] == [
        0,
        0,
    ]


def test_a_call_from_a_line_of_ours_is_left_aside(tmp_path):
    """Systems that say no direction write our own calls into the same log."""
    text = f"Start time,From,To\n2026-03-09 10:00,{LINE},{ROSAS_NUMBER}\n"
    (one,) = calls(tmp_path, text, lines=frozenset({LINE}))
    assert isinstance(one, LeftAside)
    assert not one.wrong


NO_LOGS = {
    "empty": ("", {}, "There is no row in it."),
    "columns of no log": (
        "a,b,c\n1,2,3\n",
        {},
        "Its columns are of no call log that we know: name them with --columns. It has a, b, c.",
    ),
    "not the log that was said": (
        "a,b\n1,2\n",
        {"chosen": Log.TEAMS},
        "It is no log of teams: no column for id, at, from, direction. Name it with --columns.",
    ),
    "a column that is not there": (
        "Start time,From\n1,2\n",
        {"named": ((Field.TO, "Callee"),)},
        "There is no column 'Callee'. It has Start time, From.",
    ),
}


@pytest.mark.parametrize("what", NO_LOGS)
def test_what_is_no_call_log_is_refused_in_a_sentence(what, tmp_path):
    """Nothing is guessed about columns that nobody knows."""
    text, how, why = NO_LOGS[what]
    with pytest.raises(NoLog) as refused:
        calls(tmp_path, text, **how)
    assert str(refused.value) == why


def test_american_days_are_read_where_they_are_asked_for(tmp_path):
    """The order of the days is said by hand, where nothing in a log tells it."""
    (one,) = calls(tmp_path, "Start time,From\n3/9/2026 10:00 AM,01632960001\n", days=Days.MDY)
    assert (one.at, one.unsure) == (AT, False)


ORDERS = {
    "one day after the twelfth tells that the month comes first": ("3/9/2026", "3/25/2026", [9, 25], False),
    "one tells that the day comes first": ("9/3/2026", "25/3/2026", [9, 25], False),
    "nothing tells, the day is taken to come first and that is said": ("9/3/2026", "8/3/2026", [9, 8], True),
    "a day that begins with its year is plain": ("2026-03-09", "2026-03-08", [9, 8], False),
}


@pytest.mark.parametrize("what", ORDERS)
def test_the_whole_file_tells_which_number_is_the_day(what, tmp_path):
    """A row that could be read either way is read as the others must be, whichever of them comes first."""
    one, two, days, unsure = ORDERS[what]
    found = calls(tmp_path, f"Start,From\n{one} 10:00,01632960001\n{two} 10:00,01632960001\n")
    assert [(each.at.month, each.at.day, each.unsure) for each in found] == [(3, day, unsure) for day in days]


def test_a_file_whose_days_are_written_both_ways_is_not_read(tmp_path):
    """Half of it would be on wrong days, and nobody would see which."""
    text = "Start,From\n25/03/2026 10:00,01632960001\n03/26/2026 10:00,01632960001\n"
    with pytest.raises(NoLog, match="say --dates"):
        calls(tmp_path, text)
    assert [isinstance(one, PastContact) for one in calls(tmp_path, text, days=Days.DMY)] == [True, False]


NUMBERS = {
    "4.47700900001E+11": "+447700900001",
    '"4,47700900001e+11"': "+447700900001",
    "447700900001.0": "+447700900001",
    "7700900001": "+447700900001",
    "Rosa (07700 900001)": "+447700900001",
}


@pytest.mark.parametrize("cell", NUMBERS)
def test_a_number_is_read_as_a_spreadsheet_left_it(cell, tmp_path):
    """A sum that has all its digits, or lost its nought, is the number that it was."""
    (one,) = calls(tmp_path, f"Start,From\n2026-03-09 10:00,{cell}\n")
    assert one.sender.value == NUMBERS[cell]


@pytest.mark.parametrize("cell", ["4.47701E+11", "4E+11"])
def test_a_number_that_a_spreadsheet_shortened_is_named(cell, tmp_path):
    """Its digits are gone: whoever exports it again is told how."""
    (one,) = calls(tmp_path, f"Start,From\n2026-03-09 10:00,{cell}\n")
    assert one.wrong
    assert one.why.startswith("A spreadsheet shortened its number")


@pytest.mark.parametrize("begin", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b"])
def test_a_workbook_is_told_from_a_log(begin, tmp_path):
    """What must be done with it is said."""
    with pytest.raises(NoLog, match=r"save|unpack"):
        calls(tmp_path, begin + bytes(600))


def test_columns_of_a_log_without_names_are_named_by_their_place(tmp_path):
    """Its first row is a call, and is taken as one."""
    named = ((Field.AT, "1"), (Field.FROM, "3"))
    found = calls(tmp_path, "2026-03-09 10:00,x,01632960001\n2026-03-09 10:01,x,01632960001\n", named=named)
    assert [one.at.minute for one in found] == [0, 1]


def test_columns_that_may_be_a_call_are_not_said(tmp_path):
    """Whose number stands in a log without names is nobody's to read in a fault."""
    with pytest.raises(NoLog) as refused:
        calls(tmp_path, "yesterday,01632960001,65\n")
    assert "01632" not in str(refused.value)


def test_rows_of_logs_that_give_no_id_are_one_call_where_they_say_the_same(tmp_path):
    """The same row in two exports is one; another length is another call."""
    text = "Start time,From,Duration\n"
    line = "2026-03-09 10:00,01632960001,65\n"
    one, two, three = calls(tmp_path, text + line + line + line.replace("65", "66"))
    assert one.key == two.key != three.key
