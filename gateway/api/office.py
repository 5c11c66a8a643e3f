"""The office over the API: its policy, whether its record is sound and can be read. Belongs here: their routes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from gateway.api.answers import Audit, Health, TheExport, ThePolicy
from gateway.api.rights import only
from gateway.api.room import Caller, Room
from gateway.casework.auditing import verified
from gateway.export_words import as_csv, toml
from gateway.exports import EXPORT, taken_out
from gateway.mail_contact import OBSERVE
from rules.policies import Policy

Form = Annotated[Literal["toml", "csv"], Query(alias="format", description="The format of the file.")]


def office_routes(room: Room) -> APIRouter:
    """Give the routes of the office."""
    router = APIRouter(tags=["office"])

    @router.get("/health", response_model=Health)
    async def health() -> dict[str, str]:
        """Say that the record can be read; 503 where it cannot."""
        await room.aside(lambda: room.record.read_now(lambda reader: reader.setting(OBSERVE)))
        return {"record": "ok"}

    @router.get("/policy", response_model=ThePolicy)
    async def read_policy() -> dict[str, Any]:
        """Read the office's policy."""
        return _policy(room.policy)

    @router.get("/audit/verify", response_model=Audit)
    async def verify_audit() -> dict[str, Any]:
        """Follow the whole chain of acts, and compare every paper, and what is enforced, with it."""
        found = await room.aside(lambda: verified(room.record, room.policy))
        return asdict(found) | {"sound": found.sound}

    @router.get("/export", response_model=TheExport, dependencies=[only(EXPORT, room)])
    async def export_parties(by: Caller, form: Form = "toml") -> dict[str, Any]:
        """Write all parties, restrictions and adjustments as `parley import` takes them; that you did is on record."""
        found = await room.aside(lambda: taken_out(room.record, room.policy, by, now=room.clock(), form=form))
        text = (as_csv if form == "csv" else toml)(found.parties)
        return {"text": text, "notes": found.notes, **found.counts}

    return router


def _policy(policy: Policy) -> dict[str, Any]:
    appeal, review = policy.appeal, policy.review
    return {
        "name": policy.name,
        "title": policy.title,
        "zone": policy.zone.key,
        "roles": dict(policy.roles),
        "grounds": dict(policy.grounds),
        "no_warning_grounds": sorted(policy.no_warning_grounds),
        "measures": sorted(policy.measures),
        "rights": {act: sorted(roles) for act, roles in sorted(policy.rights.items())},
        "durations": policy.durations.model_dump(mode="json"),
        "evidence": policy.evidence.model_dump(mode="json"),
        "four_eyes": policy.four_eyes,
        "appeal": appeal and appeal.model_dump(mode="json"),
        "review": review.model_dump(mode="json"),
        "clauses": dict(policy.clauses),
    }
