"""Correcting a day of the calendar that an instrument follows, on the page of its coverage."""

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from webapp.context import context
from webapp.coverage import calendars
from webapp.coverage.calendars import Calendar
from webapp.coverage.corrections import DayState, correct
from webapp.series.existing import require_series
from webapp.web.forms import RequestForm
from webapp.web.htmx import go_to

blueprint = Blueprint("corrections", __name__)


class CorrectionForm(RequestForm):
    """A day of a calendar, and what the exchange does on it."""

    day = StringField()
    state = StringField()


@dataclass(frozen=True, slots=True)
class CorrectedDay:
    """A line of the list: the date (00:00 UTC, epoch seconds)."""

    day: int
    is_open: bool


def corrected_days(calendar: Calendar) -> list[CorrectedDay]:
    """Return what was corrected of a calendar, newest first."""
    return [CorrectedDay(day, is_open) for day, is_open in reversed(calendar.corrections)]


@blueprint.post("/series/<int(max=2147483647):series_id>/calendar-days")
def change(series_id: int) -> ResponseReturnValue:
    """Keep what is said of a day of the calendar that a series follows, for all series that follow it."""
    row = require_series(series_id)
    texts = CorrectionForm(request.form).texts
    calendar = calendars.calendar(row.instrument_id, row.facts)
    correct(context(), calendar.code, texts["day"], texts["state"] or DayState.USUAL.value)
    return go_to(url_for("coverage.show", series_id=series_id))
