"""Logs: references and action names, never a message; one JSON object a line on standard error.

An error's own words may quote somebody (a row that was refused, a value that could not be read), so of an error stand its
kind and its places in the code, wherever it is caught or not."""

import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import structlog

QUIET = (
    "httpx",
    "httpcore",
    "aiohttp",
    "telegram",
    "apscheduler",
    "asyncio",
    "uvicorn",
    "sqlalchemy",
    "alembic",
)


LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}


def level_asked_for() -> int:
    """By WIJKVERHAAL_LOG_LEVEL; anything else than a level means warnings, as usual."""
    return LEVELS.get(os.environ.get("WIJKVERHAAL_LOG_LEVEL", "").strip().lower(), logging.WARNING)


_HEAD = "Traceback (most recent call last):\n"  # as everybody looks for it


class Discreet(logging.Formatter):
    """Level and name of who speaks; what libraries say may be what people said."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s")

    def formatException(self, ei: Any) -> str:
        return without_words(ei[1]) if ei[1] is not None else ""


def without_words(error: BaseException) -> str:
    """A traceback with the kinds of an error and of what led to it, without their own words: nothing in it but our code."""
    return "\n".join(
        "".join((_HEAD, *traceback.format_tb(each.__traceback__), type(each).__name__))
        for each in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The first cause first, each once; of a group its members before itself."""
    found: list[BaseException] = []

    def walk(each: BaseException | None) -> None:
        if each is None or any(each is known for known in found):
            return
        found.append(each)
        walk(each.__cause__ or each.__context__)
        for member in each.exceptions if isinstance(each, BaseExceptionGroup) else ():
            walk(member)

    walk(error)
    return reversed(found)


def tell_crash(error: BaseException) -> None:
    """What nobody caught, on standard error."""
    print(without_words(error), file=sys.stderr, flush=True)


def set_up_logs(*, level: int | None = None) -> None:
    """Own events from `level` up, by the environment where none is given; libraries only that they fail, so that none can
    write down what people said. What nobody catches, in whatever thread, is told without its words."""
    level = level_asked_for() if level is None else level
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet())
    logging.basicConfig(level=logging.ERROR, handlers=[handler])
    logging.captureWarnings(True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    _catch_the_rest()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(default=_no_words),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def _no_words(value: object) -> str:
    """For what JSON does not know, such as an error that was given whole."""
    return f"<{type(value).__name__}>"


def _catch_the_rest() -> None:
    def elsewhere(found: Any) -> None:
        if found.exc_value is not None:
            tell_crash(found.exc_value)

    sys.excepthook = lambda _kind, error, _trace: tell_crash(error)
    threading.excepthook = sys.unraisablehook = elsewhere
