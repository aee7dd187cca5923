"""How a series' exchange counts days, and from where its source counts the bars of a day."""

from webapp.kernel.day_runs import ExchangeClock
from webapp.kernel.instruments import InstrumentKind
from webapp.kernel.intervals import DAY, HOUR
from webapp.reading import adjusting
from webapp.series.queries_series import SeriesRow
from webapp.sources.choices import variant_of
from webapp.sources.registry import capabilities_of

_EVENINGS = {"America/Chicago": 17 * HOUR - DAY, "America/New_York": 18 * HOUR - DAY}
"""When the days of futures begin there: Globex opens at 17:00 in Chicago (CME Group, "Trading Hours")."""


def exchange_clock(row: SeriesRow) -> ExchangeClock:
    """Return how the days of a series are told apart, and from where a chart's candles count."""
    return ExchangeClock(adjusting.zone_of(row), row.facts.session_open or 0, _day_start(row))


def source_clock(row: SeriesRow) -> ExchangeClock:
    """Return from where the source counts bars shorter than a day: the session's opening, or the clock's midnight."""
    if capabilities_of(row.source).opens_with_session:
        return exchange_clock(row)
    return ExchangeClock(adjusting.zone_of(row), is_wall=True)


def _day_start(row: SeriesRow) -> int:
    """Return when the day of a date begins (seconds after its midnight): the evening before, where sessions do."""
    facts = row.facts
    if facts.instrument_kind not in capabilities_of(row.source).kinds_by_trade_date:
        return 0
    if facts.session_open is None and facts.session_close is not None:
        return min(0, facts.session_close - DAY)
    is_future = facts.instrument_kind is InstrumentKind.FUTURE
    if is_future and variant_of(row.source, row.variant).is_at_all_hours:
        return _EVENINGS.get(facts.timezone or "", 0)  # its known hours are the regular ones, in the middle of the day
    return 0
