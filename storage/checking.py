"""Looks whether a database is whole: its schema, its file, what rows refer to, and whether the key fits. Changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from domain.errors import DomainError
from storage import schema
from storage.columns import Encrypted
from storage.migrate import vault_check
from storage.vault import Vault
from storage.whole import Whole, whole_database


@dataclass(slots=True)
class Health:
    """What was found: how many rows of which table, how many encrypted values could be read, and a sentence for each
    thing that is wrong."""

    revision: str
    newest: str
    rows: dict[str, int]
    readable: int = 0
    troubles: list[str] = field(default_factory=list)


def check(url: str, vault: Vault) -> Health:
    """Raises DomainError as `whole_database`, and newer_schema."""
    with whole_database(url, vault) as connection:
        whole = Whole(connection)
        assert whole.revision is not None
        health = Health(whole.revision, schema.HEAD, whole.counts())
        health.troubles += _file(connection)
        if whole.revision != schema.HEAD:
            health.troubles.append(
                f"The schema is {whole.revision}, the newest is {schema.HEAD}. Run: wijkverhaal db upgrade"
            )
            return health
        drift = list(_drift(connection))
        health.troubles += drift
        if not drift:  # else the statements below may name what is not there
            health.troubles += _orphans(connection)
            _look_at_key(connection, vault, health)
    return health


def differences(connection: sa.Connection) -> list[object]:
    """How the tables differ from the models, as Alembic lists it. Tables that are not ours do not count."""
    ours = schema.metadata.tables

    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name in ours

    options = {"compare_type": True, "render_as_batch": True, "include_name": is_ours}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), schema.metadata))


def _drift(connection: sa.Connection) -> Iterator[str]:
    for each in differences(connection):
        found = each[0] if isinstance(each, list) else each
        what, *things = found if isinstance(found, tuple) else (str(found),)
        names = " ".join(str(getattr(thing, "name", thing)) for thing in things if thing is not None)
        yield f"The schema is not the one of this version: {what} {names}. Restore a backup, or undo what was changed by hand."


def _file(connection: sa.Connection) -> Iterator[str]:
    if connection.dialect.name != "sqlite":
        return
    for (line,) in connection.exec_driver_sql("PRAGMA integrity_check").all():
        if line != "ok":
            yield f"The file is damaged: {line}. Restore a backup."


def _orphans(connection: sa.Connection) -> Iterator[str]:
    """Rows that refer to a row that is not there. No database lets them come; a file can be changed by other programs."""
    for table in schema.metadata.sorted_tables:
        for key in table.foreign_keys:
            parent = key.column.table.alias()
            is_there = sa.exists().where(parent.c[key.column.name] == key.parent)
            lost = connection.scalar(
                sa.select(sa.func.count()).select_from(table).where(key.parent.is_not(None), ~is_there)
            )
            if lost:
                yield f"{lost} rows of {table.name} refer to rows of {key.column.table.name} that are not there. Restore a backup."


def _look_at_key(connection: sa.Connection, vault: Vault, health: Health) -> None:
    if vault_check(connection) not in (None, vault.check):
        health.troubles.append(
            "The key does not fit this database. Put back the key file that belongs to it."
        )
        return
    for table in schema.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Encrypted):
                _decrypt_all(connection, vault, column, health)


def _decrypt_all(connection: sa.Connection, vault: Vault, column: sa.Column[str], health: Health) -> None:
    damaged = 0
    as_kept = sa.select(sa.type_coerce(column, sa.Text())).where(column.is_not(None))
    for (token,) in connection.execute(as_kept.execution_options(yield_per=500)):
        try:
            vault.decrypt(token)
            health.readable += 1
        except DomainError:
            damaged += 1
    if damaged:
        health.troubles.append(
            f"{damaged} encrypted values in {column.table.name}.{column.name} cannot be read with this key. "
            "Put back the key file that belongs to it, or restore a backup."
        )
