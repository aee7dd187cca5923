"""Schedules through the API: made, listed, changed, paused, run, deleted, and what is refused."""

from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import HandQueue, Program, program
from webapp.access.queries_tokens import Scope

BODY: dict[str, Any] = {"source": "yahoo", "symbols": ["AAPL", "MC.PA"], "interval": "1d", "period": "1y"}
URL = "/api/v1/schedules"


def create(client: Program, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field
    answer = client.post(URL, json=BODY | changes)
    assert answer.status_code == 201, answer.json
    assert isinstance(answer.json, dict)
    return answer.json


def test_what_is_made_is_shown_with_its_next_runs_and_in_words(client: Program) -> None:
    schedule = create(client, name="Evenings", fresh=120)
    assert (schedule["name"], schedule["when"], schedule["minutes"], schedule["fresh"]) == (
        "Evenings",
        "close",
        45,
        120,
    )
    assert schedule["words"] == "45 min after each close"
    assert sorted(schedule["exchanges"]) == ["XNYS", "XPAR"]
    assert len(schedule["next_runs"]) == 3
    assert client.get(f"{URL}/{schedule['id']}").json == schedule
    listed = client.get(URL).json
    assert listed
    assert listed["schedules"] == [schedule]
    words = client.get(f"{URL}/{schedule['id']}", headers={"Accept-Language": "fr"}).json
    assert words
    assert words["words"] == "45 min après chaque clôture"


def test_a_name_is_made_of_the_symbols(client: Program) -> None:
    assert create(client)["name"] == "AAPL, MC.PA · 1d"
    assert create(client, symbols=["A", "B", "C", "D", "E"])["name"] == "A, B, C +2 · 1d"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"when": "cron", "cron": "x", "zone": "UTC"}, "cron"),
        ({"when": "cron", "cron": "0 1 * * *"}, "zone"),
        ({"when": "session", "minutes": 5}, "when"),
        ({"when": "session", "interval": "5m", "minutes": 0, "period": "5d"}, "minutes"),
        ({"when": "sometimes"}, "when"),
        ({"minutes": 2000}, "minutes"),
        ({"fresh": -1}, "fresh"),
        ({"symbols": ["???"]}, "symbols"),
        ({"interval": "7m"}, "interval"),
        ({"source": "nobody"}, "source"),
        ({"period": "1y", "start": "2024-01-01"}, "period"),
        ({"end": "2024-01-01"}, "end"),
        ({"refresh": True}, "refresh"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client: Program, changes: dict[str, Any], field: str) -> None:
    answer = client.post(URL, json=BODY | changes)
    assert answer.status_code == 422
    assert answer.json
    assert field in answer.json["error"]["fields"]
    listed = client.get(URL).json
    assert listed == {"schedules": []}


def test_a_part_is_changed_and_the_rest_stays(client: Program) -> None:
    schedule = create(client, fresh=60)
    url = f"{URL}/{schedule['id']}"
    cron = {"when": "cron", "cron": "0 6 * * mon-fri", "zone": "Europe/Paris", "revision": schedule["revision"]}
    changed = client.patch(url, json=cron)
    assert changed.status_code == 200, changed.json
    assert changed.json
    assert (changed.json["cron"], changed.json["symbols"], changed.json["fresh"]) == (
        *("0 6 * * MON-FRI", BODY["symbols"], 60),
    )
    late = client.patch(url, json=cron)
    assert late.status_code == 409
    since = client.patch(url, json={"start": "2024-01-01", "fresh": None}).json
    assert since
    assert (since["start"], since["period"], since["fresh"], since["when"]) == ("2024-01-01", None, None, "cron")
    back = client.patch(url, json={"period": "5y", "when": "close"}).json
    assert back
    assert (back["start"], back["period"], back["cron"]) == (None, "5y", None)
    assert client.patch(url, json={"interval": "1h", "when": "session"}).status_code == 422


def test_pausing_resuming_running_and_deleting(client: Program, queue: HandQueue) -> None:
    url = f"{URL}/{create(client)['id']}"
    paused = client.post(f"{url}/pause")
    assert paused.json
    assert (paused.json["paused"], paused.json["next_runs"]) == (True, [])
    assert client.post(f"{url}/pause").status_code == 409
    ran = client.post(f"{url}/run")
    assert ran.status_code == 202
    assert ran.json
    assert (ran.json["state"], ran.json["by_hand"], ran.json["jobs"]) == ("running", True, 2)
    batch = client.get(f"/api/v1/batches/{ran.json['batch_id']}").json
    assert batch
    assert batch["origin"] == f"schedule:{ran.json['schedule_id']}"
    assert len(queue.sent) == 2
    assert client.post(f"{url}/resumption").status_code == 200
    assert client.post(f"{url}/resumption").status_code == 409
    shown = client.delete(url)
    assert shown.status_code == 200
    assert client.get(url).status_code == 404
    assert client.post(f"{url}/run").status_code == 404
    assert client.get(f"/api/v1/batches/{ran.json['batch_id']}").status_code == 200


def test_runs_come_by_pages(client: Program) -> None:
    url = f"{URL}/{create(client)['id']}"
    for _ in range(3):
        assert client.post(f"{url}/run").status_code == 202
    first = client.get(f"{url}/runs?limit=2").json
    assert first
    rest = client.get(f"{url}/runs?limit=2&cursor={first['next_cursor']}").json
    assert rest
    states = [run["state"] for run in (*first["runs"], *rest["runs"])]
    assert states == ["waiting", "skipped", "running"]
    assert first["runs"][1]["reason"] == "A later run has taken its place."
    assert rest["next_cursor"] is None


def test_nothing_is_late_without_a_promise(client: Program) -> None:
    create(client)
    assert client.get("/api/v1/late").json == {"series": []}


def test_a_reader_may_look_and_not_touch(app: Flask, client: Program) -> None:
    schedule = create(client)
    reader = program(app, Scope.READ)
    assert reader.get(URL).status_code == 200
    assert reader.get("/api/v1/late").status_code == 200
    assert reader.post(URL, json=BODY).status_code == 403
    assert reader.post(f"{URL}/{schedule['id']}/run").status_code == 403
