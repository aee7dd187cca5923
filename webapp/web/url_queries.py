"""What the query string of a list's address asks for, as a frozen value: each field says how its text is read."""

import dataclasses
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any, Self

from flask import request

from webapp.kernel.request_fields import RequestField
from webapp.web.forms import RequestForm, described_by
from webapp.web.pages import parse_number

Parse = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class UrlQuery:
    """The base of such values. Its fields are made with ``parameter``; a default is left out of the URL."""

    @classmethod
    def parse(cls, values: Mapping[str, str] | None = None) -> Self:
        """Return the query of the current URL, or of a form; what there is none of asks for nothing.

        :raises BadRequest: for a number that is none.
        """
        texts = request.args if values is None else values
        return cls(**{field.name: field.metadata["parse"](texts.get(field.name, "")) for field in fields(cls)})

    def params(self, **changed: str | int) -> dict[str, Any]:
        """Return the query string's values that differ from the usual ones, with some changed."""
        usual = {field.name: field.default for field in fields(self)}
        values = asdict(self) | changed
        return {name: value for name, value in values.items() if value != usual.get(name)}

    @property
    def form(self) -> RequestForm:
        """The form that filters the list, with what is filtered by now; its fields are those of the query."""
        values = asdict(self)
        filled: RequestForm = _filter_form(tuple(values))(data=values)
        return filled


@cache
def _filter_form(names: tuple[str, ...]) -> type[RequestForm]:
    return described_by(RequestField(name) for name in names)(type("FilterForm", (RequestForm,), {}))


def parameter(default: str | int, parse: Parse) -> Any:  # noqa: ANN401 -- as dataclasses.field has it
    """Return a field of a query, which is read from its text by ``parse``; an empty text is to give ``default``."""
    return dataclasses.field(default=default, metadata={"parse": parse})


def short_text(longest: int) -> Parse:
    """Return what reads a short text."""
    return lambda value: value.strip()[:longest]


def choice(values: Collection[str], default: str = "") -> Parse:
    """Return what reads one of ``values``; any other text counts as not said."""
    return lambda value: str(value) if value in values else default


def number(default: int, limit: int = 1_000_000_000) -> Parse:
    """Return what reads a number between 1 and ``limit``."""
    return lambda value: parse_number(value, default, limit)
