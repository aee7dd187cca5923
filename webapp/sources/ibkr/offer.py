"""What IBKR serves: bar sizes, how far back, what in one request, and what it costs of the request budget.

Sources: IBKR Campus, TWS API, "Historical data limitations", "Maximum duration per bar size" and "Unavailable
historical data"; the older table of durations (interactivebrokers.github.io/tws-api/historical_bars.html), still the
best guide to a request that answers fast: a few thousand bars at most.
"""

import calendar
import dataclasses
import datetime as dt

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.intervals import DAY, HOUR, WEEK, Interval, period_start
from webapp.kernel.plans import Refusal
from webapp.kernel.requests import EARLIEST, CollectRequest
from webapp.kernel.spans import Span, cut
from webapp.sources.base import Pacing, SeriesQuery
from webapp.sources.ibkr.contract_names import (
    ALWAYS_REGULAR,
    GRAMMAR,
    Contract,
    SecType,
    What,
    contract_of,
    whats,
)
from webapp.sources.ibkr.trading_hours import has_regular_hours, trading_spans
from webapp.sources.ibkr.wording import AT_ALL_HOURS

SMALL = frozenset({Interval.S1, Interval.S5, Interval.S10, Interval.S15, Interval.S30})
"""Bars of 30 seconds or less: the strict pacing rules hold for them, and they are kept for six months."""
_SMALL_REACH = 181 * DAY  # six months, less a margin, since IBKR counts from its own now
_EXPIRED_FUTURES_REACH = 2 * 365 * DAY - 2 * DAY
_LONGEST = {
    Interval.S1: 1800,
    Interval.S5: HOUR,
    Interval.S10: 4 * HOUR,
    Interval.S15: 4 * HOUR,
    Interval.S30: 8 * HOUR,
    Interval.M1: WEEK,
    Interval.M2: WEEK,
    Interval.M3: WEEK,
    Interval.M5: 4 * WEEK,
    Interval.M10: 4 * WEEK,
    Interval.M15: 4 * WEEK,
    Interval.M20: 4 * WEEK,
    Interval.M30: 26 * WEEK,
    Interval.H1: 26 * WEEK,
    Interval.H2: 52 * WEEK,
    Interval.H3: 52 * WEEK,
    Interval.H4: 52 * WEEK,
    Interval.H8: 52 * WEEK,
    Interval.D1: 5 * 366 * DAY,
    Interval.W1: 5 * 366 * DAY,
    Interval.MO1: 5 * 366 * DAY,
}
"""The longest span (seconds) of one request."""
_ENDLESS_REACH = {Interval.M1: 4 * WEEK, Interval.M2: 4 * WEEK, Interval.M3: 4 * WEEK}
"""How far back (seconds) one request reaches that must end now; see ``_endless_reach`` for the others."""


