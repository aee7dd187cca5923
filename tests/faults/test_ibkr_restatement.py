"""A split between two collections from Interactive Brokers: real worker, clock and client library."""

import datetime as dt
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise

import pytest

from tests.faults.test_ibkr_collections import QUICK, RULES, weekday_before
from tests.plant import Plant, succeeded
from webapp.database.transactions import reading
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.restating import queries_restatements
from webapp.sandbox.actions import ActionKind
from webapp.sandbox.market import Market as TrueMarket

pytestmark = pytest.mark.slow
SYMBOL = "MSFT"
_EARLIER = {Interval.D1: 200, Interval.M1: 28}


@pytest.fixture
def ibkr(make_plant: Callable[..., Plant]) -> Iterator[Plant]:
    plant = make_plant(**QUICK)
    plant.market.tws.set(pacing=RULES)
    yield plant
    assert plant.market.tws.orders() == []


def collect(ibkr: Plant, before: int) -> list[int]:
    """Collect days and minutes up to a Wednesday at least so many days ago."""
    ids = []
    for interval, days in _EARLIER.items():
        span = {"start": weekday_before(days), "end": weekday_before(before)}
        ids += ibkr.submit(SYMBOL, source="ibkr", interval=interval, **span)
    jobs = ibkr.wait(*ids)
    assert succeeded(jobs), [(job.state is JobState.SUCCEEDED, str(job.message)) for job in jobs]
    return ids


def test_after_a_split_days_and_minutes_are_one_history_and_the_event_is_written_down(ibkr: Plant) -> None:
    ibkr.worker(), ibkr.clock()
    early = collect(ibkr, before=14)
    split = weekday_before(7) - dt.timedelta(days=1)
    old = [ibkr.bars(job_id) for job_id in early]
    ibkr.market.inject(SYMBOL, split.isoformat(), "split", "4:1")
    late = collect(ibkr, before=1)
    truth = TrueMarket()
    truth.inject(SYMBOL, split, ActionKind.SPLIT, Fraction(4))
    for job_id, interval, before in zip(late, _EARLIER, old, strict=True):
        bars = ibkr.bars(job_id)
        assert len(bars) > len(before)
        assert bars[0][4] == pytest.approx(before[0][4] / 4, rel=1e-6), "what was stored is on the new basis"
        true = {bar.start: bar.close for bar in truth.bars(SYMBOL, interval.value, bars[0][0], bars[-1][0] + 1)}
        assert {bar[0]: bar[4] for bar in bars} == pytest.approx({bar[0]: true[bar[0]] for bar in bars}, rel=1e-4)
        assert max(abs(b[4] / a[4] - 1) for a, b in pairwise(bars)) < 0.2, "no return of -75 %"
        with ibkr.app.app_context(), reading() as connection:
            told = queries_restatements.page(connection, ibkr.job(job_id).series_id)
        [done] = [one for one in told if one.kind is RestatementKind.REBASED]
        assert (done.ratio, done.job_id, done.bars) == (4.0, job_id, len(before))
        assert [event.kind for event in ibkr.log(job_id)].count("restated") >= 1
