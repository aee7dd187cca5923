"""Minutes under sessions, seconds under minutes, and every longer interval added up from them.

A bar of an interval starts on the grid that its stretch of trading opens: a New York hour at 09:30, 10:30, …,
an hour before the opening at 04:00, 05:00, …. Tokyo's grid runs on through the lunch break.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from webapp.sandbox import noise
from webapp.sandbox.bridge import bridge
from webapp.sandbox.columns import Columns, Ticks, groups_of, joined
from webapp.sandbox.histories import History
from webapp.sandbox.noise import Floats, Ints

MINUTE = 60
BEFORE = 19_800
AFTER = 14_400
"""Seconds of trading before the opening and after the close: 04:00 to 20:00 in New York."""

_MINUTES, _BEFORE, _AFTER, _SECONDS, _DRIFT = 11, 12, 13, 14, 15


@dataclass(frozen=True, slots=True)
class Laid:
    """Short bars, and of each: where its stretch of trading opens and ends, its day's factor of splits."""

    bars: Ticks
    anchor: Ints
    end: Ints
    factor: Floats

    def part(self, chosen: slice | NDArray[np.bool_] | Ints) -> "Laid":
        """Return some of the bars."""
        return Laid(self.bars.part(chosen), self.anchor[chosen], self.end[chosen], self.factor[chosen])


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of trading on several days alike: one long bar a day and how it is divided."""

    history: History
    whole: Ticks
    open: Ints
    offsets: Ints
    stream: int

    def laid(self) -> Laid:
        """Lay minutes under the days."""
        count = len(self.offsets)
        days = self.history.sessions.day
        states = noise.seeds(noise.seed_of(self.history.listing.symbol), self.stream, days)
        bars = bridge(self.whole, states, self.open[:, None] + self.offsets)
        end = self.open + self.offsets[-1] + MINUTE
        factor = np.repeat(self.history.factor, count)
        return Laid(bars, np.repeat(self.open, count), np.repeat(end, count), factor)


def minutes(history: History, *, extended: bool = False) -> Laid:
    """Return the minutes of all sessions of a history; with ``extended``, those before and after them too."""
    stretches = list(_regular(history))
    if extended and history.listing.venue.extended:
        stretches += [_before(history), _after(history)]
    whole = one_after_another([stretch.laid() for stretch in stretches if len(stretch.open)])
    return whole.part(np.argsort(whole.bars.start, kind="stable"))


def seconds(history: History, laid: Laid) -> Laid:
    """Return the seconds of minutes, each minute being a stretch of its own."""
    seed = noise.seed_of(history.listing.symbol)
    starts = laid.bars.start
    bars = bridge(laid.bars, noise.seeds(seed, _SECONDS, starts), starts[:, None] + np.arange(MINUTE))
    anchor = np.repeat(starts, MINUTE)
    return Laid(bars, anchor, anchor + MINUTE, np.repeat(laid.factor, MINUTE))


def until(history: History, laid: Laid, now: float) -> Laid:
    """Return minutes as known at a moment: none to come, the running one as far as its seconds have begun."""
    begun = laid.part(laid.bars.start < now)
    if not len(begun.bars) or begun.bars.start[-1] + MINUTE <= now:
        return begun
    running = seconds(history, begun.part(slice(-1, None))).bars
    running = running.part(running.start < now)
    partial = running.merged(np.zeros(1, dtype=np.int64), running.start[:1])
    return Laid(begun.bars.replaced(-1, partial), begun.anchor, begun.end, begun.factor)


def added_up(laid: Laid, step: int) -> Laid:
    """Return bars of ``step`` seconds."""
    starts = laid.anchor + (laid.bars.start - laid.anchor) // step * step
    groups = groups_of(starts)
    merged = laid.part(groups)
    return Laid(laid.bars.merged(groups, starts[groups]), merged.anchor, merged.end, merged.factor)


def one_after_another(pieces: list[Laid]) -> Laid:
    """Return the bars of all pieces in the order of the pieces."""
    bars = zip(*(piece.bars.columns() for piece in pieces), strict=True)
    columns = [joined(column) for column in bars] or [joined([])] * 6
    return Laid(
        Columns(*columns),
        joined([piece.anchor for piece in pieces]),
        joined([piece.end for piece in pieces]),
        joined([piece.factor for piece in pieces]),
    )


def _regular(history: History) -> Iterator[_Stretch]:
    """Yield sessions of equal shape together: whole days, half days, days with a break."""
    sessions = history.sessions
    shapes = np.stack(
        (
            sessions.close - sessions.open,
            np.maximum(sessions.break_start - sessions.open, 0),
            np.maximum(sessions.break_end - sessions.open, 0),
        ),
        axis=1,
    )
    for shape in np.unique(shapes, axis=0):
        length, pause, resume = shape.tolist()
        offsets = np.arange(0, length, MINUTE)
        alike = history.part(np.flatnonzero((shapes == shape).all(axis=1)))
        traded = offsets[(offsets < pause) | (offsets >= resume)]
        yield _Stretch(alike, alike.daily, alike.sessions.open, traded, _MINUTES)


def _before(history: History) -> _Stretch:
    """Return the hours before the opening: from the last close to the open, in thin volume."""
    daily = history.daily
    whole = _thin(history, history.reference, daily.open)
    return _Stretch(history, whole, history.sessions.open - BEFORE, np.arange(0, BEFORE, MINUTE), _BEFORE)


def _after(history: History) -> _Stretch:
    """Return the hours after the close: away from it, in thin volume."""
    daily = history.daily
    seed = noise.seed_of(history.listing.symbol)
    drift = noise.triangular(noise.seeds(seed, _DRIFT, history.sessions.day)) * (daily.high - daily.low) / 4
    whole = _thin(history, daily.close, np.maximum(daily.close + np.rint(drift).astype(np.int64), 1))
    return _Stretch(history, whole, history.sessions.close, np.arange(0, AFTER, MINUTE), _AFTER)


def _thin(history: History, opening: Ints, closing: Ints) -> Ticks:
    daily = history.daily
    room = (daily.high - daily.low) // 10
    high = np.maximum(opening, closing) + room
    low = np.maximum(np.minimum(opening, closing) - room, 1)
    return Columns(daily.start, opening, high, low, closing, daily.volume // 50)
