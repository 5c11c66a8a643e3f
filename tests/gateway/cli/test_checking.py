"""`parley check`: why a contact would be let through or not, for every kind of measure."""

import json
from datetime import UTC, datetime

import pytest

from rules import identity, measures
from rules.measures import KINDS
from rules.standing import Restriction

MAIL, NUMBER, CLERK, LINE = "r.example@example.org", "+441632960001", "clerk@office.example.org", "+441632960999"
MONDAY, SUNDAY = "2026-03-09T10:00", "2026-03-15T10:00"
HOURS = 'channels = ["email", "call"], days = ["mon"], from = "09:00", to = "12:00"'
# A measure; then senders and times with the outcome and what is said of it.
EXPLAINED = {
    "block": (
        'channels = ["email"]',
        [(MAIL, MONDAY, "refuse", "Contact by email is blocked"), (NUMBER, MONDAY, "connect", None)],
    ),
    "channel_only": (
        'allowed = ["letter", "call"]',
        [
            (MAIL, MONDAY, "return", "Only contact by phone or letter is open, this came by email"),
            (NUMBER, MONDAY, "connect", "Contact by phone or letter stays open"),
        ],
    ),
    "named_contact": (
        'inbox = "named@office.example.org"',
        [(MAIL, MONDAY, "route", "Mail goes to the named contact"), (NUMBER, MONDAY, "connect", None)],
    ),
    "volume_limit": (
        'channels = ["call"], count = 1, per = "week"',
        [(NUMBER, MONDAY, "connect", "Within the limit of 1 by phone in a week"), (MAIL, MONDAY, "deliver", None)],
    ),
    "talk_time_limit": (
        'minutes = 30, per = "week"',
        [(NUMBER, MONDAY, "connect", "30 min 0 s are left of 30 minutes of talk in a week")],
    ),
    "call_length_limit": ("minutes = 10", [(NUMBER, MONDAY, "connect", "The longest call is 10 minutes")]),
    "time_window": (
        HOURS,
        [
            (MAIL, MONDAY, "deliver", "Within the hours 09:00 to 12:00 on Mon"),
            (
                MAIL,
                SUNDAY,
                "hold",
                "Outside the hours 09:00 to 12:00 on Mon; it opens on Monday 16 March 2026 at 09:00",
            ),
        ],
    ),
    "file_unanswered": (
        "",
        [(MAIL, MONDAY, "file", "Filed and looked at, not answered"), (NUMBER, MONDAY, "connect", None)],
    ),
    "return_mail": ("", [(MAIL, MONDAY, "return", "Mail is returned with a note")]),
    "automated_line": ("", [(NUMBER, MONDAY, "automated_line", "Calls go to the automated line")]),
    "conceal_staff": (
        'inbox = "named@office.example.org"',
        [(MAIL, MONDAY, "route", "Mail goes to the shared inbox"), (NUMBER, MONDAY, "connect", None)],
    ),
    "third_party": (
        'advocates = [{ name = "A. Advocate", until = 2026-03-14 }]',
        [
            (MAIL, MONDAY, "return", "A. Advocate speaks for the party"),
            (
                NUMBER,
                SUNDAY,
                "connect",
                "Suspended: nobody has authority to speak for the party any more "
                "(the last day was Saturday 14 March 2026); the owner is told",
            ),
        ],
    ),
    "slow_response": (
        "working_days = 10",
        [
            (MAIL, MONDAY, "deliver", "An answer is due by Monday 23 March 2026: 10 working days from its receipt"),
            (NUMBER, MONDAY, "connect", None),
        ],
    ),
    "behaviour_contract": (
        'conditions = ["One call a week"]',
        [(MAIL, MONDAY, "deliver", "The contract is not agreed yet; until then the other measures stand")],
    ),
    "visit_terms": ("barred = true", [(MAIL, MONDAY, "deliver", None), (NUMBER, MONDAY, "connect", None)]),
    "return_letters": ("", [(MAIL, MONDAY, "deliver", None)]),
    "meeting": ("on = 2026-03-12", [(MAIL, MONDAY, "deliver", None)]),
    "issue_limit": (
        'cases = ["HO/2024-123"]',
        [(MAIL, MONDAY, "deliver", None), (NUMBER, MONDAY, "connect", None)],
    ),
    "stop_case": ('case = "HO/2024-123"', [(MAIL, MONDAY, "deliver", None)]),
    "refuse_new": (
        "",
        [
            (MAIL, MONDAY, "file", "No new enquiries are taken; a person looks for what cannot wait"),
            (NUMBER, MONDAY, "connect", None),
        ],
    ),
    "time_out": (
        "until = 2026-03-08",
        [
            (MAIL, "2026-03-06T10:00", "file", "Work on all cases rests up to Monday 9 March 2026"),
            (MAIL, MONDAY, "deliver", None),
        ],
    ),
    "interim_protection": (
        "",
        [
            (MAIL, "2026-03-06T10:00", "hold", "No inbox of the duty manager is known; it waits for them"),
            (NUMBER, MONDAY, "connect", "Interim protection has lapsed: nobody decided in two working days"),
        ],
    ),
}


