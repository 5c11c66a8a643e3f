"""The catalogue of acts: one module each, found by walking their folder; adding one takes no edit elsewhere.

Belongs here: the registry, reading and writing acts as the record, the command line and the API have them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from rules.casework import acts
from rules.casework.acts.act import Act
from rules.sentences import sentences

__all__ = ["ACTS", "Act", "dump", "parse"]


def _catalogue() -> dict[str, type[Act]]:
    for module in pkgutil.iter_modules(acts.__path__):
        importlib.import_module(f"{acts.__name__}.{module.name}")
    # What stands for an act but is none lives elsewhere (`removed`).
    here = (act for act in Act.__subclasses__() if act.__module__.startswith(f"{acts.__name__}."))
    return {act.name: act for act in sorted(here, key=lambda act: act.name)}


ACTS: Mapping[str, type[Act]] = _catalogue()


def parse(name: str, data: Mapping[str, object]) -> Act:
    """Read one act from plain data; raises ValueError with a sentence for a person."""
    known = ACTS.get(name)
    if known is None:
        raise ValueError(f"there is no act {name!r}; the acts are {', '.join(ACTS)}")
    with sentences(f"{name}: "):
        return known.model_validate(data)


def dump(act: Act) -> dict[str, object]:
    """Write one act as plain data that `parse` reads back; fields at their default are left out."""
    return act.model_dump(mode="json", by_alias=True, exclude_defaults=True)
