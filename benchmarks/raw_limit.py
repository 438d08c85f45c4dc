"""The raw limit: the app's web server and database driver with nothing in between but one transaction a request.

`python -m benchmarks.raw_limit --port 0 --folder DIR --commit each|group` reads a request, looks one person up,
writes their state of about a kilobyte and one answer, commits, and answers with a question and its buttons. It
understands nothing, asks nothing and protects nobody: no program that keeps answers can be faster this way.
"""

import argparse
import asyncio
import json
import queue
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.serve import listen

PEOPLE = 1_000
BATCH = 64
STATE = json.dumps({"v": 1, "answers": {f"resilience/question_{n}": "a3" for n in range(36)}})
REPLY = {
    "text": "Vraag 12 van 29\n\nIk kan goed omgaan met tegenslag in mijn leven, ook als het even niet meezit.",
    "buttons": [{"title": f"Antwoord nummer {n}", "payload": f"/a.14.12.{n}"} for n in range(7)],
}
# As storage.sqlite sets them: an acknowledged turn survives a power cut, what is deleted is overwritten.
PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "secure_delete = ON",
    "foreign_keys = ON",
    "temp_store = MEMORY",
    "cache_size = -8000",
)
_TABLES = (
    "CREATE TABLE conversations (reference TEXT PRIMARY KEY, state TEXT NOT NULL, revision INTEGER NOT NULL)",
    "CREATE TABLE answers (id INTEGER PRIMARY KEY, reference TEXT NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL)",
    "CREATE INDEX of_person ON answers (reference, path, id)",
)

Turn = Callable[[str, str], Awaitable[None]]
"""Keeps what one person said; the answer may go when it returns."""


def open_database(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    for table in _TABLES:
        connection.execute(table)
    connection.execute("BEGIN")
    people = ((f"person-{number}", STATE, 0) for number in range(PEOPLE))
    connection.executemany("INSERT INTO conversations VALUES (?, ?, ?)", people)
    connection.execute("COMMIT")
    return connection


def keep(connection: sqlite3.Connection, sender: str, message: str) -> None:
    """The work of one transaction."""
    reference = f"person-{hash(sender) % PEOPLE}"
    found = "SELECT state, revision FROM conversations WHERE reference = ?"
    state, revision = connection.execute(found, (reference,)).fetchone()
    kept = "UPDATE conversations SET state = ?, revision = ? WHERE reference = ?"
    connection.execute(kept, (state, revision + 1, reference))
    added = "INSERT INTO answers (reference, path, value) VALUES (?, ?, ?)"
    connection.execute(added, (reference, f"question_{revision % 40}", message))


def commit_each(connection: sqlite3.Connection) -> Turn:
    """One commit a request, in the web server's own thread: nothing is handed over."""

    async def turn(sender: str, message: str) -> None:
        connection.execute("BEGIN IMMEDIATE")
        keep(connection, sender, message)
        connection.execute("COMMIT")

    return turn


def commit_together(connection: sqlite3.Connection) -> Turn:
    """A thread that writes for everybody; what waits shares a commit."""
    jobs: queue.SimpleQueue[tuple[str, str, asyncio.Future[None]]] = queue.SimpleQueue()

    def write() -> None:
        while True:
            batch = [jobs.get()]
            while len(batch) < BATCH and not jobs.empty():
                batch.append(jobs.get())
            connection.execute("BEGIN IMMEDIATE")
            for sender, message, _ in batch:
                keep(connection, sender, message)
            connection.execute("COMMIT")
            batch[0][2].get_loop().call_soon_threadsafe(_wake, [future for _, _, future in batch])

    async def turn(sender: str, message: str) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        jobs.put((sender, message, future))
        await future

    threading.Thread(target=write, daemon=True).start()
    return turn


def _wake(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


class Door:
    """The bare ASGI application behind the one route, as lean as the app's own."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        document = json.loads(body)
        await self._turn(document["sender"], document["message"])
        answer = json.dumps([{"recipient_id": document["sender"], **REPLY}], ensure_ascii=False).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


async def serve(port: int, folder: Path, commit: str) -> None:
    connection = open_database(folder / "raw.db")
    turn = commit_each(connection) if commit == "each" else commit_together(connection)
    listener = listen("127.0.0.1", port)
    app = Starlette(routes=[Route("/webhooks/rest/webhook", Door(turn), methods=["POST"])])
    config = uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=5,
        proxy_headers=False,
    )
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    await uvicorn.Server(config).serve(sockets=[listener])


def main() -> None:
    parser = argparse.ArgumentParser(description="The least that a server that keeps answers has to do.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True, help="an empty folder for the database")
    parser.add_argument("--commit", choices=("each", "group"), default="group")
    chosen = parser.parse_args()
    uvloop.run(serve(chosen.port, chosen.folder, chosen.commit))


if __name__ == "__main__":
    main()
