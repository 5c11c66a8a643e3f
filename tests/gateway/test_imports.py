"""What an import brings in, from either format, and that doing it again changes nothing."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.import_csv import COLUMNS
from gateway.import_drafts import ImportRefused
from gateway.imports import bring_in
from gateway.standing import standing_of
from rules import identity
from rules.contact import Channel, Contact
from rules.measures import KINDS, dump
from rules.standing import Adjustment, PartyKind, Told
from tests.gateway.import_office import NOW, POLICY, TERMS, everything, scratch

OFFICE = """
[[party]]
name = "R. Example"                  # kind = "person"; "professional", "organisation"
emails = ["r.example@example.org"]
phones = ["+441632960001"]

[[party.restriction]]
reason = "Eleven calls on 3 March"
ground = "persistent_contact"
approved_by = "Head of Casework"
notified = true
starts = 2026-03-04
ends = 2026-09-04
measures = [{ kind = "volume_limit", channels = ["call"], count = 1, per = "week" }]

[[party.adjustment]]
need = "cannot manage written channels"
open = ["call"]
agreed = 2026-02-20
"""
EACH_KIND = {
    "automated_line": ({"message": "Please write to us."}, "message=Please write to us."),
    "behaviour_contract": (
        {"conditions": ["No recordings, please", "One call a week"]},
        "conditions=No recordings, please | One call a week",
    ),
    "block": ({"channels": ["email", "call"], "email": "file"}, "channels=email call;email=file"),
    "call_length_limit": ({"minutes": 15}, "minutes=15"),
    "channel_only": ({"allowed": ["letter"], "email": "file"}, "allowed=letter; email = file"),
    "conceal_staff": (
        {"inbox": "casework@office.example.org", "phone": "+441632960100"},
        "inbox=casework@office.example.org;phone=01632 960100",
    ),
    "file_unanswered": ({"channels": ["email"]}, "channels=email"),
    "interim_protection": ({"inbox": "duty@office.example.org"}, "inbox=duty@office.example.org"),
    "issue_limit": (
        {"cases": ["HO/2024-123", "HO/2024-124"], "subjects": ["Parking permits"], "email": "return"},
        "cases=HO/2024-123 | HO/2024-124;subjects=Parking permits;email=return",
    ),
    "meeting": ({"on": "2026-03-12"}, "on=2026-03-12"),
    "named_contact": (
        {"inbox": "j.moss@office.example.org", "open": ["a@office.example.org", "b@office.example.org"]},
        "inbox=j.moss@office.example.org;open=a@office.example.org b@office.example.org",
    ),
    "refuse_new": ({"case": ["HO/2024-123"], "until": "2026-08-31"}, "case=HO/2024-123;until=2026-08-31"),
    "return_letters": ({}, ""),
    "return_mail": ({"note": "a=b, and c"}, "note=a=b, and c"),
    "slow_response": (
        {"working_days": 20, "counted_from": "latest_contact", "latest_by": "2026-08-31"},
        "working_days=20;counted_from=latest_contact;latest_by=2026-08-31",
    ),
    "stop_case": ({"case": ["HO 2024 123"]}, "case=HO 2024 123"),
    "talk_time_limit": ({"minutes": 30, "per": "week", "window": "rolling"}, "minutes=30;per=week;window=rolling"),
    "third_party": (
        {"advocates": ["A. Advocate, 01632 960500", "help@example.org"], "email": "file"},
        "advocates=A. Advocate, 01632 960500 | help@example.org;email=file",
    ),
    "time_out": ({"case": ["HO/2024-123"], "until": "2026-04-15"}, "case=HO/2024-123;until=2026-04-15"),
    "time_window": (
        {"channels": ["call"], "days": ["mon", "fri"], "from": "09:30", "to": "12:00"},
        "channels=call;days=mon,fri;from=09:30;to=12:00",
    ),
    "visit_terms": ({"place": "the front office", "accompanied": True}, "place=the front office;accompanied=yes"),
    "volume_limit": (
        {"channels": ["call", "email"], "count": 3, "per": "month"},
        "channels=call email;count=3;per=month;",
    ),
}
REVIEWED = datetime(2026, 6, 1, 23, tzinfo=UTC)
"""The file names no review: the default policy reviews every three months, from the day it was brought in (SPSO-23)."""


@pytest.fixture
def record(tmp_path):
    """An empty record."""
    with scratch(tmp_path) as opened:
        yield opened


@pytest.fixture
def bring(record, tmp_path):
    """Bring in a text, or bytes, as a file of this name."""

    def job(content, name="office.toml", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return bring_in(record, path, TERMS, who="test", **options)

    return job


def file_of(record, name="R. Example"):
    """Give all that stands on the party of this name."""
    return record.read_now(lambda reader: reader.party_file(reader.party_by_name(name).id))


def row(**cells):
    """Write one row of a spreadsheet, every cell in quotes."""
    usual = {
        "party": "R. Example",
        "emails": "r.example@example.org",
        "phones": "+441632960001",
        "reason": "Eleven calls on 3 March",
        "ground": "persistent_contact",
        "approved_by": "Head of Casework",
        "starts": "2026-03-04",
        "ends": "2026-09-04",
        "notified": "yes",
    } | cells
    return ",".join('"{}"'.format(usual.get(name, "").replace('"', '""')) for name in COLUMNS) + "\r\n"


def sheet(*rows):
    """Write a spreadsheet."""
    return ",".join(COLUMNS) + "\r\n" + "".join(rows)


def test_the_example_of_the_design_comes_in_whole(record, bring):
    """Party, restriction and adjustment are on record; days are the office's, from first moment to last."""
    done = bring(OFFICE)
    file = file_of(record)
    (restriction,), (adjustment,) = file.restrictions, file.adjustments
    assert file.party.kind is PartyKind.PERSON
    assert {one.value for one in file.party.identifiers} == {"r.example@example.org", "+441632960001"}
    assert restriction.starts == datetime(2026, 3, 4, tzinfo=UTC)
    assert restriction.ends == datetime(2026, 9, 4, 23, tzinfo=UTC), "midnight in summer time"
    assert (restriction.reason, restriction.ground) == ("Eleven calls on 3 March", "persistent_contact")
    assert (restriction.approved_by, restriction.told, restriction.review_at) == (
        "Head of Casework",
        Told.YES,
        REVIEWED,
    )
    assert [dump(one) for one in restriction.measures] == [
        {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}
    ]
    agreed = datetime(2026, 2, 20, tzinfo=UTC)
    assert adjustment == Adjustment("cannot manage written channels", frozenset({Channel.CALL}), agreed)
    assert (done.parties, done.restrictions, done.adjustments) == (["R. Example"], [restriction.id], 1)


