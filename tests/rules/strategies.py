"""Made-up measures, contacts and parties for properties: whatever an office could write down."""

from __future__ import annotations

from datetime import time, timedelta

from hypothesis import strategies as st

from rules import identity
from rules.contact import Assurance, Caller, Channel, Contact
from rules.measures import parse
from rules.standing import Adjustment, Restriction, Told, Used
from rules.windows import Mode, Per
from tests.rules.office import NOW, SENDER

INBOXES = ["enquiries@example.org", "casework@example.org", "deputy@example.org", "appeals@example.org"]
PHONES = ["+441632960100", "+441632960200", "+441632960999"]
CHANNELS = st.lists(st.sampled_from([channel.value for channel in Channel]), min_size=1, max_size=7)
WALLS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])).map(lambda wall: f"{wall:%H:%M}")
CALL = st.sampled_from(["automated_line", "voicemail"])
ADVOCATES = st.fixed_dictionaries(
    {"name": st.just("A. Advocate")},
    optional={"scope": st.just("the appeal"), "until": st.sampled_from(["2026-03-10", "2026-03-11"])},
)
CASES = ["HO/2024-123", "HO/2024-124"]
UNTIL = [None, "2026-03-10", "2026-03-11"]
WRITTEN = st.sampled_from(["", "Good morning", *CASES, "ho 2024 123 and HO/2026-7", "HO/2026-7", "Parking permits"])
SPAN = {"per": st.sampled_from([per.value for per in Per]), "window": st.sampled_from([mode.value for mode in Mode])}


def _of(kind: str, **parameters) -> st.SearchStrategy:
    return st.fixed_dictionaries({"kind": st.just(kind), **parameters}).map(parse)


MEASURES = st.one_of(
    _of(
        "block",
        channels=CHANNELS,
        email=st.sampled_from(["refuse", "file", "return"]),
        call=st.sampled_from(["automated_line", "refuse"]),
    ),
    _of("channel_only", allowed=CHANNELS, email=st.sampled_from(["return", "file"])),
    _of(
        "named_contact",
        inbox=st.sampled_from(INBOXES),
        phone=st.sampled_from(PHONES),
        deputy=st.sampled_from([None, *INBOXES]),
        open=st.lists(st.sampled_from(INBOXES), max_size=2),
    ),
    _of(
        "volume_limit",
        channels=CHANNELS,
        count=st.integers(1, 5),
        email=st.sampled_from(["file", "return", "hold"]),
        call=CALL,
        **SPAN,
    ),
    _of("talk_time_limit", minutes=st.integers(1, 60), call=CALL, **SPAN),
    _of("call_length_limit", minutes=st.integers(1, 240)),
    _of(
        "time_window",
        **{"channels": CHANNELS, "from": WALLS, "to": WALLS, "call": CALL},
        days=st.lists(st.sampled_from(["mon", "wed", "sun"]), min_size=1),
        email=st.sampled_from(["hold", "file", "return"]),
    ),
    _of("file_unanswered", channels=CHANNELS),
    _of("return_mail"),
    _of("automated_line"),
    _of("conceal_staff", inbox=st.sampled_from(INBOXES), phone=st.sampled_from([None, *PHONES])),
    _of(
        "third_party",
        advocates=st.lists(ADVOCATES, min_size=1, max_size=2),
        email=st.sampled_from(["return", "file"]),
    ),
    _of(
        "slow_response",
        working_days=st.integers(1, 30),
        counted_from=st.sampled_from(["receipt", "latest_contact"]),
        latest_by=st.sampled_from([None, "2026-03-10", "2026-03-11", "2026-03-20"]),
    ),
    _of("behaviour_contract", conditions=st.just(["One call a week"])),
    _of("visit_terms", accompanied=st.just(True)),
    _of("visit_terms", barred=st.just(True)),
    _of("interim_protection", inbox=st.sampled_from([None, *INBOXES]), phone=st.sampled_from([None, *PHONES])),
    _of("return_letters"),
    _of(
        "issue_limit",
        cases=st.lists(st.sampled_from(CASES), max_size=2),
        subjects=st.just(["parking permits"]),
        email=st.sampled_from(["file", "return"]),
    ),
    _of("issue_limit", cases=st.just(CASES[:1]), closed=st.just(True)),
    _of("stop_case", case=st.sampled_from(CASES), until=st.sampled_from(UNTIL)),
    _of("refuse_new", case=st.lists(st.sampled_from(CASES), max_size=1), until=st.sampled_from(UNTIL)),
    _of("time_out", case=st.lists(st.sampled_from(CASES), max_size=1), until=st.sampled_from(UNTIL[1:])),
    _of("meeting", on=st.sampled_from(["2026-03-10", "2026-03-11", "2026-03-12"])),
)
RESTRICTIONS = st.builds(
    Restriction,
    id=st.sampled_from(["1", "2", "3"]),
    measures=st.lists(MEASURES, min_size=1, max_size=4).map(tuple),
    starts=st.sampled_from([NOW - timedelta(days=days) for days in (1, 8, 40)]),
    ends=st.sampled_from([NOW + timedelta(days=days) for days in (1, 90)]),
    approved_by=st.just("Head of Casework"),
    told=st.sampled_from([Told.YES, Told.UNKNOWN]),
    contract_agreed=st.sampled_from([None, None, NOW - timedelta(days=1), NOW + timedelta(days=1)]),
)
ADJUSTMENTS = st.builds(Adjustment, need=st.just("calls only"), open=st.frozensets(st.sampled_from(list(Channel))))
USED = st.builds(
    Used,
    reached_at=st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=40)).map(lambda ago: NOW - ago)),
    seconds=st.integers(0, 4000),
)
ADDRESSES = [*INBOXES, "Casework@Example.ORG"]


@st.composite
def contacts(draw) -> Contact:
    """Make a contact of the party, or of nobody who can be named."""
    channel = draw(st.sampled_from(list(Channel)))
    to = st.sampled_from(PHONES if channel is Channel.CALL else ADDRESSES)
    most = {Channel.CALL: 1, Channel.EMAIL: 3}.get(channel, 0)
    return Contact(
        id="c1",
        channel=channel,
        at=NOW,
        sender=draw(st.sampled_from([SENDER, SENDER, SENDER, identity.phone("01632 960001"), None])),
        assurance=draw(st.sampled_from(list(Assurance))),
        caller=draw(st.sampled_from([Caller.NUMBER, Caller.NUMBER, *Caller]))
        if channel is Channel.CALL
        else Caller.NUMBER,
        recipients=tuple(draw(st.lists(to, max_size=most, unique=True))),
        automatic=draw(st.booleans()),
        answerable=draw(st.booleans()),
        safeguards=draw(st.sampled_from([(), (), ("risk to life",)])),
        subject=draw(WRITTEN),
        opening=draw(WRITTEN),
        cases=draw(st.sampled_from([(), (), ("ho 2024 123",)])),
    )
