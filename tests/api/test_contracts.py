"""IBKR through the API: options pass, unknown ones are refused, and a failed job says what may have been meant."""

import datetime as dt
from typing import Any

import pytest

from tests.api.conftest import BODY, Program
from tests.web.factories import finish, start
from webapp.collecting import submit
from webapp.errors import sentence
from webapp.jobs.claims import Release
from webapp.kernel.job_states import JobState

PAIR: dict[str, Any] = BODY | {"source": "ibkr", "symbols": ["EUR.USD"], "options": {"sec_type": "CASH", "what": "BID"}}


def test_options_make_the_contract_and_the_variant(client: Program) -> None:
    assert client.post("/api/v1/jobs", json=PAIR).status_code == 202
    coin = PAIR | {"symbols": ["BTC.USD"], "options": {"sec_type": "CRYPTO", "rth": False}}
    assert client.post("/api/v1/jobs", json=coin).status_code == 202
    assert [(job.symbol, job.variant) for job in map(submit.find, (1, 2))] == [
        ("EUR.CASH.IDEALPRO.USD", "BID"),
        ("BTC.CRYPTO.PAXOS.USD", "AGGTRADES-all"),
    ]


@pytest.mark.parametrize("path", ["/api/v1/jobs", "/api/v1/plans"])
@pytest.mark.parametrize(
    ("options", "field", "told"),
    [
        ({"secType": "CASH"}, "options", "“secType” is not an option of Interactive Brokers. It has: sec_type, "),
        ({"prepost": True}, "options", "“prepost” is not an option of Interactive Brokers."),
        ({"sec_type": "SHOE"}, "sec_type", "“SHOE” is not a type of contract."),
        ({"sec_type": "CASH", "what": "TRADES"}, "what", "“TRADES” cannot be shown for CASH."),
        ({"sec_type": "FUT"}, "expiry", "Give the month or the last trading day"),
    ],
)
def test_a_wrong_option_is_named(client: Program, path: str, options: dict[str, object], field: str, told: str) -> None:
    answer = client.post(path, json=PAIR | {"options": options})
    assert answer.status_code == 422
    assert told in (answer.json or {})["error"]["fields"][field]


def test_an_option_of_another_source_is_refused_by_yahoo(client: Program) -> None:
    answer = client.post("/api/v1/plans", json=BODY | {"options": {"what": "BID"}})
    assert "“what” is not an option of Yahoo Finance. It has: prepost." in (answer.json or {})["error"]["message"]
    assert client.post("/api/v1/plans", json=BODY | {"options": {"prepost": False}}).status_code == 200


def test_a_plan_is_made_of_a_contract(client: Program) -> None:
    answer = client.post("/api/v1/plans", json=PAIR).json or {}
    assert [row["symbol"] for row in answer["series"]] == ["EUR.CASH.IDEALPRO.USD"]


def test_a_failed_job_says_what_may_have_been_meant(client: Program) -> None:
    client.post("/api/v1/jobs", json=PAIR | {"symbols": ["MC"], "options": {}})
    found = [{"symbol": "MC.STK.SMART.EUR.SBF", "name": "LVMH", "exchange": "SBF", "kind": "STK"}]
    message = Release(JobState.FAILED, None, "bad_request", sentence("“MC” is ambiguous."), choices=found)
    finish(start(1, dt.datetime.now(dt.UTC)), told=message)
    error = (client.get("/api/v1/jobs/1").json or {})["error"]
    assert error["choices"] == found
    assert error["message"] == "“MC” is ambiguous."


def test_the_description_names_the_options(nobody: Program) -> None:
    body = nobody.get("/api/v1/openapi.json").json or {}
    options = body["components"]["schemas"]["CollectBody"]["properties"]["options"]
    for word in ("sec_type (STK, IND, CASH", "what (TRADES", "rth", "gateway", "prepost"):
        assert word in options["description"]