def test_importing_twice_doubles_nothing_and_says_so(record, bring):
    """What is on record word for word is left as it is, and named by its line."""
    bring(OFFICE)
    before = file_of(record)
    again = bring(OFFICE)
    assert file_of(record) == before
    assert (again.parties, again.known_parties, again.restrictions, again.adjustments) == ([], ["R. Example"], [], 0)
    assert again.skipped == [16, 7]


def test_a_later_import_adds_what_is_new_and_loses_no_adjustment(record, bring):
    """A further restriction on a party that is on record comes in beside the first; adjustments stay (W10)."""
    bring(OFFICE)
    more = OFFICE.replace("Eleven calls", "Twelve letters").replace('"volume_limit", channels = ["call"]', '"block"')
    more = more.replace(', count = 1, per = "week"', ', channels = ["letter"]').partition("[[party.adjustment]]")[0]
    bring(more)
    file = file_of(record)
    assert sorted(one.reason for one in file.restrictions) == ["Eleven calls on 3 March", "Twelve letters on 3 March"]
    assert len(file.adjustments) == 1


def test_a_dry_run_finds_everything_and_loads_nothing(record, bring):
    """Faults are those of a real import, and so is what would be loaded; the record stays as it is."""
    before = record.read_now(everything)
    assert bring(OFFICE, dry_run=True).parties == ["R. Example"]
    with pytest.raises(ImportRefused):
        bring(OFFICE.replace("2026-09-04", "2025-09-04"), dry_run=True)
    assert record.read_now(everything) == before
    assert bring(OFFICE).parties == ["R. Example"]


