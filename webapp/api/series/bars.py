"""The bars of a series, streamed: as JSON, or as a file; one operation chooses by its query, the others have a form."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, compress
from typing import Any

from flask import Response

from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.negotiation.acceptance import BYTES_MEDIA, negotiate
from webapp.api.negotiation.compression import compressed
from webapp.api.negotiation.tags import tag_of, tagged
from webapp.api.requests import bars_of
from webapp.api.series import bar_json
from webapp.api.series.bar_schemas import FORMATS, JSON, Bars, BarsQuery, FileQuery, JsonQuery, form_of
from webapp.api.series.series import SERIES
from webapp.coverage.answered import require_answered
from webapp.errors import InvalidRequestError, sentence
from webapp.exporting import files
from webapp.exporting.requests import BarsFields
from webapp.exporting.rules_exports import UTC
from webapp.exporting.zones import moments_in as times_in
from webapp.exporting.zones import zone_for
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import Interval
from webapp.reading import charts
from webapp.reading.bars import StoredBars, open_bars_between

endpoints = Endpoints("bars", __name__, "Bars as JSON, CSV, Parquet and Arrow, adjusted on reading.")
_PAGE = 10_000
_SHORT = 65_536
_TEXTS = (JSON, "csv")
_ALL = Answers(Bars, errors=(409,), media=tuple(media for fmt, media in FORMATS.items() if fmt != JSON), is_tagged=True)


def _file(fmt: str, *more_media: str) -> Answers:
    return Answers(None, errors=(409,), media=(FORMATS[fmt], *more_media), is_tagged=True)


@endpoints.get(f"{SERIES}/bars", _ALL, Accepts(query=BarsQuery))
def read(query: dict[str, Any], series_id: int) -> Response:
    """Send the bars that start in a span, all without one."""
    media = {media: fmt for fmt, media in FORMATS.items()}
    return _answer(series_id, query, form_of(query) or media[negotiate(list(media))])


@endpoints.get(f"{SERIES}/bars.json", Answers(Bars, errors=(409,), is_tagged=True), Accepts(query=JsonQuery))
def read_json(query: dict[str, Any], series_id: int) -> Response:
    """Send bars as JSON."""
    return _answer(series_id, query, JSON)


@endpoints.get(f"{SERIES}/bars.csv", _file("csv"), Accepts(query=FileQuery))
def read_csv(query: dict[str, Any], series_id: int) -> Response:
    """Send bars as CSV: a line of names, then a line for each bar."""
    return _answer(series_id, query, "csv")


@endpoints.get(f"{SERIES}/bars.parquet", _file("parquet", BYTES_MEDIA), Accepts(query=FileQuery))
def read_parquet(query: dict[str, Any], series_id: int) -> Response:
    """Send bars as a Parquet file."""
    return _typed(_answer(series_id, query, "parquet"), "parquet")


@endpoints.get(f"{SERIES}/bars.arrow", _file("arrow", BYTES_MEDIA), Accepts(query=FileQuery))
def read_arrow(query: dict[str, Any], series_id: int) -> Response:
    """Send bars as an Arrow file (Feather, version 2)."""
    return _typed(_answer(series_id, query, "arrow"), "arrow")


def _typed(answer: Response, fmt: str) -> Response:
    """Call a file by the media type that the caller prefers: its own, or plain bytes."""
    if answer.mimetype == FORMATS[fmt]:
        answer.mimetype = negotiate((FORMATS[fmt], BYTES_MEDIA))
    return answer


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked of a series' bars."""

    series_id: int
    fmt: str
    adjust: str
    zone: str
    complete_only: bool


def _answer(series_id: int, query: dict[str, Any], fmt: str) -> Response:
    bars = bars_of(query)
    if "max_points" in query:
        _refuse_merging(bars, fmt)
    require_answered(series_id)
    request = _Request(series_id, fmt, bars.adjust, bars.zone, bars.complete_only)
    edges = (bars.start, bars.end)
    stored = open_bars_between(series_id, request.adjust, edges, bars.interval, complete_only=request.complete_only)
    zone_for(request.zone, stored.series)  # an unknown one is refused before anything is sent
    if "max_points" in query:
        return _merged(stored, request, query["max_points"])
    tag = tag_of(request=request, stored=stored.version)
    answer = tagged(tag, lambda: _sent(stored, request))
    return compressed(answer) if fmt in _TEXTS else answer


def _refuse_merging(bars: BarsFields, fmt: str) -> None:
    if fmt != JSON:
        message = sentence("Bars are merged for JSON only. Leave max_points out, or take format=json.")
        raise InvalidRequestError({"max_points": message})
    if bars.interval:
        message = sentence("An interval and max_points do not go together: leave one of them out.")
        raise InvalidRequestError({"max_points": message})


def _sent(stored: StoredBars, request: _Request) -> Response:
    if request.fmt != JSON:
        opened = files.export_of(stored, request.fmt, request.adjust, request.zone)
        answer = Response(_gathered(opened.chunks), mimetype=opened.mimetype)
        answer.headers.set("Content-Disposition", "attachment", filename=opened.filename)
        return answer
    facts = _facts(stored, stored.interval, request)
    pages = (stored.factors.apply(page) for page in stored.pages(_PAGE))
    moment = times_in(zone_for(request.zone, stored.series), is_dated=stored.interval.is_dated)
    return _json(bar_json.stream(facts, pages, moment, has_wap=stored.has_wap, partial=stored.partial))


def _merged(stored: StoredBars, request: _Request, most: int) -> Response:
    """Send as few bars as can be seen; they are few enough to be written first and tagged by their text."""
    span = stored.span
    shown = charts.candles(request.series_id, adjust=request.adjust, max_points=most, start=span.start, end=span.end)
    step = Interval(shown.step)
    partial = frozenset(compress(shown.time, shown.partial)) if step is not stored.series.interval else None
    left_out = partial if partial and request.complete_only else ()
    columns = (shown.time, shown.open, shown.high, shown.low, shown.close, shown.volume)
    bars: list[Bar] = [(*values, None, None) for values in zip(*columns, strict=True) if values[0] not in left_out]
    moment = times_in(zone_for(request.zone, stored.series), is_dated=step.is_dated)
    facts = _facts(stored, step, request)
    text = b"".join(bar_json.stream(facts, [bars], moment, has_wap=False, partial=partial))
    return compressed(tagged(tag_of(text=text.decode()), lambda: _json(iter([text]))))


def _json(chunks: Iterator[bytes]) -> Response:
    return Response(_gathered(chunks), mimetype="application/json")


def _gathered(chunks: Iterator[bytes]) -> bytes | Iterator[bytes]:
    """Return what is short as a whole, to be sent at once with its length, and what is longer as it comes.

    So most answers are whole or an error, and none of these breaks off.
    """
    first = b""
    for chunk in chunks:
        first += chunk
        if len(first) >= _SHORT:
            return chain([first], chunks)
    return first


def _facts(stored: StoredBars, interval: Interval, request: _Request) -> dict[str, object]:
    row, notes = stored.series, [str(note) for note in stored.notes]
    facts = {"id": row.id, "source": row.source, "symbol": row.symbol, "interval": interval.value}
    zoned = {"zone": zone_for(request.zone, row).key} if request.zone != UTC else {}
    return {**facts, "adjust": request.adjust, **zoned, **({"notes": notes} if notes else {})}
