"""What chaos has done, counted from the rows, the event log, the market's log and the workers' own words."""

import bisect
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from tests.faults.chaos_stage import Spell, Stage
from tests.plant import Plant
from webapp.database.transactions import reading
from webapp.jobs.tables import Chunk, JobEvent
from webapp.kernel.intervals import DAY
from webapp.kernel.job_states import FINAL, JobState
from webapp.kernel.spans import Span
from webapp.sandbox.market import Market as TrueMarket
from webapp.series.tables import Bar, Series

_WRITES = {"chunk", "error", *(state.value for state in JobState)}
_TAKEN_AWAY = {"lost", *(state.value for state in JobState)}


@dataclass(frozen=True)
class Event:
    """One line of the event log, with its time (epoch seconds)."""

    job_id: int
    kind: str
    attempt: int
    at: float


def read_events(plant: Plant) -> list[Event]:
    query = select(JobEvent.job_id, JobEvent.kind, JobEvent.attempt, JobEvent.at).order_by(JobEvent.id)
    with plant.app.app_context(), reading() as connection:
        rows = connection.execute(query).all()
    return [Event(row.job_id, row.kind, row.attempt, row.at.timestamp()) for row in rows]


def fenced_commits(events: Sequence[Event]) -> int:
    """Count what attempts have written after they were over: rescued, let go, or taken over."""
    holder: dict[int, int | None] = defaultdict(lambda: None)
    found = 0
    for event in events:
        if event.kind == "claimed":
            holder[event.job_id] = event.attempt
        elif event.kind in ("chunk", "error") and holder[event.job_id] != event.attempt:
            found += 1
        elif event.kind in _TAKEN_AWAY:
            holder[event.job_id] = None
    return found


def recoveries(events: Sequence[Event]) -> list[float]:
    """Return how long it took from the moment that a job was found lost until another attempt began."""
    lost: dict[int, float] = {}
    took = []
    for event in events:
        if event.kind == "lost":
            lost[event.job_id] = event.at
        elif event.kind == "claimed" and event.job_id in lost:
            took.append(event.at - lost.pop(event.job_id))
        elif event.kind in FINAL or event.kind == "paused":
            lost.pop(event.job_id, None)
    return took


Recovery = tuple[float, float]
"""From when to when (epoch seconds) a job waited to be worked on again."""


def after_kills(events: Sequence[Event], kills: Sequence[tuple[float, dict[int, int]]]) -> list[Recovery]:
    """Return from the kill of a worker until each of its jobs was worked on again."""
    claims = defaultdict(list)
    for event in events:
        if event.kind == "claimed":
            claims[event.job_id].append(event)
    took = []
    for at, held in kills:
        for job_id, attempt in held.items():
            later = [(at, one.at) for one in claims[job_id] if one.attempt == attempt + 1 and one.at >= at]
            took += later[:1]
    return took


def taken_places(events: Sequence[Event]) -> list[tuple[float, int]]:
    """Return since when so many jobs were being worked on, by the log: from a claim until it is let go.

    One that was lost counts until its last sign of life only: its worker may have been dead since then.
    """
    changes: list[tuple[float, int]] = []
    holding: dict[int, float] = {}
    for event in events:
        if event.kind in _TAKEN_AWAY and event.job_id in holding:
            changes.append((holding[event.job_id] if event.kind == "lost" else event.at, -1))
            del holding[event.job_id]
        elif event.kind == "claimed":
            changes.append((event.at, 1 if event.job_id not in holding else 0))
            holding[event.job_id] = event.at
        elif event.job_id in holding:
            holding[event.job_id] = event.at
    counts, number = [(0.0, 0)], 0
    for at, change in sorted(changes):
        number += change
        counts.append((at, number))
    return counts


def hindered(stage: Stage, events: Sequence[Event]) -> list[Spell]:
    """Return the spells in which nobody could take a job: all asleep, Redis or the database away, no place free."""
    away = [one for one in stage.spells if one.kind in ("redis frozen", "redis away", "asleep", "locked")]
    marks = sorted({at for at, _ in (*stage.places, *taken_places(events))})
    there, taken = _at(stage.places), _at(taken_places(events))
    full = [Spell("full", a, b) for a, b in itertools.pairwise(marks) if taken(a) >= there(a)]
    return away + full


