"""Many ascending rows and an adjustment: cut where the factors change, so that what is in between is done at once."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, TypeVar

from webapp.kernel.bars import ShortBar
from webapp.reading.rules_adjustment import Adjustment

Row = TypeVar("Row", bound=tuple[Any, ...])


def parts(rows: list[Row], factors: Adjustment) -> Iterator[tuple[list[Row], float, float]]:
    """Yield ascending rows, whose times come first, with the factors of their prices and of their volume."""
    first = 0
    for place, (price, volume) in enumerate(zip(factors.prices, factors.volumes, strict=True)):
        is_last = place == len(factors.edges)
        end = len(rows) if is_last else bisect_left(rows, factors.edges[place], lo=first, key=lambda row: row[0])
        if first < end:
            yield rows[first:end], price, volume
        first = end


def scale(bars: list[ShortBar], price: float, volume: float) -> list[ShortBar]:
    """Return bars with their prices and volumes multiplied; a whole volume stays whole."""
    if volume == 1.0:
        return [(t, o * price, h * price, lo * price, c * price, v) for t, o, h, lo, c, v in bars]
    return [(t, o * price, h * price, lo * price, c * price, scale_volume(v, volume)) for t, o, h, lo, c, v in bars]


def scale_volume(traded: float, volume: float) -> float:
    """Return a volume multiplied; a whole one stays whole, as traded shares were."""
    return float(round(traded * volume)) if traded.is_integer() else traded * volume
