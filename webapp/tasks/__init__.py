"""The tasks: a message's id in, one service called. Importing this package registers them all."""

from webapp.tasks.clean_up import cleanup_old_jobs
from webapp.tasks.collect import collect
from webapp.tasks.workers import process_name, watch_workers

__all__ = ["cleanup_old_jobs", "collect", "process_name", "watch_workers"]
