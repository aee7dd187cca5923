"""Searching for symbols: a worker is asked, what it found can be added to the form, and a page never waits for ever."""

import datetime as dt
from dataclasses import replace

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient

from tests.web.test_gateways import HTMX, deaf
from webapp.database.transactions import writing
from webapp.errors import sentence
from webapp.inquiring import queries_inquiries
from webapp.inquiring.inquiries import PATIENCE
from webapp.sources import choices
from webapp.sources.manifest import Capabilities
from webapp.web.collect.forms import CollectForm, form_choices

ASKED = {"q": "lvmh", "source": "ibkr"}
LVMH = {"symbol": "MC.STK.SMART.EUR.SBF", "name": "LVMH <b>", "exchange": "SBF", "kind": "STK"}


def answer(rows: list[dict[str, str]]) -> None:
    with writing() as connection:
        queries_inquiries.write_answer(connection, 1, rows, dt.datetime.now(dt.UTC))


def test_what_is_found_can_be_added_and_carries_its_whole_name(app: Flask, client: FlaskClient) -> None:
    deaf(app)
    html = client.post("/searches", data=ASKED, headers=HTMX).text
    assert "Searching for “lvmh”…" in html
    assert "every 1s" in html
    answer([LVMH])
    found = client.get("/ui/searches/1").text
    assert "every" not in found
    assert 'data-add="MC.STK.SMART.EUR.SBF"' in found
    assert 'href="/?source=ibkr&amp;symbols=MC.STK.SMART.EUR.SBF"' in found
    assert "LVMH &lt;b&gt;" in found
    assert "Share or fund" in found


def test_without_a_script_the_results_are_a_page(app: Flask, client: FlaskClient) -> None:
    deaf(app)
    question = client.post("/searches", data=ASKED)
    assert question.headers["Location"] == "/searches/1"
    assert "Look again" in client.get("/searches/1").text
    answer([])
    assert "Nothing was found for “lvmh”." in client.get("/searches/1").text


def test_polling_stops_by_itself_when_nobody_answers(app: Flask, client: FlaskClient) -> None:
    now = dt.datetime.now(dt.UTC)
    deaf(app, now=lambda: now)
    client.post("/searches", data=ASKED, headers=HTMX)
    deaf(app, now=lambda: now + PATIENCE)
    late = client.get("/ui/searches/1").text
    assert "No worker has answered within 20 seconds." in late
    assert "every" not in late


def test_a_source_without_search_is_not_asked(client: FlaskClient) -> None:
    answered = client.post("/searches", data={"q": "lvmh", "source": "own"}, headers=HTMX)
    assert "Import has no search. Type the whole symbol." in answered.text
    assert client.get("/ui/searches/1").status_code == 404


@pytest.mark.parametrize("has_search", [True, False])
def test_the_search_box_is_shown_for_a_source_that_has_a_search(app: Flask, *, has_search: bool) -> None:
    able = replace(choices.choices(0)[0], capabilities=Capabilities(has_search=has_search))
    with app.test_request_context():
        form = CollectForm(data={"source": able.name})
        fields = render_template("collect/_fields.html", form=form, choices=form_choices(form, (able,), ()))
    assert ('id="symbol-query"' in fields) is has_search


def test_why_a_source_does_not_answer_is_said(app: Flask, client: FlaskClient) -> None:
    deaf(app)
    client.post("/searches", data=ASKED, headers=HTMX)
    with writing() as connection:
        message = sentence("Nobody listens at %(place)s.", place="127.0.0.1:7497")
        queries_inquiries.write_failure(connection, 1, dt.datetime.now(dt.UTC), message)
    assert "Nobody listens at 127.0.0.1:7497." in client.get("/ui/searches/1").text


def test_what_cannot_be_searched_is_said_where_the_results_would_stand(app: Flask, client: FlaskClient) -> None:
    deaf(app)
    assert "field-problem" not in client.post("/searches", data=ASKED | {"q": " "}, headers=HTMX).text
    for changed, told in (
        ({"q": "x" * 65}, "at most 64 characters"),
        ({"source": "nowhere"}, "There is no source “nowhere”"),
        ({"gateway": "gone"}, "There is no gateway “gone”"),
    ):
        shown = client.post("/searches", data=ASKED | changed, headers=HTMX)
        assert shown.status_code == 200
        assert told in shown.text
        assert client.post("/searches", data=ASKED | changed).status_code == 422


def test_too_many_searches_are_refused_in_place(app: Flask, client: FlaskClient) -> None:
    now = dt.datetime.now(dt.UTC)
    deaf(app, now=lambda: now)
    for _ in range(60):
        client.post("/searches", data=ASKED | {"source": "yahoo"}, headers=HTMX)
    assert "At most 60 searches" in client.post("/searches", data=ASKED, headers=HTMX).text
