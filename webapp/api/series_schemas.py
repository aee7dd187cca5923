"""What the API takes and answers about series and bars; times are ISO 8601, UTC."""

from marshmallow import Schema, fields

from webapp.api.fields import Choice, Cursor, Instant, Number, Text
from webapp.api.schemas import MOST_ROWS
from webapp.domain.adjustment import Adjust
from webapp.services.exports import MIMETYPES

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
    """A span of which the source said that it has bars, or that nothing is there."""

    verdict = fields.String(required=True, metadata={"enum": ["have", "empty"]})


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

    ``start`` and ``end`` are dates (an end is inclusive) or date-times (UTC unless they say otherwise; an end is
    exclusive). ``max_points`` merges bars to the smallest usual interval that brings them under it; it is for JSON.
    """

    start = Text(40)
    end = Text(40)
    adjust = Choice([adjust.value for adjust in Adjust], load_default=Adjust.SPLITS.value)
    format = Choice([JSON, *MIMETYPES], load_default=JSON)
    max_points = Number(1, MOST_POINTS)


class Bar(Schema):
    """A bar; ``time`` is its start, or a date for bars of a day and longer."""

    time = fields.String(required=True)
    open = fields.Float(required=True, allow_none=True)
    high = fields.Float(required=True, allow_none=True)
    low = fields.Float(required=True, allow_none=True)
    close = fields.Float(required=True, allow_none=True)
    volume = fields.Float(required=True, allow_none=True)
    wap = fields.Float(allow_none=True)
    count = fields.Integer(allow_none=True)


class Bars(Schema):
    """Bars, ascending; ``interval`` is theirs, longer than the series' own when they were merged."""

    id = fields.Integer(required=True)
    source = fields.String(required=True)
    symbol = fields.String(required=True)
    interval = fields.String(required=True)
    adjust = fields.String(required=True)
    bars = fields.List(fields.Nested(Bar), required=True)
