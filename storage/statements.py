"""Core statements compiled once for one database and run on the driver's own connection.

Compiling a statement costs SQLAlchemy more than either database needs to answer it, so that happens once, when it is
first run: a store opens without what nobody asks of it. What a turn runs is text and a dictionary; types convert as in
any other Core statement.
"""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

Row = tuple[Any, ...]
Convert = Callable[[Any], Any]


class DriverCursor(Protocol):
    def fetchone(self) -> Row | None: ...

    def fetchall(self) -> list[Row]: ...


ONE: sa.ColumnElement[int] = sa.literal_column("1")
"""What a statement returns for a row that only counts."""

Execute = Callable[[str, dict[str, Any]], DriverCursor]


def insert_row(table: sa.Table, *but: str) -> sa.Insert:
    """One row with a parameter for every column, except those that the database fills in."""
    names = [column.name for column in table.columns if column.name not in but]
    return sa.insert(table).values({name: sa.bindparam(name) for name in names}).inline()


_COMPILED = frozenset({"_binds", "_columns", "_constants", "sql"})


class Statement:
    """One Core statement as text, with the conversions of its parameters and columns."""

    __slots__ = (*_COMPILED, "_dialect", "_element")
    sql: str
    _constants: dict[str, Any]
    _binds: tuple[tuple[str, Convert], ...]
    _columns: tuple[tuple[int, Convert], ...]

    def __init__(self, element: sa.sql.ClauseElement, dialect: Dialect) -> None:
        self._element, self._dialect = element, dialect

    def __getattr__(self, name: str) -> Any:
        """Only for what is not there yet, and so once. Two threads that come together find the same."""
        if name not in _COMPILED:
            raise AttributeError(name)
        self._compile(self._element, self._dialect)
        return getattr(self, name)

    def _compile(self, element: sa.sql.ClauseElement, dialect: Dialect) -> None:
        compiled = element.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        assert isinstance(compiled, SQLCompiler)
        self.sql = str(compiled)
        self._constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        binds = ((name, _binding(bind.type, dialect)) for name, bind in compiled.binds.items())
        self._binds = tuple((name, convert) for name, convert in binds if convert is not None)
        columns = enumerate(_result(column.type, dialect) for column in _columns(element))
        self._columns = tuple((place, convert) for place, convert in columns if convert is not None)

    @property
    def converts(self) -> bool:
        """Whether a row from the driver is not yet what is to be read."""
        return bool(self._columns)

    def bind(self, values: dict[str, Any]) -> dict[str, Any]:
        if self._constants:
            values = self._constants | values
        for name, convert in self._binds:
            values[name] = convert(values[name])
        return values

    def read(self, row: Row) -> Row:
        if not self._columns:
            return row
        cells = list(row)
        for place, convert in self._columns:
            cells[place] = convert(cells[place])
        return tuple(cells)


def _columns(element: sa.sql.ClauseElement) -> Iterable[sa.ColumnElement[Any]]:
    return element.exported_columns if isinstance(element, sa.Select) else ()


def _binding(type_: sa.types.TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _result(type_: sa.types.TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)


class Db:
    """An open transaction on either database. `answered` tells that something has been read in it: on PostgreSQL
    what is only written travels later."""

    __slots__ = ("_execute", "answered")

    def __init__(self, execute: Execute) -> None:
        self._execute = execute
        self.answered = False

    def run(self, statement: Statement, **values: Any) -> None:
        self._execute(statement.sql, statement.bind(values))

    def row(self, statement: Statement, **values: Any) -> Row | None:
        found = self._execute(statement.sql, statement.bind(values)).fetchone()
        self.answered = True
        return None if found is None else statement.read(found)

    def rows(self, statement: Statement, **values: Any) -> list[Row]:
        found = self._execute(statement.sql, statement.bind(values)).fetchall()
        self.answered = True
        return [statement.read(row) for row in found] if statement.converts else found

    def count(self, statement: Statement, **values: Any) -> int:
        """How many rows a statement with `RETURNING` touched."""
        return len(self.rows(statement, **values))
