"""What goes wrong between a worker and TWS, and what becomes of the jobs: real processes, real client library.

Pacing windows are shortened, at the offline TWS and with us alike.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests.bench.pacing import SETTINGS, measure
from tests.faults.story import check
from tests.faults.test_ibkr_collections import QUICK, RULES, prices, truth, weekday_before
from tests.plant import Plant, succeeded
from tests.servers import wait_until
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import ErrorKind, JobState

MakePlant = Callable[..., Plant]
IMPATIENT = {**QUICK, "IB_REQUEST_TIMEOUT": "2"}


def ibkr_plant(make_plant: MakePlant, rules: dict[str, float], **settings: str) -> Plant:
    plant = make_plant(**settings)
    plant.market.tws.set(pacing=rules)
    return plant


def progress_of(plant: Plant, job_id: int) -> int:
    return plant.job(job_id).progress.done


def is_whole(plant: Plant, job_id: int, symbol: str) -> bool:
    bars = plant.bars(job_id)
    return prices(bars) == truth(symbol, plant.job(job_id).interval.value, bars) and len(bars) > 0


def test_a_worker_killed_and_started_again_at_once_breaks_no_rule(make_plant: MakePlant) -> None:
    slow = {**QUICK, "IB_PACING_IDENTICAL_SECONDS": "6", "IB_PACING_BURST_SECONDS": "1"}
    plant = ibkr_plant(make_plant, {**RULES, "identical_seconds": 6.0, "burst_seconds": 1.0}, **slow)
    plant.market.tws.fault(delay=0.3, match={"kind": "history"})
    worker, _ = plant.worker("one", concurrency=1), plant.clock()
    day = weekday_before(7)
    [job_id] = plant.submit("AAPL", source="ibkr", interval=Interval.S5, start=day, end=day + dt.timedelta(days=1))
    wait_until(lambda: progress_of(plant, job_id) >= 3, "some chunks are there")
    worker.kill()
    plant.worker("two", concurrency=1)
    assert succeeded(plant.wait(job_id))
    assert plant.market.tws.violations() == []
    assert plant.market.tws.orders() == []
    assert len(plant.bars(job_id)) == 2 * 4680
    assert is_whole(plant, job_id, "AAPL")
    check(plant)


def test_whatever_a_tws_does_at_random_the_bars_are_the_markets(make_plant: MakePlant) -> None:
    plant = ibkr_plant(make_plant, RULES, **IMPATIENT, MAX_ATTEMPTS="40")
    tws = plant.market.tws
    certain: dict[str, dict[str, Any]] = {"error": {"error": 162}, "cut": {"cut": True}, "never": {"never": True}}
    for action in certain.values():  # which questions are asked, and so what is drawn for them, follows the date
        tws.fault(**action, times=1, match={"kind": "history"})
    tws.fault(random={"p": 0.4, "seed": 7}, match={"kind": "history"})
    plant.worker(), plant.clock()
    symbols = ("AAPL", "MSFT")
    ids = [plant.submit(one, source="ibkr", interval=Interval.M1, period="1mo")[0] for one in symbols]
    wait_until(lambda: sum(progress_of(plant, one) for one in ids) >= 3, "some chunks are there")
    tws.outage(3.0, code=1101)
    wait_until(lambda: sum(progress_of(plant, one) for one in ids) >= 6, "more chunks are there")
    tws.restart(2.0)
    jobs = plant.wait(*ids, timeout=240)
    assert succeeded(jobs), [str(job.message) for job in jobs]
    faults = {entry["fault"] for entry in tws.log(kind="history")} - {""}
    assert faults >= set(certain), faults
    assert all(is_whole(plant, one, symbol) for one, symbol in zip(ids, symbols, strict=True))
    assert tws.violations() == []
    check(plant)


def test_an_id_that_another_program_holds_is_not_taken(make_plant: MakePlant) -> None:
    plant = ibkr_plant(make_plant, RULES, **QUICK)
    plant.market.tws.occupy(11, 12)
    plant.worker(), plant.clock()
    assert succeeded(plant.wait(*plant.submit("AAPL", source="ibkr", period="1mo")))
    assert set(plant.market.tws.clients()) == {13}


def test_without_a_gateway_a_job_waits_visibly_and_goes_on_when_it_is_there(make_plant: MakePlant) -> None:
    plant = ibkr_plant(make_plant, RULES, **QUICK)
    plant.market.tws.restart(3600)
    plant.worker(), plant.clock()
    [job_id] = plant.submit("AAPL", source="ibkr", period="1mo")
    wait_until(lambda: plant.job(job_id).state is JobState.WAITING, "the job waits")
    waiting = plant.job(job_id)
    assert waiting.error_kind is ErrorKind.GATEWAY_DOWN
    assert waiting.hint is not None
    plant.market.tws.clear()
    [job] = plant.wait(job_id, timeout=200)
    assert succeeded([job])
    assert job.errors_in_row == 0
    check(plant)


@pytest.mark.slow
@pytest.mark.one_pool
def test_two_workers_use_the_budget_to_the_full_and_never_beyond(make_plant: MakePlant) -> None:
    found = measure(make_plant(**SETTINGS))
    assert found.requests >= 200
    assert found.violations == 0
    assert found.ratio <= 1.05, found
