"""A plan's number of requests is kept: not less than what is then made, and not more by half."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests.plant import Plant, succeeded
from webapp.collecting.plan import make_plan
from webapp.collecting.validation import validate_request
from webapp.context import context
from webapp.kernel.intervals import Interval
from webapp.kernel.requests import CollectRequest

MakePlant = Callable[..., Plant]
A_WEEK_AGO = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=7)
QUICK = {
    "IB_PACING_WINDOW_SECONDS": "6",
    "IB_PACING_IDENTICAL_SECONDS": "0.5",
    "IB_PACING_BURST_SECONDS": "0.2",
    "IB_SOFT_REQUESTS_PER_SECOND": "20",
}
RULES = {"window_seconds": 6.0, "identical_seconds": 0.5, "burst_seconds": 0.2}


def plan_requests(plant: Plant, source: str, symbol: str, interval: Interval, **span: Any) -> int:  # noqa: ANN401
    with plant.app.app_context():
        request = CollectRequest(source, (symbol,), interval, **span)
        return make_plan(context(), validate_request(request, context().now())).requests


@pytest.mark.parametrize(
    ("interval", "span"),
    [
        (Interval.D1, {"start": dt.date(2000, 1, 1), "end": A_WEEK_AGO}),
        (Interval.W1, {"start": dt.date(2010, 1, 1), "end": A_WEEK_AGO}),
        (Interval.H1, {"start": A_WEEK_AGO - dt.timedelta(days=300), "end": A_WEEK_AGO}),
        (Interval.M1, {"start": A_WEEK_AGO - dt.timedelta(days=16), "end": A_WEEK_AGO}),
    ],
)
def test_yahoo_is_asked_as_often_as_planned(make_plant: MakePlant, interval: Interval, span: dict[str, Any]) -> None:
    plant = make_plant()
    plant.worker(), plant.clock()
    planned = plan_requests(plant, "yahoo", "MSFT", interval, **span)
    assert succeeded(plant.wait(*plant.submit("MSFT", interval=interval, **span)))
    made = len(plant.asked("MSFT"))
    assert made <= planned <= 1.5 * made


@pytest.mark.parametrize(
    ("interval", "span"),
    [
        (Interval.D1, {"period": "5y"}),
        (Interval.H1, {"period": "6mo"}),
        (Interval.M1, {"start": A_WEEK_AGO - dt.timedelta(days=20), "end": A_WEEK_AGO}),
        (Interval.S30, {"start": A_WEEK_AGO - dt.timedelta(days=9), "end": A_WEEK_AGO}),  # no nights, no weekends
    ],
)
def test_ibkr_is_asked_as_often_as_planned(make_plant: MakePlant, interval: Interval, span: dict[str, Any]) -> None:
    plant = make_plant(**QUICK)
    plant.market.tws.set(pacing=RULES)
    plant.worker(), plant.clock()
    planned = plan_requests(plant, "ibkr", "MSFT", interval, **span)
    assert succeeded(plant.wait(*plant.submit("MSFT", source="ibkr", interval=interval, **span)))
    made = len(plant.market.tws.log(kind="history"))
    assert made <= planned <= 1.5 * made
