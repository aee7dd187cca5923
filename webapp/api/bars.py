"""The bars of a series, streamed: as JSON, or as a file."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from flask import Response

from webapp.api import bar_json
from webapp.api.endpoints import Endpoints, Given, Taken
from webapp.api.series import SERIES
from webapp.api.series_schemas import JSON, Bars, BarsQuery
from webapp.domain.bars import Bar
from webapp.domain.intervals import DAY, Interval
from webapp.domain.request_fields import moment_of
from webapp.domain.spans import Span
from webapp.errors import InvalidRequestError, sentence
from webapp.services import charts, exports
from webapp.services.export_csv import moments
from webapp.services.exports import MIMETYPES
from webapp.services.stored_bars import EVER, open_bars
from webapp.store.series import SeriesRow

endpoints = Endpoints("bars", __name__, "Bars as JSON, CSV, Parquet and Arrow, adjusted on reading.")
_PAGE = 10_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MEDIA = tuple(media.partition(";")[0] for media in MIMETYPES.values())


@endpoints.get(f"{SERIES}/bars", Given(Bars, media=_MEDIA), Taken(query=BarsQuery))
def read(query: dict[str, Any], series_id: int) -> Response:
    """Send the bars that start in a span, all without one."""
    span = Span(_instant(query, "start", EVER.start), _instant(query, "end", EVER.end, is_end=True))
    if query["format"] != JSON:
        return _file(series_id, query, span)
    if "max_points" in query:
        return _merged(series_id, query["adjust"], span, query["max_points"])
    stored = open_bars(series_id, query["adjust"], span)
    facts = _facts(stored.series, stored.series.interval.value, query["adjust"])
    pages = (stored.factors.apply(page) for page in stored.pages(_PAGE))
    moment = moments(is_dated=stored.series.interval.is_dated)
    return _json(bar_json.stream(facts, pages, moment, has_wap=stored.has_wap))


def _file(series_id: int, query: dict[str, Any], span: Span) -> Response:
    if "max_points" in query:
        message = sentence("Bars are merged for JSON only. Leave max_points out, or take format=json.")
        raise InvalidRequestError({"max_points": message})
    opened = exports.open_export(series_id, query["format"], query["adjust"], span)
    answer = Response(opened.chunks, mimetype=opened.mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=opened.filename)
    return answer


def _merged(series_id: int, adjust: str, span: Span, most: int) -> Response:
    row = open_bars(series_id, adjust, span).series
    shown = charts.candles(series_id, adjust=adjust, max_points=most, start=span.start, end=span.end)
    columns = (shown.time, shown.open, shown.high, shown.low, shown.close, shown.volume)
    bars: list[Bar] = [(*values, None, None) for values in zip(*columns, strict=True)]
    moment = moments(is_dated=Interval(shown.step).is_dated)
    return _json(bar_json.stream(_facts(row, shown.step, adjust), [bars], moment, has_wap=False))


def _json(chunks: Iterator[bytes]) -> Response:
    return Response(chunks, mimetype="application/json")


def _facts(row: SeriesRow, interval: str, adjust: str) -> dict[str, object]:
    return {"id": row.id, "source": row.source, "symbol": row.symbol, "interval": interval, "adjust": adjust}


def _instant(query: dict[str, Any], field: str, otherwise: int, *, is_end: bool = False) -> int:
    """Return epoch seconds; as an end, a date is the day's end.

    :raises InvalidRequestError: with the field, for what is neither date nor date-time.
    """
    if not query.get(field):
        return otherwise
    moment = moment_of(field, query[field])
    if isinstance(moment, dt.datetime):
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return (aware - _EPOCH) // dt.timedelta(seconds=1)
    return (moment - _EPOCH.date()).days * DAY + (DAY if is_end else 0)
