"""A whole database at once, for backups and moves: one open transaction, and its rows as they stand, whatever the version
of the schema. What is encrypted stays encrypted."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from domain.audit import AuditEntry
from domain.errors import DomainError
from storage import schema, sqlite
from storage.audit import AuditStatements, AuditTable
from storage.migrate import lock, revision_of, upgrade
from storage.sqlite import Use
from storage.statements import Db
from storage.store import parse_url, told_by_code
from storage.vault import Vault

Row = tuple[Any, ...]

BATCH = 500
_VERSION = "alembic_version"
_KINDS = {str: "text", int: "number", float: "fraction", bool: "boolean"}
_TYPES = {name: kind for kind, name in _KINDS.items()}
_PATIENCE = 20
"""So many tenths of a second a connection may take to be gone after its program has ended."""


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table without its rows. `last` is the highest number the database gave a row by itself; 0 where it keeps none."""

    name: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    last: int = 0


@contextmanager
def whole_database(
    url: str, vault: Vault, use: Use = Use.READ, *, is_new: bool = False
) -> Iterator[sa.Connection]:
    """An open transaction on a database, committed at the end and rolled back when anything goes wrong.

    READ sees the database as it is at this moment, and holds nobody up. ALONE refuses while another program has it open,
    as far as that can be seen. With `is_new` the database need not be there yet.

    Raises DomainError as `open_store`, and: no_database, database_in_use.
    """
    parsed = parse_url(url)
    is_file = parsed.get_backend_name() == "sqlite"
    with told_by_code(parsed):
        engine = _file(parsed, vault, use, is_new) if is_file else _server(parsed, vault)
        try:
            with engine.connect() as connection, _begun(connection, use):
                if not is_new and revision_of(connection) is None:
                    raise DomainError("no_database")
                yield connection
        except sa.exc.OperationalError as error:
            if use is Use.ALONE and sqlite.opening_code(error.orig) == "database_locked":
                raise DomainError("database_in_use") from error
            raise
        finally:
            engine.dispose()


def _file(url: sa.URL, vault: Vault, use: Use, is_new: bool) -> sa.Engine:
    file = Path(url.database or "")
    if is_new:
        file.parent.mkdir(parents=True, exist_ok=True)
    elif not file.is_file():
        raise DomainError("no_database")
    return sqlite.create_engine(url, vault, use)


def _server(url: sa.URL, vault: Vault) -> sa.Engine:
    from storage import postgres  # a driver that SQLite does without

    return postgres.create_engine(url, vault, 1)


@contextmanager
def _begun(connection: sa.Connection, use: Use) -> Iterator[None]:
    is_postgres = connection.dialect.name == "postgresql"
    if is_postgres and use is Use.READ:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    try:
        if is_postgres:
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            if use is Use.ALONE:
                _refuse_others(connection)
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _refuse_others(connection: sa.Connection) -> None:
    from storage.postgres import APPLICATION

    others = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND application_name = :name"
    )
    for _ in range(_PATIENCE):
        if not connection.scalar(others, {"name": APPLICATION}):
            return
        connection.exec_driver_sql("SELECT pg_sleep(0.1), pg_stat_clear_snapshot()")
    raise DomainError("database_in_use")


