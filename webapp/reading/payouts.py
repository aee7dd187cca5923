"""The payouts that prices of a series are adjusted for, in the currency of the prices, and those that are left out."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from webapp.context import context
from webapp.kernel.bars import SPLIT, Action
from webapp.kernel.currencies import MoneyUnit, convert, parse_unit
from webapp.kernel.intervals import bar_end
from webapp.reading.rules_adjustment import first_ex_bar
from webapp.reading.rules_payouts import Omission, OmittedPayout, Reach, is_applied
from webapp.series.queries_series import SeriesRow
from webapp.series.rates import find_pair_series, find_rate
from webapp.series.rules_split_basis import came_to_pass
from webapp.sources import choices


@dataclass(frozen=True, slots=True)
class PayoutSelection:
    """``applied`` are worth what they say in the currency of the prices; ``omitted`` would matter to stored bars."""

    applied: tuple[Action, ...] = ()
    omitted: tuple[OmittedPayout, ...] = ()


def select_payouts(
    connection: Connection,
    rows: Sequence[SeriesRow],
    actions: Iterable[Action],
    zone: ZoneInfo,
    listed: Container[int] = (),
) -> PayoutSelection:
    """Return which payouts count by now.

    :param rows: the series that is read, then others of the instrument whose closes are looked up, too.
    :param listed: ex-dates of which the source's own adjusted closes say what a payout leaves of a price, so that no
        bar of ours is needed.
    """
    applied: list[Action] = []
    omitted: list[OmittedPayout] = []
    for payout in actions:
        if payout.kind == SPLIT or not _concerns_bars(payout, rows[0], zone):
            continue
        has_come = came_to_pass(payout, zone) <= context().now()
        if not (_is_applied(payout, rows, zone) or (has_come and payout.time in listed)):
            if has_come:
                omitted.append(OmittedPayout(payout, Omission.NO_BAR))
            continue
        worth = _convert(connection, rows[0], payout)
        if isinstance(worth, OmittedPayout):
            omitted.append(worth)
        else:
            applied.append(worth)
    return PayoutSelection(tuple(applied), tuple(omitted))


def convert_payouts(connection: Connection, row: SeriesRow, actions: Iterable[Action]) -> list[Action]:
    """Return actions with payouts in the currency of the series' prices, without those that cannot be converted."""
    worths = (action if action.kind == SPLIT else _convert(connection, row, action) for action in actions)
    return [worth for worth in worths if isinstance(worth, Action)]


def find_rate_series(connection: Connection, row: SeriesRow, actions: Iterable[Action]) -> list[SeriesRow]:
    """Return the stored series whose closes decide what payouts of the instrument are worth."""
    priced = parse_unit(row.facts.currency)
    units = {parse_unit(action.currency) for action in actions if action.currency}
    if priced is None:
        return []
    foreign = sorted({unit.whole for unit in units if unit} - {priced.whole})
    return [pair for whole in foreign for pair in find_pair_series(connection, row.source, (whole, priced.whole))]


def _concerns_bars(payout: Action, row: SeriesRow, zone: ZoneInfo) -> bool:
    """Tell whether a bar is stored that trades with the right."""
    return row.first_bar is not None and row.first_bar < first_ex_bar(payout.time, row.interval, zone)


def _is_applied(payout: Action, rows: Iterable[SeriesRow], zone: ZoneInfo) -> bool:
    """Tell whether prices are adjusted for a payout by now, as far as the bars of the instrument's series reach."""
    last_bars = [(row.last_bar, row.interval) for row in rows if row.last_bar is not None]
    reach = Reach(
        is_reached=any(first_ex_bar(payout.time, step, zone) <= last for last, step in last_bars),
        end=max(bar_end(last, step) for last, step in last_bars),
    )
    return is_applied(payout.time, reach, has_come=came_to_pass(payout, zone) <= context().now())


def _convert(connection: Connection, row: SeriesRow, payout: Action) -> Action | OmittedPayout:
    """Return a payout in the currency of the prices; one that names no currency is in it already."""
    paid, priced = parse_unit(payout.currency), parse_unit(row.facts.currency)
    if paid is None or paid == priced:
        return payout
    rate = None if priced is None else find_rate(connection, row.source, paid.whole, priced.whole, payout.time)
    if priced is None or rate is None:
        return OmittedPayout(payout, Omission.NO_RATE, _pair_to_collect(row.source, paid, priced))
    return replace(payout, value=convert(payout.value, paid, priced, rate), currency=row.facts.currency)


def _pair_to_collect(source: str, paid: MoneyUnit, priced: MoneyUnit | None) -> str:
    pairs = choices.pairs_of(source, paid.whole, priced.whole) if priced else ()
    return next(iter(pairs), "")
