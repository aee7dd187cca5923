"""The form for IBKR: the server decides which fields there are, and says beside them what is wrong."""

import re

import pytest
from flask.testing import FlaskClient

from tests.web.factories import Asked, finish, make_gateway, start
from tests.web.test_form import queued
from webapp.collecting import submit as job_service
from webapp.database.transactions import writing
from webapp.errors import sentence
from webapp.jobs import queries_batches, queries_events
from webapp.jobs.claims import Release
from webapp.jobs.queries_batches import NewJob
from webapp.kernel.job_states import JobState, Priority
from webapp.series import queries_series

GOOD = {
    "symbols": "AAPL",
    "source": "ibkr",
    "sec_type": "STK",
    "interval": "1d",
    "period": "1y",
    "priority": "normal",
}
HTMX = {"HX-Request": "true"}
OWN = ("sec_type", "what", "exchange", "currency", "primary_exchange", "expiry", "strike", "right", "rth")


def options(text: str, name: str) -> list[str]:
    select = text.split(f'name="{name}"')[1].partition("</select>")[0]
    return re.findall(r'<option value="([^"]*)"', select)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("STK", {"sec_type", "what", "exchange", "currency", "primary_exchange", "rth"}),
        ("IND", {"sec_type", "what", "exchange", "currency"}),
        ("CASH", {"sec_type", "what", "exchange"}),
        ("FUT", {"sec_type", "what", "exchange", "currency", "expiry", "rth"}),
        ("CONTFUT", {"sec_type", "what", "exchange", "currency", "rth"}),
        ("OPT", {"sec_type", "what", "exchange", "currency", "expiry", "strike", "right"}),
        ("CRYPTO", {"sec_type", "what", "exchange", "currency", "rth"}),
        ("nonsense", {"sec_type", "what", "exchange", "currency", "primary_exchange", "rth"}),
    ],
)
def test_each_type_has_its_own_fields(client: FlaskClient, kind: str, fields: set[str]) -> None:
    answer = client.post("/form", data=GOOD | {"sec_type": kind}, headers=HTMX)
    assert answer.headers["HX-Trigger"] == "fields-changed"
    assert "<html" not in answer.text
    assert {name for name in OWN if f'name="{name}"' in answer.text} == fields
    assert "prepost" not in answer.text


def test_what_can_be_shown_and_the_intervals_are_those_of_the_source_and_type(client: FlaskClient) -> None:
    pair = client.post("/form", data=GOOD | {"sec_type": "CASH", "interval": "5s"}, headers=HTMX).text
    assert options(pair, "what") == ["", "BID", "ASK", "BID_ASK"]
    assert "1s" in options(pair, "interval")
    yahoo = client.post("/form", data=GOOD | {"source": "yahoo", "interval": "5s"}, headers=HTMX).text
    assert "1s" not in options(yahoo, "interval")
    assert 'value="1d" class="dated" selected' in " ".join(yahoo.split())
    assert "prepost" in yahoo
    assert "sec_type" not in yahoo


def test_what_was_typed_survives_a_change_of_source(client: FlaskClient) -> None:
    typed = {"symbols": "aapl, <b>", "period": "dates", "start": "2024-01-02", "exchange": "ARCA", "refresh": "y"}
    words = " ".join(client.post("/form", data=GOOD | typed, headers=HTMX).text.split())
    for text in ("aapl, &lt;b&gt;</textarea>", 'value="2024-01-02"', 'value="ARCA"', 'value="y" checked'):
        assert text in words


def test_without_a_script_the_fields_come_with_the_page_and_nothing_is_queued(client: FlaskClient) -> None:
    answer = client.post("/form", data=GOOD)
    assert answer.status_code == 200
    assert "<html" in answer.text
    assert 'name="sec_type"' in answer.text
    assert 'formaction="/form"' in answer.text
    assert queued() == 0


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"sec_type": "FUT", "symbols": "ES"}, "expiry", "Give the month or the last trading day"),
        ({"sec_type": "OPT", "expiry": "203001", "right": "C"}, "strike", "Give the option&#39;s strike"),
        ({"sec_type": "OPT", "expiry": "203001", "strike": "1", "right": "X"}, "right", "a call (C) or a put (P)"),
        ({"exchange": "NOT ONE"}, "exchange", "An exchange is a short name"),
        ({"currency": "DOLLAR"}, "currency", "A currency has three letters"),
        ({"what": "MOOD"}, "what", "cannot be shown for STK"),
        ({"sec_type": "SHOE"}, "sec_type", "is not a type of contract"),
        ({"symbols": "A/B"}, "symbols", "is not the symbol of a contract"),
        ({"gateway": "gone"}, "gateway", "There is no gateway “gone”."),
    ],
)
def test_a_wrong_field_is_told_beside_it(client: FlaskClient, changed: dict[str, str], field: str, told: str) -> None:
    make_gateway()
    answer = client.post("/jobs", data=GOOD | changed, headers=HTMX)
    assert answer.status_code == 422
    assert told in answer.text.split(f'id="{field}-problem"')[1].split("</p>")[0]
    assert queued() == 0


def test_a_problem_of_a_field_that_is_not_shown_is_told_above(client: FlaskClient) -> None:
    answer = client.post("/jobs", data=GOOD | {"symbols": "ES.FUT.CME.USD"}, headers=HTMX)
    assert answer.status_code == 422
    assert "Give the month or the last trading day" in answer.text.split('role="alert"')[1].split("</p>")[0]


