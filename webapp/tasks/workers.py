"""What a worker process is called, when it should stop, and its sign of life."""

import multiprocessing
import os
import socket
import threading

from billiard import current_process
from celery.signals import worker_process_init, worker_ready, worker_shutting_down
from celery.worker.consumer import Consumer
from flask import Flask

from webapp.errors import QueueAwayError
from webapp.extensions import db
from webapp.queue import WORKER_BEAT_SECONDS
from webapp.services.context import EXTENSION, Context

_draining = multiprocessing.get_context("fork" if os.name == "posix" else "spawn").Event()


def process_name() -> str:
    """Return a name of this process that no other has at the same time: host, pid, and Celery's place for it."""
    place = getattr(current_process(), "index", None)
    suffix = "" if place is None else f"-{place}"
    return f"{socket.gethostname()}-{os.getpid()}{suffix}"


def is_draining() -> bool:
    """Tell whether the worker has been asked to stop: let go at the next chunk."""
    return _draining.is_set()


def watch_workers(app: Flask) -> None:
    """Connect to Celery's signals: a fork gets its own database connections, a stop is noticed, a worker beats."""

    @worker_process_init.connect(weak=False)
    def fresh_connections(**_: object) -> None:
        with app.app_context():
            db.engine.dispose(close=False)

    @worker_shutting_down.connect(weak=False)
    def drain(**_: object) -> None:
        _draining.set()

    @worker_ready.connect(weak=False)
    def start_beating(sender: Consumer, **_: object) -> None:
        _draining.clear()
        context: Context = app.extensions[EXTENSION]
        name = str(sender.hostname)
        threading.Thread(target=_beat, args=(context, name), name="worker-beat", daemon=True).start()


def _beat(context: Context, name: str) -> None:
    """Tell Redis that this worker is alive, for as long as it is; without Redis there is nobody to tell."""
    pause = threading.Event()
    while not pause.wait(WORKER_BEAT_SECONDS if _told(context, name) else 1.0):
        continue


def _told(context: Context, name: str) -> bool:
    try:
        context.queue.worker_beat(name)
    except QueueAwayError:
        return False
    return True
