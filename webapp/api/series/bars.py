"""The bars of a series, streamed: as JSON, or as a file."""

from collections.abc import Iterator
from itertools import compress
from typing import Any

from flask import Response

from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.requests import moments_in
from webapp.api.series import bar_json
from webapp.api.series.series import SERIES
from webapp.api.series.series_schemas import JSON, Bars, BarsQuery
from webapp.errors import InvalidRequestError, sentence
from webapp.exporting import files
from webapp.exporting.csv_text import moments
from webapp.exporting.files import MIMETYPES
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import Interval
from webapp.kernel.request_fields import interval_of
from webapp.kernel.spans import Span
from webapp.reading import charts
from webapp.reading.bars import StoredBars, bars_span, open_bars
from webapp.series.existing import require_series

endpoints = Endpoints("bars", __name__, "Bars as JSON, CSV, Parquet and Arrow, adjusted on reading.")
_PAGE = 10_000
_MEDIA = tuple(media.partition(";")[0] for media in MIMETYPES.values())


@endpoints.get(f"{SERIES}/bars", Answers(Bars, media=_MEDIA), Accepts(query=BarsQuery))
def read(query: dict[str, Any], series_id: int) -> Response:
    """Send the bars that start in a span, all without one."""
    step = interval_of(query["interval"]) if "interval" in query else None
    span = bars_span(require_series(series_id), *moments_in(query), step)
    if "max_points" in query:
        _refuse_merging(query)
        return _merged(series_id, query, span)
    if query["format"] != JSON:
        return _file(series_id, query, span, step)
    stored = open_bars(series_id, query["adjust"], span, step, complete_only=query["complete_only"])
    facts = _facts(stored, stored.interval.value, query["adjust"])
    pages = (stored.factors.apply(page) for page in stored.pages(_PAGE))
    moment = moments(is_dated=stored.interval.is_dated)
    return _json(bar_json.stream(facts, pages, moment, has_wap=stored.has_wap, partial=stored.partial))


def _refuse_merging(query: dict[str, Any]) -> None:
    if query["format"] != JSON:
        message = sentence("Bars are merged for JSON only. Leave max_points out, or take format=json.")
        raise InvalidRequestError({"max_points": message})
    if "interval" in query:
        message = sentence("An interval and max_points do not go together: leave one of them out.")
        raise InvalidRequestError({"max_points": message})


def _file(series_id: int, query: dict[str, Any], span: Span, step: Interval | None) -> Response:
    fmt, adjust, complete_only = query["format"], query["adjust"], query["complete_only"]
    opened = files.open_export(series_id, fmt, adjust, span, step=step, complete_only=complete_only)
    answer = Response(opened.chunks, mimetype=opened.mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=opened.filename)
    return answer


def _merged(series_id: int, query: dict[str, Any], span: Span) -> Response:
    adjust, most = query["adjust"], query["max_points"]
    stored = open_bars(series_id, adjust, span)
    shown = charts.candles(series_id, adjust=adjust, max_points=most, start=span.start, end=span.end)
    is_merged = Interval(shown.step) is not stored.series.interval
    partial = frozenset(compress(shown.time, shown.partial)) if is_merged else None
    left_out = partial if partial and query["complete_only"] else ()
    columns = (shown.time, shown.open, shown.high, shown.low, shown.close, shown.volume)
    bars: list[Bar] = [(*values, None, None) for values in zip(*columns, strict=True) if values[0] not in left_out]
    moment = moments(is_dated=Interval(shown.step).is_dated)
    facts = _facts(stored, shown.step, adjust)
    return _json(bar_json.stream(facts, [bars], moment, has_wap=False, partial=partial))


def _json(chunks: Iterator[bytes]) -> Response:
    return Response(chunks, mimetype="application/json")


def _facts(stored: StoredBars, interval: str, adjust: str) -> dict[str, object]:
    row, notes = stored.series, [str(note) for note in stored.notes]
    facts = {"id": row.id, "source": row.source, "symbol": row.symbol, "interval": interval, "adjust": adjust}
    return {**facts, "notes": notes} if notes else facts
