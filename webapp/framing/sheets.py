"""Bars laid out as a sheet, and a sheet as an Arrow table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from webapp.exporting.rules_exports import UTC
from webapp.framing.bar_columns import Flags, Numbers
from webapp.kernel.closing import local_instant
from webapp.reading.queries_packed_bars import Times, Values

FlagRows = np.ndarray[tuple[int, int], np.dtype[np.bool_]]
FACTS = "moisson"
"""Where an Arrow schema's metadata has what is said of the figures, as JSON."""
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class SymbolLevel:
    """Whose bars rows are, in a long frame: a place in ``labels`` for each row."""

    labels: tuple[str, ...]
    places: Times


@dataclass(frozen=True, slots=True)
class Sheet:
    """Bars laid out: their starts (epoch seconds) and a row of ``values`` for each of ``names``.

    ``extra`` are further columns; ``order`` are all names in the order of the frame, where it is another one.
    """

    times: Times
    names: tuple[str, ...]
    values: Values | FlagRows
    is_dated: bool
    zone: str = UTC
    extra: Mapping[str, Numbers | Flags] = field(default_factory=dict)
    order: tuple[str, ...] | None = None
    symbols: SymbolLevel | None = None
    axis: str | None = None
    """What the columns are, of a wide frame."""
    facts: Mapping[str, object] = field(default_factory=dict)


def arrow_table(sheet: Sheet) -> pa.Table:
    """Return bars as columns: symbols in a long sheet, then ``time``, then numbers; what is unknown is null."""
    columns: dict[str, Any] = {}
    if sheet.symbols is not None:
        places = pa.array(sheet.symbols.places, pa.int32())
        labels = pa.array(sheet.symbols.labels, pa.string())
        columns["symbol"] = pa.DictionaryArray.from_arrays(places, labels).cast(pa.string())
    columns["time"] = arrow_times(sheet.times, sheet.zone, is_dated=sheet.is_dated)
    numbers: dict[str, Any] = {**dict(zip(sheet.names, sheet.values, strict=True)), **sheet.extra}
    for name in sheet.order or numbers:
        columns[name] = arrow_numbers(numbers[name])
    return pa.table(columns, metadata=metadata_of(sheet.facts))


def arrow_times(times: Times, zone: str, *, is_dated: bool) -> pa.Array:
    """Return starts as times of a zone; dates are midnights there, or the first moment of a day that has none."""
    starts = times
    if is_dated and zone != UTC:
        dates, places = np.unique(times, return_inverse=True)
        local = ZoneInfo(zone)
        starts = np.array([local_instant(int(date), 0, local) for date in dates], np.int64)[places]
    return pa.array(starts * _MICROSECONDS, pa.timestamp("us", tz=zone))


def arrow_numbers(column: Numbers | Flags) -> pa.Array:
    """Return a column; what is NaN is null."""
    numbers = np.ascontiguousarray(column)
    if not np.isnan(numbers).any():  # PyArrow's own look at each number takes ten times as long
        return pa.array(numbers)
    return pa.array(numbers, from_pandas=True)


def metadata_of(facts: Mapping[str, object]) -> dict[str, str] | None:
    """Return what a schema says of its figures, or None when there is nothing to say."""
    return {FACTS: json.dumps(facts)} if facts else None
