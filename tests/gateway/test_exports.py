"""What is exported is imported again as it was: the same standing, no adjustment lost, no cell that would run."""

import csv
import io
import tempfile
import tomllib
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.export_words import as_csv, guarded, toml
from gateway.exports import taken_out, written
from gateway.import_fields import Terms
from gateway.imports import bring_in
from rules import identity, measures
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.contact import Channel, Identifier, IdentifierKind
from rules.policies import Approval
from rules.standing import FORMS as FORM_NAMES
from rules.standing import Adjustment, PartyKind, Restriction, Told
from rules.windows import local_midnight
from tests.gateway.casework.desk import MANAGER, Desk
from tests.gateway.import_office import NOW, POLICY, TERMS, scratch
from tests.gateway.office import office
from tests.rules.strategies import MEASURES

HEAD = Actor("H. Head", frozenset({"head"}))
FORMS = {"toml": toml, "csv": as_csv}
ZONE = POLICY.zone
BLOCK = measures.parse({"kind": "block"})
LIMIT = measures.parse({"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"})
NASTY = [
    "=1+1",
    "+44",
    "-x",
    "@sum",
    "'=1",
    "''=1",
    "it's '=odd'",
    '"quoted"',
    "a;b,c\td",
    "#no [[party]]",
    "\u00e9\x7f'",
]
DAYS = st.integers(-400, 400).map(lambda days: local_midnight(NOW.astimezone(ZONE).date() + timedelta(days), ZONE))
WORDS = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], include_characters=" \n="), min_size=1),
).filter(lambda text: text.strip() and text.strip().replace("\n", "").replace(" ", "").isprintable())
NAMES = WORDS.map(lambda text: " ".join(text.split())).filter(bool)
ADDRESSES = st.sampled_from(
    [
        *(
            "r.example@example.org",
            '"a,b;c"@example.org',
            "o'neil@example.net",
            "=x@example.org",
            '"q\\"t"@example.com',
        ),
        *("+441632960001", "+441632960002", "@sport.example.org", "forum:=r e, x", 'forum:["a', "x:@home"),
    ]
).map(lambda text: identity.anything(text))
RESTRICTIONS = st.builds(
    lambda starts, length, **rest: Restriction(id="", starts=starts, ends=_after(starts, length), **rest),
    starts=DAYS,
    length=st.integers(1, 300),
    measures=st.lists(MEASURES, min_size=1, max_size=3, unique=True).map(tuple),
    reason=WORDS.map(str.strip),
    ground=st.sampled_from(sorted(POLICY.grounds)),
    approved_by=st.just("Chief Executive"),
    told=st.sampled_from([Told.YES, Told.NO]),
    review_at=DAYS,  # what has none gets one when it is brought in
)
ADJUSTMENTS = st.builds(
    lambda length, agreed, **rest: Adjustment(agreed=agreed, ends=agreed and length and _after(agreed, length), **rest),
    length=st.none() | st.integers(1, 300),
    agreed=st.none() | DAYS,
    need=WORDS.map(str.strip),
    open=st.frozensets(st.sampled_from(list(Channel))),
    forms=st.lists(st.sampled_from(FORM_NAMES), unique=True).map(tuple),
    detail=st.just("") | WORDS.map(str.strip),
)
PARTIES = st.lists(
    st.tuples(
        NAMES,
        st.sampled_from(list(PartyKind)),
        st.dictionaries(ADDRESSES, st.booleans(), max_size=4),
        st.lists(RESTRICTIONS, max_size=3),
        st.lists(ADJUSTMENTS, max_size=3),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda party: party[0],
)


def _after(starts, days):
    return local_midnight(starts.astimezone(ZONE).date() + timedelta(days), ZONE)


@pytest.fixture
def record(tmp_path):
    """An empty record."""
    with scratch(tmp_path) as opened:
        yield opened


def put(record, parties):
    """Put parties on a record past the import, each identifier on the first that has it."""

    def job(tx):
        taken = set()
        for name, kind, known, restrictions, adjustments in parties:
            party = tx.add_party(name, kind)
            for identifier, shared in known.items():
                if identifier not in taken:
                    taken.add(identifier)
                    tx.add_identifier(identifier, party, shared=shared)
            for restriction in restrictions:
                number = f"{len(taken)}:{len(name)}:{id(restriction)}:{party}"
                tx.add_restriction(party, replace(restriction, id=number))
            for adjustment in adjustments:
                tx.add_adjustment(party, adjustment)

    record.write_now(job)


def standing(record):
    """Give all that decisions are made by, party by party, without numbers that each record gives itself."""

    def job(reader):
        found = {}
        for party in reader.parties(limit=1000):
            file = reader.party_file(party.id)
            marks = frozenset((m.identifier, m.shared, m.exception) for m in reader.marks(party.id))
            kept = sorted(map(_terms, file.restrictions))
            found[party.name] = (party.kind, marks, kept, _once(file.adjustments))
        return found

    return record.read_now(job)


def _once(adjustments):
    """Import takes the very same adjustment once, however often it stands there."""
    return sorted({_told(one) for one in adjustments})


def _sorted(data):
    return {key: sorted(value, key=repr) if isinstance(value, list) else value for key, value in data.items()}


def _terms(one):
    said = [sorted(map(repr, _sorted(measures.dump(each)).items())) for each in one.measures]
    return repr((replace(one, id="", measures=()), sorted(said)))


def _told(one):
    return (one.need, tuple(sorted(one.open)), str(one.agreed), str(one.ends), one.forms, one.detail)


def again(record, form, now=NOW):
    """Export a record and import that into an empty one; gives what stands there, and the notes."""
    exported = taken_out(record, POLICY, HEAD, now=now, form=form)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path = folder / f"office.{form}"
        path.write_bytes(FORMS[form](exported.parties).encode())
        empty = stack.enter_context(scratch(folder))
        bring_in(empty, path, replace(TERMS, now=now), who="test")
        return standing(empty), exported.notes


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(parties=PARTIES)
def test_the_same_stands_after_it(form, parties):
    """Whatever an office has on record: identifiers, restrictions, adjustments, word for word and day for day."""
    with tempfile.TemporaryDirectory() as folder, scratch(Path(folder)) as record:
        put(record, parties)
        found, notes = again(record, form)
        assert found == standing(record)
        assert not notes


@pytest.mark.parametrize("form", FORMS)
def test_importing_it_where_it_came_from_changes_nothing(form, record, tmp_path):
    """It is all on record already, word for word."""
    put(record, [("R. Example", PartyKind.PERSON, {identity.email("r@example.org"): True}, [_limit()], [_calls()])])
    before = standing(record)
    path = tmp_path / f"office.{form}"
    path.write_bytes(FORMS[form](taken_out(record, POLICY, HEAD, now=NOW, form=form).parties).encode())
    imported = bring_in(record, path, TERMS, who="test")
    assert (imported.restrictions, imported.adjustments, len(imported.skipped)) == ([], 0, 2)
    assert standing(record) == before


def _limit(**changes):
    starts, ends = _after(NOW, -30), _after(NOW, 60)
    plain = Restriction("r1", (LIMIT,), starts, ends, "Calls", "persistent_contact", "Head of Casework", Told.YES)
    return replace(plain, **{"review_at": _after(NOW, 30)} | changes)


def _calls(**changes):
    return replace(Adjustment("cannot write", frozenset({Channel.CALL})), **changes)


def one_party(record, *restrictions, adjustments=(), **changes):
    """Put one party on record."""
    put(record, [("R. Example", PartyKind.PERSON, {}, restrictions, adjustments)])


def exported(record, now=NOW):
    """Export a record that has one party; gives that party, and the notes."""
    found = taken_out(record, POLICY, HEAD, now=now, form="toml")
    return found.parties[0], found.notes


NOON = timedelta(hours=12)


@pytest.mark.parametrize(
    ("starts", "ends", "days"),
    [
        pytest.param(_after(NOW, -9) + NOON, _after(NOW, 9), ("2026-02-21", "2026-03-10"), id="begun at noon"),
        pytest.param(_after(NOW, 2) + NOON, _after(NOW, 9), ("2026-03-05", "2026-03-10"), id="to begin at noon"),
        pytest.param(_after(NOW, -9), _after(NOW, 9) + NOON, ("2026-02-21", "2026-03-10"), id="to end at noon"),
        pytest.param(_after(NOW, -9), _after(NOW, -2) + NOON, ("2026-02-21", "2026-02-28"), id="ended at noon"),
        pytest.param(_after(NOW, -9), _after(NOW, 0) + NOON, ("2026-02-21", "2026-03-01"), id="to end today"),
        pytest.param(_after(NOW, -9), NOW - timedelta(1 / 24), ("2026-02-21", "2026-03-01"), id="lifted this morning"),
        pytest.param(_after(NOW, -9), datetime(2300, 1, 1, tzinfo=UTC), ("2026-02-21", "2199-12-31"), id="for ever"),
    ],
)
def test_days_never_restrict_longer(starts, ends, days, record):
    """The past is told by its days; what is still to come is neither longer nor sooner than was decided."""
    one_party(record, _limit(starts=starts, ends=ends))
    party, _ = exported(record)
    (out,) = party.restrictions
    assert (out.starts.isoformat(), out.ends.isoformat()) == days


def test_what_is_over_within_a_day_is_told(record):
    """Days cannot say it, so a sentence does."""
    one_party(record, _limit(starts=NOW - timedelta(hours=2), ends=NOW + timedelta(hours=2)))
    party, notes = exported(record)
    assert not party.restrictions
    assert "over within a day" in notes[0]


def test_an_adjustment_is_never_narrower(record):
    """Agreed at noon, it begins with the day; ending at noon, it ends with the day; over before it began, it stays."""
    one_party(
        record,
        adjustments=[
            _calls(agreed=NOW + NOON, ends=_after(NOW, 9) + NOON),
            _calls(need="over", agreed=_after(NOW, 5), ends=_after(NOW, 2)),
            _calls(need="nothing opened", open=frozenset()),
        ],
    )
    for form in FORMS:
        (_, _, _, found), _ = again(record, form)[0]["R. Example"], None
        assert len(found) == 3
        assert ("cannot write", ("call",), str(_after(NOW, 0)), str(_after(NOW, 10)), (), "") in found


def test_an_agreed_contract_stays_agreed(record):
    """The file cannot say that it was agreed, so only what bears since then is in it."""
    contract = measures.parse({"kind": "behaviour_contract", "conditions": ["One call a week"]})
    one_party(record, _limit(measures=(LIMIT, contract), contract_agreed=NOW - timedelta(days=1)))
    party, notes = exported(record)
    assert [one["kind"] for one in party.restrictions[0].measures] == ["behaviour_contract"]
    assert "only its contract" in notes[0]


def test_two_of_one_name_are_told_apart(record):
    """In a file a name is a party."""
    for _ in range(3):
        one_party(record, _limit())
    found, notes = again(record, "csv")
    assert list(found) == ["R. Example", "R. Example (party 2)", "R. Example (party 3)"]
    assert len(notes) == 2


@pytest.mark.parametrize("form", FORMS)
def test_two_of_the_same_terms_stay_two(form, record):
    """They differ in their measures alone, and the rows of a spreadsheet would come together."""
    one_party(record, _limit(), _limit(measures=(measures.parse({"kind": "return_mail"}),)), _limit())
    found, _ = again(record, form)
    assert found == standing(record)
    assert len(found["R. Example"][2]) == 3


def test_it_is_an_act_on_record(record):
    """Who took everybody's details out, when, and how many."""
    one_party(record, _limit(), adjustments=[_calls()])
    taken_out(record, POLICY, HEAD, now=NOW, form="csv")
    (act,) = record.read_now(lambda reader: reader.acts(limit=1))
    assert (act.who, act.act, act.about) == (HEAD.name, "export", "csv")
    assert act.detail == {"parties": 1, "restrictions": 1, "adjustments": 1}


def test_SPSO_68_it_is_for_those_whom_the_policy_names(record):
    """Anybody else is told by which clause, and whom to ask; nothing is taken out, and no act says so."""
    one_party(record, _limit())
    with pytest.raises(Refused) as refused:
        taken_out(record, POLICY, Actor("A. Clerk", frozenset({"caseworker"})), now=NOW, form="csv")
    assert (refused.value.clause, "Manager" in refused.value.way) == ("SPSO-68", True)
    assert not record.read_now(lambda reader: reader.acts(limit=1))


@pytest.mark.parametrize("form", FORMS)
def test_W10_forms_and_details_of_an_adjustment_come_back(form, record):
    """Large print, Easy Read, a colour or a language: none is lost on the way out and in."""
    asked = _calls(open=frozenset(), forms=("large_print", "easy_read"), detail="=black on yellow\nWelsh speaker")
    one_party(record, adjustments=[asked])
    found, notes = again(record, form)
    assert (found, notes) == (standing(record), [])


@pytest.mark.parametrize("form", FORMS)
def test_a_domain_with_its_exceptions(form, record):
    """An address that is not the domain's party's stays excepted, and what is shared stays shared."""

    def job(tx):
        party = tx.add_party("Example Ltd", PartyKind.ORGANISATION)
        tx.add_identifier(identity.domain("example.org"), party, shared=True)
        tx.add_identifier(identity.email("regulator@example.org"), party, exception=True)
        tx.add_identifier(identity.email("a@example.org"), party)

    record.write_now(job)
    found, notes = again(record, form)
    assert (found, notes) == (standing(record), [])


@pytest.mark.parametrize("form", FORMS)
async def test_what_casework_made_is_imported(form, folder, tmp_path):
    """A block that was approved by name goes out under the approver's title; forms of an adjustment are not lost."""
    async with office(folder, policy={"approval": Approval(total_block=("Manager",))}) as here:
        desk, party = Desk(here), here.party(name="S. Example")
        restriction = desk.restriction(party, {"kind": "block"}, manager=MANAGER)
        fields = {"need": "small print", "open": [], "forms": ["large_print", "coloured"]}
        desk.do(party, "agree_adjustment", MANAGER, **fields, detail="black on yellow")
        desk.do(party, "draft_restriction", **_draft(desk, party))
        policy, now = here.settings.policy, here.clock()
        out = taken_out(here.record, policy, HEAD, now=now, form=form)
        before = here.record.read_now(lambda reader: reader.party_file(party))
    assert [one.id for one in before.restrictions] == [restriction]
    assert any("draft" in note for note in out.notes)
    path = tmp_path / f"office.{form}"
    path.write_bytes(FORMS[form](out.parties).encode())
    with scratch(tmp_path) as empty:
        bring_in(empty, path, Terms(policy, now), who="test")
        after = empty.read_now(lambda reader: reader.party_file(reader.party_by_name("S. Example").id))
    assert after.restrictions[0].measures == before.restrictions[0].measures
    assert after.restrictions[0].ends == before.restrictions[0].ends
    assert after.restrictions[0].in_force(now)
    assert after.restrictions[0].approved_by == policy.roles["manager"]
    (kept,) = after.adjustments
    assert (kept.need, kept.forms, kept.detail) == ("small print", ("large_print", "coloured"), "black on yellow")


def _draft(desk, party):
    incident = next(paper.id for paper in desk.file(party).papers if paper.act.name == "note_incident")
    return {
        "measures": [{"kind": "return_mail"}],
        "ground": "persistent_contact",
        "reason": "It goes on.",
        "incidents": [incident],
        "adjustments_considered": "Asked; none needed.",
    }


@pytest.mark.parametrize("text", [*NASTY, "\uff1dcmd()", "'", "''", "'+'"])
def test_no_cell_is_run(text):
    """Whatever somebody was called, a spreadsheet shows it; the file reads back the same (THREATS W3)."""
    cell = guarded(text)
    assert cell[0] not in "=+-@\uff1d\uff0b\uff0d\uff20\t\r"


def test_no_cell_of_a_file_is_run(record):
    """Numbers begin with a plus, names and reasons with anything."""
    known = {identity.phone("+441632960001"): False, identity.handle("=x:y"): False}
    put(record, [("=HYPERLINK(1)", PartyKind.PERSON, known, [_limit(reason="@SUM(A1)\n-1")], [_calls(need="+1")])])
    text = as_csv(taken_out(record, POLICY, HEAD, now=NOW, form="csv").parties)
    cells = [cell for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]
    assert "'=HYPERLINK(1)" in cells and "'+441632960001" in cells


def test_a_toml_file_is_as_people_write_it(record):
    """Nothing in it but what `parley import` is told of in its help."""
    one_party(record, _limit(review_at=_after(NOW, 30)), adjustments=[_calls(agreed=_after(NOW, -3))])
    text = toml(taken_out(record, POLICY, HEAD, now=NOW, form="toml").parties)
    (party,) = tomllib.loads(text)["party"]
    assert party["restriction"][0]["measures"] == [
        {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}
    ]
    assert list(party) == ["name", "kind", "restriction", "adjustment"]


def test_an_identifier_that_cannot_be_written_is_told():
    """It is not turned into another one."""
    assert written(Identifier(IdentifierKind.PHONE, "no number")) is None
    assert written(Identifier(IdentifierKind.EMAIL, "a,b@example.org")) == '"a,b"@example.org'