def _at(counts: Sequence[tuple[float, int]]) -> Callable[[float], int]:
    times = [at for at, _ in counts]
    return lambda at: counts[bisect.bisect_right(times, at) - 1][1]


def able_seconds(recovery: Recovery, spells: Sequence[Spell]) -> float:
    """Return the seconds of a recovery in which somebody could have taken the job."""
    start, end = recovery
    left = end - start
    covered = start
    for spell in sorted(spells, key=lambda one: one.start):
        low, high = max(spell.start, covered), min(spell.end, end)
        if high > low:
            left -= high - low
            covered = high
    return left


def quantiles(values: Sequence[float]) -> dict[str, float | int]:
    """Return p50, p95 and the largest, in seconds."""
    ordered = sorted(values)
    if not ordered:
        return {"count": 0}
    at = {name: ordered[min(len(ordered) - 1, int(share * len(ordered)))] for name, share in _SHARES.items()}
    return {"count": len(ordered), **{name: round(value, 2) for name, value in at.items()}}


_SHARES = {"p50": 0.5, "p95": 0.95, "max": 1.0}


def compare_bars(plant: Plant, planned: dict[int, Span]) -> dict[str, int]:
    """Compare what is stored with the market's truth over the span that was planned when the job was submitted.

    The last day before the submission is left to ``story.check``, which knows from the coverage where it ends.
    """
    market, totals = TrueMarket(), Counter[str]({"bars": 0, "lost": 0, "doubled": 0, "different": 0})
    for job in plant.jobs():
        span = planned.get(job.id)
        if span is None:
            continue
        end = min(span.end, int(job.created_at.timestamp()) - DAY)
        stored = [bar for bar in plant.bars(job.id) if span.start <= bar[0] < end]
        true = {bar.start: (*bar, None, None) for bar in market.bars(job.symbol, job.interval.value, span.start, end)}
        found = Counter(bar[0] for bar in stored)
        totals["bars"] += len(true)
        totals["lost"] += len(true.keys() - found.keys())
        totals["doubled"] += found.total() - len(found) + len(found.keys() - true.keys())
        totals["different"] += sum(bar[0] in true and bar != true[bar[0]] for bar in stored)
    with plant.app.app_context(), reading() as connection:
        really = dict(connection.execute(select(Bar.series_id, func.count()).group_by(Bar.series_id)).all())
        counted = connection.execute(select(Series.id, Series.rows)).all()
    totals["series_counted_wrong"] = sum(rows != really.get(ident, 0) for ident, rows in counted)
    return dict(totals)


def fetched_again(plant: Plant) -> int:
    """Count the answers that the market gave more than once to the same question."""
    told = [one for one in plant.market.log() if one["status"] == 200 and one["fault"] in ("", "slow")]
    asked = Counter((one["path"], one["query"].split("&crumb")[0]) for one in told if "/chart/" in one["path"])
    return asked.total() - len(asked)


def count(stage: Stage, kills: Sequence[tuple[float, dict[int, int]]], planned: dict[int, Span]) -> dict[str, Any]:
    """Return the figures of a run that is over."""
    plant, events, said = stage.plant, read_events(stage.plant), stage.logs()
    found = plant.jobs()
    with plant.app.app_context(), reading() as connection:
        chunks = connection.execute(select(func.count()).select_from(Chunk)).scalar_one()
    kinds = Counter(event.kind for event in events)
    recovered, spells = after_kills(events, kills), hindered(stage, events)
    return {
        "jobs": len(found),
        "jobs_by_state": dict(Counter(job.state.value for job in found)),
        "jobs_lost": sum(job.state is not JobState.SUCCEEDED for job in found),
        "chunks": chunks,
        "chunks_committed_twice": kinds["chunk"] - chunks,
        "chunks_fetched_again": fetched_again(plant),
        "rescues": kinds["lost"],
        "claims": kinds["claimed"],
        "messages_ignored": said.count("not taken:"),
        "leases_lost": said.count("has been taken over by another worker") + said.count("has run out"),
        "fenced_commits": fenced_commits(events),
        "bars": compare_bars(plant, planned),
        "recovery_from_lost": quantiles(recoveries(events)),
        "recovery_from_kill": quantiles([end - start for start, end in recovered]),
        "recovery_when_able": quantiles([able_seconds(one, spells) for one in recovered]),
        "restarts": dict(itertools.chain((name, slot.starts - 1) for name, slot in stage.slots.items())),
    }
