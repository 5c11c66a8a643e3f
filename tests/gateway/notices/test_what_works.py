"""What a notice says that works, when and with whom, and what is filed: nothing that the rules would close."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from gateway.notices.composing import compose
from gateway.notices.notice import Table
from gateway.notices.position import ArrangementsFacts, EndFacts, WarningFacts
from rules.contact import Channel
from rules.measures import parse
from rules.standing import Adjustment
from tests.gateway.notices.letters import BLOCK, EN, row, said, under, written
from tests.gateway.notices.office import (
    LONDON,
    PHONE_OPEN,
    POLICY,
    SAMPLES,
    position,
    restriction,
)
from tests.rules.office import NOW


def test_what_works_when_and_with_whom():
    """The table names hours, limits and the person's inbox as the measures have them."""
    hours = parse(
        {"kind": "time_window", "channels": ["call"], "days": ["mon", "tue", "wed"], "from": "9:00", "to": "12:30"}
    )
    named = parse({"kind": "named_contact", "inbox": "casework@example.org", "phone": "+441632960200"})
    limit = parse({"kind": "volume_limit", "channels": ["email", "sms"], "count": 1, "per": "week"})
    notice = written("restriction", hours, named, limit, parse({"kind": "call_length_limit", "minutes": 10}))
    assert row(notice, "Phone") == (
        "Phone",
        "Yes",
        "Monday to Wednesday, 09:00 to 12:30. At other times you hear a recorded message. "
        "Call in good time: the call ends with the hours. Up to 10 minutes for each call",
        "One member of our staff: 01632 960200",
    )
    assert row(notice, "Email")[2:] == (
        "At any time. Up to 1 contact in a week, with email or text message counted together",
        "One member of our staff: casework@example.org",
    )


def test_an_adjustment_is_told_first():
    """A person who may always phone is told so, in the table and beside what they need (PHSO-23)."""
    notice = written("restriction", BLOCK, adjustments=(PHONE_OPEN,), forms=("large_print", "easy_read"))
    assert row(notice, "Phone")[1] == "Yes. We agreed this with you."
    adjustments = under(notice, "adjustments")
    assert (
        "You told us what you need: you cannot write for long. You can always reach a person by phone." in adjustments
    )
    assert "We write to you in this form: large print and Easy Read." in adjustments


def test_a_total_block_says_that_no_way_is_open():
    """Where nothing works the letter says so plainly, and still names emergencies and help."""
    notice = written("restriction", BLOCK)
    assert "No way is open to you for now." in under(notice, "ways")


def test_what_is_always_open_is_named():
    """Inboxes and numbers that no measure closes stand in every notice."""
    rules = replace(POLICY, always_open=frozenset({"appeals@example.org", "+441632960100"}))
    assert "always use: 01632 960100 and appeals@example.org." in under(
        written("restriction", policy=rules), "elsewhere"
    )


def test_what_is_filed_is_said_with_who_looks_at_it():
    """What goes on file is looked at within the policy's days; a closed matter may stay unread (PHSO-22)."""
    assert "within 2 working days" in under(written("restriction", SAMPLES["file_unanswered"]), "filed")
    closed = parse({"kind": "issue_limit", "cases": ["HO/2024-123"], "closed": True})
    assert "We may not read it." in under(
        written("restriction", closed, policy=replace(POLICY, closed_unread=True)), "filed"
    )
    assert "A person looks at it." in under(written("restriction", closed), "filed")


def test_what_comes_later_is_told_apart():
    """A restriction that begins after the day of the page does not close anything on it yet."""
    later = restriction(BLOCK, id="2", starts=datetime(2026, 4, 1, tzinfo=LONDON))
    notice = compose(ArrangementsFacts(), position(restriction(), later), EN)
    assert row(notice, "Letter")[1] == "Yes"
    assert under(notice, "later").startswith("From Wednesday 1 April 2026: We no longer take contact")


