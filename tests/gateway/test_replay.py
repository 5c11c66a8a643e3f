"""Contacts of the past against outcomes worked out by hand: every measure, limits, both clock changes."""

import json

import pytest

from gateway.contact_files import gather
from gateway.import_fields import Terms
from gateway.imports import bring_in
from gateway.replay import Replay, as_object, scratch_record
from tests.gateway.import_office import NOW, POLICY

MAIL, NUMBER = "r.example@example.org", "+441632960001"
CLERK, OPEN, NAMED, LINE = (
    "clerk@office.example.org",
    "open@office.example.org",
    "named@office.example.org",
    "+441632960999",
)
WEEK = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}
DAILY_MAIL = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
OFFICE_HOURS = {
    "channels": ["call", "email"],
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "from": "09:00",
    "to": "17:00",
}
NIGHT = {"kind": "time_window", "channels": ["call"], "days": ["sun"], "from": "01:00", "to": "02:00"}


def call(at, **keys):
    """Write a call of the party."""
    return {"channel": "call", "from": NUMBER, "to": LINE, "at": at} | keys


def mail(at, **keys):
    """Write a mail of the party."""
    return {"channel": "email", "from": MAIL, "to": CLERK, "at": at} | keys


def toml(value):
    """Write a value as TOML has it on one line."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {toml(each)}' for key, each in value.items())} }}"
    return f"[{', '.join(map(toml, value))}]" if isinstance(value, list) else json.dumps(value)


def replayed(folder, lines, *measures, more="", mbox=""):
    """Run lines, or a mailbox, through the rules, with the party under one restriction of these measures."""
    path, office = folder / ("past.mbox" if mbox else "past.jsonl"), folder / "office.toml"
    path.write_text(mbox or "".join(json.dumps(line) + "\n" for line in lines))
    restriction = ""
    if measures:
        restriction = f"[[party.restriction]]\nmeasures = {toml(list(measures))}\n"
    office.write_text(
        f'[[party]]\nname = "R. Example"\nemails = ["{MAIL}"]\nphones = ["{NUMBER}"]\n{restriction}{more}'
    )
    with scratch_record(NOW) as record:
        bring_in(record, office, Terms(POLICY, NOW, trial=True), who="test")
        pasts = gather([path], now=NOW).pasts
        found = list(Replay(record, POLICY).run(pasts))
        return [as_object(one.contact, one.decision, POLICY, one.crossed, one.repeat) for one in found]


# Each case: measures on the party; then contacts with the outcome that was worked out by hand.
CASES = {
    "block stops mail and calls, and staff who log a letter are told": (
        [{"kind": "block"}],
        [
            (mail("2026-03-09T10:00:00Z"), "refuse"),
            (call("2026-03-09T10:01:00Z"), "automated_line"),
            (mail("2026-03-09T10:02:00Z", channel="sms", **{"from": NUMBER}), "refuse"),
            (mail("2026-03-09T10:03:00Z", channel="letter"), "deliver"),
            (mail("2026-03-09T10:04:00Z", **{"from": "s.sample@example.org"}), "deliver"),
        ],
    ),
    "block on calls alone leaves mail open": (
        [{"kind": "block", "channels": ["call"], "call": "refuse"}],
        [(mail("2026-03-09T10:00:00Z"), "deliver"), (call("2026-03-09T10:01:00Z"), "refuse")],
    ),
    "channel_only leaves letters open and sends the rest away": (
        [{"kind": "channel_only", "allowed": ["letter"]}],
        [
            (mail("2026-03-09T10:00:00Z"), "return"),
            (call("2026-03-09T10:01:00Z"), "automated_line"),
            (mail("2026-03-09T10:02:00Z", channel="letter"), "deliver"),
        ],
    ),
    "named_contact routes mail and calls, but for inboxes that stay open": (
        [{"kind": "named_contact", "inbox": NAMED, "phone": "+441632960555", "open": [OPEN]}],
        [
            (mail("2026-03-09T10:00:00Z"), "route", {"target": NAMED}),
            (call("2026-03-09T10:01:00Z"), "route", {"target": "+441632960555"}),
            (mail("2026-03-09T10:02:00Z", to=OPEN), "deliver", {"target": OPEN}),
            (mail("2026-03-09T10:03:00Z", to=[CLERK, OPEN]), "route", {"target": [NAMED, OPEN]}),
        ],
    ),
    "volume_limit lets the first of a calendar week pass, from Monday to Sunday": (
        [WEEK],
        [
            (call("2026-03-09T10:00:00Z", duration_s=300), "connect"),
            (call("2026-03-10T10:00:00Z", duration_s=300), "automated_line"),
            (call("2026-03-15T23:59:59Z", duration_s=300), "automated_line"),
            (call("2026-03-16T00:00:00Z", duration_s=300), "connect"),
        ],
    ),
    "volume_limit counts no call of under thirty seconds, and one whose length nobody knows": (
        [WEEK],
        [
            (call("2026-03-09T10:00:00Z", duration_s=29), "connect"),
            (call("2026-03-09T10:10:00Z", duration_s=0), "connect"),
            (call("2026-03-09T10:20:00Z"), "connect"),
            (call("2026-03-09T10:30:00Z"), "automated_line"),
        ],
    ),
    "volume_limit counts thirty seconds": (
        [WEEK],
        [
            (call("2026-03-09T10:00:00Z", duration_s=30), "connect"),
            (call("2026-03-09T10:10:00Z", duration_s=30), "automated_line"),
        ],
    ),
    "volume_limit, rolling, opens when the oldest leaves the window, and what was filed uses nothing up": (
        [{"kind": "volume_limit", "channels": ["email", "call"], "count": 2, "per": "day", "window": "rolling"}],
        [
            (mail("2026-03-09T10:00:00Z"), "deliver"),
            (call("2026-03-09T11:00:00Z", duration_s=60), "connect"),
            (mail("2026-03-09T12:00:00Z"), "file"),
            (mail("2026-03-10T09:59:59.999999Z"), "file"),
            (mail("2026-03-10T10:00:00Z"), "deliver"),
            (mail("2026-03-10T10:59:59Z"), "file"),
            (mail("2026-03-10T11:00:00Z"), "deliver"),
        ],
    ),
    "volume_limit a day, across the clock change of March": (
        [DAILY_MAIL],
        [
            (mail("2026-03-28T23:30:00Z"), "deliver"),
            (mail("2026-03-29T00:10:00Z"), "deliver"),
            (mail("2026-03-29T22:50:00Z"), "file"),
            (mail("2026-03-29T23:05:00Z"), "deliver"),
        ],
    ),
    "volume_limit a day, across the clock change of October": (
        [DAILY_MAIL],
        [
            (mail("2026-10-24T22:50:00Z"), "deliver"),
            (mail("2026-10-24T23:10:00Z"), "deliver"),
            (mail("2026-10-25T23:30:00Z"), "file"),
            (mail("2026-10-26T00:05:00Z"), "deliver"),
        ],
    ),
    "volume_limit an hour: the hour that comes twice in October is two hours": (
        [{"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "hour"}],
        [
            (call("2026-10-25T00:30:00Z"), "connect"),
            (call("2026-10-25T00:50:00Z"), "automated_line"),
            (call("2026-10-25T01:10:00Z"), "connect"),
        ],
    ),
    "talk_time_limit connects for what is left, and a call that is cut uses that up": (
        [{"kind": "talk_time_limit", "minutes": 10, "per": "day"}],
        [
            (call("2026-03-09T10:00:00Z", duration_s=240), "connect", {"time_limit_s": 600}),
            (call("2026-03-09T10:30:00Z", duration_s=20), "connect", {"time_limit_s": 360}),
            (call("2026-03-09T11:00:00Z", duration_s=500), "connect", {"time_limit_s": 360}),
            (call("2026-03-09T12:00:00Z", duration_s=60), "automated_line", {"time_limit_s": None}),
            (call("2026-03-10T00:00:00Z", duration_s=60), "connect", {"time_limit_s": 600}),
        ],
    ),
    "talk_time_limit does not connect for less than the least call": (
        [{"kind": "talk_time_limit", "minutes": 5, "per": "day", "call": "voicemail"}],
        [
            (call("2026-03-09T10:00:00Z", duration_s=241), "connect"),
            (call("2026-03-09T11:00:00Z", duration_s=10), "voicemail"),
        ],
    ),
    "call_length_limit caps the call": (
        [{"kind": "call_length_limit", "minutes": 5}],
        [
            (call("2026-03-09T10:00:00Z", duration_s=3000), "connect", {"time_limit_s": 300}),
            (mail("2026-03-09T10:00:01Z"), "deliver", {"time_limit_s": None}),
        ],
    ),
    "time_window is open from its first moment up to its last, and caps calls at its end": (
        [{"kind": "time_window", **OFFICE_HOURS}],
        [
            (mail("2026-03-09T08:59:59Z"), "hold"),
            (mail("2026-03-09T09:00:00Z"), "deliver"),
            (call("2026-03-09T16:30:00Z"), "connect", {"time_limit_s": 1800}),
            (call("2026-03-09T16:59:30Z"), "automated_line"),
            (mail("2026-03-09T17:00:00Z"), "hold"),
            (mail("2026-03-14T10:00:00Z"), "hold"),
            (mail("2026-03-30T08:30:00Z"), "deliver"),
        ],
    ),
    "time_window in the hour that March skips is never open": (
        [NIGHT],
        [(call("2026-03-29T00:59:59Z"), "automated_line"), (call("2026-03-29T01:00:00Z"), "automated_line")],
    ),
    "time_window in the hour that October repeats is open both times": (
        [NIGHT],
        [
            (call("2026-10-25T00:30:00Z"), "connect", {"time_limit_s": 5400}),
            (call("2026-10-25T01:30:00Z"), "connect", {"time_limit_s": 1800}),
            (call("2026-10-25T02:00:00Z"), "automated_line"),
        ],
    ),
    "file_unanswered takes mail out of the inbox and leaves calls alone": (
        [{"kind": "file_unanswered"}],
        [(mail("2026-03-09T10:00:00Z"), "file"), (call("2026-03-09T10:00:01Z"), "connect")],
    ),
    "return_mail returns, refuses whom nobody may answer, and files what is forged": (
        [{"kind": "return_mail"}],
        [
            (mail("2026-03-09T10:00:00Z"), "return"),
            (mail("2026-03-09T10:00:01Z", assurance="failed"), "file"),
            (mail("2026-03-09T10:00:02Z", assurance="verified"), "return"),
        ],
    ),
    "automated_line answers calls and leaves mail alone": (
        [{"kind": "automated_line"}],
        [(call("2026-03-09T10:00:00Z"), "automated_line"), (mail("2026-03-09T10:00:01Z"), "deliver")],
    ),
    "conceal_staff sends mail and calls to what is shared": (
        [{"kind": "conceal_staff", "inbox": NAMED, "phone": "+441632960100"}],
        [
            (mail("2026-03-09T10:00:00Z"), "route", {"target": NAMED}),
            (mail("2026-03-09T10:00:01Z", to=NAMED), "deliver", {"target": NAMED}),
            (call("2026-03-09T10:00:02Z"), "route", {"target": "+441632960100"}),
        ],
    ),
    "third_party holds to the last moment of the advocate's last day": (
        [{"kind": "third_party", "advocates": [{"name": "A. Advocate", "until": "2026-03-31"}]}],
        [
            (mail("2026-03-09T10:00:00Z"), "return"),
            (call("2026-03-31T22:59:59Z"), "automated_line"),
            (mail("2026-03-31T23:00:00Z"), "deliver"),
            (mail("2026-03-31T23:00:01Z", **{"from": "a.advocate@example.org"}), "deliver", {"party": None}),
        ],
    ),
    "slow_response counts working days, never past its last day": (
        [{"kind": "slow_response", "working_days": 10, "latest_by": "2026-04-09"}],
        [
            (mail("2026-03-09T10:00:00Z"), "deliver", {"respond_by": "2026-03-23"}),
            (mail("2026-03-25T10:00:00Z"), "deliver", {"respond_by": "2026-04-09"}),
            (call("2026-03-25T11:00:00Z"), "connect", {"respond_by": None}),
            (mail("2026-04-10T10:00:00Z"), "deliver", {"respond_by": None}),
        ],
    ),
    "slow_response from the latest contact is from this one, as contacts come": (
        [{"kind": "slow_response", "working_days": 10, "counted_from": "latest_contact"}],
        [
            (mail("2026-03-09T10:00:00Z"), "deliver", {"respond_by": "2026-03-23"}),
            (call("2026-03-10T10:00:00Z"), "connect"),
            (mail("2026-03-11T10:00:00Z"), "deliver", {"respond_by": "2026-03-25"}),
        ],
    ),
    "behaviour_contract leaves the other measures while nobody has agreed": (
        [{"kind": "behaviour_contract", "conditions": ["One call a week"]}, {"kind": "file_unanswered"}],
        [(mail("2026-03-09T10:00:00Z"), "file"), (call("2026-03-09T10:00:01Z"), "connect")],
    ),
    "interim_protection lapses after two working days": (
        [{"kind": "interim_protection", "inbox": NAMED}],
        [(mail("2026-03-09T10:00:00Z"), "deliver"), (call("2026-03-09T10:00:01Z"), "connect")],
    ),
    "issue_limit closes its cases and no others": (
        [{"kind": "issue_limit", "cases": ["HO/2024-123"], "email": "return"}],
        [
            (mail("2026-03-09T10:00:00Z", subject="Re: ho 2024 123"), "return"),
            (mail("2026-03-09T10:01:00Z", subject="HO/2024-123 and HO/2026-7"), "file"),
            (mail("2026-03-09T10:02:00Z", subject="HO/2024-1234"), "deliver"),
            (mail("2026-03-09T10:03:00Z"), "deliver"),
            (call("2026-03-09T10:04:00Z"), "connect"),
        ],
    ),
    "stop_case holds up to and with its last day": (
        [{"kind": "stop_case", "case": "HO/2024-123", "until": "2026-03-29"}],
        [
            (mail("2026-03-29T22:59:59Z", subject="HO/2024-123"), "file"),
            (mail("2026-03-29T23:00:00Z", subject="HO/2024-123"), "deliver"),
        ],
    ),
    "refuse_new lets the case pass that goes on": (
        [{"kind": "refuse_new", "case": "HO/2024-123"}],
        [
            (mail("2026-03-09T10:00:00Z", subject="HO/2024-123"), "deliver"),
            (mail("2026-03-09T10:01:00Z", subject="Noise"), "file"),
            (mail("2026-03-09T10:02:00Z", channel="letter"), "deliver"),
        ],
    ),
    "time_out rests over a leap day": (
        [{"kind": "time_out", "until": "2028-02-29"}],
        [(mail("2028-02-29T23:59:59Z"), "file"), (mail("2028-03-01T00:00:00Z"), "deliver")],
    ),
    "visit_terms, return_letters and meeting leave mail and calls alone": (
        [{"kind": "visit_terms", "barred": True}, {"kind": "return_letters"}, {"kind": "meeting", "on": "2026-03-12"}],
        [(mail("2026-03-09T10:00:00Z"), "deliver"), (call("2026-03-09T10:00:01Z"), "connect")],
    ),
    "forged mail uses up nothing": (
        [DAILY_MAIL],
        [
            (mail("2026-03-09T10:00:00Z", assurance="failed"), "deliver"),
            (mail("2026-03-09T10:01:00Z"), "deliver"),
            (mail("2026-03-09T10:02:00Z"), "file"),
        ],
    ),
    "an uncertain sender who may be the party is held, any other is delivered": (
        [{"kind": "block"}],
        [
            (mail("2026-03-09T10:00:00Z", **{"from": [MAIL, "s.sample@example.org"]}), "hold", {"party": None}),
            (mail("2026-03-09T10:01:00Z", **{"from": ["s.sample@example.org", "t@example.org"]}), "deliver"),
            (mail("2026-03-09T10:02:00Z", **{"from": None}), "deliver", {"from": None}),
            (mail("2026-03-09T10:03:00Z", **{"from": "R. Example"}), "deliver", {"from": None}),
        ],
    ),
    "withheld and unavailable numbers connect and are nobody's": (
        [{"kind": "block"}],
        [
            (call("2026-03-09T10:00:00Z", **{"from": "withheld"}), "connect", {"party": None}),
            (call("2026-03-09T10:01:00Z", **{"from": None}), "connect", {"party": None}),
        ],
    ),
    "the strictest of several measures wins": (
        [{"kind": "file_unanswered"}, {"kind": "return_mail"}, {"kind": "named_contact", "inbox": NAMED}],
        [(mail("2026-03-09T10:00:00Z"), "return")],
    ),
    "nothing on the party lets everything through": (
        [],
        [(mail("2026-03-09T10:00:00Z"), "deliver", {"party": "R. Example"}), (call("2026-03-09T10:00:01Z"), "connect")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_contacts_of_the_past_meet_the_outcome_worked_out_by_hand(case, tmp_path):
    """Outcomes, targets and time limits are those that a person finds with pencil and calendar."""
    measures, contacts = CASES[case]
    found = replayed(tmp_path, [line for line, *_ in contacts], *measures)
    assert [one["outcome"] for one in found] == [outcome for _, outcome, *_ in contacts]
    for one, (_, _, *expected) in zip(found, contacts, strict=True):
        for key, value in (expected[0] if expected else {}).items():
            assert one[key] == value, f"{key} of the contact at {one['at']}"


def test_every_measure_of_the_catalogue_is_replayed():
    """A new kind of measure needs its case here."""
    from rules.measures import KINDS

    assert {one["kind"] for measures, _ in CASES.values() for one in measures} == set(KINDS)


def test_what_mail_of_the_past_says_and_answers_is_read(tmp_path):
    """First lines and threads of a mailbox count in a replay as they would have on the day."""
    written = [("One", "", "On HO/2024-123: no."), ("Re: yours", "In-Reply-To: <0@x>\n", "And no."), ("New", "", "x")]
    past = "".join(
        f"From {MAIL} Mon Mar  9 10:0{number}:00 2026\nFrom: {MAIL}\nTo: {CLERK}\nMessage-ID: <{number}@x>\n"
        f"{fields}Subject: {subject}\n\n{body}\n\n"
        for number, (subject, fields, body) in enumerate(written)
    )
    measure = {"kind": "issue_limit", "cases": ["HO/2024-123"]}
    assert [one["outcome"] for one in replayed(tmp_path, [], measure, mbox=past)] == ["file", "file", "deliver"]


def test_an_adjustment_keeps_its_channel_open(tmp_path):
    """A block leaves the channel of an adjustment alone, and the reasons say both."""
    more = '[[party.adjustment]]\nneed = "cannot write"\nopen = ["call"]\nagreed = 2026-03-10\n'
    lines = [call("2026-03-09T23:59:59Z"), call("2026-03-10T00:00:00Z"), mail("2026-03-10T10:00:00Z")]
    found = replayed(tmp_path, lines, {"kind": "block"}, more=more)
    assert [one["outcome"] for one in found] == ["automated_line", "connect", "refuse"]
    assert [reason["measure"] for reason in found[1]["reasons"]] == ["block", "adjustment"]


def test_a_restriction_bites_on_its_days_only(tmp_path):
    """From the first moment of its first day to the last moment of its last, in the office's zone."""
    lines = [
        call("2026-03-03T23:59:59Z"),
        call("2026-03-04T00:00:00Z"),
        call("2026-09-04T22:59:59Z"),
        call("2026-09-04T23:00:00Z"),
    ]
    more = '[[party.restriction]]\nstarts = 2026-03-04\nends = 2026-09-04\nmeasures = [{ kind = "automated_line" }]\n'
    found = replayed(tmp_path, lines, more=more)
    assert [one["outcome"] for one in found] == ["connect", "automated_line", "automated_line", "connect"]
    assert found[1]["reasons"][0] == {
        "restriction": "office.toml:5",
        "measure": "automated_line",
        "clause": "SPSO-21.4",
        "text": "Calls go to the automated line",
    }


