"""The shape in which messages travel to programs: the one Rasa's REST channel uses, and a file beside it."""

from collections.abc import Iterable
from typing import Any

from domain.message import Message


def to_wire(recipient: str, messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Messages as `{"recipient_id", "text"[, "buttons": [{"title", "payload"}]][, "document": {"name", "media_type",
    "content"}]}`; Rasa's own clients pass over the last, which is ours."""
    wired: list[dict[str, Any]] = []
    for message in messages:
        one: dict[str, Any] = {"recipient_id": recipient, "text": message.text}
        if message.buttons:
            one["buttons"] = [
                {"title": button.title, "payload": button.payload} for button in message.buttons
            ]
        if document := message.document:
            one["document"] = {
                "name": document.name,
                "media_type": document.media_type,
                "content": document.content,
            }
        wired.append(one)
    return wired