def test_a_contract_is_told_with_its_conditions():
    """Conditions are told one by one; once they are agreed they alone hold (PHSO-M4)."""
    found = (SAMPLES["behaviour_contract"], BLOCK)
    assert "until you agree" in under(written("restriction", *found), "conditions")
    agreed = restriction(*found, contract_agreed=NOW)
    notice = compose(ArrangementsFacts(), position(agreed), EN)
    assert "You agreed to this" in under(notice, "conditions")
    assert row(notice, "Letter")[1] == "Yes"


def test_channels_that_an_office_has_not_are_left_out():
    """An office without a web form does not speak of one."""
    office = replace(position().office, channels=frozenset({Channel.EMAIL, Channel.LETTER}))
    table = next(block for block in written("restriction", office=office).blocks if isinstance(block, Table))
    assert [one[0] for one in table.rows] == ["Email", "Letter"]


def test_an_adjustment_with_an_end_says_its_last_day():
    """An adjustment for a time is told with its last day."""
    ends = Adjustment("you are in hospital", frozenset({Channel.EMAIL}), ends=datetime(2026, 4, 1, tzinfo=LONDON))
    assert "up to Tuesday 31 March 2026" in under(written("restriction", adjustments=(ends,)), "adjustments")


@pytest.mark.parametrize(
    "measure",
    [
        pytest.param({"kind": "time_out", "until": "2026-03-10"}, id="a time out that is over"),
        pytest.param({"kind": "stop_case", "case": ["HO/2024-123"], "until": "2026-03-10"}, id="a stop that is over"),
        pytest.param({"kind": "meeting", "on": "2026-03-10"}, id="a meeting that was"),
        pytest.param({"kind": "interim_protection"}, id="interim protection that lapsed"),
        pytest.param(
            {"kind": "third_party", "advocates": [{"name": "A. Advocate", "until": "2026-03-10"}]},
            id="advocates without authority",
        ),
    ],
)
def test_what_is_spent_is_not_said(measure):
    """A measure that does nothing any more is not told as though it did."""
    assert under(written("restriction", parse(measure)), "rules") == "No limit is set on your contact."
    assert row(written("restriction", parse(measure)), "Email")[1] == "Yes"


def test_protection_that_lapsed_leaves_the_named_contact():
    """Once interim protection is over, mail is with the named colleague and no manager."""
    named = parse({"kind": "named_contact", "inbox": "casework@example.org"})
    notice = written("restriction", parse({"kind": "interim_protection", "inbox": "duty@example.org"}), named)
    assert row(notice, "Email")[3] == "One member of our staff: casework@example.org"
    assert row(notice, "Letter")[3] == "One member of our staff"


def test_protection_sends_all_to_a_manager_and_gives_no_direct_line():
    """While it lasts a manager deals with everything; their inbox is not given out."""
    one = restriction(parse({"kind": "interim_protection", "inbox": "duty@example.org", "phone": "+441632960200"}))
    notice = compose(ArrangementsFacts(), position(one, at=one.starts), EN)
    assert row(notice, "Email")[3] == row(notice, "Phone")[3] == "A manager"
    assert "duty@" not in said(notice)


def test_a_warning_to_somebody_under_a_restriction_shows_what_works():
    """Where measures are in force already, a warning does not say that all is open."""
    notice = compose(WarningFacts("You shouted"), position(restriction(BLOCK)), EN)
    assert "same ways as before" not in said(notice)
    assert row(notice, "Email")[1] == "No"


def test_an_end_with_another_restriction_left_says_what_stands():
    """Whoever is freed of one restriction learns what the other still closes."""
    left = restriction(BLOCK, id="2")
    notice = compose(EndFacts(restriction()), position(left), EN)
    assert row(notice, "Letter")[1] == "No"
    assert "Your appeal goes to" in under(notice, "challenge")


def test_PHSO_23_no_rule_is_told_as_though_it_outranked_an_adjustment():
    """Beside "in no other way than by email" stands that the phone is always open, for that was agreed."""
    only = parse({"kind": "channel_only", "allowed": ["email"]})
    assert "always reach a person by phone. That comes before all of this." in under(
        written("restriction", only, adjustments=(PHONE_OPEN,)), "rules"
    )
    assert "comes before" not in under(written("restriction", only), "rules")