def test_a_shared_number_restricts_nobody(tmp_path):
    """A household's number lets the call through, with no party named (I6)."""
    more = f'[[party]]\nname = "S. Sample"\nphones = ["{NUMBER}"]\nshared = ["{NUMBER}"]\n'
    office = f'shared = ["{NUMBER}"]\n[[party.restriction]]\nmeasures = [{{ kind = "block" }}]\n{more}'
    (found,) = replayed(tmp_path, [call("2026-03-09T10:00:00Z")], more=office)
    assert (found["outcome"], found["party"]) == ("connect", None)


def test_levels_flag_the_contact_that_reaches_a_threshold_and_not_the_next(tmp_path):
    """Three calls in an hour, attempts and short ones too; again only after the level fell below it."""
    times = ["10:00", "10:10", "10:20", "10:25", "11:40", "11:50", "11:55"]
    found = replayed(tmp_path, [call(f"2026-03-09T{time}:00Z", duration_s=5) for time in times])
    flags = [[flag["threshold"] for flag in one["flags"]] for one in found]
    assert flags == [[], [], ["call:3/hour/rolling"], [], ["call:5/day/rolling"], [], ["call:3/hour/rolling"]]
    assert found[2]["flags"][0]["text"] == "3 contacts by phone in any 60 minutes"


