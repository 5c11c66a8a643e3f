"""The schema of the API: what FastAPI reads from the routes, with measures and problems as they really are.

Belongs here: the catalogue of measures as schemas, and which problems every route may answer with.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from gateway.api.door import OPEN
from gateway.api.problems import ANSWERS, MEDIA_TYPE, Problem
from rules.measures import KINDS

_REF = "#/components/schemas/{model}"
_MEASURE = "Measure"
_ALWAYS = (401, 413, 422, 503)
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
        components.update(_measures())
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
    if "{party}" in path:
        found |= {404}
    if "/acts/" in path or "/notices" in path:
        found |= {403, 412}
    return sorted(found)


def _measures() -> dict[str, Any]:
    """Give a schema for each kind of measure, and one that is any of them by its kind."""
    found: dict[str, Any] = {}
    for kind, measure in KINDS.items():
        made = measure.model_json_schema(ref_template=_REF)
        found |= made.pop("$defs", {})
        made["properties"] = {"kind": {"const": kind, "type": "string"}, **made.get("properties", {})}
        made["required"] = ["kind", *made.get("required", [])]
        made["description"] = measure.staff_words
        found[f"{_MEASURE}_{kind}"] = made
    refs = {kind: _REF.format(model=f"{_MEASURE}_{kind}") for kind in KINDS}
    found[_MEASURE] = {
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "kind", "mapping": refs},
    }
    return found
