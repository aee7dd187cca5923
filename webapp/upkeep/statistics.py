"""What was collected lately, and how well it went."""

import datetime as dt
from dataclasses import dataclass
from statistics import fmean, median

from sqlalchemy import Connection

from webapp.context import Context
from webapp.database.transactions import reading
from webapp.kernel.job_states import JobState
from webapp.upkeep import queries_statistics


@dataclass(frozen=True, slots=True)
class Window:
    """Jobs submitted within a time, and what has become of them.

    ``success_rate`` is the part that succeeded of those that succeeded or failed, 0 to 1; durations (seconds, first
    claim to success) are those of jobs that succeeded. None where there is none to count.
    """

    jobs: int
    by_state: dict[str, int]
    by_source: dict[str, int]
    success_rate: float | None
    median_seconds: float | None
    mean_seconds: float | None
    bars_written: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The last day, the last week, and everything still on record; and what is stored."""

    day: Window
    week: Window
    all: Window
    series: int
    bars: int


def statistics_of(context: Context) -> Statistics:
    """Return the statistics as of now."""
    now = context.now()
    with reading() as connection:
        series, bars = queries_statistics.stored(connection)
        return Statistics(
            day=_window(connection, now - dt.timedelta(days=1)),
            week=_window(connection, now - dt.timedelta(days=7)),
            all=_window(connection, None),
            series=series,
            bars=bars,
        )


def _window(connection: Connection, since: dt.datetime | None) -> Window:
    counts = queries_statistics.job_counts(connection, since)
    seconds = queries_statistics.durations(connection, since)
    by_state = {state.value: sum(count.jobs for count in counts if count.state is state) for state in JobState}
    decided = by_state[JobState.SUCCEEDED] + by_state[JobState.FAILED]
    sources = sorted({count.source for count in counts})
    return Window(
        jobs=sum(by_state.values()),
        by_state=by_state,
        by_source={name: sum(count.jobs for count in counts if count.source == name) for name in sources},
        success_rate=by_state[JobState.SUCCEEDED] / decided if decided else None,
        median_seconds=median(seconds) if seconds else None,
        mean_seconds=fmean(seconds) if seconds else None,
        bars_written=sum(count.bars for count in counts),
    )
