"""Logging: one line a record, with the job it belongs to, and without secrets."""

import logging
import re
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


def set_up(level: str) -> None:
    """Send all records to standard error, once."""
    handler = logging.StreamHandler()
    handler.addFilter(_JobAndSecrets())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s job=%(job)s %(message)s"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("alembic", "yfinance", "peewee", "curl_cffi", "kombu", "celery.redirected"):
        logging.getLogger(noisy).setLevel(max(root.level, logging.WARNING))
    logging.getLogger("yfinance").setLevel(logging.CRITICAL)  # it logs each failure that we report in our own words
