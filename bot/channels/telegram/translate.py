"""PURE: what a Telegram update means for us; nothing is sent or kept here.

The few fields we use are read from the JSON itself: 4 us for a text on one core, where building
python-telegram-bot's objects first takes 82 us and gives nothing that is used here. Those objects do serve as the
judge of the updates in the tests.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from domain.message import Incoming, IncomingKind

CHANNEL = "telegram"

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""Always given to Telegram: it remembers the last list when none is given."""

PAYLOAD_OF_COMMAND = {
    "start": "/start",
    "stop": "/stop",
    "pauze": "/pause",
    "pause": "/pause",
    "hulp": "/help",
    "help": "/help",
    "privacy": "/privacy",
    "taal": "/language",
    "language": "/language",
    "wissen": "/erase",
    "erase": "/erase",
    "antwoorden": "/my_data",
    "answers": "/my_data",
    "my_data": "/my_data",
    "verder": "/start",
    "continue": "/start",
}

KIND_OF_CONTENT = {
    "voice": IncomingKind.VOICE,
    "photo": IncomingKind.PHOTO,
    "location": IncomingKind.LOCATION,
    **dict.fromkeys(
        (
            "animation",
            "audio",
            "checklist",
            "contact",
            "dice",
            "document",
            "game",
            "paid_media",
            "poll",
            "sticker",
            "story",
            "video",
            "video_note",
        ),
        IncomingKind.OTHER,
    ),
}

_COMMAND = re.compile(r"/([A-Za-z_]+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_STOP_CAPTION = re.compile(
    r"\W*(stop|stoppen|stop maar|ik stop|ik wil stoppen|afmelden|uitschrijven|unsubscribe)\W*", re.IGNORECASE
)
_DEEP_LINK = re.compile(r"[A-Za-z0-9_-]{1,64}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Turn:
    """Something a person did. `callback_id` is set for a press: Telegram wants it answered after the turn."""

    incoming: Incoming
    callback_id: str = ""


@dataclass(frozen=True, slots=True)
class GroupRefusal:
    """The bot is in a group: conversations are private, so it says so and leaves."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """The person blocked the bot; `at` is UTC."""

    channel_ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing to do; `why` is a word for the counters. A press is answered even so."""

    why: str
    callback_id: str = ""


Translated = Turn | GroupRefusal | Blocked | Ignored


def translate(update: Mapping[str, Any], now: datetime) -> Translated:
    """The meaning of one update; `now` (UTC) is the time of what carries none, such as a press.

    Never raises: an update in a shape we do not know is Ignored("malformed"), or it would come back for a day.
    """
    try:
        return _translate(update, now)
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError):
        return Ignored("malformed")


