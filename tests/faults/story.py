"""What must hold after any fault, told from the rows and from the event log: invariants I1 to I9.

I1 every job is over or paused; I2 no chunk is committed twice, and a finished job has all of them; I3 the bars are the
market's; I4 what is counted is what was committed; I5 attempts never go down; I6 and I7 nobody holds a lease of a job
that does not run; I8 the database is whole; I9 no attempt writes after it was over, and every move is a legal one.
(I10, the vendor's rate, is read from the market's own log where a test is about it.)
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, text

from tests.plant import Plant
from webapp.database.transactions import reading
from webapp.jobs.tables import Chunk, Job, JobEvent
from webapp.kernel.job_states import FINAL, LEGAL_MOVES, JobState
from webapp.sandbox.market import Market as TrueMarket

_STATE_AFTER = {
    "submitted": JobState.PENDING,
    "claimed": JobState.RUNNING,
    "resumed": JobState.PENDING,
    "retried": JobState.PENDING,
    **{state.value: state for state in JobState},
}
_WRITES = {"chunk", "error", *(state.value for state in JobState)}


@dataclass(frozen=True)
class Line:
    """One line of the event log."""

    job_id: int
    kind: str
    attempt: int
    actor: str = ""


def check_story(lines: Iterable[Line]) -> None:
    """I5 and I9: read the log from its beginning and stop at the first line that cannot be."""
    state: dict[int, JobState | None] = {}
    latest: dict[int, int] = {}
    for line in lines:
        before = state.get(line.job_id)
        if before is JobState.RUNNING and line.kind in _WRITES:
            assert line.attempt == latest[line.job_id], f"an attempt that was over wrote: {line}"
        if line.kind == "claimed":
            assert line.attempt == latest.get(line.job_id, 0) + 1, f"an attempt was skipped or repeated: {line}"
            latest[line.job_id] = line.attempt
        if line.kind in ("chunk", "error"):
            assert before is JobState.RUNNING, f"written while nobody worked on it: {line}"
        if line.kind == "lost":
            assert before is JobState.RUNNING, f"rescued while nobody worked on it: {line}"
            state[line.job_id] = None  # the rescuer's verdict stands in the row
        elif (after := _STATE_AFTER.get(line.kind)) is not None:
            assert before is None or after in LEGAL_MOVES[before], f"{before} cannot become {after}: {line}"
            state[line.job_id] = after


def check(plant: Plant, *, paused: bool = False) -> None:
    """Check everything that must hold once all jobs are over."""
    with plant.app.app_context(), reading() as connection:
        events = select(JobEvent.job_id, JobEvent.kind, JobEvent.attempt, JobEvent.actor).order_by(JobEvent.id)
        check_story(Line(*row) for row in connection.execute(events))
        rows = connection.execute(
            select(Job.id, Job.state, Job.chunks_done, Job.lease_owner, Job.lease_expires_at)
        ).all()
        chunks = connection.execute(
            select(Chunk.job_id, Chunk.start, Chunk.end, Chunk.attempt).order_by(
                Chunk.job_id, Chunk.done_at, Chunk.start
            )
        ).all()
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    for row in rows:
        mine = [chunk for chunk in chunks if chunk.job_id == row.id]
        assert JobState(row.state) in FINAL or (paused and row.state == JobState.PAUSED), row
        assert row.chunks_done == len(mine) == len({chunk.start for chunk in mine}), row
        attempts = [chunk.attempt for chunk in mine]
        assert attempts == sorted(attempts), row
        assert (row.lease_owner, row.lease_expires_at) == (None, None), row
    _check_bars(plant)


def _check_bars(plant: Plant) -> None:
    market = TrueMarket()
    for job in plant.jobs():
        stored = plant.bars(job.id)
        if job.state is JobState.SUCCEEDED:
            assert stored, f"job {job.id} has succeeded without a bar"
        if stored and job.source == "yahoo":  # IBKR's bars are compared by the tests that collect them
            true = market.bars(job.symbol, job.interval.value, stored[0][0], stored[-1][0] + 1)
            spans = [(start, end) for start, end, _ in plant.covered(job.id)]
            known = [(*bar, None, None) for bar in true if any(start <= bar.start < end for start, end in spans)]
            assert stored == known, f"job {job.id}: {len(stored)} bars, the market has {len(known)}"
