"""Promises with a number, measured one fault at a time, while a worker's slot is free and all else is well."""

import time

from tests import commands
from tests.faults.chaos_judge import quantiles
from tests.faults.chaos_stage import WORKERS, Stage, children_of
from tests.servers import wait_until
from webapp.context import context
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState

_AWAY_SECONDS = 120.0


def measure(stage: Stage, rounds: int) -> dict[str, object]:
    """Kill the worker of a running job, and cancel a running job, several times each; return how long each took."""
    wait_until(lambda: stage.logs().count("ready.") >= len(WORKERS), "the workers are ready")
    killed = [took for number in range(rounds) if (took := _after_a_kill(stage, f"SIM{700 + number}")) is not None]
    alone = [
        took
        for number in range(rounds)
        if (took := _after_a_kill(stage, f"SIM{725 + number}", stays_away=True)) is not None
    ]
    cancelled = [took for number in range(rounds) if (took := _cancel(stage, f"SIM{750 + number}")) is not None]
    return {
        "killed_worker": quantiles(killed),
        "killed_for_good": quantiles(alone),
        "cancel": quantiles(cancelled),
        "faults": len(killed) + len(alone),
    }


def _at_work(stage: Stage, symbol: str) -> int:
    [job_id] = stage.plant.submit(symbol, interval=Interval.M1, period="max")
    wait_until(lambda: stage.plant.job(job_id).progress.done or not stage.plant.job(job_id).is_active, "it has begun")
    return job_id


def _after_a_kill(stage: Stage, symbol: str, *, stays_away: bool = False) -> float | None:
    """Kill the worker of a job; unless it stays away, its restart finds the dead lease before that runs out."""
    job_id = _at_work(stage, symbol)
    job = stage.plant.job(job_id)
    owner = int((job.lease_owner or ":0").rpartition(":")[2])
    slots = [stage.slots[name] for name in WORKERS]
    mine = [slot for slot in slots if slot.running and owner in (slot.running.pid, *children_of(slot.running.pid))]
    if not mine:
        return None  # it was quicker than we were
    ready, began = stage.logs().count("ready."), time.time()
    with stage.hands:
        assert mine[0].running
        mine[0].not_before = time.monotonic() + (_AWAY_SECONDS if stays_away else 0)
        mine[0].running.kill()
    wait_until(lambda: stage.plant.job(job_id).attempt > job.attempt, "another worker has taken over")
    with stage.hands:
        mine[0].not_before = min(mine[0].not_before, time.monotonic())
    claimed = [one.at for one in stage.plant.log(job_id) if one.kind == "claimed"][-1].timestamp()
    wait_until(lambda: not stage.plant.job(job_id).is_active, "it is over")
    wait_until(lambda: stage.logs().count("ready.") > ready, "the killed one is back, so that a slot is free again")
    return claimed - began


def _cancel(stage: Stage, symbol: str) -> float | None:
    job_id = _at_work(stage, symbol)
    began = time.time()
    with stage.plant.app.app_context():
        job = stage.plant.job(job_id)
        if job.state is not JobState.RUNNING:
            return None
        commands.cancel(context(), job_id, "chaos")
    wait_until(lambda: not stage.plant.job(job_id).is_active, "it is cancelled")
    over = stage.plant.job(job_id)
    if over.state is not JobState.CANCELLED or over.finished_at is None:
        return None
    with stage.plant.app.app_context():
        commands.retry(context(), job_id, "chaos")
    return over.finished_at.timestamp() - began
