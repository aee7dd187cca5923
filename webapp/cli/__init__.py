"""The commands of ``flask --app wsgi``: each reads its arguments, calls one function of a room, and says what came."""

from flask import Flask

from webapp.cli.batches import batches
from webapp.cli.calendars import calendars
from webapp.cli.clock import clock
from webapp.cli.collect import collect
from webapp.cli.doctor import doctor
from webapp.cli.export import export
from webapp.cli.init_db import init_db
from webapp.cli.jobs import jobs
from webapp.cli.series import series
from webapp.cli.standing.schedules import late, schedules
from webapp.cli.standing.watchlists import lists
from webapp.cli.tokens import tokens

COMMANDS = (
    *(init_db, doctor, clock, collect, export, jobs, batches, series, lists, calendars, tokens),
    *(schedules, late),
)


def register(app: Flask) -> None:
    """Bind all commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
