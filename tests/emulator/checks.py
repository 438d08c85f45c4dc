"""PURE: what Telegram accepts in a call: decoded parameters, texts, keyboards, commands."""

import json
import re
from dataclasses import dataclass, field
from email import message_from_bytes, message_from_string
from typing import Any
from urllib.parse import parse_qsl

from tests.emulator.errors import BotApiError
from tests.emulator.formatting import detect_entities, parse_markup, utf16_length

Json = dict[str, Any]

INLINE_ACTIONS = (
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
TRUE_WORDS = {"true", "1", "yes"}


@dataclass(frozen=True)
class Upload:
    filename: str
    content: bytes


@dataclass
class Params:
    """The parameters of one call, however they travelled; a form carries structures as JSON text."""

    values: Json = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    @classmethod
    def decode(cls, query: str, content_type: str, body: bytes) -> "Params":
        params = cls(dict(parse_qsl(query)))
        if "json" in content_type:
            params.values |= _decode_json(body)
        elif "multipart/form-data" in content_type:
            params._add_multipart(content_type, body)
        else:
            params.values |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        return params

    def _add_multipart(self, content_type: str, body: bytes) -> None:
        envelope = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n")
        boundary = (envelope.get_boundary() or "").encode()
        for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:-1]:
            head, _, content = part.partition(b"\r\n\r\n")
            # Decoded first: names stand here in plain UTF-8, as browsers write them, which mail does not know.
            headers = message_from_string(head.decode().lstrip() + "\r\n\r\n")
            name = str(headers.get_param("name", "", "content-disposition"))
            filename = headers.get_filename()
            if filename is None:
                self.values[name] = content.decode()
            else:
                self.uploads[name] = Upload(filename, content)

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        return default if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        try:
            return int(self.values.get(name) or default)
        except (TypeError, ValueError):
            raise BotApiError(400, f"can't parse parameter {name}: expected an integer") from None

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in TRUE_WORDS

    def json(self, name: str) -> Any:
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise BotApiError(400, f"can't parse {name} JSON object") from None

    def for_log(self) -> Json:
        shown = {
            name: self.json(name) if _looks_like_json(value) else value for name, value in self.values.items()
        }
        return shown | {
            name: {"filename": upload.filename, "size": len(upload.content)}
            for name, upload in self.uploads.items()
        }


def _looks_like_json(value: Any) -> bool:
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return False
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


def _decode_json(body: bytes) -> Json:
    try:
        decoded = json.loads(body or b"{}")
    except ValueError:
        decoded = None
    if not isinstance(decoded, dict):
        raise BotApiError(400, "can't parse request body as JSON object")
    return decoded


def check_text(params: Params, name: str, limit: int, *, required: bool) -> Json:
    """Plain text with its entities under Telegram's names (`text`, `entities` or `caption`, ...)."""
    raw = params.text(name)
    entities_name = "entities" if name == "text" else f"{name}_entities"
    given = params.json(entities_name)
    if params.text("parse_mode"):
        plain, entities = parse_markup(raw, params.text("parse_mode"))
    else:
        plain, entities = raw, check_entities(raw, given or [])
    plain = plain.rstrip() if entities else plain.strip()
    if required and not plain.strip():
        raise BotApiError(400, f"message {name} is empty")
    if utf16_length(plain) > limit:
        raise BotApiError(400, "message is too long" if name == "text" else f"message {name} is too long")
    entities = entities or detect_entities(plain).get("entities", [])
    return ({name: plain} if plain else {}) | ({entities_name: entities} if entities else {})


def check_entities(text: str, entities: Any) -> list[Json]:
    if not isinstance(entities, list):
        raise BotApiError(400, "can't parse entities: expected an Array")
    for entity in entities:
        whole = isinstance(entity, dict) and isinstance(entity.get("type"), str)
        if not whole or not all(isinstance(entity.get(key), int) for key in ("offset", "length")):
            raise BotApiError(400, "can't parse MessageEntity: fields type, offset and length are needed")
        if entity["offset"] < 0 or entity["offset"] + entity["length"] > utf16_length(text):
            raise BotApiError(400, "can't parse entities: ENTITY_BOUNDS_INVALID")
    return entities


def check_markup(markup: Any) -> Json | None:
    """A keyboard as Telegram would take it, or its refusal; None when there is none."""
    if markup is None or markup == "":
        return None
    if not isinstance(markup, dict):
        raise BotApiError(400, "object expected as reply markup")
    if "inline_keyboard" in markup:
        _check_rows(markup["inline_keyboard"], "inline", _check_inline_button)
    elif "keyboard" in markup:
        _check_rows(markup["keyboard"], "reply", _check_reply_button)
    elif not (markup.get("remove_keyboard") is True or markup.get("force_reply") is True):
        raise BotApiError(400, "can't parse reply markup JSON object")
    return markup if any(markup.values()) else None


def _check_rows(rows: Any, kind: str, check_button: Any) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise BotApiError(400, f"can't parse {kind} keyboard: an Array of Arrays of buttons is expected")
    buttons = [button for row in rows for button in row]
    if len(buttons) > 100:
        raise BotApiError(400, "reply markup is too long")
    for button in buttons:
        check_button(button)


def _check_title(button: Any, kind: str) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise BotApiError(400, f'can\'t parse {kind} button: Field "text" must be of type String')
    if not button["text"].strip():
        raise BotApiError(400, f"can't parse {kind} button: button text must not be empty")


def _check_inline_button(button: Any) -> None:
    _check_title(button, "inline keyboard")
    actions = [name for name in INLINE_ACTIONS if name in button]
    if len(actions) != 1:
        raise BotApiError(400, "can't parse inline keyboard button: exactly one action is allowed and needed")
    data = button.get("callback_data")
    if "callback_data" in button and not (isinstance(data, str) and 1 <= len(data.encode()) <= 64):
        raise BotApiError(400, "BUTTON_DATA_INVALID")
    if "url" in button and not re.match(r"(https?|tg)://\S+|[\w-]+\.[\w.-]+", str(button["url"])):
        raise BotApiError(400, f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


def _check_reply_button(button: Any) -> None:
    if not isinstance(button, str):
        _check_title(button, "keyboard")


def check_commands(commands: Any) -> list[Json]:
    if not isinstance(commands, list) or len(commands) > 100:
        raise BotApiError(400, "can't parse commands: expected an Array of at most 100 commands")
    for command in commands:
        if not isinstance(command, dict) or not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command"))):
            raise BotApiError(400, "BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise BotApiError(400, "BOT_COMMAND_DESCRIPTION_INVALID")
    return commands
