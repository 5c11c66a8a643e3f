"""Fields of an act as somebody types them: `field=value`, lists by commas or given again, tables as in TOML.

Belongs here: turning what was typed into plain data by the form's own schema. What it means is judged by the act.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

_MOST_BYTES = 1024 * 1024


class BadField(ValueError):
    """Say what cannot be read of what was typed."""


def read(form: type[BaseModel], typed: Sequence[str]) -> dict[str, object]:
    """Read what was typed; raises BadField with a sentence."""
    schema = form.model_json_schema()
    data: dict[str, object] = {}
    for one in typed:
        name, equals, text = one.partition("=")
        name = name.strip()
        if not equals:
            raise BadField(f"{one!r} is no field; write it as field=value.")
        shape = schema.get("properties", {}).get(name)
        if shape is None:
            known = ", ".join(schema.get("properties", {})) or "none"
            raise BadField(f"There is no field {name!r}; the fields are {known}.")
        value = _value(name, text, _shape(shape, schema))
        before = data.get(name)
        if name in data and not (isinstance(before, list) and isinstance(value, list)):
            raise BadField(f"{name} is given twice.")
        data[name] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    return data


def words_of(text: str) -> str:
    """Give words as typed, or those of a file for `@FILE`; raises BadField."""
    if text.startswith("@@"):
        return text[1:]  # words that begin with @
    return _file(Path(text[1:])) if text.startswith("@") else text


def _shape(shape: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Give what stands behind a reference, and behind "or nothing"."""
    if "$ref" in shape:
        found: dict[str, Any] = schema["$defs"][shape["$ref"].rpartition("/")[2]]
        return found
    for one in shape.get("anyOf", ()):
        if one.get("type") != "null":
            return _shape(one, schema)
    return shape


def _value(name: str, text: str, shape: dict[str, Any]) -> object:
    many = shape.get("type") == "array"
    given, text = text, words_of(text)
    if given.startswith("@") and not given.startswith("@@"):
        table = _table(name, text)
        if many and name in table:
            return table[name]
    if many and text.lstrip().startswith("["):
        return _toml(name, text)
    if many:
        return [part.strip() for part in text.split(",") if part.strip()]
    return _toml(name, text) if shape.get("type") == "object" else text


def _table(name: str, text: str) -> dict[str, object]:
    """Read a whole file as TOML; empty where it is none: then it is words."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _toml(name: str, text: str) -> object:
    try:
        found: object = tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        raise BadField(
            f'{name} cannot be read; write lists as a,b or ["a", "b"], measures as [{{kind="block"}}].'
        ) from None
    return found


def _file(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            raw = opened.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise BadField(f"{path} is larger than {_MOST_BYTES} bytes.")
        return raw.decode("utf-8")
    except OSError as fault:
        raise BadField(f"{path} cannot be read ({fault.strerror}); write @@ for words that begin with @.") from None
    except UnicodeDecodeError:
        raise BadField(f"{path} is not UTF-8 text.") from None


def written(shape: dict[str, Any], schema: dict[str, Any]) -> str:
    """Say in a few words what a field takes."""
    shape = _shape(shape, schema)
    if shape.get("enum"):
        return " or ".join(map(str, shape["enum"]))
    if shape.get("type") == "array":
        return f"list of {written(shape.get('items', {}), schema)}"
    if shape.get("format") == "date":
        return "day, as 2026-03-04"
    kinds = {"string": "words", "boolean": "yes or no", "integer": "number", "object": 'tables, as {kind="block"}'}
    return kinds.get(str(shape.get("type")), "words")
