"""Which larger bars smaller ones make, and when these are finished."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.reading.rules_derivation import Trading, finished, finished_dates, makes, rested

NEW_YORK = ZoneInfo("America/New_York")
SHARE = InstrumentFacts(timezone="America/New_York", session_open=34_200, session_close=57_600)
IN_NEW_YORK = Trading(SHARE, "XNYS")
COIN = Trading(InstrumentFacts(timezone="UTC", kind="CRYPTOCURRENCY"), "24/7")


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


@pytest.mark.parametrize(
    ("own", "larger"),
    [
        ("1m", "2m 3m 5m 10m 15m 20m 30m 1h 2h 3h 4h 8h 1d 1wk 1mo"),
        ("10s", "30s 1m 2m 3m 5m 10m 15m 20m 30m 1h 2h 3h 4h 8h 1d 1wk 1mo"),
        ("20m", "1h 2h 3h 4h 8h 1d 1wk 1mo"),
        ("2h", "4h 8h 1d 1wk 1mo"),
        ("1d", "1wk 1mo"),
        ("1wk", ""),
        ("1mo", ""),
    ],
)
def test_bars_make_whole_multiples_and_days_make_weeks_and_months(own: str, larger: str) -> None:
    assert [step.value for step in makes(Interval(own))] == larger.split()


def test_a_short_bar_is_over_at_its_end_at_the_close_and_at_midnight() -> None:
    four = finished(Interval.H4, IN_NEW_YORK, NEW_YORK, at("2024-03-08T21:00:00"))
    assert four.is_finished(at("2024-03-08T14:30:00"))
    assert four.is_finished(at("2024-03-08T18:30:00")), "the close cuts it short"
    late = finished(Interval.H4, IN_NEW_YORK, NEW_YORK, at("2024-03-08T20:59:00"))
    assert not late.is_finished(at("2024-03-08T18:30:00"))
    evening = finished(Interval.H8, COIN, ZoneInfo("UTC"), at("2024-03-09T00:00:00"))
    assert evening.is_finished(at("2024-03-08T20:00:00")), "midnight cuts it short"


def test_a_day_with_other_hours_than_the_regular_ones_is_over_at_midnight() -> None:
    close, midnight = at("2024-03-08T21:00:00"), at("2024-03-09T05:00:00")
    friday = at("2024-03-08")
    assert finished(Interval.D1, IN_NEW_YORK, NEW_YORK, close).is_finished(friday)
    at_all_hours = Trading(SHARE, "XNYS", is_at_all_hours=True)
    assert not finished(Interval.D1, at_all_hours, NEW_YORK, close).is_finished(friday)
    assert finished(Interval.D1, at_all_hours, NEW_YORK, midnight).is_finished(friday)
    overnight = InstrumentFacts(timezone="America/New_York", session_open=64_800, session_close=61_200)
    euro = InstrumentFacts(timezone="America/New_York", session_close=61_200, kind="CURRENCY")
    for facts in (overnight, euro):
        assert not finished(Interval.D1, Trading(facts, "24/5"), NEW_YORK, close + 2 * HOUR).is_finished(friday)
        assert finished(Interval.D1, Trading(facts, "24/5"), NEW_YORK, midnight).is_finished(friday)
    assert not finished(Interval.H4, Trading(euro, "24/5"), NEW_YORK, close + HOUR).is_finished(close - HOUR)


def test_a_week_ends_with_its_friday_where_weekends_rest() -> None:
    saturday, sunday, monday = (at(day) for day in ("2024-03-09", "2024-03-10", "2024-03-11"))
    assert [rested(day, "XNYS") for day in (saturday - DAY, saturday, sunday, monday)] == [
        saturday - DAY,
        monday,
        monday,
        monday,
    ]
    for code in ("24/7", "24/5", "CMES", "XTAE"):
        assert rested(saturday, code) == saturday, "something may trade on Sunday"
    week = at("2024-03-04")
    assert finished_dates(Interval.W1, IN_NEW_YORK, NEW_YORK, saturday).is_finished(week)
    assert not finished_dates(Interval.W1, IN_NEW_YORK, NEW_YORK, saturday - DAY).is_finished(week)
    assert not finished_dates(Interval.W1, COIN, ZoneInfo("UTC"), sunday).is_finished(week)
    assert not finished_dates(Interval.MO1, IN_NEW_YORK, NEW_YORK, monday).is_finished(at("2024-03-01"))
