"""``clock``: the process that delivers due jobs and rescues lost ones."""

import signal
import threading

import click
from flask_babel import gettext

from webapp.cli.speaking import SpokenCommand, complain
from webapp.services.context import context
from webapp.services.recover import run_clock


@click.command("clock", cls=SpokenCommand)
def clock() -> None:
    """Deliver due jobs, rescue lost ones and clean up, until stopped (Ctrl-C or SIGTERM)."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    complain(gettext("The clock runs."))
    run_clock(context(), stop)
    complain(gettext("The clock has stopped."))
