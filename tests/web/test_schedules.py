"""Pages of schedules: made with a form, listed with dots, paused, run, changed, deleted; Data says what is late."""

import dataclasses
import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.scheduling.calendars import draft
from tests.web.factories import Asked, make_series
from webapp.context import EXTENSION, context
from webapp.coverage import completeness
from webapp.database.transactions import writing
from webapp.scheduling import queries_runs
from webapp.scheduling.queries_runs import NewRun
from webapp.scheduling.rules_run_states import RunState
from webapp.scheduling.schedules import create_schedule, list_schedules, show_schedule

FORM: dict[str, Any] = {
    "symbols": "AAPL, MC.PA",
    "source": "yahoo",
    "interval": "1d",
    "period": "1y",
    "priority": "normal",
    "when": "close",
    "minutes": "45",
    "cron": "",
    "zone": "",
    "name": "Evenings",
    "overlap": "wait",
    "fresh": "120",
}
FRENCH = {"Accept-Language": "fr"}
HTMX = {"HX-Request": "true"}


def test_without_schedules_the_page_says_what_they_are_for(client: FlaskClient) -> None:
    assert "Nothing is collected by itself yet." in client.get("/schedules").text
    assert "Planifications" in client.get("/schedules", headers=FRENCH).text


def test_a_schedule_is_made_and_shown_in_words(client: FlaskClient) -> None:
    answer = client.post("/schedules", data=FORM)
    assert (answer.status_code, answer.location) == (303, "/schedules/1")
    page = client.get("/schedules/1").text
    assert "<h1>Evenings</h1>" in page
    assert "45 min after each close" in page
    assert "fresh 2 h after each close" in page
    assert page.count("<li>") >= 3
    listed = client.get("/schedules").text
    assert "AAPL, MC.PA" in listed
    assert "No run yet" in listed
    assert "45 min après chaque clôture" in client.get("/schedules", headers=FRENCH).text


