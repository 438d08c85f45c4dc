"""Writes every encrypted value anew with the key in front, a batch at a time, while everybody goes on working. What was
done stays done: begun again it finds what is left. See docs/decisions/0037."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.errors import DomainError
from storage import schema
from storage.base import Store
from storage.columns import Encrypted
from storage.migrate import has_secrets
from storage.statements import Db, Row, Statement
from storage.vault import Vault, new_key

BATCH = 200
MOST_PASSES = 10
"""Whoever still writes with an old key makes another pass needed; that often it is no accident."""


class SecretColumns:
    """The encrypted columns of one table, read and written as they stand."""

    def __init__(self, table: sa.Table, dialect: Dialect) -> None:
        keys = list(table.primary_key.columns)
        secrets = [column for column in table.columns if isinstance(column.type, Encrypted)]
        self.table, self.key_names = table.name, [key.name for key in keys]
        self.names = [column.name for column in secrets]
        as_kept = [sa.type_coerce(column, sa.Text()) for column in secrets]
        page = (
            sa.select(*keys, *(text.label(f"secret_{place}") for place, text in enumerate(as_kept)))
            .where(sa.or_(*(column.is_not(None) for column in secrets)))
            .order_by(*keys)
            .limit(sa.bindparam("at_most", type_=sa.Integer()))
            .with_for_update()
        )
        after = [sa.bindparam(f"after_{key.name}", type_=key.type) for key in keys]
        self.first = Statement(page, dialect)
        self.next = Statement(page.where(sa.tuple_(*keys) > sa.tuple_(*after)), dialect)
        this = [key == sa.bindparam(f"this_{key.name}", type_=key.type) for key in keys]
        self.save = [
            Statement(
                sa.update(table).where(*this).values({column: sa.bindparam("fresh", type_=sa.Text())}),
                dialect,
            )
            for column in secrets
        ]

    def read(self, db: Db, after: Row | None, limit: int) -> list[Row]:
        """Rows with anything encrypted in them, locked, in the order of their keys."""
        if after is None:
            return db.rows(self.first, at_most=limit)
        named = {f"after_{name}": value for name, value in zip(self.key_names, after, strict=False)}
        return db.rows(self.next, at_most=limit, **named)

    def renew(self, db: Db, row: Row, vault: Vault) -> int:
        """How many values of the row had to be written anew. Raises DomainError("wrong_key") for what no key can read."""
        this: dict[str, Any] = {
            f"this_{name}": value for name, value in zip(self.key_names, row, strict=False)
        }
        count = 0
        for token, statement in zip(row[len(self.key_names) :], self.save, strict=True):
            if token is not None and not vault.is_fresh(token):
                db.run(statement, fresh=vault.renew(token), **this)
                count += 1
        return count


def secret_columns(dialect: Dialect) -> Sequence[SecretColumns]:
    """Of every table with an encrypted column, as the schema declares it."""
    return [
        SecretColumns(table, dialect)
        for table in schema.metadata.sorted_tables
        if any(isinstance(column.type, Encrypted) for column in table.columns)
    ]


async def find_stale(store: Store, vault: Vault, *, batch: int = BATCH) -> bool:
    """Whether any value is not encrypted with the key in front. Raises DomainError("wrong_key") for one that no key reads."""

    def is_stale(_db: Db, columns: SecretColumns, row: Row) -> int:
        tokens = [token for token in row[len(columns.key_names) :] if token is not None]
        for token in tokens:
            vault.decrypt(token)
        return sum(not vault.is_fresh(token) for token in tokens)

    return await _walk(store, is_stale, lambda done: None, batch) > 0


async def re_encrypt(
    store: Store, vault: Vault, *, tell: Callable[[int], None] = lambda done: None, batch: int = BATCH
) -> int:
    """Writes anew what is not encrypted with the key in front, until a whole pass finds nothing; returns how many values
    that were. `tell` hears after every batch how many there were in it. Raises DomainError("wrong_key")."""

    def renew(db: Db, columns: SecretColumns, row: Row) -> int:
        return columns.renew(db, row, vault)

    total = 0
    for _ in range(MOST_PASSES):
        count = await _walk(store, renew, tell, batch)
        total += count
        if not count:
            break
    store.scrub_soon()
    return total


async def _walk(
    store: Store, work: Callable[[Db, SecretColumns, Row], int], tell: Callable[[int], None], batch: int
) -> int:
    """Every row of every table once, each batch in a transaction of its own."""
    total = 0
    for columns in secret_columns(store.dialect):
        after: Row | None = None
        while True:

            def run(
                db: Db, columns: SecretColumns = columns, after: Row | None = after
            ) -> tuple[int, list[Row]]:
                rows = columns.read(db, after, batch)
                return sum(work(db, columns, row) for row in rows), rows

            count, rows = await store.transact(run)
            total += count
            if not rows:
                break
            tell(count)
            after = rows[-1]
    return total


def holds_secrets(url: str) -> bool:
    """Whether there is a database with anything in it that only its own key can read. Raises DomainError as `open_store`."""
    from storage.whole import whole_database

    try:
        with whole_database(url, Vault.open(key=new_key())) as connection:
            return has_secrets(connection)
    except DomainError as error:
        if error.code == "no_database":
            return False
        raise
