"""The adjustment of a stored series: the one place that charts, exports and notebooks get their factors from."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from webapp.context import context
from webapp.errors import InvalidRequestError, sentence
from webapp.kernel.bars import SPLIT, Action
from webapp.kernel.closing import local_date_label, local_instant
from webapp.kernel.intervals import Interval, bar_end
from webapp.reading import rules_adjustment
from webapp.reading.rules_adjustment import Adjust, Adjustment
from webapp.reading.rules_payouts import Reach, is_applied
from webapp.series import queries_actions, queries_bar_pages, queries_rebasing, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.series.rules_split_basis import came_to_pass, pending


def parse_adjust(adjust: str) -> Adjust:
    """Return which prices are meant by a word.

    :raises InvalidRequestError: with the field ``adjust`` for an unknown word.
    """
    try:
        return Adjust(adjust)
    except ValueError as err:
        message = sentence(
            "“%(adjust)s” is not an adjustment. Use none (as traded), splits or all (splits and dividends).",
            adjust=adjust[:20],
        )
        raise InvalidRequestError({"adjust": message}) from err


def zone_of(row: SeriesRow) -> ZoneInfo:
    """Return the exchange's time zone; UTC while it is not known."""
    return ZoneInfo(row.facts.timezone or "UTC")


def adjustment_of(
    connection: Connection, row: SeriesRow, adjust: Adjust, actions: list[Action] | None = None
) -> Adjustment:
    """Return the factors that the stored bars of a series need.

    :param actions: the instrument's actions, when the caller has read them already.
    """
    zone = zone_of(row)
    stored = queries_actions.read(connection, row.instrument_id) if actions is None else actions
    missing = missing_splits(connection, row, stored)
    due = _come_to_pass(missing, zone)
    effective = [action for action in stored if action in due or action not in missing]
    ours = _Stored(row, due)
    daily = _daily(connection, row, effective) if adjust is Adjust.ALL else None
    if adjust is Adjust.ALL:
        reaching = [row, daily.row] if daily else [row]
        effective = [action for action in effective if action.kind == SPLIT or _is_applied(action, reaching, zone)]
    return rules_adjustment.make(
        adjust,
        effective,
        first_bar=lambda ex_date: rules_adjustment.first_ex_bar(ex_date, row.interval, zone),
        close_before=lambda ex_date: _close_before(connection, ours, daily, zone, ex_date),
        pending=ours.missing,
    )


def _is_applied(payout: Action, rows: Iterable[SeriesRow], zone: ZoneInfo) -> bool:
    """Tell whether prices are adjusted for a payout by now, as far as the bars of the instrument's series reach."""
    last_bars = [(row.last_bar, row.interval) for row in rows if row.last_bar is not None]
    if not last_bars:
        return False
    reach = Reach(
        is_reached=any(rules_adjustment.first_ex_bar(payout.time, step, zone) <= last for last, step in last_bars),
        end=max(bar_end(last, step) for last, step in last_bars),
    )
    return is_applied(payout.time, reach, has_come=came_to_pass(payout, zone) <= context().now())


def count_due(connection: Connection, row: SeriesRow) -> int:
    """Return how many actions of the instrument hold by now: it changes with the time alone, on an ex-date."""
    today = local_date_label(int(context().now().timestamp()), zone_of(row))
    return queries_actions.count_until(connection, row.instrument_id, today)


def missing_splits(connection: Connection, row: SeriesRow, actions: Iterable[Action]) -> list[Action]:
    """Return those of the splits that came (or come) to pass after the series was last written: not in its bars."""
    splits = [action for action in actions if action.kind == SPLIT]
    if not splits or not row.rows or not pending(splits, row.updated_at, (), zone_of(row)):
        return []
    return pending(splits, row.updated_at, queries_rebasing.rebasings(connection, row.id), zone_of(row))


def _come_to_pass(splits: Iterable[Action], zone: ZoneInfo) -> list[Action]:
    """Return the splits that hold by now: one that is only announced changes nothing that is read today."""
    now = context().now()
    return [split for split in splits if came_to_pass(split, zone) <= now]


@dataclass(frozen=True, slots=True)
class _Stored:
    """A series, with the splits that its bars do not contain yet."""

    row: SeriesRow
    missing: list[Action]

    def close_before(self, connection: Connection, before: int) -> tuple[int, float] | None:
        """Return start and close, on today's basis, of the last bar that starts before an instant."""
        last = queries_bar_pages.last_close(connection, self.row.id, before)
        return last and (last[0], last[1] / prod(split.value for split in self.missing))


def _daily(connection: Connection, row: SeriesRow, actions: list[Action]) -> _Stored | None:
    if row.interval is Interval.D1:
        return None
    daily = queries_series.find(connection, row.source, row.symbol, Interval.D1, "")
    if daily is None or not daily.rows:
        return None
    return _Stored(daily, _come_to_pass(missing_splits(connection, daily, actions), zone_of(daily)))


def _close_before(
    connection: Connection, ours: _Stored, daily: _Stored | None, zone: ZoneInfo, ex_date: int
) -> float | None:
    """Return the newest close before an ex-date.

    The official daily close is preferred to the last minute's; where the daily series ends earlier, the series' own.
    """
    own = ours.close_before(connection, _end_of_own(ours.row.interval, zone, ex_date))
    if daily is None:
        return own[1] if own else None
    official = daily.close_before(connection, ex_date)
    if official is None or (own and own[0] >= local_instant(official[0], 86_400, zone)):
        return own[1] if own else None
    return official[1]


def _end_of_own(interval: Interval, zone: ZoneInfo, ex_date: int) -> int:
    """Return before which instant a bar of the series' own must start to close before the ex-date."""
    return rules_adjustment.first_ex_bar(ex_date, interval, zone)
