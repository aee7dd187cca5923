"""The offline market: one deterministic truth that every simulated source shows in its own way.

>>> market = Market(lambda: 1_772_474_400.0)  # it is 2026-03-02 18:00 UTC
>>> market.bars("AAPL", "1h", date(2026, 3, 2), 1_772_470_000)
[Bar(start=1772461800, open=…, …), Bar(start=1772465400, …), Bar(start=1772469000, …)]

What lies ahead of the market's now is not shown, and a running bar is shown as far as it has come. Prices
stand on the basis of the splits that have come to pass; dividends are not taken out of them.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from math import inf

from webapp.sandbox import catalogue
from webapp.sandbox.actions import Action, ActionKind, Event, Ledger, session_from
from webapp.sandbox.basis import basis_at
from webapp.sandbox.calendars import Calendars, day_number, utc_now
from webapp.sandbox.columns import Bar
from webapp.sandbox.histories import Histories
from webapp.sandbox.listings import Listing
from webapp.sandbox.view import View

Moment = float | date
"""UTC epoch seconds, an aware ``datetime``, or a ``date``, which is meant at 00:00 UTC."""


class Market:
    """All listings, their prices and what happens to them; safe for threads.

    :param now: tells the market's time in UTC epoch seconds; by default the real one.
    :param calendars: to share between markets of one process.
    """

    def __init__(self, now: Callable[[], float] = utc_now, calendars: Calendars | None = None) -> None:
        self.now = now
        self._histories = Histories(calendars or Calendars())
        self._ledger = Ledger()

    def listing(self, symbol: str) -> Listing:
        """Return the facts about a symbol.

        :raises UnknownSymbolError: nobody ever listed it.
        """
        return catalogue.find(symbol)

    def search(self, text: str) -> list[Listing]:
        """Return the listings that a text may mean, the best match first."""
        return catalogue.search(text)

    def view(self, symbol: str) -> View:
        """Return all that is known of a listing now.

        :raises UnknownSymbolError: nobody ever listed it.
        """
        history = self._histories.of(self.listing(symbol))
        now = self.now()
        return View(now, history, basis_at(history, self._ledger.events(history), now))

    def bars(
        self,
        symbol: str,
        interval: str,
        start: Moment = -inf,
        end: Moment = inf,
        *,
        extended: bool = False,
        final: bool = False,
    ) -> list[Bar]:
        """Return the bars that start in ``[start, end)``; see :meth:`View.prices`.

        :raises UnknownSymbolError: nobody ever listed the symbol.
        :raises UnknownIntervalError: there are no bars of the interval.
        """
        view = self.view(symbol)
        span = instant(start), instant(end)
        return view.prices(interval, *span, extended=extended, final=final).bars()

    def adjusted(self, symbol: str) -> list[tuple[int, float]]:
        """Return date and close of every session, dividends and capital gains taken out."""
        view = self.view(symbol)
        daily = view.daily()
        return list(zip(daily.start.tolist(), view.adjusted(daily).tolist(), strict=True))

    def actions(self, symbol: str, start: Moment = -inf, end: Moment = inf) -> list[Action]:
        """Return what has happened with an ex-date in ``[start, end)``, on today's basis of splits."""
        low, high = instant(start), instant(end)
        return [action for action in self.view(symbol).actions if low <= action.time < high]

    def inject(self, symbol: str, day: date, kind: ActionKind, value: Fraction) -> date:
        """Bring an action about and return its ex-date: the first session on or after ``day``.

        A split shows itself, and re-bases all history, when the market's now reaches its ex-date.

        :param value: the new shares for each old one, or the amount a share as paid on the day.
        :raises UnknownSymbolError: nobody ever listed the symbol.
        :raises ValueError: the listing has no session from that day on, or the value is not positive.
        """
        if value <= 0:
            message = f"An action has a positive value, not {value}."
            raise ValueError(message)
        history = self._histories.of(self.listing(symbol))
        event = Event(session_from(history, day_number(day)), kind, value, injected=True)
        self._ledger.inject(symbol, event)
        return datetime.fromtimestamp(event.day * 86_400, UTC).date()

    def withdraw(self, symbol: str | None = None) -> None:
        """Undo all that was injected, or what was injected into one listing: as if it had never happened."""
        self._ledger.clear(symbol)


def instant(moment: Moment) -> float:
    """Return UTC epoch seconds.

    :raises ValueError: a ``datetime`` does not say in which zone it is meant.
    """
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            message = f"{moment} has no time zone."
            raise ValueError(message)
        return moment.timestamp()
    if isinstance(moment, date):
        return datetime(moment.year, moment.month, moment.day, tzinfo=UTC).timestamp()
    return moment
