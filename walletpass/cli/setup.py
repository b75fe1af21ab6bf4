"""What every command does first."""

import logging
import sys

import structlog

from walletpass import config, database
from walletpass.config import Settings
from walletpass.migrations import schema

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def ready(settings: Settings | None = None, *, migrated: bool = True) -> Settings:
    """Settings read, log set up, database bound. Raises ConfigurationError with the sentence that mends it."""
    settings = config.use(settings or config.load())
    log_to_stderr(settings.log_level)
    database.bind(settings.database_url, pool_size=settings.threads)
    if migrated:
        schema.must_be_current()
    return settings


def verdict(wrong: int, to_look_at: int) -> str:
    """The last line of a list of faults and hints, which agrees with it."""
    if not wrong:
        return f"Nothing is broken, {to_look_at} to look at." if to_look_at else "Everything is sound."
    return f"{wrong} to mend, {to_look_at} to look at." if to_look_at else f"{wrong} to mend."


def log_to_stderr(level: str) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(bool_as_flag=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS.get(level, logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
