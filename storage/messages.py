"""A message as it is stored: JSON made of its text and its buttons."""

from typing import Any

from domain.message import Button, Message


def dump_message(message: Message) -> list[object]:
    return [message.text, [[button.title, button.payload] for button in message.buttons]]


def load_message(stored: list[Any]) -> Message:
    text, buttons = stored
    return Message(text, tuple(Button(title, payload) for title, payload in buttons))
