"""Pages of what a party's mail has attached: not counted until they are, and a flag where they are many."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from adapters.documents.counter import Counter
from gateway.casework.outline import outline
from gateway.cli.case_file import page, received_in_words
from gateway.page_count import PageCount
from gateway.party_levels import received
from gateway.past_mail import read_message
from gateway.reports.party_report import party_report
from gateway.reports.table import Period
from rules.casework.shelf import shelf_of
from rules.levels.kinds import Level
from rules.policies import Threshold
from rules.windows import Per
from storage.faults import RecordUnavailable
from tests.adapters.documents import samples
from tests.gateway.casework.desk import MANAGER, Desk
from tests.gateway.office import PARTY, mail, office, settled
from tests.gateway.past import reading

MANY = Threshold(level=Level.PAGES, at_least=100, per=Per.DAY)
SIXTY = samples.printed(60)


def evidence(*pdfs, number=1):
    """Write a party's message with PDFs attached."""
    return samples.with_pdf(*pdfs, sender=PARTY, number=number)


def counted(here, entry=None):
    """Give pages, and files not counted, of a contact."""
    number = (entry or here.only()).id
    known = here.record.read_now(lambda reader: reader.particulars(number))
    return known.pages, known.files_not_counted


def in_all(here, whose):
    """Give the same as levels add them up."""
    day = timedelta(days=1)
    found = here.record.read_now(lambda reader: reader.tally(whose, here.clock() - day, here.clock() + day, cut_s=30))
    return tuple(sum(getattr(one, name) for one in found.sums.values()) for name in ("pages", "files_not_counted"))


async def test_PHSO_25_HO_2_a_threshold_on_pages_is_reached_by_mailed_PDFs(folder):
    """Sixty pages, twice: by SMTP, the jobs of the clock and a child; one flag, one alert, of the second message."""
    async with office(folder, policy={"thresholds": (MANY,)}, jobs=True) as here:
        party = here.party()
        for number in (1, 2):
            assert (await here.post(evidence(SIXTY, number=number))).startswith("250 ")
        await settled(here.flags, within_s=60)
        (flag,) = here.flags()
        assert (flag.threshold, flag.level, flag.contact_id) == (MANY.name, 120, here.contacts()[-1].id)
        assert in_all(here, f"party:{party}") == (120, 0)
        alerts = [one for one in here.record.read_now(lambda reader: reader.alerts(limit=10)) if one.kind == "flag"]
        assert len(alerts) == 1


async def test_what_was_not_counted_is_said_and_never_guessed(folder):
    """Before it is counted, and where it cannot be: locked and cut off; what can be in the same message counts."""
    async with office(folder) as here:
        party = here.party()
        locked, cut_off = samples.locked(samples.plain(5), "secret"), SIXTY[:-700]
        await here.post(evidence(samples.plain(3), locked, cut_off, samples.plain(4)))
        assert counted(here) == (0, 4)
        assert await here.gateway.pages.run() == 1
        assert counted(here) == in_all(here, f"party:{party}") == (7, 2)
        assert await here.gateway.pages.run() == 0


async def test_nobody_elses_mail_is_counted(folder):
    """Nor its files told from one another: there is no child for it, and nothing on record."""
    async with office(folder) as here:
        await here.post(evidence(samples.plain(3)))
        assert (counted(here), await here.gateway.pages.run()) == ((0, 0), 0)


async def test_mail_without_documents_waits_for_nothing(folder):
    """Text, pictures and sheets of text are no documents; a message without an attachment is not looked at again."""
    async with office(folder) as here:
        here.party()
        await here.post(mail(1))
        picture = ("photo.jpg", "image/jpeg", b"\xff\xd8\xff\xe0" + bytes(500))
        table = ("table.csv", "text/csv", b"1,2\r\n" * 200)
        await here.post(samples.letter(picture, table, sender=PARTY, number=2))
        assert await here.gateway.pages.run() == 0
        assert {counted(here, one) for one in here.contacts()} == {(0, 0)}


async def test_under_a_limit_and_once(folder):
    """Where the intent goes on record first it is counted too; a message that comes again is not counted again."""
    limit = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
    async with office(folder) as here:
        party = here.party(limit)
        again = evidence(samples.plain(3))
        for _ in range(2):
            assert (await here.post(again)).startswith("250 ")
        await here.post(evidence(samples.plain(4), number=2))
        await here.gateway.pages.run()
        assert sorted(counted(here, one) for one in here.contacts()) == [(3, 0), (4, 0)]
        assert in_all(here, f"party:{party}") == (7, 0)


async def test_parties_merged_before_it_was_counted(folder):
    """The pages are those of whoever the contact is by then, and their levels are looked at."""
    few = Threshold(level=Level.PAGES, at_least=5, per=Per.DAY)
    async with office(folder, policy={"thresholds": (few,)}) as here:
        new, _ = here.party(emails=["new@example.org"]), here.party(name="R. E.")
        await here.post(evidence(samples.plain(6)))
        await here.look_at_levels()
        Desk(here).do(new, "merge", other=2, reason="one address on both forms")
        await here.look_at_levels()
        assert here.flags() == []
        await here.gateway.pages.run()
        await here.look_at_levels()
        assert [(flag.whose, flag.level) for flag in here.flags()] == [(f"party:{new}", 6)]


async def test_too_much_that_waits_is_not_counted(folder):
    """One message always may wait, however large; what comes beyond the bound stays not counted, and is no fault."""
    async with office(folder) as here:
        here.party()
        here.gateway.pages._most_waiting = 1000
        for number in (1, 2):
            assert (await here.post(evidence(SIXTY, number=number))).startswith("250 ")
        assert await here.gateway.pages.run() == 1
        await here.post(evidence(samples.plain(9), number=3))
        assert await here.gateway.pages.run() == 1
        assert [counted(here, one) for one in here.contacts()] == [(60, 0), (0, 1), (9, 0)]


