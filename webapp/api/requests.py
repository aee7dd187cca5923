"""A request to collect, or for bars, as a program puts it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from webapp.collecting.request_values import parse_request
from webapp.context import context
from webapp.exporting.requests import BarsFields, read_bars_fields
from webapp.kernel.request_fields import FieldProblems
from webapp.kernel.requests import CollectRequest
from webapp.sources.option_values import parse_options


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
    fields = read_bars_fields({name: value for name, value in query.items() if name != "format"}, problems)
    problems.check()
    return fields


def archive_of(query: Mapping[str, Any]) -> BarsFields:
    """Return which bars of several series a query asks for, and in which form.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    problems = FieldProblems()
    fields = read_bars_fields(query, problems)
    problems.check()
    return fields


def moments_in(query: Mapping[str, Any]) -> tuple[dt.date | None, dt.date | None]:
    """Return ``start`` and ``end`` of a query, None for what it leaves out.

    :raises InvalidRequestError: with a sentence for each that is wrong.
    """
    fields = bars_of({name: query.get(name) for name in ("start", "end")})
    return fields.start, fields.end


def options_of(source: str | None, options: object) -> dict[str, str]:
    """Return a source's options as it takes them: texts, ``true`` and ``false`` among them.

    :raises InvalidRequestError: with the field ``options`` for anything else, and for one that the source has not.
    """
    return parse_options(source or None, options)