def chat_of(update: Mapping[str, Any]) -> str:
    """The chat an update belongs to, "" when it has none: turns of one chat are taken one after the other."""
    try:
        (body,) = (update[kind] for kind in ALLOWED_UPDATES if kind in update)
        return str(body.get("message", body)["chat"]["id"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return ""


def _translate(update: Mapping[str, Any], now: datetime) -> Translated:
    if "callback_query" in update:
        return _read_press(update, update["callback_query"], now)
    if "message" in update:
        return _read_message(update, update["message"], now)
    if "my_chat_member" in update:
        return _read_membership(update["my_chat_member"], now)
    if "edited_message" in update:
        return _read_edit(update, update["edited_message"], now)
    return Ignored("unknown")


def _read_press(update: Mapping[str, Any], query: Mapping[str, Any], now: datetime) -> Translated:
    callback_id = str(query["id"])
    if "message" not in query or query["message"]["chat"]["type"] != "private" or "data" not in query:
        return Ignored("press_elsewhere", callback_id)
    chat = query["message"]["chat"]
    return Turn(_incoming(update, chat, query["from"], IncomingKind.TAP, now, query["data"]), callback_id)


def _read_message(update: Mapping[str, Any], message: Mapping[str, Any], now: datetime) -> Translated:
    chat = message["chat"]
    if chat["type"] != "private":
        return _refuse_group(chat)
    if message["from"].get("is_bot"):
        return Ignored("bot")
    at = min(datetime.fromtimestamp(message["date"], UTC), now)
    if "text" in message:
        kind, text, code = _read_text(message["text"])
        turn = _incoming(update, chat, message["from"], kind, at, text, code)
        return Turn(replace(turn, message=str(message["message_id"]) if kind is IncomingKind.TEXT else ""))
    found = [kind for content, kind in KIND_OF_CONTENT.items() if content in message]
    if not found:
        return Ignored("service_message")
    # A caption is what the person said: it must be heard, if only by the safety floor. A plain stop is one, as typed.
    caption = message.get("caption", "")
    if _STOP_CAPTION.fullmatch(caption):
        return Turn(
            _incoming(update, chat, message["from"], IncomingKind.TAP, at, PAYLOAD_OF_COMMAND["stop"])
        )
    incoming = _incoming(update, chat, message["from"], found[0], at, caption)
    return Turn(replace(incoming, reference=_reference(message)))


def _reference(message: Mapping[str, Any]) -> str:
    """Where a place or a file is: coordinates, or Telegram's own name for the file."""
    if "location" in message:
        place = message["location"]
        accuracy = place.get("horizontal_accuracy", 0)
        return f"{float(place['latitude'])} {float(place['longitude'])} 0 {float(accuracy)}"
    if "voice" in message:
        return f"{CHANNEL}:{message['voice']['file_id']}"
    return f"{CHANNEL}:{message['photo'][-1]['file_id']}" if "photo" in message else ""


def _read_edit(update: Mapping[str, Any], message: Mapping[str, Any], now: datetime) -> Translated:
    """Only words count: Telegram also tells of a place that moves and of a preview that was added."""
    chat = message["chat"]
    if chat["type"] != "private" or message["from"].get("is_bot") or "text" not in message:
        return Ignored("edited")
    at = min(datetime.fromtimestamp(message["edit_date"], UTC), now)
    turn = _incoming(update, chat, message["from"], IncomingKind.EDIT, at, message["text"])
    return Turn(replace(turn, message=str(message["message_id"])))


def _read_text(text: str) -> tuple[IncomingKind, str, str]:
    """Kind, text and deep-link code. A word from the menu decides by itself, whatever follows it.

    /start with a code is a link that was followed; without one the person asks for it: to begin, or to go on."""
    command = _COMMAND.fullmatch(text.strip())
    if command is None:
        return IncomingKind.TEXT, text, ""
    word, rest = command[1].lower(), (command[2] or "").strip()
    if word == "start" and _DEEP_LINK.fullmatch(rest):
        return IncomingKind.OPEN, "", rest
    if word in PAYLOAD_OF_COMMAND:
        return IncomingKind.TAP, PAYLOAD_OF_COMMAND[word], ""
    return IncomingKind.TEXT, text, ""


def _read_membership(change: Mapping[str, Any], now: datetime) -> Translated:
    chat, status = change["chat"], change["new_chat_member"]["status"]
    if chat["type"] != "private":
        return (
            _refuse_group(chat)
            if status in ("member", "administrator", "restricted")
            else Ignored("left_group")
        )
    if status == "kicked":
        return Blocked(str(chat["id"]), min(datetime.fromtimestamp(change["date"], UTC), now))
    return Ignored("unblocked")


def _refuse_group(chat: Mapping[str, Any]) -> Translated:
    return GroupRefusal(str(chat["id"])) if chat["type"] in ("group", "supergroup") else Ignored("channel")


def _incoming(
    update: Mapping[str, Any],
    chat: Mapping[str, Any],
    person: Mapping[str, Any],
    kind: IncomingKind,
    at: datetime,
    text: str,
    code: str = "",
) -> Incoming:
    language = str(person.get("language_code", "")).partition("-")[0].lower()
    return Incoming(
        CHANNEL,
        str(chat["id"]),
        kind,
        at,
        update_id=str(update["update_id"]),
        text=_clean(text),
        language=language,
        code=code,
    )


def _clean(text: str) -> str:
    """Without what no database or wire takes: a null byte goes, half a surrogate pair becomes U+FFFD."""
    return _UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\N{REPLACEMENT CHARACTER}", text)
