"""Requests as people put them, turned into spans."""

import datetime as dt
from typing import Any

import pytest

from webapp.errors import InvalidRequestError
from webapp.kernel.collect_fields import priority_of
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import Priority
from webapp.kernel.request_fields import RequestField, moment_of, parse_interval_field
from webapp.kernel.requests import EARLIEST, PERIODS, CollectRequest, asked_span, period_begin
from webapp.kernel.spans import Span

TODAY = dt.date(2024, 2, 29)
NOW = dt.datetime(2024, 2, 29, 15, 0, 30, tzinfo=dt.UTC).timestamp()


def label(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def request(interval: Interval = Interval.D1, **fields: Any) -> CollectRequest:  # noqa: ANN401 -- the test's choice
    return CollectRequest("yahoo", ("AAPL",), interval, **fields)


@pytest.mark.parametrize(
    ("period", "begins"),
    [
        ("1d", "2024-02-29"),
        ("5d", "2024-02-25"),
        ("1wk", "2024-02-23"),
        ("3mo", "2023-11-29"),
        ("1y", "2023-02-28"),
        ("ytd", "2024-01-01"),
        ("18mo", "2022-08-29"),
        ("9999y", "1900-02-28"),
    ],
)
def test_a_period_ends_today(period: str, begins: str) -> None:
    assert period_begin(period, TODAY) == label(begins)


def test_max_begins_with_the_oldest_bars_there_are() -> None:
    assert period_begin("max", TODAY) == EARLIEST
    assert period_begin("9999wk", TODAY) >= EARLIEST
    assert all(period_begin(period, TODAY) < NOW for period in PERIODS)


@pytest.mark.parametrize("period", ["", "0d", "-1d", "1x", "d", "12345d", "1.5y", "<script>" * 20])
def test_what_is_no_period_is_said(period: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        period_begin(period, TODAY)
    assert set(caught.value.fields) == {"period"}


def test_dates_are_inclusive_and_date_times_end_exclusively() -> None:
    dates = request(start=dt.date(2024, 1, 2), end=dt.date(2024, 1, 5))
    assert asked_span(dates, NOW) == Span(label("2024-01-02"), label("2024-01-06"))
    paris = dt.timezone(dt.timedelta(hours=1))
    times = request(
        Interval.M1,
        start=dt.datetime(2024, 1, 2, 9, 30),  # noqa: DTZ001 -- as people type it
        end=dt.datetime(2024, 1, 2, 11, 0, tzinfo=paris),
    )
    assert asked_span(times, NOW) == Span(label("2024-01-02T09:30"), label("2024-01-02T10:00"))


def test_the_end_is_now_or_a_day_that_has_begun_somewhere() -> None:
    assert asked_span(request(period="1d"), NOW).end == label("2024-03-02")
    assert asked_span(request(Interval.M1, period="1d"), NOW).end == int(NOW)
    assert asked_span(request(start=dt.date(2024, 2, 1), end=dt.date(2030, 1, 1)), NOW).end == label("2024-03-02")


def test_the_start_is_never_before_any_bar_and_the_span_never_empty() -> None:
    assert asked_span(request(start=dt.date(1700, 1, 1)), NOW).start == EARLIEST
    minute = dt.datetime.fromtimestamp(NOW, dt.UTC)
    assert asked_span(request(Interval.M1, start=minute), NOW).seconds == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, "start"),
        ({"period": "1y", "start": dt.date(2024, 1, 1)}, "period"),
        ({"period": "1y", "end": dt.date(2024, 1, 1)}, "period"),
        ({"start": dt.date(2024, 1, 5), "end": dt.date(2024, 1, 4)}, "end"),
        ({"start": dt.date(2030, 1, 5)}, "start"),
    ],
)
def test_contradictions_are_said_at_their_field(fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        asked_span(request(**fields), NOW)
    assert list(caught.value.fields) == [wrong]


def test_fields_are_read_as_people_type_them() -> None:
    assert parse_interval_field(RequestField("interval"), "1wk") is Interval.W1
    assert priority_of("High") is Priority.HIGH
    assert moment_of("start", "2024-03-01") == dt.date(2024, 3, 1)
    assert moment_of("end", "2024-03-01T14:30:00+00:00") == dt.datetime(2024, 3, 1, 14, 30, tzinfo=dt.UTC)


def test_a_field_that_is_not_understood_is_named() -> None:
    for read, field in (
        (lambda: parse_interval_field(RequestField("interval"), "7m"), "interval"),
        (lambda: priority_of("now"), "priority"),
        (lambda: moment_of("end", "yesterday"), "end"),
        (lambda: moment_of("start", "2024-02-30"), "start"),
    ):
        with pytest.raises(InvalidRequestError) as caught:
            read()
        assert list(caught.value.fields) == [field]


def test_a_day_is_a_day() -> None:
    assert label("2024-03-01") - label("2024-02-29") == DAY
