"""Every kind of update and answer the emulator gives is one that aiogram and python-telegram-bot can read."""

from typing import Any

import aiogram.methods
import aiogram.types
import pytest
import telegram

from tests.emulator.client import Emulator
from tests.emulator.fixtures import anyio_backend, emulator, running_emulator

__all__ = ["anyio_backend", "emulator", "running_emulator"]
pytestmark = pytest.mark.anyio

BUTTONS: dict[str, Any] = {
    "inline_keyboard": [
        [{"text": "Ja", "callback_data": "ja"}, {"text": "Meer", "url": "https://example.org"}]
    ]
}


async def call(emulator: Emulator, method: str, **params: Any) -> Any:
    decoded = await emulator.call(method, **params)
    assert decoded["ok"], decoded
    return decoded["result"]


async def play_every_kind_of_update(emulator: Emulator) -> None:
    fatima = await emulator.resident("Fatima", last_name="Bakker", username="fatima_b", language_code="nl")
    jan = await emulator.resident("Jan", language_code=None)
    await fatima.start("wijk-7_a")
    asked = await call(
        emulator, "sendMessage", chat_id=fatima.chat_id, text="Doet u mee?", reply_markup=BUTTONS
    )
    await fatima.tap("Ja")
    said = await fatima.say("zie https://example.org/x, of /help", reply_to=asked["message_id"])
    await fatima.edit(said, "laat maar")
    await fatima.send_voice(b"geluid", duration=2)
    await fatima.send_photo(b"beeld", caption="onze straat")
    await fatima.send_sticker()
    await fatima.send_location()
    await fatima.block()
    await fatima.unblock()
    group = await emulator.group("Buurtoverleg", fatima, jan)
    await jan.in_group(group).say("/start@wijkverhaal_test_bot")
    await jan.in_group(group).say("dit leest de bot niet")
    await call(emulator, "leaveChat", chat_id=group)


async def test_every_update_parses_in_aiogram_and_ptb(emulator: Emulator) -> None:
    await play_every_kind_of_update(emulator)
    updates = await emulator.updates()
    assert [next(key for key in update if key != "update_id") for update in updates] == [
        "message",
        "callback_query",
        "message",
        "edited_message",
        "message",
        "message",
        "message",
        "message",
        "my_chat_member",
        "my_chat_member",
        "message",
        "my_chat_member",
    ]
    for update in updates:
        parsed = aiogram.types.Update.model_validate(update)
        assert parsed.update_id == update["update_id"]
        assert unknown_fields(parsed) == []
        understood = telegram.Update.de_json(update, None)
        assert understood.update_id == update["update_id"]
        assert leftovers(understood) == []


def unknown_fields(model: Any, place: str = "") -> list[str]:
    """Fields that aiogram's models keep without knowing them: ours would be invented."""
    if isinstance(model, list):
        return [found for item in model for found in unknown_fields(item, place)]
    if not hasattr(model, "model_fields_set"):
        return []
    extra = [f"{place}.{name}" for name in (model.model_extra or {})]
    names = type(model).model_fields
    return extra + [
        found for name in names for found in unknown_fields(getattr(model, name), f"{place}.{name}")
    ]


def leftovers(parsed: Any) -> list[str]:
    """Fields that python-telegram-bot put aside because it does not know them."""
    if isinstance(parsed, tuple):
        return [found for item in parsed for found in leftovers(item)]
    if not isinstance(parsed, telegram.TelegramObject):
        return []
    slots = [
        name for kind in type(parsed).__mro__ for name in getattr(kind, "__slots__", ()) if name != "_bot"
    ]
    inside = [found for name in slots for found in leftovers(getattr(parsed, name, None))]
    return list(parsed.api_kwargs) + inside


async def test_answers_parse_in_aiogram(emulator: Emulator) -> None:
    fatima = await emulator.resident()
    await fatima.start()
    me = await call(emulator, "getMe")
    assert aiogram.types.User.model_validate(me).is_bot is True
    sent = await call(emulator, "sendMessage", chat_id=fatima.chat_id, text="dag", reply_markup=BUTTONS)
    assert unknown_fields(aiogram.types.Message.model_validate(sent)) == []
    chat = await call(emulator, "getChat", chat_id=fatima.chat_id)
    assert unknown_fields(aiogram.types.ChatFullInfo.model_validate(chat)) == []
    hook = await call(emulator, "getWebhookInfo")
    assert aiogram.types.WebhookInfo.model_validate(hook).pending_update_count == 1


async def test_listed_calls_validate_as_aiogram_methods(emulator: Emulator) -> None:
    """The list of calls keeps what a bot sent, so that another test can check a bot's own requests."""
    fatima = await emulator.resident()
    await fatima.start()
    await call(emulator, "sendMessage", chat_id=fatima.chat_id, text="dag", reply_markup=BUTTONS)
    (listed,) = await emulator.calls("sendMessage")
    assert aiogram.methods.SendMessage.model_validate(listed["params"]).text == "dag"
