"""Polling: nothing is sent while nothing changed, and it ends by itself when nothing is left to watch."""

import re

import pytest
from flask.testing import FlaskClient

from tests import commands
from tests.web.factories import Asked, advance, finish, make_job, one_of_each, start
from webapp.collecting import submit as job_service
from webapp.context import context
from webapp.kernel.job_states import JobState


def poll_url(html: str, root: str) -> str:
    match = re.search(rf'id="{root}".*?hx-get="([^"]+)"', html, re.DOTALL)
    assert match
    return match[1].replace("&amp;", "&")


@pytest.mark.parametrize(("root", "page"), [("jobs", "/jobs?state=active"), ("job-card", "/jobs/1")])
def test_an_unchanged_fragment_costs_204_and_a_change_shows(client: FlaskClient, root: str, page: str) -> None:
    asked = Asked()
    claim = start(make_job(asked))
    url = poll_url(client.get(page).text, root)
    unchanged = client.get(url)
    assert (unchanged.status_code, unchanged.data) == (204, b"")
    assert client.get(url, headers={"Accept-Language": "fr"}).status_code == 200

    advance(claim, asked, 0, 3)
    changed = client.get(url)
    assert changed.status_code == 200
    assert "30%" in changed.text
    assert client.get(poll_url(changed.text, root)).status_code == 204


def test_a_new_job_shows_in_the_table(client: FlaskClient) -> None:
    start(make_job())
    url = poll_url(client.get("/jobs").text, "jobs")
    make_job(Asked(symbol="TSLA"))
    assert "TSLA" in client.get(url).text


@pytest.mark.parametrize(("root", "page"), [("jobs", "/jobs"), ("job-card", "/jobs/1")])
def test_polling_attributes_vanish_when_nothing_is_active(client: FlaskClient, root: str, page: str) -> None:
    claim = start(make_job())
    live = client.get(page).text
    assert "every " in live.split(f'id="{root}"')[1]
    finish(claim)
    over = client.get(poll_url(live, root)).text.split(f'id="{root}"')[1]
    assert "every " not in over
    assert "data-poll" not in over
    assert "v=" not in poll_url(f'id="{root}"' + over, root)


def test_a_running_job_is_looked_at_often_and_a_waiting_one_seldom(client: FlaskClient) -> None:
    ids = one_of_each()
    assert "every 1s" in client.get(f"/jobs/{ids[JobState.RUNNING]}").text
    assert "every 10s" in client.get(f"/jobs/{ids[JobState.WAITING]}").text
    assert "every" not in client.get(f"/jobs/{ids[JobState.PAUSED]}").text.split('id="job-card"')[1].split(">")[0]


def test_the_title_and_the_announcement_carry_the_progress(client: FlaskClient) -> None:
    job_id = one_of_each()[JobState.RUNNING]
    answer = client.get(f"/ui/jobs/{job_id}/card").text
    assert re.search(r"<title>\s*40% – MSFT – Moisson\s*</title>", answer)
    assert re.search(r'id="announcement"[^>]*aria-live="polite"[^>]*hx-swap-oob="morph"', answer)
    assert "MSFT: Running, 40%" in answer


def test_the_state_panel_is_silent_while_nothing_changes(client: FlaskClient) -> None:
    url = poll_url(client.get("/").text, "status")
    assert client.get(url).status_code == 204
    make_job()
    answer = client.get(url).text
    assert 'id="status"' in answer
    assert 'id="banners"' in answer


@pytest.mark.parametrize(
    ("state", "noun", "after"),
    [
        (JobState.PENDING, "pause", JobState.PAUSED),
        (JobState.PENDING, "cancellation", JobState.CANCELLED),
        (JobState.PAUSED, "resumption", JobState.PENDING),
        (JobState.FAILED, "retry", JobState.PENDING),
        (JobState.CANCELLED, "retry", JobState.PENDING),
    ],
)
def test_a_button_moves_a_job(client: FlaskClient, state: JobState, noun: str, after: JobState) -> None:
    job_id = one_of_each()[state]
    assert f"/jobs/{job_id}/{noun}" in client.get(f"/jobs/{job_id}").text
    answer = client.post(f"/jobs/{job_id}/{noun}", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, "jobs-changed")
    assert job_service.find(job_id).state is after


def test_what_a_state_does_not_allow_is_a_sentence_with_409(client: FlaskClient) -> None:
    job_id = one_of_each()[JobState.SUCCEEDED]
    alert = client.post(f"/jobs/{job_id}/cancellation", headers={"HX-Request": "true"})
    assert alert.status_code == 409
    assert "there is nothing left to do" in alert.text
    assert "<html" not in alert.text
    assert "<html" in client.post(f"/jobs/{job_id}/cancellation").text


def test_without_htmx_a_button_leads_back_to_its_page_and_nowhere_else(client: FlaskClient) -> None:
    job_id = make_job()
    answer = client.post(f"/jobs/{job_id}/pause", data={"next": "/jobs?page=1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs?page=1")
    commands.resume(context(), job_id, "test")
    evil = client.post(f"/jobs/{job_id}/pause", data={"next": "//evil.com"})
    assert evil.headers["Location"] == f"/jobs/{job_id}"
