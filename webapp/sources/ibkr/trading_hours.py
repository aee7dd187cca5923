"""Leaving out the hours in which nothing trades, where each request counts.

A day of 5-second bars is 24 requests of an hour, and an exchange is open for six or seven of them. Once the usual
regular hours of an instrument are known, the nights and the weekends are not asked for.
"""

from zoneinfo import ZoneInfo

from webapp.kernel.closing import local_date_label, local_instant
from webapp.kernel.instruments import InstrumentFacts, InstrumentKind
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span

_MONDAYS_OFFSET = 3  # 1970-01-01 was a Thursday
_WEEKEND = frozenset({5, 6})
_CLOSED_DAYS = {
    "Asia/Riyadh": frozenset({4, 5}),
    "Asia/Jerusalem": frozenset({5}),  # until 2026 it traded on Sundays, since then on Fridays
}
"""Days of the week (Monday is 0) on which nothing trades, where that is not the weekend."""
_WITH_HOURS = (InstrumentKind.SHARE, InstrumentKind.ETF, InstrumentKind.INDEX, InstrumentKind.OPTION)


def has_regular_hours(facts: InstrumentFacts) -> bool:
    """Tell whether it is known when the instrument trades: on working days, from an opening to a close."""
    return (
        facts.instrument_kind in _WITH_HOURS
        and facts.timezone is not None
        and facts.session_open is not None
        and facts.session_close is not None
        and facts.session_open < facts.session_close
    )


def trading_spans(span: Span, facts: InstrumentFacts) -> list[Span]:
    """Return the parts of a span that lie in the usual regular hours of working days, oldest first.

    Needs ``has_regular_hours``. Holidays and half days are not known here; they are asked for and answered as empty.
    """
    zone = ZoneInfo(facts.timezone or "UTC")
    first, last = local_date_label(span.start, zone), local_date_label(span.end - 1, zone)
    closed = _CLOSED_DAYS.get(zone.key, _WEEKEND)
    days = (day for day in range(first, last + DAY, DAY) if (day // DAY + _MONDAYS_OFFSET) % 7 not in closed)
    hours = (facts.session_open or 0, facts.session_close or DAY)
    sessions = (Span(*(local_instant(day, second, zone) for second in hours)) for day in days)
    return [part for session in sessions if (part := session.intersection(span))]