def test_a_preview_says_the_next_three_runs_and_makes_nothing(client: FlaskClient) -> None:
    cron = FORM | {"when": "cron", "cron": "30 18 * * mon-fri", "zone": "Europe/Paris"}
    shown = client.post("/ui/schedules/preview", data=cron).text
    assert "At 18:30, from Monday to Friday (time of Europe/Paris)" in shown
    assert shown.count("<time") == 3
    markets = client.post("/ui/schedules/preview", data=FORM, headers=FRENCH).text
    assert "45 min après chaque clôture" in markets
    assert {"New York", "Euronext Paris"} >= set(re.findall(r"<small>(.*?)</small>", markets))
    wrong = client.post("/ui/schedules/preview", data=FORM | {"minutes": "soon"}).text
    assert "Give a whole number of minutes" in wrong
    assert "appear here" in client.post("/ui/schedules/preview", data=FORM | {"symbols": ""}).text
    assert list_schedules(context()) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"when": "cron", "cron": "x"}, "cron"),
        ({"when": "cron", "cron": "0 1 * * *", "zone": "Mars"}, "zone"),
        ({"when": "session"}, "when"),
        ({"minutes": ""}, "minutes"),
        ({"fresh": "-1"}, "fresh"),
        ({"symbols": ""}, "symbols"),
        ({"period": "dates"}, "start"),
        ({"overlap": ""}, "overlap"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_made(
    client: FlaskClient, changes: dict[str, str], field: str
) -> None:
    for headers in ({}, HTMX):
        answer = client.post("/schedules", data=FORM | changes, headers=headers)
        assert answer.status_code == 422
        assert f'id="{field}-problem"' in answer.text
    assert list_schedules(context()) == []


def test_a_schedule_is_changed_with_the_form_that_shows_it(client: FlaskClient) -> None:
    schedule_id = create_schedule(context(), draft("AAPL", kind="cron", cron="0 6 * * *", zone="Asia/Tokyo"))
    page = client.get(f"/schedules/{schedule_id}/edit").text
    assert 'value="0 6 * * *"' in page
    assert 'value="Asia/Tokyo"' in page
    assert client.post(f"/schedules/{schedule_id}", data=FORM | {"minutes": "x"}).status_code == 422
    since = FORM | {"period": "dates", "start": "2024-01-01"}
    assert client.post(f"/schedules/{schedule_id}", data=since).status_code == 303
    definition = show_schedule(context(), schedule_id).schedule.definition
    assert (definition.start, definition.timing.minutes, definition.name) == ("2024-01-01", 45, "Evenings")
    assert 'value="2024-01-01"' in client.get(f"/schedules/{schedule_id}/edit").text


def test_the_fields_of_another_source_come_without_a_last_day(client: FlaskClient) -> None:
    fields = client.post("/schedules/form", data=FORM | {"source": "ibkr"}, headers=HTMX).text
    assert 'name="sec_type"' in fields
    assert 'name="start"' in fields
    assert 'name="end"' not in fields
    assert 'name="refresh"' not in fields
    assert 'hx-post="/schedules/form"' in fields
    whole = client.post("/schedules/form", data=FORM | {"source": "ibkr"}).text
    assert "<h1>New schedule</h1>" in whole
    assert 'name="end"' in client.post("/form", data={"source": "yahoo"}, headers=HTMX).text


def test_pausing_resuming_and_running_go_back_to_where_the_button_was(client: FlaskClient) -> None:
    schedule_id = create_schedule(context(), draft("AAPL"))
    url = f"/schedules/{schedule_id}"
    paused = client.post(f"{url}/pause", data={"next": "/schedules"})
    assert (paused.status_code, paused.location) == (303, "/schedules")
    assert "badge-paused" in client.get("/schedules").text
    assert client.post(f"{url}/pause").status_code == 409
    assert client.post(f"{url}/resumption").location == url
    ran = client.post(f"{url}/run", headers=HTMX)
    assert (ran.status_code, ran.headers["HX-Trigger"]) == (204, "schedules-changed")
    page = client.get(url).text
    assert "at work, by hand" in page
    assert "data-poll" in page
    batch = re.search(r"/jobs\?batch=(\d+)", page)
    assert batch
    log = client.get("/jobs/1").text
    assert f"by schedule {schedule_id}" in log
    assert client.post(f"{url}/deletion").location == "/schedules"
    assert client.get(url).status_code == 404
    assert client.get("/jobs/1").status_code == 200


def test_each_dot_has_a_shape_and_a_text_of_its_own(client: FlaskClient) -> None:
    schedule_id = create_schedule(context(), draft("AAPL"))
    now = context().now()
    runs = [
        NewRun(schedule_id, now - dt.timedelta(hours=number), "XNYS", state, is_late=state is RunState.FAILED)
        for number, state in enumerate(RunState)
    ]
    with writing() as connection:
        queries_runs.insert_runs(connection, runs, now)
    page = client.get("/schedules").text
    dots = re.findall(r'<li class="run-dot (.*?)"\s+title="(.*?)">.*?icons\.svg[^#]*#([\w-]+)"', page, re.DOTALL)
    assert len(dots) == len(RunState)
    assert len({icon for _, _, icon in dots}) == len(RunState), "no two states have one shape"
    assert len({text.rpartition(" · ")[2] for _, text, _ in dots}) == len(RunState)
    assert [look for look, _, _ in dots if "run-dot-late" in look] == ["run-dot-bad run-dot-late"]
    assert "New York" in page


def test_a_fragment_that_the_browser_has_is_not_sent_again(client: FlaskClient) -> None:
    schedule_id = create_schedule(context(), draft("AAPL"))
    for path in ("/schedules", f"/schedules/{schedule_id}"):
        page = client.get(path).text
        found_url = re.search(r'hx-get="(/ui/schedules[^"]*)"', page)
        assert found_url
        url = found_url[1].replace("&amp;", "&")
        assert client.get(url).status_code == 204
    client.post(f"/schedules/{schedule_id}/run")
    assert client.get(url).status_code == 200


def test_what_is_late_is_said_in_the_catalogue_in_a_word_and_a_colour(app: Flask, client: FlaskClient) -> None:
    make_series(Asked("AAPL"))
    make_series(Asked("MSFT"))
    schedule_id = create_schedule(context(), draft("AAPL", fresh="0"))
    completeness.catch_up(context(), 60)
    assert ">late<" not in client.get("/series").text
    next_week = context().now() + dt.timedelta(days=7)
    app.extensions[EXTENSION] = dataclasses.replace(context(), now=lambda: next_week)
    page = client.get("/series").text
    assert page.count(">late<") == 1
    assert "Late since" in page
    assert ">en retard<" in client.get("/series", headers=FRENCH).text
    assert "1 series late" in client.get("/schedules").text
    assert "judged-bad" in client.get(f"/schedules/{schedule_id}").text
