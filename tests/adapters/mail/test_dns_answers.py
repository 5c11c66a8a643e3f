"""The one port to the DNS, against a name server of our own: answers, silence, failure, caps, what is kept."""

import time

import pytest

from adapters.mail.dns_answers import LONGEST_TEXT, DnsResolver, NotNow, Questions
from tests.adapters.mail.dns_server import BROKEN, SILENT, serving

RECORDS = {
    ("example.org", "TXT"): ['"one" "two"', '"three"'],
    ("example.org", "MX"): ["10 mx.example.org.", "20 mx2.example.org."],
    ("mx.example.org", "A"): ["192.0.2.1"],
    ("mx.example.org", "AAAA"): ["2001:db8::1"],
    ("1.2.0.192.in-addr.arpa", "PTR"): ["mx.example.org."],
    ("long.example.org", "TXT"): [" ".join(f'"{"x" * 200}"' for _ in range(LONGEST_TEXT // 200 + 1))],
    ("silent.example.org", "TXT"): SILENT,
    ("broken.example.org", "TXT"): BROKEN,
}


@pytest.fixture
def server():
    """A zone and who asks it."""
    with serving(RECORDS) as (zone, address):
        yield zone, DnsResolver([address])


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        pytest.param("example.org", "TXT", {b"onetwo", b"three"}, id="texts in octets, whole"),
        pytest.param("EXAMPLE.org.", "TXT", {b"onetwo", b"three"}, id="case and a last dot say nothing"),
        pytest.param("example.org", "MX", {(10, "mx.example.org"), (20, "mx2.example.org")}, id="mail servers"),
        pytest.param("mx.example.org", "A", {"192.0.2.1"}, id="an address"),
        pytest.param("mx.example.org", "AAAA", {"2001:db8::1"}, id="a new address"),
        pytest.param("1.2.0.192.in-addr.arpa", "PTR", {"mx.example.org"}, id="a name by its address"),
        pytest.param("example.org", "A", set(), id="a name without such a value"),
        pytest.param("nobody.example.org", "TXT", set(), id="a name that is not there"),
        pytest.param("long.example.org", "TXT", set(), id="a text longer than is read"),
        pytest.param("x" * 64 + ".org", "TXT", set(), id="a label too long"),
        pytest.param("a..org", "TXT", set(), id="an empty label"),
        pytest.param("x." * 200 + "org", "TXT", set(), id="a name too long"),
        pytest.param("\u00e9\udcff\0 .org", "TXT", set(), id="no name at all"),
        pytest.param("", "TXT", set(), id="nothing"),
    ],
)
def test_answers(server, name, kind, values):
    """What is there is given, what is not is nothing."""
    assert set(server[1].look_up(name, kind, 5.0)) == values


@pytest.mark.parametrize("name", ["silent.example.org", "broken.example.org"])
def test_not_now(server, name):
    """No answer in time, or a server that fails, is no 'no'."""
    begin = time.monotonic()
    with pytest.raises(NotNow):
        server[1].look_up(name, "TXT", 0.3)
    assert time.monotonic() - begin < 3


def test_answers_are_kept(server):
    """The same question is asked once, also where the answer is that there is none."""
    zone, resolver = server
    for _ in range(3):
        resolver.look_up("example.org", "TXT", 5.0)
    assert zone.asked == [("example.org", "TXT")]


def test_questions_of_one_message_have_an_end(server):
    """So many questions and no more, so many seconds and no longer."""
    questions = Questions(server[1], seconds=5.0, most=2)
    questions.ask("example.org", "TXT")
    questions.ask("example.org", "MX")
    with pytest.raises(NotNow):
        questions.ask("mx.example.org", "A")
    times = iter([0.0, 1.0, 6.0])
    late = Questions(server[1], seconds=5.0, ticks=lambda: next(times))
    late.ask("example.org", "TXT")
    with pytest.raises(NotNow):
        late.ask("example.org", "TXT")
