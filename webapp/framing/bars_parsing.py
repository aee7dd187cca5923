"""What somebody asks of bars as a frame, in values of any kind; all that is wrong is said at once."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

from webapp.collecting.request_values import parse_request
from webapp.exporting.requests import BarsFields, read_bars_fields
from webapp.framing.arguments import FrameShape, shape_of
from webapp.framing.bars_request import BarsRequest
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.request_fields import FieldProblems, parse_symbols
from webapp.kernel.requests import CollectRequest
from webapp.reading.series_names import SeriesFields, read_series_fields

_ANY = "AAPL"
"""A symbol in the place of several, where a series is named; each is looked for by itself."""
_SYMBOLS = replace(COLLECT_FIELDS["symbols"], name="symbol")
_NO_LISTS = (str, bytes, bytearray, Mapping)


def parse_bars_request(
    chosen: Mapping[str, object], layout: Mapping[str, object], series: Mapping[str, object]
) -> tuple[str | list[str], BarsRequest]:
    """Return the symbol, or several, and which of their bars are meant and how they are laid out.

    :param chosen: by the names of ``EXPORT_FIELDS``; ``layout`` is what ``shape_of`` takes, ``series`` the
        ``symbol`` or a list of them, ``source``, ``interval`` and ``options``.

    :raises InvalidRequestError: with a sentence for each argument that is wrong.
    """
    problems = FieldProblems()
    bars = read_bars_fields(chosen, problems)
    shape = problems.read(lambda: _shape(layout))
    symbol = series["symbol"]
    listed = list(symbol) if isinstance(symbol, Iterable) and not isinstance(symbol, _NO_LISTS) else None
    symbols = problems.read(lambda: parse_symbols(_SYMBOLS, listed)) if listed else None
    named = _ANY if listed else None if listed == [] else symbol
    name = read_series_fields({**series, "symbol": named}, problems)
    problems.check()
    return list(symbols) if symbols else name.symbol, _request(bars, name, shape or FrameShape())


def parse_get_request(
    values: Mapping[str, object], chosen: Mapping[str, object], layout: Mapping[str, object], now: dt.datetime
) -> tuple[CollectRequest, BarsRequest]:
    """Return what is to be collected, and how its bars are laid out.

    :raises InvalidRequestError: with a sentence for each argument that is wrong.
    """
    problems = FieldProblems()
    collection = problems.read(lambda: parse_request(values, now))
    bars = read_bars_fields({name: chosen[name] for name in ("adjust", "complete_only")}, problems)
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
    return shape_of(**layout)