class IbkrOffer:
    """See ``webapp.sources.base.Offer``."""

    name = "ibkr"
    label = "Interactive Brokers"
    intervals = tuple(Interval)
    finality_delay = 15 * 60  # late trade reports change a bar; a settlement price comes hours later (see the overlap)
    newest_first = True
    example = "AAPL"

    def normalized(self, request: CollectRequest) -> CollectRequest:
        """Return the request with each contract's one name, and what to show and the hours as its only options.

        :raises InvalidRequestError: with a sentence for each field that is wrong.
        """
        if problem := GRAMMAR.find_count_problem(request.symbols):
            raise InvalidRequestError({"symbols": problem})
        contracts = [contract_of(symbol, request.options) for symbol in request.symbols]
        kinds = {contract.kind for contract in contracts}
        options = {"what": _what(kinds, request.options.get("what", "")), "rth": _hours(kinds, request.options)}
        if gateway := request.options.get("gateway", ""):
            options["gateway"] = gateway
        return dataclasses.replace(request, symbols=tuple(contract.name for contract in contracts), options=options)

    def span_problem(self, query: SeriesQuery, span: Span, now: float) -> Sentence | None:
        """Say why nothing of the span can be served and what can be, or None when some of it can."""
        servable, refusals = self.split_servable(query, span, now)
        if servable:
            return None
        return refusals[0].reason if refusals else None

    def split_servable(self, query: SeriesQuery, span: Span, now: float) -> tuple[Span, tuple[Refusal, ...]]:
        """Split a span into what can be served and what cannot, with the reason.

        What lies before the instrument's first bar, where that is known, is left out without a word.
        """
        contract = contract_of(query.symbol)
        refusals = []
        for limit in (_small_bars, _expired, _endless):
            earliest, reason = limit(query, contract, now)
            if reason and span.start < earliest:
                refusals.append(Refusal(Span(span.start, min(earliest, span.end)), reason))
                span = Span(min(earliest, span.end), span.end)
        first = query.facts.first_trade
        if first is not None and span.start < first:
            begin = period_start(first, query.interval if query.interval.is_dated else Interval.D1)
            span = Span(min(max(span.start, begin), span.end), span.end)
        if contract.expiry and (end := _end_of(contract.expiry)) < span.end:
            span = Span(min(span.start, end), end)
        return span, tuple(refusals)

    def cut(self, query: SeriesQuery, span: Span) -> list[Span]:
        """Cut a servable span into chunks, one request each; one whose end cannot be chosen is a single one.

        Of small bars, the hours in which nothing trades are left out as soon as they are known.
        """
        if is_endless(contract_of(query.symbol), query.options.get("what", "")):
            return [span] if span else []
        is_regular = query.options.get("rth", "true") != "false"
        parts = [span] if span else []
        if query.interval in SMALL and is_regular and has_regular_hours(query.facts):
            parts = trading_spans(span, query.facts) if span else []
        return [chunk for part in parts for chunk in cut(part, _LONGEST[query.interval])]

    def variant(self, options: dict[str, str]) -> str:
        """Trades in regular hours are the usual series; others are named by what they show, and by all hours."""
        what = options.get("what") or What.TRADES.value
        is_regular = options.get("rth", "true") != "false"
        if what == What.TRADES and is_regular:
            return ""
        return what if is_regular else f"{what}{AT_ALL_HOURS}"

    def options_of(self, variant: str) -> dict[str, str]:
        """Return the options that select a variant."""
        what = variant.removesuffix(AT_ALL_HOURS) or What.TRADES.value
        return {"what": what, "rth": "false" if variant.endswith(AT_ALL_HOURS) else "true"}

    def seconds(self, query: SeriesQuery, requests: int, pace: Pacing) -> float:
        """Return about how many seconds so many requests take inside the pacing rules.

        ``pace`` may say how much of the budget is ``used`` already, and in how many seconds some is ``free`` again.
        """
        if query.interval not in SMALL:
            return requests / pace["soft_per_second"]
        window, used = pace["window_seconds"], pace.get("used", 0.0)
        cost = requests * (2 if query.options.get("what") == What.BID_ASK else 1)
        windows, rest = divmod(max(used + cost - 1, 0), pace["window_requests"])
        first = pace.get("free", window) if windows else 0.0
        return max(windows - 1, 0) * window + first + rest // 5 * pace["burst_seconds"] + 1.0


def is_endless(contract: Contract, what: str) -> bool:
    """Tell whether IBKR wants the request without an end (errors 321 and 10339 otherwise): it ends now, always."""
    return what == What.ADJUSTED_LAST or contract.kind is SecType.CONTINUOUS


