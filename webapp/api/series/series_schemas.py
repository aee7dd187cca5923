"""What the API takes and answers about series; times are ISO 8601, UTC."""

from marshmallow import Schema, fields

from webapp.api.fields import Choice, Cursor, Instant, Number, Text
from webapp.api.schemas import MOST_ROWS
from webapp.coverage.corrections import DayState
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.intervals import Interval


class SeriesQuery(Schema):
    """Which series to list."""

    symbol = Text(64, "Their symbol, the whole of it, in capitals or not.", "AAPL")
    search = Text(64, "A part of their symbol or of their name, in capitals or not.", "appl", load_default="")
    source = Text(16, "Their source.", COLLECT_FIELDS["source"].default)
    interval = Choice([interval.value for interval in Interval], "The interval of their bars.", Interval.D1.value)
    limit = Number(1, MOST_ROWS, "How many to list at most.", 100, load_default=100)
    cursor = Cursor()


class Series(Schema):
    """Instrument, interval and variant: what is stored, covered, exported."""

    id = fields.Integer(required=True)
    source = fields.String(required=True)
    symbol = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    exchange = fields.String(required=True, allow_none=True)
    timezone = fields.String(required=True, allow_none=True)
    interval = fields.String(required=True)
    variant = fields.String(required=True)
    rows = fields.Integer(required=True)
    first_bar = Instant(allow_none=True)
    last_bar = Instant(allow_none=True)
    updated_at = Instant(allow_none=True)


class SeriesPage(Schema):
    """Series that hold bars, by symbol; ``next_cursor`` is null on the last page."""

    series = fields.List(fields.Nested(Series), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class Gap(Schema):
    """A span of which nothing is known: it was never asked for, or never answered.

    It ends before ``end``, which ``end_exclusive`` says again by its name.
    """

    start = Instant()
    end = Instant()
    end_exclusive = Instant()


class KnownSpan(Gap):
    """A span of which the source said that it has bars, or that nothing is there.

    What is ``doubted`` it said, too, and it is implausible: it is asked for again from ``next_look`` on (else null).
    """

    verdict = fields.String(required=True, metadata={"enum": ["have", "empty", "doubted"]})
    next_look = Instant(allow_none=True)


class MissingSpan(Gap):
    """A span in which so many sessions (weeks, months) are due by the exchange's calendar, and nothing is known."""

    sessions = fields.Integer(required=True)


class Coverage(Schema):
    """What is known of a series, oldest first: spans, the gaps between them, and what its calendar misses.

    ``calendar`` is an ISO 10383 code, ``24/5`` or ``24/7``. Nights and holidays are never ``missing``.
    """

    id = fields.Integer(required=True)
    spans = fields.List(fields.Nested(KnownSpan), required=True)
    gaps = fields.List(fields.Nested(Gap), required=True)
    calendar = fields.String(required=True)
    missing = fields.List(fields.Nested(MissingSpan), required=True)


_DAY_STATES = (DayState.OPEN.value, DayState.CLOSED.value)


class CalendarDaysQuery(Schema):
    """Of which calendar: an ISO 10383 code such as ``XNYS``; of all without."""

    calendar = Text(16, "The code of a calendar.", "XNYS")


class CalendarDay(Schema):
    """A day on which the exchange of a calendar is open or closed, because a person said so."""

    calendar = fields.String(required=True)
    day = fields.String(required=True, metadata={"format": "date"})
    state = fields.String(required=True, metadata={"enum": list(_DAY_STATES)})


class CalendarDays(Schema):
    """Corrected days, by calendar and date."""

    days = fields.List(fields.Nested(CalendarDay), required=True)


class CalendarDayBody(Schema):
    """What is said of a day; ``usual`` lets the calendar decide again."""

    calendar = Text(16, "The code of a calendar.", "XNYS", required=True)
    day = Text(10, "The exchange's date.", "2025-01-09", required=True, metadata={"format": "date"})
    state = Choice([state.value for state in DayState], "What the day is.", required=True)
