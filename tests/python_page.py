"""``docs/python.md``'s reference, made of the signatures and docstrings of the façade (``python -m tests.pages``)."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any, get_args, get_overloads

from webapp.errors import SymbolsError
from webapp.framing import arguments
from webapp.framing.frame_facts import FrameFacts, SeriesFacts
from webapp.job_manager import JobManager
from webapp.jobs.records import JobError, JobProgress, JobRecord
from webapp.notebook.batch import Batch, Outcome
from webapp.notebook.job_verbs import StatisticsRecord, WindowRecord

_VALUES = (Batch, Outcome, JobRecord, JobProgress, JobError, StatisticsRecord, WindowRecord, SeriesFacts, FrameFacts)
_WORDS = ("IntervalName", "AdjustName", "PriorityName", "ColumnName", "FrameKind", "OnFailure")


def verbs() -> list[tuple[type, str]]:
    """Each public verb of ``JobManager`` with the class that defines it, in the order of the code."""
    return [
        (kind, name)
        for kind in JobManager.__mro__[1:-1]
        for name, value in vars(kind).items()
        if isinstance(value, staticmethod) and not name.startswith("_")
    ]


def list_verbs() -> str:
    """A section a verb: how it is called, what it returns and what it raises; then the words and the values."""
    lines: list[str] = []
    heading = None
    for kind, name in verbs():
        if kind is not heading:
            heading = kind
            lines += [f"## {inspect.getdoc(kind)}".rstrip("."), ""]
        lines += [
            f"### `{name}`",
            "",
            "```python",
            _signature(name),
            "```",
            "",
            _markdown(getattr(JobManager, name)),
            "",
        ]
    lines += ["## Words", "", "| type | one of |", "|---|---|"]
    lines += [
        f"| `{name}` | {' '.join(f'`{word}`' for word in get_args(getattr(arguments, name)))} |" for name in _WORDS
    ]
    lines += ["", "`Moment` is a text like `2024-03-01` or `2024-03-01T14:30`, a `date` or a `datetime`.", ""]
    lines += ["## Values", ""]
    for value in _VALUES:
        lines += [f"### `{value.__name__}`", "", _markdown(value), "", *_fields(value), ""]
    lines += ["### `SymbolsError`", "", _markdown(SymbolsError), ""]
    return "\n".join(lines)


def _signature(name: str) -> str:
    """How a verb is called, as its definition says, with what each of its overloads returns."""
    verb = getattr(JobManager, name)
    definition = ast.parse(textwrap.dedent(inspect.getsource(verb))).body[0]
    assert isinstance(definition, ast.FunctionDef)
    given = definition.args
    positional = [None] * (len(given.args) - len(given.defaults)) + list(given.defaults)
    lines = [_argument(*pair) for pair in zip(given.args, positional, strict=True)]
    lines += ["*,"] if given.kwonlyargs else []
    lines += [_argument(*pair) for pair in zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    lines += ["**options,"] if given.kwarg else []
    returned = [ast.unparse(definition.returns)] if definition.returns else []
    if overloads := get_overloads(verb):
        returned = [_name(inspect.signature(each).return_annotation) for each in overloads]
    result = " | ".join(returned)
    plain = f"{name}({' '.join(lines).rstrip(',')}) -> {result}"
    return plain if len(plain) <= 100 else "\n".join([f"{name}(", *(f"    {line}" for line in lines), f") -> {result}"])


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    kind = f": {ast.unparse(argument.annotation)}" if argument.annotation else ""
    return f"{argument.arg}{kind}{f' = {ast.unparse(default)}' if default else ''},"


def _name(annotation: Any) -> str:  # noqa: ANN401 -- any annotation
    return annotation if isinstance(annotation, str) else str(annotation.__name__)


def _fields(value: type) -> Iterator[str]:
    """A table of a value's fields; what follows a field's definition in quotes is said of it."""
    yield "| field | type |"
    yield "|---|---|"
    for name, annotation in inspect.get_annotations(value).items():
        kind = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
        yield f"| `{name}` | `{re.sub(r'(?:[a-z_]+[.])+', '', kind).replace('|', chr(92) + '|')}` |"


def _markdown(documented: object) -> str:
    """A docstring as Markdown: names in code quotes, errors as a list."""
    text = inspect.getdoc(documented) or ""
    text = re.sub(r"``([^`]+)``", r"`\1`", text)
    body, *raised = re.split(r"(?m)^:raises (?=\w+:)", text)
    lines = [" ".join(paragraph.split()) for paragraph in body.strip().split("\n\n")]
    errors = [f"* raises `{' '.join(each.split()).replace(':', '`', 1)}" for each in raised]
    return "\n\n".join([*lines, *(["\n".join(errors)] if errors else [])])
