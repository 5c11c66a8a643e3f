"""Whether people are answered by text, which numbers, how often and for how much (THREATS T6).

Belongs here: the limits as a part of the policy. Texts cost money and reach whoever holds the phone.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from rules.policies.parts import Part


def _beginning(text: str) -> str:
    if not re.fullmatch(r"\+[1-9][0-9]{0,14}", text):
        raise ValueError(f"{text!r} is not how a number begins; write it as +44")
    return text


Beginning = Annotated[str, AfterValidator(_beginning)]


class Texting(Part):
    """Say which texts of ours may leave; limits hold over 24 hours, over all numbers and machines.

    A number is answered that begins as `numbers` say and not as `never` does. `price` is what one part of a text costs
    (160 plain characters), `most_spent` how much may be spent; both in the office's money. `alerts_percent` of both are
    kept for alerts to staff, where the office has some by text.
    """

    answers: bool = True
    numbers: tuple[Beginning, ...] = ("+44",)
    never: tuple[Beginning, ...] = ("+4470", "+4476", "+448", "+449")
    hours_between: Annotated[int, Field(ge=1, le=24 * 31)] = 24
    most: Annotated[int, Field(ge=1, le=10_000)] = 50
    price: Annotated[float, Field(ge=0, le=10)] = 0.05
    most_spent: Annotated[float, Field(ge=0, le=10_000)] = 5.00
    alerts_percent: Annotated[int, Field(ge=0, le=90)] = 20

    @model_validator(mode="after")
    def _worth_a_text(self) -> Self:
        if self.answers and self.most_spent < self.price:
            raise ValueError("most_spent is less than one text costs; write answers = false where none may leave")
        return self

    def reaches(self, number: str) -> bool:
        """Tell whether a number, in E.164, may be answered; a short code or a name is none."""
        return self.answers and number.startswith(self.numbers) and not number.startswith(self.never)

    def affords(self, sent: int, parts_sent: int, parts: int, *, share: int = 1) -> bool:
        """Tell whether one more text of `parts` may leave after `sent` texts of `parts_sent` in all.

        A `share` of 2 is half of what is allowed: what may wait leaves room for what may not.
        """
        spent = (parts_sent + parts) * _exactly(self.price)
        return (sent + 1) * share <= self.most and spent * share <= _exactly(self.most_spent)

    def for_alerts(self) -> Self:
        """Give what is kept for alerts, in whole texts: no reply to the public uses it up."""
        price, kept = _exactly(self.price), _exactly(self.most_spent) * self.alerts_percent / 100
        spent = kept // price * price if price else kept
        return self.model_copy(update={"most": self.most * self.alerts_percent // 100, "most_spent": float(spent)})

    def for_replies(self) -> Self:
        """Give what is left for replies beside what is kept for alerts: never less than one text."""
        kept = self.for_alerts()
        spent = max(_exactly(self.most_spent) - _exactly(kept.most_spent), _exactly(self.price))
        return self.model_copy(update={"most": max(self.most - kept.most, 1), "most_spent": float(spent)})


def _exactly(money: float) -> Decimal:
    """Read an amount as it was written: a hundred times 0.05 is 5."""
    return Decimal(str(money))