class Whole:
    """Our tables in an open transaction, read back from the database itself; parents come before their children."""

    def __init__(self, connection: sa.Connection) -> None:
        """Raises DomainError("foreign_database") where others have tables and we have none."""
        self._connection = connection
        self._is_postgres = connection.dialect.name == "postgresql"
        self.revision = revision_of(connection)
        found = sa.MetaData()
        found.reflect(connection)
        tables = [table for table in found.sorted_tables if table.name != _VERSION]
        if self.revision is None and tables:
            raise DomainError("foreign_database")
        if self.revision == schema.HEAD:  # others may have tables beside ours
            tables = [table for table in tables if table.name in schema.metadata.tables]
        self._tables = {str(table.name): table for table in tables}

    def shapes(self) -> Iterator[TableShape]:
        for table in self._tables.values():
            kinds = tuple(_KINDS[column.type.python_type] for column in table.columns)
            names = tuple(str(column.name) for column in table.columns)
            yield TableShape(str(table.name), names, kinds, self._last(table))

    def count(self, name: str) -> int:
        found = self._connection.scalar(sa.select(sa.func.count()).select_from(self._tables[name]))
        return int(found or 0)

    def counts(self) -> dict[str, int]:
        return {name: self.count(name) for name in self._tables}

    def is_empty(self) -> bool:
        """Whether nobody has used it yet. What the program knows of itself does not count."""
        return all(not self.count(name) for name in self._tables if name != schema.meta.name)

    def hold_still(self) -> None:
        """Until the end of the transaction nobody writes. On SQLite nobody else can anyway."""
        if self._is_postgres and self._tables:
            quote = self._connection.dialect.identifier_preparer.quote
            names = ", ".join(quote(name) for name in self._tables)
            self._connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")

    def rows(self, shape: TableShape) -> Iterator[Row]:
        """Every row in the order of its key, the same on both databases. Raises DomainError("row_damaged")."""
        name = shape.name
        table = self._tables[name]
        kinds = [_TYPES[kind] for kind in shape.kinds]
        columns = [table.c[each] for each in shape.columns]
        statement = sa.select(*columns).order_by(*(self._in_order(each) for each in _key(table)))
        try:
            found = self._connection.execute(statement.execution_options(yield_per=BATCH))
            for row in found:
                if any(
                    value is not None and type(value) is not kind
                    for value, kind in zip(row, kinds, strict=True)
                ):
                    raise DomainError("row_damaged", table=name)
                yield tuple(row)
        except (sa.exc.DBAPIError, ValueError) as error:
            if isinstance(error, ValueError) or "UTF-8" in str(error):
                raise DomainError("row_damaged", table=name) from error
            raise

    def _in_order(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        is_text = column.type.python_type is str
        return column.collate("C") if self._is_postgres and is_text else column

    def rebuild(self, revision: str) -> "Whole":
        """Takes away every table of ours with all that is in it, and makes them anew, empty, as they were at a migration.

        Raises DomainError("newer_schema")."""
        upgrade(self._connection, self.revision or revision)  # refuses what a newer version made
        for table in reversed(list(self._tables.values())):
            table.drop(self._connection)
        if self.revision is not None:
            self._connection.exec_driver_sql(f"DROP TABLE {_VERSION}")
        upgrade(self._connection, revision)
        made = Whole(self._connection)
        for table in reversed(list(made._tables.values())):
            self._connection.execute(sa.delete(table))
        return made

    def fill(self, shape: TableShape, rows: Iterable[Row]) -> None:
        """Puts rows into an empty table. Raises DomainError: rows_refused with the table's name."""
        table = self._tables.get(shape.name)
        if table is None or set(shape.columns) != set(table.columns.keys()):
            raise DomainError("rows_refused", table=shape.name)
        statement, waiting = sa.insert(table), iter(rows)
        try:
            while batch := list(islice(waiting, BATCH)):
                self._connection.execute(
                    statement, [dict(zip(shape.columns, row, strict=True)) for row in batch]
                )
        except (sa.exc.DataError, sa.exc.IntegrityError, sa.exc.StatementError) as error:
            if isinstance(error, sa.exc.OperationalError):
                raise
            raise DomainError("rows_refused", table=shape.name) from error
        self._go_on_after(table, shape.last)

    def _last(self, table: sa.Table) -> int:
        if self._is_postgres:
            for _, sequence in self._sequences(table):
                last, is_called = self._connection.exec_driver_sql(
                    f"SELECT last_value, is_called FROM {sequence}"
                ).one()
                return int(last) if is_called else 0
        elif self._keeps_numbers(table):
            statement = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name")
            return int(self._connection.scalar(statement, {"name": table.name}) or 0)
        return 0

    def _go_on_after(self, table: sa.Table, last: int) -> None:
        """New rows get numbers that were never given before."""
        if self._is_postgres:
            for column, sequence in self._sequences(table):
                highest = max(last, self._connection.scalar(sa.select(sa.func.max(column))) or 0)
                if highest:
                    self._connection.execute(sa.select(sa.func.setval(sequence, highest)))
        elif self._keeps_numbers(table):
            values = {"name": table.name, "last": max(last, self._last(table))}
            self._connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
            self._connection.execute(
                sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values
            )

    def _sequences(self, table: sa.Table) -> Iterator[tuple[sa.Column[Any], str]]:
        for column in table.columns:
            if column.identity is not None:
                name = self._connection.scalar(
                    sa.select(sa.func.pg_get_serial_sequence(table.name, column.name))
                )
                yield column, str(name)

    def _keeps_numbers(self, table: sa.Table) -> bool:
        statement = sa.text("SELECT sql FROM sqlite_master WHERE name = :name")
        return "AUTOINCREMENT" in str(self._connection.scalar(statement, {"name": table.name})).upper()


def _key(table: sa.Table) -> Sequence[sa.Column[Any]]:
    """Not in the order of the key itself, which only the database that made it knows."""
    return sorted(table.primary_key.columns or table.columns, key=lambda column: column.name)


def empty_target(connection: sa.Connection, replace: bool) -> Whole:
    """The database that is to be filled. Raises DomainError: database_not_empty (with how many rows), foreign_database."""
    lock(connection)
    target = Whole(connection)
    if not replace and not target.is_empty():
        raise DomainError("database_not_empty", rows=sum(target.counts().values()))
    return target


def note(connection: sa.Connection, vault: Vault, entry: AuditEntry) -> None:
    """Adds a line to the audit log in the open transaction; a schema from before there was one goes without."""
    if revision_of(connection) != schema.HEAD:
        return
    driver: Any = connection.connection.driver_connection
    AuditTable(Db(driver.execute), AuditStatements(connection.dialect), vault).append(entry)


def fits(shape: TableShape, row: Sequence[Any]) -> bool:
    """Whether a row that was read from a file has a value of the right kind for each column."""
    return len(row) == len(shape.columns) and all(
        value is None or type(value) is _TYPES.get(kind) for value, kind in zip(row, shape.kinds, strict=True)
    )
