"""``clock``: the process that delivers due jobs and rescues lost ones."""

import signal
import threading

import click
from flask_babel import gettext

from webapp.cli.speaking import FAILED, NOT_READY, TablelessCommand, complain, said
from webapp.context import context
from webapp.database import schema
from webapp.upkeep.clock import run_clock

_SECONDS_BETWEEN_LOOKS = 1.0


@click.command("clock", cls=TablelessCommand)
@click.pass_context
def clock(ctx: click.Context) -> None:
    """Deliver due jobs, rescue lost ones and clean up, until stopped (Ctrl-C or SIGTERM)."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if not _tables_are_there(stop):
        complain(said(NOT_READY))
        ctx.exit(FAILED)
    complain(gettext("The clock runs."))
    run_clock(context(), stop)
    complain(gettext("The clock has stopped."))


def _tables_are_there(stop: threading.Event) -> bool:
    """Wait for a database that does not answer: after a reboot the clock may be up first. Without tables, give up."""
    if not schema.is_current() and not schema.is_outdated():
        complain(gettext("The database does not answer; the clock waits for it."))
    while not stop.is_set() and not schema.is_current():
        if schema.is_outdated():
            return False
        stop.wait(_SECONDS_BETWEEN_LOOKS)
    return True
