"""The state of the system as numbers, for Prometheus; counted when asked, nothing is remembered."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from webapp.context import Context
from webapp.database.transactions import reading
from webapp.gateways.connections import gateway_states
from webapp.jobs import queries_jobs
from webapp.upkeep import queries_statistics
from webapp.upkeep.paces import pace_states
from webapp.upkeep.status import system_status


@dataclass(frozen=True, slots=True)
class Sample:
    """One value, with the labels that tell it from others of its name."""

    value: float
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """A name, what it means, and its samples. All are gauges: jobs are deleted in time, and what they add up to too."""

    name: str
    help: str
    samples: tuple[Sample, ...]


def metrics(context: Context) -> Iterator[Metric]:
    """Yield all metrics; what Redis alone knows is left out while it is away, never told as zero."""
    status = system_status(context)
    with reading() as connection:
        states = queries_jobs.counts_by_state(connection)
        counts = queries_statistics.job_counts(connection, None)
        series, bars = queries_statistics.stored(connection)
    yield Metric(
        "moisson_jobs", "Jobs on record.", tuple(Sample(states[s], (("state", s.value),)) for s in sorted(states))
    )
    written: dict[str, int] = {}
    for count in counts:
        written[count.source] = written.get(count.source, 0) + count.bars
    yield Metric(
        "moisson_bars_written",
        "Bars written by the jobs on record.",
        tuple(Sample(number, (("source", source),)) for source, number in sorted(written.items())),
    )
    yield Metric("moisson_bars_stored", "Bars stored.", (Sample(bars),))
    yield Metric("moisson_series_stored", "Series that are stored.", (Sample(series),))
    yield _beat(status.clock_beat_at)
    yield Metric("moisson_queue_up", "Whether Redis answers.", (Sample(int(status.queue_up)),))
    length = context.queue.length() if status.queue_up else None
    if length is not None:
        yield Metric("moisson_queue_messages", "Messages that wait in the queue.", (Sample(length),))
    if status.workers is not None:
        yield Metric("moisson_workers", "Workers whose heartbeat is fresh.", (Sample(len(status.workers)),))
        up = tuple(Sample(1, (("worker", name),)) for name in status.workers)
        yield Metric("moisson_worker_up", "A worker whose heartbeat is fresh.", up)
    yield from _budgets(context) if status.queue_up else ()
    rates = tuple(
        Sample(pace["requests_per_second"], (("source", name),))
        for name, pace in sorted(context.paces.items())
        if "requests_per_second" in pace
    )
    yield Metric("moisson_source_requests_per_second", "The rate that a source is asked at, at most.", rates)
    yield from _paces(context) if status.queue_up else ()


def _budgets(context: Context) -> Iterator[Metric]:
    """Yield how much of its budget for small bars each gateway's login has used; nothing where that is not known."""
    pacings = [(state.gateway.name, state.pacing) for state in gateway_states(context) or [] if state.pacing]
    if not pacings:
        return
    used = tuple(Sample(pacing.used, (("gateway", name),)) for name, pacing in pacings)
    limit = tuple(Sample(pacing.limit, (("gateway", name),)) for name, pacing in pacings)
    yield Metric("moisson_pacing_budget_used", "Requests for small bars in the gateway's running window.", used)
    yield Metric("moisson_pacing_budget_limit", "Requests for small bars that a window allows.", limit)


def _paces(context: Context) -> Iterator[Metric]:
    """Yield how fast each source is asked now; nothing where that is not known."""
    states = pace_states(context).items()
    if not states:
        return
    rates = tuple(Sample(state.rate, (("source", name),)) for name, state in states)
    pauses = tuple(Sample(state.cooling, (("source", name),)) for name, state in states)
    yield Metric("moisson_source_pace_requests_per_second", "The rate that a source is asked at now.", rates)
    yield Metric("moisson_source_cool_down_seconds", "What is left of the pause after a refusal.", pauses)


def _beat(at: dt.datetime | None) -> Metric:
    samples = () if at is None else (Sample(at.timestamp()),)
    return Metric("moisson_clock_beat_timestamp_seconds", "When a clock last beat.", samples)
