"""The forms of the acts: what people fill in, one form for each act, made from the catalogue.

Belongs here: the shape of what is given, for API and command line alike; a new act takes no edit. What it means is
judged by the act.
"""

from __future__ import annotations

from functools import cache
from typing import Any, get_type_hints

from pydantic import BaseModel, create_model

from rules.casework.acts.act import Act


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
