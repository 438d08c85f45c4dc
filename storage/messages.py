"""A message as it is stored: JSON made of its text, its buttons and the file that comes with it."""

from typing import Any

from domain.message import Button, Document, Message


def dump_message(message: Message) -> list[object]:
    stored: list[object] = [message.text, [[button.title, button.payload] for button in message.buttons]]
    if document := message.document:
        stored.append([document.name, document.media_type, document.content])
    return stored


def load_message(stored: list[Any]) -> Message:
    text, buttons, *document = stored  # without a file, and before there were any, there are two parts
    return Message(
        text,
        tuple(Button(title, payload) for title, payload in buttons),
        Document(*document[0]) if document else None,
    )
