"""What the bot is called in Telegram, for links to it."""

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.request import AiohttpRequest

PATIENCE = 5.0


async def bot_name(token: str, base_url: str) -> str:
    """The user name without "@"; empty when Telegram cannot be reached or does not know the token."""
    request = AiohttpRequest(connections=1, read_timeout=PATIENCE, proxy="")
    await request.initialize()
    try:
        me = await Bot(token, base_url=base_url, request=request, get_updates_request=request).get_me()
    except TelegramError:
        return ""
    finally:
        await request.shutdown()
    return me.username or ""
