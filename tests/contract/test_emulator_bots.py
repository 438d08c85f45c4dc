"""python-telegram-bot and aiogram bots judge the emulated Bot API, by polling and by webhook."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiogram
import pytest
import telegram
from aiogram import F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.utils.keyboard import InlineKeyboardBuilder
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from tests.emulator.client import Emulator
from tests.emulator.fixtures import anyio_backend, emulator, running_emulator
from tests.emulator.judge import hold_conversation

__all__ = ["anyio_backend", "emulator", "running_emulator"]
pytestmark = pytest.mark.anyio

SECRET = "geheim"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@contextlib.asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


# python-telegram-bot


async def ptb_start(update: telegram.Update, context: object) -> None:
    yes = telegram.InlineKeyboardButton("Ja", callback_data="mee:ja")
    buttons = [[yes, telegram.InlineKeyboardButton("Nee", callback_data="mee:nee")]]
    assert update.message and update.message.text and update.effective_user
    greeting = f"Dag {update.effective_user.first_name} ({update.message.text.split()[1]}), doet u mee?"
    await update.message.reply_text(greeting, reply_markup=telegram.InlineKeyboardMarkup(buttons))


async def ptb_press(update: telegram.Update, context: object) -> None:
    query = update.callback_query
    assert query and query.data
    await query.answer("genoteerd")
    await query.edit_message_text(f"U koos {query.data.removeprefix('mee:')}")


async def ptb_voice(update: telegram.Update, context: object) -> None:
    assert update.message and update.message.voice
    content = await (await update.message.voice.get_file()).download_as_bytearray()
    await update.message.reply_text(f"{len(content)} bytes")


async def ptb_letter(update: telegram.Update, context: object) -> None:
    assert update.message
    await update.message.reply_document(b"hallo", filename="brief.txt")


async def ptb_echo(update: telegram.Update, context: object) -> None:
    assert update.message and update.message.text
    await update.message.reply_text(update.message.text)


def ptb_application(emulator: Emulator) -> Application[Any, Any, Any, Any, Any, Any]:
    builder = ApplicationBuilder().token(emulator.token)
    builder = builder.base_url(f"{emulator.url}/bot").base_file_url(f"{emulator.url}/file/bot")
    application = builder.job_queue(None).build()
    application.add_handler(CommandHandler("start", ptb_start))
    application.add_handler(CommandHandler("brief", ptb_letter))
    application.add_handler(CallbackQueryHandler(ptb_press, pattern="^mee:"))
    application.add_handler(MessageHandler(filters.VOICE, ptb_voice))
    application.add_handler(MessageHandler(filters.TEXT, ptb_echo))
    return application


@contextlib.asynccontextmanager
async def ptb_polling(emulator: Emulator) -> AsyncIterator[None]:
    async with ptb_application(emulator) as application:
        assert application.updater
        await application.start()
        await application.updater.start_polling(poll_interval=0.0, timeout=2)
        try:
            yield
        finally:
            await application.updater.stop()
            await application.stop()


@contextlib.asynccontextmanager
async def ptb_webhook(emulator: Emulator) -> AsyncIterator[None]:
    """PTB's own front needs tornado; an application is meant to be fed by another server in this way."""
    async with ptb_application(emulator) as application:

        async def take(request: web.Request) -> web.Response:
            if request.headers.get(SECRET_HEADER) != SECRET:
                return web.Response(status=403)
            await application.process_update(telegram.Update.de_json(await request.json(), application.bot))
            return web.Response()

        app = web.Application()
        app.router.add_post("/hook", take)
        async with served(app) as url:
            await application.bot.set_webhook(url, secret_token=SECRET)
            yield


# aiogram


def aiogram_bot(emulator: Emulator) -> tuple[aiogram.Bot, aiogram.Dispatcher]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(emulator.url))
    bot, dispatcher = aiogram.Bot(emulator.token, session=session), aiogram.Dispatcher()

    @dispatcher.message(CommandStart())
    async def start(message: aiogram.types.Message, command: CommandObject) -> None:
        keyboard = InlineKeyboardBuilder()
        for title in ("Ja", "Nee"):
            keyboard.button(text=title, callback_data=f"mee:{title.lower()}")
        assert message.from_user
        greeting = f"Dag {message.from_user.first_name} ({command.args}), doet u mee?"
        await message.answer(greeting, reply_markup=keyboard.as_markup())

    @dispatcher.message(Command("brief"))
    async def letter(message: aiogram.types.Message) -> None:
        await message.answer_document(aiogram.types.BufferedInputFile(b"hallo", "brief.txt"))

    @dispatcher.callback_query(F.data.startswith("mee:"))
    async def press(query: aiogram.types.CallbackQuery) -> None:
        await query.answer("genoteerd")
        assert query.data and isinstance(query.message, aiogram.types.Message)
        await query.message.edit_text(f"U koos {query.data.removeprefix('mee:')}")

    @dispatcher.message(F.voice)
    async def voice(message: aiogram.types.Message) -> None:
        assert message.voice
        content = await bot.download(message.voice)
        assert content
        await message.answer(f"{len(content.read())} bytes")

    @dispatcher.message(F.text)
    async def echo(message: aiogram.types.Message) -> None:
        await message.answer(message.text or "")

    return bot, dispatcher


@contextlib.asynccontextmanager
async def aiogram_polling(emulator: Emulator) -> AsyncIterator[None]:
    bot, dispatcher = aiogram_bot(emulator)
    polling = asyncio.create_task(dispatcher.start_polling(bot, polling_timeout=2, handle_signals=False))
    try:
        yield
    finally:
        await dispatcher.stop_polling()
        await polling


@contextlib.asynccontextmanager
async def aiogram_webhook(emulator: Emulator) -> AsyncIterator[None]:
    bot, dispatcher = aiogram_bot(emulator)
    app = web.Application()
    handler = SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token=SECRET)
    handler.register(app, "/hook")
    async with served(app) as url:
        await bot.set_webhook(url, secret_token=SECRET)
        yield
    await bot.session.close()


Running = Callable[[Emulator], AbstractAsyncContextManager[None]]


@pytest.mark.parametrize("running", [ptb_polling, ptb_webhook, aiogram_polling, aiogram_webhook])
async def test_python_bot_holds_the_conversation(emulator: Emulator, running: Running) -> None:
    async with running(emulator):
        await hold_conversation(emulator)


async def test_refusals_become_the_errors_a_framework_knows(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """python-telegram-bot tells a flood, a block, an unknown chat and a bad text apart."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # without it, reading retry_after warns
    await emulator.limits(private_burst=1)
    fatima = await emulator.resident()
    await fatima.start()
    async with ptb_application(emulator) as application:
        bot = application.bot
        await bot.send_message(fatima.chat_id, "een")
        with pytest.raises(telegram.error.RetryAfter):
            await bot.send_message(fatima.chat_id, "twee")
        with pytest.raises(telegram.error.BadRequest, match="Chat not found"):
            await bot.send_message(99, "drie")
        with pytest.raises(telegram.error.BadRequest, match="Can't parse entities"):
            await bot.send_message(fatima.chat_id, "<b>vier", parse_mode="HTML")
        await fatima.block()
        with pytest.raises(telegram.error.Forbidden, match="blocked by the user"):
            await bot.send_message(fatima.chat_id, "vijf")
    assert [message.text for message in await fatima.transcript()] == ["/start", "een"]
