"""What the API takes and answers about bars."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import Schema, fields

from webapp.api.fields import Number, Read, query_field
from webapp.api.requests import bars_of
from webapp.exporting.export_fields import EXPORT_FIELDS
from webapp.exporting.files import MIMETYPES
from webapp.kernel.request_fields import parse_choice

MOST_POINTS = 5000
JSON = "json"
FORMATS = {JSON: "application/json", **{fmt: media.partition(";")[0] for fmt, media in MIMETYPES.items()}}
"""The forms that bars come in, with their media types."""
BAR_FORM = replace(
    EXPORT_FIELDS["format"],
    values=tuple(FORMATS),
    default="",
    help="The form. Without it, the first of these that the Accept header prefers: JSON, usually.",
    examples=(JSON,),
)
_INSTANT = "A date-time (2024-03-01T14:30:00Z) is an instant, UTC unless it says otherwise"


def form_of(query: Mapping[str, Any]) -> str | None:
    """Return the form that a query names; None where it names none.

    :raises InvalidRequestError: with the field ``format``, for any other.
    """
    return parse_choice(BAR_FORM, query.get("format"))


class SpanQuery(Read):
    """Which bars, by when they start.

    ``start`` and ``end`` are dates (days of the exchange; an end is inclusive) or date-times (UTC unless they say
    otherwise; an end is exclusive). For bars of a day or longer only the date counts.
    """

    start = query_field(EXPORT_FIELDS["start"], f"{_INSTANT}.")
    end = query_field(EXPORT_FIELDS["end"], f"A day is included. {_INSTANT}, and is not included.")

    def read(self, values: Mapping[str, Any]) -> object:
        """Read which bars are meant."""
        return bars_of(values)


class FileQuery(SpanQuery):
    """Which bars, and how adjusted.

    ``interval`` is the series' own or a larger one, whose bars are made of the stored ones: they stand where the
    source's own would, a day is the exchange's, and a last bar whose time is not over is left out. Such a bar is
    ``partial`` when it has a hole inside or is cut at the edge of what was collected; ``complete_only`` leaves these
    out. ``adjust`` is ``none`` (as traded on the day), ``splits`` (on today's split basis) or ``all`` (dividends and
    capital gains taken out too).
    """

    adjust = query_field(EXPORT_FIELDS["adjust"])
    interval = query_field(EXPORT_FIELDS["interval"])
    zone = query_field(EXPORT_FIELDS["zone"])
    complete_only = query_field(EXPORT_FIELDS["complete_only"])


class JsonQuery(FileQuery):
    """The same, for JSON, which may be merged to as many bars as can be seen.

    ``max_points`` merges bars to the smallest usual interval that brings them under it: first open, highest high,
    lowest low, last close, volumes added up; prices as they are stored, none rounded.
    """

    max_points = Number(1, MOST_POINTS, "How many bars at most; they are merged to as few.", 500)


class BarsQuery(JsonQuery):
    """The same, in a form that the query chooses."""

    format = query_field(BAR_FORM)

    def read(self, values: Mapping[str, Any]) -> object:
        """Read which bars are meant, and in which form."""
        return form_of(values), bars_of(values)


def _number(description: str) -> fields.Float:
    return fields.Float(required=True, allow_none=True, metadata={"description": description})


class Bar(Schema):
    """A bar. A number that is not known is null; ``wap`` and ``count`` are there where the source gives them."""

    time = fields.String(
        required=True,
        metadata={
            "description": "Its start: ISO 8601, UTC unless a zone was asked for; for bars of a day and longer the "
            "exchange's date.",
            "examples": ["2024-03-01T14:30:00Z", "2024-03-01T09:30:00-05:00", "2024-03-01"],
        },
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
    """Bars, ascending; ``interval`` is theirs, longer than the series' own when they were merged.

    ``zone`` is the time zone of their times, there when one was asked for.
    """

    id = fields.Integer(required=True)
    source = fields.String(required=True)
    symbol = fields.String(required=True)
    interval = fields.String(required=True)
    adjust = fields.String(required=True)
    zone = fields.String()
    notes = fields.List(
        fields.String(),
        metadata={"description": "What prices are not adjusted for; left out where there is nothing to say."},
    )
    bars = fields.List(fields.Nested(Bar), required=True)
