"""One turn asked of the conversation on behalf of a door of the web channel, with the channel's one catch-all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING

import structlog

from bot.channels.web.wire import BROKEN, STORAGE_DOWN, Refusal
from domain.errors import DomainError
from domain.message import Incoming

if TYPE_CHECKING:
    from bot.conversation import Reply

    Take = Callable[[Incoming], Awaitable[Reply]]


async def take_turn(take: Take, incoming: Incoming) -> Reply | Refusal:
    """The reply, or why there is none. Whatever breaks, the caller gets an answer and the log gets the place."""
    try:
        return await take(incoming)
    except DomainError as error:
        if error.code == "storage_unavailable":
            return STORAGE_DOWN
        log_broken_turn(incoming.channel, error)
    except Exception as error:  # the one catch-all
        log_broken_turn(incoming.channel, error)
    return BROKEN


def log_broken_turn(channel: str, error: BaseException) -> None:
    """Never what was said: an error's own words may quote it, so only its kind and its places are named."""
    structlog.get_logger().error(
        "turn.broken",
        channel=channel,
        error=type(error).__name__,
        code=getattr(error, "code", ""),
        at=places(error),
    )


def places(error: BaseException) -> list[str]:
    """Where it went wrong, innermost last: "file:line function", without a single value."""
    found: list[str] = []
    step: TracebackType | None = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        found.append(f"{code.co_filename.rpartition('/')[2]}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return found
