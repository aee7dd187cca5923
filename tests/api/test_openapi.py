"""The description is valid, complete and true: a machine tries all that it says."""

import copy
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import HandTime, Program, make_app, program
from tests.properties import are_few, examples
from tests.scheduling.calendars import draft
from tests.web.factories import Asked, make_series, one_of_each
from webapp.access.queries_tokens import Scope
from webapp.api import batches
from webapp.context import context
from webapp.database import schema
from webapp.extensions import db
from webapp.kernel.intervals import Interval
from webapp.scheduling.schedules import create_schedule
from webapp.watchlists import lists
from webapp.watchlists.watchlist import Entry

CHECKS = [
    schemathesis.checks.not_a_server_error,
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
READING_POSTS = {"make_plans", "read_frames", "read_collection_frames"}
TOKEN: list[str] = []
_MOMENTS = {"enum": ["2024-03-01", "2025-06-01T12:00:00+02:00", "9999-12-31", "soon"]}
WORDS = {
    "/api/v1/series/{series_id}/bars": {
        "start": _MOMENTS,
        "end": _MOMENTS,
        "interval": {"enum": ["30m", "1h", "1d", "1wk", "1mo"]},
        "zone": {"enum": ["UTC", "exchange", "Asia/Kolkata", "nowhere"]},
    },
    "/api/v1/bars.zip": {
        "series": {"enum": ["1", "2,3"]},
        "start": {"enum": ["2024-03-01"]},
        "end": {"enum": ["2026-03-01"]},
        "zone": {"enum": ["exchange", "UTC"]},
        "interval": {"enum": ["1wk"]},
    },
    **{
        f"/api/v1/symbols/{noun}": {
            "symbol": {"enum": ["MSFT", "NOPE"]},
            "source": {"enum": ["yahoo"]},
            "interval": {"enum": ["1d"]},
            "options": {"enum": ["{}"]},
        }
        for noun in ("coverage", "gaps")
    },
}
"""What is asked of some addresses when it is to make sense."""
Case = schemathesis.Case[Any]


@pytest.fixture(autouse=True)
def quick_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for the end of a batch that no worker works on, for as many seconds as a machine makes up."""
    monkeypatch.setattr(batches, "time", HandTime())


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The description of an application with jobs in every state and a series; answers, not exceptions, come of it."""
    app = make_app(Path(tmp_path_factory.mktemp("openapi")))
    with app.app_context():
        schema.upgrade()
        one_of_each()
        make_series(Asked())
        make_series(Asked("AAPL", Interval.M30, 20))
        lists.create(context(), "tech", [Entry("yahoo", "AAPL")])
        for _ in range(8):  # some are deleted before they are shown
            create_schedule(context(), draft("AAPL"))
    TOKEN[:] = [str(program(app, Scope.READ, Scope.WRITE).token)]
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    for component in document["components"]["schemas"].values():
        component.setdefault("additionalProperties", False)  # all that is answered is described
    closed = schemathesis.openapi.from_dict(document)
    closed.app = app
    yield closed
    with app.app_context():
        db.engine.dispose()


def test_nothing_that_can_be_asked_gets_an_undeclared_answer(described: Any) -> None:  # noqa: ANN401 -- its schema
    """Not through schemathesis' own parametrization, which does not know pytest 9.2."""
    answered = ask_everything(described)
    assert {label for label, _ in answered} == {operation.ok().label for operation in described.get_all_operations()}
    assert {status for _, status in answered} >= {200, 400, 401, 404, 422}


def restore_list(app: Flask) -> None:
    """Make the list anew, which a test before may have deleted."""
    with app.app_context():
        if not any(summary.name == "tech" for summary in lists.every()):
            lists.create(context(), "tech", [Entry("yahoo", "AAPL")])


def test_nothing_that_makes_sense_gets_an_undeclared_answer(described: Any) -> None:  # noqa: ANN401 -- its schema
    """The same with a description narrowed to what is there, so that more than refusals are seen."""
    restore_list(described.app)
    narrow = copy.deepcopy(described.raw_schema)
    for path in narrow["paths"].values():
        for parameter in path.get("parameters", ()):
            parameter["schema"] |= {"enum": ["tech"]} if parameter["name"] == "name" else {"maximum": 8}
    for path in ("lists/{name}", "schedules/{schedule_id}", "series/{series_id}"):  # nothing would be left to show
        del narrow["paths"][f"/api/v1/{path}"]["delete"]
    del narrow["components"]["schemas"]["ListChange"]["properties"]["name"]  # nor under the name that is asked for
    body = narrow["components"]["schemas"]["CollectBody"]
    body["required"] += ["start"]
    for name in ("period", "end"):
        del body["properties"][name]
    body["properties"] |= {
        "source": {"enum": ["yahoo"]},
        "symbols": {"type": "array", "items": {"enum": ["AAPL", "MC.PA", "^GSPC"]}, "minItems": 1, "maxItems": 3},
        "interval": {"enum": ["1h", "1d", "1wk"]},
        "start": {"type": "string", "format": "date", "enum": ["2024-01-02", "1999-12-31", "2026-11-02"]},
    }
    for path, words in WORDS.items():
        for parameter in narrow["paths"][path]["get"]["parameters"]:
            parameter["schema"] = words.get(parameter["name"], parameter["schema"])
    narrow_symbols(narrow)
    narrowed = schemathesis.openapi.from_dict(narrow)
    narrowed.app = described.app
    answered = ask_everything(narrowed, [schemathesis.GenerationMode.POSITIVE])
    assert {status for _, status in answered} >= {200, 202, 409}
    assert {("POST /api/v1/jobs", 202), ("POST /api/v1/plans", 200)} <= answered
    shown = {operation.ok().label for operation in described.get_all_operations() if operation.ok().method == "get"}
    if not are_few():  # a few examples do not reach every good answer
        assert {(label, 200) for label in shown if "{time}" not in label} <= answered


def narrow_symbols(narrow: dict[str, Any]) -> None:
    """Let the calls that take a symbol be asked for one that is there."""
    there = {
        "symbol": ["AAPL"],
        "source": ["yahoo"],
        "interval": ["30m", "1h"],
        "options": ["{}"],
        "calendar": ["XPAR"],
    }
    there |= {"start": ["2024-01-02"], "end": ["2024-02-01"]}
    for path, methods in narrow["paths"].items():
        for parameter in methods["get"]["parameters"] if path.startswith("/api/v1/symbols/") else ():
            parameter["schema"] = {"enum": there[parameter["name"]]}
    command = narrow["components"]["schemas"]["CommandBody"]
    command["properties"] |= {"jobs": {"type": "array", "items": {"minimum": 1, "maximum": 8}, "maxItems": 3}}
    del command["properties"]["batch"]
    command["required"] += ["jobs"]


def ask_everything(
    described: Any,  # noqa: ANN401 -- schemathesis' schema
    modes: Iterable[schemathesis.GenerationMode] = schemathesis.GenerationMode,
) -> set[tuple[str, int]]:
    """Try all operations, and return which answers were seen."""
    answered: set[tuple[str, int]] = set()
    for operation in described.get_all_operations():
        for mode in modes:
            ask(operation.ok().as_strategy(generation_mode=mode), answered)
    return answered


def ask(cases: SearchStrategy[Case], answered: set[tuple[str, int]]) -> None:
    @given(case=cases)
    @settings(
        max_examples=examples(25),
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask_one(case: Case) -> None:
        # Schemathesis asks for gzip as any client does, and does not unpack what an application answers without HTTP.
        headers = {"Authorization": f"Bearer {TOKEN[0]}", "Accept-Encoding": "identity"}
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        answered.add((case.operation.label, answer.status_code))

    ask_one()


def test_the_description_is_valid(described: Any) -> None:  # noqa: ANN401 -- schemathesis' schema
    described.validate()


def test_every_endpoint_is_described_with_its_scope(app: Flask, nobody: Program) -> None:
    answer = nobody.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["openapi"].startswith("3.1")
    operations = [
        (method, operation)
        for path in body["paths"].values()
        for method, operation in path.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]
    routes = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    assert len(operations) == len(routes) - 1  # all but the description itself
    for method, operation in operations:
        reads = method == "get" or operation["operationId"] in READING_POSTS
        assert operation["security"] == [{"bearer": ["read" if reads else "write"]}]
        assert operation["summary"]
        assert {"401", "403"} <= set(operation["responses"])
