"""What the page on HTTP says of each operation: made of the API's own description."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from webapp.app import create_app
from webapp.config import load_settings

_METHODS = ("get", "post", "patch", "put", "delete")
Described = Mapping[str, Any]


def list_operations() -> str:
    """A section an operation: what it does, its parameters or body, and what it answers."""
    described = read_description()
    lines: list[str] = []
    for path, operations in described["paths"].items():
        shared = operations.get("parameters", [])
        for method in _METHODS:
            if method in operations:
                lines += _section(described, f"{method.upper()} {path}", operations[method], shared)
    return "\n".join(lines)


def read_description() -> Described:
    """Return the API's description, as the server gives it."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_settings(Path(folder), read_dotenv=False))
        answer: Described = app.test_client().get("/api/v1/openapi.json").get_json()
        return answer


def _section(described: Described, call: str, operation: Described, shared: list[Described]) -> Iterator[str]:
    yield f"### {call}\n"
    yield _plain(f"{operation.get('summary', '')} {operation.get('description', '')}") + "\n"
    named = [_resolved(described, parameter) for parameter in (*shared, *operation.get("parameters", []))]
    rows = [(f"`{each['name']}`", each["in"], each.get("description", ""), each.get("schema", {})) for each in named]
    rows += [(f"`{name}`", "body", field.get("description", ""), field) for name, field in _body(described, operation)]
    if rows:
        yield "| name | where | | example |\n|---|---|---|---|"
        for name, place, about, schema in rows:
            yield f"| {name} | {place} | {_plain(about)} | {_example(schema)} |"
        yield ""
    yield f"Answers: {', '.join(_answers(operation))}.\n"


def _body(described: Described, operation: Described) -> list[tuple[str, Described]]:
    content = _resolved(described, operation.get("requestBody", {})).get("content", {})
    schema = _resolved(described, content.get("application/json", {}).get("schema", {}))
    return list(schema.get("properties", {}).items())


def _answers(operation: Described) -> Iterator[str]:
    in_order = sorted(operation["responses"].items(), key=lambda each: (not each[0].startswith("2"), each[0]))
    for status, answer in in_order:
        media = ", ".join(answer.get("content", {})) if status.startswith("2") else ""
        yield f"{status} ({media})" if media and media != "application/json" else status


def _resolved(described: Described, part: Described) -> Described:
    if "$ref" not in part:
        return part
    target: Any = described
    for name in part["$ref"].removeprefix("#/").split("/"):
        target = target[name]
    return _resolved(described, target)


def _example(schema: Described) -> str:
    examples = schema.get("examples") or ([schema["default"]] if schema.get("default") is not None else [])
    return _plain(f"`{examples[0]}`") if examples else ""


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("``", "`").replace("|", "\\|")).strip()
