"""Asking several jobs at once from a page: with HTMX a toast, without it a banner on the page one came from."""

import re

import pytest
from flask.testing import FlaskClient

from tests.web.factories import Asked, make_job, one_of_each, start
from webapp.collecting import submit as job_service
from webapp.database.transactions import reading
from webapp.jobs import queries_events
from webapp.kernel.job_states import Intent, JobState, Priority

HTMX = {"HX-Request": "true"}


def batch_of(job_id: int) -> int:
    return job_service.find(job_id).batch_id


def several(count: int) -> list[int]:
    """Jobs of one batch; the first made names it."""
    first = make_job_of("S0")
    return [first, *(make_job_of(f"S{number}", batch_of(first)) for number in range(1, count))]


def make_job_of(symbol: str, batch_id: int | None = None) -> int:
    return make_job(Asked(symbol=symbol), batch_id=batch_id)


@pytest.mark.parametrize(
    ("state", "noun", "after"),
    [
        (JobState.PENDING, "pauses", JobState.PAUSED),
        (JobState.PENDING, "cancellations", JobState.CANCELLED),
        (JobState.PAUSED, "resumptions", JobState.PENDING),
        (JobState.FAILED, "retries", JobState.PENDING),
    ],
)
def test_a_selection_is_moved_and_a_toast_says_so(
    client: FlaskClient, state: JobState, noun: str, after: JobState
) -> None:
    job_id = one_of_each()[state]
    answer = client.post(f"/jobs/{noun}", data={"id": job_id}, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "jobs-changed")
    assert "<html" not in answer.text
    assert "1 collection" in answer.text
    assert job_service.find(job_id).state is after


def test_those_that_refuse_are_counted_and_their_reasons_given(client: FlaskClient) -> None:
    ids = one_of_each()
    answer = client.post("/jobs/pauses", data={"id": [*ids.values(), 99]}, headers=HTMX)
    assert "3 collections paused." in answer.text
    assert "Not possible for 5." in answer.text
    assert f"Job {ids[JobState.PAUSED]} is paused" in answer.text
    assert "And 1 more." in answer.text
    assert "Those that are running stop after the request" in answer.text
    assert job_service.find(ids[JobState.RUNNING]).intent is Intent.PAUSE


def test_a_priority_and_its_reason_are_kept(client: FlaskClient) -> None:
    [job_id] = several(1)
    form = {"id": job_id, "priority": "low", "reason": "<b>later</b>"}
    assert "1 collection has the new priority." in client.post("/jobs/priorities", data=form, headers=HTMX).text
    assert job_service.find(job_id).priority is Priority.LOW
    page = client.get(f"/jobs/{job_id}").text
    assert "Now low. Reason: &lt;b&gt;later&lt;/b&gt;" in page
    assert "in the browser" in page


def test_one_job_gets_another_priority_on_its_page(client: FlaskClient) -> None:
    [job_id] = several(1)
    assert client.post(f"/jobs/{job_id}/priority", data={"priority": "high"}).status_code == 303
    pressed = re.search(r'value="high"\s+aria-pressed="true"', client.get(f"/jobs/{job_id}").text)
    assert pressed


def test_cancelling_several_is_asked_back_first(client: FlaskClient) -> None:
    ids = several(3)
    question = client.post("/jobs/cancellations", data={"id": ids, "reason": "oops"}, headers=HTMX)
    assert question.headers["HX-Retarget"] == "#dialog"
    assert "Cancel 3 collections?" in question.text
    assert 'value="oops"' in question.text
    assert {job_service.find(job_id).state for job_id in ids} == {JobState.PENDING}
    named = re.findall(r'name="id" value="(\d+)"', question.text)
    answer = client.post("/jobs/cancellations", data={"id": named, "confirmed": "yes", "reason": "oops"}, headers=HTMX)
    assert "3 collections cancelled." in answer.text
    with reading() as connection:
        assert str(queries_events.read(connection, ids[0])[0].message) == "Reason: oops"


