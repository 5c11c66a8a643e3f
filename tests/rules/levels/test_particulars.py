"""What levels need to know of a contact is taken rightly: places, matters, Cc alone, hours."""

from datetime import UTC, datetime

import pytest

from rules.contact import Channel, Contact
from rules.levels.particulars import MOST, case_number, in_hours, particulars_of, place_number, references
from rules.repeats import Likeness, Repeat
from tests.rules.policies.shipped import SHIPPED

POLICY = SHIPPED["default"]
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
CLERK, HEAD = "clerk@office.example.org", "head@office.example.org"


def taken(to=(), thread="", channel=Channel.EMAIL, **fields):
    """Take the particulars of a contact at noon of a Monday."""
    plain = {"id": "c", "channel": channel, "at": NOON, "sender": None, "recipients": (CLERK,)}
    return particulars_of(Contact(**(plain | fields)), POLICY, to=to, thread=thread)


@pytest.mark.parametrize(
    ("recipients", "to", "cc", "alone"),
    [
        pytest.param((CLERK,), ("x@example.net",), (CLERK,), True, id="one of ours in Cc"),
        pytest.param((CLERK,), ("x@example.net",), (CLERK.upper(),), True, id="written in capitals"),
        pytest.param((CLERK,), (CLERK,), (CLERK,), False, id="in To as well"),
        pytest.param((CLERK, HEAD), (HEAD,), (CLERK,), False, id="another of ours in To"),
        pytest.param((CLERK, HEAD), (), (CLERK,), False, id="another of ours in Bcc"),
        pytest.param((CLERK,), (), (), False, id="in Bcc alone"),
        pytest.param((), (), (CLERK,), False, id="to nobody of ours"),
    ],
)
def test_HO_2_only_in_cc(recipients, to, cc, alone):
    """All of ours are named in Cc, and none in To."""
    assert taken(to, recipients=recipients, cc=cc).only_cc is alone


def test_a_call_is_in_no_cc():
    """Only mail has one."""
    assert not taken(channel=Channel.CALL, cc=(CLERK,)).only_cc


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        pytest.param(datetime(2026, 3, 9, 8, 59, 59, tzinfo=UTC), False, id="a second before nine"),
        pytest.param(datetime(2026, 3, 9, 9, tzinfo=UTC), True, id="nine"),
        pytest.param(datetime(2026, 3, 9, 16, 59, 59, tzinfo=UTC), True, id="a second before five"),
        pytest.param(datetime(2026, 3, 9, 17, tzinfo=UTC), False, id="five"),
        pytest.param(datetime(2026, 3, 14, 12, tzinfo=UTC), False, id="a Saturday"),
        pytest.param(datetime(2026, 4, 6, 12, tzinfo=UTC), False, id="Easter Monday"),
        pytest.param(datetime(2026, 3, 30, 8, tzinfo=UTC), True, id="nine by summer time"),
        pytest.param(datetime(2026, 3, 30, 16, tzinfo=UTC), False, id="five by summer time"),
    ],
)
def test_hours(at, open_):
    """By the office's wall clock, its days and its bank holidays."""
    assert in_hours(at, POLICY) is open_


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        pytest.param("Re: HO/2024-123 again", ("HO/2024-123",), id="letters, signs and digits"),
        pytest.param("my case 20241234", ("20241234",), id="eight digits"),
        pytest.param("CASE12345, and 24-012-345.", ("CASE12345", "24-012-345"), id="two of them"),
        pytest.param("on 14/03/2026 and 2026-03-14", (), id="days"),
        pytest.param("well-known covid-19, 12 of 345", (), id="words and small numbers"),
        pytest.param("", (), id="nothing"),
    ],
)
def test_references_of_a_subject(subject, found):
    """What looks like a case reference is one matter; days and words are none."""
    assert references(subject) == found


def test_matters():
    """References where there are any, however they are spelt; else the thread; else none."""
    on_case = taken(subject="ho 2024 1: HO/2024-123", thread="<a@example.org>")
    assert on_case.matters == (case_number("ho/2024-123"),)
    thread = taken(subject="Hello", thread="<a@example.org>")
    assert len(thread.matters) == 1
    assert thread.matters == taken(subject="Re: Hello", thread="<a@example.org>").matters
    assert thread.matters != taken(subject="Hello", thread="<b@example.org>").matters
    assert taken(subject="Hello").matters == ()
    assert taken(cases=("HO/2024-123",)).matters == on_case.matters


def test_all_spellings_of_a_place_are_one():
    """Whoever logs a call writes our number as they like, and an address with a name before it."""
    numbers = ("+441632960100", "01632 960100", "(01632) 960100", "01632960100")
    assert len({place_number(one) for one in numbers}) == 1
    assert len({place_number(one) for one in (f"Clerk <{CLERK}>", CLERK, f" {CLERK.upper()}")}) == 1
    assert place_number(CLERK) != place_number(HEAD) != place_number("reception")


def test_places():
    """One number for one address, whatever its letters' case; as many as can be of use."""
    assert taken(recipients=(CLERK, CLERK.upper(), HEAD)).places == (place_number(CLERK), place_number(HEAD))
    assert len(taken(recipients=tuple(f"{number}@office.example.org" for number in range(999))).places) == MOST
    assert all(-(2**63) <= place_number(f"{number}") < 2**63 for number in range(500))


def test_what_was_found_is_handed_on():
    """Repeat, pages and minutes stand as they were given."""
    contact = Contact("c", Channel.LETTER, NOON, None)
    known = particulars_of(contact, POLICY, repeat=Repeat("b", Likeness.COPY, 100), pages=4, minutes=9)
    assert (known.repeat, known.pages, known.minutes, known.places) == (Likeness.COPY, 4, 9, ())
