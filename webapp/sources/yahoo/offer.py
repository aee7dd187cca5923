"""What Yahoo serves: intervals, how far back, how much in one request.

The figures are Yahoo's own error texts, less one day of margin, since Yahoo counts from its own "now":
"Only 8 days worth of 1m granularity data are allowed to be fetched per request", "must be within the last 30 days"
(1m), "60 days" (2m to 30m), "730 days" (1h); daily bars reach back to the listing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.requests import CollectRequest
from webapp.kernel.symbols import Grammar
from webapp.sources.kit.labels import format_label
from webapp.sources.kit.offer import StaticOffer
from webapp.sources.yahoo.assumptions import name_of_class

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


@dataclass(frozen=True, eq=False)
class YahooOffer(StaticOffer):
    """See ``webapp.sources.base.Offer``: a week of minutes in one request, or everything at once."""

    name: str = "yahoo"
    label: str = "Yahoo Finance"
    kept_days: Mapping[Interval, int | None] = field(
        default_factory=lambda: {**_REACH_DAYS, **dict.fromkeys(_DATED)},
    )
    finality_delay: int = 30 * 60  # delayed quotes: 15 to 20 minutes on some exchanges
    longest_chunks: Mapping[Interval, int] = field(default_factory=lambda: {Interval.M1: 7 * DAY})
    grammar: Grammar = GRAMMAR

    def normalized(self, request: CollectRequest) -> CollectRequest:
        """Return the request as it is, unless a symbol has a class of shares as others write it.

        :raises InvalidRequestError: with what is wrong with the symbols, and how Yahoo writes such a class.
        """
        names = {symbol: name for symbol in request.symbols if (name := name_of_class(symbol))}
        if names:
            message = sentence(
                "Yahoo writes a class of shares with a hyphen: %(names)s instead of %(symbols)s.",
                names=", ".join(names.values()),
                symbols=", ".join(names),
            )
            raise InvalidRequestError({"symbols": message})
        return super().normalized(request)

    def variant(self, options: dict[str, str]) -> str:
        """Regular hours, unless pre- and post-market bars are asked for."""
        return PREPOST if options.get(PREPOST) == "true" else ""

    def options_of(self, variant: str) -> dict[str, str]:
        """Return the options that select a variant."""
        return {PREPOST: "true"} if variant == PREPOST else {}

    def too_old(self, interval: Interval, now: float) -> Sentence:
        """Say since when an interval is served, and which reach further back."""
        return sentence(
            "Yahoo keeps %(interval)s bars for %(days)d days only: it can serve them since %(day)s, and the period "
            "“max” takes all of these. For older data choose a larger interval (1h: 729 days, 1d: since the listing).",
            interval=interval.value,
            days=_REACH_DAYS.get(interval, 0),
            day=format_label(self.reach(interval, now) or 0),
        )
