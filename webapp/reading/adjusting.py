"""The adjustment of a stored series: the one place that charts, exports and notebooks get their factors from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import prod
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from webapp.context import context
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.bars import SPLIT, Action
from webapp.kernel.closing import local_date_label, local_instant
from webapp.kernel.intervals import DAY, Interval, bar_end
from webapp.reading import rules_adjustment
from webapp.reading.payouts import PayoutSelection, select_payouts
from webapp.reading.rules_adjustment import Adjust, Adjustment
from webapp.reading.rules_payouts import describe_omitted
from webapp.series import queries_actions, queries_rebasing, queries_series
from webapp.series.adjustment_records import AdjustmentRecords
from webapp.series.queries_series import SeriesRow
from webapp.series.rules_split_basis import came_to_pass, pending

_LONGEST_CLOSURE = 14 * DAY
"""So long an exchange may be closed: the last close before is the last price that was paid."""


NO_ADJUSTMENT = sentence("“%(text)s” is not an adjustment. Use none (as traded), splits or all (splits and dividends).")
"""What is said of a word that is none."""


def parse_adjust(adjust: str) -> Adjust:
    """Return which prices are meant by a word.

    :raises InvalidRequestError: with the field ``adjust`` for an unknown word.
    """
    try:
        return Adjust(adjust)
    except ValueError as err:
        message = Sentence(NO_ADJUSTMENT.text, {"text": adjust[:20]})
        raise InvalidRequestError({"adjust": message}) from err


def zone_of(row: SeriesRow) -> ZoneInfo:
    """Return the exchange's time zone; UTC while it is not known."""
    return ZoneInfo(row.facts.timezone or "UTC")


def adjustment_of(
    connection: Connection,
    row: SeriesRow,
    adjust: Adjust,
    actions: list[Action] | None = None,
    records: AdjustmentRecords | None = None,
) -> Adjustment:
    """Return the factors that the stored bars of a series need.

    :param actions: the instrument's actions, when the caller has read them already.
    :param records: what is on record of them, when the caller has that already, too.
    """
    zone = zone_of(row)
    records = records or AdjustmentRecords(connection)
    stored = records.read_actions(row) if actions is None else actions
    missing = missing_splits(connection, row, stored, records)
    due = _come_to_pass(missing, zone)
    effective = [action for action in stored if action in due or action not in missing]
    ours = _Stored(row, due, records.read_waiting(row) if due else frozenset())
    daily = _daily(connection, row, effective) if adjust is Adjust.ALL else None
    rows = [row, daily.row] if daily else [row]
    remainders: Mapping[int, float] = {}
    payouts = PayoutSelection()
    if adjust is Adjust.ALL:
        remainders = records.read_remainders(row)
        payouts = select_payouts(connection, rows, effective, zone, remainders)
    splits = [action for action in effective if action.kind == SPLIT]
    factors = rules_adjustment.make(
        adjust,
        [*splits, *payouts.applied],
        first_bar=lambda ex_date: rules_adjustment.first_ex_bar(ex_date, row.interval, zone),
        close_before=_Closes(records, ours, daily, remainders).before,
        pending=ours.missing,
        remainders=remainders,
    )
    return replace(factors, omitted=payouts.omitted)


def find_omitted(connection: Connection, row: SeriesRow) -> list[Sentence]:
    """Return what is said of the payouts that ``Adjust.ALL`` leaves out of a series' prices."""
    stored = queries_actions.read(connection, row.instrument_id)
    daily = _daily(connection, row, stored)
    rows = [row, daily.row] if daily else [row]
    remainders = queries_actions.remainders(connection, row.instrument_id)
    omitted = select_payouts(connection, rows, stored, zone_of(row), remainders).omitted
    return describe_omitted(row.symbol, row.facts.currency, omitted)


