"""A request to collect, or for bars, as a program puts it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from webapp.collecting.request_values import parse_request
from webapp.context import context
from webapp.exporting.export_fields import EXPORT_FIELDS
from webapp.exporting.requests import BarsFields, read_bars_fields
from webapp.exporting.rules_exports import FORMATS
from webapp.kernel.request_fields import FieldProblems, parse_day
from webapp.kernel.requests import CollectRequest

JSON = "json"
BARS_FIELDS = {
    **{name: EXPORT_FIELDS[name] for name in ("start", "end", "adjust")},
    "format": replace(EXPORT_FIELDS["format"], values=(JSON, *FORMATS), default=JSON),
    **{name: EXPORT_FIELDS[name] for name in ("interval", "complete_only")},
}
"""What may be said of bars: as of an export, in UTC, and as JSON, too."""


def request_of(body: Mapping[str, Any]) -> CollectRequest:
    """Return what a body asks for.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    return parse_request(body, context().now())


def bars_of(query: Mapping[str, Any]) -> BarsFields:
    """Return which bars a query asks for.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    problems = FieldProblems()
    fields = read_bars_fields(query, problems, {**EXPORT_FIELDS, **BARS_FIELDS})
    problems.check()
    return fields


def moments_in(query: Mapping[str, Any]) -> tuple[dt.date | None, dt.date | None]:
    """Return ``start`` and ``end`` of a query, None for what it leaves out.

    :raises InvalidRequestError: with each field that is no date.
    """
    problems = FieldProblems()
    start, end = (
        problems.read(lambda field=EXPORT_FIELDS[name]: parse_day(field, query.get(field.name)))  # type: ignore[misc]
        for name in ("start", "end")
    )
    problems.check()
    return start, end
