"""Series: the catalogue, one of them, and what is known of it."""

from typing import Any

from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.series.series_schemas import (
    CalendarDayBody,
    CalendarDays,
    CalendarDaysQuery,
    Coverage,
    Series,
    SeriesPage,
    SeriesQuery,
)
from webapp.catalogue.series_records import series_record
from webapp.context import context
from webapp.coverage import gaps
from webapp.coverage.answered import require_answered
from webapp.coverage.corrections import DayState, correct, corrections
from webapp.database.transactions import reading
from webapp.jobs.records import span_record
from webapp.kernel.days import day_of
from webapp.kernel.intervals import Interval
from webapp.reading.lookup import known_span_record, known_spans
from webapp.series import queries_series as store
from webapp.series.existing import require_series
from webapp.series.queries_series import SeriesFilter

endpoints = Endpoints("series", __name__, "What is stored, what is known of it, and its bars.")
SERIES = "/series/<int(max=2147483647):series_id>"


@endpoints.get("/series", Answers(SeriesPage), Accepts(query=SeriesQuery))
def index(query: dict[str, Any]) -> dict[str, object]:
    """List series that hold bars, by symbol."""
    limit, offset = query["limit"], int(query.get("cursor") or 0)
    criteria = SeriesFilter(
        search=query["search"],
        symbol=query.get("symbol", "").strip().upper() or None,
        source=query.get("source"),
        interval=Interval(query["interval"]) if "interval" in query else None,
    )
    with reading() as connection:
        rows = store.page(connection, criteria, limit=limit, offset=offset)
        total = store.count(connection, criteria)
    next_cursor = str(offset + limit) if offset + limit < total else None
    return {"series": [series_record(row) for row in rows], "total": total, "next_cursor": next_cursor}


@endpoints.get(SERIES, Answers(Series))
def show(series_id: int) -> dict[str, object]:
    """Show one series."""
    return series_record(require_series(series_id))


@endpoints.get(f"{SERIES}/coverage", Answers(Coverage))
def coverage(series_id: int) -> dict[str, object]:
    """Show what is known of a series, the gaps between, and what is missing by its exchange's calendar."""
    row = require_answered(series_id)
    coverage, report = known_spans(row), gaps.report(context(), row)
    return {
        "id": series_id,
        "spans": [known_span_record(span) for span in coverage if span.verdict != "unknown"],
        "gaps": [known_span_record(span) for span in coverage if span.verdict == "unknown"],
        "calendar": report.calendar.code,
        "missing": [{**span_record(gap.gap.span), "sessions": gap.gap.sessions} for gap in reversed(report.gaps)],
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
