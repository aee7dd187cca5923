"""Dividends, splits and capital gains as columns beside bars: each stands at the first bar that trades ex."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import nan, prod

import numpy as np

from webapp.database.transactions import reading
from webapp.framing.bar_columns import BarColumns, Numbers
from webapp.kernel.bars import CAPITAL_GAIN, DIVIDEND, SPLIT, Action
from webapp.kernel.closing import local_date_label, local_instant
from webapp.kernel.intervals import period_start
from webapp.reading.adjusting import zone_of
from webapp.reading.payouts import convert_payouts
from webapp.reading.rules_adjustment import Adjust, first_ex_bar
from webapp.series import queries_many_series

_NAMES = {DIVIDEND: "dividends", SPLIT: "splits", CAPITAL_GAIN: "capital_gains"}


def action_columns(bars: Sequence[BarColumns], adjust: str) -> list[Mapping[str, Numbers]]:
    """Return the columns ``dividends``, ``splits`` and ``capital_gains`` of each series.

    They are zero where nothing happened. Payouts are money a share in the currency of the prices, on the prices' basis
    of splits: that of today, or with ``none`` as they were paid; NaN where the rate is not known. Those of one bar add
    up; splits, new shares per old one, multiply.
    """
    rows = {each.stored.series.id: each.stored.series for each in bars}
    with reading() as connection:
        actions = queries_many_series.read_actions(connection, {row.instrument_id for row in rows.values()})
        worths = {
            row.id: _in_prices(own, convert_payouts(connection, row, own))
            for row in rows.values()
            if (own := actions.get(row.instrument_id, []))
        }
    return [_columns(each, _on_basis(worths.get(each.stored.series.id, []), adjust)) for each in bars]


def _in_prices(actions: Sequence[Action], converted: Iterable[Action]) -> list[Action]:
    """Return actions with their payouts in the prices' currency, NaN where they cannot be converted."""
    worths = {(action.kind, action.time): action for action in converted}
    return [worths.get((action.kind, action.time), replace(action, value=nan)) for action in actions]


def _on_basis(actions: Sequence[Action], adjust: str) -> Sequence[Action]:
    """Return payouts on the basis of prices as traded: times the splits that came after them."""
    splits = [action for action in actions if action.kind == SPLIT and action.value > 0]
    if adjust != Adjust.NONE.value or not splits:
        return actions
    return [
        action
        if action.kind == SPLIT
        else replace(action, value=action.value * prod(split.value for split in splits if split.time > action.time))
        for action in actions
    ]


def _columns(bars: BarColumns, actions: Iterable[Action]) -> Mapping[str, Numbers]:
    columns = {name: np.zeros(len(bars.times)) for name in _NAMES.values()}
    stored = bars.stored
    first = _first_bar(bars)
    for action in actions:
        start = first_ex_bar(action.time, stored.interval, zone_of(stored.series))
        place = int(np.searchsorted(bars.times, start))
        if start < first or place == len(bars.times):
            continue
        column = columns[_NAMES[action.kind]]
        if action.kind == SPLIT:
            column[place] = (column[place] or 1.0) * action.value
        else:
            column[place] += action.value
    return columns


def _first_bar(bars: BarColumns) -> int:
    """Return since when actions concern the bars: not before their span, nor before the day of the first stored one."""
    row, interval = bars.stored.series, bars.stored.interval
    first, zone = row.first_bar or 0, zone_of(row)
    day = period_start(first, interval) if interval.is_dated else local_instant(local_date_label(first, zone), 0, zone)
    return max(bars.stored.span.start, day)
