"""What requests hold besides acts, as models. Belongs here: shapes; what they mean is judged elsewhere."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rules.standing import PartyKind

Identifiers = Annotated[list[Annotated[str, Field(max_length=320)]], Field(max_length=100)]


class PartyBody(BaseModel):
    """Hold a party to be put on record, with how it is recognised."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200, description="What the office calls the party.")]
    kind: Annotated[PartyKind, Field(description="What it is.")] = PartyKind.PERSON
    emails: Annotated[Identifiers, Field(description="Mail addresses.")] = []
    phones: Annotated[Identifiers, Field(description="Phone numbers.")] = []
    domains: Annotated[Identifiers, Field(description="Mail domains that are the party's own.")] = []
    handles: Annotated[Identifiers, Field(description="Social handles, as platform:name.")] = []
    shared: Annotated[Identifiers, Field(description="Those of them that several parties use.")] = []
    how: Annotated[str, Field(max_length=400, description="How they were established.")] = ""
