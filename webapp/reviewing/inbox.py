"""Suspicious bars with all that a person wants to see beside them to decide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.catalogue.counterparts import same_instrument
from webapp.database.transactions import reading
from webapp.flagging import queries_flagged_bars, queries_flags
from webapp.flagging.queries_flags import FlagFilter, FlagRow, Listed
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.bars import Bar
from webapp.kernel.spans import Span
from webapp.series import queries_series
from webapp.sources import choices

EACH_SIDE = 15
"""So many bars are shown before and after a suspicious one."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What another source says of the same bar."""

    series_id: int
    source_label: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class Surrounded:
    """A flag with the bars around, in their midst the one that was suspicious, as it came.

    ``listed_times`` are those of the bars around that are flagged as well; ``recheck_job`` is the job by which its
    source was asked again, while it is on record, and so is what ``has_job`` says of the job that brought it.
    """

    listed: Listed
    around: Sequence[Bar]
    listed_times: frozenset[int]
    elsewhere: tuple[Elsewhere, ...]
    has_job: bool
    recheck_job: JobRow | None

    @property
    def flag(self) -> FlagRow:
        """The flag itself."""
        return self.listed.flag


@dataclass(frozen=True, slots=True)
class FlagPage:
    """Some of ``total`` flags, newest first; ``undecided`` of all there are wait for a decision."""

    rows: list[Surrounded]
    total: int
    undecided: int


def page(criteria: FlagFilter, *, limit: int, offset: int = 0, most_undecided: int = 0) -> FlagPage:
    """Return a page of flags; those undecided are counted up to ``most_undecided``."""
    with reading() as connection:
        listed = queries_flags.page(connection, criteria, limit=limit, offset=offset)
        return FlagPage(
            rows=[_surround(connection, flagged) for flagged in listed],
            total=queries_flags.count(connection, criteria),
            undecided=queries_flags.undecided(connection, most_undecided) if most_undecided else 0,
        )


def _surround(connection: Connection, listed: Listed) -> Surrounded:
    flag = listed.flag
    before = queries_flagged_bars.before(connection, flag.series_id, flag.time, EACH_SIDE)
    around = [*before, flag.bar, *queries_flagged_bars.after(connection, flag.series_id, flag.time, EACH_SIDE)]
    beside = queries_flags.read(connection, flag.series_id, Span(around[0][0], around[-1][0] + 1))
    return Surrounded(
        listed=listed,
        around=around,
        listed_times=frozenset(beside),
        elsewhere=tuple(_elsewhere(connection, flag)),
        has_job=flag.job_id is not None and queries_jobs.get(connection, flag.job_id) is not None,
        recheck_job=None if flag.asked_job is None else queries_jobs.get(connection, flag.asked_job),
    )


def _elsewhere(connection: Connection, flag: FlagRow) -> Iterator[Elsewhere]:
    row = queries_series.get(connection, flag.series_id)
    if row is None:
        return
    for counterpart in same_instrument(connection, row):
        bar = queries_flagged_bars.bar_at(connection, counterpart.id, flag.time)
        if bar is not None:
            yield Elsewhere(counterpart.id, choices.label(counterpart.source), bar)
