"""The control API: what residents do, what a test may see, and the switches of time, limits and faults."""

import base64
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.emulator.errors import ControlError
from tests.emulator.service import Service
from tests.emulator.state import Chat, Message, Person
from tests.emulator.updates import Json

Action = Callable[[Json, dict[str, str]], Any]
MEDIA_SUFFIXES = {"photo": ".jpg", "voice": ".oga", "sticker": ".webp", "document": ".bin"}


class Control:
    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        actions: dict[str, Action] = {
            "people": self.add_person,
            "groups": self.add_group,
            "chats/{chat}/text": self.say,
            "chats/{chat}/start": self.start,
            "chats/{chat}/press": self.press,
            "chats/{chat}/edit": self.edit,
            "chats/{chat}/media": self.send_media,
            "chats/{chat}/message": self.send_message,
            "chats/{chat}/block": self.block,
            "chats/{chat}/transcript": self.transcript,
            "calls": self.calls,
            "updates": lambda given, path: self.service.world.emitted,
            "profile": lambda given, path: self.service.world.profile,
            "wait": self.wait,
            "clock": self.set_clock,
            "limits": self.set_limits,
            "delivery": self.set_delivery,
            "faults": self.script_faults,
            "reset": self.reset,
        }
        return [
            Route(f"/control/{path}", _endpoint(act), methods=["GET", "POST"])
            for path, act in actions.items()
        ]

    # residents

    def add_person(self, given: Json, path: dict[str, str]) -> Json:
        return self.service.world.add_person(**given).as_json()

    def add_group(self, given: Json, path: dict[str, str]) -> Json:
        return self.service.world.chat_json(self.service.world.add_group(given["title"], given["member_ids"]))

    def _who(self, given: Json, path: dict[str, str]) -> tuple[Chat, Person]:
        chat = self.service.world.chat_of(int(path["chat"]))
        person_id = given.get("from", chat.member_ids[0])
        if person_id not in chat.member_ids:
            raise ControlError(f"person {person_id} is not in chat {chat.id}")
        return chat, self.service.world.people[person_id]

    def _say(self, given: Json, path: dict[str, str], body: Json) -> Json:
        chat, person = self._who(given, path)
        world, now = self.service.world, self.service.clock.now()
        said = self.service.courier.carry(
            chat.id, lambda: world.say(chat, person, body, now, given.get("reply_to"))
        )
        return self._shown(said)

    def say(self, given: Json, path: dict[str, str]) -> Json:
        return self._say(given, path, {"text": given["text"]})

    def start(self, given: Json, path: dict[str, str]) -> Json:
        return self._say(given, path, {"text": f"/start {given.get('payload', '')}".strip()})

    def send_media(self, given: Json, path: dict[str, str]) -> Json:
        kind = given["kind"]
        if kind == "location":
            place = {"latitude": given.get("latitude", 50.8514), "longitude": given.get("longitude", 5.6910)}
            return self._say(given, path, {"location": place})
        if kind not in MEDIA_SUFFIXES:
            raise ControlError(f"no media {kind!r}; known: location, {', '.join(MEDIA_SUFFIXES)}")
        content = base64.b64decode(given.get("content", "")) or f"a {kind}".encode()
        stored = self.service.world.store_file(content, kind, MEDIA_SUFFIXES[kind]).as_json()
        caption = {"caption": given["caption"]} if given.get("caption") else {}
        return self._say(given, path, _media_body(kind, stored, int(given.get("duration", 3))) | caption)

    def send_message(self, given: Json, path: dict[str, str]) -> Json:
        """Whatever stands in `body`: a card with a contact, a kind of Telegram's that is new, what is no message at all."""
        return self._say(given, path, dict(given["body"]))

    def press(self, given: Json, path: dict[str, str]) -> Json:
        """Press by title or data: in the given message, the newest that has it, or the reply keyboard."""
        chat, person = self._who(given, path)
        title, data = given.get("title"), given.get("data")
        found = self._find_button(chat, given.get("message_id"), title, data)
        if found is None:
            if title is not None and "message_id" not in given and _on_keyboard(chat, title):
                return self._say(given, path, {"text": title})
            raise ControlError(
                f"no button {title or data!r} in chat {chat.id}; here are {self._titles(chat)}"
            )
        message, button = found
        if "callback_data" not in button:
            raise ControlError(f"button {button['text']!r} tells the bot nothing: it is no callback button")
        times = 2 if self.service.script.on_update({"press_again"}, chat.id) else 1
        now = self.service.clock.now()
        presses = [
            self.service.courier.carry(
                chat.id, lambda: self.service.world.press(message, person, button["callback_data"], now)
            )
            for _ in range(times)
        ]
        return {"query_id": presses[0].query_id, "message_id": message.id}

    def _find_button(
        self, chat: Chat, message_id: int | None, title: str | None, data: str | None
    ) -> tuple[Message, Json] | None:
        for message in reversed(list(self.service.world.in_chat(chat.id))):
            if message.deleted or message_id not in (None, message.id):
                continue
            for button in message.inline_buttons:
                if title == button["text"] or (data is not None and data == button.get("callback_data")):
                    return message, button
        return None

    def _titles(self, chat: Chat) -> list[str]:
        shown = [message for message in self.service.world.in_chat(chat.id) if not message.deleted]
        return [button["text"] for message in shown for button in message.inline_buttons]

    def edit(self, given: Json, path: dict[str, str]) -> Json:
        chat, person = self._who(given, path)
        message = self.service.world.find_message(chat.id, given["message_id"])
        if message is None or message.sender["id"] != person.id:
            raise ControlError(f"message {given['message_id']} is not one of {person.first_name}")
        now = self.service.clock.now()
        self.service.courier.carry(chat.id, lambda: self.service.world.edit(message, given["text"], now))
        return self._shown(message)

    def block(self, given: Json, path: dict[str, str]) -> Json:
        chat, _ = self._who(given, path)
        blocked, now = bool(given.get("blocked", True)), self.service.clock.now()
        self.service.courier.carry(chat.id, lambda: self.service.world.set_blocked(chat, blocked, now))
        return {"blocked": blocked}

    # what a test may see

    def _shown(self, message: Message) -> Json:
        markup = message.reply_markup or {}
        rows = markup.get("inline_keyboard") or markup.get("keyboard", [])
        presses = self.service.world.presses.values()
        return {
            "message_id": message.id,
            "from_bot": message.from_bot,
            "from_id": message.sender["id"],
            "text": message.body.get("text", message.body.get("caption", "")),
            "buttons": [[_title(button) for button in row] for row in rows],
            "body": message.body,
            "reply_markup": message.reply_markup,
            "reply_to": message.reply_to,
            "sent_at": message.sent_at,
            "edited": message.edited_at is not None,
            "deleted": message.deleted,
            "press_answers": [press.answers for press in presses if press.message_id == message.id],
        }

    def transcript(self, given: Json, path: dict[str, str]) -> list[Json]:
        chat = self.service.world.chat_of(int(path["chat"]))
        return [self._shown(message) for message in self.service.world.in_chat(chat.id)]

    def calls(self, given: Json, path: dict[str, str]) -> list[Json]:
        return self.service.api.calls_of(given.get("method"))

    async def wait(self, given: Json, path: dict[str, str]) -> Json:
        """Wait, in real seconds, for "messages" in a chat, "calls" of a method, or all "delivered"."""
        until, count = given["until"], int(given.get("count", 1))
        measures: dict[str, Callable[[], bool]] = {
            "messages": lambda: len(self._bot_messages(given)) >= count,
            "calls": lambda: len(self.service.api.calls_of(given.get("method"))) >= count,
            "delivered": lambda: not self.service.world.waiting,
        }
        if until not in measures:
            raise ControlError(f"cannot wait for {until!r}; known: {', '.join(measures)}")
        seconds = float(given.get("timeout", 5))
        if not await self.service.clock.wait_until(measures[until], seconds, real=True):
            raise ControlError(f"waited {seconds:g} s in vain for {given}; {self._seen(given)}")
        return {"messages": self._bot_messages(given) if until == "messages" else []}

    def _bot_messages(self, given: Json) -> list[Json]:
        after = int(given.get("after", 0))
        in_chat = self.service.world.in_chat(int(given.get("chat_id", 0)))
        return [self._shown(message) for message in in_chat if message.from_bot and message.id > after]

    def _seen(self, given: Json) -> str:
        texts = [message["text"] for message in self._bot_messages(given)]
        calls = [f"{call['method']}: {call['outcome']}" for call in self.service.api.calls_of(None)[-8:]]
        return f"came: {texts}; updates on their way: {len(self.service.world.waiting)}; last calls: {calls}"

    # switches

    def set_clock(self, given: Json, path: dict[str, str]) -> Json:
        self.service.clock.set(**given)
        return {"now": self.service.clock.now(), "rate": self.service.clock.rate}

    def set_limits(self, given: Json, path: dict[str, str]) -> Json:
        self.service.limits.configure(**given)
        return given

    def set_delivery(self, given: Json, path: dict[str, str]) -> Json:
        service = self.service
        service.courier.paused = bool(given.get("paused", service.courier.paused))
        service.pusher.retry_scale = float(given.get("retry_scale", service.pusher.retry_scale))
        service.world.press_limit = float(given.get("press_limit", service.world.press_limit))
        service.bell.ring()
        return {"waiting": [entry.id for entry in service.world.waiting]}

    def script_faults(self, given: Json, path: dict[str, str]) -> list[Json]:
        if given.get("clear"):
            self.service.script.faults.clear()
        self.service.script.add(given.get("faults", []))
        return self.service.script.left()

    def reset(self, given: Json, path: dict[str, str]) -> Json:
        self.service.reset()
        return {}


def _on_keyboard(chat: Chat, title: str) -> bool:
    rows = (chat.keyboard or {}).get("keyboard", [])
    return any(title == _title(button) for row in rows for button in row)


def _title(button: Json | str) -> str:
    return button if isinstance(button, str) else str(button["text"])


def _media_body(kind: str, stored: Json, duration: int) -> Json:
    match kind:
        case "photo":
            return {"photo": [stored | {"width": 640, "height": 480}]}
        case "voice":
            return {"voice": stored | {"duration": duration, "mime_type": "audio/ogg"}}
        case "sticker":
            form = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
            return {"sticker": stored | form | {"emoji": "\N{THUMBS UP SIGN}"}}
        case _:
            return {"document": stored | {"file_name": "brief.bin"}}


def _endpoint(act: Action) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def endpoint(request: Request) -> JSONResponse:
        given = dict(request.query_params)
        try:
            result = act(await request.json() if request.method == "POST" else given, request.path_params)
            return JSONResponse(await result if isinstance(result, Awaitable) else result)
        except (ControlError, KeyError, TypeError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)

    return endpoint
