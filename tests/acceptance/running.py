"""The product as its users have it: the real command in a process of its own, and somebody who talks with it."""

from __future__ import annotations

import atexit
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
COMMAND = str(Path(sys.executable).parent / "wijkverhaal")
Wire = dict[str, Any]
"""A message as the REST channel and `chat --jsonl` write it."""


@cache
def form_cache() -> Path:
    """Parsed questionnaires, as an earlier start left them: reading them anew costs each start half a second."""
    folder = Path(mkdtemp(prefix="wijkverhaal-forms-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    return folder


def environment(data: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without anybody's settings, with a data folder of its own. Programs answer faster than
    anybody reads, so what they say at once is no piece of an answer."""
    ours = ("WIJKVERHAAL_", "TELEGRAM_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {
        **kept,
        "WIJKVERHAAL_DATA": str(data),
        "COLUMNS": "200",
        "WIJKVERHAAL_PIECES": "no",
        "WIJKVERHAAL_FORM_CACHE": str(form_cache()),
        **(extra or {}),
    }


def run_command(
    *arguments: str,
    data: Path,
    extra: Mapping[str, str] | None = None,
    stdin: str = "",
    folder: Path = ROOT,
    seconds: float = PATIENCE,
) -> subprocess.CompletedProcess[str]:
    """One command from start to end."""
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env=environment(data, extra),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )


def lines_to_chat(
    lines: Iterable[Wire | str], *arguments: str, data: Path, extra: Mapping[str, str] | None = None
) -> tuple[list[Wire], subprocess.CompletedProcess[str]]:
    """What `chat --jsonl` answers to these lines; a text goes in as it is."""
    written = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    done = run_command("chat", "--jsonl", "--rules-only", *arguments, data=data, extra=extra, stdin=written)
    return [json.loads(line) for line in done.stdout.splitlines()], done


class Assistant:
    """A running `wijkverhaal serve`. `url` is known once it has said that it is ready."""

    def __init__(
        self,
        data: Path,
        *,
        port: int = 0,
        extra: Mapping[str, str] | None = None,
        arguments: Sequence[str] = ("--rules-only",),
    ) -> None:
        self.data = data
        self.said: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self.process = subprocess.Popen(
            [COMMAND, "serve", "--port", str(port), *arguments],
            cwd=ROOT,
            env=environment(data, extra),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = ""

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            for line in stream:
                with self._changed:
                    self.said.append(line.rstrip("\n"))
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait_for_line(self, words: str) -> str:
        """The first line with these words in it. Fails when the process ends without it."""

        def heard() -> str | None:
            return next((line for line in self.said if words in line), None)

        with self._changed:
            self._changed.wait_for(lambda: heard() or self._ended, PATIENCE)
            found = heard()
        assert found is not None, f"never said {words!r}: {self.said}"
        return found

    def wait_until_ready(self) -> Assistant:
        self.wait_for_line("Stop with Ctrl-C.")
        self.url = self.wait_for_line("Chat page").split()[-1]
        return self

    @property
    def database(self) -> Path:
        return self.data / "wijkverhaal.db"

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 0)

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait_for_end(self) -> int:
        """The exit status, when it ended and all that it said was read."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._ended, PATIENCE), f"did not end: {self.said}"
        return self.process.wait(PATIENCE)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Asks it to end (or, with SIGKILL, ends it) and gives the exit status."""
        if self.process.poll() is None:
            self.send(number)
        return self.wait_for_end()

    def group(self) -> list[int]:
        """The processes of its group that still run."""
        return [pid for pid, _, group in _processes() if group == self.process.pid]

    def children(self) -> list[int]:
        """What it started itself, in whatever group."""
        return [pid for pid, parent, _ in _processes() if parent == self.process.pid]


def still_running(pids: Iterable[int]) -> set[int]:
    return {pid for pid, _, _ in _processes()} & set(pids)


def _processes() -> Iterator[tuple[int, int, int]]:
    """Process, parent and group of all that run; what ended and was not yet waited for does not count."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if fields[0] != "Z":
            yield int(stat.parent.name), int(fields[1]), int(fields[2])


@contextmanager
def running_assistant(
    data: Path,
    *,
    port: int = 0,
    extra: Mapping[str, str] | None = None,
    arguments: Sequence[str] = ("--rules-only",),
) -> Iterator[Assistant]:
    """A ready assistant, without Rasa unless `arguments` say otherwise; ended at the end whatever happens."""
    assistant = Assistant(data, port=port, extra=extra, arguments=arguments)
    try:
        yield assistant.wait_until_ready()
    finally:
        assistant.end(signal.SIGKILL)


@dataclass
class Resident:
    """Somebody who writes over the REST channel: types words, or taps a button of the last question by its title."""

    assistant: Assistant
    sender: str
    language: str = ""
    simulated: bool = False
    last: list[Wire] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def say(self, text: str, *, message_id: str = "") -> list[Wire]:
        """One message, and everything that comes back."""
        metadata: Wire = {"language": self.language} if self.language else {}
        metadata |= {"simulated": True} if self.simulated else {}
        metadata |= {"message_id": message_id} if message_id else {}
        body = json.dumps({"sender": self.sender, "message": text, "metadata": metadata})
        status, reply = self.post(body.encode())
        assert status == 200, reply
        self.last = json.loads(reply)
        return self.last

    def post(self, body: bytes) -> tuple[int, str]:
        return post(self.assistant.address, body)

    def tap(self, title: str) -> list[Wire]:
        return self.say(self.buttons[title])

    def say_all(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.say(text)

    def tap_all(self, titles: Iterable[str]) -> None:
        for title in titles:
            self.tap(title)

    @property
    def buttons(self) -> dict[str, str]:
        """Title to payload, of the last message that came."""
        return buttons_of(self.last)

    @property
    def text(self) -> str:
        """All that came back last, as one text."""
        return text_of(self.last)


def buttons_of(messages: Sequence[Wire]) -> dict[str, str]:
    return {
        button["title"]: button["payload"] for button in (messages[-1].get("buttons", []) if messages else [])
    }


def text_of(messages: Sequence[Wire]) -> str:
    return "\n".join(message.get("text", "") for message in messages)


def post(address: tuple[str, int], body: bytes) -> tuple[int, str]:
    """Status and body of one request to the REST channel, on a connection of its own."""
    with closing(http.client.HTTPConnection(*address, timeout=PATIENCE)) as connection:
        connection.request(
            "POST", "/webhooks/rest/webhook", body=body, headers={"content-type": "application/json"}
        )
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8")


def rows(database: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """What stands in the database, read past the product."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=PATIENCE)) as db:
        return db.execute(statement, values).fetchall()


def answers_of(database: Path, response: str) -> dict[str, tuple[str, str]]:
    """Name of a question to (status, value), the latest answer of each."""
    found = rows(database, "select path, status, value from answers where response = ? order by id", response)
    return {path.rpartition("/")[2]: (status, value) for path, status, value in found}


def counts(database: Path) -> dict[str, int]:
    """How many rows each table of people's data has."""
    names = (
        "responses",
        "answers",
        "consents",
        "wishes",
        "reaches",
        "signals",
        "hand_overs",
        "conversations",
        "contacts",
    )
    return {name: rows(database, f"select count(*) from {name}")[0][0] for name in names}