def test_every_import_is_an_act_on_record(record, bring):
    """The chain of acts says who brought in which file, without names or addresses (W4)."""
    done = bring(OFFICE)
    (act,) = record.read_now(lambda reader: reader.acts())
    assert (act.who, act.act, act.about) == ("test", "import", "office.toml")
    assert act.detail["restrictions"] == done.restrictions and len(str(act.detail["sha256"])) == 64
    assert "example.org" not in str(act.detail)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind} is the same from TOML and from CSV")
def test_every_measure_comes_in_from_both_formats(record, bring, kind):
    """Each kind of measure reads alike from TOML and from CSV: the second import finds nothing new."""
    parameters, cell = EACH_KIND[kind]
    written = "".join(
        f", {key} = {value!r}" if isinstance(value, str) else f", {key} = {str(value).replace('True', 'true')}"
        for key, value in parameters.items()
    )
    table = tomllib.loads(f"measures = [{{ kind = '{kind}'{written} }}]")
    assert table["measures"][0] == {"kind": kind, **parameters}
    text = OFFICE.partition("[[party.adjustment]]")[0].replace(
        '{ kind = "volume_limit", channels = ["call"], count = 1, per = "week" }', f"{{ kind = '{kind}'{written} }}"
    )
    approver = "Chief Executive" if KINDS[kind].needs_block_approval else "Head of Casework"
    bring(text.replace("Head of Casework", approver))
    assert dump(file_of(record).restrictions[0].measures[0]) == {"kind": kind} | parameters | sorted_lists(parameters)
    again = bring(sheet(row(measure=kind, parameters=cell, approved_by=approver)), "office.csv")
    assert (again.restrictions, again.skipped) == ([], [2])


def sorted_lists(parameters):
    """Give lists in the order in which they are written out."""
    return {key: sorted(value) for key, value in parameters.items() if isinstance(value, list) and key != "days"}


def test_rows_that_agree_in_all_else_are_one_restriction(record, bring):
    """Two measures of one restriction stand on two rows; another reason makes another restriction."""
    bring(
        sheet(
            row(measure="return_mail"),
            row(emails="", phones="", measure="call_length_limit", parameters="minutes=10"),
            row(reason="Another matter", measure="automated_line"),
        ),
        "office.csv",
    )
    found = [[one.kind for one in restriction.measures] for restriction in file_of(record).restrictions]
    assert sorted(found) == [["automated_line"], ["return_mail", "call_length_limit"]]


SAVED = sheet(row(party="R. Exämple", measure="return_mail"))
WINDOWS = "The file is not UTF-8; it was read as Windows text (code page 1252). Check letters with accents."


@pytest.mark.parametrize(
    ("raw", "notes"),
    [
        pytest.param(SAVED.encode(), [], id="UTF-8"),
        pytest.param(SAVED.encode("utf-8-sig"), [], id="UTF-8 with a byte order mark"),
        pytest.param(
            SAVED.replace('","', '";"').replace(",", ";").encode("cp1252"),
            [WINDOWS],
            id="semicolons and code page 1252",
        ),
        pytest.param(SAVED.replace('","', '"\t"').replace(",", "\t").encode("utf-16"), [], id="tabs and UTF-16"),
        pytest.param(b"sep=,\r\n" + SAVED.encode(), [], id="a first line that tells the separator"),
        pytest.param(
            SAVED.replace("approved_by", "Approved by").replace("\r\n", "\n\n").encode(),
            [],
            id="blank lines and another spelling of a column",
        ),
    ],
)
def test_a_spreadsheet_is_read_however_it_was_saved(record, bring, raw, notes):
    """Encodings and separators of the usual programs work, and a guess is said."""
    done = bring(raw, "office.csv")
    assert (done.parties, done.notes) == (["R. Exämple"], notes)


def test_british_dates_are_read_with_the_day_first(record, bring):
    """04/03/2026 is 4 March, and that it was so read is said."""
    done = bring(sheet(row(measure="return_mail", starts="04/03/2026", ends="4/9/2026")), "office.csv")
    assert file_of(record).restrictions[0].starts == datetime(2026, 3, 4, tzinfo=UTC)
    assert done.notes == ["Dates like 04/03/2026 were read as day/month/year."]


