"""Splits that a source brings its history to late: a series waits for the new basis, and its seam is flagged meanwhile.

From the ex-date on such a source delivers new prices beside old ones, and nothing in the last few bars shows it. So it
is kept which splits the bars before their ex-date do not contain; each update asks for a few of these bars again
(``restatement.find_seam_spans``), until both sides agree, however long that takes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.errors import Sentence, sentence
from webapp.flagging import queries_flags
from webapp.flagging.queries_flags import NewFlag
from webapp.flagging.rules_suspicion import UNDECIDED, SuspicionRule
from webapp.jobs import queries_events
from webapp.kernel.bars import SPLIT, Action, Bar
from webapp.kernel.flag_states import FlagState
from webapp.kernel.instants import datetime_of
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span
from webapp.reading.adjusting import zone_of
from webapp.reading.rules_adjustment import first_ex_bar
from webapp.restating.rebasing import RebaseContext
from webapp.restating.rules_seams import Move, is_brought_together, is_leap_of
from webapp.series import (
    queries_actions,
    queries_bar_pages,
    queries_bars,
    queries_rebasing,
    queries_series,
    queries_split_waits,
)
from webapp.series.queries_series import SeriesRow
from webapp.series.rules_split_basis import came_to_pass, pending

_HOLE = 10 * DAY
"""Over a longer hole nobody can tell a split from what happened meanwhile."""


@dataclass(frozen=True, slots=True)
class Seam:
    """The close before a split's ex-date, and the first bar from it on."""

    close: float
    after: Bar


def close_waits(context: RebaseContext, row: SeriesRow, moves: Sequence[Move]) -> None:
    """Let a series wait no longer for splits whose two sides agree by now, or that are no longer told.

    :param moves: how its bars were moved just now.
    """
    connection = context.connection
    waits = queries_split_waits.read(connection, row.id)
    splits = {split.time for split in _read_splits(context, row)} if waits else frozenset()
    for wait in waits:
        if _is_over(connection, row, wait.split, moves):
            queries_split_waits.remove(connection, row.id, wait.split.time)
            _settle_flag(context, row, wait.split)
            message = _describe_end(row, wait.split)
            queries_events.append_event(connection, context.claim, "split_wait", context.now, message)
        elif wait.split.time not in splits:  # whatever the leap is, it is not this split's: its flag stays
            queries_split_waits.remove(connection, row.id, wait.split.time)


def close_ended_waits(context: RebaseContext) -> None:
    """Let all series of the instrument wait no longer for a split that was withdrawn, or whose two sides agree."""
    for series_id in queries_split_waits.waiting(context.connection, context.row.instrument_id):
        row = queries_series.get(context.connection, series_id)
        if row is not None:
            close_waits(context, row, ())


def find_disproved(context: RebaseContext, row: SeriesRow, unmoved: frozenset[int]) -> tuple[Action, ...]:
    """Return the splits that prices on neither side of their ex-date show.

    A split that the series waits for, or whose seam leaps, is none of them: its source is late with it.

    :param unmoved: the ex-dates of splits that the source has been seen not to have moved its history for.
    """
    connection = context.connection
    if not unmoved:
        return ()
    waiting = {wait.split.time for wait in queries_split_waits.read(connection, row.id)}
    return tuple(
        split
        for split in _read_splits(context, row)
        if split.time in unmoved - waiting and not _find_leaping_seam(connection, row, split, is_unmoved=True)
    )


def _is_over(connection: Connection, row: SeriesRow, split: Action, moves: Sequence[Move]) -> bool:
    """Tell whether both sides of a split's ex-date agree by now."""
    if is_brought_together(split.value, first_ex_bar(split.time, row.interval, zone_of(row)), moves):
        return True
    seam = find_seam(connection, row, split)
    return seam is not None and not is_leap_of(split.value, seam.close, seam.after[4], is_unmoved=True)


def open_waits(context: RebaseContext, row: SeriesRow, written: Span, unmoved: Collection[int]) -> None:
    """Let a series wait for the splits that its source is late with, as far as bars near those just written show it.

    Prices leap at the seam, or there is no bar after it yet and the source has been seen not to have moved. The other
    series of the instrument that were not written since wait as well: the source is as late with them.

    :param unmoved: the ex-dates of splits that the source has been seen not to have moved its history for.
    """
    waiting = {wait.split.time for wait in queries_split_waits.read(context.connection, row.id)}
    for split in _read_splits(context, row):
        edge = first_ex_bar(split.time, row.interval, zone_of(row))
        if not written.start - _HOLE <= edge <= written.end + _HOLE:
            continue
        is_unmoved = split.time in unmoved or split.time in waiting
        seam = _find_leaping_seam(context.connection, row, split, is_unmoved=is_unmoved)
        is_last = not queries_bars.first_times(context.connection, row.id, edge, 1)
        if split.time not in waiting and (seam is not None or (is_unmoved and is_last)):
            _open_wait(context, row, split)
        if seam is not None:
            _flag_seam(context, row, seam.after)


