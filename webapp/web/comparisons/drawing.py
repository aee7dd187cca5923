"""Where the ratio of two series' closes is drawn: numbers for a template that does none."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from webapp.reviewing.rules_comparisons import Factor, Point, SeriesComparison
from webapp.web.formats import day, price

WIDTH, HEIGHT = 960, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 68, 12, 12, 30
_DATES = 5
_LOGARITHMIC_FROM = 1.5
_LEVELS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_LINES = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A text on an axis with its place."""

    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a factor holds, from left to right."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class RatioDrawing:
    """The ratio over time as one line; ``band`` is where it is within what is tolerated, from its top down."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    plot_width: int
    plot_height: int
    path: str
    band: tuple[float, float]
    stretches: tuple[Stretch, ...]
    levels: tuple[Mark, ...]
    dates: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Axes:
    """From times and ratios to places."""

    first: int
    last: int
    low: float
    high: float
    bend: Callable[[float], float]

    def x(self, time: int) -> float:
        part = (time - self.first) / max(1, self.last - self.first)
        return round(_LEFT + part * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, ratio: float) -> float:
        bottom, top = self.bend(self.low), self.bend(self.high)
        part = (self.bend(min(max(ratio, self.low), self.high)) - bottom) / (top - bottom)
        return round(HEIGHT - _BOTTOM - part * (HEIGHT - _TOP - _BOTTOM), 1)


def draw(comparison: SeriesComparison, tolerance: float) -> RatioDrawing | None:
    """Return the drawing of a comparison; None when there is nothing to draw."""
    if not comparison.points:
        return None
    axes = _axes(comparison.points, tolerance)
    top, bottom = axes.y(1 + tolerance), axes.y(1 - tolerance)
    return RatioDrawing(
        width=WIDTH,
        height=HEIGHT,
        left=_LEFT,
        right=WIDTH - _RIGHT,
        top=_TOP,
        bottom=HEIGHT - _BOTTOM,
        plot_width=WIDTH - _LEFT - _RIGHT,
        plot_height=HEIGHT - _TOP - _BOTTOM,
        path=_path(comparison.points, axes),
        band=(top, max(1.0, bottom - top)),
        stretches=tuple(_stretch(factor, axes) for factor in comparison.factors),
        levels=tuple(Mark(price(round(level, 6)), axes.y(level)) for level in _levels(axes)),
        dates=tuple(_dates(axes)),
    )


def _axes(points: Sequence[Point], tolerance: float) -> _Axes:
    low = min(1 - 2 * tolerance, *(point.low for point in points))
    high = max(1 + 2 * tolerance, *(point.high for point in points))
    if low > 0 and high / low >= _LOGARITHMIC_FROM:
        return _Axes(points[0].time, points[-1].time, low / 1.1, high * 1.1, math.log)
    margin = (high - low) * 0.06
    return _Axes(points[0].time, points[-1].time, low - margin, high + margin, float)


def _path(points: Sequence[Point], axes: _Axes) -> str:
    places: list[str] = []
    for point in points:
        x = axes.x(point.time)
        places.append(f"{x} {axes.y(point.low)}")
        if point.high != point.low:
            places.append(f"{x} {axes.y(point.high)}")
    return f"M{'L'.join(places)}"


def _stretch(factor: Factor, axes: _Axes) -> Stretch:
    start, end = axes.x(factor.first), axes.x(factor.last)
    return Stretch(start, max(2.0, round(end - start, 1)))


def _levels(axes: _Axes) -> list[float]:
    """Return the ratios that get a line: usual factors on a logarithmic axis, else a few round numbers."""
    usual = [level for level in _LEVELS if axes.low <= level <= axes.high]
    if axes.bend is math.log and len(usual) > 1:
        return usual
    rough = (axes.high - axes.low) / _LINES
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * power for nice in _NICE if nice * power >= rough)
    first = math.ceil(axes.low / step)
    return [number * step for number in range(first, math.floor(axes.high / step) + 1)]


def _dates(axes: _Axes) -> list[Mark]:
    count = _DATES if axes.last > axes.first else 1
    times = [axes.first + (axes.last - axes.first) * index // max(1, count - 1) for index in range(count)]
    return [Mark(day(time), axes.x(time)) for time in times]
