import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from webapp.coverage.rules_freshness import closing_instant
from webapp.kernel.closing import closed_until
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import Interval

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize("kind", ["EQUITY", "CRYPTOCURRENCY", None])
@pytest.mark.parametrize("interval", [Interval.D1, Interval.W1, Interval.MO1])
def test_a_period_is_due_at_the_instant_at_which_it_is_closed(interval: Interval, kind: str | None) -> None:
    facts = InstrumentFacts(kind=kind, timezone=NEW_YORK.key, session_close=16 * 3600)
    end = int(dt.datetime(2024, 4, 1, tzinfo=dt.UTC).timestamp())  # a Monday, and the first of a month
    instant = closing_instant(interval, facts, end, 1800)
    assert closed_until(interval, facts, instant, 1800) >= end > closed_until(interval, facts, instant - 1, 1800)


def test_a_shares_week_is_due_on_friday_evening() -> None:
    facts = InstrumentFacts(kind="EQUITY", timezone=NEW_YORK.key, session_close=16 * 3600)
    end = int(dt.datetime(2024, 3, 11, tzinfo=dt.UTC).timestamp())
    friday = dt.datetime(2024, 3, 8, 16, 30, tzinfo=NEW_YORK).timestamp()
    assert closing_instant(Interval.W1, facts, end, 1800) == friday
