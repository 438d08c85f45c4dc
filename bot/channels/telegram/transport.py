"""Sends our messages through the Bot API and turns every trouble into a value; when to send is the sender's business.

Text is always plain, without a parse mode, so that no answer can break a message. A file that is refused does not keep
back the words that it came with.
"""

from dataclasses import replace

import structlog
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError, TimedOut

from bot.channels.telegram.rendering import button_rows, fit
from bot.channels.telegram.request import AskedToWait
from bot.ports import SendResult, Sent
from domain.message import Button, Message

log = structlog.get_logger(__name__)

NEXT_PIECE_AFTER = 1.0
"""Seconds between the pieces of one long message: Telegram's pace for a chat."""

_GONE = ("chat not found", "peer_id_invalid", "user is deactivated", "bot can't initiate conversation")
_CODES = {
    "message text is empty": "text_empty",
    "message is too long": "text_too_long",
    "button_data_invalid": "button_invalid",
    "reply_markup": "buttons_invalid",
}


class TelegramTransport:
    """A message longer than Telegram allows goes in pieces: each send delivers one and asks the sender to come back
    for the next (WAIT, code "more"), so that order, pace and retries are those of any other message. How far a
    message came is remembered in this process only: after a restart, or a piece whose fate is unknown, it starts
    anew and its first pieces come twice. Who splits with `rendering.fit` before the outbox has none of this."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._pieces_sent: dict[tuple[str, Message], int] = {}

    async def send(self, channel_ref: str, message: Message) -> Sent:
        pieces = fit(message)
        if not pieces:
            return Sent(SendResult.REJECTED, code="text_empty")
        done = self._pieces_sent.get((channel_ref, message), 0)
        sent = await self._send_piece(channel_ref, pieces[done])
        if sent.result is SendResult.SENT and done + 1 < len(pieces):
            self._pieces_sent[channel_ref, message] = done + 1
            return Sent(SendResult.WAIT, seconds=NEXT_PIECE_AFTER, code="more")
        if sent.result not in (SendResult.WAIT, SendResult.TROUBLE):
            self._pieces_sent.pop((channel_ref, message), None)
        return sent

    async def _send_piece(self, channel_ref: str, message: Message) -> Sent:
        try:
            if message.document is None:
                await self._bot.send_message(
                    chat_id=int(channel_ref),
                    text=message.text,
                    reply_markup=_keyboard(message.buttons),
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                )
            else:
                await self._bot.send_document(
                    chat_id=int(channel_ref),
                    document=message.document.content.encode(),
                    filename=message.document.name,
                    caption=message.text or None,
                    reply_markup=_keyboard(message.buttons),
                )
        except TelegramError as error:
            sent = outcome_of(error)
            if sent.result is SendResult.REJECTED and message.document and message.text:
                log.warning("telegram_document_refused", code=sent.code)
                return await self._send_piece(channel_ref, replace(message, document=None))
            return sent
        return Sent(SendResult.SENT)


def outcome_of(error: TelegramError) -> Sent:
    """What a failed call means for its message. A 5xx, a page in HTML and a lost network are the same trouble."""
    match error:
        case AskedToWait():
            return Sent(SendResult.WAIT, seconds=error.seconds)
        case TimedOut():
            return Sent(SendResult.UNKNOWN)
        case Forbidden():
            return Sent(SendResult.BLOCKED)
        case BadRequest():
            return _refused(error.message.lower())
        case ChatMigrated():
            return Sent(SendResult.REJECTED, code="chat_migrated")
        case InvalidToken():
            log.error("telegram_token_refused")
            return Sent(SendResult.TROUBLE, code="token")
        case _:
            return Sent(SendResult.TROUBLE)


def _refused(description: str) -> Sent:
    if any(words in description for words in _GONE):
        return Sent(SendResult.BLOCKED)
    codes = (code for words, code in _CODES.items() if words in description)
    return Sent(SendResult.REJECTED, code=next(codes, "bad_request"))


def _keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup | None:
    if not buttons:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(button.title, callback_data=button.payload) for button in row]
            for row in button_rows(buttons)
        ]
    )
