"""What the residents of a measurement say, for each kind of server; pure but for the chance handed in by number."""

import json
import random
from collections.abc import Iterable, Sequence
from typing import Any

from app.resident import Resident
from benchmarks.load import Talk, reply_to

MOST_TURNS = 120
FIRST_WORDS = "hallo"
ANSWERS_OF_FORM_BOT = (
    "Nazareth",
    "bewoner",
    "tussen 45 en 65",
    "een zeven",
    "dat lukt mij meestal wel",
    "de buren helpen elkaar",
    "de lift is vaak kapot",
    "een plek om koffie te drinken",
    "ja, meestal wel",
    "nee, verder niets",
)


def request(sender: str, message: str, number: int) -> bytes:
    """A turn as a careful program asks it: with a name for the message, so that asking twice counts once."""
    metadata = {"simulated": True, "message_id": f"{sender}-{number}"}
    return json.dumps({"sender": sender, "message": message, "metadata": metadata}).encode()


class Steady(random.Random):
    """No chance at all: always the middle one."""

    def choice(self, seq: Sequence[Any]) -> Any:  # type: ignore[override]  # chance that is none needs no type variable
        return seq[len(seq) // 2]


def intake(sender: str, *, types: bool = False, chance: random.Random | None = None) -> Talk:
    """A whole intake; the answers are tapped, or typed as they stand on the buttons."""
    resident = Resident(chance or random.Random(sender), types=types)
    message: str | None = FIRST_WORDS
    for number in range(MOST_TURNS):
        if message is None:
            return
        answer = yield request(sender, message, number)
        message = resident.next_message(json.loads(answer))


def intake_without_end(sender: str) -> Talk:
    """Taps without reading the answers, for a server that says the same whatever it hears."""
    for number in range(40):
        yield request(sender, f"/a.{number}.12.3", number)


def beginning(sender: str, turns: int) -> Talk:
    """The first `turns` turns of an intake, the same for everybody."""
    talk = intake(sender, chance=Steady())
    body: bytes | None = next(talk)
    for _ in range(turns):
        assert body is not None, "the intake is over already"
        body = reply_to(talk, (yield body))


def one_turn(sender: str, message: str, number: int) -> Talk:
    yield request(sender, message, number)


def side_questions(sender: str, turns: int, begun: int) -> Talk:
    """Somebody under way who goes on asking what the question means, turn after turn."""
    for number in range(begun, begun + turns):
        yield request(sender, "/repeat", number)


def form_bot_intake(sender: str) -> Talk:
    """The plain Rasa form bot's intake: eleven turns, typed, since its form asks for text."""
    for message in ("begin", *ANSWERS_OF_FORM_BOT):
        yield json.dumps({"sender": sender, "message": message}).encode()


def parses(texts: Iterable[str]) -> Talk:
    """Sentences for Rasa's own door to its model."""
    for text in texts:
        yield json.dumps({"text": text}).encode()
