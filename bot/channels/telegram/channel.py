"""The Telegram channel as a whole: checks the token, introduces itself, receives one way or the other, and stops."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from starlette.routing import Route
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.channels.telegram.polling import Polling
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.translate import ALLOWED_UPDATES
from bot.channels.telegram.transport import TelegramTransport
from bot.channels.telegram.turns import BlockedHandler, IsUrgent, TakesTurns, Turns
from bot.channels.telegram.webhook import Webhook
from bot.channels.telegram.words import DEFAULT_LANGUAGE, description, menu
from bot.sender import pause, pause_after
from bot.texts.catalogue import LANGUAGES
from domain.errors import DomainError

log = structlog.get_logger(__name__)

MORE_THAN_ASKED = 4
"""Telegram pushes as many updates at once as it was allowed; beyond this many times that it is asked to come again."""


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """`base_url` is what the token is appended to. With `webhook_url` (https, as Telegram reaches it) updates are
    pushed to `webhook_path` and `webhook_secret` is needed; without it the channel polls. `concurrency` is how many
    chats may have a turn at once (Telegram takes at most 100 for a webhook)."""

    token: str = field(repr=False)
    base_url: str = "https://api.telegram.org/bot"
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    webhook_path: str = "/telegram/webhook"
    concurrency: int = 32
    poll_seconds: int = 30
    read_timeout: float = 20.0
    proxy: str = ""


class TelegramChannel:
    """Raises DomainError("telegram_webhook_secret") at once when a webhook is wanted without a good secret."""

    def __init__(
        self,
        settings: TelegramSettings,
        conversations: TakesTurns,
        *,
        now: Callable[[], datetime],
        wake: Callable[[], None],
        on_blocked: BlockedHandler | None = None,
        is_urgent: IsUrgent = lambda _: False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings, self._sleep = settings, sleep
        # One connection for every turn and send at once, and one for the poll.
        self._request = AiohttpRequest(
            connections=settings.concurrency + 33, read_timeout=settings.read_timeout, proxy=settings.proxy
        )
        self._bot = Bot(
            settings.token,
            base_url=settings.base_url,
            request=self._request,
            get_updates_request=self._request,
        )
        self._stop = asyncio.Event()
        self.reached = asyncio.Event()
        """Set from the moment that Telegram knows us and how to reach us."""
        self._task: asyncio.Task[None] | None = None
        self.transport = TelegramTransport(self._bot)
        self.turns = Turns(
            conversations=conversations,
            bot=self._bot,
            now=now,
            wake=wake,
            on_blocked=on_blocked,
            is_urgent=is_urgent,
        )
        webhook = settings.webhook_url and Webhook(
            turns=self.turns, secret=settings.webhook_secret, most=MORE_THAN_ASKED * settings.concurrency
        )
        self.routes: Sequence[Route] = [webhook.route(settings.webhook_path)] if webhook else []
        """What to mount in the web application; empty when polling."""

    async def start(self) -> None:
        """Raises DomainError when Telegram refuses the token or the webhook's address. When it cannot be reached
        the channel starts all the same and goes on trying: the rest of the product does not wait for it."""
        await self._request.initialize()
        try:
            ready = await self._set_up()
        except DomainError:
            await self._request.shutdown()
            raise
        self._task = asyncio.create_task(self._run(ready))

    async def wait(self) -> None:
        """Until the channel is stopped; raises what broke it."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def stop(self) -> None:
        """Receives nothing more and finishes the turns that have begun. Stop the sender first: it uses the same
        connections."""
        self._stop.set()
        try:
            if self._task is not None:
                await self._task
            await self.turns.close()
        finally:
            await self._request.shutdown()

    async def _run(self, ready: bool) -> None:
        failures = 0
        while not ready and not self._stop.is_set():
            await pause(self._sleep, pause_after(failures), self._stop)
            ready, failures = await self._set_up(), failures + 1
        if self._settings.webhook_url:
            await self._stop.wait()
            return
        settings = self._settings
        polling = Polling(
            bot=self._bot,
            turns=self.turns,
            concurrency=settings.concurrency,
            poll_seconds=settings.poll_seconds,
            sleep=self._sleep,
        )
        await polling.run(self._stop)

    async def _set_up(self) -> bool:
        """Whether Telegram knows how to reach us; raises DomainError("telegram_token" or "telegram_webhook_url")."""
        try:
            await self._bot.get_me()
            await self._choose_delivery()
        except InvalidToken:
            refused = "telegram_token"
        except BadRequest:
            refused = "telegram_webhook_url"
        except TelegramError as error:
            log.warning("telegram_not_reachable", error=type(error).__name__)
            return False
        else:
            self.reached.set()
            await self._introduce()
            return True
        # Outside the except clauses: the library's own error quotes what Telegram said.
        raise DomainError(refused)

    async def _choose_delivery(self) -> None:
        """What waits at Telegram is kept in both cases."""
        settings = self._settings
        if not settings.webhook_url:
            await self._bot.delete_webhook(drop_pending_updates=False)
            return
        await self._bot.set_webhook(
            settings.webhook_url,
            secret_token=settings.webhook_secret,
            allowed_updates=list(ALLOWED_UPDATES),
            max_connections=min(settings.concurrency, 100),
        )

    async def _introduce(self) -> None:
        """The menu and the text of an empty chat. Telegram limits how often these may change: no reason to stop."""
        try:
            for language in LANGUAGES:
                code = None if language == DEFAULT_LANGUAGE else language
                await self._bot.set_my_commands(list(menu(language).items()), language_code=code)
                await self._bot.set_my_description(description(language), language_code=code)
        except TelegramError as error:
            log.warning("telegram_menu_not_set", error=type(error).__name__)
