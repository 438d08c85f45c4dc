"""Logs: references and action names, never a message; one JSON object a line on standard error."""

import logging
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


def set_up_logs(*, level: int = logging.WARNING) -> None:
    """Own events from `level` up; libraries only when they fail, so that none can write down what people said."""
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
