"""`parley replay --beside`: other thresholds or measures beside today's, in one table for measures and one for flags.

Belongs here: counting what became of the same contacts under each, and printing it.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.cli.office import console, print_json
from gateway.cli.screen import plain, table
from gateway.replay import Replayed
from rules.decision import Outcome

ALL = "all contacts"
_GROUPS = {
    "let_through": (Outcome.DELIVER, Outcome.CONNECT, Outcome.ROUTE),
    "waits": (Outcome.HOLD, Outcome.VOICEMAIL),
    "filed": (Outcome.FILE,),
    "returned": (Outcome.RETURN,),
    "refused": (Outcome.REFUSE, Outcome.AUTOMATED_LINE),
}
"""What became of a contact: it waits for a person when held or left as a message; the recorded line refuses a call."""
_GROUP_OF = {outcome: group for group, outcomes in _GROUPS.items() for outcome in outcomes}
_MOST_FLAGS = 50


@dataclass(slots=True)
class Under:
    """Count what became of contacts under one policy and its restrictions; `label` is how it is named on screen."""

    label: str
    became: Counter[tuple[str, str]] = field(default_factory=Counter)
    flags: Counter[tuple[str, str]] = field(default_factory=Counter)
    names: dict[str, str] = field(default_factory=dict)

    def add(self, one: Replayed) -> None:
        """Count one contact, for itself and for each measure that spoke of it; a further copy is none."""
        if one.double:
            return
        decision = one.decision
        group = _GROUP_OF[decision.outcome]
        spoke = {reason.measure for reason in decision.reasons if reason.restriction and reason.measure}
        for measure in (ALL, *spoke):
            self.became[measure, group] += 1
        sender = one.contact.sender.value if one.contact.sender else ""
        if decision.party_name:
            self.names[sender] = decision.party_name
        for crossing in one.crossed:
            self.flags[sender, crossing.text] += 1

    @property
    def measures(self) -> list[str]:
        """Give all contacts together first, then each measure that spoke."""
        return [ALL, *sorted({measure for measure, _ in self.became} - {ALL})]


def is_restrictions(named: str) -> bool:
    """Tell whether a name is that of a file of restrictions: CSV, or TOML with parties; else it is a policy's."""
    path = Path(named)
    if path.suffix.lower() == ".csv":
        return True
    try:
        return "party" in tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False


def print_beside(all_under: Sequence[Under]) -> None:
    """Print what each measure did under each, and who was flagged how often."""
    shown = table(Under=20, Measure=18, **{group.capitalize(): None for group in _GROUPS})
    for under in all_under:
        for number, measure in enumerate(under.measures):
            counts = [under.became[measure, group] for group in _GROUPS]
            label = plain(under.label if not number else "")
            shown.add_row(label, measure, *(f"{one:,}" if one else "" for one in counts))
    console.print(shown)
    console.print("The row of a measure counts the contacts that it bore on, by what became of them in all.")
    rows = list(_flag_rows(all_under))
    if not rows:
        return
    flags = table(Flagged=20, Level_reached=None, **{f"_{number}": 12 for number in range(len(all_under))})
    for number, under in enumerate(all_under):
        flags.columns[2 + number].header = plain(under.label)  # a name may hold markup
    for who, text, times in rows[:_MOST_FLAGS]:
        flags.add_row(plain(who), plain(text), *(str(one or "") for one in times))
    if len(rows) > _MOST_FLAGS:
        console.print(f"The table of flags shows {_MOST_FLAGS} of {len(rows):,} rows; --json shows all.")
    console.print(flags)


def print_beside_json(all_under: Sequence[Under]) -> None:
    """Print one object for each measure under each, then one for each flag."""
    for under in all_under:
        for measure in under.measures:
            became = {group: under.became[measure, group] for group in _GROUPS}
            print_json({"under": under.label, "measure": measure, **became})
    for who, text, counts in _flag_rows(all_under):
        times = {under.label: one for under, one in zip(all_under, counts, strict=True)}
        print_json({"flagged": who, "text": text, "times": times})


def _flag_rows(all_under: Sequence[Under]) -> Iterator[tuple[str, str, list[int]]]:
    """Give each flag with how often it was raised under each, the most first.

    Somebody whom any of them knows as a party is named so under all.
    """
    names = {sender: name for under in all_under for sender, name in under.names.items()}
    times: dict[tuple[str, str], list[int]] = {}
    for number, under in enumerate(all_under):
        for (sender, text), count in under.flags.items():
            times.setdefault((names.get(sender, sender), text), [0] * len(all_under))[number] += count
    for (who, text), counts in sorted(times.items(), key=lambda row: (-sum(row[1]), row[0])):
        yield who, text, counts