def count_due(connection: Connection, row: SeriesRow) -> int:
    """Return how many actions of the instrument hold by now: it changes with the time alone, on an ex-date."""
    today = local_date_label(int(context().now().timestamp()), zone_of(row))
    return queries_actions.count_until(connection, row.instrument_id, today)


def missing_splits(
    connection: Connection, row: SeriesRow, actions: Iterable[Action], records: AdjustmentRecords | None = None
) -> list[Action]:
    """Return those of the splits that the bars before their ex-date do not contain.

    They came (or come) to pass after the series was last written, or its source has not moved these bars yet.
    """
    splits = [action for action in actions if action.kind == SPLIT and action.value > 0]
    if not splits or not row.rows:
        return []
    missing = pending(splits, row.updated_at, (), zone_of(row))
    if missing:
        missing = pending(splits, row.updated_at, queries_rebasing.rebasings(connection, row.id), zone_of(row))
    waiting = (records or AdjustmentRecords(connection)).read_waiting(row)
    return [split for split in splits if split in missing or split.time in waiting]


def _come_to_pass(splits: Iterable[Action], zone: ZoneInfo) -> list[Action]:
    """Return the splits that hold by now: one that is only announced changes nothing that is read today."""
    now = context().now()
    return [split for split in splits if came_to_pass(split, zone) <= now]


@dataclass(frozen=True, slots=True)
class _Stored:
    """A series, with the splits that its bars do not contain yet; ``waiting`` are the ex-dates of those waited for."""

    row: SeriesRow
    missing: list[Action]
    waiting: frozenset[int]

    def close_before(self, records: AdjustmentRecords, before: int, ex_date: int) -> tuple[int, float] | None:
        """Return start and close of the last bar that starts before an instant, on the basis of a payout's amount.

        That is today's; but while a source has not moved its history for a split, it tells payouts with an ``ex_date``
        before that as they were paid, too.
        """
        last = records.read_last_close(self.row, before)
        if last is None:
            return None
        splits = (split for split in self.missing if not (split.time in self.waiting and ex_date < split.time))
        zone, step = zone_of(self.row), self.row.interval
        divisor = prod(s.value for s in splits if last[0] < rules_adjustment.first_ex_bar(s.time, step, zone))
        return last[0], last[1] / divisor


def _daily(connection: Connection, row: SeriesRow, actions: Iterable[Action]) -> _Stored | None:
    if row.interval is Interval.D1:
        return None
    daily = queries_series.find(connection, row.source, row.symbol, Interval.D1, "")
    if daily is None or not daily.rows:
        return None
    due = _come_to_pass(missing_splits(connection, daily, actions), zone_of(daily))
    waiting = AdjustmentRecords(connection).read_waiting(daily) if due else frozenset()
    return _Stored(daily, due, waiting)


@dataclass(frozen=True, slots=True)
class _Closes:
    """The closes before ex-dates, from the series itself and from the daily one of its instrument, if there is one."""

    records: AdjustmentRecords
    ours: _Stored
    daily: _Stored | None
    remainders: Mapping[int, float]

    def before(self, ex_date: int) -> float | None:
        """Return the newest close before an ex-date; None for one of long before, where something better is known.

        The official daily close is preferred to the last minute's; where the daily series ends earlier, the series'
        own.
        """
        interval, zone = self.ours.row.interval, zone_of(self.ours.row)
        first_bar = rules_adjustment.first_ex_bar(ex_date, interval, zone)
        own = self.ours.close_before(self.records, first_bar, ex_date)
        official = self.daily.close_before(self.records, ex_date, ex_date) if self.daily else None
        if official is None or (own and own[0] >= local_instant(official[0], 86_400, zone)):
            return own and self._unless_old(own, interval, ex_date)
        return self._unless_old(official, Interval.D1, ex_date)

    def _unless_old(self, last: tuple[int, float], interval: Interval, ex_date: int) -> float | None:
        is_old = ex_date - bar_end(last[0], interval) > _LONGEST_CLOSURE
        return None if is_old and ex_date in self.remainders else last[1]
