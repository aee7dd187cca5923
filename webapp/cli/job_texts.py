"""Jobs, their logs and their statistics as text for a terminal."""

from collections.abc import Iterable

from flask_babel import format_decimal, format_percent, gettext

from webapp.cli.speaking import said, table
from webapp.cli.waiting import describe, state_word
from webapp.jobs.queries_events import EventRow
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import JobState
from webapp.upkeep.statistics import Statistics, Window


def table_text(rows: Iterable[JobRow]) -> str:
    """Return jobs as a table."""
    heads = (gettext("job"), gettext("symbol"), gettext("interval"), gettext("source"), "%", gettext("state"))
    return table(
        heads,
        (
            (row.id, row.symbol, row.interval.value, row.source, row.progress.percent, describe(row, with_hint=False))
            for row in rows
        ),
    )


def log_text(events: Iterable[EventRow]) -> str:
    """Return a job's log, newest first; moments are UTC."""
    return "\n".join(
        "  ".join(
            part
            for part in (
                f"{event.at:%Y-%m-%d %H:%M:%S}",
                event.kind,
                f"({event.actor})" if event.actor else "",
                said(event.message) if event.message else "",
            )
            if part
        )
        for event in events
    )


def statistics_text(counted: Statistics) -> str:
    """Return the statistics as a table, a column for each time."""
    windows = (counted.day, counted.week, counted.all)
    heads = ("", gettext("last day"), gettext("last week"), gettext("all"))
    rows = [
        (gettext("jobs"), *(window.jobs for window in windows)),
        *((state_word(state), *(window.by_state[state] for window in windows)) for state in JobState),
        *((name, *(window.by_source.get(name, 0) for window in windows)) for name in counted.all.by_source),
        (gettext("success rate"), *(_rate(window) for window in windows)),
        (gettext("median duration"), *(_seconds(window.median_seconds) for window in windows)),
        (gettext("mean duration"), *(_seconds(window.mean_seconds) for window in windows)),
        (gettext("bars written"), *(format_decimal(window.bars_written) for window in windows)),
    ]
    stored = gettext(
        "%(series)s series hold %(bars)s bars.",
        series=format_decimal(counted.series),
        bars=format_decimal(counted.bars),
    )
    return f"{table(heads, rows)}\n{stored}"


def _rate(window: Window) -> str:
    return "–" if window.success_rate is None else str(format_percent(window.success_rate))


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{format_decimal(round(value, 1))} s"
