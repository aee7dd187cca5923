"""Series: the catalogue, one of them, and what is known of it."""

from typing import Any

from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.series_schemas import (
    CalendarDayBody,
    CalendarDays,
    CalendarDaysQuery,
    Coverage,
    Series,
    SeriesPage,
    SeriesQuery,
)
from webapp.context import context
from webapp.coverage import gaps
from webapp.coverage.corrections import DayState, correct, corrections
from webapp.database.transactions import reading
from webapp.jobs.records import instant
from webapp.kernel.days import day_of
from webapp.reading.lookup import KnownSpan, known_spans
from webapp.series import queries_series as store
from webapp.series.existing import require_series
from webapp.series.queries_series import SeriesRow
from webapp.watchlists.expansion import instruments_of

endpoints = Endpoints("series", __name__, "What is stored, what is known of it, and its bars.")
SERIES = "/series/<int(max=2147483647):series_id>"


@endpoints.get("/series", Answers(SeriesPage), Accepts(query=SeriesQuery))
def index(query: dict[str, Any]) -> dict[str, object]:
    """List series that hold bars, by symbol; ``search`` may name a watchlist: ``@name``."""
    search, limit, offset = query["search"], query["limit"], int(query.get("cursor") or 0)
    instruments = instruments_of(search, "search")
    with reading() as connection:
        rows = store.page(connection, search, instruments=instruments, limit=limit, offset=offset)
        total = store.count(connection, search, instruments)
    next_cursor = str(offset + limit) if offset + limit < total else None
    return {"series": [shown(row) for row in rows], "total": total, "next_cursor": next_cursor}


@endpoints.get(SERIES, Answers(Series))
def show(series_id: int) -> dict[str, object]:
    """Show one series."""
    return shown(require_series(series_id))


@endpoints.get(f"{SERIES}/coverage", Answers(Coverage))
def coverage(series_id: int) -> dict[str, object]:
    """Show what is known of a series, the gaps between, and what is missing by its exchange's calendar."""
    row = require_series(series_id)
    coverage, report = known_spans(row), gaps.report(context(), row)
    return {
        "id": series_id,
        "spans": [known_span(span) for span in coverage if span.verdict != "unknown"],
        "gaps": [known_span(span) for span in coverage if span.verdict == "unknown"],
        "calendar": report.calendar.code,
        "missing": [
            {"start": instant(gap.gap.span.start), "end": instant(gap.gap.span.end), "sessions": gap.gap.sessions}
            for gap in reversed(report.gaps)
        ],
    }


def known_span(span: KnownSpan) -> dict[str, object]:
    """Return what is known of a span as the API shows it."""
    return {
        "start": instant(span.start),
        "end": instant(span.end),
        "verdict": span.verdict,
        "next_look": None if span.next_look is None else instant(span.next_look),
    }


def shown(row: SeriesRow) -> dict[str, object]:
    """Return a series as the API shows it."""
    facts = row.facts
    return {
        "id": row.id,
        "source": row.source,
        "symbol": row.symbol,
        "name": facts.name,
        "kind": facts.kind,
        "currency": facts.currency,
        "exchange": facts.exchange,
        "timezone": facts.timezone,
        "interval": row.interval.value,
        "variant": row.variant,
        "rows": row.rows,
        "first_bar": None if row.first_bar is None else instant(row.first_bar),
        "last_bar": None if row.last_bar is None else instant(row.last_bar),
        "updated_at": None if row.updated_at is None else row.updated_at.isoformat(),
    }


@endpoints.get("/calendar-days", Answers(CalendarDays), Accepts(query=CalendarDaysQuery))
def calendar_days(query: dict[str, Any]) -> dict[str, object]:
    """List the days that people corrected."""
    return _corrected([query["calendar"]] if query.get("calendar") else [])


@endpoints.post("/calendar-days", Answers(CalendarDays), Accepts(body=CalendarDayBody))
def correct_calendar_day(body: dict[str, Any]) -> dict[str, object]:
    """Say that an exchange is open or closed on a day, and list what is corrected of its calendar."""
    correct(context(), body["calendar"], body["day"], body["state"])
    return _corrected([body["calendar"]])


def _corrected(calendars: list[str]) -> dict[str, object]:
    days = [
        {
            "calendar": code,
            "day": day_of(day).isoformat(),
            "state": (DayState.OPEN if is_open else DayState.CLOSED).value,
        }
        for code, corrected in corrections(calendars).items()
        for day, is_open in corrected
    ]
    return {"days": days}