def test_without_script_the_question_is_a_page_and_the_answer_a_banner(client: FlaskClient) -> None:
    ids = several(2)
    question = client.post("/jobs/cancellations", data={"id": ids, "next": "/jobs?state=active"})
    assert "<html" in question.text
    assert "Cancel 2 collections?" in question.text
    form = {"id": ids, "next": "/jobs?state=active", "confirmed": "yes"}
    answer = client.post("/jobs/cancellations", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs?state=active")
    assert "2 collections cancelled." in client.get("/jobs?state=active").text
    assert "2 collections cancelled." not in client.get("/jobs").text
    assert client.post("/jobs/pauses", data={"id": ids, "next": "//evil.com"}).headers["Location"] == "/jobs"


@pytest.mark.parametrize(
    ("noun", "form", "status", "words"),
    [
        ("pauses", {}, 422, "Select at least one"),
        ("pauses", {"id": "x"}, 400, "not understood"),
        ("pauses", {"id": "9" * 30}, 400, "not understood"),
        ("pauses", {"id": [str(number) for number in range(1001)]}, 422, "At most 1000"),
        ("pauses", {"id": "1", "reason": "x" * 201}, 422, "at most 200"),
        ("priorities", {"id": "1", "priority": "urgent"}, 422, "is not a priority"),
        ("priorities", {"id": "1"}, 422, "is not a priority"),
    ],
)
def test_what_is_asked_wrongly_changes_nothing(
    client: FlaskClient, noun: str, form: dict[str, object], status: int, words: str
) -> None:
    [job_id] = several(1)
    answer = client.post(f"/jobs/{noun}", data=form, headers=HTMX)
    assert (answer.status_code, words in answer.text) == (status, True)
    assert job_service.find(job_id).state is JobState.PENDING


def test_a_batch_has_its_buttons_with_counts_and_they_do_what_they_say(client: FlaskClient) -> None:
    ids = several(4)
    start(ids[3])
    url = f"/batches/{batch_of(ids[0])}"
    page = f"/jobs?batch={batch_of(ids[0])}"
    shown = client.get(page).text
    assert "Pause all (4)" in shown
    assert "Cancel all (4)" in shown
    assert "Retry only what failed" not in shown
    assert "Pause all" not in client.get("/jobs").text
    assert "4 collections paused." in client.post(f"{url}/pause", headers=HTMX).text
    assert "Resume all (3)" in client.get(page).text
    assert "3 collections resumed." in client.post(f"{url}/resumption", headers=HTMX).text
    assert "4 collections have" in client.post(f"{url}/priority", data={"priority": "high"}, headers=HTMX).text
    assert "Cancel 4 collections?" in client.post(f"{url}/cancellation", headers=HTMX).text
    answer = client.post(f"{url}/cancellation", data={"confirmed": "yes"}, headers=HTMX)
    assert "4 collections cancelled." in answer.text
    assert "There was nothing to change." in client.post(f"{url}/retry", headers=HTMX).text
    assert client.post("/batches/99/pause", headers=HTMX).status_code == 404


def test_of_a_batch_only_what_failed_is_retried(client: FlaskClient) -> None:
    failed = one_of_each()[JobState.FAILED]
    batch_id = batch_of(failed)
    assert "Retry only what failed (1)" in client.get(f"/jobs?batch={batch_id}").text
    assert "1 collection is tried again." in client.post(f"/batches/{batch_id}/retry", headers=HTMX).text
    assert job_service.find(failed).state is JobState.PENDING


def test_the_batch_follows_its_jobs_beyond_the_page_shown(client: FlaskClient) -> None:
    ids = several(30)
    page = client.get(f"/jobs?batch={batch_of(ids[0])}").text
    poll = re.search(r'id="jobs".*?hx-get="([^"]+)"', page, re.DOTALL)
    assert poll
    url = poll[1].replace("&amp;", "&")
    assert client.get(url).status_code == 204
    start(ids[0])  # the oldest, on the second page
    assert "1 running" in client.get(url).text


def test_the_newest_jobs_beside_the_form_have_no_checkboxes(client: FlaskClient) -> None:
    make_job()
    assert 'name="id"' not in client.get("/").text
    assert 'name="id"' in client.get("/jobs").text
