"""What a notebook asks of bars, checked as a whole: all that is wrong is said at once."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

from webapp.collecting.request_values import parse_request
from webapp.exporting.requests import BarsFields, read_bars_fields
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.request_fields import FieldProblems, parse_symbols
from webapp.kernel.requests import CollectRequest
from webapp.notebook.arguments import FrameShape, shape_of
from webapp.notebook.bars_reading import BarsRequest
from webapp.notebook.values import plain, plain_values
from webapp.reading.series_names import SeriesFields, read_series_fields

_ANY = "AAPL"
"""A symbol in the place of several, where a series is named; each is looked for by itself."""
_SYMBOLS = replace(COLLECT_FIELDS["symbols"], name="symbol")
_NO_LISTS = (str, bytes, bytearray, Mapping)


def parse_bars_request(
    chosen: Mapping[str, object],
    layout: Mapping[str, object],
    symbol: object,
    source: object,
    interval: object,
    options: object,
) -> tuple[str | list[str], BarsRequest]:
    """Return the symbol, or several, and which of their bars are meant and how they are laid out.

    :raises InvalidRequestError: with a sentence for each argument that is wrong.
    """
    problems = FieldProblems()
    bars = read_bars_fields(plain_values(chosen), problems)
    shape = problems.read(lambda: _shape(layout))
    value = plain(symbol)
    listed = list(value) if isinstance(value, Iterable) and not isinstance(value, _NO_LISTS) else None
    symbols = problems.read(lambda: parse_symbols(_SYMBOLS, listed)) if listed else None
    series = {"symbol": _ANY if listed else None if listed == [] else value, "source": source}
    series |= {"interval": interval, "options": options}
    name = read_series_fields(plain_values(series), problems)
    problems.check()
    return list(symbols) if symbols else name.symbol, _request(bars, name, shape or FrameShape())


def parse_get_request(
    values: Mapping[str, object], chosen: Mapping[str, object], layout: Mapping[str, object], now: dt.datetime
) -> tuple[CollectRequest, BarsRequest]:
    """Return what is to be collected, and how its bars are laid out.

    :raises InvalidRequestError: with a sentence for each argument that is wrong.
    """
    problems = FieldProblems()
    collection = problems.read(lambda: parse_request(plain_values(values), now))
    bars = read_bars_fields(plain_values({name: chosen[name] for name in ("adjust", "complete_only")}), problems)
    shape = problems.read(lambda: _shape(layout))
    problems.check()
    assert collection is not None  # noqa: S101 -- or there would have been a problem
    source, interval = collection.source, collection.interval
    frame = BarsRequest(source, interval, bars.adjust, shape or FrameShape(), complete_only=bars.complete_only)
    return collection, frame


def _request(bars: BarsFields, name: SeriesFields, shape: FrameShape) -> BarsRequest:
    return BarsRequest(
        source=name.source,
        interval=name.interval,
        adjust=bars.adjust,
        shape=shape,
        start=bars.start,
        end=bars.end,
        complete_only=bars.complete_only,
        options=name.options,
    )


def _shape(layout: Mapping[str, object]) -> FrameShape:
    return shape_of(**plain_values(layout))
