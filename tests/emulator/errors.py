"""The two ways of saying no: to the bot, as Telegram does, and to the test that drives the emulator."""

from typing import Any

PREFIXES = {400: "Bad Request: ", 403: "Forbidden: ", 409: "Conflict: "}


class BotApiError(Exception):
    """Becomes Telegram's answer with `ok: false`."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = PREFIXES.get(code, "") + description
        self.parameters = parameters

    def as_json(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        return answer | ({"parameters": self.parameters} if self.parameters else {})


class ControlError(Exception):
    """The test asked for something that cannot be, such as pressing a button that is not there."""
