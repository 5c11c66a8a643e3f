"""The command line: each command is a use case put into words. Exit 2 usage, 75 later, 78 configuration."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Sequence
from functools import cache

from typer.main import get_command

from gateway.cli.office import app
from gateway.config import ConfigError
from gateway.logs import to_stderr
from storage.faults import PaperUnreadable, RecordUnavailable

USAGE, LATER, CONFIGURATION = 2, 75, 78
_SERVE = "serve"
"""Runs for weeks, so it loads no other command: eight megabytes, and a third of a second."""


def main() -> None:
    """Run the command line; faults become one sentence and an exit code."""
    to_stderr()
    try:
        command(alone=_SERVE if _asked(sys.argv[1:]) == _SERVE else "")()
    except ConfigError as refused:
        sys.exit(_say(str(refused), CONFIGURATION))
    except RecordUnavailable as fault:
        sys.exit(_say(f"The record cannot be used now: {fault}", LATER))
    except PaperUnreadable as fault:
        sys.exit(_say(f"{fault} Nobody acts on a file that shows less than is on it; `parley audit verify`.", LATER))


@cache
def command(*, alone: str = "") -> Callable[[], object]:
    """Put the commands of all modules together, once a process; or of the module `alone`."""
    for name in [alone] if alone else [module.name for module in pkgutil.iter_modules(__path__)]:
        importlib.import_module(f"{__name__}.{name}")
    return get_command(app)


def _asked(arguments: Sequence[str]) -> str:
    """Give the command that is asked for; empty where none is, or only an option's own."""
    rest = iter(arguments)
    for one in rest:
        if one == "--state":
            next(rest, None)
        elif not one.startswith("-"):
            return one
    return ""


def _say(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code
