"""Many series opened for reading at once, as ``bars.open_bars`` opens each, by few statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.context import context
from webapp.database.transactions import reading
from webapp.kernel.intervals import Interval
from webapp.kernel.spans import Span
from webapp.reading import adjusting
from webapp.reading.adjustment_findings import describe_findings
from webapp.reading.bars import StoredBars, open_bars
from webapp.reading.rules_adjustment import Adjust
from webapp.reading.steadiness import Steadiness
from webapp.series import queries_many_series
from webapp.series.adjustment_records import AdjustmentRecords, preload
from webapp.series.queries_bar_pages import reader
from webapp.series.queries_series import SeriesRow


@dataclass(frozen=True, slots=True)
class PickedBars:
    """Bars that are to be read: those of a series that start in ``span``, and what they are merged to, if anything."""

    series: SeriesRow
    step: Interval | None
    span: Span


def open_many(
    picks: Sequence[PickedBars], adjust: str, *, complete_only: bool = False, has_averages: bool = True
) -> list[StoredBars]:
    """Open many series, each as ``open_bars`` does.

    :param has_averages: whether averages and counts of trades are needed; without, nobody looks which series has them.
    :raises InvalidRequestError: with the field ``adjust`` for an unknown adjustment.
    :raises NotFoundError: when one of them has just been deleted.
    :raises CalendarError: as ``open_bars``.
    """
    adjustment = adjusting.parse_adjust(adjust)
    plain = [pick for pick in picks if pick.step is None]
    with reading() as connection:
        shared = _read_shared(connection, [pick.series for pick in plain], adjustment, has_averages=has_averages)
        opened = iter([_open_plain(connection, pick, adjustment, shared) for pick in plain])
    return [
        next(opened)
        if pick.step is None
        else open_bars(pick.series.id, adjust, pick.span, pick.step, complete_only=complete_only)
        for pick in picks
    ]


@dataclass(frozen=True, slots=True)
class _Shared:
    """What was read of all series at once. ``records`` are those of daily ones."""

    records: AdjustmentRecords
    rebasings: dict[int, int]
    averaged: set[int]
    doubtful: set[int]
    """The instruments whose payouts the source's own prices contradict."""


def _read_shared(connection: Connection, rows: Sequence[SeriesRow], adjust: Adjust, *, has_averages: bool) -> _Shared:
    ids = {row.id for row in rows}
    daily = [row for row in rows if row.interval is Interval.D1]
    return _Shared(
        records=preload(connection, daily, has_payouts=adjust is Adjust.ALL),
        rebasings=queries_many_series.count_rebasings(connection, ids),
        averaged=queries_many_series.with_averages(connection, ids) if has_averages else set(),
        doubtful=queries_many_series.instruments_with_findings(connection) if adjust is Adjust.ALL else set(),
    )


def _open_plain(connection: Connection, pick: PickedBars, adjust: Adjust, shared: _Shared) -> StoredBars:
    row = pick.series
    records = shared.records if row.interval is Interval.D1 else None
    factors = adjusting.adjustment_of(connection, row, adjust, records=records)
    findings = describe_findings(connection, row, adjust) if row.instrument_id in shared.doubtful else ()
    steady = Steadiness(row.id, shared.rebasings.get(row.id, 0), reader(), context().now)
    has_wap = row.id in shared.averaged
    return StoredBars(row, factors, has_wap, pick.span, steady, factors.omitted, findings=findings)


def check_many(opened: Iterable[StoredBars]) -> None:
    """Make sure that all that was read of each series by now belongs together (``Steadiness.check``).

    :raises SeriesChangedError: when it does not, of one of them.
    """
    steady = {stored.series.id: stored.steadiness for stored in opened if stored.derived is None}
    with reading() as connection:
        rebasings = queries_many_series.count_rebasings(connection, steady)
        there = queries_many_series.existing(connection, steady)
    for series_id, each in steady.items():
        if series_id not in there or rebasings.get(series_id, 0) != each.rebasings:
            each.check()
