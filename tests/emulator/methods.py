"""What each Bot API method does to the world, or why Telegram would refuse it; the wire is left to `api`."""

import re
from collections.abc import Callable
from typing import Any

from tests.emulator.checks import Params, check_commands, check_markup, check_text
from tests.emulator.errors import BotApiError
from tests.emulator.limits import SendingLimits
from tests.emulator.state import Chat, Message, StoredFile, World
from tests.emulator.updates import Json, Webhook

MEGABYTE = 1024 * 1024
UPLOAD_LIMITS = {"photo": 10 * MEGABYTE, "document": 50 * MEGABYTE, "voice": 50 * MEGABYTE}
DOWNLOAD_LIMIT = 20 * MEGABYTE
TWO_DAYS = 48 * 3600
GIFT_TYPES = (
    "unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels",
)  # fmt: skip # read as one list of words
CHAT_ACTIONS = frozenset(
    {
        "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
        "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
    }
)  # fmt: skip # read as one list of words


class BotMethods:
    """`now` is asked anew for every call; results are what Telegram puts under `result`."""

    def __init__(self, world: World, limits: SendingLimits, now: Callable[[], float]) -> None:
        self.world, self.limits, self.now = world, limits, now
        self.last_webhook_error: Callable[[], Json] = dict

    def by_name(self) -> dict[str, Callable[[Params], Any]]:
        """Telegram does not look at the case of a method's name."""
        names = [name for name in dir(self) if name.startswith("do_")]
        return {name.removeprefix("do_").replace("_", ""): getattr(self, name) for name in names}

    # the bot itself

    def do_get_me(self, params: Params) -> Json:
        abilities = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries")
        return self.world.bot | dict(zip(abilities, (True, False, False), strict=True))

    def do_set_webhook(self, params: Params) -> bool:
        url, secret = params.text("url"), params.text("secret_token")
        if not url:
            return self.do_delete_webhook(params)
        if not re.match(r"https?://[^/\s]+", url):
            raise BotApiError(400, "bad webhook: an HTTP or HTTPS URL is needed")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise BotApiError(400, "secret token contains unallowed characters or is too long")
        self._drop_pending(params)
        if isinstance(params.json("allowed_updates"), list):
            self.world.allowed_updates = params.json("allowed_updates")
        connections = min(max(params.integer("max_connections", 40), 1), 100)
        self.world.webhook = Webhook(url, secret, connections)
        return True

    def do_delete_webhook(self, params: Params) -> bool:
        self._drop_pending(params)
        self.world.webhook = None
        return True

    def _drop_pending(self, params: Params) -> None:
        if params.flag("drop_pending_updates"):
            self.world.waiting.clear()

    def do_get_webhook_info(self, params: Params) -> Json:
        hook = self.world.webhook
        info: Json = {
            "url": hook.url if hook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.world.waiting),
        }
        if hook:
            info |= {"max_connections": hook.max_connections} | self.last_webhook_error()
        return info | ({"allowed_updates": self.world.allowed_updates} if self.world.allowed_updates else {})

    @staticmethod
    def _commands_place(params: Params) -> str:
        scope = params.json("scope") or {"type": "default"}
        return f"commands {sorted(scope.items())} {params.text('language_code')}"

    def do_set_my_commands(self, params: Params) -> bool:
        self.world.profile[self._commands_place(params)] = check_commands(params.json("commands"))
        return True

    def do_get_my_commands(self, params: Params) -> list[Json]:
        commands: list[Json] = self.world.profile.get(self._commands_place(params), [])
        return commands

    def do_delete_my_commands(self, params: Params) -> bool:
        self.world.profile.pop(self._commands_place(params), None)
        return True

    def do_set_my_description(self, params: Params) -> bool:
        return self._describe(params, "description", 512)

    def do_set_my_short_description(self, params: Params) -> bool:
        return self._describe(params, "short_description", 120)

    def _describe(self, params: Params, name: str, limit: int) -> bool:
        if len(params.text(name)) > limit:
            raise BotApiError(400, f"{name} is too long")
        self.world.profile[f"{name} {params.text('language_code')}".strip()] = params.text(name)
        return True

    def do_set_chat_menu_button(self, params: Params) -> bool:
        button = params.json("menu_button") or {"type": "default"}
        if not isinstance(button, dict) or button.get("type") not in ("commands", "web_app", "default"):
            raise BotApiError(400, "can't parse menu button: wrong type")
        self.world.profile[f"menu_button {params.text('chat_id')}".strip()] = button
        return True

    # chats

    def _chat(self, params: Params) -> Chat:
        wanted = params.text("chat_id")
        if not wanted:
            raise BotApiError(400, "chat_id is empty")
        known = re.fullmatch(r"-?\d+", wanted) and self.world.chats.get(int(wanted))
        if not known:
            raise BotApiError(400, "chat not found")
        return known

    def _writable_chat(self, params: Params) -> Chat:
        chat = self._chat(params)
        if chat.blocked:
            raise BotApiError(403, "bot was blocked by the user")
        if not chat.opened and chat.type == "private":
            raise BotApiError(403, "bot can't initiate conversation with a user")
        if not chat.opened:
            raise BotApiError(403, "bot is not a member of the group chat")
        return chat

    def do_get_chat(self, params: Params) -> Json:
        chat = self._chat(params)
        gifts = dict.fromkeys(GIFT_TYPES, False)
        required = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
        return self.world.chat_json(chat) | required

    def do_leave_chat(self, params: Params) -> bool:
        chat = self._writable_chat(params)
        if chat.type == "private":
            raise BotApiError(400, "chat member status can't be changed in private chats")
        chat.opened = False
        self.world.emit_membership(chat, self.world.bot, "member", "left", self.now())
        return True

    def do_send_chat_action(self, params: Params) -> bool:
        self._writable_chat(params)
        if params.text("action") not in CHAT_ACTIONS:
            raise BotApiError(400, "wrong parameter action in request")
        return True

    # messages

    def do_send_message(self, params: Params) -> Json:
        chat = self._writable_chat(params)
        return self._post(chat, params, check_text(params, "text", 4096, required=True))

    def do_send_photo(self, params: Params) -> Json:
        chat = self._writable_chat(params)
        stored = self._file(params, "photo", ".jpg")
        sizes = [stored.as_json() | {"width": 640, "height": 480}]
        return self._post(chat, params, {"photo": sizes} | self._caption(params))

    def do_send_voice(self, params: Params) -> Json:
        chat = self._writable_chat(params)
        details = {"duration": params.integer("duration"), "mime_type": "audio/ogg"}
        voice = self._file(params, "voice", ".oga").as_json() | details
        return self._post(chat, params, {"voice": voice} | self._caption(params))

    def do_send_document(self, params: Params) -> Json:
        chat = self._writable_chat(params)
        upload = params.uploads.get("document") or next(iter(params.uploads.values()), None)
        name = {"file_name": upload.filename} if upload else {}
        document = self._file(params, "document", ".bin").as_json() | name
        return self._post(chat, params, {"document": document} | self._caption(params))

    def _caption(self, params: Params) -> Json:
        return check_text(params, "caption", 1024, required=False)

    def _file(self, params: Params, kind: str, suffix: str) -> StoredFile:
        """An upload, or a file that the bot knows already by its file_id; addresses are not fetched."""
        given = params.text(kind)
        upload = params.uploads.get(given.removeprefix("attach://") if given else kind)
        if upload is None:
            known = self.world.files.get(given)
            if known is None:
                wrong, none = "wrong file identifier/HTTP URL specified", f"there is no {kind} in the request"
                raise BotApiError(400, wrong if given else none)
            return known
        if not upload.content:
            raise BotApiError(400, "file must be non-empty")
        if len(upload.content) > UPLOAD_LIMITS[kind]:
            raise BotApiError(413, "Request Entity Too Large")
        return self.world.store_file(upload.content, kind, suffix)

    def _post(self, chat: Chat, params: Params, body: Json) -> Json:
        """Everything else is checked before the limits: a refused message does not count."""
        markup = check_markup(params.json("reply_markup"))
        reply_to = self._reply_to(chat, params)
        wait = self.limits.take(chat.id, self.now())
        if wait:
            raise BotApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        sent = self.world.post(chat, self.world.bot, body, self.now(), reply_markup=markup, reply_to=reply_to)
        return self.world.message_json(sent)

    def _reply_to(self, chat: Chat, params: Params) -> int | None:
        wanted = params.json("reply_parameters") or {"message_id": params.integer("reply_to_message_id")}
        if not wanted.get("message_id"):
            return None
        if self.world.find_message(chat.id, int(wanted["message_id"])):
            return int(wanted["message_id"])
        if wanted.get("allow_sending_without_reply"):
            return None
        raise BotApiError(400, "message to be replied not found")

    def _own_message(self, params: Params, purpose: str) -> Message:
        chat = self._writable_chat(params)
        if not params.integer("message_id"):
            raise BotApiError(400, "message identifier is not specified")
        message = self.world.find_message(chat.id, params.integer("message_id"))
        if message is None:
            raise BotApiError(400, f"message to {purpose} not found")
        return message

    def do_edit_message_text(self, params: Params) -> Json:
        message = self._editable(params)
        if "text" not in message.body:
            raise BotApiError(400, "there is no text in the message to edit")
        return self._edit(message, check_text(params, "text", 4096, required=True), params)

    def do_edit_message_reply_markup(self, params: Params) -> Json:
        message = self._editable(params)
        return self._edit(message, message.body, params)

    def _editable(self, params: Params) -> Message:
        message = self._own_message(params, "edit")
        if not message.from_bot:
            raise BotApiError(400, "message can't be edited")
        return message

    def _edit(self, message: Message, body: Json, params: Params) -> Json:
        """An edit that names no keyboard takes the buttons away."""
        markup = check_markup(params.json("reply_markup"))
        if markup is not None and "inline_keyboard" not in markup:
            raise BotApiError(400, "inline keyboard expected")
        if message.body == body and message.reply_markup == markup:
            reason = (
                "message is not modified: specified new message content and reply markup are exactly the "
                "same as a current content and reply markup of the message"
            )
            raise BotApiError(400, reason)
        message.body, message.reply_markup, message.edited_at = body, markup, self.now()
        return self.world.message_json(message)

    def do_delete_message(self, params: Params) -> bool:
        message = self._own_message(params, "delete")
        foreign = not message.from_bot and self.world.chats[message.chat_id].type != "private"
        if foreign or self.now() - message.sent_at > TWO_DAYS:
            raise BotApiError(400, "message can't be deleted for everyone")
        message.deleted = True
        return True

    def do_answer_callback_query(self, params: Params) -> bool:
        if len(params.text("text")) > 200:
            raise BotApiError(400, "MESSAGE_TOO_LONG")
        answer = {"text": params.text("text"), "show_alert": params.flag("show_alert")}
        self.world.answer_press(params.text("callback_query_id"), answer, self.now())
        return True

    def do_get_file(self, params: Params) -> Json:
        stored = self.world.files.get(params.text("file_id"))
        if stored is None:
            raise BotApiError(400, "wrong file_id or the file is temporarily unavailable")
        if len(stored.content) > DOWNLOAD_LIMIT:
            raise BotApiError(400, "file is too big")
        return stored.as_json() | {"file_path": stored.path}