def test_levels_flag_talk_time(tmp_path):
    """The call that brings a week's talk to 120 minutes is flagged."""
    found = replayed(tmp_path, [call(f"2026-03-0{day}T10:00:00Z", duration_s=3600) for day in (2, 4, 6)])
    assert [[flag["level"] for flag in one["flags"]] for one in found] == [[], [120], []]


def test_forged_contact_raises_no_flag(tmp_path):
    """Nobody can worsen another's record by forging (I4)."""
    lines = [mail(f"2026-03-09T10:0{minute}:00Z", assurance="failed") for minute in range(9)]
    assert not any(one["flags"] for one in replayed(tmp_path, lines))


def test_an_object_has_the_keys_of_the_design(tmp_path):
    """Programs find what the design promises, times in the office's zone, and the id of the line."""
    (found,) = replayed(
        tmp_path, [call("2026-06-09T10:00:00Z", id="log-17")], {"kind": "call_length_limit", "minutes": 5}
    )
    assert found == {
        "id": "log-17",
        "at": "2026-06-09T11:00:00+01:00",
        "channel": "call",
        "party": "R. Example",
        "from": NUMBER,
        "assurance": "claimed",
        "outcome": "connect",
        "target": LINE,
        "time_limit_s": 300,
        "respond_by": None,
        "reasons": [
            {
                "restriction": "office.toml:5",
                "measure": "call_length_limit",
                "clause": "PHSO-M10",
                "text": "The longest call is 5 minutes",
            }
        ],
        "flags": [],
    }


