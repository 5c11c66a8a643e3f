"""What was tried of each act, and what the product made of it, under each policy.

Belongs here: the table for people, and the acts that a policy never accepts, each with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.casework.laws import LAWS
from tests.casework.office import all_acts

Tally = Counter[tuple[str, str, str]]

NEVER = {
    ("phso", "appeal"): "PHSO-21: decisions are final",
    ("phso", "decide_appeal"): "PHSO-21: decisions are final",
    ("mp-office", "appeal"): "MP-8: names no appeal",
    ("mp-office", "decide_appeal"): "MP-8: names no appeal",
    **{
        (policy, "agree_contract"): "PHSO-M4 alone has contracts; the default has all measures"
        for policy in ("spso", "mp-office", "housing-ombudsman")
    },
}
"""What a policy has no room for, and why; where one of these is accepted, that is a failure too."""


def table(tried: Tally) -> Iterable[str]:
    """Give the table's lines: how often each act was tried, accepted and refused, and accepted under each policy."""
    policies = sorted(LAWS)
    yield f"{'act':<22}{'tried':>8}{'accepted':>10}{'refused':>9}" + "".join(f"{name[:8]:>10}" for name in policies)
    for act in sorted(all_acts()):
        accepted = [tried[policy, act, "accepted"] for policy in policies]
        refused = sum(tried[policy, act, "refused"] for policy in policies)
        counts = f"{sum(accepted) + refused:>8}{sum(accepted):>10}{refused:>9}"
        yield f"{act:<22}{counts}" + "".join(f"{count:>10}" for count in accepted)
    for what in ("sequences", "in force"):
        counts = [tried[policy, "", what] for policy in policies]
        yield f"{what:<22}{'':>8}{sum(counts):>10}{'':>9}" + "".join(f"{count:>10}" for count in counts)


def untried(tried: Tally) -> list[str]:
    """Name what was never accepted though the policy has it, and what was though it has not."""
    found = []
    for policy in sorted(LAWS):
        for act in sorted(all_acts()):
            accepted, why = tried[policy, act, "accepted"], NEVER.get((policy, act))
            if not accepted and not why:
                found.append(f"{act} was never accepted under {policy}: the proof does not try it.")
            if accepted and why:
                found.append(f"{act} was accepted under {policy} ({why}).")
    return found
