"""On which days an instrument has no bar by nature: the weekend, where its market rests on it.

Holidays are not known here: they stand in the calendars of exchanges (``coverage.calendars``), which no source reads.
A weekend is enough to date what came after midnight, and to know on Saturday that a week is over.
"""

from webapp.kernel.instruments import InstrumentFacts, InstrumentKind
from webapp.kernel.intervals import DAY, EPOCH_MONDAY, WEEK

_RESTING = frozenset(
    {
        InstrumentKind.SHARE,
        InstrumentKind.ETF,
        InstrumentKind.FUND,
        InstrumentKind.SHARE_OR_FUND,
        InstrumentKind.INDEX,
        InstrumentKind.CURRENCY,
        InstrumentKind.FUTURE,
    }
)
"""Kinds that have no bar of a Saturday or Sunday: the Sunday evening of currencies and futures is Monday's."""
_BUSY_WEEKENDS = frozenset(
    {
        "Africa/Algiers",
        "Africa/Cairo",
        "Africa/Tripoli",
        "Asia/Amman",
        "Asia/Baghdad",
        "Asia/Bahrain",
        "Asia/Calcutta",
        "Asia/Damascus",
        "Asia/Dhaka",
        "Asia/Dubai",
        "Asia/Jerusalem",
        "Asia/Kathmandu",
        "Asia/Kolkata",
        "Asia/Kuwait",
        "Asia/Muscat",
        "Asia/Qatar",
        "Asia/Riyadh",
        "Asia/Tehran",
    }
)
"""Zones whose exchanges trade, or have traded, on Saturdays or Sundays; India now and then (budget days, Diwali)."""
_SATURDAY = 5 * DAY


def is_rest_day(label: int, facts: InstrumentFacts) -> bool:
    """Tell whether a date (00:00 UTC, epoch seconds) is a Saturday or Sunday on which the instrument has no bar."""
    is_weekend = (label - EPOCH_MONDAY) % WEEK >= _SATURDAY
    return is_weekend and facts.instrument_kind in _RESTING and facts.timezone not in _BUSY_WEEKENDS


def next_working_day(label: int, facts: InstrumentFacts) -> int:
    """Return the date itself, or the next one on which the instrument may have a bar."""
    while is_rest_day(label, facts):
        label += DAY
    return label


def last_working_day(label: int, facts: InstrumentFacts) -> int:
    """Return the date itself, or the one before on which the instrument may have had a bar."""
    while is_rest_day(label, facts):
        label -= DAY
    return label
