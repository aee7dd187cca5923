"""Worker processes: their names, when they should stop, their sign of life, and what is done when one dies."""

import multiprocessing
import os
import signal
import socket
import threading
from types import FrameType
from urllib.parse import quote

from billiard import current_process
from billiard.exceptions import WorkerLostError
from celery.signals import (
    celeryd_after_setup,
    task_failure,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
    worker_shutdown,
    worker_shutting_down,
)
from celery.worker.consumer import Consumer
from flask import Flask
from kombu import pools

from webapp.collecting.rescue import rescue_dead
from webapp.context import EXTENSION, Context
from webapp.errors import QueueAwayError
from webapp.extensions import db
from webapp.queue import WORKER_BEAT_SECONDS

_draining = multiprocessing.Event()
_node = {"name": "process"}


def process_name() -> str:
    """Return a name that no other living process has: it goes into the leases."""
    return f"{socket.gethostname()}:{os.getpid()}"


def cache_name() -> str:
    """Return a folder name for this process's caches: the same again for the process that takes its place."""
    place = getattr(current_process(), "index", None)
    return quote(_node["name"], safe="") + ("" if place is None else f"-{place}")


def is_draining() -> bool:
    """Tell whether the worker has been asked to stop: let go at the next chunk."""
    return _draining.is_set()


def is_gone(owner: str) -> bool:
    """Tell whether a lease's owner was a process of this machine that is no longer there."""
    host, _, pid = owner.rpartition(":")
    if host != socket.gethostname() or os.name != "posix":
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def watch_workers(app: Flask) -> None:
    """Connect to Celery's signals."""
    context: Context = app.extensions[EXTENSION]

    @celeryd_after_setup.connect(weak=False)
    def remember_name(sender: str, **_: object) -> None:
        _node["name"] = sender

    _watch_children(app, context)

    @worker_shutting_down.connect(weak=False)
    def drain(**_: object) -> None:
        _draining.set()

    @worker_shutdown.connect(weak=False)
    def give_back(**_: object) -> None:
        _rescue(app, context, is_crash=False)

    @worker_ready.connect(weak=False)
    def begin(sender: Consumer, **_: object) -> None:
        _drain_on(signal.SIGTERM)
        _rescue(app, context)
        name = str(sender.hostname)
        threading.Thread(target=_beat, args=(context, name), name="worker-beat", daemon=True).start()

    @task_failure.connect(weak=False)
    def after_death(exception: BaseException, **_: object) -> None:
        if isinstance(exception, WorkerLostError):
            _rescue(app, context)


def _watch_children(app: Flask, context: Context) -> None:
    """Let each child process begin with connections of its own, and end without leaving any behind."""

    @worker_process_init.connect(weak=False)
    def fresh_connections(**_: object) -> None:
        pools.reset()
        with app.app_context():
            db.engine.dispose(close=False)

    @worker_process_shutdown.connect(weak=False)
    def close_connections(**_: object) -> None:
        with app.app_context():
            context.close_clients()


def _drain_on(number: signal.Signals) -> None:
    """Notice a stop before Celery does: a cold shutdown tells others only after its soft part is over."""
    before = signal.getsignal(number)

    def drain_first(received: int, frame: FrameType | None) -> None:
        _draining.set()
        if callable(before):
            before(received, frame)

    signal.signal(number, drain_first)


def _rescue(app: Flask, context: Context, *, is_crash: bool = True) -> None:
    """Rescue what dead processes of this machine held; the parent keeps no connection that a fork could inherit."""
    with app.app_context():
        rescue_dead(context, is_gone, f"{socket.gethostname()}:", is_crash=is_crash)
        db.engine.dispose()


def _beat(context: Context, name: str) -> None:
    """Tell Redis that this worker is alive, for as long as it is; without Redis there is nobody to tell."""
    pause = threading.Event()
    while not pause.wait(WORKER_BEAT_SECONDS if _report_alive(context, name) else 1.0):
        continue


def _report_alive(context: Context, name: str) -> bool:
    try:
        context.queue.worker_beat(name)
    except QueueAwayError:
        return False
    return True