def resume_waits(context: RebaseContext, ex_date: int) -> None:
    """Let the series of the instrument whose prices leap there wait for a split that was withdrawn and is told again.

    :param ex_date: the split's, however long ago.
    """
    connection = context.connection
    for row in (context.row, *queries_series.read_siblings(connection, context.row)):
        for split in _read_splits(context, row):
            seam = _find_leaping_seam(connection, row, split, is_unmoved=False) if split.time == ex_date else None
            if seam is not None:
                _open_wait(context, row, split)
                _flag_seam(context, row, seam.after)


def _find_leaping_seam(connection: Connection, row: SeriesRow, split: Action, *, is_unmoved: bool) -> Seam | None:
    """Return the seam of a split where prices leap by its size; None where they do not, or nobody can tell."""
    seam = find_seam(connection, row, split)
    if seam is None or not is_leap_of(split.value, seam.close, seam.after[4], is_unmoved=is_unmoved):
        return None
    return seam


def find_seam(connection: Connection, row: SeriesRow, split: Action) -> Seam | None:
    """Return the bars on both sides of a split's ex-date; None when not both are stored, or far from each other."""
    edge = first_ex_bar(split.time, row.interval, zone_of(row))
    longest = max(_HOLE, 3 * row.interval.seconds)
    before = queries_bar_pages.last_close(connection, row.id, edge)
    after = queries_bar_pages.page(connection, row.id, Span(edge, edge + longest), 1)
    if before is None or not after or edge - before[0] > longest:
        return None
    return Seam(before[1], after[0])


def _read_splits(context: RebaseContext, row: SeriesRow) -> list[Action]:
    """Return the splits of the instrument that have come to pass."""
    actions = queries_actions.read(context.connection, row.instrument_id)
    splits = (action for action in actions if action.kind == SPLIT and action.value not in (0.0, 1.0))
    return [split for split in splits if split.value > 0 and came_to_pass(split, zone_of(row)) <= context.now]


def _open_wait(context: RebaseContext, row: SeriesRow, split: Action) -> None:
    connection = context.connection
    queries_split_waits.add(connection, row.id, split, context.now)
    queries_events.append_event(connection, context.claim, "split_wait", context.now, describe_wait(row, split))
    for sibling in queries_series.read_siblings(connection, row):
        done = queries_rebasing.rebasings(connection, sibling.id)
        if pending([split], sibling.updated_at, done, zone_of(sibling)):
            queries_split_waits.add(connection, sibling.id, split, context.now)


def _flag_seam(context: RebaseContext, row: SeriesRow, bar: Bar) -> None:
    """Flag the first bar after a split, unless it is, or a person has decided about it."""
    flag = queries_flags.get(context.connection, row.id, bar[0])
    is_undecided = flag is None or flag.state in (*UNDECIDED, FlagState.SETTLED)
    is_flagged = flag is not None and SuspicionRule.SPLIT_SEAM in flag.rules and flag.state in UNDECIDED
    if is_undecided and not is_flagged:
        new = NewFlag(bar, (SuspicionRule.SPLIT_SEAM,), context.claim.job_id)
        queries_flags.raise_flags(context.connection, row.id, [new], context.now)


def _settle_flag(context: RebaseContext, row: SeriesRow, split: Action) -> None:
    """Settle the flag of a seam, if nobody has decided about it."""
    seam = find_seam(context.connection, row, split)
    flag = queries_flags.get(context.connection, row.id, seam.after[0]) if seam else None
    if seam is None or flag is None or SuspicionRule.SPLIT_SEAM not in flag.rules:
        return
    values = list(seam.after[1:6])
    queries_flags.move(
        context.connection, flag, UNDECIDED, state=FlagState.SETTLED.value, came=values, decided_at=context.now
    )


def describe_wait(row: SeriesRow, split: Action) -> Sentence:
    """Return what is said of a series that waits for a split."""
    return sentence(
        "The bars of %(symbol)s before the split of %(day)s (%(new)s for 1) are not on its basis yet. Each update asks "
        "for them again, until they are.",
        symbol=row.symbol,
        day=f"{datetime_of(split.time):%Y-%m-%d}",
        new=f"{split.value:.9g}",
    )


def _describe_end(row: SeriesRow, split: Action) -> Sentence:
    return sentence(
        "The bars of %(symbol)s on both sides of the split of %(day)s (%(new)s for 1) are on one basis now.",
        symbol=row.symbol,
        day=f"{datetime_of(split.time):%Y-%m-%d}",
        new=f"{split.value:.9g}",
    )