async def test_a_record_that_cannot_be_written_costs_no_count(folder, monkeypatch):
    """What was counted waits until it is on record."""
    async with office(folder) as here:
        here.party()
        await here.post(evidence(samples.plain(3)))
        pages, write = here.gateway.pages, here.record.write

        async def away(job):
            raise RecordUnavailable("for the test")

        monkeypatch.setattr(here.record, "write", away)
        with pytest.raises(RecordUnavailable):
            await pages.run()
        monkeypatch.setattr(here.record, "write", write)
        assert await pages.run() == 1
        assert counted(here) == (3, 0)


async def test_a_child_that_cannot_start_costs_one_message_its_count(folder, monkeypatch):
    """It is a fault of ours, which the clock's loop notes; the message stays not counted, and the next has its turn."""

    async def broken(self):
        raise OSError("no more processes")

    async with office(folder) as here:
        here.party()
        for number in (1, 2):
            await here.post(evidence(samples.plain(number), number=number))
        monkeypatch.setattr(Counter, "_started", broken)
        with pytest.raises(OSError, match="no more"):
            await here.gateway.pages.run()
        monkeypatch.undo()
        assert await here.gateway.pages.run() == 1
        assert [counted(here, one) for one in here.contacts()] == [(0, 1), (2, 0)]


async def test_a_contact_that_is_gone_meanwhile(folder):
    """There is nothing left to count for, and nothing breaks."""
    async with office(folder) as here:
        here.party()
        await here.post(evidence(samples.plain(3)))
        pages = PageCount(here.record, None)
        waiting = here.gateway.pages._waiting[0]
        here.record.write_now(lambda tx: pages._keep(type(waiting)("no such contact", b"", 1), (3,), tx))
        assert counted(here) == (0, 1)


async def test_words_and_pages_are_on_the_file_and_in_the_report(folder):
    """With what nobody could count beside them; those who see no history see neither."""
    async with office(folder) as here:
        party, policy = here.party(), here.settings.policy
        await here.post(evidence(samples.plain(3), samples.locked(samples.plain(2), "secret")))
        await here.gateway.pages.run()
        came, file = received(here.record, party, policy, here.clock()), Desk(here).file(party)
        data = outline(file, shelf_of(file, policy), policy, MANAGER, here.clock(), received=came)
        said = "In the last 30 days 1 contact, with 5 words and 3 pages, beside 1 attached file whose pages nobody"
        assert f"{said} counted." == received_in_words(data["history"]["received"])
        assert "What came" in list(page(data, policy))
        week = Period(date(2026, 3, 9), date(2026, 3, 9))
        report = party_report(here.record, policy, party, week, MANAGER, now=here.clock())
        series = {one.title: one.values for one in report.series}
        assert series["Words, each week"] == (5,)
        assert series["Pages, each week"] == (3,)
        assert series["Files whose pages nobody counted, each week"] == (1,)


@pytest.mark.parametrize(("known", "files"), [((PARTY,), 2), ((), 0)], ids=["of a party", "of nobody on record"])
def test_what_an_import_brings_is_not_counted_and_says_so(known, files):
    """A message of the past has the files that it has; nobody else's mail is looked into."""
    raw = evidence(samples.plain(3), samples.locked(samples.plain(2), "secret"))
    found = read_message(reading(known=frozenset(known)), raw, "a.eml")
    assert (found.known.pages, found.known.files_not_counted) == (0, files)


@pytest.mark.parametrize("busy", [True, False], ids=["the clock's job is at it", "nobody is at it yet"])
async def test_a_stop_waits_for_what_is_counted_soon_and_for_nothing_else(folder, busy):
    """What one child takes for ever is left not counted, and its child is ended; what came before it stands."""
    spin = "def pages_of(octets, kind):\n    while b'deadly' in octets: pass\n    return 2\n"
    program = f"from adapters.documents import child\n{spin}child.pages_of = pages_of\nchild.main()"
    async with office(folder) as here:
        here.party()
        deadly = b"%PDF-1.7 deadly" + bytes(300)
        for number, files in enumerate(([samples.plain(2)], [samples.plain(3), deadly], [samples.plain(4)])):
            await here.post(evidence(*files, number=number))
        pages = here.gateway.pages
        pages._counter = Counter(("-I", "-B", "-c", program))
        if busy:
            job = asyncio.create_task(pages.run())
            await settled(lambda: counted(here, here.contacts()[0]) == (2, 0), within_s=60)
            await pages.close(0.5)
            assert await job == 2
            first, second, third = (counted(here, one) for one in here.contacts())
            # A machine may be so busy that not even its first file was counted by then.
            assert (first, third) == ((2, 0), (0, 1))
            assert second in ((2, 1), (0, 2))
        else:
            await pages.close(0.0)
            assert [counted(here, one) for one in here.contacts()] == [(0, 1), (0, 2), (0, 1)]
        assert await pages.run() == 0


async def test_a_stop_counts_what_still_waits(folder):
    """And a fault of ours meanwhile keeps nobody from stopping."""
    async with office(folder) as here:
        here.party()
        await here.post(evidence(samples.plain(2)))
        await here.gateway.pages.close(60)
        assert counted(here) == (2, 0)
        await here.post(evidence(samples.plain(3), number=2))
        here.gateway.pages._record = None
        await here.gateway.pages.close(60)
        assert counted(here, here.contacts()[-1]) == (0, 1)
