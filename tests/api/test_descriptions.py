"""What can be asked is described where a stranger reads it: each parameter and each field, with an example."""

from collections.abc import Iterator
from typing import Any

from tests.api.conftest import Program

METHODS = ("get", "post", "delete")


def parameters(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, described in document["paths"].items():
        for parameter in described.get("parameters", ()):
            yield path, parameter
        for method in METHODS:
            for parameter in described.get(method, {}).get("parameters", ()):
                yield f"{method} {path}", parameter


def body_fields(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, described in document["paths"].items():
        for method in METHODS:
            body = described.get(method, {}).get("requestBody", {}).get("content", {}).get("application/json")
            if body:
                name = body["schema"]["$ref"].rpartition("/")[2]
                for field, schema in document["components"]["schemas"][name]["properties"].items():
                    yield f"{method} {path} {field}", schema


def test_every_parameter_has_a_description_and_an_example(nobody: Program) -> None:
    document = nobody.get("/api/v1/openapi.json").get_json()
    listed = list(parameters(document))
    assert len(listed) > 60
    bare = [
        f"{where}: {parameter['name']}"
        for where, parameter in listed
        if not parameter.get("description") or not (parameter.get("example") or parameter["schema"].get("examples"))
    ]
    assert bare == []


def test_every_field_of_a_body_has_a_description_and_an_example(nobody: Program) -> None:
    document = nobody.get("/api/v1/openapi.json").get_json()
    listed = list(body_fields(document))
    assert len(listed) > 15
    assert [where for where, schema in listed if not schema.get("description") or not schema.get("examples")] == []


def test_each_form_of_bars_is_an_operation_of_its_own(nobody: Program) -> None:
    document = nobody.get("/api/v1/openapi.json").get_json()
    forms = {}
    for form in ("json", "csv", "parquet", "arrow"):
        operation = document["paths"][f"/api/v1/series/{{series_id}}/bars.{form}"]["get"]
        forms[operation["operationId"]] = set(operation["responses"]["200"]["content"])
        assert "format" not in {parameter["name"] for parameter in operation["parameters"]}
    assert forms == {
        "read_json_bars": {"application/json"},
        "read_csv_bars": {"text/csv"},
        "read_parquet_bars": {"application/vnd.apache.parquet", "application/octet-stream"},
        "read_arrow_bars": {"application/vnd.apache.arrow.file", "application/octet-stream"},
    }
