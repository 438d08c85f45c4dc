"""A store in one SQLite file: one thread writes for everybody, and whatever waits shares one commit."""

import asyncio
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
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


def create_engine(url: sa.URL, vault: Vault) -> sa.Engine:
    """An engine whose transactions are begun by us, to write at once: two readers that both want to write would
    otherwise find out too late."""
    engine = sa.create_engine(
        url,
        paramstyle="named",
        poolclass=sa.NullPool,
        connect_args={"timeout": LOCK_SECONDS, "isolation_level": None, "check_same_thread": False},
    )
    give_vault(engine.dialect, vault)
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
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


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Db], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class _Outcome:
    job: _Job
    result: Any = None
    error: BaseException | None = None


def _resolve(outcomes: list[_Outcome]) -> None:
    for outcome in outcomes:
        if outcome.job.future.done():  # its caller has gone
            continue
        if outcome.error is not None:
            outcome.job.future.set_exception(outcome.error)
        else:
            outcome.job.future.set_result(outcome.result)


def _told(error: BaseException) -> BaseException:
    """What the caller hears: trouble with the database by its code, a bug or a refusal as it is."""
    code = opening_code(error)
    if code:
        return DomainError("storage_unavailable", reason=code)
    if isinstance(error, StopIteration):  # a future cannot carry it
        return RuntimeError("work of a turn raised StopIteration")
    return error


class SqliteStore(Store):
    def __init__(self, engine: sa.Engine, vault: Vault, new_id: Callable[[], str]) -> None:
        super().__init__(engine.dialect, vault, new_id)
        self._engine = engine
        self._pooled = engine.raw_connection()
        self._connection: sqlite3.Connection = self._pooled.driver_connection  # type: ignore[assignment]
        self._db = Db(self._connection.execute)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._scrub_due = False
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def transact(self, job: Callable[[Db], T]) -> T:
        if self._closed:
            raise DomainError("storage_unavailable", reason="closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(job, future, loop))
        return await future

    @contextmanager
    def reading(self) -> Iterator[Db]:
        pooled = self._engine.raw_connection()
        try:
            connection: sqlite3.Connection = pooled.driver_connection  # type: ignore[assignment]
            connection.execute("PRAGMA query_only = ON")
            yield Db(connection.execute)
        except sqlite3.Error as error:
            raise _told(error) from error
        finally:
            pooled.close()

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def scrub_soon(self) -> None:
        self._scrub_due = True

    def _serve(self) -> None:
        open_ = True
        while open_:
            batch = self._next_batch()
            open_ = None not in batch
            jobs = [job for job in batch if job is not None]
            if jobs:
                self._answer(self._run(jobs))
            self._scrub()
        self._pooled.close()
        self._engine.dispose()

    def _next_batch(self) -> list[_Job | None]:
        """Waits for work, then takes what has queued up meanwhile; nothing but a due scrub ends the wait early."""
        batch: list[_Job | None] = []
        with suppress(Empty):
            batch.append(self._jobs.get(timeout=SCRUB_SECONDS if self._scrub_due else None))
            while len(batch) < BATCH:
                batch.append(self._jobs.get_nowait())
        return batch

    def _run(self, jobs: list[_Job]) -> list[_Outcome]:
        """All of them in one transaction; when one fails, each again in its own, so that it takes nobody along."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return [_Outcome(job, error=_told(error)) for job in jobs]
        try:
            outcomes = [_Outcome(job, job.work(self._db)) for job in jobs]
            self._connection.execute("COMMIT")
            return outcomes
        except BaseException as error:  # whatever it is, its caller hears of it
            self._roll_back()
            if len(jobs) == 1:
                return [_Outcome(jobs[0], error=_told(error))]
        return [outcome for job in jobs for outcome in self._run([job])]

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # a full disk has rolled back by itself
            self._connection.execute("ROLLBACK")

    def _answer(self, outcomes: list[_Outcome]) -> None:
        """Wakes each event loop once."""
        by_loop: defaultdict[asyncio.AbstractEventLoop, list[_Outcome]] = defaultdict(list)
        for outcome in outcomes:
            by_loop[outcome.job.loop].append(outcome)
        for loop, theirs in by_loop.items():
            with suppress(RuntimeError):  # a loop that has closed waits for nothing
                loop.call_soon_threadsafe(_resolve, theirs)

    def _scrub(self) -> None:
        """Moves the log into the file and empties it, so that no older page keeps what was erased. Another process
        that is reading puts it off; nobody waits for that."""
        if not self._scrub_due:
            return
        with suppress(sqlite3.OperationalError):
            self._connection.execute("PRAGMA busy_timeout = 0")
            busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._scrub_due = bool(busy)
        self._connection.execute(f"PRAGMA busy_timeout = {int(LOCK_SECONDS * 1000)}")
