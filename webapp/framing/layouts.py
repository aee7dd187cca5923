"""How bars of one series or of several are laid out: with their columns, wide, or long."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np

from webapp.errors import InvalidRequestError, sentence
from webapp.exporting.rules_exports import EXCHANGE, UTC
from webapp.exporting.zones import zone_named
from webapp.framing.action_columns import action_columns
from webapp.framing.arguments import ACTIONS, AVERAGES, PRICES, FrameShape
from webapp.framing.bar_columns import BarColumns, Flags, Numbers
from webapp.framing.session_rows import row_starts
from webapp.framing.sheets import FlagRows, Sheet, SymbolLevel
from webapp.kernel.intervals import Interval
from webapp.reading.bars import StoredBars
from webapp.reading.queries_packed_bars import Values


def index_zone(zone: str, opened: Sequence[StoredBars]) -> str:
    """Return the time zone of the index by its name; ``exchange`` is that of the series.

    :raises InvalidRequestError: with the field ``zone`` when there is none of this name, or the exchanges of several
        series have not the same one.
    """
    if zone != EXCHANGE:
        return zone_named(zone).key
    zones = sorted({stored.series.facts.timezone or UTC for stored in opened}) or [UTC]
    if len(zones) > 1:
        message = sentence("These symbols trade in several time zones: %(zones)s. Say which.", zones=", ".join(zones))
        raise InvalidRequestError({"zone": message})
    return ZoneInfo(zones[0]).key


def lay_out_single(bars: BarColumns, shape: FrameShape, adjust: str, zone: str) -> Sheet:
    """Return the bars of one series.

    :raises InvalidRequestError: with the field ``columns`` for one that the series has not got.
    """
    extra: dict[str, Numbers | Flags] = {} if bars.partial is None else {"partial": bars.partial}
    if shape.has_actions:
        extra |= action_columns([bars], adjust)[0]
    there = (*bars.names, *extra)
    if shape.columns is not None and (lacking := [name for name in shape.columns if name not in there]):
        message = sentence(
            "%(symbol)s has no column %(name)s here. It has: %(names)s.",
            symbol=bars.stored.series.symbol,
            name=lacking[0],
            names=", ".join(there),
        )
        raise InvalidRequestError({"columns": message})
    order = _order(shape, there)
    is_dated = bars.stored.interval.is_dated
    return Sheet(bars.times, bars.names, bars.values, is_dated, zone, extra, order)


def lay_out_wide(bars: Mapping[str, BarColumns], field: str, adjust: str, interval: Interval, zone: str) -> Sheet:
    """Return one column of each series side by side, with a row for each session; holes are NaN and never filled."""
    each = list(bars.values())
    starts = row_starts(each)
    actions = action_columns(each, adjust) if field in ACTIONS else []
    values: Values | FlagRows = np.full((len(each), len(starts)), np.nan)
    if field == "partial":
        values = np.zeros((len(each), len(starts)), np.bool_)
    for row, series in enumerate(each):
        place = np.searchsorted(starts, series.times)
        values[row, place] = actions[row][field] if actions else series.column(field)
    return Sheet(starts, tuple(bars), values, interval.is_dated, zone, axis="symbol")


def lay_out_long(
    bars: Mapping[str, BarColumns], shape: FrameShape, adjust: str, interval: Interval, zone: str
) -> Sheet:
    """Return the bars of each series one below the other; what a series has not got is NaN."""
    each = list(bars.values())
    has_averages = any(set(AVERAGES) & set(series.names) for series in each)
    has_partial = any(series.partial is not None for series in each)
    names = (*PRICES, *(AVERAGES if has_averages else ()))
    if shape.columns is not None:
        names = tuple(name for name in (*PRICES, *AVERAGES) if name in shape.columns)
    lengths = [len(series.times) for series in each]
    values = np.empty((len(names), sum(lengths)))
    for row, name in enumerate(names):
        np.concatenate([np.empty(0), *(series.column(name) for series in each)], out=values[row])
    extra: dict[str, Numbers | Flags] = {}
    if has_partial or "partial" in (shape.columns or ()):
        extra["partial"] = np.concatenate([np.empty(0, np.bool_), *(series.column("partial") for series in each)])
    if shape.has_actions:
        actions = action_columns(each, adjust)
        extra |= {name: np.concatenate([np.empty(0), *(own[name] for own in actions)]) for name in ACTIONS}
    times = np.concatenate([np.empty(0, np.int64), *(series.times for series in each)])
    symbols = SymbolLevel(tuple(bars), np.repeat(np.arange(len(each)), lengths))
    order = _order(shape, (*names, *extra))
    return Sheet(times, names, values, interval.is_dated, zone, extra, order, symbols)


def _order(shape: FrameShape, there: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of a frame's columns: the chosen ones with the actions that are asked for, or all there are."""
    if shape.columns is None:
        return there
    beside = ACTIONS if shape.actions else ()
    return tuple(dict.fromkeys((*shape.columns, *beside)))
