"""A store in one SQLite file: whatever waits shares one commit, made in the event loop's own thread.

A turn is some tenths of a millisecond of Python around a commit. In a thread of its own it would compete with the event
loop for the interpreter, which costs more than the loop loses by waiting for the commit. Only a lock that another
process holds is not waited for: the loop goes on and tries again. See docs/decisions/0014-turns-in-the-event-loop.md.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import sqlalchemy as sa

from domain.errors import DomainError
from storage.base import Store
from storage.columns import give_vault
from storage.statements import Db
from storage.vault import Vault

T = TypeVar("T")

BATCH = 64
LOCK_SECONDS = 5.0
RETRY_SECONDS = 0.01
SCRUB_SECONDS = 0.5

_OPENING_CODES = {
    "SQLITE_BUSY": "database_locked",
    "SQLITE_LOCKED": "database_locked",
    "SQLITE_FULL": "no_disk",
    "SQLITE_READONLY": "cannot_write",
    "SQLITE_CANTOPEN": "cannot_write",
    "SQLITE_PERM": "cannot_write",
    "SQLITE_IOERR": "no_disk",
    "SQLITE_NOTADB": "not_a_database",
    "SQLITE_CORRUPT": "not_a_database",
}


def opening_code(error: BaseException | None) -> str:
    """The code for what kept a file from being opened; empty for what is a bug of ours."""
    name = getattr(error, "sqlite_errorname", None) or ""
    found = (code for start, code in _OPENING_CODES.items() if name.startswith(start))
    return next(found, "")


class Use(Enum):
    """How a transaction begins. Two readers that both want to write would find out too late, so writing is the rule."""

    WRITE = "BEGIN IMMEDIATE"
    READ = "BEGIN"
    ALONE = "BEGIN EXCLUSIVE"


ALONE_SECONDS = 1.0
"""So long is waited until nobody else has the file open."""


def create_engine(url: sa.URL, vault: Vault, use: Use = Use.WRITE) -> sa.Engine:
    """An engine whose transactions are begun by us. With `Use.ALONE` nobody else can have the file open at the same time,
    not even to read."""
    alone = use is Use.ALONE
    engine = sa.create_engine(
        url,
        paramstyle="named",
        poolclass=sa.NullPool,
        hide_parameters=True,
        connect_args={
            "timeout": ALONE_SECONDS if alone else LOCK_SECONDS,
            "isolation_level": None,
            "check_same_thread": False,
        },
    )
    give_vault(engine.dialect, vault)
    if alone:  # before anything looks into the file
        sa.event.listen(
            engine, "connect", lambda connection, _: connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        )
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(use.value))
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # An acknowledged turn survives a power cut (FULL); what is deleted is overwritten (secure_delete).
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        "cache_size = -8000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def prove_writable(engine: sa.Engine) -> None:
    """Writes what the file says already. A full disk is told at the start, not to the first resident. Raises sqlalchemy's
    DBAPIError."""
    with engine.begin() as connection:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        connection.exec_driver_sql(f"PRAGMA user_version = {version}")


@dataclass(frozen=True, slots=True)
class _Job:
    """`alone` is set when it shared a transaction that failed: it is tried again in one of its own."""

    work: Callable[[Db], Any]
    future: asyncio.Future[Any]
    alone: bool = False

    def give(self, result: Any) -> None:
        if self._is_awaited():
            self.future.set_result(result)

    def fail(self, error: BaseException) -> None:
        if self._is_awaited():
            self.future.set_exception(_told(error))

    def _is_awaited(self) -> bool:
        return not self.future.done() and not self.future.get_loop().is_closed()


def _told(error: BaseException) -> BaseException:
    """What the caller hears: trouble with the database by its code, a bug or a refusal as it is."""
    code = opening_code(error)
    if code:
        return DomainError("storage_unavailable", reason=code)
    if isinstance(error, StopIteration):  # a future cannot carry it
        return RuntimeError("work of a turn raised StopIteration")
    return error


class SqliteStore(Store):
    """Used from one event loop at a time."""

    def __init__(self, engine: sa.Engine, vault: Vault, new_id: Callable[[], str]) -> None:
        super().__init__(engine.dialect, vault, new_id)
        self._engine = engine
        self._pooled = engine.raw_connection()
        self._connection: sqlite3.Connection = self._pooled.driver_connection  # type: ignore[assignment]  # SQLAlchemy knows only that it is some driver's
        self._connection.execute("PRAGMA busy_timeout = 0")
        self._db = Db(self._connection.execute)
        self._jobs: deque[_Job] = deque()
        self._working: asyncio.AbstractEventLoop | None = None
        self._locked_since: float | None = None
        self._scrub_due = False
        self._closed = False

    async def transact(self, job: Callable[[Db], T]) -> T:
        if self._closed:
            raise DomainError("storage_unavailable", reason="closed")
        return await self._queue(job)

    def _queue(self, job: Callable[[Db], T]) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.append(_Job(job, future))
        if self._working is not loop:
            self._working = loop
            # Not at once: whoever speaks up in this round of the loop comes along.
            loop.call_soon(self._work_off, loop)
        return future

    @contextmanager
    def reading(self) -> Iterator[Db]:
        pooled = self._engine.raw_connection()
        try:
            connection: sqlite3.Connection = pooled.driver_connection  # type: ignore[assignment]  # SQLAlchemy knows only that it is some driver's
            connection.execute("PRAGMA query_only = ON")
            yield Db(connection.execute)
        except sqlite3.Error as error:
            raise _told(error) from error
        finally:
            pooled.close()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._jobs:
            with suppress(DomainError):
                await self._queue(lambda db: None)
        self._scrub()
        self._pooled.close()
        self._engine.dispose()

    async def rehearse(self, job: Callable[[Db], T]) -> T:
        """On a copy in memory, in a thread of its own: here any change would keep everybody else from writing. It takes as
        much memory as the file is long, which writing the file anew after an erasure takes too."""
        return await asyncio.to_thread(self._on_a_copy, job)

    def _on_a_copy(self, job: Callable[[Db], T]) -> T:
        pooled = self._engine.raw_connection()
        copy = sqlite3.connect(":memory:", isolation_level=None)
        try:
            original: sqlite3.Connection = pooled.driver_connection  # type: ignore[assignment]  # SQLAlchemy knows only that it is some driver's
            original.backup(copy)
            copy.execute("PRAGMA foreign_keys = ON")
            return job(Db(copy.execute))
        except sqlite3.Error as error:
            raise _told(error) from error
        finally:
            copy.close()
            pooled.close()

    def scrub_soon(self) -> None:
        self._scrub_due = True

    def _work_off(self, loop: asyncio.AbstractEventLoop) -> None:
        """One transaction with what waits; then the loop has its turn before the next."""
        if self._begin(loop):
            self._run(self._next_batch())
            self._scrub()
        wait = 0.0 if self._locked_since is None else RETRY_SECONDS
        if self._jobs:
            loop.call_later(wait, self._work_off, loop)
            return
        self._working = None
        if self._scrub_due:
            loop.call_later(SCRUB_SECONDS, self._scrub_again, loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether a transaction is open. While another process holds the lock everybody waits, five seconds at most."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if self._locked_since is None:
                self._locked_since = loop.time()
            locked = opening_code(error) == "database_locked"
            if not locked or loop.time() - self._locked_since > LOCK_SECONDS:
                self._locked_since = None
                while self._jobs:
                    self._jobs.popleft().fail(error)
            return False
        self._locked_since = None
        return True

    def _next_batch(self) -> list[_Job]:
        batch = [self._jobs.popleft()]
        while self._jobs and len(batch) < BATCH and not (batch[0].alone or self._jobs[0].alone):
            batch.append(self._jobs.popleft())
        return batch

    def _run(self, jobs: list[_Job]) -> None:
        """All of them in the open transaction; when one fails, each again in its own, so that it takes nobody along."""
        try:
            results = [job.work(self._db) for job in jobs]
            self._connection.execute("COMMIT")
        except BaseException as error:  # whatever it is, its caller hears of it
            self._roll_back()
            if len(jobs) == 1:
                jobs[0].fail(error)
            else:
                self._jobs.extendleft(_Job(job.work, job.future, alone=True) for job in reversed(jobs))
            return
        for job, result in zip(jobs, results, strict=True):
            job.give(result)

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # a full disk has rolled back by itself
            self._connection.execute("ROLLBACK")

    def _scrub(self) -> None:
        """Writes the file anew, moves the log into it and empties that, so that no page keeps what was erased. SQLite
        overwrites what it deletes, but where it shares rows out over pages anew it leaves copies behind in the gaps.
        Another process that is at work puts it off; nobody waits for that."""
        if not self._scrub_due:
            return
        with suppress(sqlite3.OperationalError):
            self._connection.execute("VACUUM")
            busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._scrub_due = bool(busy)

    def _scrub_again(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._closed or self._working is not None:  # then the next batch sees to it
            return
        self._scrub()
        if self._scrub_due:
            loop.call_later(SCRUB_SECONDS, self._scrub_again, loop)
