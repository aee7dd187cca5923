"""What Yahoo may do to a collection, done by the offline market to the real client in a real worker."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests.plant import Plant, succeeded
from tests.servers import wait_until
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import ErrorKind, JobState
from webapp.sandbox.market import Market as TrueMarket

MakePlant = Callable[..., Plant]
YEAR: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 12, 31)}


def truth(symbol: str, interval: str, first: float, last: float) -> list[tuple[object, ...]]:
    """The market's own bars that start from ``first`` to ``last``, both inside."""
    return [(*bar, None, None) for bar in TrueMarket().bars(symbol, interval, first, last + 1)]


def equals_the_market(plant: Plant, job_id: int, symbol: str, interval: str) -> bool:
    stored = plant.bars(job_id)
    return bool(stored) and stored == truth(symbol, interval, stored[0][0], stored[-1][0])


def test_too_many_requests_make_all_workers_pause_together_and_are_never_exceeded(make_plant: MakePlant) -> None:
    rate = 4
    plant = make_plant(YAHOO_REQUESTS_PER_SECOND=str(rate), YAHOO_COOLDOWN_SECONDS="0.02")
    plant.worker("one"), plant.worker("two"), plant.clock()
    plant.market.fault(status=429, times=10, match={"path": "/v8/finance/chart/"})
    plant.submit("AAPL", "MSFT", "NVDA", "AMZN", **YEAR)
    waiting: list[tuple[dt.datetime, dt.datetime]] = []

    def somebody_waits() -> bool:
        now = dt.datetime.now(dt.UTC)
        waiting.extend(
            (now, job.due_at)
            for job in plant.jobs()
            if job.state is JobState.WAITING and job.error_kind is ErrorKind.RATE_LIMITED
        )
        return bool(waiting) or not any(job.is_active for job in plant.jobs())

    wait_until(somebody_waits, "a job waits and says until when", timeout=120)
    assert waiting, [(j.state, str(j.message), plant.log(j.id)) for j in plant.jobs()]
    found = plant.wait(timeout=180)
    assert succeeded(found)
    log = plant.market.log()
    refused = [entry["time"] for entry in log if entry["status"] == 429]
    assert len(refused) == 10
    times = sorted(entry["time"] for entry in log)
    for first in range(len(times) - 2 * rate):  # in any stretch: no more than the rate, and one for the fence post
        assert times[first + 2 * rate] - times[first] >= 2.0 - 0.25
    last = refused[-1]
    after = [time for time in times if time > last]
    assert after[0] - last > 1.0  # the tenth pause in a row: nobody asked meanwhile


def test_a_crumb_that_is_refused_makes_all_pause_once_and_then_the_data_are_asked_without_it(
    make_plant: MakePlant,
) -> None:
    plant = make_plant(YAHOO_COOLDOWN_SECONDS="1")
    plant.worker(concurrency=1), plant.clock()
    plant.market.fault(status=429, match={"path": "/v1/test/getcrumb"})
    [job_id] = plant.submit("AAPL", **YEAR)
    assert succeeded(plant.wait())
    assert equals_the_market(plant, job_id, "AAPL", "1d")
    log = plant.market.log()
    refused = [entry["time"] for entry in log if entry["status"] == 429]
    assert len(refused) == 2
    assert not [entry for entry in log if refused[0] < entry["time"] < refused[0] + 0.9]  # the pause


FAULTS: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 503},
    {"cut": True},
    {"truncate": True},
    {"drop": True},
    {"html": True},
    {"nulls": True},
    {"null_fields": True},
    {"unequal": True},
    {"empty": True},
]