@pytest.fixture
def restricted(parley, office, tmp_path):
    """Put the party under one restriction; gives its id."""

    def put(kind, parameters, **fields):
        path = tmp_path / "office.toml"
        terms = {"starts": "2026-03-04", "ends": "2026-09-04", "notified": "true"} | fields
        path.write_text(
            f'[[party]]\nname = "R. Example"\nemails = ["{MAIL}"]\nphones = ["{NUMBER}"]\n[[party.restriction]]\n'
            'reason = "x"\nground = "persistent_contact"\napproved_by = "Head of Casework"\n'
            + "".join(f"{key} = {value}\n" for key, value in terms.items())
            + f"measures = [{{ kind = '{kind}'{', ' if parameters else ''}{parameters} }}]\n"
        )
        return json.loads(parley("import", str(path), "--json").out)["restrictions"][0]

    return put


def test_every_kind_of_measure_is_explained():
    """A new kind needs its lines here."""
    assert set(EXPLAINED) == set(KINDS)


@pytest.mark.parametrize("kind", EXPLAINED)
def test_a_contact_is_explained_naming_restriction_measure_and_clause(kind, parley, restricted):
    """People see a table that names them whatever the outcome; programs get the object of a replay."""
    parameters, contacts = EXPLAINED[kind]
    restriction = restricted(kind, parameters)
    for sender, at, outcome, text in contacts:
        to = CLERK if "@" in sender else LINE
        asked = ("check", sender, "--to", to, "--at", at)
        found = json.loads(parley(*asked, "--json").out)
        assert (found["outcome"], found["party"], found["from"]) == (outcome, "R. Example", sender)
        if text is not None:
            reason = next(one for one in found["reasons"] if one["measure"] == kind)
            assert (reason["restriction"], reason["text"]) == (restriction, text)
            assert reason["clause"]
        shown = parley(*asked).out
        assert restriction in shown and kind in shown and "R. Example" in shown
        assert (text is None) == ("nothing to say" in " ".join(shown.split()))


def test_the_subject_says_which_case_it_is_about(parley, restricted):
    """Measures on cases are explained for the subject that is asked about."""
    restricted("issue_limit", 'cases = ["HO/2024-123"], email = "return"')
    found = json.loads(parley("check", MAIL, "--at", MONDAY, "--subject", "Re: ho 2024 123", "--json").out)
    assert found["outcome"] == "return"
    assert found["reasons"][0]["text"].startswith("Its subject names HO/2024-123")
    other = json.loads(parley("check", MAIL, "--at", MONDAY, "--subject", "HO/2024-1234", "--json").out)
    assert other["outcome"] == "deliver"


def test_nothing_is_recorded(parley, office, restricted):
    """Asking leaves no contact behind, and uses up no limit."""
    restricted("volume_limit", 'channels = ["call"], count = 1, per = "week"')
    for _ in range(3):
        assert json.loads(parley("check", NUMBER, "--at", MONDAY, "--json").out)["outcome"] == "connect"
    assert office.read(lambda reader: reader.contacts()) == ()


@pytest.mark.parametrize(
    ("at", "fields", "why"),
    [
        ("2026-03-03T23:59", {}, "it starts on Wednesday 4 March 2026 at 00:00"),
        ("2026-09-05T00:00", {}, "it ended on Saturday 5 September 2026 at 00:00"),
        (MONDAY, {"notified": "false"}, "the party has not been told of it"),
    ],
    ids=["before its start", "after its end", "not told"],
)
def test_a_restriction_that_is_not_in_force_says_why(at, fields, why, parley, restricted):
    """Staff who expect a restriction to bite see why it does not."""
    restriction = restricted("block", 'channels = ["email"]', **fields)
    shown = parley("check", MAIL, "--at", at).out
    assert "would be delivered" in shown
    assert f"Not in force then: {restriction} (block): {why}." in shown


