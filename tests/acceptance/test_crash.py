"""A dozen sudden deaths in the middle of eight intakes: everybody finishes, and every answer is stored once."""

from __future__ import annotations

import http.client
import json
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.running import Assistant, Resident, Wire, answers_of, rows, running_assistant
from tests.acceptance.test_main_job import OPEN, TAPPED, expected
from tests.patience import PATIENCE

PEOPLE = 8
KILLS = 12


class House:
    """The address that clients know. Whoever runs behind it may die; a client asks again until somebody answers."""

    def __init__(self) -> None:
        self._there = threading.Condition()
        self._assistant: Assistant | None = None
        self.taken = 0

    def opens(self, assistant: Assistant) -> None:
        with self._there:
            self._assistant = assistant
            self._there.notify_all()

    def closes(self) -> None:
        with self._there:
            self._assistant = None

    def wait_for_somebody(self, other_than: Assistant | None) -> Assistant:
        with self._there:
            found = self._there.wait_for(
                lambda: self._assistant if self._assistant is not other_than else None, PATIENCE
            )
        assert found, "nobody came back"
        return found

    def count_reply(self) -> None:
        with self._there:
            self.taken += 1
            self._there.notify_all()

    def wait_for_replies(self, number: int) -> None:
        with self._there:
            assert self._there.wait_for(lambda: self.taken >= number, PATIENCE)


@dataclass
class Client:
    """A program that sends a message again, under the same id, until it knows the reply."""

    house: House
    sender: str
    last: list[Wire] = field(default_factory=list)
    sent: int = 0
    retries: int = 0
    trouble: list[BaseException] = field(default_factory=list)

    def intake(self) -> None:
        try:
            self.send("hallo")
            for asked in TAPPED:
                if asked.name == "times":
                    for title in ("Doordeweeks in de ochtend", "In het weekend", "Klaar met kiezen"):
                        self.tap(title)
                elif asked in OPEN or asked.name == "reach_at":
                    self.send(asked.button)
                else:
                    self.tap(asked.button)
        except BaseException as error:  # a thread's trouble is the test's
            self.trouble.append(error)

    def tap(self, title: str) -> None:
        buttons = {button["title"]: button["payload"] for button in self.last[-1]["buttons"]}
        self.send(buttons[title])

    def send(self, text: str) -> None:
        self.sent += 1
        assistant: Assistant | None = None
        while True:
            assistant = self.house.wait_for_somebody(other_than=assistant)
            try:
                self.last = Resident(assistant, self.sender).say(text, message_id=f"m{self.sent}")
            except (OSError, http.client.HTTPException):
                self.retries += 1
                continue
            self.house.count_reply()
            return


@contextmanager
def talking(clients: list[Client]) -> Iterator[None]:
    threads = [threading.Thread(target=client.intake, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(PATIENCE)


def test_killed_a_dozen_times_everybody_finishes_and_every_answer_is_stored_once(tmp_path: Path) -> None:
    chance = random.Random(7)
    house = House()
    clients = [Client(house, f"resident-{number}") for number in range(PEOPLE)]
    turns = PEOPLE * (len(TAPPED) + 3)
    with talking(clients):
        for kill in range(KILLS):
            with running_assistant(tmp_path) as assistant:
                house.opens(assistant)
                # Spread over the intakes, and never at the same point of a turn.
                house.wait_for_replies((kill + 1) * turns // (KILLS + 2) + chance.randrange(5))
                assistant.end(signal.SIGKILL)
                house.closes()
        with running_assistant(tmp_path) as last:
            house.opens(last)
            house.wait_for_replies(turns)

    database = tmp_path / "wijkverhaal.db"
    assert [client.trouble for client in clients if client.trouble] == []
    assert sum(client.retries for client in clients) >= KILLS
    responses = rows(database, "select id, outcome from responses")
    assert [outcome for _, outcome in responses] == ["finished"] * PEOPLE
    whole = {**expected(TAPPED, "button")}
    assert [answers_of(database, response) for response, _ in responses] == [whole] * PEOPLE
    twice = "select response, path from answers group by response, path having count(*) > 1"
    assert rows(database, twice) == []
    assert rows(database, "select count(*) from consents") == [(PEOPLE * 5,)]
    assert rows(database, "pragma integrity_check") == [("ok",)]


def test_retry_after_a_crash_gives_the_reply_that_was_lost(tmp_path: Path) -> None:
    body = json.dumps({"sender": "a", "message": "hallo", "metadata": {"message_id": "1"}}).encode()
    replies = []
    for _ in range(2):
        with running_assistant(tmp_path) as assistant:
            replies.append(Resident(assistant, "a").post(body))
            assistant.end(signal.SIGKILL)

    assert replies[0][0] == 200
    assert replies[0] == replies[1]
    assert rows(tmp_path / "wijkverhaal.db", "select revision from conversations") == [(1,)]
