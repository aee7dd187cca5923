"""Reading frames of bars: find the series, read them, lay them out; once more when one was re-based meanwhile."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from webapp.context import Context
from webapp.errors import Sentence, SymbolsError
from webapp.framing.bar_columns import BarColumns, columns_of, columns_of_many
from webapp.framing.bars_request import BarsRequest
from webapp.framing.frame_facts import failed_facts, frame_facts, series_facts
from webapp.framing.layouts import index_zone, lay_out_long, lay_out_single, lay_out_wide
from webapp.framing.sheets import Sheet
from webapp.reading.adjusting import parse_adjust
from webapp.reading.bars import bars_span, open_bars
from webapp.reading.lookup import FoundBars, find_bars
from webapp.reading.panel.panel_opening import PickedBars, open_many
from webapp.reading.panel.picks import pick_series
from webapp.reading.steadiness import SeriesChangedError

_T = TypeVar("_T")


def read_symbol(context: Context, symbol: str, request: BarsRequest) -> Sheet:
    """Return the bars of one symbol.

    :raises NotFoundError: when nothing of the kind was ever collected.
    :raises InvalidRequestError: when an argument is not understood.
    """
    source = find_bars(symbol, request.source, request.interval, request.options)
    return read_picked(context, within(source, request), request)


def read_picked(
    context: Context, pick: PickedBars, request: BarsRequest, failed: Mapping[str, Sentence] | None = None
) -> Sheet:
    """Return the bars of a series.

    :param failed: why its collection is not whole, by what it is called.

    :raises NotFoundError: when it has just been deleted.
    :raises InvalidRequestError: when an argument is not understood.
    """
    opened = (pick.series.id, request.adjust, pick.span, pick.step)
    bars = _steady(lambda: columns_of(open_bars(*opened, complete_only=request.complete_only)))
    zone = index_zone(request.shape.zone, [bars.stored])
    sheet = lay_out_single(bars, request.shape, request.adjust, zone)
    facts: dict[str, object] = {
        **series_facts(bars.stored, bars.partial),
        **frame_facts(zone, request.adjust, context.now()),
    }
    if failed:
        facts["failed"] = failed_facts(failed)
    return _with_facts(sheet, facts)


def read_symbols(context: Context, symbols: Iterable[str], request: BarsRequest) -> Sheet:
    """Return the bars of several symbols.

    :raises SymbolsError: when some of them cannot be had, and are not to be left out.
    :raises InvalidRequestError: when an argument is not understood.
    """
    picks = pick_series(symbols, request.source, request.interval, request.options)
    return read_many(
        context, {label: within(source, request) for label, source in picks.bars.items()}, request, picks.failed
    )


def read_many(
    context: Context, picks: Mapping[str, PickedBars], request: BarsRequest, failed: Mapping[str, Sentence]
) -> Sheet:
    """Return the bars of several series by their labels.

    :param failed: why others are not among them.
    :raises SymbolsError: when there are such, and they are not to be left out.
    :raises InvalidRequestError: when an argument is not understood.
    """
    parse_adjust(request.adjust)
    shape = request.shape
    if failed and not shape.keeps_partial:
        raise SymbolsError(failed, len(set(picks) | set(failed)))
    bars = dict(zip(picks, _steady(lambda: _read(picks, request)), strict=True))
    zone = index_zone(shape.zone, [each.stored for each in bars.values()])
    if shape.field is not None:
        sheet = lay_out_wide(bars, shape.field, request.adjust, request.interval, zone)
    else:
        sheet = lay_out_long(bars, shape, request.adjust, request.interval, zone)
    facts: dict[str, object] = {"interval": request.interval.value, **frame_facts(zone, request.adjust, context.now())}
    facts |= {} if shape.field is None else {"field": shape.field}
    facts["series"] = {label: series_facts(each.stored, each.partial) for label, each in bars.items()}
    if failed:
        facts["failed"] = failed_facts(failed)
    return _with_facts(sheet, facts)


def _read(picks: Mapping[str, PickedBars], request: BarsRequest) -> list[BarColumns]:
    stored = request.shape.stored
    has_averages = stored is None or bool({"wap", "count"} & set(stored))
    opened = open_many(
        list(picks.values()), request.adjust, complete_only=request.complete_only, has_averages=has_averages
    )
    return columns_of_many(opened, stored)


def within(source: FoundBars, request: BarsRequest) -> PickedBars:
    """Return a series with the span of it that is asked for."""
    row, step = source.series, source.step
    return PickedBars(row, step, bars_span(row, request.start, request.end, step))


def _steady(read: Callable[[], _T]) -> _T:
    """Return what is read; a series that is re-based this very moment is on its new basis at the second reading."""
    try:
        return read()
    except SeriesChangedError:
        return read()


def _with_facts(sheet: Sheet, facts: Mapping[str, object]) -> Sheet:
    return dataclasses.replace(sheet, facts=facts)