def _what(kinds: set[SecType], option: str) -> str:
    """Return what the bars show: as asked, or what is usual for the types."""
    possible = [what for what in What if all(what in whats(kind) for kind in kinds)]
    usual = {whats(kind)[0] for kind in kinds}
    if not option and len(usual) == 1:
        return usual.pop().value
    if option.upper() in possible:
        return option.upper()
    if not option:
        mixed = sentence(
            "These are of several types (%(types)s), whose bars usually show different things. Collect each type by "
            "itself, or choose what to show: %(possible)s.",
            types=", ".join(sorted(kinds)),
            possible=", ".join(possible),
        )
        raise InvalidRequestError({"what": mixed})
    message = sentence(
        "“%(what)s” cannot be shown for %(types)s. Choose one of: %(possible)s.",
        what=option[:30],
        types=", ".join(sorted(kinds)),
        possible=", ".join(possible),
    )
    raise InvalidRequestError({"what": message})


def _hours(kinds: set[SecType], options: dict[str, str]) -> str:
    """Return ``true`` for regular hours only; the gateway gives nothing else for some types."""
    if kinds <= ALWAYS_REGULAR:
        return "true"
    return "false" if options.get("rth") == "false" else "true"


_NEVER = 2**62
Limit = tuple[int, Sentence | None]
"""Nothing before the instant (epoch seconds) can be had, and why; no reason, no limit."""


def _small_bars(query: SeriesQuery, _contract: Contract, now: float) -> Limit:
    if query.interval not in SMALL:
        return EARLIEST, None
    earliest = period_start(int(now) - _SMALL_REACH, Interval.D1) + DAY
    return earliest, sentence(
        "IBKR keeps bars of 30 seconds and less for six months: it can serve them since %(day)s. For older data choose "
        "a larger interval (1m reaches back for years).",
        day=_day(earliest),
    )


def _expired(_query: SeriesQuery, contract: Contract, now: float) -> Limit:
    if not contract.expiry or _end_of(contract.expiry) > now:
        return EARLIEST, None
    if contract.kind is SecType.OPTION:
        reason = sentence("This option has expired, and IBKR has no history of expired options. Choose a later one.")
        return _NEVER, reason
    if now - _end_of(contract.expiry) < _EXPIRED_FUTURES_REACH:
        return EARLIEST, None
    return _NEVER, sentence(
        "This future expired more than two years ago; IBKR has its history no longer. Its continuous series (CONTFUT) "
        "goes further back."
    )


def _endless(query: SeriesQuery, contract: Contract, now: float) -> Limit:
    if not is_endless(contract, query.options.get("what", "")) or query.interval.is_dated:
        return EARLIEST, None
    reach = _endless_reach(query.interval)
    earliest = int(now) - reach
    if reach < DAY:
        return earliest, sentence(
            "IBKR serves this series only up to now, in one request: %(interval)s bars of the last %(minutes)d "
            "minutes. For older data choose a larger interval, or single contracts and TRADES.",
            interval=query.interval.value,
            minutes=reach // 60,
        )
    return earliest - earliest % DAY + DAY, sentence(
        "IBKR serves this series only up to now, in one request: %(interval)s bars of the last %(days)d days. "
        "For older data choose a larger interval, or single contracts and TRADES.",
        interval=query.interval.value,
        days=reach // DAY,
    )


def _endless_reach(interval: Interval) -> int:
    if interval in SMALL:
        return 2 * DAY if interval is not Interval.S1 else _LONGEST[interval]
    return _ENDLESS_REACH.get(interval, 26 * WEEK if interval.seconds < 30 * 60 else 104 * WEEK)


def _end_of(expiry: str) -> int:
    """Return the end (epoch seconds) of the day, or of the month, that an expiry names."""
    year, month = int(expiry[:4]), min(max(int(expiry[4:6]), 1), 12)
    last = calendar.monthrange(year, month)[1]
    day = min(max(int(expiry[6:]), 1), last) if len(expiry) > 6 else last  # noqa: PLR2004 -- YYYYMM
    return int(dt.datetime(year, month, day, tzinfo=dt.UTC).timestamp()) + DAY


def _day(time: int) -> str:
    return dt.datetime.fromtimestamp(time, dt.UTC).strftime("%Y-%m-%d")
