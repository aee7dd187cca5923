"""What the API takes and answers about series and bars; times are ISO 8601, UTC."""

from marshmallow import Schema, fields

from webapp.api.fields import Choice, Cursor, Instant, Number, Text
from webapp.api.schemas import MOST_ROWS
from webapp.coverage.corrections import DayState
from webapp.exporting.files import MIMETYPES
from webapp.kernel.intervals import Interval
from webapp.reading.rules_adjustment import Adjust

MOST_POINTS = 5000
JSON = "json"


class SeriesQuery(Schema):
    """Which series to list; ``search`` is part of a symbol or of a name."""

    search = Text(64, load_default="")
    limit = Number(1, MOST_ROWS, load_default=100)
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
    """A span of which nothing is known: it was never asked for, or never answered."""

    start = Instant()
    end = Instant()


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


class BarsQuery(Schema):
    """Which bars, how adjusted, in which form.

    ``start`` and ``end`` are dates (days of the exchange; an end is inclusive) or date-times (UTC unless they say
    otherwise; an end is exclusive); they say which bars are given by when these start. For bars of a day or longer only
    the date counts. ``interval`` is the series' own or a larger one, whose bars are made of the stored ones: they stand
    where the source's own would, a day is the exchange's, and a last bar whose time is not over is left out. Such a bar
    is ``partial`` when it has a hole inside or is cut at the edge of what was collected; ``complete_only`` leaves these
    out. ``max_points`` merges bars to the smallest usual interval that brings them
    under it; it is for JSON. ``adjust`` is ``none`` (as traded on the day), ``splits`` (on today's split basis) or
    ``all`` (dividends and capital gains taken out too).
    """

    start = Text(40, metadata={"description": "A date (2024-03-01) or a date-time (2024-03-01T14:30:00Z)."})
    end = Text(40, metadata={"description": "A date, which is included, or a date-time, which is not."})
    adjust = Choice([adjust.value for adjust in Adjust], load_default=Adjust.SPLITS.value)
    format = Choice([JSON, *MIMETYPES], load_default=JSON)
    interval = Choice([interval.value for interval in Interval])
    max_points = Number(1, MOST_POINTS)
    complete_only = fields.Boolean(load_default=False, metadata={"description": "Whether partial bars are left out."})


def _number(description: str) -> fields.Float:
    return fields.Float(required=True, allow_none=True, metadata={"description": description})


class Bar(Schema):
    """A bar. A number that is not known is null; ``wap`` and ``count`` are there where the source gives them."""

    time = fields.String(
        required=True,
        metadata={"description": "Its start: ISO 8601, UTC; the exchange's date for bars of a day and longer."},
    )
    open = _number("First price, in the series' currency, adjusted as asked.")
    high = _number("Highest price.")
    low = _number("Lowest price.")
    close = _number("Last price.")
    volume = _number("Shares, contracts or coins traded, on the same split basis as the prices.")
    wap = fields.Float(allow_none=True, metadata={"description": "Average price, weighted by volume."})
    count = fields.Integer(allow_none=True, metadata={"description": "Number of trades."})
    is_partial = fields.Boolean(
        data_key="partial",
        metadata={"description": "Of bars made of smaller ones: whether something is missing in its time."},
    )


class Bars(Schema):
    """Bars, ascending; ``interval`` is theirs, longer than the series' own when they were merged."""

    id = fields.Integer(required=True)
    source = fields.String(required=True)
    symbol = fields.String(required=True)
    interval = fields.String(required=True)
    adjust = fields.String(required=True)
    notes = fields.List(
        fields.String(),
        metadata={"description": "What prices are not adjusted for; left out where there is nothing to say."},
    )
    bars = fields.List(fields.Nested(Bar), required=True)


_DAY_STATES = (DayState.OPEN.value, DayState.CLOSED.value)


class CalendarDaysQuery(Schema):
    """Of which calendar: an ISO 10383 code such as ``XNYS``; of all without."""

    calendar = Text(16)


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

    calendar = Text(16, required=True)
    day = Text(10, required=True, metadata={"format": "date", "examples": ["2025-01-09"]})
    state = Choice([state.value for state in DayState], required=True)
