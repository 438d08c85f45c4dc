"""Every storage contract runs on SQLite and on PostgreSQL, each test with a database of its own."""

import asyncio
import itertools
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import Store, Vault, open_store
from storage.schema import metadata
from storage.vault import new_key
from tests.postgres import empty_tables, fresh_database, postgres_server

KEY = new_key()
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Database:
    """A database that a test may open as often as it likes, as several processes would."""

    url: str
    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def file(self) -> Path:
        return Path(self.url.removeprefix("sqlite:///"))

    def new_id(self) -> str:
        with self._lock:
            return f"person-{next(self._numbers)}"

    def open(self, key: str = KEY) -> Store:
        return open_store(self.url, vault=Vault.open(key=key), new_id=self.new_id, connections=4)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


def close_now(store: Store) -> None:
    asyncio.run(store.close())


def migrated(url: str, folder: Path) -> Database:
    database = Database(url, folder)
    close_now(database.open())
    return database


@pytest.fixture(scope="session")
def migrated_server(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database with the schema in it, to be emptied for each test."""
    with fresh_database(server) as url:
        yield migrated(url, tmp_path_factory.mktemp("postgres")).url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema in it, to be copied for each test."""
    folder = tmp_path_factory.mktemp("sqlite")
    return migrated(f"sqlite:///{folder / 'wijkverhaal.db'}", folder).file


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """A database that has its schema and nothing else."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("migrated_server")
        empty_tables(url, *metadata.tables)
        return Database(url, tmp_path)
    file = tmp_path / "data" / "wijkverhaal.db"
    file.parent.mkdir()
    shutil.copyfile(request.getfixturevalue("migrated_file"), file)
    return Database(f"sqlite:///{file}", tmp_path)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without even a schema; the file and its folder are not there yet."""
    if request.param == "sqlite":
        yield Database(f"sqlite:///{tmp_path / 'data' / 'wijkverhaal.db'}", tmp_path)
        return
    with fresh_database(request.getfixturevalue("server")) as url:
        yield Database(url, tmp_path)


@pytest.fixture
def open_stores(database: Database) -> Iterator[Callable[[], Store]]:
    """Opens stores on the test's database and closes them afterwards."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(database.open())
        return opened[-1]

    yield open_one
    for store in opened:
        close_now(store)


@pytest.fixture
def store(open_stores: Callable[[], Store]) -> Store:
    return open_stores()