def test_observe_mode_is_said(parley, restricted):
    """In observe mode what would have happened is said, and that it does not."""
    restricted("return_mail", "")
    parley("observe", "on")
    shown = parley("check", MAIL, "--at", MONDAY, "--to", CLERK)
    assert "would be returned with a note" in shown.out and "observe mode" in shown.out
    found = json.loads(parley("check", MAIL, "--at", MONDAY, "--json").out)
    assert (found["outcome"], found["carried"]) == ("return", "deliver")


@pytest.mark.parametrize("sender", ["withheld", "unavailable"])
def test_callers_without_a_number_have_their_own_row(sender, parley, office):
    """The policy says what happens to them."""
    assert f"The number is {sender}; the policy says connect" in " ".join(parley("check", sender).out.split())


def test_time_is_the_offices_unless_it_says_otherwise(parley, restricted):
    """10:00 in summer is 09:00 UTC, which is outside the hours for a window from 10."""
    restricted("time_window", 'channels = ["email"], from = "10:00", to = "12:00"')
    outcomes = [
        json.loads(parley("check", MAIL, "--at", at, "--json").out)["outcome"]
        for at in ("2026-06-09T10:00", "2026-06-09T09:00Z", "2026-06-09T11:00Z")
    ]
    assert outcomes == ["deliver", "deliver", "hold"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nobody",), "'nobody' is no address and no number; write it as r@example.org or +441632960001."),
        (("R. Example", "--channel", "email"), "'R. Example' is no address and no number"),
        ((MAIL, "--at", "tomorrow"), "--at 'tomorrow' is no moment; write it as 2026-03-04T09:30."),
    ],
    ids=["no sender", "no address", "no moment"],
)
def test_what_cannot_be_asked_is_one_sentence(arguments, sentence, parley, office):
    """Exit 2, and how to ask."""
    said = parley("check", *arguments)
    assert (said.code, said.out) == (2, "") and sentence in said.err


CONTRACT = [{"kind": "block", "channels": ["email"]}, {"kind": "behaviour_contract", "conditions": ["Be civil"]}]


@pytest.fixture
def contract(office):
    """Put the party under a block with a contract that was agreed on 6 March at 09:00; gives the restriction's id."""

    def put(tx):
        party = tx.add_party("R. Example")
        tx.add_identifier(identity.email(MAIL), party)
        moments = {"starts": datetime(2026, 3, 4, tzinfo=UTC), "ends": datetime(2026, 9, 4, tzinfo=UTC)}
        one = Restriction(
            "rc",
            tuple(map(measures.parse, CONTRACT)),
            **moments,
            approved_by="Head of Casework",
            contract_agreed=datetime(2026, 3, 6, 9, tzinfo=UTC),
        )
        tx.add_restriction(party, one)

    office.write(put)
    return "rc"


def test_measures_that_rest_are_said_to_rest(parley, contract):
    """From when the contract was agreed the block rests; the contract stands, and says so in the reasons (PHSO-M4)."""
    shown = " ".join(parley("check", MAIL, "--at", MONDAY, "--to", CLERK).out.split())
    assert "would be delivered" in shown
    assert "At rest in rc: block, since its behaviour contract was agreed on Friday 6 March 2026 at 09:00." in shown
    assert "Its conditions: Be civil" in shown
    assert "nothing to say" not in shown, "a measure at rest is not listed as one in force"


def test_before_the_contract_was_agreed_nothing_rests(parley, contract):
    """Asked about the day before, the block stands and no rest is spoken of."""
    shown = " ".join(parley("check", MAIL, "--at", "2026-03-05T10:00", "--to", CLERK).out.split())
    assert "would be refused" in shown
    assert "At rest" not in shown


def test_nothing_rests_in_a_restriction_that_is_not_in_force(parley, contract):
    """After its end it is not in force, which is all there is to say."""
    shown = " ".join(parley("check", MAIL, "--at", "2026-09-05T10:00").out.split())
    assert "Not in force then: rc (block, behaviour_contract): it ended" in shown
    assert "At rest" not in shown


def test_a_suspended_measure_is_marked(parley, restricted):
    """Staff see that it lets everything through, why, and that its owner must act."""
    restricted("third_party", 'advocates = [{ name = "A. Advocate", until = 2026-03-14 }]')
    shown = " ".join(parley("check", MAIL, "--at", SUNDAY).out.split())
    assert "It is marked: measure suspended, so it lets everything through until its owner amends it" in shown
    assert "marked" not in parley("check", MAIL, "--at", MONDAY).out
