"""Opens a store by its URL and says plainly what is wrong when that fails; what a store does is in base."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from domain.errors import DomainError
from storage import sqlite
from storage.base import Store
from storage.migrate import prepare
from storage.vault import Vault

__all__ = ["DEFAULT_URL", "Store", "open_store"]

DEFAULT_URL = "sqlite:///data/wijkverhaal.db"


def open_store(
    url: str = DEFAULT_URL, *, vault: Vault, new_id: Callable[[], str], connections: int = 8
) -> Store:
    """A store that is ready: its schema is the newest one. `new_id` makes the references of people; `connections`
    is how many turns PostgreSQL runs at once (SQLite writes with one).

    Raises DomainError with `url` (without its password) in its detail: bad_url, database_locked, no_disk,
    cannot_write, not_a_database, newer_schema, unreachable, wrong_password, wrong_key.
    """
    parsed = parse_url(url)
    with told_by_code(parsed):
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(parsed, vault, new_id)
        return _open_postgres(parsed, vault, new_id, connections)


@contextmanager
def told_by_code(url: sa.URL) -> Iterator[None]:
    """Trouble with opening and writing a database as a DomainError with its `url`."""
    shown = url.render_as_string(hide_password=True)
    try:
        yield
    except (sa.exc.DBAPIError, OSError) as error:
        raise DomainError(_code(error), url=shown) from error
    except DomainError as error:
        raise DomainError(error.code, **{"url": shown, **error.detail}) from error


def parse_url(url: str) -> sa.URL:
    """Raises DomainError("bad_url") for what is neither a file of SQLite nor a database of PostgreSQL."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise DomainError("bad_url") from None
    kind = parsed.drivername.partition("+")[0]
    in_memory = kind == "sqlite" and parsed.database in (None, "", ":memory:")
    if kind not in ("sqlite", "postgresql", "postgres") or in_memory:
        raise DomainError("bad_url", url=parsed.render_as_string(hide_password=True))
    return parsed.set(drivername="sqlite" if kind == "sqlite" else "postgresql+psycopg")


def _code(error: Exception) -> str:
    if isinstance(error, OSError):
        return "cannot_write"
    cause = getattr(error, "orig", None)
    code = sqlite.opening_code(cause)
    if not code and not isinstance(cause, sqlite3.Error):
        from storage import postgres

        code = postgres.opening_code(cause)
    if not code:
        raise error
    return code


def _open_sqlite(url: sa.URL, vault: Vault, new_id: Callable[[], str]) -> Store:
    assert url.database is not None
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sqlite.create_engine(url, vault)
    prepare(engine, vault)
    sqlite.prove_writable(engine)
    return sqlite.SqliteStore(engine, vault, new_id)


def _open_postgres(url: sa.URL, vault: Vault, new_id: Callable[[], str], connections: int) -> Store:
    from storage import postgres  # a driver that SQLite does without

    engine = postgres.create_engine(url, vault, connections)
    try:
        prepare(engine, vault)
    except BaseException:
        engine.dispose()
        raise
    return postgres.PostgresStore(engine, vault, new_id, connections)
