"""What every act is: frozen fields, who may do it, and what it is judged by.

Belongs here: the base of the catalogue and the field types that acts share.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from rules import measures
from rules.casework.refused import Refused
from rules.measures import Measure
from rules.policies.acts import ACTS, OPEN_TO_ALL

if TYPE_CHECKING:
    from rules.casework.actor import Actor
    from rules.casework.file import CaseFile, Paper
    from rules.casework.shelf import Shelf
    from rules.policies import Policy


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("write something")
    return text.strip()


def _measure(data: Any) -> Measure:  # noqa: ANN401  # whatever an API or a file holds
    if isinstance(data, Measure):
        return data
    if not isinstance(data, Mapping):
        raise ValueError("a measure is written as a table with its kind and its parameters")
    return measures.parse(data)


Text = Annotated[str, Field(max_length=8000), AfterValidator(_said)]
"""Words that must be there."""
Words = Annotated[str, Field(max_length=8000)]
"""Words that may be left out."""
Id = Annotated[str, Field(max_length=64)]
AMeasure = Annotated[Measure, BeforeValidator(_measure), PlainSerializer(measures.dump, return_type=dict[str, object])]
Measures = Annotated[tuple[AMeasure, ...], Field(min_length=1, max_length=20)]


def filled() -> Any:  # noqa: ANN401  # a field of pydantic's
    """Mark a field that `judge` fills in, whatever was given; neither command line nor API asks for it."""
    return Field(json_schema_extra={"filled": True})


class Act(BaseModel, ABC):
    """Hold what somebody means to do; subclasses name it by what it does, `staff_words` say when to use it.

    Whether this person may do it at all is judged before `judge` is asked (`permitted`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True)

    name: ClassVar[str]
    staff_words: ClassVar[str]

    @abstractmethod
    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give the act as it goes on the file, with what the policy fills in; raises Refused. `now` is aware UTC."""

    def enter(self, paper: Paper, shelf: Shelf) -> None:  # most acts change no view
        """Change what the file says, now that this act is on it; never raises on what `judge` let through."""


def permitted(act: Act, policy: Policy, by: Actor) -> str:
    """Give the role in which somebody may do this; raises Refused with who may."""
    return allowed(act.name, policy, by)


def allowed(name: str, policy: Policy, by: Actor) -> str:
    """Give the role in which somebody may do what [may] of the policy names; raises Refused with who may.

    Where it names nobody, any colleague may: whoever has a role. What is open to all is open to those without one, too.
    """
    roles = policy.may(name)
    if not roles:
        if not by.roles and name not in OPEN_TO_ALL:
            raise Refused(
                f"{by.name} has no role in this office, so this is not for them: {ACTS[name]}.",
                clause=policy.clause(name),
                way="Whoever keeps the settings names them under [[people]], or gives their token a role.",
            )
        return min(by.roles, default="")
    role = by.any_of(roles)
    if not role:
        titles = " or ".join(sorted(policy.roles.get(each, each) for each in roles))
        raise Refused(
            f"{by.name} may not do this: {ACTS[name]}.",
            clause=policy.clause(name),
            way=f"It is for the {titles}; ask one of them.",
        )
    return role


def may(name: str, policy: Policy, by: Actor) -> bool:
    """Tell whether somebody may do what [may] of the policy names, to whom it is then shown."""
    roles = policy.may(name)
    return bool(by.any_of(roles)) if roles else bool(by.roles) or name in OPEN_TO_ALL
