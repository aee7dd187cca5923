"""A page of the job table, and the version of it that polls compare."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from webapp.collecting.groups import MEANT
from webapp.collecting.verbs import Verb
from webapp.context import context
from webapp.database.transactions import reading
from webapp.errors import Sentence
from webapp.jobs import queries_batches, queries_jobs
from webapp.jobs.queries_batches import BatchRow
from webapp.jobs.queries_jobs import JobFilter
from webapp.kernel.job_states import ACTIVE, JobState
from webapp.sources import choices
from webapp.watchlists.expansion import read_filter
from webapp.web.jobs.polling import poll_seconds
from webapp.web.jobs.views import JobView, view
from webapp.web.url_queries import UrlQuery, choice, number, parameter, short_text
from webapp.web.versions import version_of

PAGE_SIZE = 25
_GROUPS: Mapping[str, tuple[JobState, ...]] = {
    "active": tuple(state for state in JobState if state in ACTIVE),
    **{state.value: (state,) for state in JobState},
}
WATCHED = tuple(state for state in JobState if state in ACTIVE and state is not JobState.PAUSED)
"""States that change by themselves; a paused job waits for a person."""


@dataclass(frozen=True, slots=True)
class JobQuery(UrlQuery):
    """Which page of which jobs, as the URL says it; an empty text means any."""

    state: str = parameter("", choice(_GROUPS))
    source: str = parameter("", lambda value: value[:16])
    symbol: str = parameter("", lambda value: short_text(64)(value.upper()))
    batch: int = parameter(0, number(0))
    page: int = parameter(1, number(1, 100_000))
    size: int = parameter(PAGE_SIZE, number(PAGE_SIZE, 100))

    def filter(self) -> JobFilter:
        """Return the filter for the queries; a state that does not exist filters nothing."""
        instruments = read_filter(self.symbol).instruments
        return JobFilter(
            states=_GROUPS.get(self.state),
            source=self.source or None,
            symbol_part=self.symbol if self.symbol and instruments is None else None,
            batch_id=self.batch or None,
            instruments=instruments,
        )


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch as a whole: how many of its jobs are in each state that any is in, and for how many a verb is meant.

    ``lists`` are the watchlists that it came from, by their names of then.
    """

    id: int
    counts: list[tuple[JobState, int]]
    meant: Mapping[Verb, int]
    lists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobListing:
    """A page of jobs as the table shows it. ``poll`` is None when nothing is left to watch."""

    query: JobQuery
    rows: list[JobView]
    total: int
    pages: int
    is_compact: bool
    poll: int | None
    url: str
    running: int
    batch: BatchView | None
    problem: Sentence | None = None
    """That there is no list of the name that is filtered by."""


def version(query: JobQuery) -> str:
    """Return the version of what the table would show now; asks the database for ids and revisions only."""
    with reading() as connection:
        rows = queries_jobs.page_revisions(connection, query.filter(), limit=query.size, offset=_offset(query))
        watched = queries_jobs.any_in(connection, WATCHED)
        counts = queries_jobs.counts_by_state(connection, query.batch) if query.batch else None
    return version_of(query=query.params(), rows=rows, watched=watched, counts=counts)


def listing(query: JobQuery, current: str) -> JobListing:
    """Return a page of the table.

    :param current: the version, asked before, so that what changes meanwhile is shown once more.
    """
    with reading() as connection:
        rows = queries_jobs.page(connection, query.filter(), limit=query.size, offset=_offset(query))
        total = queries_jobs.count(connection, query.filter())
        watched = queries_jobs.any_in(connection, WATCHED)
        counts = queries_jobs.counts_by_state(connection, query.batch) if query.batch else None
        batch = queries_batches.get(connection, query.batch) if query.batch else None
    now = context().now()
    poll = poll_seconds(rows, now, fastest=2) if watched else None
    return JobListing(
        query=query,
        rows=[view(context(), row, choices.label(row.source)) for row in rows],
        total=total,
        pages=max(1, -(-total // query.size)),
        is_compact=query.size != PAGE_SIZE,
        poll=poll,
        url=url_for("jobs.table", v=current if poll else None, **query.params()),
        running=sum(row.state is JobState.RUNNING for row in rows),
        batch=_batch(batch, counts) if batch and counts and any(counts.values()) else None,
        problem=None if rows else read_filter(query.symbol).problem,
    )


def _batch(batch: BatchRow, counts: Mapping[JobState, int]) -> BatchView:
    meant = {verb: sum(counts[state] for state in states) for verb, states in MEANT.items()}
    return BatchView(batch.id, [(state, count) for state, count in counts.items() if count], meant, batch.lists)


def _offset(query: JobQuery) -> int:
    return (query.page - 1) * query.size
