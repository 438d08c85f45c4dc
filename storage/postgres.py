"""A store in PostgreSQL, shared by any number of processes: a few threads, each with a connection of its own."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg import errors

from domain.errors import DomainError
from storage.base import Store
from storage.columns import give_vault
from storage.statements import Db
from storage.vault import Vault

T = TypeVar("T")

ATTEMPTS = 5
_CONFLICTS = (errors.UniqueViolation, errors.SerializationFailure, errors.DeadlockDetected)
_WRONG_LOGIN = ("28P01", "28000")

APPLICATION = "wijkverhaal"
"""By this name the server knows our connections."""


def opening_code(error: BaseException | None) -> str:
    """The code for what kept a server from being reached; empty for what is a bug of ours."""
    if not isinstance(error, psycopg.OperationalError):
        return ""
    if error.sqlstate in _WRONG_LOGIN or "authentication failed" in str(error):
        return "wrong_password"
    if isinstance(error, errors.LockNotAvailable):
        return "database_locked"
    if isinstance(error, errors.DiskFull):
        return "no_disk"
    return "unreachable"


def create_engine(url: sa.URL, vault: Vault, connections: int) -> sa.Engine:
    """An engine whose connections give up on a lock after five seconds and notice a server that has gone."""
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=connections,
        max_overflow=2,
        hide_parameters=True,
        connect_args={
            "application_name": APPLICATION,
            "connect_timeout": 5,
            "keepalives_idle": 30,
            "tcp_user_timeout": 15_000,
            "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=60s",
        },
    )
    give_vault(engine.dialect, vault)
    return engine


class PostgresStore(Store):
    def __init__(self, engine: sa.Engine, vault: Vault, new_id: Callable[[], str], connections: int) -> None:
        super().__init__(engine.dialect, vault, new_id)
        self._engine = engine
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="postgres")
        self._own = threading.local()
        self._closed = False

    async def transact(self, job: Callable[[Db], T]) -> T:
        if self._closed:
            raise DomainError("storage_unavailable", reason="closed")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._persist, job)

    @contextmanager
    def reading(self) -> Iterator[Db]:
        pooled = self._engine.raw_connection()
        try:
            connection: psycopg.Connection[tuple[Any, ...]] = pooled.driver_connection  # type: ignore[assignment]  # SQLAlchemy knows only that it is some driver's
            connection.autocommit = True  # each read by itself: an export of an hour holds nothing up
            yield Db(connection.execute)
        except psycopg.OperationalError as error:
            raise DomainError("storage_unavailable", reason=opening_code(error)) from error
        finally:
            pooled.invalidate()

    async def close(self) -> None:
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()

    def _persist(self, job: Callable[[Db], T]) -> T:
        """Runs the job until it meets no conflict. A connection that died before it answered anything is replaced
        once; one that dies later leaves open what was written, so the caller hears of it."""
        replaced = False
        for attempt in range(1, ATTEMPTS + 1):
            db = None
            try:
                connection = self._connect()
                db = Db(connection.execute)
                return self._once(connection, db, job)
            except _CONFLICTS as error:
                if attempt == ATTEMPTS:
                    raise DomainError("storage_unavailable", reason="conflict") from error
            except psycopg.OperationalError as error:
                self._drop_connection()
                if db is None or db.answered or replaced:
                    raise DomainError("storage_unavailable", reason=opening_code(error)) from error
                replaced = True
        raise DomainError("storage_unavailable", reason="conflict")

    @staticmethod
    def _once(connection: psycopg.Connection[tuple[Any, ...]], db: Db, job: Callable[[Db], T]) -> T:
        try:
            # In a pipeline statements that nobody reads travel with the next that is read, or with the commit.
            with connection.pipeline():
                result = job(db)
                connection.commit()
            return result
        except BaseException:
            if not connection.broken:
                connection.rollback()
            raise

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """This thread's own connection, opened when there is none."""
        pooled: sa.PoolProxiedConnection | None = getattr(self._own, "pooled", None)
        if pooled is None:
            try:
                pooled = self._own.pooled = self._engine.raw_connection()
            except sa.exc.DBAPIError as error:
                raise (error.orig or error) from error
        connection: psycopg.Connection[tuple[Any, ...]] = pooled.driver_connection  # type: ignore[assignment]  # SQLAlchemy knows only that it is some driver's
        return connection

    def _drop_connection(self) -> None:
        pooled: sa.PoolProxiedConnection | None = getattr(self._own, "pooled", None)
        self._own.pooled = None
        if pooled is not None:
            pooled.invalidate()
