"""Seal evidence, so that nobody meets distressing material by accident (SPSO-66, SPSO-67)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field, JsonValue

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.acts.note_incident import known_incidents
from rules.casework.evidence import SealedEvidence
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy

MB = 1_000_000
# Taken from the bytes by whoever brings them, never asked of a person.
_TAKEN: dict[str, JsonValue] = {"filled": True}


def too_large(policy: Policy) -> Refused:
    """Say how large one piece of evidence may be, and what else can be done."""
    return Refused(
        f"One piece of evidence has {policy.evidence.most_mb} MB at most.",
        clause=policy.clause("evidence"),
        way="Bring a smaller part of it, or say where it is kept in the incident's evidence.",
    )


class SealEvidence(Act):
    """Name the piece and say neutrally what it is; digest and size are those of the bytes that come with it."""

    name: ClassVar[str] = "seal_evidence"
    staff_words: ClassVar[str] = (
        "Keep a recording, a picture or a letter out of sight. Name it so that everybody knows what it is without "
        "seeing it; the name and the description stay plain and neutral."
    )

    mark: Annotated[Text, Field(max_length=80, description="A marked name, such as DISTRESSING - voicemail 1.")]
    description: Annotated[Text, Field(max_length=400, description="What it is, in neutral words.")]
    incident: Annotated[Id, Field(description="The incident that it is evidence of.")] = ""
    media_type: Annotated[
        str,
        Field(
            max_length=100,
            pattern=r"^([a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*)?$",
            description="What kind of file it is, such as audio/mpeg, where you know; nobody looks.",
        ),
    ] = ""
    digest: Annotated[
        str, Field(pattern=r"^([0-9a-f]{64})?$", description="SHA-256 of the bytes.", json_schema_extra=_TAKEN)
    ] = ""
    size: Annotated[int, Field(ge=0, lt=2**53, description="How many bytes.", json_schema_extra=_TAKEN)] = 0

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused without bytes, above the policy's size, and under a mark that is taken."""
        known_incidents(file, (self.incident,) if self.incident else ())
        if not self.digest or not self.size:
            raise Refused("There is nothing to seal.", way="Bring the file itself.")
        if self.size > policy.evidence.most_mb * MB:
            raise too_large(policy)
        if any(one.mark.casefold() == self.mark.casefold() for one in shelf_of(file, policy).evidence.values()):
            raise Refused(f"Evidence named {self.mark!r} is on this file.", way="Give it a name of its own.")
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """It is sealed."""
        shelf.evidence[paper.id] = SealedEvidence(
            paper.id,
            self.mark,
            self.description,
            self.digest,
            self.size,
            paper.at,
            paper.by,
            self.incident,
            self.media_type,
        )
