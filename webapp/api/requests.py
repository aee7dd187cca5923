"""A request to collect, as a program puts it."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.job_states import Priority
from webapp.kernel.request_fields import interval_of, moment_of, priority_of
from webapp.kernel.requests import CollectRequest
from webapp.sources.choices import option_texts, split_symbols

Value = TypeVar("Value")
_LONGEST_OPTION = 64


def request_of(body: Mapping[str, Any]) -> CollectRequest:
    """Return what a body asks for.

    :raises InvalidRequestError: with a sentence for each field that cannot be read; whether the source serves it is
        the plan's to say.
    """
    problems: dict[str, Sentence] = {}

    def read(make: Callable[[], Value]) -> Value | None:
        try:
            return make()
        except InvalidRequestError as err:
            problems.update(err.fields)
            return None

    interval = read(lambda: interval_of(body["interval"]))
    start = read(lambda: moment_of("start", body["start"])) if body.get("start") else None
    end = read(lambda: moment_of("end", body["end"])) if body.get("end") else None
    options = read(lambda: options_of(body["source"], body.get("options", {})))
    if problems or interval is None:
        raise InvalidRequestError(problems)
    return CollectRequest(
        source=body["source"],
        symbols=split_symbols(body["source"], body["symbols"]),
        interval=interval,
        start=start,
        end=end,
        period=body.get("period") or None,
        options=options or {},
        priority=priority_of(body["priority"]) if "priority" in body else Priority.NORMAL,
        refresh=body.get("refresh", False),
    )


def moments_in(query: Mapping[str, Any]) -> tuple[dt.date | None, dt.date | None]:
    """Return ``start`` and ``end`` of a query, None for what it leaves out.

    :raises InvalidRequestError: with the field that is no date.
    """
    start, end = (moment_of(name, query[name]) if query.get(name) else None for name in ("start", "end"))
    return start, end


def options_of(source: str | None, options: Mapping[str, object]) -> dict[str, str]:
    """Return a source's options as it takes them: texts, ``true`` and ``false`` among them.

    :raises InvalidRequestError: with the field ``options`` for anything else, and for one that the source has not.
    """
    if not all(isinstance(value, bool) or _is_plain(value) for value in options.values()):
        raise InvalidRequestError({"options": sentence("An option's value is a short text, true or false.")})
    return option_texts(source, options)


def _is_plain(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_OPTION and value.isprintable()