def test_the_options_reach_the_job(client: FlaskClient) -> None:
    asked = {"sec_type": "CASH", "symbols": "eur.usd", "what": "BID", "rth": "false", "interval": "1h"}
    assert client.post("/jobs", data=GOOD | asked).status_code == 303
    job = job_service.find(1)
    assert (job.symbol, job.variant) == ("EUR.CASH.IDEALPRO.USD", "BID")
    assert job.options == {"what": "BID", "rth": "true"}


def test_what_was_said_of_another_source_is_refused_and_taken_back(client: FlaskClient) -> None:
    changed = GOOD | {"sec_type": "", "what": "BID", "source": "yahoo", "symbols": "AAPL"}
    answer = client.post("/jobs", data=changed, headers=HTMX)
    assert answer.status_code == 422
    problem = "“what” is not an option of Yahoo Finance. It has: prepost."
    assert problem in answer.text.split('role="alert"')[1].split("</p>")[0]
    assert 'name="what"' not in answer.text, "what is sent next is without it"
    assert problem in client.post("/ui/plan", data=changed, headers=HTMX).text
    assert queued() == 0


def test_the_plan_of_a_contract_is_told(client: FlaskClient) -> None:
    plan = client.post("/ui/plan", data=GOOD | {"interval": "5s", "period": "5d"}).text
    assert "Plan for 1 symbol" in plan
    refused = client.post("/ui/plan", data=GOOD | {"interval": "5s", "period": "1y"}).text
    assert "IBKR keeps bars of 30 seconds and less for six months" in refused


def test_a_job_can_be_collected_again_with_the_form_filled_in(client: FlaskClient) -> None:
    asked = {"symbols": "BTC.USD", "sec_type": "CRYPTO", "what": "MIDPOINT", "rth": "false"}
    client.post("/jobs", data=GOOD | asked)
    form = " ".join(client.get("/?like=1").text.split())
    for text in (
        ">BTC.CRYPTO.PAXOS.USD</textarea>",
        'value="CRYPTO" selected',
        'value="MIDPOINT" selected',
        'value="false" selected',
    ):
        assert text in form


def test_a_link_fills_the_form_in_and_its_symbol_says_the_type(client: FlaskClient) -> None:
    link = "/?source=ibkr&symbols=ES.FUT.CME.USD.203003&interval=5m&what=MIDPOINT&start=2024-01-02&period=dates"
    form = " ".join(client.get(link).text.split())
    for text in ('value="FUT" selected', 'value="MIDPOINT" selected', 'value="5m"', 'value="2024-01-02"'):
        assert text in form
    assert client.get("/?start=soon").status_code == 400
    assert client.get("/?source=ibkr&symbols=%3Cb%3E").status_code == 200


def failed_job() -> int:
    """Make a job of an ambiguous symbol that a worker gave up."""
    found = [
        {"symbol": "MC", "name": "MOELIS & CO", "exchange": "NYSE", "kind": "STK"},
        {"symbol": "MC.STK.SMART.EUR.SBF", "name": "LVMH", "exchange": "SBF", "kind": "STK"},
    ]
    asked = Asked(days=5)
    with writing() as connection:
        series_id = queries_series.ensure(connection, "ibkr", "MC", asked.interval, "MIDPOINT-all")
        batch = queries_batches.new_batch(connection, "test", asked.created)
        told = {"what": "MIDPOINT", "rth": "false"}
        new = NewJob(series_id, asked.span, told, refresh=False, priority=Priority.NORMAL, chunks_total=1)
        job_id, _ = queries_batches.insert_job(connection, batch, new, asked.created)
        queries_events.append_event(connection, job_id, "submitted", asked.created, actor="web")
    finish(
        start(job_id), told=Release(JobState.FAILED, None, "bad_request", sentence("“MC” is ambiguous."), choices=found)
    )
    return job_id


def test_what_a_failed_job_may_have_meant_leads_to_the_filled_in_form(client: FlaskClient) -> None:
    page = client.get(f"/jobs/{failed_job()}").text
    assert "Midpoint of bid and ask, all hours" in page
    [_, second] = re.findall(r'<a href="(/\?[^"]+)">', page.split("This may mean:")[1].split("</ul>")[0])
    url = second.replace("&amp;", "&")
    assert {"source=ibkr", "symbols=MC.STK.SMART.EUR.SBF", "interval=1d", "what=MIDPOINT"} <= set(url[2:].split("&"))
    form = " ".join(client.get(url).text.split())
    for text in (">MC.STK.SMART.EUR.SBF</textarea>", 'value="MIDPOINT" selected', 'value="false" selected'):
        assert text in form


def test_a_job_that_is_tried_again_says_no_longer_what_it_may_have_meant(client: FlaskClient) -> None:
    job_id = failed_job()
    client.post(f"/jobs/{job_id}/retry")
    assert "This may mean:" not in client.get(f"/jobs/{job_id}").text


def test_the_plan_says_which_symbols_are_one_contract(client: FlaskClient) -> None:
    plan = client.post("/ui/plan", data=GOOD | {"symbols": "AAPL AAPL.STK.SMART.USD"}).text
    assert "AAPL, AAPL.STK.SMART.USD are one instrument, AAPL: it is collected once." in plan
