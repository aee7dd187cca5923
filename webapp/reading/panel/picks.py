"""Finding many series by what people call them, by one statement; each as ``lookup.find_bars`` would find it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webapp.database.transactions import reading
from webapp.errors import NotFoundError, Sentence
from webapp.kernel.intervals import Interval
from webapp.reading.lookup import FoundBars, bars_of, find_bars
from webapp.reading.series_names import DEFAULT_SOURCE, SeriesName, possible_names
from webapp.series import queries_many_series
from webapp.series.queries_series import SeriesRow


@dataclass(frozen=True, slots=True)
class Picks:
    """The series of symbols, by their labels in the order asked; and why others have none."""

    bars: Mapping[str, FoundBars]
    failed: Mapping[str, Sentence]


def pick_series(symbols: Iterable[str], source: str | None, interval: Interval, options: dict[str, str]) -> Picks:
    """Return the series of symbols that hold bars of an interval, or the ones that they can be made of.

    A series' label is its symbol as its source writes it, where that differs from what was typed by its case alone;
    else what was typed.

    :raises InvalidRequestError: as ``find_bars``: for what is wrong whichever symbol it is.
    """
    names = {symbol.strip(): possible_names(symbol, source, interval, options) for symbol in symbols}
    stored = _read_stored(names.values())
    bars: dict[str, FoundBars] = {}
    failed: dict[str, Sentence] = {}
    for typed, possible in names.items():
        try:
            picked = _pick(possible, interval, stored) or find_bars(typed, source, interval, options)
        except NotFoundError as err:
            failed[typed] = err.message
        else:
            bars[label_of(typed, picked.series.symbol)] = picked
    return Picks(bars, failed)


def label_of(typed: str, symbol: str) -> str:
    """Return what a series is called in a frame, of what was typed and its symbol at its source."""
    return symbol if symbol.upper() == typed.upper() else typed


_Stored = Mapping[tuple[str, str, Interval, str], SeriesRow]


def _read_stored(names: Iterable[tuple[SeriesName, ...]]) -> _Stored:
    """Return the series of all instruments that may be meant, by source, symbol, interval and variant."""
    instruments = dict.fromkeys((name.source, name.symbol) for possible in names for name in possible)
    with reading() as connection:
        rows = queries_many_series.read_series(connection, instruments)
    return {(row.source, row.symbol, row.interval, row.variant): row for row in rows}


def _pick(names: tuple[SeriesName, ...], interval: Interval, stored: _Stored) -> FoundBars | None:
    """Return the series that is meant, when it holds bars and no other may be meant; else it is looked for singly."""

    def find(name: SeriesName, step: Interval) -> SeriesRow | None:
        return stored.get((name.source, name.symbol, step, name.variant))

    matches = {name: match for name in names if (match := bars_of(name, interval, find)) and match.series.rows}
    if not matches:
        return None
    first = next(iter(matches))
    return matches[first] if len(matches) == 1 or first.source == DEFAULT_SOURCE else None
