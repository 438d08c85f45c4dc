"""Files reach Telegram through our request class, and trouble with one means what it means for a message."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.transport import TelegramTransport, outcome_of
from bot.ports import SendResult, Sent
from domain.message import Button, Document
from domain.message import Message as OurMessage
from tests.emulator.client import Emulator, Resident, fault
from tests.emulator.fixtures import anyio_backend, emulator, running_emulator

__all__ = ["anyio_backend", "emulator", "running_emulator"]
pytestmark = pytest.mark.anyio

EVERY_BYTE = bytes(range(256)) * 8
LETTER = 'Brief van "de wijk" \N{EN DASH} één.pdf'
JA = InlineKeyboardMarkup([[InlineKeyboardButton("Ja", callback_data="/yes")]])

Sending = Callable[[Bot, int], Awaitable[Message]]
WAYS: dict[str, tuple[str, Sending]] = {
    "message": ("sendMessage", lambda bot, chat: bot.send_message(chat, "dag")),
    "document": ("sendDocument", lambda bot, chat: bot.send_document(chat, EVERY_BYTE, filename=LETTER)),
    "photo": ("sendPhoto", lambda bot, chat: bot.send_photo(chat, EVERY_BYTE)),
}


@pytest.fixture
async def bot(emulator: Emulator) -> AsyncIterator[Bot]:
    request = AiohttpRequest(read_timeout=1)
    await request.initialize()
    urls = {"base_url": f"{emulator.url}/bot", "base_file_url": f"{emulator.url}/file/bot"}
    yield Bot(emulator.token, **urls, request=request, get_updates_request=request)
    await request.shutdown()


@pytest.fixture
async def fatima(emulator: Emulator) -> Resident:
    resident = await emulator.resident("Fatima")
    await resident.start()
    return resident


async def content_of(bot: Bot, file_id: str) -> bytes:
    return bytes(await (await bot.get_file(file_id)).download_as_bytearray())


async def test_document_arrives_with_its_name_caption_and_buttons(bot: Bot, fatima: Resident) -> None:
    sent = await bot.send_document(
        fatima.chat_id, EVERY_BYTE, filename=LETTER, caption="Ons verhaal: € 5", reply_markup=JA
    )
    assert sent.document is not None
    assert (sent.document.file_name, sent.caption) == (LETTER, "Ons verhaal: € 5")
    (shown,) = await fatima.next_messages()
    assert (shown.body["document"]["file_name"], shown.buttons) == (LETTER, [["Ja"]])
    assert await content_of(bot, sent.document.file_id) == EVERY_BYTE


async def test_photo_from_an_open_file_arrives_whole(bot: Bot, fatima: Resident, tmp_path: Path) -> None:
    path = tmp_path / "wijk.jpg"
    path.write_bytes(EVERY_BYTE)
    with path.open("rb") as photo:
        sent = await bot.send_photo(fatima.chat_id, photo, caption="De wijk")
    assert (await fatima.next_messages())[0].body["caption"] == "De wijk"
    assert await content_of(bot, sent.photo[-1].file_id) == EVERY_BYTE


async def test_large_document_goes_as_a_stream(bot: Bot, fatima: Resident) -> None:
    """More than a megabyte of bytes in one go makes aiohttp warn, and a warning is an error here."""
    large = EVERY_BYTE * 1000
    sent = await bot.send_document(fatima.chat_id, large, filename="groot.bin")
    assert sent.document is not None
    assert sent.document.file_size == len(large)


async def test_file_that_telegram_knows_is_not_uploaded_again(bot: Bot, fatima: Resident) -> None:
    first = await bot.send_document(fatima.chat_id, EVERY_BYTE, filename=LETTER)
    assert first.document is not None
    again = await bot.send_document(fatima.chat_id, first.document.file_id)
    assert again.document == first.document


async def test_empty_file_is_refused_as_a_value_for_its_sender(bot: Bot, fatima: Resident) -> None:
    with pytest.raises(BadRequest, match="File must be non-empty"):
        await bot.send_document(fatima.chat_id, b"", filename="leeg.txt")


TROUBLES: dict[str, tuple[dict[str, Any], Sent]] = {
    "asked to wait": ({"kind": "too_many_requests", "retry_after": 7}, Sent(SendResult.WAIT, seconds=7.0)),
    "server error": ({"kind": "server_error"}, Sent(SendResult.TROUBLE)),
    "bad gateway": ({"kind": "bad_gateway"}, Sent(SendResult.TROUBLE)),
    "late answer": ({"kind": "late_answer", "seconds": 600}, Sent(SendResult.UNKNOWN)),
    "blocked": ({"kind": "blocked"}, Sent(SendResult.BLOCKED)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_trouble_means_the_same_for_words_and_files(
    emulator: Emulator, bot: Bot, fatima: Resident, way: str, trouble: str
) -> None:
    method, send = WAYS[way]
    described, meaning = TROUBLES[trouble]
    kind = described["kind"]
    await emulator.script(fault(**described, method=method))
    with pytest.raises(TelegramError) as caught:
        await send(bot, fatima.chat_id)
    assert (kind, outcome_of(caught.value)) == (kind, meaning)
    assert emulator.token not in repr(caught.getrepr(chain=True))


async def test_message_with_a_file_arrives_as_one_with_its_buttons(bot: Bot, fatima: Resident) -> None:
    file = Document("afspraak.ics", "text/calendar", "BEGIN:VCALENDAR\r\nSUMMARY:Één gesprek\r\n")
    message = OurMessage("Kunt u dinsdag?", (Button("Ja", "/yes"),), file)

    assert await TelegramTransport(bot).send(str(fatima.chat_id), message) == Sent(SendResult.SENT)

    (shown,) = await fatima.next_messages()
    assert (shown.body["caption"], shown.buttons) == ("Kunt u dinsdag?", [["Ja"]])
    assert shown.body["document"]["file_name"] == "afspraak.ics"
    assert await content_of(bot, shown.body["document"]["file_id"]) == file.content.encode()
