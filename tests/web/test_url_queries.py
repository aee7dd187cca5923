"""Addresses of lists, and the versions of fragments that poll."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.exceptions import BadRequest

from webapp.web.catalogue.query import CatalogueQuery
from webapp.web.jobs.listing import JobQuery
from webapp.web.review.views import FlagQuery
from webapp.web.toasts import Toast
from webapp.web.url_queries import UrlQuery
from webapp.web.versions import polled, version_of

QUERIES = [JobQuery, CatalogueQuery, FlagQuery]


@dataclass(frozen=True)
class Shown:
    at: dt.datetime
    names: Mapping[str, int]


@pytest.mark.parametrize("query", QUERIES)
def test_what_is_usual_is_left_out_of_the_address(query: type[UrlQuery]) -> None:
    assert query.parse({}) == query()
    assert query.parse({}).params() == {}
    assert query.parse({}).params(page=3) == {"page": 3}


@pytest.mark.parametrize(
    ("query", "address"),
    [
        (JobQuery(state="failed", source="yahoo", symbol="MSFT", batch=7, page=2, size=8), {"batch": 7, "size": 8}),
        (CatalogueQuery(q="ap", fresh="more", sort="rows", order="desc", size=100), {"fresh": "more", "size": 100}),
        (FlagQuery(state="all", rule="spike", series=4, page=9), {"rule": "spike", "series": 4}),
    ],
)
def test_an_address_says_what_was_asked_for(query: UrlQuery, address: Mapping[str, object]) -> None:
    params = query.params()
    assert address.items() <= params.items()
    assert type(query).parse({name: str(value) for name, value in params.items()}) == query
    assert {name: query.form[name].data for name in params} == params


@pytest.mark.parametrize("query", QUERIES)
def test_what_does_not_exist_filters_nothing_and_a_page_is_a_number(query: type[UrlQuery]) -> None:
    assert query.parse({"state": "moon", "interval": "7q", "rule": "none", "order": "up", "fresh": "x"}) == query()
    with pytest.raises(BadRequest):
        query.parse({"page": "first"})


def test_a_version_is_made_of_values_by_name(app: Flask) -> None:
    shown = Shown(dt.datetime(2024, 3, 1, tzinfo=dt.UTC), {"a": 1})
    with app.test_request_context():
        usual = version_of(rows=[(1, 2)], shown=shown)
        assert usual == version_of(rows=[(1, 2)], shown=Shown(shown.at, {"a": 1}))
        assert usual != version_of(rows=[(1, 3)], shown=shown)
        assert usual != version_of(lines=[(1, 2)], shown=shown)
        with pytest.raises(TypeError):
            version_of(rows=object())


def test_a_fragment_is_loaded_after_its_version_and_only_when_that_changed(app: Flask) -> None:
    steps: list[str] = []

    def version() -> str:
        steps.append("version")
        return "new"

    def load(current: str) -> Mapping[str, object]:
        steps.append(current)
        return {"toast": Toast("success", "Loaded.", [])}

    with app.test_request_context("/?v=old"):
        assert "Loaded." in str(polled("job_groups/_toast.html", version=version, load=load))
        assert steps == ["version", "new"]
    with app.test_request_context("/?v=new"):
        answer = app.make_response(polled("job_groups/_toast.html", version=version, load=load))
        assert (answer.status_code, answer.data) == (204, b"")
        assert steps == ["version", "new", "version"]
