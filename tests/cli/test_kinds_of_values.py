"""What notebooks hold instead of texts: times of pandas and NumPy, ids that are none, a database without tables."""

import datetime as dt
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from tests.cli.conftest import Terminal
from tests.cli.entrances import Entrances
from webapp.database.transactions import writing
from webapp.errors import DatabaseAwayError, InvalidRequestError, NotFoundError
from webapp.job_manager import JobManager
from webapp.kernel.bars import Bar
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.models import init_db
from webapp.series import queries_bars, queries_coverage, queries_series

MIDNIGHTS: dict[str, object] = {
    "date": dt.date(2024, 3, 28),
    "datetime": dt.datetime(2024, 3, 28),  # noqa: DTZ001 -- as notebooks have it
    "aware": dt.datetime(2024, 3, 28, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
    "timestamp": pd.Timestamp("2024-03-28"),
    "timestamp-zone": pd.Timestamp("2024-03-28", tz="Asia/Tokyo"),
    "datetime64": np.datetime64("2024-03-28T00:00:00", "ns"),
    "datetime64-day": np.datetime64("2024-03-28"),
    "text": "2024-03-28T00:00:00",
    "text-zone": "2024-03-28T00:00:00+09:00",
}
LAST = int(dt.datetime(2024, 3, 28, tzinfo=dt.UTC).timestamp())


@pytest.fixture
def entrances(terminal: Terminal) -> Entrances:
    return Entrances(terminal)


def store(terminal: Terminal, symbol: str, interval: Interval, times: list[int], zone: str) -> int:
    bars: list[Bar] = [(time, 10.0, 12.0, 9.0, 11.0, 100.0, None, None) for time in times]
    with terminal.app.app_context(), writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", symbol, interval, "")
        row = queries_series.get(connection, series_id)
        assert row
        now = terminal.context.now()
        queries_series.update_facts(connection, row.instrument_id, InstrumentFacts(timezone=zone), now)
        added = queries_bars.upsert(connection, series_id, bars)
        queries_series.extend_range(connection, series_id, added, times[0], times[-1], now)
        known = Covered(Span(times[0], times[-1] + HOUR), Verdict.HAVE, int(now.timestamp()))
        queries_coverage.record(connection, series_id, known)
        return series_id


@pytest.mark.parametrize("kind", MIDNIGHTS)
def test_of_a_midnight_only_the_date_counts_for_daily_bars_and_is_included(entrances: Entrances, kind: str) -> None:
    end = MIDNIGHTS[kind]
    usual: dict[str, object] = {"source": "yahoo", "symbols": ["AAPL"], "interval": "1d", "start": "2024-01-02"}
    series_id = store(entrances.terminal, "AAPL", Interval.D1, [LAST - DAY, LAST, LAST + DAY], "America/New_York")
    expected = entrances.collect_in_python(usual | {"end": "2024-03-28"})
    days = ((LAST - DAY, 11.0), (LAST, 11.0))
    assert entrances.collect_in_python(usual | {"end": end}) == expected
    assert entrances.read_in_python({"symbol": "AAPL", "end": end}).understood == days
    if isinstance(end, str):
        assert entrances.collect_over_http(usual | {"end": end}) == expected
        assert entrances.collect_by_command(usual | {"end": end}) == expected
        assert entrances.read_over_http(series_id, {"end": end}).understood == days
        assert entrances.read_by_command({"symbol": "AAPL", "end": end}).understood == days


def test_hours_of_a_date_are_those_of_the_exchange_s_day_everywhere(entrances: Entrances) -> None:
    """In Sydney 2026-11-26 is from 13:00 UTC of the day before to 13:00 UTC."""
    begin = int(dt.datetime(2026, 11, 25, 13, tzinfo=dt.UTC).timestamp())
    times = [begin + HOUR * hour for hour in range(-3, 27)]
    series_id = store(entrances.terminal, "CBA.AX", Interval.H1, times, "Australia/Sydney")
    day = {"start": "2026-11-26", "end": "2026-11-26"}
    series = {"symbol": "CBA.AX", "interval": "1h"}
    expected = tuple((begin + HOUR * hour, 11.0) for hour in range(24))
    assert entrances.read_in_python(series | day).understood == expected
    assert entrances.read_over_http(series_id, day).understood == expected
    assert entrances.read_by_command(series | day).understood == expected
    collection: dict[str, object] = {"source": "yahoo", "symbols": ["CBA.AX"], "interval": "1h", **day}
    [job] = cast("tuple[tuple[Any, ...]]", entrances.collect_in_python(collection).understood)
    assert job[4] == Span(begin, begin + DAY)
    assert entrances.collect_over_http(collection).understood == (job,)
    assert entrances.collect_by_command(collection).understood == (job,)


def test_an_index_of_symbols_is_collected_and_a_set_in_its_order(terminal: Terminal) -> None:
    frame = pd.DataFrame({"close": [1.0, 2.0]}, index=["MSFT", "AAPL"])
    with terminal.app.app_context():
        for symbols, names in (
            (frame.index, ["MSFT", "AAPL"]),
            (pd.Series(["MSFT", "AAPL"]), ["MSFT", "AAPL"]),
            ({"MSFT", "AAPL", "BF-B"}, ["AAPL", "BF-B", "MSFT"]),
            ((name for name in ("AAPL", "MSFT")), ["AAPL", "MSFT"]),
        ):
            batch = JobManager.submit(symbols, period="1mo")
            assert [job["symbol"] for job in reversed(JobManager.get_active_jobs())] == names
            JobManager.cancel(batch)


IDS: tuple[object, ...] = (None, "1", "x", 1.0, float("nan"), True, b"1", {}, object())
ASKS: dict[str, Callable[[Any], object]] = {
    "job_id": JobManager.clone,
    "jobs": JobManager.cancel,
    "batch": JobManager.wait,
    "limit": JobManager.get_recent_jobs,
}


@pytest.mark.parametrize("name", ASKS)
def test_what_is_no_id_is_refused_by_a_sentence_that_names_it(terminal: Terminal, name: str) -> None:
    with terminal.app.app_context():
        for value in IDS:
            with pytest.raises(InvalidRequestError, match=f"“{name}” takes a whole number; this is ") as caught:
                ASKS[name](value)
            assert list(caught.value.fields) == [name], value


@pytest.mark.parametrize("value", [-1, 0, 2**31, 2**70, np.int64(7)])
def test_an_id_of_nothing_is_not_found(terminal: Terminal, value: int) -> None:
    with terminal.app.app_context():
        with pytest.raises(NotFoundError):
            JobManager.clone(value)
        with pytest.raises(NotFoundError):
            JobManager.wait(value)
        assert JobManager.retry([value]).refused == {int(value): f"There is no job {value}."}


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: JobManager.get_recent_jobs(0), "“limit” takes a whole number from 1 to 1000000."),
        (lambda: JobManager.get_recent_jobs(-1), "“limit” takes a whole number from 1 to 1000000."),
        (lambda: JobManager.wait(1, timeout=cast("Any", "1")), "“timeout” takes a number of seconds; this is a text."),
        (lambda: JobManager.wait(1, timeout=float("nan")), "“timeout” takes a number of seconds; this is nan."),
        (lambda: JobManager.wait(1, timeout=-1), "“timeout” takes a number of seconds; this is -1."),
        (lambda: JobManager.cancel(1, cast("Any", 5)), "“reason” takes a text; this is a number."),
        (lambda: JobManager.cancel([cast("Any", "1")]), "“jobs” takes a whole number; this is a text."),
        (lambda: JobManager.prioritize(1, cast("Any", 1.5)), "“priority” takes a text; this is a number."),
        (lambda: JobManager.prioritize(1, cast("Any", "")), "“” is not a priority. Use high, normal or low."),
        (lambda: JobManager.series(cast("Any", 5)), "“search” takes a text; this is a number."),
        (lambda: JobManager.coverage(cast("Any", 5)), "“symbol” takes one symbol, as a text; this is a number."),
        (lambda: JobManager.gaps(cast("Any", ["A"])), "“symbol” takes one symbol, as a text; this is a list."),
        (lambda: JobManager.actions(cast("Any", None)), "“symbol” is needed."),
    ],
)
def test_other_arguments_are_refused_by_name(terminal: Terminal, ask: Callable[[], object], said: str) -> None:
    with terminal.app.app_context(), pytest.raises(InvalidRequestError) as caught:
        ask()
    assert str(caught.value) == said


@pytest.mark.parametrize(
    "ask",
    [
        lambda: JobManager.submit("AAPL", period="1y"),
        lambda: JobManager.bars("AAPL"),
        JobManager.series,
        JobManager.get_statistics,
        JobManager.get_active_jobs,
        lambda: JobManager.cancel(1),
        lambda: JobManager.wait(1),
        lambda: JobManager.actions("AAPL"),
    ],
)
def test_before_init_db_every_call_says_that_there_are_no_tables(bare: Terminal, ask: Callable[[], object]) -> None:
    with bare.app.app_context():
        with pytest.raises(DatabaseAwayError, match=r"^The database has no tables yet: init_db\(\) makes them\."):
            ask()
        init_db()
        JobManager.series()
