"""Turn a schema's complaints into one sentence a person can act on. Belongs here: nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError
from pydantic_core import ErrorDetails


@contextmanager
def sentences(prefix: str = "") -> Iterator[None]:
    """Raise what a model refuses as a ValueError: where, what is wrong, what would be right."""
    try:
        yield
    except ValidationError as refused:
        raise ValueError(prefix + "; ".join(each(refused))) from None


def each(refused: ValidationError) -> list[str]:
    """Give what a model refuses as sentences without their full stops, one for each fault."""
    return [sentence(error) for error in refused.errors()]


def sentence(error: ErrorDetails) -> str:
    """Give one thing that a model refuses as a sentence without its full stop."""
    where = ".".join(str(part) for part in error["loc"])
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return f"{where} is missing"
    if kind == "extra_forbidden":
        return f"there is no parameter {where}"
    if kind in {"enum", "literal_error"}:
        return f"{where} is {_short(error['input'])}, but must be {context['expected']}"
    if kind == "value_error":
        return f"{where}: {context['error']}" if where else str(context["error"])
    return f"{where} is {_short(error['input'])}: {error['msg'][:1].lower()}{error['msg'][1:]}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
