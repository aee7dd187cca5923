"""The tasks: a message's id in, one function of a room called. Importing this package registers them all."""

from webapp.tasks.clean_up import cleanup_old_jobs
from webapp.tasks.collect import collect
from webapp.tasks.export import export
from webapp.tasks.inquire import inquire
from webapp.tasks.workers import cache_name, watch_workers

__all__ = ["cache_name", "cleanup_old_jobs", "collect", "export", "inquire", "watch_workers"]
