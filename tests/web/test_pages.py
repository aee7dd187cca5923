"""Every page answers, in both languages, with and without anything to show."""

import pytest
from flask.testing import FlaskClient

from tests.web.factories import Asked, make_series, one_of_each
from webapp.kernel.job_states import JobState

LABELS = {
    "/": ("Collecte de données", "Collect data"),
    "/jobs": ("Historique des collectes", "Collection history"),
    "/series": ("Données", "Data"),
}


@pytest.mark.parametrize("path", LABELS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_empty_page_teaches_in_the_readers_language(client: FlaskClient, path: str, language: str) -> None:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert LABELS[path][language == "en"] in answer.text
    assert 'class="empty"' in answer.text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_state_has_its_name_and_its_page(client: FlaskClient, language: str) -> None:
    ids = one_of_each()
    table = client.get("/jobs", headers={"Accept-Language": language}).text
    for state, job_id in ids.items():
        assert f"badge-{state.value}" in table
        page = client.get(f"/jobs/{job_id}", headers={"Accept-Language": language})
        assert page.status_code == 200
        assert f"badge-{state.value}" in page.text


def test_a_failed_job_says_why_and_what_to_do(client: FlaskClient) -> None:
    job_id = one_of_each()[JobState.FAILED]
    page = client.get(f"/jobs/{job_id}").text
    assert "Yahoo does not know the symbol NOPE." in page
    assert "finance.yahoo.com" in page
    assert "100%" not in page


def test_a_job_can_be_collected_again_with_the_form_filled_in(client: FlaskClient) -> None:
    job_id = one_of_each()[JobState.SUCCEEDED]
    form = client.get(f"/?like={job_id}").text
    assert ">^GSPC</textarea>" in form
    assert 'value="dates" selected' in " ".join(form.split())


def test_the_series_page_shows_currency_actions_and_exports(client: FlaskClient) -> None:
    series_id = make_series(Asked(symbol="VOD.L"))
    page = client.get(f"/series/{series_id}").text
    assert "4 for 1" in page
    assert f"/series/{series_id}/export.parquet" in page
    assert client.get("/series?q=microsoft").text.count("cell-title") == 1
    assert "There are no data yet" not in client.get("/series?q=100%25").text


def test_candles_come_with_an_etag_and_only_once(client: FlaskClient) -> None:
    series_id = make_series(Asked())
    first = client.get(f"/series/{series_id}/candles.json")
    assert set(first.json or {}) >= {"time", "open", "high", "low", "close", "volume", "step", "rows", "actions"}
    again = client.get(f"/series/{series_id}/candles.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"/series/{series_id}/candles.json?start=x").status_code == 400
    assert client.get(f"/series/{series_id}/candles.json?adjust=x").status_code == 422
    assert client.get("/series/99/candles.json").json == {"error": {"code": 404, "message": "There is no series 99."}}


@pytest.mark.parametrize("fmt", ["csv", "parquet", "arrow"])
def test_a_series_is_exported_as_a_file(client: FlaskClient, fmt: str) -> None:
    series_id = make_series(Asked())
    answer = client.get(f"/series/{series_id}/export.{fmt}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert len(answer.data) > 1000
    assert client.get(f"/series/{series_id}/export.xls").status_code == 404


def test_filters_live_in_the_url(client: FlaskClient) -> None:
    one_of_each()
    failed = client.get("/jobs?state=failed").text
    assert "NOPE" in failed
    assert "BTC-USD" not in failed
    assert 'value="failed" selected' in " ".join(failed.split())
    assert "No collection matches this filter." in client.get("/jobs?symbol=ZZZ").text
    assert client.get("/jobs?page=x").status_code == 400


def test_simulated_data_and_a_missing_queue_are_said(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "Simulated data" in page
    assert "The queue (Redis) does not answer." in page
    assert "The clock has been silent" in page


def test_health_touches_nothing_and_readiness_says_what_is_missing(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json or {})["checks"] == {"database": True, "schema": True, "queue": False}


def test_preferences_are_kept_in_cookies(client: FlaskClient) -> None:
    answer = client.post("/preferences", data={"lang": "fr", "next": "/jobs?state=failed"})
    assert answer.headers["Location"] == "/jobs?state=failed"
    client.post("/preferences", data={"theme": "dark"})
    page = client.get("/").text
    assert '<html lang="fr" data-theme="dark"' in page
    assert client.post("/preferences", data={"theme": "pink"}).status_code == 400
