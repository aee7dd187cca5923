"""A small chart around a suspicious bar: where candles stand, for a template that does no arithmetic."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from webapp.kernel.bars import Bar

_WIDTH, _HEIGHT = 372, 148
_PITCH = 12
_MARGIN = 14
_ROOM = 0.35
"""How much of the other bars' range is left free above and below; what lies beyond is drawn at the edge."""


@dataclass(frozen=True, slots=True)
class Candle:
    """A candle: its middle and left edge, its wick from ``top`` to ``bottom``, its body."""

    time: int
    x: float
    left: float
    top: float
    bottom: float
    body: float
    height: float
    is_up: bool
    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class PriceDrawing:
    """A chart: its size, its candles, the prices at both edges of what the other bars reach, and where these stand.

    ``beyond`` is 1 when the doubtful bar reaches beyond the upper edge, -1 at the lower one, 0 when it is inside;
    ``x`` is its middle.
    """

    width: int
    height: int
    candles: tuple[Candle, ...]
    highest: float
    lowest: float
    y_highest: float
    y_lowest: float
    beyond: int
    x: float


def draw(bars: Sequence[Bar], doubtful: int, listed: Collection[int] = ()) -> PriceDrawing:
    """Draw ascending bars, of which the one that starts at ``doubtful`` is marked.

    The scale is that of the others, without those that are ``listed`` as well, so that a bar a hundred times too large
    does not press them flat.
    """
    others = [bar for bar in bars if bar[0] != doubtful and bar[0] not in listed] or list(bars)
    lowest, highest = min(min(bar[1:5]) for bar in others), max(max(bar[1:5]) for bar in others)
    room = _ROOM * ((highest - lowest) or abs(highest) * 0.01 or 1.0)
    scale = _Scale(lowest - room, highest + room)
    first = (_WIDTH - _PITCH * len(bars)) / 2 + _PITCH / 2
    candles = tuple(
        _candle(bar, first + place * _PITCH, scale, is_doubtful=bar[0] == doubtful) for place, bar in enumerate(bars)
    )
    marked = next(bar for bar in bars if bar[0] == doubtful)
    return PriceDrawing(
        width=_WIDTH,
        height=_HEIGHT,
        candles=candles,
        highest=highest,
        lowest=lowest,
        y_highest=scale.y(highest),
        y_lowest=scale.y(lowest),
        beyond=scale.beyond(marked),
        x=next(candle.x for candle in candles if candle.is_doubtful),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float

    def y(self, price: float) -> float:
        """Return where a price stands; beyond the scale, at its edge."""
        inside = min(max(price, self.low), self.high)
        return round(_MARGIN + (self.high - inside) / (self.high - self.low) * (_HEIGHT - 2 * _MARGIN), 1)

    def beyond(self, bar: Bar) -> int:
        """Tell at which edge a bar leaves the scale."""
        return int(max(bar[1:5]) > self.high) or -int(min(bar[1:5]) < self.low)


def _candle(bar: Bar, x: float, scale: _Scale, *, is_doubtful: bool) -> Candle:
    time, opening, high, low, close, *_ = bar
    top, bottom = sorted((scale.y(opening), scale.y(close)))
    ends = scale.y(high), scale.y(low)
    return Candle(
        time=time,
        x=x,
        left=x - 4,
        top=min(ends),
        bottom=max(ends),
        body=top,
        height=max(1.0, round(bottom - top, 1)),
        is_up=close >= opening,
        is_doubtful=is_doubtful,
    )
