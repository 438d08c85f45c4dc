"""What comes in from a channel and what goes out to one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class IncomingKind(StrEnum):
    TEXT = "text"
    TAP = "tap"
    OPEN = "open"  # the chat was opened, nothing said yet (/start, the page loaded)
    VOICE = "voice"
    PHOTO = "photo"
    LOCATION = "location"
    EDIT = "edit"  # an earlier text was changed; `text` is what it says now
    OTHER = "other"  # a sticker, a file, a contact: something we cannot use


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing a person did in a channel.

    `channel_ref` is what the channel calls the person (a chat id, a session); `update_id` is the channel's own name
    for this update, or None where the channel has none (then nothing is de-duplicated). `message` names the message
    itself where the channel lets people change it later, empty elsewhere. `text` is exactly as
    written; for TAP it is the payload. `at` is timezone-aware UTC. `code` is a deep link's payload.
    `reference` is where what was sent is: "latitude longitude altitude accuracy" for a LOCATION, the channel's own
    name for the file ("telegram:...") for a VOICE or PHOTO; the file itself is never taken in.
    """

    channel: str
    channel_ref: str
    kind: IncomingKind
    at: datetime
    update_id: str | None = None
    text: str = ""
    language: str = ""
    code: str = ""
    simulated: bool = False
    reference: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A button with full words on it; `payload` is at most 64 bytes (Telegram's limit) and starts with "/"."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Document:
    """A small text file that comes with a message: its name, its media type, what is in it."""

    name: str
    media_type: str
    content: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to be shown: plain text, never markup."""

    text: str
    buttons: tuple[Button, ...] = ()
    document: Document | None = None
