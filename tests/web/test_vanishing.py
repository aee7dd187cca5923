"""The board of what sources will delete: by the deadline, with what can still be had, and one button for all of it."""

import datetime as dt

import pytest
from flask.testing import FlaskClient

from tests.web.factories import NOW, Asked, make_series
from webapp.context import context
from webapp.coverage import completeness
from webapp.database.transactions import reading
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter
from webapp.kernel.intervals import Interval


def make_old(symbol: str, days_ago: int) -> int:
    """Make a series of five minutes whose last ones are some days old; Yahoo keeps them for 60 days."""
    created = NOW - dt.timedelta(days=days_ago)
    series_id = make_series(Asked(symbol, Interval.M5, days=7, created=created))
    completeness.recount(context(), series_id)
    return series_id


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_vanishes_is_listed_with_its_deadline_and_what_becomes_of_it(client: FlaskClient, language: str) -> None:
    reader = {"Accept-Language": language}
    nothing = {"en": "Nothing vanishes soon.", "fr": "Rien ne sera effacé prochainement."}
    assert nothing[language] in client.get("/vanishing", headers=reader).text
    soon, later, lost = make_old("SOON", 50), make_old("LATER", 20), make_old("LOST", 70)
    page = client.get("/vanishing", headers=reader).text
    assert page.index(f'value="{lost}"') < page.index(f'value="{soon}"')
    assert f'href="/series/{later}"' not in page, "that has time"
    words = {"en": ("Can be had in time.", "Bars are being lost."), "fr": ("à temps", "se perdent déjà")}
    assert all(word in page for word in words[language])


def test_one_button_collects_what_is_picked_in_the_order_of_the_deadlines(client: FlaskClient) -> None:
    soon, sooner = make_old("SOON", 50), make_old("SOONER", 55)
    answer = client.post("/vanishing/collections", data={"id": [soon, sooner]})
    assert "/jobs?batch=" in answer.location
    with reading() as connection:
        jobs = queries_jobs.page(connection, JobFilter())
    assert [job.symbol for job in reversed(jobs)] == ["SOONER", "SOON"]
    assert "2 series are collected, the most urgent first." in client.get(answer.location).text
    assert client.post("/vanishing/collections", data={}).status_code == 422