def test_adjustments_come_in_from_a_spreadsheet(record, bring):
    """An office that keeps adjustments in columns of its sheet loses none."""
    head = ",".join(COLUMNS) + ",adjustment,open,agreed\r\n"
    bring(head + row(measure="return_mail").strip() + ",cannot use a phone,email letter,2026-02-20\r\n", "office.csv")
    (adjustment,) = file_of(record).adjustments
    assert adjustment.open == {Channel.EMAIL, Channel.LETTER} and adjustment.need == "cannot use a phone"


@pytest.mark.parametrize(
    ("notified", "told", "review"),
    [
        pytest.param("false", Told.NO, REVIEWED, id="not told: on record, and not in force"),
        pytest.param(
            '"unknown"', Told.UNKNOWN, datetime(2026, 3, 30, 9, tzinfo=UTC), id="unknown: reviewed in 28 days"
        ),
    ],
)
def test_notice_is_kept_as_it_was_said(record, bring, notified, told, review):
    """Whoever was not told is not restricted yet; where nobody knows, a review is due soon."""
    done = bring(OFFICE.replace("notified = true", f"notified = {notified}"))
    (restriction,) = file_of(record).restrictions
    assert (restriction.told, restriction.review_at) == (told, review)
    assert restriction.in_force(datetime(2026, 4, 1, tzinfo=UTC)) is (told is not Told.NO)
    assert [restriction.id] == (done.untold or done.unknown_told)


def test_what_is_shared_on_both_stands_on_both_and_restricts_neither(record, bring):
    """A household's number suggests who it may be (I6)."""
    household = OFFICE.replace("phones =", 'shared = ["01632 960001"]\nphones =')
    other = '\n[[party]]\nname = "S. Sample"\nphones = ["01632960001"]\nshared = ["+441632960001"]\n'
    bring(household + other)
    number = identity.phone("+441632960001")
    contact = Contact("c", Channel.CALL, NOW, number, (number,))
    standing = record.read_now(lambda reader: standing_of(reader, contact, POLICY, now=NOW))
    assert (standing.party, standing.perhaps) == (None, ("R. Example", "S. Sample"))


def test_a_domain_holds_its_addresses_but_for_the_exceptions(record, bring):
    """Mail from a domain is its party's; an address that is excepted is nobody's."""
    bring(
        '[[party]]\nname = "Example Ltd"\nkind = "organisation"\n'
        'domains = ["example.org"]\nexcept = ["x@example.org"]\n'
    )

    def held(reader, address):
        return [one.name for one in reader.holders((identity.email(address),))]

    assert record.read_now(lambda reader: held(reader, "anyone@example.org")) == ["Example Ltd"]
    assert record.read_now(lambda reader: held(reader, "x@example.org")) == []


def test_a_total_block_needs_the_approval_that_the_policy_names(bring):
    """Approved by whom the policy names, or with a channel that an adjustment keeps open, it comes in (PHSO-18)."""
    blocked = OFFICE.replace(
        '{ kind = "volume_limit", channels = ["call"], count = 1, per = "week" }', '{ kind = "block" }'
    )
    bring(
        blocked.replace("R. Example", "A")
        .replace("r.example", "a")
        .replace("001", "002")
        .replace("Head of Casework", "chief executive")
        .partition("[[party.adj")[0]
    )
    bring(blocked)
    with pytest.raises(ImportRefused, match="total block"):
        bring(
            blocked.replace("R. Example", "B")
            .replace("r.example", "b")
            .replace("001", "003")
            .partition("[[party.adj")[0]
        )


@pytest.mark.parametrize("measure", ['kind = "stop_case", case = "HO/2024-123"', 'kind = "refuse_new"'])
def test_phso_18_stopping_work_needs_the_approval_of_a_block(bring, measure):
    """No further work, or no new enquiries, is for whoever approves a total block, though mail is still looked at."""
    stopped = OFFICE.replace('kind = "volume_limit", channels = ["call"], count = 1, per = "week"', measure)
    with pytest.raises(ImportRefused, match="needs the approval of Chief Executive; approved_by names somebody else"):
        bring(stopped)
    assert bring(stopped.replace("Head of Casework", "Chief Executive")).restrictions


def test_a_file_that_is_not_there_is_one_sentence(record):
    """A file that cannot be opened is refused like any other."""
    with pytest.raises(ImportRefused) as caught:
        bring_in(record, Path("nowhere.toml"), TERMS, who="test")
    assert caught.value.sentences == ("nowhere.toml: It cannot be read (No such file or directory).",)
