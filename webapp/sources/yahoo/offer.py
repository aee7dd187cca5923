"""What Yahoo serves: intervals, how far back, how much in one request.

The figures are Yahoo's own error texts, less one day of margin, since Yahoo counts from its own "now":
"Only 8 days worth of 1m granularity data are allowed to be fetched per request", "must be within the last 30 days"
(1m), "60 days" (2m to 30m), "730 days" (1h); daily bars reach back to the listing.
"""

import datetime as dt

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.intervals import DAY, Interval, period_start
from webapp.kernel.plans import Refusal
from webapp.kernel.requests import CollectRequest
from webapp.kernel.spans import Span, cut
from webapp.kernel.symbols import Grammar
from webapp.sources.base import Pacing, SeriesQuery

GRAMMAR = Grammar(examples=("AAPL", "MSFT", "^GSPC", "MC.PA", "EURUSD=X", "BTC-USD"))
PREPOST = "prepost"
"""The option, and the variant, with bars of the pre- and post-market."""
_REACH_DAYS = {
    Interval.M1: 29,
    Interval.M2: 59,
    Interval.M5: 59,
    Interval.M15: 59,
    Interval.M30: 59,
    Interval.H1: 729,
    Interval.H4: 729,
}
_DATED = (Interval.D1, Interval.W1, Interval.MO1)
_LONGEST_DATED = 50 * 366 * DAY


def _day(time: int) -> str:
    return dt.datetime.fromtimestamp(time, dt.UTC).strftime("%Y-%m-%d")


class YahooOffer:
    """See ``webapp.sources.base.Offer``."""

    name = "yahoo"
    label = "Yahoo Finance"
    intervals = (*_REACH_DAYS, *_DATED)
    finality_delay = 30 * 60  # delayed quotes: 15 to 20 minutes on some exchanges
    newest_first = False
    example = "AAPL"

    def normalized(self, request: CollectRequest) -> CollectRequest:
        """Return the request as it is: a Yahoo symbol is the instrument's name.

        :raises InvalidRequestError: with what is wrong with the symbols.
        """
        if problem := GRAMMAR.find_problem(request.symbols):
            raise InvalidRequestError({"symbols": problem})
        return request

    def reach(self, interval: Interval, now: float) -> int | None:
        """Return the earliest instant served (epoch seconds, 00:00 UTC of a day), or None for "since the listing"."""
        days = _REACH_DAYS.get(interval)
        return None if days is None else period_start(int(now) - (days - 1) * DAY, Interval.D1)

    def span_problem(self, query: SeriesQuery, span: Span, now: float) -> Sentence | None:
        """Say why nothing of the span can be served and what can be, or None when some of it can."""
        servable, _ = self.split_servable(query, span, now)
        return None if servable else self._too_old(query.interval, now)

    def split_servable(self, query: SeriesQuery, span: Span, now: float) -> tuple[Span, tuple[Refusal, ...]]:
        """Split a span into what can be served and what cannot, with the reason."""
        interval = query.interval
        earliest = self.reach(interval, now)
        if earliest is None or span.start >= earliest:
            return span, ()
        refused = Span(span.start, min(earliest, span.end))
        return Span(max(span.start, earliest), span.end), (Refusal(refused, self._too_old(interval, now)),)

    def cut(self, query: SeriesQuery, span: Span) -> list[Span]:
        """Cut a servable span into chunks, one request each: a week of minutes, or everything at once."""
        longest = 7 * DAY if query.interval is Interval.M1 else _LONGEST_DATED
        return cut(span, longest)

    def variant(self, options: dict[str, str]) -> str:
        """Regular hours, unless pre- and post-market bars are asked for."""
        return PREPOST if options.get(PREPOST) == "true" else ""

    def options_of(self, variant: str) -> dict[str, str]:
        """Return the options that select a variant."""
        return {PREPOST: "true"} if variant == PREPOST else {}

    def seconds(self, query: SeriesQuery, requests: int, pace: Pacing) -> float:  # noqa: ARG002 -- all requests cost alike
        """Return about how many seconds so many requests take: they are evenly spaced."""
        return requests / pace["requests_per_second"]

    def _too_old(self, interval: Interval, now: float) -> Sentence:
        earliest = self.reach(interval, now)
        return sentence(
            "Yahoo keeps %(interval)s bars for %(days)d days only: it can serve them since %(day)s, and the period "
            "“max” takes all of these. For older data choose a larger interval (1h: 729 days, 1d: since the listing).",
            interval=interval.value,
            days=_REACH_DAYS.get(interval, 0),
            day=_day(earliest or 0),
        )
