"""Which bars are finished, at exchanges with summer time, half-hour zones and none."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from webapp.kernel.closing import closed_until, local_date_label, local_instant
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import Interval

NEW_YORK = InstrumentFacts(timezone="America/New_York", session_close=16 * 3600)
DELAY = 1800


def at(text: str, zone: str = "UTC") -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        ("2024-03-08T16:29:59", "2024-03-08"),  # winter time: the delay is not over
        ("2024-03-08T16:30:00", "2024-03-09"),
        ("2024-03-11T16:29:59", "2024-03-11"),  # summer time since the day before: same wall clock
        ("2024-03-11T16:30:00", "2024-03-12"),
    ],
)
def test_a_day_is_closed_when_its_session_and_the_delay_are_over(now: str, closed: str) -> None:
    assert closed_until(Interval.D1, NEW_YORK, at(now, "America/New_York"), DELAY) == at(closed)


def test_a_week_is_closed_after_its_last_day_and_a_month_likewise() -> None:
    friday = at("2024-03-01T18:00:00", "America/New_York")
    assert closed_until(Interval.W1, NEW_YORK, friday, DELAY) == at("2024-02-26")
    assert closed_until(Interval.MO1, NEW_YORK, friday, DELAY) == at("2024-03-01")
    sunday_evening = at("2024-03-03T23:59:00", "America/New_York")
    assert closed_until(Interval.W1, NEW_YORK, sunday_evening, DELAY) == at("2024-03-04")


@pytest.mark.parametrize(
    ("kind", "zone", "closed"),
    [
        ("EQUITY", "America/New_York", "2024-03-04"),
        ("INDEX", "Europe/London", "2024-03-04"),
        ("CRYPTOCURRENCY", "UTC", "2024-02-26"),
        ("EQUITY", "Asia/Jerusalem", "2024-02-26"),  # trades on Sundays
        (None, "America/New_York", "2024-02-26"),  # nobody knows what it is
    ],
)
def test_on_saturday_a_week_is_over_where_weekends_rest(kind: str | None, zone: str, closed: str) -> None:
    facts = InstrumentFacts(kind=kind, timezone=zone, session_close=17 * 3600)
    assert closed_until(Interval.W1, facts, at("2024-03-02T09:00:00", zone), DELAY) == at(closed)


def test_a_month_that_ends_on_a_weekend_is_over_with_its_last_friday() -> None:
    share = InstrumentFacts(kind="EQUITY", timezone="America/New_York", session_close=16 * 3600)
    friday = at("2024-03-29T16:30:00", "America/New_York")
    assert closed_until(Interval.MO1, share, friday, DELAY) == at("2024-04-01")
    assert closed_until(Interval.MO1, share, friday - 1, DELAY) == at("2024-03-01")


def test_a_minute_is_closed_once_the_delay_is_over() -> None:
    assert closed_until(Interval.M1, NEW_YORK, at("2024-03-08T15:00:59"), 60) == at("2024-03-08T14:59:00")


def test_without_a_known_close_a_day_lasts_to_its_local_midnight() -> None:
    tokyo = InstrumentFacts(timezone="Asia/Tokyo")
    assert closed_until(Interval.D1, tokyo, at("2024-03-08T23:59:59", "Asia/Tokyo"), 0) == at("2024-03-08")
    assert closed_until(Interval.D1, tokyo, at("2024-03-09T00:00:00", "Asia/Tokyo"), 0) == at("2024-03-09")


def test_without_a_known_zone_a_day_is_closed_when_it_is_over_everywhere() -> None:
    nowhere = InstrumentFacts()
    assert closed_until(Interval.D1, nowhere, at("2024-03-09T11:59:59"), 0) == at("2024-03-08")
    assert closed_until(Interval.D1, nowhere, at("2024-03-09T12:00:00"), 0) == at("2024-03-09")


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "UTC", "Pacific/Auckland"])
def test_a_label_and_its_instants_agree(zone: str) -> None:
    place = ZoneInfo(zone)
    for day in ("2024-03-10", "2024-11-03", "2024-04-07", "2024-07-01"):
        label = int(at(day))
        assert local_date_label(local_instant(label, 0, place), place) == label
        assert local_date_label(local_instant(label, 86_399, place), place) == label
        assert local_date_label(local_instant(label, 86_400, place) - 1, place) == label


def test_seconds_after_midnight_are_those_of_the_wall_clock() -> None:
    spring_forward = int(at("2024-03-10"))
    assert local_instant(spring_forward, 9 * 3600 + 1800, ZoneInfo("America/New_York")) == at("2024-03-10T13:30:00")
    assert local_instant(spring_forward, 86_400, ZoneInfo("America/New_York")) == at("2024-03-11T04:00:00")
