"""Flagging suspicious bars where they are written, in the transaction that writes them (docs/data.md#suspicious-bars).

Whoever writes bars that a person may doubt calls ``flag_suspicious`` first and writes what it returns: a bar that
somebody has excluded stays out as long as it comes with the same values. Here is what is read and written; what looks
wrong is decided in ``rules_suspicion``, and what becomes of flags in ``rules_screening``.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection

from webapp.catalogue.counterparts import same_instrument
from webapp.flagging import queries_flagged_bars, queries_flags
from webapp.flagging.rules_explained import by_actions
from webapp.flagging.rules_leaps import LONGEST_SPIKE, Leap
from webapp.flagging.rules_screening import (
    FlagChanges,
    IncomingBars,
    Neighbours,
    add_incomplete,
    find_excluded,
    find_suspicions,
    plan_changes,
)
from webapp.kernel.bars import SPLIT, Action, Bar
from webapp.kernel.flag_states import FlagState
from webapp.kernel.spans import Span
from webapp.reading.adjusting import zone_of
from webapp.reading.payouts import convert_payouts
from webapp.series import queries_actions, queries_split_waits
from webapp.series.queries_split_waits import SplitWaitRow

_HISTORY = 60
_LOOK_AHEAD = LONGEST_SPIKE + 1


@dataclass(frozen=True, slots=True)
class ScreenedBars:
    """The bars to write, and how many were flagged now."""

    bars: Sequence[Bar]
    flagged: int


def flag_suspicious(connection: Connection, incoming: IncomingBars, now: dt.datetime) -> ScreenedBars:
    """Flag what looks wrong, resolve the flags of what does no more, and return the bars to write."""
    neighbours = load_neighbours(connection, incoming)
    exclude = find_excluded(incoming.bars, neighbours.flags)
    bars = [bar for bar in incoming.bars if bar[0] not in exclude] if exclude else incoming.bars
    explanations = _Explanations(connection, incoming)
    broken = find_suspicions(bars, neighbours, incoming.row.interval, explanations.explain)
    suspicions = add_incomplete(broken, incoming.incomplete)
    changes = plan_changes(incoming, neighbours, exclude, suspicions)
    _write_changes(connection, incoming.row.id, changes, now)
    return ScreenedBars(bars, len(changes.raise_))


def load_neighbours(connection: Connection, incoming: IncomingBars) -> Neighbours:
    """Return what is stored on both sides of incoming bars, with the flags in all of that time."""
    row, bars, span = incoming.row, incoming.bars, incoming.span
    if not bars:
        return Neighbours(flags=queries_flags.read(connection, row.id, span))
    first, last = bars[0][0], bars[-1][0]
    is_after = row.first_bar is not None and row.first_bar < first
    is_before = row.last_bar is not None and row.last_bar > last
    before = queries_flagged_bars.before(connection, row.id, first, _HISTORY) if is_after else []
    after = queries_flagged_bars.after(connection, row.id, last, _LOOK_AHEAD) if is_before else []
    times = [span.start, span.end - 1, first, last, *(bar[0] for bar in (*before, *after))]
    return Neighbours(before, after, queries_flags.read(connection, row.id, Span(min(times), max(times) + 1)))


class _Explanations:
    """What may explain a leap; read when a leap asks, since most chunks have none."""

    def __init__(self, connection: Connection, incoming: IncomingBars) -> None:
        self._connection = connection
        self._row = incoming.row
        self._delivered = incoming.actions

    def explain(self, leap: Leap) -> bool:
        """Tell whether an action, or the same leap at another source, explains a leap.

        Bars stand on one basis: a leap of a split's size is none that the split explains, unless the series is known to
        wait for it; nor is it excused by another source that has not moved its history, either.
        """
        interval, zone = self._row.interval, zone_of(self._row)
        waiting = {wait.split.time for wait in self._waits}
        plain = [action for action in self._actions if action.kind != SPLIT or action.time in waiting]
        if by_actions(leap, plain, interval, zone):
            return True
        return not by_actions(leap, self._actions, interval, zone) and self._is_seen_elsewhere(leap)

    @cached_property
    def _waits(self) -> list[SplitWaitRow]:
        return queries_split_waits.read(self._connection, self._row.id)

    @cached_property
    def _actions(self) -> list[Action]:
        stored = queries_actions.read(self._connection, self._row.instrument_id)
        latest = {(action.kind, action.time): action for action in (*stored, *self._delivered)}
        return convert_payouts(self._connection, self._row, latest.values())

    @cached_property
    def _counterparts(self) -> list[int]:
        return [series.id for series in same_instrument(self._connection, self._row)]

    def _is_seen_elsewhere(self, leap: Leap) -> bool:
        if not self._counterparts:
            return False
        before = queries_flagged_bars.closes(self._connection, self._counterparts, leap.before)
        after = queries_flagged_bars.closes(self._connection, self._counterparts, leap.at)
        both = [(before[series], after[series]) for series in before.keys() & after.keys()]
        moves = [math.log(new / old) for old, new in both if old > 0 and new > 0]
        return any(abs(leap.move - move) <= leap.limit for move in moves)


def _write_changes(connection: Connection, series_id: int, changes: FlagChanges, now: dt.datetime) -> None:
    """Write what becomes of flags; a flag that is raised anew by this is moved by nothing else."""
    queries_flags.raise_flags(connection, series_id, changes.raise_, now)
    for flag, bar in changes.resolve:
        values = list(bar[1:6])
        queries_flags.move(connection, flag, [flag.state], state=FlagState.SETTLED.value, came=values, decided_at=now)
    for flag, reply in changes.answered:
        queries_flags.move(connection, flag, [FlagState.ASKED], state=FlagState.OPEN.value, answer=reply.value)
