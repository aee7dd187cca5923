"""A day is the exchange's wherever it is said: collected, planned, listed, read."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from tests.world import FACTS, World, bar, world
from webapp.collecting.missing.updates import request_update
from webapp.collecting.plan import make_plan
from webapp.collecting.submit import clone
from webapp.collecting.validation import validate_request
from webapp.database.transactions import reading, writing
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import HOUR, Interval
from webapp.kernel.requests import CollectRequest
from webapp.kernel.spans import Span
from webapp.reading.bars import bars_span, open_bars
from webapp.series import queries_bars, queries_series
from webapp.sources.base import Answer, ChunkRequest
from webapp.web.job_prefill import like_job

__all__ = ["world"]

SYDNEY = replace(FACTS, timezone="Australia/Sydney", exchange="ASX", session_open=36_000, session_close=57_600)
THURSDAY = dt.date(2026, 11, 26)
NOW = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp())


DAY_IN_SYDNEY = Span(at("2026-11-26T00:00+11:00"), at("2026-11-27T00:00+11:00"))
HOURS = [at("2026-11-26T10:00+11:00") + number * HOUR for number in range(6)]


def answer(request: ChunkRequest) -> Answer:
    """The hours of three sessions, as far as they were asked for."""
    times = [time + days * 86_400 for days in (-1, 0, 1) for time in HOURS]
    bars = [bar(time) for time in times if request.span.start <= time < request.span.end]
    return Answer(bars, [], SYDNEY, request.span.end)


@pytest.fixture
def sydney(world: World) -> World:
    world.clock.at = NOW
    world.source.replies = [answer, answer]
    return world


def plan_rows(world: World, symbol: str, interval: Interval, **fields: Any) -> int:  # noqa: ANN401 -- a request's
    source = fields.pop("source", "yahoo")
    request = CollectRequest(source, (symbol,), interval, **fields)
    return make_plan(world.context, validate_request(request, world.context.now())).rows


def test_the_hours_of_a_day_in_sydney_are_collected(sydney: World) -> None:
    """The first one was lost once, and the next day's first one taken."""
    [job_id] = sydney.submit("CBA.AX", interval=Interval.H1, start=THURSDAY, end=THURSDAY)
    job = sydney.work(job_id)
    assert job.span == DAY_IN_SYDNEY
    with reading() as connection:
        assert [row[0] for row in queries_bars.read(connection, job.series_id)] == HOURS
    assert [dt.datetime.fromtimestamp(label, dt.UTC).date() for label in job.days] == [THURSDAY, THURSDAY]
    values = like_job(job)
    assert (values["start"], values["end"]) == (THURSDAY, THURSDAY)


def test_what_is_asked_once_more_is_the_same(sydney: World) -> None:
    for interval in (Interval.H1, Interval.D1):
        [job_id] = sydney.submit("CBA.AX", interval=interval, start=THURSDAY, end=THURSDAY)
        sydney.source.replies = [answer] if interval is Interval.H1 else []
        first = sydney.work(job_id)
        [again] = clone(sydney.context, job_id, "test").job_ids
        assert sydney.work(again).span == first.span


def test_a_day_is_read_as_it_is_collected(sydney: World) -> None:
    [job_id] = sydney.submit("CBA.AX", interval=Interval.H1, start=dt.date(2026, 11, 25), end=dt.date(2026, 11, 27))
    job = sydney.work(job_id)
    with reading() as connection:
        row = queries_series.get(connection, job.series_id)
    assert row is not None
    for step, count in ((None, 6), (Interval.D1, 1)):
        span = bars_span(row, THURSDAY, THURSDAY, step)
        pages = open_bars(row.id, "splits", span, step).pages(100)
        assert len([one_bar for page in pages for one_bar in page]) == count
    midnight = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    assert bars_span(row, midnight, midnight, Interval.D1) == DAY_IN_SYDNEY


def test_an_update_begins_with_the_exchanges_day_of_the_last_bar(sydney: World) -> None:
    """A bar of the evening in New York lies on the next day in UTC."""
    [job_id] = sydney.submit("AAPL", interval=Interval.H1, start=THURSDAY, end=THURSDAY)
    evening = at("2026-11-26T19:00-05:00")
    sydney.source.replies = [lambda request: Answer([bar(evening)], [], FACTS, request.span.end)]
    job = sydney.work(job_id)
    with reading() as connection:
        row = queries_series.get(connection, job.series_id)
    assert row is not None
    assert row.last_bar == evening
    assert request_update(sydney.context, row).start == THURSDAY


@pytest.mark.parametrize(
    ("symbol", "now", "period", "rows"),
    [
        ("AAPL", "2026-11-28T18:00+00:00", "1d", 0),  # a Saturday
        ("AAPL", "2026-11-29T18:00+00:00", "3d", 210),  # Friday after Thanksgiving is a half day
        ("CBA.AX", "2026-11-29T23:30+00:00", "1d", 30),  # Monday in Sydney, half an hour after the opening
        ("AAPL", "2026-11-30T02:00+00:00", "1d", 0),  # still Sunday in New York
        ("BTC-USD", "2026-11-28T18:00+00:00", "1d", 18 * 60),
    ],
)
def test_minutes_of_a_weekend_are_estimated_by_the_calendar(
    world: World, symbol: str, now: str, period: str, rows: int
) -> None:
    world.clock.at = dt.datetime.fromisoformat(now)
    assert plan_rows(world, symbol, Interval.M1, period=period) == pytest.approx(rows, abs=31)


def test_days_of_a_year_are_its_sessions(world: World) -> None:
    year = {"start": dt.date(2023, 1, 1), "end": dt.date(2023, 12, 31)}
    assert plan_rows(world, "AAPL", Interval.D1, **year) == 250
    assert plan_rows(world, "AAPL", Interval.W1, **year) == pytest.approx(52, abs=1)
    assert plan_rows(world, "BTC-USD", Interval.D1, **year) == 365


def test_a_plan_of_a_share_that_ibkr_never_told_of_is_that_of_one_it_has(world: World) -> None:
    """Nights and weekends were counted once: more than four times as many requests as it takes."""
    month: dict[str, Any] = {"start": dt.date(2024, 2, 1), "end": dt.date(2024, 2, 29)}
    counts = []
    for symbol, facts in (("AAPL", None), ("MSFT", FACTS), ("CBA.STK.ASX.AUD", None)):
        if facts:
            know(symbol, facts)
        request = CollectRequest("ibkr", (symbol,), Interval.S5, **month)
        counts.append(make_plan(world.context, validate_request(request, world.context.now())).requests)
    assert counts[:2] == [21 * 7, 21 * 7]  # a holiday is asked for, too
    assert counts[2] == 21 * 6


def know(symbol: str, facts: InstrumentFacts) -> None:
    with writing() as connection:
        series_id = queries_series.ensure(connection, "ibkr", symbol, Interval.S5, "")
        row = queries_series.get(connection, series_id)
        assert row is not None
        queries_series.update_facts(connection, row.instrument_id, facts, dt.datetime.now(dt.UTC))
