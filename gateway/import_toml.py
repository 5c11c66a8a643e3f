"""Reads parties and restrictions from TOML, and finds the line of every table in it, which the parser does not tell.

Belongs here: the shape of the file. What its fields mean is checked elsewhere. Never raises on what a file holds.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.import_drafts import Draft, Drafted, Fault, MeasureDraft, PartyDraft, RestrictionDraft

# Strings and comments come first, so that a header or a key inside of one is not taken for one.
_TOKENS = re.compile(
    r'"""(?:\\.|[^\\])*?"""'
    r"|'''.*?'''"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|^[ \t]*\[\[?(?P<header>[^\[\]\n#]+)\]\]?"
    r"|^[ \t]*(?P<key>[A-Za-z0-9_-]+)[ \t]*="
    r"|\b(?P<kind>kind)[ \t]*=",
    re.MULTILINE | re.DOTALL,
)
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")


@dataclass(slots=True)
class _Section:
    """Hold one header of the file: its path, its line, the lines of its keys and of each `kind` in its lists."""

    path: str
    line: int
    keys: dict[str, int] = field(default_factory=dict)
    kinds: list[int] = field(default_factory=list)
    under: dict[str, list[_Section]] = field(default_factory=dict)

    def child(self, name: str, number: int) -> _Section:
        """Give the section of the n-th table of a list; this section's line stands for one written inline."""
        found = self.under.get(name, [])
        return found[number] if number < len(found) else _Section(name, self.keys.get(name, self.line))


def read(text: str) -> Drafted:
    """Read the text of a TOML file."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        return Drafted((), (_not_toml(fault, text),))
    except RecursionError:
        return Drafted((), (Fault(0, "It is nested too deeply to be read."),))
    root = _sections(text)
    faults = [
        Fault(root.keys.get(key, _line_of(root, key)), f"There is no {key!r} here; a party begins with [[party]].")
        for key in data
        if key != "party"
    ]
    parties = tuple(
        _party(table, root.child("party", number), faults)
        for number, table in _tables(data.get("party", []), root, "party", faults)
    )
    if not parties and not faults:
        faults.append(Fault(0, "There is no [[party]] in it."))
    return Drafted(parties, tuple(faults))


def _not_toml(fault: tomllib.TOMLDecodeError, text: str) -> Fault:
    found = _PLACE.search(str(fault))
    line = int(found[1]) if found and found[1] else text.rstrip().count("\n") + 1
    what = _PLACE.sub("", str(fault)).strip()
    return Fault(line, f"It is not valid TOML here: {what[:1].lower()}{what[1:]}.")


def _line_of(root: _Section, key: str) -> int:
    found = root.under.get(key)
    return found[0].line if found else 0


def _party(table: Mapping[str, object], section: _Section, faults: list[Fault]) -> PartyDraft:
    restrictions = [
        _restriction(each, section.child("restriction", number), faults)
        for number, each in _tables(table.get("restriction", []), section, "restriction", faults)
    ]
    adjustments = [
        _draft(each, section.child("adjustment", number))
        for number, each in _tables(table.get("adjustment", []), section, "adjustment", faults)
    ]
    return PartyDraft(_draft(table, section, "restriction", "adjustment"), tuple(restrictions), tuple(adjustments))


def _restriction(table: Mapping[str, object], section: _Section, faults: list[Fault]) -> RestrictionDraft:
    draft = _draft(table, section, "measures")
    written = table.get("measures", [])
    if not isinstance(written, list):
        faults.append(Fault(section.keys.get("measures", section.line), "measures is a list; write [{ kind = ... }]."))
        written = []
    elif not written:
        faults.append(
            Fault(section.keys.get("measures", section.line), "measures is missing; a restriction has one or more.")
        )
    lines = [section.child("measures", number).line for number in range(len(written))]
    if len(section.kinds) == len(written):
        lines = section.kinds
    return RestrictionDraft(draft, tuple(MeasureDraft(line, data) for line, data in zip(lines, written, strict=True)))


def _draft(table: Mapping[str, object], section: _Section, *without: str) -> Draft:
    return Draft(section.line, {key: value for key, value in table.items() if key not in without}, section.keys)


def _tables(
    value: object, section: _Section, name: str, faults: list[Fault]
) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Number the tables of a list; whatever else stands there is a fault."""
    for number, each in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(value, list) and isinstance(each, dict):
            yield number, each
        else:
            path = name if name == "party" else f"party.{name}"
            faults.append(Fault(section.child(name, number).line, f"Write [[{path}]], with two brackets on each side."))


def _sections(text: str) -> _Section:
    """Find all headers with their keys, each under the header that it belongs to."""
    root = _Section("", 0)
    latest = {"": root}
    section, line, scanned = root, 1, 0
    for token in _TOKENS.finditer(text):
        name = token.lastgroup
        if name is None:
            continue
        start = token.start(name)
        line, scanned = line + text.count("\n", scanned, start), start
        if name == "header":
            path = ".".join(part.strip().strip("\"'") for part in token[name].split("."))
            above, _, own = path.rpartition(".")
            section = _Section(own, line)
            latest.get(above, root).under.setdefault(own, []).append(section)
            latest[path] = section
            continue
        if name == "key":
            section.keys.setdefault(token[name], line)
        if token[name] == "kind":
            section.kinds.append(line)
    return root
