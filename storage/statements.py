"""Statements that are turned into text once and then run by the driver itself, without SQLAlchemy in between.

Belongs here: how SQL is written down in this folder. Parameters are named, and every one is given at each run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Executable, Table, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

SQLITE: Dialect = SQLiteDialect_pysqlite(paramstyle="named")
_BY_POSITION: Dialect = SQLiteDialect_pysqlite(paramstyle="qmark")
POSTGRESQL: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # has no annotations

Values = Mapping[str, Any]
Ordered = Callable[[Values], tuple[Any, ...]]
FIRST: ColumnElement[int] = literal_column("0")
"""From the first row on; without saying so, SQLite is given a parameter that has no name."""


class Statement:
    """Hold one statement, or how to write it for a dialect where the two differ; its text is made at the first run."""

    __slots__ = ("_by_position", "_statement", "_texts")

    def __init__(self, statement: Executable | Callable[[Dialect], Executable]) -> None:
        self._statement = statement
        self._texts: dict[str, str] = {}
        self._by_position: tuple[str, Ordered] | None = None

    def by_position(self) -> tuple[str, Ordered]:
        """Give the text for SQLite with a question mark for each parameter, and what puts values into their order.

        SQLite looks a name up among all names of the statement: by position, a contact goes in a quarter faster.
        """
        if self._by_position is None:
            compiled = _compiled(self._in(_BY_POSITION), _BY_POSITION)
            _refuse_values(compiled.params)
            self._by_position = str(compiled), _ordered(compiled.positiontup or ())
        return self._by_position

    def text(self, dialect: Dialect) -> str:
        """Give the SQL text in `dialect`; a value that is not a named parameter is a ValueError."""
        text = self._texts.get(dialect.name)
        if text is None:
            text, values = written(self._in(dialect), dialect)
            _refuse_values(values)
            self._texts[dialect.name] = text
        return text

    def _in(self, dialect: Dialect) -> Executable:
        return self._statement(dialect) if callable(self._statement) else self._statement


def written(statement: Executable, dialect: Dialect) -> tuple[str, Values]:
    """Compile a statement for a single run: its text and the values inside it."""
    compiled = _compiled(statement, dialect)
    return str(compiled), compiled.params


def _compiled(statement: Executable, dialect: Dialect) -> SQLCompiler:
    assert isinstance(statement, ClauseElement)
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    assert isinstance(compiled, SQLCompiler)
    return compiled


def _refuse_values(values: Values) -> None:
    if any(value is not None for value in values.values()):
        raise ValueError(f"not a parameter by name: {values}")


def _ordered(names: Sequence[str]) -> Ordered:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


def add(table: Table) -> Statement:
    """Write an insert of a whole row."""
    return Statement(table.insert())


def add_unless(table: Table, *columns: str, where: ColumnElement[bool] | None = None) -> Statement:
    """Write an insert of a whole row that does nothing where `columns` are taken."""

    def build(dialect: Dialect) -> Executable:
        if dialect is POSTGRESQL:
            return postgresql.insert(table).on_conflict_do_nothing(index_elements=columns, index_where=where)
        return sqlite.insert(table).on_conflict_do_nothing(index_elements=columns, index_where=where)

    return Statement(build)
