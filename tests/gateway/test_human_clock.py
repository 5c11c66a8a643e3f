"""All that waits for a person, against a plain reckoning of generated offices; and the figure of what is overdue."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from datetime import timedelta

import pytest

from gateway.casework.overview import FilesRead
from gateway.human_clock import all_that_waits, figure
from rules.waiting_for import WaitingFor
from tests.gateway.waiting_office import WaitingOffice
from tests.rules.office import at

OFFICES = [
    pytest.param("england_and_wales", "2026-04-08T11:00Z", id="England, after Easter and into summer time"),
    pytest.param("scotland", "2026-04-08T11:00Z", id="Scotland, which works on Easter Monday"),
    pytest.param("northern_ireland", "2026-07-14T09:00Z", id="the north, the day after the Boyne"),
    pytest.param("england_and_wales", "2026-10-26T00:30Z", id="England, out of summer time, in the night"),
    pytest.param("scotland", "2027-01-05T10:00Z", id="Scotland, after Christmas and 2 January"),
]
QUEUES = {
    **dict.fromkeys(("look", "held", "voicemail", "unclear"), "contacts"),
    **dict.fromkeys(("own_data", "information", "environmental", "data_complaint"), "legal_clocks"),
    **dict.fromkeys(("written_appeal", "clarification"), "legal_clocks"),
    **dict.fromkeys(("our_mail", "alert_lost"), "our_mail"),
    **dict.fromkeys(("notice", "notice_came_back", "change_notice", "warning_letter", "page"), "letters"),
    **dict.fromkeys(("letter_unread", "letter_unsent", "letter_failed", "letter_unclear"), "letters"),
    **dict.fromkeys(("letter_came_back", "letter_owed", "owed_came_back"), "letters"),
    "flag": "flags",
}


def lines(things):
    """Give a list as plain lines."""
    return sorted(
        (one.waiting.what.value, one.waiting.about, one.waiting.since, one.waiting.due, one.owner, one.name)
        for one in things
    )


@pytest.mark.parametrize(("region", "now"), OFFICES)
def test_the_list_is_what_a_plain_count_gives(folder, region, now):
    """Line by line, with whose each is and by when; and the figure is the sum of the lines."""
    office = WaitingOffice(folder, region, at(now), seed=now)
    with closing(office.record):
        things = office.record.read_now(lambda reader: all_that_waits(reader, office.policy, office.now))
    assert lines(things) == sorted(office.expected)
    assert {one.waiting.what for one in things} == set(WaitingFor)
    assert [one.waiting.due for one in things] == sorted(one.waiting.due for one in things)
    late = [one for one in office.expected if one[3] <= office.now]
    counted = figure(things, office.now)
    assert (counted.waiting, counted.overdue) == (len(office.expected), len(late))
    assert counted.oldest == min(one[3] for one in late)
    assert counted.by_kind == Counter(one[0] for one in late)
    assert counted.by_queue == Counter(QUEUES.get(one[0], "files") for one in late)
    assert counted.by_owner == Counter(one[4] for one in late)


def test_what_was_read_of_a_file_before_is_what_is_read_anew(folder):
    """At every moment at which a file may change by the clock, around the clock change, after acts and back again."""
    now = at("2026-03-27T11:00Z")
    office = WaitingOffice(folder, "england_and_wales", now, seed="files")
    files = FilesRead()

    def both():
        def read(reader, known=None):
            return lines(all_that_waits(reader, office.policy, office.clock(), known))

        return [office.record.read_now(lambda reader, known=known: read(reader, known)) for known in (files, None)]

    with closing(office.record):
        edges = {moment for one in office.expected for moment in (one[2], one[3])}
        moments = sorted(moment for moment in edges if moment > now)[:60]
        moments += [now + timedelta(hours=7 * step) for step in range(12)]
        for moment in sorted(moments):
            for office.clock.at in (moment - timedelta(microseconds=1), moment):
                kept, anew = both()
                assert kept == anew, office.clock.at
        office.clock.at = now
        assert len(set(map(tuple, both()))) == 1
        before = both()[0]
        office._begin("more")
        office.has_a_warning()
        office.clock.at = now
        kept, anew = both()
        assert kept == anew != before


def test_a_file_is_read_once(folder):
    """The second list reads none again: that is what makes a long one quick; another day reads all."""
    office = WaitingOffice(folder, "scotland", at("2026-04-08T11:00Z"), seed="once")
    files, read = FilesRead(), []

    class Counting(type(office.record.read_now(lambda reader: reader))):
        def case_files(self, parties):
            read.extend(parties)
            return super().case_files(parties)

    def listed(moment):
        read.clear()

        def job(reader):
            counting = Counting(reader.link, reader.now, reader.files)
            return all_that_waits(counting, office.policy, moment, files)

        office.record.read_now(job)
        return len(read)

    with closing(office.record):
        assert listed(office.now) > 20
        assert listed(office.now + timedelta(minutes=5)) == 1  # the one that cannot be read
        assert listed(office.now + timedelta(days=1)) > 20
