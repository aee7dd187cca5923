"""Which bars are finished at a given moment: an unfinished bar is never stored as final (docs/data.md#closed-bars)."""

import datetime as dt
from zoneinfo import ZoneInfo

from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval, period_start
from webapp.kernel.rest_days import next_working_day


def local_date_label(time: int, zone: ZoneInfo) -> int:
    """Return the label (00:00 UTC of the local date, epoch seconds) of the day that ``time`` falls on in ``zone``."""
    local = dt.datetime.fromtimestamp(time, zone)
    return int(dt.datetime(local.year, local.month, local.day, tzinfo=dt.UTC).timestamp())


def local_instant(label: int, seconds: int, zone: ZoneInfo) -> int:
    """Return the instant (epoch seconds) that is ``seconds`` after midnight, on the wall clock, of a dated label."""
    day = dt.datetime.fromtimestamp(label, dt.UTC)
    carry, rest = divmod(seconds, DAY)
    wall = dt.datetime(day.year, day.month, day.day, tzinfo=zone) + dt.timedelta(days=carry, seconds=rest)
    return int(wall.timestamp())


def closed_until(interval: Interval, facts: InstrumentFacts, now: float, delay: int) -> int:
    """Return the end (exclusive) of what is final at ``now``: bars that start before it are closed.

    ``delay`` is how many seconds after its end the source still changes a bar. Without a known time zone the answer
    is the most cautious one on earth (UTC−12); without a known close, a day closes at its local midnight. A week or
    month is over with its last day on which the instrument may trade: with Friday's close, where weekends rest.
    """
    settled = int(now) - delay
    if not interval.is_dated:
        return settled - settled % interval.seconds
    zone = ZoneInfo(facts.timezone or "Etc/GMT+12")
    today = local_date_label(settled, zone)
    close = DAY if facts.session_close is None else facts.session_close
    first_open_day = today + DAY if settled >= local_instant(today, close, zone) else today
    if interval is Interval.D1:
        return first_open_day
    return period_start(next_working_day(first_open_day, facts), interval)
