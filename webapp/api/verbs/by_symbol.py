"""Series by what people call them: a symbol, an interval, options; where no source is said, wherever it is stored."""

import json
from typing import Any

from marshmallow import Schema, fields

from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.fields import Instant, Text, enumerated
from webapp.api.requests import moments_in, options_of
from webapp.api.series.bar_schemas import SpanQuery
from webapp.api.series.series_schemas import Gap, MissingSpan
from webapp.context import context
from webapp.coverage.gaps import all_gaps, report
from webapp.coverage.session_lists import list_sessions
from webapp.errors import InvalidRequestError, sentence
from webapp.jobs.records import instant
from webapp.kernel.days import day_of
from webapp.kernel.intervals import Interval
from webapp.kernel.request_fields import FieldProblems
from webapp.reading.lookup import find_series, known_actions, known_span_record, known_spans
from webapp.reading.series_names import DEFAULT_SOURCE, read_series_fields
from webapp.series.queries_series import SeriesRow

endpoints = Endpoints("symbols", __name__, "Series and instruments by what people call them.")
_LONGEST_OPTIONS = 2000
_INTERVALS = [interval.value for interval in Interval]


class OptionsQuery(Schema):
    """Of which instrument: its symbol, and the options that it was collected with, as a JSON object."""

    symbol = Text(64, "The symbol, in capitals or not.", "AAPL", required=True)
    source = Text(16, "The source.", DEFAULT_SOURCE)
    options = Text(_LONGEST_OPTIONS, "The source's options: a JSON object of names and values.", "{}")


class SymbolQuery(OptionsQuery):
    """Of which series. Without ``source`` it is looked for wherever it is stored."""

    interval = Text(8, "The length of its bars.", "1d", load_default=Interval.D1.value, metadata=enumerated(_INTERVALS))


class SpanOfSymbol(Gap):
    """A span and what is known of it; ``unknown`` is one that was never asked for, or never answered."""

    verdict = fields.String(required=True, metadata={"enum": ["have", "empty", "doubted", "unknown"]})
    next_look = Instant(allow_none=True)


class SpansOfSymbol(Schema):
    """What is known of a series, oldest first, gaps between included."""

    spans = fields.List(fields.Nested(SpanOfSymbol), required=True)


class GapsOfSymbol(Schema):
    """What a series misses by its exchange's calendar, oldest first."""

    gaps = fields.List(fields.Nested(MissingSpan), required=True)


class ActionOfSymbol(Schema):
    """A dividend, a split or a capital gain.

    ``value`` is money a share, for a split new shares per old one; ``currency`` is what a payout is in, empty where it
    is that of the prices.
    """

    time = Instant()
    kind = fields.String(required=True, metadata={"enum": ["dividend", "split", "capital_gain"]})
    value = fields.Float(required=True)
    currency = fields.String(required=True)


class ActionsOfSymbol(Schema):
    """Actions by ex-date."""

    actions = fields.List(fields.Nested(ActionOfSymbol), required=True)


class SessionsQuery(SpanQuery):
    """Of which calendar: that of a symbol's instrument, or one by its code. Dates are inclusive."""

    symbol = Text(64, "The symbol, in capitals or not.", "AAPL")
    source = Text(16, "The source.", DEFAULT_SOURCE)
    interval = Text(8, "The length of its bars.", "1d", load_default=Interval.D1.value, metadata=enumerated(_INTERVALS))
    options = Text(_LONGEST_OPTIONS, "The source's options: a JSON object of names and values.", "{}")
    calendar = Text(16, "The code of a calendar, instead of a symbol.", "XPAR")


class SessionOfCalendar(Schema):
    """When an exchange trades on a date; a lunch break is null where there is none."""

    session = fields.String(required=True, metadata={"format": "date"})
    open = Instant()
    close = Instant()
    break_start = Instant(allow_none=True)
    break_end = Instant(allow_none=True)


class Sessions(Schema):
    """Sessions by date, of a calendar in a time zone (empty for a calendar of no place)."""

    calendar = fields.String(required=True)
    zone = fields.String(required=True)
    sessions = fields.List(fields.Nested(SessionOfCalendar), required=True)


@endpoints.get("/symbols/coverage", Answers(SpansOfSymbol, errors=(404,)), Accepts(query=SymbolQuery))
def coverage(query: dict[str, Any]) -> dict[str, object]:
    """Show what is known of a series."""
    return {"spans": [known_span_record(span) for span in known_spans(_series(query))]}


@endpoints.get("/symbols/gaps", Answers(GapsOfSymbol, errors=(404,)), Accepts(query=SymbolQuery))
def gaps(query: dict[str, Any]) -> dict[str, object]:
    """Show what a series misses by its exchange's calendar; nights and holidays are no gaps."""
    due = all_gaps(report(context(), _series(query)))
    return {
        "gaps": [
            {"start": instant(gap.span.start), "end": instant(gap.span.end), "sessions": gap.sessions} for gap in due
        ]
    }


@endpoints.get("/symbols/actions", Answers(ActionsOfSymbol, errors=(404,)), Accepts(query=OptionsQuery))
def actions(query: dict[str, Any]) -> dict[str, object]:
    """Show dividends, splits and capital gains of an instrument."""
    source = query.get("source", DEFAULT_SOURCE)
    actions_by_date = known_actions(query["symbol"], source, read_options(source, query))
    return {
        "actions": [
            {
                "time": instant(action.time),
                "kind": action.kind,
                "value": action.value,
                "currency": action.currency or "",
            }
            for action in actions_by_date
        ]
    }


@endpoints.get("/symbols/sessions", Answers(Sessions, errors=(404,)), Accepts(query=SessionsQuery))
def sessions(query: dict[str, Any]) -> dict[str, object]:
    """Show when an exchange trades, by default in the year that ends today."""
    row = _series(query) if "symbol" in query else None
    listed = list_sessions(context(), row, query.get("calendar"), moments_in(query))
    rows = [
        {
            "session": day_of(each.label).isoformat(),
            "open": instant(each.open),
            "close": instant(each.close),
            "break_start": instant(each.pause[0]) if each.pause else None,
            "break_end": instant(each.pause[1]) if each.pause else None,
        }
        for each in listed.sessions
    ]
    return {"calendar": listed.calendar, "zone": listed.zone, "sessions": rows}


def _series(query: dict[str, Any]) -> SeriesRow:
    problems = FieldProblems()
    values = {name: query.get(name) for name in ("symbol", "source", "interval")}
    name = read_series_fields(values | {"options": _options_in(query)}, problems)
    problems.check()
    return find_series(name.symbol, name.source, name.interval, name.options)


def read_options(source: str | None, query: dict[str, Any]) -> dict[str, str]:
    """Return the options in a query, as their source takes them.

    :raises InvalidRequestError: with the field ``options``.
    """
    return options_of(source, _options_in(query))


def _options_in(query: dict[str, Any]) -> dict[str, Any]:
    text = query.get("options")
    try:
        options = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        options = None
    if not isinstance(options, dict):
        raise InvalidRequestError({"options": sentence("Options are a JSON object of names and values.")})
    return options
