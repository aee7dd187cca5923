"""Flagging suspicious bars where they are written, in the transaction that writes them (docs/data.md#suspicious-bars).

Whoever writes bars that a person may doubt calls ``sift`` first and writes what it returns: a bar that somebody has
excluded stays out as long as it comes with the same values. The rules stand in ``flagging.rules_suspicion``.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection

from webapp.catalogue.counterparts import same_instrument
from webapp.flagging import queries_flagged_bars, queries_flags
from webapp.flagging.queries_flags import FlagRow, NewFlag
from webapp.flagging.rules_explained import by_actions
from webapp.flagging.rules_leaps import LONGEST_SPIKE, Leap
from webapp.flagging.rules_suspicion import Reply, Rule, is_same, suspicions
from webapp.kernel.bars import Action, Bar
from webapp.kernel.flag_states import FlagState
from webapp.kernel.spans import Span
from webapp.reading.adjusting import zone_of
from webapp.series import queries_actions
from webapp.series.queries_series import SeriesRow

_HISTORY = 60
_LOOK_AHEAD = LONGEST_SPIKE + 1


@dataclass(frozen=True, slots=True)
class Delivery:
    """Bars that are about to be written, ascending, and the span that was asked for.

    ``told`` are the actions that came with them; ``job_id`` is None when no job brought them.
    """

    row: SeriesRow
    bars: Sequence[Bar]
    span: Span
    told: Sequence[Action] = ()
    job_id: int | None = None


@dataclass(frozen=True, slots=True)
class Sifted:
    """The bars to write, and how many were flagged now."""

    bars: Sequence[Bar]
    flagged: int


def sift(connection: Connection, delivery: Delivery, now: dt.datetime) -> Sifted:
    """Flag what looks wrong, settle what does no more, and return the bars to write.

    A bar with the values that it was flagged with before is left as it was decided; with others it is judged anew.
    """
    around = _around(connection, delivery)
    known = queries_flags.read(connection, delivery.row.id, around.frame)
    kept = [bar for bar in delivery.bars if not _stays_out(bar, known.get(bar[0]))] if known else delivery.bars
    found = _suspicious(connection, delivery, around, kept)
    if not found and not known:
        return Sifted(kept, 0)
    several = [bar for bar in (*around.before, *kept, *around.after) if bar[0] in found]
    new = [NewFlag(bar, found[bar[0]], delivery.job_id) for bar in several if not _is_known(bar, known.get(bar[0]))]
    queries_flags.raise_flags(connection, delivery.row.id, new, now)
    _settle(connection, known, delivery, found, now)
    return Sifted(kept, len(new))


@dataclass(frozen=True, slots=True)
class _Around:
    """Stored bars on both sides of what was delivered, and the frame of all flags that may concern them."""

    before: Sequence[Bar]
    after: Sequence[Bar]
    frame: Span


def _around(connection: Connection, delivery: Delivery) -> _Around:
    row, several, span = delivery.row, delivery.bars, delivery.span
    if not several:
        return _Around((), (), span)
    first, last = several[0][0], several[-1][0]
    is_after = row.first_bar is not None and row.first_bar < first
    is_before = row.last_bar is not None and row.last_bar > last
    before = queries_flagged_bars.before(connection, row.id, first, _HISTORY) if is_after else []
    after = queries_flagged_bars.after(connection, row.id, last, _LOOK_AHEAD) if is_before else []
    times = [span.start, span.end - 1, first, last, *(bar[0] for bar in (*before, *after))]
    return _Around(before, after, Span(min(times), max(times) + 1))


def _stays_out(bar: Bar, flag: FlagRow | None) -> bool:
    return flag is not None and flag.state is FlagState.EXCLUDED and is_same(flag.bar, bar)


def _is_known(bar: Bar, flag: FlagRow | None) -> bool:
    return flag is not None and flag.state is not FlagState.SETTLED and is_same(flag.bar, bar)


def _suspicious(
    connection: Connection, delivery: Delivery, around: _Around, kept: Sequence[Bar]
) -> Mapping[int, tuple[Rule, ...]]:
    """Return what looks wrong of the bars to write, and of their nearest neighbours, which they may cast doubt on."""
    if not kept:
        return {}
    known = _Known(connection, delivery)
    found = suspicions([*around.before, *kept, *around.after], delivery.row.interval, known.explains)
    if not found:
        return found
    first = (*around.before[-LONGEST_SPIKE:], kept[0])[0][0]
    last = (kept[-1], *around.after[:1])[-1][0]
    return {time: rules for time, rules in found.items() if first <= time <= last}


class _Known:
    """What may explain a leap; read when a leap asks, since most chunks have none."""

    def __init__(self, connection: Connection, delivery: Delivery) -> None:
        self._connection = connection
        self._row = delivery.row
        self._told = delivery.told

    def explains(self, leap: Leap) -> bool:
        """Tell whether an action, or the same leap at another source, explains a leap."""
        return by_actions(leap, self._actions, self._row.interval, zone_of(self._row)) or self._is_seen_elsewhere(leap)

    @cached_property
    def _actions(self) -> list[Action]:
        stored = queries_actions.read(self._connection, self._row.instrument_id)
        return list({(one.kind, one.time): one for one in (*stored, *self._told)}.values())

    @cached_property
    def _elsewhere(self) -> list[int]:
        return [one.id for one in same_instrument(self._connection, self._row)]

    def _is_seen_elsewhere(self, leap: Leap) -> bool:
        if not self._elsewhere:
            return False
        one = queries_flagged_bars.closes(self._connection, self._elsewhere, leap.before)
        other = queries_flagged_bars.closes(self._connection, self._elsewhere, leap.at)
        moves = [math.log(other[it] / one[it]) for it in one if it in other and one[it] > 0 and other[it] > 0]
        return any(abs(leap.move - move) <= leap.limit for move in moves)


def _settle(
    connection: Connection,
    known: Mapping[int, FlagRow],
    delivery: Delivery,
    found: Iterable[int],
    now: dt.datetime,
) -> None:
    """Write down what the delivered bars say of flags that there were already."""
    delivered = {bar[0]: bar for bar in delivery.bars}
    suspicious = set(found)
    for time, flag in known.items():
        bar = delivered.get(time)
        if bar is None or is_same(flag.bar, bar):
            _answered(connection, flag, delivery.span, bar)
        elif time not in suspicious and flag.state is not FlagState.SETTLED:
            came = list(bar[1:6])
            queries_flags.move(connection, flag, [flag.state], state=FlagState.SETTLED.value, came=came, decided_at=now)


def _answered(connection: Connection, flag: FlagRow, asked: Span, bar: Bar | None) -> None:
    """Note that asking again has changed nothing: the same values came, or no bar at all."""
    if flag.state is FlagState.ASKED and (bar is not None or asked.start <= flag.time < asked.end):
        reply = Reply.NOTHING if bar is None else Reply.SAME
        queries_flags.move(connection, flag, [FlagState.ASKED], state=FlagState.OPEN.value, answer=reply.value)
