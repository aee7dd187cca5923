"""The trading date that a stamp of Yahoo's means."""

from zoneinfo import ZoneInfo

from webapp.kernel.closing import local_date_label
from webapp.kernel.intervals import HOUR

_EARLY_STAMP = 2 * HOUR  # Yahoo stamps some days an hour or two before their local midnight (yfinance #1048, #1100)


def label_of(time: int, zone: ZoneInfo) -> int:
    """Return the trading date that a stamp means: an hour or two before midnight, Yahoo means the coming day."""
    return local_date_label(time + _EARLY_STAMP, zone)
