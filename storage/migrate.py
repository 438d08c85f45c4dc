"""Brings a database to the newest schema, one process at a time, and checks that its vault is ours."""

from importlib.resources import files

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from domain.errors import DomainError
from storage import schema
from storage.columns import Encrypted
from storage.vault import Vault

_LOCK = 4_207_711
"""The advisory lock that says "this PostgreSQL is being migrated"; any number that nobody else uses."""

_VAULT_CHECK = "vault_check"


def config(connection: sa.Connection | None = None) -> Config:
    """Alembic's settings; it works on the connection and in the transaction that it is given."""
    settings = Config()
    settings.set_main_option("script_location", str(files("storage") / "migrations"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def prepare(engine: sa.Engine, vault: Vault) -> None:
    """Raises DomainError: newer_schema, wrong_key; the database's own errors as SQLAlchemy raises them."""
    with engine.begin() as connection:
        lock(connection)
        upgrade(connection)
        check_vault(connection, vault)


def lock(connection: sa.Connection) -> None:
    """Until the transaction ends nobody else changes the schema. On SQLite only one can write anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def revision_of(connection: sa.Connection) -> str | None:
    """The migration that a database carries; nothing for one without our tables."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: sa.Connection, revision: str = schema.HEAD) -> None:
    """To a migration, the newest unless it is said. Raises DomainError("newer_schema") for what this version does not know."""
    current = revision_of(connection)
    if current == revision:
        return
    settings = config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}
    for each in (current, revision):
        if each is not None and each not in known:
            raise DomainError("newer_schema", found=each, newest=schema.HEAD)
    command.upgrade(settings, revision)


def vault_check(connection: sa.Connection) -> str | None:
    """The check value of the key that the database was filled with."""
    meta = schema.meta
    return connection.scalar(sa.select(meta.c.value).where(meta.c.key == _VAULT_CHECK))


def has_secrets(connection: sa.Connection) -> bool:
    """Whether anything is encrypted, or accounted for in the audit log: only its own key reads the one and vouches for
    the other."""
    there = set(sa.inspect(connection).get_table_names())
    filled = [
        sa.select(sa.literal(1)).where(column.is_not(None)).limit(1)
        for table in schema.metadata.sorted_tables
        if table.name in there
        for column in table.columns
        if isinstance(column.type, Encrypted) or column is schema.audit.c.number
    ]
    return any(connection.scalar(rows) is not None for rows in filled)


def check_vault(connection: sa.Connection, vault: Vault) -> None:
    """The key's check value is kept; another key is fine only while nothing is encrypted or hashed yet."""
    meta = schema.meta
    found = vault_check(connection)
    if found == vault.check:
        return
    if found is not None and has_secrets(connection):
        raise DomainError("wrong_key")
    connection.execute(sa.delete(meta).where(meta.c.key == _VAULT_CHECK))
    connection.execute(sa.insert(meta).values(key=_VAULT_CHECK, value=vault.check))
