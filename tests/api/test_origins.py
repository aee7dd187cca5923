"""Where bars came from, as the API tells it."""

import datetime as dt

from tests.api.conftest import Program
from tests.web.factories import NOW, Asked, advance, finish, make_job, start
from webapp.database.transactions import writing
from webapp.jobs.records import instant
from webapp.kernel.spans import Span
from webapp.upkeep import queries_cleaning

ASKED = Asked(days=60, chunks=2)


def collected(done: int, count: int) -> int:
    job_id = make_job(ASKED)
    claim = start(job_id)
    advance(claim, ASKED, done, count)
    finish(claim)
    return job_id


def test_spans_tell_their_first_and_last_job_whether_it_is_there_or_not(client: Program) -> None:
    first = collected(0, 2)
    with writing() as connection:
        queries_cleaning.delete_jobs(connection, NOW + dt.timedelta(days=1))
    second = collected(1, 1)
    half, whole = ASKED.span.start + ASKED.span.seconds // 2, ASKED.span
    body = client.get("/api/v1/series/1/origins").get_json()
    assert [(origin["start"], origin["end"]) for origin in body["origins"]] == [
        (instant(span.start), instant(span.end)) for span in (Span(whole.start, half), Span(half, whole.end))
    ]
    old, new = body["origins"]
    assert (old["first"]["job_id"], old["last"]["job_id"], old["last"]["job_url"]) == (first, first, None)
    assert (new["first"]["job_url"], new["last"]["job_url"]) == (None, f"/api/v1/jobs/{second}")
    assert dt.datetime.fromisoformat(new["last"]["at"]) >= NOW
    assert body["next_start"] is None


def test_they_are_asked_for_by_time_and_come_in_pages(client: Program) -> None:
    collected(0, 1)
    collected(1, 1)
    page = client.get("/api/v1/series/1/origins?limit=1").get_json()
    assert len(page["origins"]) == 1
    rest = client.get(f"/api/v1/series/1/origins?start={page['next_start']}").get_json()
    assert [origin["first"]["job_id"] for origin in rest["origins"]] == [2]
    day = dt.datetime.fromtimestamp(ASKED.span.start, dt.UTC).date().isoformat()
    [origin] = client.get(f"/api/v1/series/1/origins?start={day}&end={day}").get_json()["origins"]
    assert origin["start"].startswith(day)
    assert client.get("/api/v1/series/1/origins?start=soon").status_code == 422
    assert client.get("/api/v1/series/9/origins").status_code == 404
