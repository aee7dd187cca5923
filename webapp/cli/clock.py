"""``clock``: the process that delivers due jobs and rescues lost ones."""

import signal
import threading

import click
from flask_babel import gettext

from webapp.cli.speaking import NOT_READY, StreamingCommand, complain, print_line, remark, said, wants_json
from webapp.cli.statuses import FAILED, INTERRUPTED
from webapp.context import context
from webapp.database import schema
from webapp.jobs.records import moment
from webapp.upkeep.clock import run_clock

_SECONDS_BETWEEN_LOOKS = 1.0


class ClockCommand(StreamingCommand):
    """A stream of what the clock does; it runs on a database without tables, too, to say that they are missing."""

    needs_tables = False

    @property
    def statuses(self) -> tuple[int, ...]:
        """Ctrl-C is how it is stopped, and so no interruption."""
        return tuple(status for status in super().statuses if status != INTERRUPTED)


@click.command("clock", cls=ClockCommand)
@click.pass_context
def clock(ctx: click.Context) -> None:
    """Deliver due jobs, rescue lost ones and clean up, until stopped (Ctrl-C or SIGTERM)."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if not _tables_are_there(stop):
        complain(said(NOT_READY))
        ctx.exit(FAILED)
    _tell("running", gettext("The clock runs."))
    run_clock(context(), stop)
    _tell("stopped", gettext("The clock has stopped."))


def _tables_are_there(stop: threading.Event) -> bool:
    """Wait for a database that does not answer: after a reboot the clock may be up first. Without tables, give up."""
    if not schema.is_current() and not schema.is_outdated():
        _tell("waiting", gettext("The database does not answer; the clock waits for it."))
    while not stop.is_set() and not schema.is_current():
        if schema.is_outdated():
            return False
        stop.wait(_SECONDS_BETWEEN_LOOKS)
    return True


def _tell(event: str, text: str) -> None:
    """Say what the clock does now: as a line of JSON when they are asked for, else on standard error."""
    if wants_json():
        print_line({"event": event, "at": moment(context().now())})
    else:
        remark(text)
