"""`parley check`: why a contact would be let through or not, for every kind of measure."""

import json

import pytest

from rules.measures import KINDS

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
