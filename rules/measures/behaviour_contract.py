"""Agree with a party on conditions for contact (PHSO-M4)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field

from rules.contact import Contact
from rules.decision import Finding
from rules.measures.measure import Measure, let_through, several
from rules.policies import Policy
from rules.standing import Standing
from rules.windows import in_words


def _said(conditions: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(text for text in (" ".join(one.split()) for one in conditions) if text)
    if not 1 <= len(kept) <= 20:
        raise ValueError("name one condition at least, and twenty at most")
    if not all(text.isprintable() for text in kept):
        raise ValueError("a condition has characters that cannot be printed")
    return kept


Conditions = Annotated[
    tuple[Annotated[str, Field(max_length=500)], ...],
    BeforeValidator(several, json_schema_input_type=str | list[str]),
    AfterValidator(_said),
]


class BehaviourContract(Measure):
    """Let the restriction's other measures stand until the party agrees to the `conditions`; then these alone stand.

    Whether they agreed is a fact on the restriction (`contract_agreed`). Without one, and with nothing else in its
    restriction, it changes nothing.
    """

    kind: ClassVar[str] = "behaviour_contract"
    sender_words: ClassVar[str] = "These are our conditions for contact: {conditions}."
    staff_words: ClassVar[str] = (
        "Conditions for contact. The other measures stand until the party agrees to them, and rest from then on."
    )
    is_contract: ClassVar[bool] = True

    conditions: Annotated[Conditions, Field(description="What the party is asked to agree to.")]

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find the contact open; say whether the conditions wait for an answer, or which ones were agreed."""
        assert standing.restriction is not None  # decide sets it
        agreed = standing.restriction.contract_agreed
        if agreed is None or now < agreed:
            return Finding(let_through(contact), "The contract is not agreed yet; until then the other measures stand")
        conditions = "; ".join(self.conditions)
        text = f"The contract was agreed on {in_words(agreed, policy.zone)}. Its conditions: {conditions}"
        return Finding(let_through(contact), text)
