"""The form: what is wrong is said beside the field, and nothing is queued then."""

import pytest
from flask.testing import FlaskClient

from tests.web.factories import Asked, make_series
from webapp.database.transactions import reading
from webapp.jobs import queries_jobs
from webapp.kernel.job_states import JobState

GOOD = {"symbols": "msft, aapl\nMC.PA aapl", "source": "yahoo", "interval": "1d", "period": "1y", "priority": "normal"}
IMG = '"><img src=x onerror=alert(1)>'


def queued() -> int:
    with reading() as connection:
        return sum(queries_jobs.counts_by_state(connection).values())


def test_a_good_form_makes_a_job_a_symbol_even_without_a_queue(client: FlaskClient) -> None:
    answer = client.post("/jobs", data=GOOD, follow_redirects=True)
    assert answer.status_code == 200
    assert "3 collections submitted." in answer.text
    assert queued() == 3


def test_with_htmx_the_form_comes_back_with_a_receipt_and_the_table_is_told(client: FlaskClient) -> None:
    answer = client.post("/jobs", data=GOOD, headers={"HX-Request": "true"})
    assert answer.headers["HX-Trigger"] == "jobs-changed"
    assert "<html" not in answer.text
    assert "The queue does not answer at the moment" in answer.text


def test_what_is_under_way_already_is_named_and_not_queued_twice(client: FlaskClient) -> None:
    client.post("/jobs", data=GOOD | {"symbols": "MSFT"})
    answer = client.post("/jobs", data=GOOD | {"symbols": "MSFT TSLA"}, follow_redirects=True)
    assert "1 collection submitted." in answer.text
    assert "Already under way" in answer.text
    assert queued() == 2


SAME = {"symbols": "AAPL AAPL.STK.SMART.USD MSFT", "source": "ibkr"}
MERGED = "AAPL, AAPL.STK.SMART.USD are one instrument, AAPL: it is collected once."


def test_the_receipt_says_once_which_symbols_are_one_instrument(client: FlaskClient) -> None:
    fragment = client.post("/jobs", data=GOOD | SAME, headers={"HX-Request": "true"})
    assert fragment.text.count(MERGED) == 1
    page = client.post("/jobs", data=GOOD | SAME)
    assert client.get(page.location).text.count(MERGED) == 1
    assert MERGED not in client.get(page.location).text


def test_notes_of_one_receipt_are_not_shown_on_another(client: FlaskClient) -> None:
    first = client.post("/jobs", data=GOOD).location
    client.post("/jobs", data=GOOD | SAME)
    assert MERGED not in client.get(first).text


BAD = {
    "nothing": ({"symbols": " , "}, "symbols", "Give at least one symbol"),
    "5,000 symbols": ({"symbols": " ".join(f"S{n}" for n in range(5000))}, "symbols", "are too many"),
    "a script": ({"symbols": IMG}, "symbols", "is not a symbol"),
    "300 characters": ({"symbols": "A" * 300}, "symbols", "is not a symbol"),
    "end before start": ({"period": "dates", "start": "2024-03-02", "end": "2024-03-01"}, "end", "before the start"),
    "no dates": ({"period": "dates"}, "start", "Give a period, or a first day."),
    "not a date": ({"period": "dates", "start": "yesterday"}, "start", "This is not a date."),
    "an absurd date": ({"period": "dates", "start": "99999-01-01"}, "start", "This is not a date."),
    "the future": ({"period": "dates", "start": "9999-01-01"}, "start", "lies in the future"),
    "too old for minutes": (
        {"interval": "1m", "period": "dates", "start": "2015-01-01", "end": "2015-02-01"},
        "start",
        "it can serve them since",
    ),
    "an interval Yahoo has not": ({"interval": "3m"}, "interval", "Yahoo Finance has no 3m bars. It has:"),
    "an interval nobody has": ({"interval": "7q"}, "interval", "Choose an interval from the list."),
    "a source nobody has": ({"source": "bloomberg"}, "source", "There is no source"),
    "a priority nobody has": ({"priority": "asap"}, "priority", "Choose a priority"),
    "a period nobody has": ({"period": "9 moons"}, "period", "is not a period"),
}


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("case", BAD)
def test_a_wrong_field_is_told_beside_it_and_nothing_is_queued(client: FlaskClient, case: str, htmx: bool) -> None:  # noqa: FBT001
    changed, field, told = BAD[case]
    answer = client.post("/jobs", data=GOOD | changed, headers={"HX-Request": "true"} if htmx else {})
    assert answer.status_code == 422
    beside = answer.text.split(f'id="{field}-problem"')[1].split("</p>")[0]
    assert told in beside
    assert f'aria-describedby="{field}-problem' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert ("<html" in answer.text) is not htmx
    assert queued() == 0


def test_what_was_typed_survives_an_error_and_is_only_text(client: FlaskClient) -> None:
    answer = client.post("/jobs", data=GOOD | {"symbols": f"MSFT {IMG}", "interval": "1h", "refresh": "y"})
    assert "<img src=x" not in answer.text
    assert "MSFT &#34;&gt;&lt;img src=x onerror=alert(1)&gt;</textarea>" in answer.text
    words = " ".join(answer.text.split())
    assert 'value="1h" class="intraday" selected' in words
    assert 'name="refresh" value="y" checked' in words


def test_a_paste_over_the_limit_is_refused_in_friendly_words(client: FlaskClient) -> None:
    answer = client.post("/jobs", data=GOOD | {"symbols": "MSFT " * 450_000})
    assert answer.status_code == 413
    assert "Give fewer symbols at a time" in answer.text


def test_the_plan_says_what_it_takes_and_queues_nothing(client: FlaskClient) -> None:
    make_series(Asked())
    plan = client.post("/ui/plan", data=GOOD | {"symbols": "MSFT AAPL", "interval": "1h", "period": "max"}).text
    assert "Plan for 2 symbols" in plan
    assert "Cannot be had" in plan
    assert "about" in plan
    assert queued() == 0


def test_the_plan_is_silent_on_an_empty_form_and_hints_at_a_wrong_one(client: FlaskClient) -> None:
    assert "plan-problems" not in client.post("/ui/plan", data=GOOD | {"symbols": ""}).text
    hint = client.post("/ui/plan", data=GOOD | {"symbols": IMG})
    assert hint.status_code == 200
    assert "is not a symbol" in hint.text
    assert "<img" not in hint.text


def test_the_update_button_collects_what_is_missing_since_the_last_bar(client: FlaskClient) -> None:
    series_id = make_series(Asked(days=30))
    answer = client.post(f"/series/{series_id}/updates")
    assert answer.status_code == 303
    with reading() as connection:
        assert queries_jobs.counts_by_state(connection)[JobState.PENDING] == 1
