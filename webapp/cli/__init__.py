"""The commands of ``flask --app wsgi``: each reads its arguments, calls one function of a room, and says what came."""

from flask import Flask

from webapp.cli.calendars import calendars
from webapp.cli.clock import clock
from webapp.cli.collect import collect
from webapp.cli.doctor import doctor
from webapp.cli.export import export
from webapp.cli.init_db import init_db
from webapp.cli.jobs import jobs
from webapp.cli.late import late
from webapp.cli.schedules import schedules
from webapp.cli.series import series
from webapp.cli.tokens import tokens


def register(app: Flask) -> None:
    """Bind all commands."""
    for command in (init_db, collect, jobs, series, export, doctor, clock, tokens, calendars, schedules, late):
        app.cli.add_command(command)
