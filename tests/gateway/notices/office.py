"""An office that writes notices: positions of a party, one of every kind of measure and of every kind of facts."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.notices.position import (
    AppealFacts,
    ArrangementsFacts,
    ChangeFacts,
    EndFacts,
    ExtensionFacts,
    Facts,
    Office,
    Position,
    RestrictionFacts,
    ReviewFacts,
    WarningFacts,
)
from rules import policies
from rules.contact import Channel
from rules.measures import KINDS, Measure, parse
from rules.policies import Policy
from rules.standing import Adjustment, Party, Restriction
from tests.rules import measures
from tests.rules.office import NOW, SENDER

LONDON = ZoneInfo("Europe/London")
PARTY = Party(7, "R. Example", identifiers=frozenset({SENDER}))
OFFICE = Office("Example Office", "enquiries@example.org", "+441632960999", "1 High Street, Exampletown")
SHIPPED = tuple(sorted(path.stem for path in Path(policies.__file__).parent.glob("*.toml")))
PHONE_OPEN = Adjustment("you cannot write for long", frozenset({Channel.CALL}))


def policy(name: str = "default") -> Policy:
    """Give a policy that ships with Parley."""
    return policies.parse(tomllib.loads(Path(policies.__file__).with_name(f"{name}.toml").read_text("utf-8")))


POLICY = policy()
PARAMETERS = {
    "automated_line": {},
    "return_letters": {},
    "return_mail": {},
    "interim_protection": {"inbox": "duty@example.org"},
    "file_unanswered": {},
    "issue_limit": {"cases": ["HO/2024-123"]},
}


def sample(kind: str) -> Measure:
    """Give a measure of a kind: the first that its cases name."""
    if kind in PARAMETERS:
        return parse({"kind": kind, **PARAMETERS[kind]})
    cases = tomllib.loads((Path(measures.__file__).parent / f"{kind}.toml").read_text("utf-8"))["case"]
    return parse({"kind": kind, **next(case["measure"] for case in cases if "measure" in case)})


SAMPLES = {kind: sample(kind) for kind in KINDS}


def restriction(*found: Measure, **changes) -> Restriction:
    """Give a restriction from 2 March to the end of 1 September 2026, reviewed on 1 June."""
    return Restriction(
        **{
            "id": "1",
            "measures": found or (SAMPLES["volume_limit"],),
            "starts": datetime(2026, 3, 2, tzinfo=LONDON),
            "ends": datetime(2026, 9, 2, tzinfo=LONDON),
            "reason": "You sent us 40 emails in five days. Most of them were the same",
            "ground": "persistent_contact",
            "approved_by": "A. Manager",
            "review_at": datetime(2026, 6, 1, tzinfo=LONDON),
        }
        | changes
    )


def position(*restrictions: Restriction, **changes) -> Position:
    """Give where the party stands on 11 March 2026."""
    return Position(
        **{"party": PARTY, "policy": POLICY, "office": OFFICE, "at": NOW, "restrictions": restrictions} | changes
    )


def every_facts(one: Restriction) -> dict[str, Facts]:
    """Give facts of every kind of notice, and of each outcome."""
    reason = "You told us that you will write less often"
    return {
        "arrangements": ArrangementsFacts(),
        "warning": WarningFacts("On Monday you phoned us nine times", "Please call once", date(2026, 9, 11)),
        "written warning": WarningFacts("On Monday you phoned us nine times"),
        "restriction": RestrictionFacts(one),
        "change": ChangeFacts(one, reason),
        "extension": ExtensionFacts(one, "You phoned us nine times", datetime(2026, 6, 2, tzinfo=LONDON), NOW.date()),
        "review: continue": ReviewFacts(one, "continue", reason),
        "review: amend": ReviewFacts(one, "amend", reason),
        "review: lift": ReviewFacts(one, "lift", reason),
        "end": EndFacts(one),
        "lifted": EndFacts(one, reason),
        "appeal: upheld": AppealFacts(one, "upheld", reason),
        "appeal: varied": AppealFacts(one, "varied", reason),
        "appeal: dismissed": AppealFacts(one, "dismissed", reason),
    }


OVER = {"review: lift", "end", "lifted", "appeal: upheld"}
FACTS = tuple(every_facts(restriction()))
