"""What somebody asks to collect, in whatever kinds of values it came, as a ``CollectRequest``."""

import datetime as dt
from collections.abc import Mapping

from webapp.collecting.validation import find_problems
from webapp.kernel.collect_fields import COLLECT_FIELDS, priority_of
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import Priority
from webapp.kernel.request_fields import (
    FieldProblems,
    is_said,
    parse_day,
    parse_flag,
    parse_interval_field,
    parse_symbols,
    parse_text,
)
from webapp.kernel.requests import CollectRequest, period_begin
from webapp.sources.choices import split_symbols
from webapp.sources.option_values import parse_options

OPTIONS = "options"


def parse_request(values: Mapping[str, object], now: dt.datetime) -> CollectRequest:
    """Return what is asked, of values by the names of ``COLLECT_FIELDS``, and of the source's ``options``.

    What is wrong is said of all fields at once: also what ``validate_request`` has to say of those that can be read.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    problems = FieldProblems()
    fields = COLLECT_FIELDS
    source = problems.read(lambda: parse_text(fields["source"], values.get("source"))) or ""
    typed = problems.read(lambda: parse_symbols(fields["symbols"], values.get("symbols")))
    priority = problems.read(lambda: _parse_priority(values.get("priority")))
    request = CollectRequest(
        source=source,
        symbols=split_symbols(source, typed or ()),
        interval=problems.read(lambda: parse_interval_field(fields["interval"], values.get("interval"))) or Interval.D1,
        start=problems.read(lambda: parse_day(fields["start"], values.get("start"))),
        end=problems.read(lambda: parse_day(fields["end"], values.get("end"))),
        period=problems.read(lambda: _parse_period(values.get("period"), now)),
        options=problems.read(lambda: parse_options(source or None, values.get(OPTIONS))) or {},
        priority=Priority.NORMAL if priority is None else priority,
        refresh=bool(problems.read(lambda: parse_flag(fields["refresh"], values.get("refresh")))),
    )
    if problems.fields:
        _, others = find_problems(request, now, unread=frozenset(problems.fields))
        problems.fields = others | problems.fields
    problems.check()
    return request


def _parse_period(value: object, now: dt.datetime) -> str | None:
    period = parse_text(COLLECT_FIELDS["period"], value)
    if period:
        period_begin(period, now.date())
    return period


def _parse_priority(value: object) -> Priority | None:
    return priority_of(value) if is_said(value) else None
