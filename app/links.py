"""Links that open the bot in Telegram, or the chat page; who gets one is decided elsewhere."""

from urllib.parse import urlsplit

from app.settings import Settings


def page_link_with(settings: Settings, code: str) -> str:
    """The link that opens the chat page with a meemaker's `code`; "" where the page's address is not known."""
    outside = urlsplit(settings.webhook_url)
    return f"{outside.scheme}://{outside.netloc}/?start={code}" if outside.netloc else ""


async def link_with(settings: Settings, code: str) -> str:
    """The link that brings `code` along; with a place to fill in when the bot's own name cannot be asked for."""
    bot = await bot_name_of(settings)
    if bot:
        return f"https://t.me/{bot}?start={code}"
    return f"https://t.me/YOUR_BOT?start={code} (put the name of your bot in it)"


async def bot_name_of(settings: Settings) -> str:
    """The bot's own name in Telegram; empty when there is no bot or Telegram cannot be reached."""
    if not settings.telegram_token:
        return ""
    from app.telegram import TELEGRAM_API
    from bot.channels.telegram.name import bot_name

    return await bot_name(settings.telegram_token, settings.telegram_api or TELEGRAM_API)
