"""What a heatmap asks of the tables: bars a session, and spans that were asked for and not collected."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, Integer, column, func, select, values

from webapp.jobs.tables import Job
from webapp.kernel.job_states import JobState
from webapp.kernel.spans import Span
from webapp.series.tables import Bar

_SPANS_A_STATEMENT = 2000


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a job was to collect that ended before it had."""

    span: Span
    has_failed: bool


def row_counts(connection: Connection, series_id: int, spans: Sequence[Span]) -> list[int]:
    """Return how many bars of a series start in each span; each count reads only the key."""
    counts: list[int] = []
    for first in range(0, len(spans), _SPANS_A_STATEMENT):
        part = spans[first : first + _SPANS_A_STATEMENT]
        columns = (column("place", Integer), column("first", BigInteger), column("until", BigInteger))
        rows = [(place, span.start, span.end) for place, span in enumerate(part)]
        periods = values(*columns, name="asked").data(rows).cte("asked")
        inside = (Bar.series_id == series_id) & (Bar.time >= periods.c.first) & (Bar.time < periods.c.until)
        counted = select(func.count()).select_from(Bar).where(inside).scalar_subquery()
        query = select(counted).select_from(periods).order_by(periods.c.place)
        counts.extend(connection.execute(query).scalars())
    return counts


def unfinished(connection: Connection, series_id: int) -> list[Unfinished]:
    """Return what failed and cancelled jobs of a series were to collect, oldest job first."""
    states = (JobState.FAILED.value, JobState.CANCELLED.value)
    query = select(Job.start, Job.end, Job.state).where(Job.series_id == series_id, Job.state.in_(states))
    rows = connection.execute(query.order_by(Job.id))
    return [Unfinished(Span(row.start, row.end), row.state == JobState.FAILED.value) for row in rows]
