"""Logs: references and action names, never a message; one JSON object a line on standard error."""

import logging
import os
import sys

import structlog

OWN = ("app", "bot", "domain", "nlu", "scheduler", "storage")
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


def set_up_logs(*, level: int | None = None) -> None:
    """Own events from `level` up, by the environment where none is given; libraries only when they fail, so that none can write down what people said."""
    level = level_asked_for() if level is None else level
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(levelname)s %(name)s")
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    for name in OWN:
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.handlers, logger.propagate = [handler], False
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
