"""The description is valid, complete and true: a machine tries all that it says."""

from collections.abc import Iterator
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

from tests.api.conftest import Program, make_app, program
from tests.routes.factories import Asked, make_series, one_of_each
from webapp.extensions import db
from webapp.services import schema
from webapp.store.tokens import Scope

CHECKS = [
    schemathesis.checks.not_a_server_error,
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
TOKEN: list[str] = []
EXAMPLES = 40


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The description of an application with jobs in every state and a series; answers, not exceptions, come of it."""
    app = make_app(Path(tmp_path_factory.mktemp("openapi")))
    with app.app_context():
        schema.upgrade()
        one_of_each()
        make_series(Asked())
    TOKEN[:] = [str(program(app, Scope.READ, Scope.WRITE).token)]
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    with app.app_context():
        db.engine.dispose()


def test_nothing_that_can_be_asked_gets_an_undeclared_answer(described: Any) -> None:  # noqa: ANN401 -- its schema
    """Not through schemathesis' own parametrization, which does not know pytest 9.2."""
    tried = 0
    for found in described.get_all_operations():
        operation = found.ok()
        for mode in schemathesis.GenerationMode:
            ask_everything(operation.as_strategy(generation_mode=mode))
        tried += 1
    assert tried == 12


def ask_everything(cases: SearchStrategy[schemathesis.Case]) -> None:
    @given(case=cases)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN[0]}"}, checks=CHECKS)

    ask()


def test_the_description_is_valid(described: Any) -> None:  # noqa: ANN401 -- schemathesis' schema
    described.validate()


def test_every_endpoint_is_described_with_its_scope(app: Flask, nobody: Program) -> None:
    answer = nobody.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["openapi"].startswith("3.1")
    operations = [
        (method, operation)
        for path in told["paths"].values()
        for method, operation in path.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]
    routes = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    assert len(operations) == len(routes) - 1  # all but the description itself
    for method, operation in operations:
        reads = method == "get" or operation["operationId"] == "make_plans"
        assert operation["security"] == [{"bearer": ["read" if reads else "write"]}]
        assert operation["summary"]
        assert {"401", "403"} <= set(operation["responses"])
