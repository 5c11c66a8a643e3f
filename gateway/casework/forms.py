"""The forms of the acts: what people fill in, one form for each act, made from the catalogue.

Belongs here: the shape of what is given, for API and command line alike; a new act takes no edit. What it means is
judged by the act.
"""

from __future__ import annotations

from functools import cache
from typing import Any, get_type_hints

from pydantic import BaseModel, create_model

from rules.casework.acts.act import Act
from rules.measures import KINDS

MEASURE = "Measure"


def asked(act: type[Act]) -> tuple[str, ...]:
    """Name the fields of an act that people give; the others are filled in when it is judged."""
    return tuple(name for name, field in act.model_fields.items() if not _filled(field.json_schema_extra))


def _filled(extra: object) -> bool:
    return isinstance(extra, dict) and extra.get("filled") is True


@cache
def form_of(act: type[Act]) -> type[BaseModel]:
    """Make the model of what people fill in to do this act."""
    hints = get_type_hints(act, include_extras=True)
    fields: dict[str, Any] = {
        name: (hints[name], ... if act.model_fields[name].is_required() else act.model_fields[name].default)
        for name in asked(act)
    }
    model: type[BaseModel] = create_model(act.__name__, __config__=act.model_config, __doc__=act.__doc__, **fields)
    return model


def act_of(act: type[Act], form: BaseModel) -> Act:
    """Read the act that a form means; raises pydantic's ValidationError for what the fields together do not mean."""
    return act.model_validate({name: getattr(form, name) for name in form.model_fields_set})


def schema_of(act: type[Act]) -> dict[str, Any]:
    """Give the JSON Schema of what people fill in, whole by itself: measures are those of the catalogue."""
    found = form_of(act).model_json_schema()
    if MEASURE in found.get("$defs", {}):
        found["$defs"] |= measure_schemas("#/$defs/{model}")
    return found


def measure_schemas(ref: str) -> dict[str, Any]:
    """Give a schema for each kind of measure, and one that is any of them by its kind; `ref` says how to refer."""
    found: dict[str, Any] = {}
    for kind, measure in KINDS.items():
        made = measure.model_json_schema(ref_template=ref)
        found |= made.pop("$defs", {})
        made["properties"] = {"kind": {"const": kind, "type": "string"}, **made.get("properties", {})}
        made["required"] = ["kind", *made.get("required", [])]
        made["description"] = measure.staff_words
        found[f"{MEASURE}_{kind}"] = made
    refs = {kind: ref.format(model=f"{MEASURE}_{kind}") for kind in KINDS}
    found[MEASURE] = {
        "oneOf": [{"$ref": one} for one in refs.values()],
        "discriminator": {"propertyName": "kind", "mapping": refs},
    }
    return found
