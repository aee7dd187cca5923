"""A fictitious share with a true history, and what a source that lies about it answers, in charts as Yahoo writes them.

The charts are read by the product's own parser, so that what is shown of lies is what becomes of such charts.
"""

import datetime as dt
import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import prod
from typing import Any
from zoneinfo import ZoneInfo

from webapp.kernel.bars import DIVIDEND, SPLIT, Action
from webapp.kernel.closing import local_date_label, local_instant
from webapp.kernel.intervals import DAY, HOUR
from webapp.kernel.spans import EVER, Span
from webapp.sources.yahoo.rows import COLUMNS, Chart

ZONE = ZoneInfo("America/New_York")
OPENS, CLOSES = 9 * HOUR + HOUR // 2, 16 * HOUR
LISTED, LAST = dt.date(2023, 10, 2), dt.date(2024, 4, 30)
_HOLIDAYS = ("2023-11-23", "2023-12-25", "2024-01-01", "2024-01-15", "2024-02-19", "2024-03-29")
"""Those of the New York Stock Exchange, as exchange_calendars has them too."""
_QUARTERS = (dt.date(2023, 10, 1), dt.date(2024, 1, 1), dt.date(2024, 4, 1))


def label_of(day: dt.date) -> int:
    """Return a date's 00:00 UTC (epoch seconds)."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())


@cache
def sessions() -> tuple[int, ...]:
    """Return the dates on which the share is traded, as labels."""
    holidays = {label_of(dt.date.fromisoformat(day)) for day in _HOLIDAYS}
    days = range(label_of(LISTED), label_of(LAST) + DAY, DAY)
    return tuple(day for day in days if (day // DAY + 3) % 7 < 5 and day not in holidays)


@dataclass(frozen=True, slots=True)
class Row:
    """A day of the true history, on the basis of all splits that there will ever be."""

    day: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class Share:
    """What is true: every day, and every action by its ex-date; payouts in money of their own day."""

    rows: tuple[Row, ...]
    actions: tuple[Action, ...]


def make_share(chance: random.Random) -> Share:
    """Return a share with up to three dividends and two splits, some of them before what is collected."""
    rows, close = [], chance.uniform(20, 200)
    for day in sessions():
        first, close = close * chance.uniform(0.99, 1.01), close * chance.uniform(0.98, 1.02)
        high, low = max(first, close) * chance.uniform(1, 1.01), min(first, close) * chance.uniform(0.99, 1)
        rows.append(Row(day, first, high, low, close, 1200.0 * chance.randrange(500, 5000)))
    days = chance.sample(sessions()[20:-8], 5)
    payouts = [Action(DIVIDEND, day, chance.uniform(0.2, 1.5)) for day in days[: chance.randrange(4)]]
    splits = [Action(SPLIT, day, chance.choice((2.0, 3.0, 4.0, 0.5))) for day in days[3 : 3 + chance.randrange(3)]]
    return Share(tuple(rows), tuple(sorted([*payouts, *splits], key=lambda action: action.time)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lie:
    """What a source answers wrongly, ``during`` a span of instants (epoch seconds)."""

    during: Span = EVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank(Lie):
    """The row of a day comes blank, or only one column of it."""

    day: int
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong(Lie):
    """The row of a day comes with other prices and volume."""

    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preliminary(Lie):
    """The row of the session that has just closed has the stamp of the last trade, and values that still change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty(Lie):
    """No row comes at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateBasis(Lie):
    """A split is told, and the prices before it still stand on the old basis."""

    split: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Lie):
    """An action that never was is told; or one that was, is not (``is_untold``).

    ``is_in_prices``: whether adjusted closes (of a split: all prices) go along with the lie. ``is_in_list``: whether
    the list of all actions does.
    """

    action: Action
    is_untold: bool
    is_in_prices: bool
    is_in_list: bool


Columns = dict[str, list[float | None]]
"""Of a chart, by name."""
DeliveredRow = tuple[int, float, float, float, float, float, float]
"""Day, open, high, low, close, volume and adjusted close."""


@dataclass(frozen=True, slots=True)
class _Events:
    """Actions as they count at a moment: those that are told, and those that prices contain."""

    told: list[Action]
    contained: list[Action]


@dataclass
class Teller:
    """What the source says of the share at a moment."""

    share: Share
    lies: Sequence[Lie] = field(default_factory=tuple)

    def chart(self, span: Span, now: int) -> Chart:
        """Return the chart of the days in a span of labels."""
        lies = [lie for lie in self.lies if lie.during.start <= now < lie.during.end]
        today = local_date_label(now, ZONE)
        clock = now - local_instant(today, 0, ZONE)
        begun = [row for row in self.share.rows if row.day < today or (row.day == today and clock >= OPENS)]
        last_trade = min(now, local_instant(begun[-1].day, CLOSES, ZONE) + 1)
        if any(isinstance(lie, Empty) for lie in lies):
            return Chart(_meta(today, last_trade), [], {name: [] for name in COLUMNS}, {}, [])
        rows = [row for row in self._delivered(begun, lies, today) if span.start <= row[0] < span.end]
        stamps = [local_instant(row[0], OPENS, ZONE) for row in rows]
        is_unsettled = clock < CLOSES or any(isinstance(lie, Preliminary) for lie in lies)
        if rows and rows[-1][0] == today and is_unsettled:
            stamps[-1] = last_trade
            _, first, high, low, close, _, adjusted = rows[-1]
            rows[-1] = (today, first, high, low, close * 1.001, 1.0, adjusted * 1.001)
        told = [a for a in self._events(lies, today, of_list=False).told if span.start <= a.time < span.end]
        columns: Columns = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS, 1)}
        _blank_out(columns, [row[0] for row in rows], lies)
        closes = [row[6] if close is not None else None for row, close in zip(rows, columns["close"], strict=True)]
        return Chart(_meta(today, last_trade), stamps, columns, self._told(told, lies, today), closes)

    def quarters(self, now: int) -> Chart:
        """Return the chart of all quarters since the listing, with all events."""
        lies = [lie for lie in self.lies if lie.during.start <= now < lie.during.end]
        today = local_date_label(now, ZONE)
        rows = self._delivered([row for row in self.share.rows if row.day < today], lies, today, of_list=True)
        starts = [label_of(quarter) for quarter in _QUARTERS]
        parts = [
            (start, inside)
            for start, end in zip(starts, [*starts[1:], EVER.end], strict=True)
            if (inside := [row for row in rows if start <= row[0] < end])
        ]
        columns: Columns = {
            "open": [inside[0][1] for _, inside in parts],
            "high": [max(row[2] for row in inside) for _, inside in parts],
            "low": [min(row[3] for row in inside) for _, inside in parts],
            "close": [inside[-1][4] for _, inside in parts],
            "volume": [sum(row[5] for row in inside) for _, inside in parts],
        }
        stamps = [local_instant(start, 0, ZONE) for start, _ in parts]
        events = self._told(self._events(lies, today, of_list=True).told, lies, today)
        closes: list[float | None] = [inside[-1][6] for _, inside in parts]
        return Chart(_meta(today, now), stamps, columns, events, closes)

    def _events(self, lies: Iterable[Lie], today: int, *, of_list: bool) -> _Events:
        told = [action for action in self.share.actions if action.time <= today]
        contained = list(told)
        for lie in lies:
            if not isinstance(lie, Told) or lie.action.time > today:
                continue
            places = [told] * (lie.is_in_list or not of_list) + [contained] * lie.is_in_prices
            for place in places:
                (place.remove if lie.is_untold else place.append)(lie.action)
        return _Events(told, contained)

    def _basis(self, day: int, lies: Iterable[Lie], today: int) -> float:
        """Return by what a price of a day, on the basis of all splits there will ever be, is multiplied today.

        A split that prices do not contain yet, or that they contain and never was.
        """
        late = {lie.split for lie in lies if isinstance(lie, LateBasis)}
        contained = self._events(lies, today, of_list=False).contained
        false = [action for action in contained if action.kind == SPLIT and action not in self.share.actions]
        splits = [action for action in self.share.actions if action.kind == SPLIT]
        lacking = [split for split in splits if split.time > today or split in late or split not in contained]
        later = (split.value for split in lacking if split.time > day)
        return prod(later) / prod(split.value for split in false if split.time > day)

    def _delivered(
        self, rows: Iterable[Row], lies: Sequence[Lie], today: int, *, of_list: bool = False
    ) -> list[DeliveredRow]:
        """Return rows as they are delivered today."""
        wrong = {lie.day for lie in lies if isinstance(lie, Wrong) and not of_list}
        payouts = [a for a in self._events(lies, today, of_list=False).contained if a.kind == DIVIDEND]
        parts = [(a.time, 1 - self._in_all_splits(a) / self._close_before(a.time)) for a in payouts]
        return [self._deliver(row, self._basis(row.day, lies, today), parts, wrong) for row in rows]

    @staticmethod
    def _deliver(row: Row, basis: float, parts: Iterable[tuple[int, float]], wrong: Collection[int]) -> DeliveredRow:
        by = basis * (1.02 if row.day in wrong else 1.0)
        remains = prod(part for day, part in parts if day > row.day)
        prices = (row.open * by, row.high * by, row.low * by, row.close * by)
        return (row.day, *prices, row.volume / by, prices[3] * remains)

    def _close_before(self, day: int) -> float:
        return next(row.close for row in reversed(self.share.rows) if row.day < day)

    def _in_all_splits(self, payout: Action) -> float:
        """Return a payout in money of a share on the basis of all splits that there will ever be."""
        later = (a.value for a in self.share.actions if a.kind == SPLIT and a.time > payout.time)
        return payout.value / prod(later)

    def _told(self, actions: Iterable[Action], lies: Sequence[Lie], today: int) -> dict[str, Any]:
        events: dict[str, dict[str, Any]] = {"dividends": {}, "splits": {}}
        for action in actions:
            stamp = local_instant(action.time, OPENS, ZONE)
            if action.kind == SPLIT:
                event = {"date": stamp, "numerator": action.value, "denominator": 1.0}
                events["splits"][str(stamp)] = event
            else:
                amount = self._in_all_splits(action) * self._basis(action.time, lies, today)
                events["dividends"][str(stamp)] = {"date": stamp, "amount": amount}
        return events


def _blank_out(columns: Columns, days: Sequence[int], lies: Iterable[Lie]) -> None:
    for lie in lies:
        if isinstance(lie, Blank) and lie.day in days:
            for name in [lie.column] if lie.column else COLUMNS:
                columns[name][days.index(lie.day)] = None


def _meta(today: int, last_trade: int) -> dict[str, Any]:
    opens, offset = local_instant(today, OPENS, ZONE), today - local_instant(today, 0, ZONE)
    regular = {"start": opens, "end": opens + CLOSES - OPENS, "gmtoffset": offset}
    return {
        "longName": "Tape",
        "instrumentType": "EQUITY",
        "currency": "USD",
        "fullExchangeName": "NYSE",
        "exchangeTimezoneName": "America/New_York",
        "currentTradingPeriod": {"regular": regular},
        "firstTradeDate": local_instant(label_of(LISTED), OPENS, ZONE),
        "regularMarketTime": last_trade,
        "priceHint": 2,
    }
