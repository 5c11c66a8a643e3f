"""The schema of the API: what FastAPI reads from the routes, with measures and problems as they really are.

Belongs here: the catalogue of measures as schemas, and which problems every route may answer with.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from gateway.api.door import OPEN
from gateway.api.problems import ANSWERS, MEDIA_TYPE, Problem
from gateway.casework.forms import measure_schemas

_REF = "#/components/schemas/{model}"
_ALWAYS = (401, 413, 422, 429, 503)
_OF_OPEN = (413, 503)


def schema(app: FastAPI) -> dict[str, Any]:
    """Give the OpenAPI document; made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, servers=app.servers
        )
        components = made["components"]["schemas"]
        for unused in ("HTTPValidationError", "ValidationError"):
            components.pop(unused, None)
        components.update(measure_schemas(_REF))
        components["Problem"] = Problem.model_json_schema(ref_template=_REF)
        for path, operations in made["paths"].items():
            for method, operation in operations.items():
                _declare(path, method, operation)
        app.openapi_schema = made
    return app.openapi_schema


def _declare(path: str, method: str, operation: dict[str, Any]) -> None:
    """Say which problems a route may answer with."""
    operation["responses"].pop("422", None)
    if path in OPEN:
        operation.pop("security", None)
    for status in _problems(path, method):
        content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
        operation["responses"][str(status)] = {"description": ANSWERS[status], "content": content}


def _problems(path: str, method: str) -> list[int]:
    if path in OPEN:
        return [*_OF_OPEN]
    found = {*_ALWAYS}
    if method == "post":
        found |= {400, 409}
    if "{party}" in path or path.startswith("/contacts/"):
        found |= {404}
    if "/acts/" in path or "/notices" in path or "/evidence" in path:
        found |= {403, 412}
    if "/contacts/" in path:
        found |= {403, 409} | ({412} if method == "post" else set())
    if path.startswith("/alerts"):
        found |= {403} | ({404} if method == "post" else set())
    if path.startswith("/flags"):
        found |= {403, 409} | ({412} if path.endswith("/act") else set())
    if path.startswith("/log"):
        found |= {403, 409}
    if path.startswith("/voicemail"):
        found |= {403, 409} | ({412} if path.endswith("/hear") else set())
    if path.endswith(("/report", "/disclosure")):
        found |= {403, 409}
    for_some = path.endswith(("/levels", "/waiting", "/figure", "/clocks", "/sheet", "/retention", "/export", "/brief"))
    if for_some or path.startswith("/reports/") or (method, path) == ("post", "/parties"):
        found |= {403}
    if (method, path) == ("post", "/parties/{party}/evidence"):
        found |= {408}
    return sorted(found)
