"""Help texts: what is written in them is what a person reads."""

from __future__ import annotations

import typer

from gateway.cli.office import app


def _texts(command, path=()):
    """Give every help text of a command and of those beneath it."""
    yield path, command.help or ""
    for parameter in command.params:
        yield (*path, parameter.name), getattr(parameter, "help", None) or ""
    for name, one in getattr(command, "commands", {}).items():
        yield from _texts(one, (*path, name))


def test_no_words_in_brackets_are_swallowed(parley):
    """What looks like markup is written so that it is shown: of [[people]] nothing was left but []."""
    parley("--version")  # has all commands there
    found = 0
    for path, text in _texts(typer.main.get_command(app)):
        found += "[[" in text or "\\[\\[" in text
        assert "[[" not in text, (path, "write [[ as \\\\[\\\\[")
    assert found >= 2


def test_the_page_says_people(parley, monkeypatch):
    """As a person sees it."""
    monkeypatch.setenv("COLUMNS", "120")
    for arguments in (("act", "--help"), ("token", "add", "--help")):
        assert "[[people]]" in parley(*arguments).out
    assert "[[" not in parley("act", "--help").out.partition("Do ACT")[0]
