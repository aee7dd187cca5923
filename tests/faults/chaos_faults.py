"""The faults that chaos draws from. Each returns whether it could be done just now; only those done are counted."""

import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable

from redis.exceptions import RedisError

from tests import commands
from tests.faults.chaos_stage import CLOCKS, LEASE, WORKERS, Stage, children_of, kill_one
from tests.faults.chaos_web import Visitor
from webapp.context import context
from webapp.errors import ConflictError, QueueAwayError
from webapp.failpoints import Failpoint
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import JobState
from webapp.queue import TaskName

FROZEN_REDIS = 5.0
LOCKED = 4.0
OVERSLEPT = LEASE + 2.0
ACTIONS = ("kill", "raise", "sleep:2")


class Faults:
    """Does one fault after the other, as seeded dice say, and counts them."""

    def __init__(self, stage: Stage, visitor: Visitor, dice: random.Random) -> None:
        self._stage, self._visitor, self._dice = stage, visitor, dice
        self._plant = stage.plant
        self._armed = ""
        self._lock_is_held = threading.Event()
        self.done: Counter[str] = Counter()
        self.kills: list[tuple[float, dict[int, int]]] = []
        """When (epoch seconds) a worker was killed, and the jobs it held with their attempts."""
        self.kinds: dict[str, tuple[int, Callable[[], bool]]] = {
            "worker killed": (3, self._kill_worker),
            "child killed": (3 if stage.pool == "prefork" else 0, self._kill_child),
            "clock killed": (2, self._kill_clock),
            "worker asked to stop": (2, self._stop_worker),
            "worker frozen longer than its lease": (2, self._freeze_worker),
            "Redis killed, restarted empty": (2, self._kill_redis),
            "Redis emptied (FLUSHALL)": (3, self._flush),
            "Redis frozen": (2, self._freeze_redis),
            "everything asleep longer than the lease": (1, self._sleep),
            "20 duplicated messages": (3, self._duplicate),
            "database locked by a stranger": (1, self._lock),
            "failpoint": (6, self._strike),
            "cancel and retry": (2, self._cancel),
            "pause and resume": (2, self._pause),
        }

    def inject(self, order: random.Random) -> None:
        """Do one fault."""
        names = list(self.kinds)
        [name] = order.choices(names, [self.kinds[name][0] for name in names])
        if self.kinds[name][1]():
            self.done[name] += 1

    def look_at_the_failpoint(self) -> None:
        """Count the failpoint that was set once somebody has reached it."""
        if self._armed and self._plant.has_struck:
            self.done[f"failpoint {self._armed}"] += 1
            self._armed = ""

    def make_good(self) -> None:
        """Ask again for what a fault has cancelled or paused; what cannot be asked yet is asked at the next look."""
        for job in self._plant.jobs():
            verb = {JobState.CANCELLED: commands.retry, JobState.PAUSED: commands.resume}.get(job.state)
            if verb:
                self._ask(verb, job.id)

    def _ask(self, verb: Callable[..., object], job_id: int) -> bool:
        try:
            with self._plant.app.app_context():
                verb(context(), job_id, "chaos")
        except ConflictError:
            return False
        return True

    def _kill_worker(self) -> bool:
        worker = self._stage.alive(WORKERS, self._dice)
        if worker is None:
            return False
        pids = {worker.pid, *children_of(worker.pid)}
        with self._stage.hands:
            held = self._held_by(pids)
            self.kills.append((time.time(), held))
            worker.kill()
        return True

    def _kill_child(self) -> bool:
        worker = self._stage.alive(WORKERS, self._dice)
        children = children_of(worker.pid) if worker else []
        if not children:
            return False
        pid = self._dice.choice(children)
        self.kills.append((time.time(), self._held_by({pid})))
        kill_one(pid)
        return True

    def _held_by(self, pids: set[int]) -> dict[int, int]:
        ends = tuple(f":{pid}" for pid in pids)
        return {job.id: job.attempt for job in self._plant.jobs() if (job.lease_owner or "").endswith(ends)}

    def _kill_clock(self) -> bool:
        clock = self._stage.alive(CLOCKS, self._dice)
        if clock:
            clock.kill()
        return clock is not None

    def _stop_worker(self) -> bool:
        worker = self._stage.alive(WORKERS, self._dice)
        if worker:
            worker.send(signal.SIGTERM)
        return worker is not None

    def _freeze_worker(self) -> bool:
        worker = self._stage.alive(WORKERS, self._dice)
        if worker is None:
            return False
        slot = next(slot for slot in self._stage.slots.values() if slot.running is worker)
        worker.send_group(signal.SIGSTOP)
        slot.is_frozen = True

        def wake() -> None:
            if worker.is_alive:
                worker.send_group(signal.SIGCONT)
            slot.is_frozen = False

        self._stage.later(OVERSLEPT, wake)
        return True

    def _kill_redis(self) -> bool:
        with self._stage.hands:
            if not self._stage.redis_is_well:
                return False
            away = self._dice.uniform(0.2, 4.0)
            self._stage.redis_back_at = time.monotonic() + away
            began = time.time()
            self._plant.redis.kill()
        self._stage.later(away, lambda: self._stage.note("redis away", began))
        return True

    def _flush(self) -> bool:
        try:
            with self._plant.redis.client() as client:
                return bool(client.flushall())
        except RedisError:
            return False

    def _freeze_redis(self) -> bool:
        with self._stage.hands:
            redis = self._plant.redis
            if not self._stage.redis_is_well or not (redis.running and redis.running.is_alive):
                return False
            self._stage.redis_back_at = time.monotonic() + FROZEN_REDIS + 1
            redis.freeze()
            began = time.time()
        self._visitor.post_soon()

        def thaw() -> None:
            self._stage.note("redis frozen", began)
            redis.thaw()

        self._stage.later(FROZEN_REDIS, thaw)
        return True

    def _sleep(self) -> bool:
        """Freeze all processes at once, as a laptop does that is closed."""
        with self._stage.hands:
            if not self._stage.redis_is_well:
                return False
            asleep = [one for slot in self._stage.slots.values() if (one := slot.running) and one.is_alive]
            began = time.time()
            for one in asleep:
                one.send_group(signal.SIGSTOP)
            self._plant.redis.freeze()
            time.sleep(OVERSLEPT)
            self._plant.redis.thaw()
            for one in asleep:
                one.send_group(signal.SIGCONT)
            self._stage.note("asleep", began)
        return True

    def _active(self) -> JobRow | None:
        active = [job for job in self._plant.jobs() if job.is_active]
        return self._dice.choice(active) if active else None

    def _duplicate(self) -> bool:
        job = self._active()
        if job is None or not self._stage.redis_is_well:
            return False
        try:
            with self._plant.app.app_context():
                for _ in range(20):
                    context().queue.enqueue(TaskName.COLLECT, job.id)
        except QueueAwayError:
            return False
        return True

    def _lock(self) -> bool:
        if self._lock_is_held.is_set():
            return False
        self._lock_is_held.set()

        def hold() -> None:
            stranger = self._plant.stranger()
            try:
                stranger.execute("BEGIN IMMEDIATE")
                began = time.time()
                time.sleep(LOCKED)
                stranger.rollback()
                self._stage.note("locked", began)
            except sqlite3.OperationalError:
                self.done["database locked by a stranger"] -= 1
            finally:
                stranger.close()
                self._lock_is_held.clear()

        self._stage.later(0, hold)
        return True

    def _strike(self) -> bool:
        """Set a failpoint; it is counted when somebody has reached it, so this is not."""
        self.look_at_the_failpoint()
        point, action = self._dice.choice(list(Failpoint)), self._dice.choice(ACTIONS)
        self._plant.strike(point, action)
        self._armed = f"{point}:{action}"
        return False

    def _cancel(self) -> bool:
        job = self._active()
        return job is not None and self._ask(commands.cancel, job.id)

    def _pause(self) -> bool:
        job = self._active()
        return job is not None and self._ask(commands.pause, job.id)
