"""Logging: one line a record, with the job it belongs to, and without secrets."""

import logging
import re
from collections.abc import Mapping
from contextvars import ContextVar

current_job: ContextVar[str] = ContextVar("current_job", default="-")
_SECRET = re.compile(r"(?i)(://[^/\s:@]*:)[^@\s]+@|((?:password|token|secret|crumb)=)[^\s&]+")


class _JobAndSecrets(logging.Filter):
    """Adds the job's id and masks passwords in URLs and in ``password=…``."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; never drops one."""
        record.job = current_job.get()
        text = record.getMessage()
        masked = _SECRET.sub(lambda m: f"{m[1]}***@" if m[1] else f"{m[2]}***", text)
        if masked != text:
            record.msg, record.args = masked, None
        return True


def set_up(level: str, least_levels: Mapping[str, int]) -> None:
    """Send all records to standard error, once.

    :param least_levels: the level from which on what a source's library logs is worth reading, by the logger's name.
    """
    handler = logging.StreamHandler()
    handler.addFilter(_JobAndSecrets())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s job=%(job)s %(message)s"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("alembic", "kombu", "celery.redirected"):
        logging.getLogger(noisy).setLevel(max(root.level, logging.WARNING))
    for noisy, least in least_levels.items():
        logging.getLogger(noisy).setLevel(max(root.level, least))
