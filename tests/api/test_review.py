"""Bars that look wrong, as the API lists them and lets them be decided of."""

import pytest

from tests.api.conftest import Program
from tests.web.review_factories import HUNDREDFOLD, NEGATIVE, make_flags
from webapp.jobs.records import instant

LIST = "/api/v1/review"


def test_they_are_listed_newest_first_by_pages(client: Program) -> None:
    series_id = make_flags()
    first = client.get(f"{LIST}?limit=2").get_json()
    assert (first["total"], len(first["flags"]), first["next_cursor"]) == (3, 2, "2")
    rest = client.get(f"{LIST}?limit=2&cursor=2").get_json()
    assert rest["next_cursor"] is None
    [spike] = rest["flags"]
    assert (spike["series_id"], spike["time"]) == (series_id, instant(HUNDREDFOLD))
    assert (spike["rules"], spike["state"]) == (["spike"], "open")
    assert (spike["values"]["close"], spike["possible"]) == (10300, ["accept", "ask", "exclude"])
    assert client.get(spike["url"]).get_json() == spike
    assert client.get(f"{LIST}?rule=not_positive&series={series_id}").get_json()["total"] == 1
    assert client.get(f"{LIST}?state=excluded").get_json()["total"] == 0
    assert client.get(f"{LIST}?state=perhaps").status_code == 422


@pytest.mark.parametrize(
    ("verb", "status", "state"),
    [("acceptance", 200, "accepted"), ("exclusion", 200, "excluded"), ("question", 202, "asked")],
)
def test_each_is_decided_of(client: Program, verb: str, status: int, state: str) -> None:
    url = f"{LIST}/{make_flags()}/{instant(NEGATIVE)}"
    answer = client.post(f"{url}/{verb}")
    assert (answer.status_code, answer.get_json()["state"]) == (status, state)
    assert answer.get_json()["decided_by"] == "api"
    assert (answer.get_json()["asked_job"] is not None) is (verb == "question")


def test_what_was_excluded_is_put_back_once(client: Program) -> None:
    series_id = make_flags()
    url, bars = f"{LIST}/{series_id}/{instant(NEGATIVE)}", f"/api/v1/series/{series_id}/bars"
    assert client.post(f"{url}/return").status_code == 409
    client.post(f"{url}/exclusion")
    assert len(client.get(bars).get_json()["bars"]) == 59
    assert client.post(f"{url}/return").get_json()["state"] == "accepted"
    assert len(client.get(bars).get_json()["bars"]) == 60
    assert client.post(f"{url}/return").status_code == 409


@pytest.mark.parametrize("time", ["2024-01-01T00:00:00Z", "2024-13-01T00:00:00Z", "yesterday-afternoon-"])
def test_a_bar_that_is_not_listed_is_not_found(client: Program, time: str) -> None:
    answer = client.get(f"{LIST}/{make_flags()}/{time}")
    assert answer.status_code == 404
    assert answer.get_json()["error"]["message"]
