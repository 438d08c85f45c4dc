"""A database on a server for what holds on both kinds; the files for SQLite are made by the tests themselves."""

from collections.abc import Iterator

import pytest

from tests.postgres import fresh_database, postgres_server


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of an empty database; each life leaves its tables empty, as the next one has a key of its own."""
    with postgres_server() as address, fresh_database(address) as url:
        yield url
