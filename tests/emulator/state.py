"""PURE: the emulated world of one bot: people, chats, messages and presses.

Time is handed in as seconds since 1970 (UTC). Who may call what, and how updates travel, is left to the
modules around it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.emulator.errors import BotApiError, ControlError
from tests.emulator.formatting import detect_entities
from tests.emulator.updates import Json, UpdateQueue

MESSAGE_LIFETIME = 24 * 3600.0
PRESS_LIFETIME = 150.0


@dataclass(frozen=True)
class Person:
    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = "nl"

    def as_json(self) -> Json:
        names = {"last_name": self.last_name, "username": self.username, "language_code": self.language_code}
        given = {key: value for key, value in names.items() if value}
        return {"id": self.id, "is_bot": False, "first_name": self.first_name, **given}


@dataclass
class Chat:
    """A private chat carries its person's id; a group's id is negative."""

    id: int
    type: str
    title: str
    member_ids: list[int]
    opened: bool = False
    blocked: bool = False
    keyboard: Json | None = None


@dataclass
class Message:
    id: int
    chat_id: int
    sender: Json
    sent_at: float
    body: Json
    reply_markup: Json | None = None
    reply_to: int | None = None
    edited_at: float | None = None
    deleted: bool = False

    @property
    def from_bot(self) -> bool:
        return bool(self.sender["is_bot"])

    @property
    def inline_buttons(self) -> list[Json]:
        rows = (self.reply_markup or {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]


@dataclass
class Press:
    query_id: str
    message_id: int
    pressed_at: float
    answers: list[Json] = field(default_factory=list)


@dataclass(frozen=True)
class StoredFile:
    file_id: str
    unique_id: str
    path: str
    content: bytes

    def as_json(self) -> Json:
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.content)}


@dataclass(kw_only=True)
class World(UpdateQueue):
    bot: Json
    people: dict[int, Person] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    presses: dict[str, Press] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    profile: Json = field(default_factory=dict)
    press_limit: float = PRESS_LIFETIME
    _last_message_id: int = 0
    _last_query: int = 4_000_000_000_000_000_000

    # people and chats

    def add_person(self, first_name: str, **details: Any) -> Person:
        taken = details.pop("id", None)
        person = Person(id=taken or 100_000_001 + len(self.people), first_name=first_name, **details)
        if person.id in self.people:
            raise ControlError(f"person {person.id} exists already")
        self.people[person.id] = person
        self.chats[person.id] = Chat(person.id, "private", first_name, [person.id])
        return person

    def add_group(self, title: str, member_ids: list[int]) -> Chat:
        chat = Chat(-(500_000_001 + len(self.chats)), "group", title, member_ids, opened=True)
        self.chats[chat.id] = chat
        return chat

    def chat_of(self, chat_id: int) -> Chat:
        if chat_id not in self.chats:
            raise ControlError(f"no chat {chat_id}")
        return self.chats[chat_id]

    def chat_json(self, chat: Chat) -> Json:
        if chat.type != "private":
            return {"id": chat.id, "type": chat.type, "title": chat.title}
        named = self.people[chat.id].as_json()
        return {"id": chat.id, "type": "private"} | {
            key: named[key] for key in ("first_name", "last_name", "username") if key in named
        }

    # messages

    def post(self, chat: Chat, sender: Json, body: Json, now: float, **extra: Any) -> Message:
        """Message ids count over the whole mailbox of the bot, so they have gaps within a chat."""
        self._last_message_id += 1
        message = Message(self._last_message_id, chat.id, sender, now, body, **extra)
        self.messages[message.id] = message
        markup = message.reply_markup or {}
        if "keyboard" in markup:
            chat.keyboard = markup
        elif "remove_keyboard" in markup:
            chat.keyboard = None
        return message

    def message_json(self, message: Message, *, with_reply: bool = True) -> Json:
        shown: Json = {
            "message_id": message.id,
            "from": message.sender,
            "chat": self.chat_json(self.chats[message.chat_id]),
            "date": int(message.sent_at),
            **message.body,
        }
        if message.edited_at is not None:
            shown["edit_date"] = int(message.edited_at)
        if message.inline_buttons:
            shown["reply_markup"] = message.reply_markup
        replied = self.messages.get(message.reply_to or 0)
        if with_reply and replied is not None:
            shown["reply_to_message"] = self.message_json(replied, with_reply=False)
        return shown

    def in_chat(self, chat_id: int) -> Iterator[Message]:
        return (message for message in self.messages.values() if message.chat_id == chat_id)

    def find_message(self, chat_id: int, message_id: int) -> Message | None:
        message = self.messages.get(message_id)
        return message if message and message.chat_id == chat_id and not message.deleted else None

    def store_file(self, content: bytes, kind: str, suffix: str) -> StoredFile:
        number = len(self.files) + 1
        stored = StoredFile(
            f"{kind}-{number:016d}", f"u{number:07d}", f"{kind}s/file_{number}{suffix}", content
        )
        self.files[stored.file_id] = stored
        return stored

    # what residents do

    def say(self, chat: Chat, person: Person, body: Json, now: float, reply_to: int | None = None) -> Message:
        """A person sends text or media; the first word opens a private chat."""
        if chat.blocked:
            raise ControlError(f"{person.first_name} blocked the bot and cannot write to it")
        if "text" in body:
            body = body | detect_entities(body["text"])
        chat.opened = True
        message = self.post(chat, person.as_json(), body, now, reply_to=reply_to)
        if chat.type == "private" or self._bot_may_read(message):
            self.emit("message", self.message_json(message), f"chat:{chat.id}", now + MESSAGE_LIFETIME)
        return message

    def _bot_may_read(self, message: Message) -> bool:
        """Privacy mode: in a group a bot sees commands, its name and replies to itself."""
        text = message.body.get("text", "")
        replied = self.messages.get(message.reply_to or 0)
        return (
            text.startswith("/") or f"@{self.bot['username']}" in text or bool(replied and replied.from_bot)
        )

    def edit(self, message: Message, text: str, now: float) -> None:
        message.body = {"text": text, **detect_entities(text)}
        message.edited_at = now
        lane = f"chat:{message.chat_id}"
        self.emit("edited_message", self.message_json(message), lane, now + MESSAGE_LIFETIME)

    def press(self, message: Message, person: Person, data: str, now: float) -> Press:
        """A press travels in a lane of its own: it may overtake a text of the same person."""
        self._last_query += 1
        press = Press(str(self._last_query), message.id, now)
        self.presses[press.query_id] = press
        query = {
            "id": press.query_id,
            "from": person.as_json(),
            "message": self.message_json(message),
            "chat_instance": str(7_000_000 + abs(message.chat_id)),
            "data": data,
        }
        self.emit("callback_query", query, f"press:{person.id}", now + PRESS_LIFETIME)
        return press

    def set_blocked(self, chat: Chat, blocked: bool, now: float) -> None:
        old, new = ("member", "kicked") if blocked else ("kicked", "member")
        chat.blocked, chat.opened = blocked, True
        self.emit_membership(chat, self.people[chat.id].as_json(), old, new, now)

    def emit_membership(self, chat: Chat, by: Json, old: str, new: str, now: float) -> None:
        def standing(status: str) -> Json:
            banned = {"until_date": 0} if status == "kicked" else {}
            return {"user": self.bot, "status": status, **banned}

        change = {
            "chat": self.chat_json(chat),
            "from": by,
            "date": int(now),
            "old_chat_member": standing(old),
            "new_chat_member": standing(new),
        }
        self.emit("my_chat_member", change, f"member:{chat.id}", now + MESSAGE_LIFETIME)

    def answer_press(self, query_id: str, answer: Json, now: float) -> None:
        press = self.presses.get(query_id)
        if press is None or now - press.pressed_at > self.press_limit:
            raise BotApiError(400, "query is too old and response timeout expired or query ID is invalid")
        press.answers.append(answer)
