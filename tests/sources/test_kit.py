"""What sources share, by itself: labels of bars, an offer of a few values, the usual settings."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from webapp.errors import InvalidRequestError
from webapp.kernel.bars import Bar
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.kernel.requests import CollectRequest
from webapp.kernel.spans import Span
from webapp.sources.base import ChunkRequest, SeriesQuery
from webapp.sources.kit.labels import closed_part, format_label, label_date, local_to_utc
from webapp.sources.kit.offer import StaticOffer
from webapp.sources.kit.settings import stay_on_loopback, usual_settings

NEW_YORK = ZoneInfo("America/New_York")
SHARE = InstrumentFacts(timezone="America/New_York", session_open=34_200, session_close=57_600)


def test_a_date_is_labelled_with_its_midnight_in_utc() -> None:
    assert label_date(dt.date(2024, 3, 10)) == 1_710_028_800
    assert format_label(1_710_028_800) == "2024-03-10"


def test_the_wall_clock_of_an_exchange_is_followed_through_its_changes() -> None:
    opened = dt.time(9, 30)
    fridays = [dt.datetime.combine(day, opened) for day in (dt.date(2024, 3, 8), dt.date(2024, 3, 11))]
    winter, summer = (local_to_utc(wall, NEW_YORK) for wall in fridays)
    assert dt.datetime.fromtimestamp(winter, dt.UTC).hour == 14
    assert dt.datetime.fromtimestamp(summer, dt.UTC).hour == 13
    assert summer - winter == 3 * DAY - HOUR
    twice = dt.datetime(2024, 11, 3, 1, 30)  # noqa: DTZ001 -- a wall clock's time, of which there are two
    assert local_to_utc(twice, NEW_YORK) + HOUR == local_to_utc(twice.replace(fold=1), NEW_YORK)


def bar(time: int) -> Bar:
    return (time, 1.0, 1.0, 1.0, 1.0, 1.0, None, None)


def moment(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


WEEK = Span(label_date(dt.date(2024, 3, 4)), label_date(dt.date(2024, 3, 9)))
"""Monday to Friday."""


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        ("2024-03-06T20:59:59+00:00", 2),
        ("2024-03-06T21:00:00+00:00", 2),
        ("2024-03-06T21:30:00+00:00", 3),
        ("2024-03-20T00:00:00+00:00", 5),
        ("2024-02-01T00:00:00+00:00", 0),
    ],
)
def test_days_are_closed_once_the_session_and_the_delay_are_over(now: str, closed: int) -> None:
    days = [bar(day) for day in range(WEEK.start - DAY, WEEK.end + DAY, DAY)]
    request = ChunkRequest("ABC", Interval.D1, WEEK)
    bars, until = closed_part(days, request, SHARE, moment(now), 30 * 60)
    assert bars == days[1 : closed + 1], "what lies outside the span is left out, too"
    assert until == WEEK.start + closed * DAY


def test_hours_are_known_until_the_first_one_that_may_still_change() -> None:
    start = int(moment("2024-03-06T14:30:00+00:00"))
    hours = [bar(start + index * HOUR) for index in range(4)]
    request = ChunkRequest("ABC", Interval.H1, Span(start, start + DAY))
    bars, until = closed_part(hours, request, SHARE, start + 2 * HOUR + 600, 900)
    assert (bars, until) == (hours[:1], start + HOUR)
    bars, until = closed_part([], request, SHARE, start + 2 * HOUR + 900, 900)
    assert (bars, until) == ([], int(moment("2024-03-06T16:00:00+00:00")))


# --- An offer of a few values, settings ---

OFFER = StaticOffer(
    name="service",
    label="Service",
    kept_days={Interval.D1: None, Interval.H1: 90},
    longest_chunks={Interval.H1: 30 * DAY},
)
HOURS = SeriesQuery("ABC", Interval.H1)


def test_what_is_not_kept_is_refused_with_the_day_since_when_it_is() -> None:
    now = moment("2024-03-31T12:00:00+00:00")
    since = label_date(dt.date(2024, 1, 2))
    whole = Span(since - 10 * DAY, since + 50 * DAY)
    servable, [refusal] = OFFER.split_servable(HOURS, whole, now)
    assert (servable, refusal.span) == (Span(since, whole.end), Span(whole.start, since))
    assert "Service keeps 1h bars for 90 days only: it can serve them since 2024-01-02." in str(refusal.reason)
    assert OFFER.span_problem(HOURS, Span(since - 10 * DAY, since), now) == refusal.reason
    assert OFFER.span_problem(HOURS, whole, now) is None
    assert OFFER.split_servable(SeriesQuery("ABC", Interval.D1), whole, now) == (whole, ())


def test_chunks_are_as_long_as_the_service_allows() -> None:
    whole = Span(0, 70 * DAY)
    assert [chunk.seconds // DAY for chunk in OFFER.cut(HOURS, whole)] == [30, 30, 10]
    assert OFFER.cut(SeriesQuery("ABC", Interval.D1), whole) == [whole]
    assert OFFER.seconds(HOURS, 10, {"requests_per_second": 2.0}) == 5.0


def test_a_symbol_that_cannot_be_one_is_refused() -> None:
    assert OFFER.normalized(CollectRequest("service", ("ABC",), Interval.D1, period="max")).symbols == ("ABC",)
    with pytest.raises(InvalidRequestError, match="is not a symbol"):
        OFFER.normalized(CollectRequest("service", ("?",), Interval.D1, period="max"))


def test_settings_have_the_prefix_and_an_address_where_there_is_one() -> None:
    names = [setting.environment for setting in usual_settings("SERVICE", 1.0, base_url="https://service.example")]
    assert names[0] == "SERVICE_BASE_URL"
    assert [setting.environment for setting in usual_settings("SERVICE", 1.0)] == names[1:]


@pytest.mark.parametrize(
    ("base", "usual", "address"),
    [
        ("http://127.0.0.1:8765", "", "http://127.0.0.1:8765"),
        ("http://localhost:8765", "https://service.example", "http://localhost:8765"),
        ("", "http://127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("https://service.example", "http://127.0.0.1:8765", "http://127.0.0.1:9"),
        ("", "https://service.example", "http://127.0.0.1:9"),
        ("", "", "http://127.0.0.1:9"),
    ],
)
def test_a_demonstration_asks_this_machine_or_nobody(base: str, usual: str, address: str) -> None:
    assert stay_on_loopback("SERVICE_BASE_URL", usual)({"SERVICE_BASE_URL": base}, {}) == {"SERVICE_BASE_URL": address}
