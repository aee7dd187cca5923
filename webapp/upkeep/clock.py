"""The clock: the one process that delivers what is due, rescues what is lost, runs schedules, and cleans up.

It needs neither Redis nor a free worker. Any number may run at once: every move is guarded, and a job delivered twice
is worked on once.
"""

import logging
import os
import socket
import threading
import time
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from webapp.catalogue import deletion
from webapp.collecting.job_delivery import deliver_due
from webapp.collecting.rescue import CLOCK, cancel_overdue, rescue_lost
from webapp.context import Context
from webapp.coverage import completeness
from webapp.database.transactions import writing
from webapp.exporting.rescue import deliver_due_exports, rescue_lost_exports
from webapp.jobs import queries_events
from webapp.scheduling.schedules import run_clock_work
from webapp.upkeep.clean_up import clean_up

log = logging.getLogger(__name__)

LATE_AFTER = 60.0
"""Seconds without a beat after which the site says that no clock runs."""
_CLEANING_EVERY = 3600.0


@dataclass(slots=True)
class ClockState:
    """What a clock remembers between its ticks (seconds of the wall clock)."""

    last_tick: float = 0.0
    no_rescue_before: float = 0.0
    last_cleaning: float | None = None


def run_clock(context: Context, stop: threading.Event) -> None:
    """Tick until told to stop; a database that fails is tried again at the next tick."""
    state = ClockState(last_tick=time.time())
    name = f"{CLOCK}@{socket.gethostname()}-{os.getpid()}"
    while True:
        try:
            _tick(context, state, name)
        except SQLAlchemyError:
            log.exception("the database failed; the clock tries again")
        if stop.wait(context.rules.tick):
            return


def _tick(context: Context, state: ClockState, name: str) -> None:
    """Do one tick. After a sleep of the machine, live workers get the time of a lease to show themselves first."""
    now = time.time()
    if now - state.last_tick > 3 * context.rules.tick + 1:
        log.warning("the clock was away for %.0f s; rescuing begins after one lease", now - state.last_tick)
        state.no_rescue_before = now + context.rules.lease
    state.last_tick = now
    with writing() as connection:
        queries_events.process_beat(connection, name, CLOCK, context.now())
    if now >= state.no_rescue_before:
        rescue_lost(context)
        cancel_overdue(context)
        rescue_lost_exports(context)
    run_clock_work(context)
    deliver_due(context)
    deliver_due_exports(context)
    completeness.catch_up(context)
    deletion.purge(context)
    if state.last_cleaning is None or now - state.last_cleaning > _CLEANING_EVERY:
        state.last_cleaning = now
        clean_up(context, context.rules.retention_days)