def test_contacts_are_taken_in_the_order_of_their_time(tmp_path):
    """Lines in any order give the same outcomes as in the order of time."""
    lines = [call(f"2026-03-{day:02}T10:00:00Z", id=str(day)) for day in (10, 9, 16, 12)]
    found = replayed(tmp_path, lines, WEEK)
    assert [(one["id"], one["outcome"]) for one in found] == [
        ("9", "connect"),
        ("10", "automated_line"),
        ("12", "automated_line"),
        ("16", "connect"),
    ]


def test_more_contacts_than_fit_one_write_are_judged_as_one_row(tmp_path):
    """Limits hold across the batches in which contacts are written."""
    lines = [mail(f"2026-03-09T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z") for number in range(1201)]
    found = replayed(tmp_path, lines, {**DAILY_MAIL, "count": 900})
    assert [one["outcome"] for one in found] == ["deliver"] * 900 + ["file"] * 301


def test_repeats_of_a_mailbox_are_named(tmp_path):
    """A party's letter that came before says which it repeats; what another sender wrote is not looked at."""
    letter = " ".join(f"word{number}" for number in range(60))
    senders = (MAIL, MAIL, "s.sample@example.org", "s.sample@example.org")
    past = "".join(
        f"From {sender} Mon Mar  9 10:0{number}:00 2026\nFrom: {sender}\nTo: {CLERK}\nSubject: {number}\n\n{letter}\n\n"
        for number, sender in enumerate(senders)
    )
    first, second, *others = replayed(tmp_path, [], mbox=past)
    assert second["repeats"] == {"contact": first["id"], "how": "copy"}
    assert not any("repeats" in one for one in (first, *others))