def test_whatever_goes_wrong_twice_for_each_chunk_the_data_are_those_of_a_run_without(make_plant: MakePlant) -> None:
    plant = make_plant()
    plant.worker(), plant.clock()
    symbols = ["AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "TSLA", "SPY", "QQQ", "MC.PA", "SAP.DE"]
    for symbol, fault in zip(symbols, FAULTS, strict=True):
        plant.market.fault(times=2, per="request", match={"symbol": symbol}, **fault)
    ids = plant.submit(*symbols, interval=Interval.M1, period="2wk")
    ids += plant.submit(*symbols, **YEAR)
    assert succeeded(plant.wait(timeout=240)), [(j.symbol, str(j.message)) for j in plant.jobs()]
    for job_id in ids:
        job = plant.job(job_id)
        assert equals_the_market(plant, job_id, job.symbol, job.interval.value), job.symbol
        assert job.attempt >= 1
    assert all(rule["struck"] >= 2 for rule in plant.market.faults())


def test_one_bad_symbol_stops_nobody_and_each_gets_its_own_sentence(make_plant: MakePlant) -> None:
    plant = make_plant()
    plant.worker(), plant.clock()
    symbols = ["AAPL", "NOSUCH", "OLDCO", "SOON", "MSFT", "BTC-USD"]
    plant.submit(*symbols, **YEAR)
    found = {job.symbol: job for job in plant.wait()}
    assert {symbol: found[symbol].state for symbol in symbols} == {
        "AAPL": JobState.SUCCEEDED,
        "NOSUCH": JobState.FAILED,
        "OLDCO": JobState.SUCCEEDED,
        "SOON": JobState.SUCCEEDED,
        "MSFT": JobState.SUCCEEDED,
        "BTC-USD": JobState.SUCCEEDED,
    }
    assert found["NOSUCH"].error_kind is ErrorKind.UNKNOWN_SYMBOL
    assert "does not know" in str(found["NOSUCH"].message)
    assert "Check the spelling" in str(found["NOSUCH"].hint)
    assert "has not traded since 2019-06-28" in str(found["OLDCO"].note)
    assert "was not listed yet" in str(found["SOON"].note)
    assert [verdict for _, _, verdict in plant.covered(found["OLDCO"].id)] == ["empty"]
    assert plant.covered(found["NOSUCH"].id) == []


@pytest.mark.parametrize("kind", ["401", "500", "cut", "unknown", "before", "empty"])
def test_six_answers_have_six_verdicts(make_plant: MakePlant, kind: str) -> None:
    plant = make_plant(MAX_ATTEMPTS="1")
    plant.worker(concurrency=1)
    fault: dict[str, dict[str, Any]] = {"401": {"status": 401}, "500": {"status": 500}, "cut": {"cut": True}}
    if kind in fault:
        plant.market.fault(match={"path": "/v8/finance/chart/"}, **fault[kind])
    symbol = {"unknown": "NOSUCH", "before": "TSLA"}.get(kind, "AAPL")
    span = {
        "before": {"start": dt.date(1999, 1, 1), "end": dt.date(1999, 3, 1)},
        "empty": {"start": dt.date(2024, 3, 2), "end": dt.date(2024, 3, 3)},
    }.get(kind, YEAR)
    [job] = plant.wait(*plant.submit(symbol, **span))
    verdicts = {
        "401": (JobState.FAILED, ErrorKind.UNAVAILABLE, "refused our session (HTTP 401)"),
        "500": (JobState.FAILED, ErrorKind.UNAVAILABLE, "problem of its own (HTTP 500)"),
        "cut": (JobState.FAILED, ErrorKind.UNAVAILABLE, "cut or garbled"),
        "unknown": (JobState.FAILED, ErrorKind.UNKNOWN_SYMBOL, "does not know"),
        "before": (JobState.SUCCEEDED, None, "not listed yet"),
        "empty": (JobState.SUCCEEDED, None, "did not trade"),
    }
    state, error, words = verdicts[kind]
    assert (job.state, job.error_kind) == (state, error)
    assert words in str(job.note if error is None else job.message)
    assert bool(plant.covered(job.id)) == (state is JobState.SUCCEEDED)
