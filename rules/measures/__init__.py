"""The catalogue of measures: one module each, found by walking this folder; adding one takes no edit elsewhere.

Belongs here: the registry, reading and writing measures as the file format and API have them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from rules.measures.measure import Measure
from rules.sentences import sentences

__all__ = ["KINDS", "Measure", "dump", "parse"]


def _catalogue() -> dict[str, type[Measure]]:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return {kind.kind: kind for kind in sorted(Measure.__subclasses__(), key=lambda kind: kind.kind)}


KINDS: Mapping[str, type[Measure]] = _catalogue()


def parse(data: Mapping[str, object]) -> Measure:
    """Read one measure from plain data with its `kind`; raises ValueError with a sentence for a person."""
    kind = data.get("kind")
    known = KINDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        raise ValueError(f"there is no measure {kind!r}; the measures are {', '.join(KINDS)}")
    with sentences(f"{known.kind}: "):
        return known.model_validate({key: value for key, value in data.items() if key != "kind"})


def dump(measure: Measure) -> dict[str, object]:
    """Write one measure as plain data that `parse` reads back; parameters at their default are left out."""
    return {"kind": measure.kind, **measure.model_dump(mode="json", by_alias=True, exclude_defaults=True)}
