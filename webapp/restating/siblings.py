"""The other series of an instrument that was re-based: divided as well where that is sure, or asked about at once.

All intervals of one source stand on one basis. Where a sibling's closes differ from those of the series that was
divided by just this ratio, it is still on the old one. A sibling that was not written since the split is read on
today's basis as it is, so its source can be asked first; so it is where nothing can be seen, and for series of other
sources with the same instrument.
"""

import datetime as dt
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from webapp.catalogue.counterparts import read_counterparts
from webapp.errors import Sentence, sentence
from webapp.kernel.closing import local_date_label, local_instant
from webapp.kernel.intervals import DAY, bar_end, period_start
from webapp.kernel.spans import EVER, Span
from webapp.reading.adjusting import missing_splits, zone_of
from webapp.reading.rules_adjustment import first_ex_bar
from webapp.restating.rebasing import RebaseContext, move_bars
from webapp.restating.restatement import read_segments
from webapp.restating.rules_seams import Move, Segment, classify_sibling
from webapp.restating.waiting import close_waits
from webapp.series import (
    queries_actions,
    queries_bar_pages,
    queries_bars,
    queries_rebasing,
    queries_series,
    queries_split_waits,
)
from webapp.series.queries_series import SeriesRow
from webapp.sources.choices import variant_of
from webapp.sources.registry import COLLECTING

_SAMPLED_DAYS = 35
_OLDEST_CLOSE = 7 * DAY
_RECENT = dt.timedelta(days=10)
_SAME_FACTOR = 1e-2


def rebase_siblings(context: RebaseContext, row: SeriesRow, move: Move) -> list[SeriesRow]:
    """Divide what else of the instrument its source has moved; return the series whose source must be asked for that.

    :param move: how bars of ``row`` were divided just now.
    """
    unsure: list[SeriesRow] = []
    for sibling in queries_series.read_siblings(context.connection, row):
        if not variant_of(sibling.source, sibling.variant).has_prices:
            continue
        if _is_pending(context.connection, sibling, move):
            unsure.append(sibling)
            continue
        queries_series.lock_for_write(context.connection, sibling.id)
        segment = _find_segment(context.connection, move, sibling)
        is_behind = classify_sibling(move.ratio, _quotients(context.connection, sibling, row, segment))
        if is_behind:
            same_move = replace(move, segment=segment)
            move_bars(context, sibling, same_move, partial(_describe, sibling, move))
            close_waits(context, sibling, [same_move])
        elif is_behind is None:
            unsure.append(sibling)
    elsewhere = (series for series in read_counterparts(context.connection, row) if series.source in COLLECTING)
    return [series for series in (*unsure, *elsewhere) if not _is_done(context, series, move.ratio)]


def _is_pending(connection: Connection, sibling: SeriesRow, move: Move) -> bool:
    """Tell whether reading applies a move's split to a sibling, which was not written since."""
    actions = queries_actions.read(connection, sibling.instrument_id)
    missing = {split.time for split in missing_splits(connection, sibling, actions)}
    waiting = {wait.split.time for wait in queries_split_waits.read(connection, sibling.id)}
    return move.split in missing - waiting


def _find_segment(connection: Connection, move: Move, sibling: SeriesRow) -> Segment:
    """Return the bars of a sibling that a move is about: those before a split it waits for, or of the same time."""
    waiting = (segment for segment in read_segments(connection, sibling) if segment.days.end == move.split)
    return next(waiting, _project(move.segment, sibling))


def _project(segment: Segment, sibling: SeriesRow) -> Segment:
    """Return the bars of a sibling in the time of a segment."""
    start, end = (
        day if day in (EVER.start, EVER.end) else first_ex_bar(day, sibling.interval, zone_of(sibling))
        for day in (segment.days.start, segment.days.end)
    )
    return Segment(Span(start, end), segment.days)


def _quotients(connection: Connection, sibling: SeriesRow, row: SeriesRow, segment: Segment) -> list[float]:
    """Return a sibling's closes over those of a series at the ends of some days, the last ones that both have."""
    ends = [
        queries_bars.last_times(connection, each.id, span.end, 1)
        for each, span in ((sibling, segment.bars), (row, _project(segment, row).bars))
    ]
    if not all(ends):
        return []
    last_day = min(
        bar_end(time, each.interval) - DAY if each.interval.is_dated else local_date_label(time, zone_of(each))
        for each, [time] in zip((sibling, row), ends, strict=True)
    )
    days = [last_day - count * DAY for count in range(_SAMPLED_DAYS)]
    both = [(close_at(connection, sibling, day), close_at(connection, row, day)) for day in days]
    return [ours / theirs for ours, theirs in both if ours is not None and theirs]


def close_at(connection: Connection, row: SeriesRow, day: int) -> float | None:
    """Return the close that a series has at the end of a day (label), or shortly before; a week's at its last day."""
    end = day + DAY
    if row.interval.is_dated and period_start(end, row.interval) != end:
        return None
    before = end if row.interval.is_dated else local_instant(end, 0, zone_of(row))
    last = queries_bar_pages.last_close(connection, row.id, before)
    if last is None or before - last[0] > max(_OLDEST_CLOSE, 2 * row.interval.seconds):
        return None
    return last[1]


def _is_done(context: RebaseContext, row: SeriesRow, ratio: float) -> bool:
    """Tell whether a series was re-based by a ratio lately."""
    done = queries_rebasing.rebasings(context.connection, row.id)
    return any(
        context.now - rebasing.at <= _RECENT and abs(rebasing.ratio / ratio - 1) <= _SAME_FACTOR for rebasing in done
    )


def _describe(sibling: SeriesRow, move: Move, rows: int) -> Sentence:
    return sentence(
        "%(bars)d stored bars of %(interval)s were divided by %(ratio)s, as another series of the same instrument was.",
        bars=rows,
        interval=sibling.interval.value,
        ratio=f"{move.ratio:.9g}",
    )
