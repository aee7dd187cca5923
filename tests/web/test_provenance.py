"""What the pages say of where bars came from."""

import datetime as dt

from flask.testing import FlaskClient

from webapp.database.transactions import writing
from webapp.errors import sentence
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.restating import queries_restatements
from webapp.restating.queries_restatements import NewRestatement
from webapp.upkeep import queries_cleaning

from .factories import NOW, Asked, advance, finish, make_job, make_series, start

ASKED = Asked(days=60, chunks=2)
MONDAY = int((NOW - dt.timedelta(days=NOW.weekday() + 7)).timestamp()) // DAY * DAY


def collected(asked: Asked = ASKED) -> int:
    """A job that has collected two chunks, and its id."""
    job_id = make_job(asked)
    claim = start(job_id)
    advance(claim, asked, 0, 2)
    finish(claim)
    return job_id


def panel(client: FlaskClient, query: str = "", status: int = 200) -> str:
    answer = client.get(f"/ui/series/1/provenance{query}")
    assert answer.status_code == status
    return " ".join(answer.text.split())


def on(label: int) -> str:
    return dt.datetime.fromtimestamp(label, dt.UTC).date().isoformat()


def test_a_bar_typed_in_is_answered_with_its_jobs(client: FlaskClient) -> None:
    first, second = collected(), collected()
    with writing() as connection:
        message = NewRestatement(
            1, second, RestatementKind.REBASED, MONDAY - 9 * DAY, MONDAY, 7, sentence("divided by 4"), ratio=4.0
        )
        queries_restatements.add(connection, message, NOW + dt.timedelta(minutes=2))
    page = panel(client, f"?time={on(MONDAY)}")
    assert f'First collected by <a href="/jobs/{first}">job {first}</a>' in page
    assert f'Changed by <a href="/jobs/{second}">job {second}</a>' in page
    assert "divided by 4" in page
    assert f'Last confirmed by <a href="/jobs/{second}">job {second}</a>' in page
    assert "No bar is stored for that day." in panel(client, "?time=1999-01-04")


def test_jobs_that_are_gone_are_named_and_not_linked(client: FlaskClient) -> None:
    job_id = collected()
    with writing() as connection:
        assert queries_cleaning.delete_jobs(connection, NOW + dt.timedelta(days=1)) == 1
    page = panel(client, f"?time={on(MONDAY)}")
    assert f'<span title="This job has been cleaned up.">job {job_id}</span>' in page
    assert f"/jobs/{job_id}" not in page
    assert "No job of this series is on record any more." in page


def test_the_history_of_jobs_and_the_spans_come_in_pages(client: FlaskClient) -> None:
    for _ in range(9):
        collected()
    page = panel(client)
    assert "9 jobs" in page
    assert "Page 1 of 2" in page
    assert '<a href="/jobs/9">9</a>' in page
    assert '<a href="/jobs/1">1</a>' in panel(client, "?page=2")
    assert "Retour au graphique" in client.get("/series/1/provenance", headers={"Accept-Language": "fr"}).text


def test_a_bar_without_a_job_is_not_one_that_is_missing(client: FlaskClient) -> None:
    make_series(Asked(interval=Interval.H1, days=20))
    page = panel(client, f"?time={on(MONDAY)}T10:30")
    assert "No job on record has collected this bar" in page
    assert 'type="datetime-local"' in page


def test_a_time_that_is_none_is_said_at_its_field(client: FlaskClient) -> None:
    collected()
    page = panel(client, "?time=soon", 422)
    assert "“soon” is not a date" in page
    assert 'aria-invalid="true"' in page
    assert client.get("/series/1/provenance?time=soon").status_code == 422
    assert client.get("/ui/series/99/provenance").status_code == 404
    assert "/ui/series/1/provenance" in client.get("/series/1").text
