"""Deleting a series through the API."""

from tests.api.conftest import Program
from tests.web.factories import Asked, make_job, make_series


def test_a_series_is_deleted_and_shown_as_it_was(client: Program) -> None:
    series_id = make_series(Asked(symbol="MSFT", days=10))
    answer = client.delete(f"/api/v1/series/{series_id}")
    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["id"], body["symbol"]) == (series_id, "MSFT")
    assert body["rows"] > 0
    for method in (client.get, client.delete):
        assert method(f"/api/v1/series/{series_id}").status_code == 404


def test_one_at_work_is_refused_with_a_sentence(client: Program) -> None:
    make_job(Asked(symbol="MSFT", days=10))
    series_id = make_series(Asked(symbol="MSFT", days=10))
    answer = client.delete(f"/api/v1/series/{series_id}")
    assert answer.status_code == 409
    assert "Cancel it first" in answer.get_json()["error"]["message"]
    assert client.get(f"/api/v1/series/{series_id}").status_code == 200
