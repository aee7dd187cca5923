"""The plant under chaos: two workers, two clocks, the site and Redis, each started again when it has died."""

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.plant import Plant
from tests.servers import Running, find_free_port

LEASE = 4
SETTINGS = {
    "JOB_LEASE_SECONDS": str(LEASE),
    "CLOCK_TICK_SECONDS": "0.5",
    "YAHOO_REQUESTS_PER_SECOND": "2.5",
    "MAX_ATTEMPTS": "60",  # chaos kills a job's worker more often than a poisonous job would
    "WEB_CONCURRENCY": "1",
}
_LOOK_SECONDS = 0.1
_BACK_OFF_SECONDS = 0.5
WORKERS = ("worker-one", "worker-two")
CLOCKS = ("clock-one", "clock-two")


@dataclass
class Slot:
    """A process that must run, and when it may be started again."""

    begin: Callable[[], Running]
    running: Running | None = None
    not_before: float = 0.0
    starts: int = 0
    said: int = 0
    """How far its log has been read."""
    readies: int = 0
    """How often it said that it is ready."""
    is_frozen: bool = False

    @property
    def is_up(self) -> bool:
        """Whether it runs, is awake, and has said so since it was last started."""
        if not self.running or not self.running.is_alive or self.is_frozen:
            return False
        with self.running.log.open("rb") as log:
            log.seek(self.said)
            new = log.read()
        self.said += len(new)
        self.readies += new.count(b" ready.")
        return self.readies >= self.starts


@dataclass(frozen=True)
class Spell:
    """How long something was so (epoch seconds)."""

    kind: str
    start: float
    end: float


class Stage:
    """Holds the processes. ``hands`` is held by whoever starts, freezes or ends one."""

    def __init__(self, plant: Plant, pool: str) -> None:
        self.plant = plant
        self.pool = pool
        self.hands = threading.RLock()
        self.spells: list[Spell] = []
        self.port = find_free_port()
        self.redis_back_at = 0.0
        self.places: list[tuple[float, int]] = [(0.0, 0)]
        """Since when (epoch seconds) so many jobs can be worked on at once: a worker with two places counts when up."""
        self.slots = {
            **{name: Slot(lambda name=name: self._worker(name)) for name in WORKERS},  # type: ignore[misc]
            **{name: Slot(lambda name=name: self._clock(name)) for name in CLOCKS},  # type: ignore[misc]
            "web": Slot(self._web),
        }
        self._over = threading.Event()
        self._timers: list[threading.Timer] = []
        self._tender = threading.Thread(target=self._tend, daemon=True, name="tender")

    def _worker(self, name: str) -> Running:
        words = ("celery", "-A", "worker", "worker", "--loglevel=info", "--without-gossip", "--without-mingle")
        calm = {"REMAP_SIGTERM": "SIGQUIT"} if self.pool == "prefork" else {}
        return self.plant.begin(name, *words, "-n", f"{name}@%h", "-P", self.pool, "-c", "2", **calm)

    def _clock(self, name: str) -> Running:
        return self.plant.begin(name, "flask", "--app", "wsgi", "clock")

    def _web(self) -> Running:
        return self.plant.begin("web", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app", PORT=str(self.port))

    def begin(self) -> None:
        """Start everything, and keep it running from now on."""
        self._tender.start()

    def _tend(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            with self.hands:
                self._restart_the_dead()
                places = 2 * sum(self.slots[name].is_up for name in WORKERS)
            if places != self.places[-1][1]:
                self.places.append((time.time(), places))

    def _restart_the_dead(self) -> None:
        now = time.monotonic()
        redis = self.plant.redis
        if redis.running and not redis.running.is_alive and now >= self.redis_back_at:
            redis.start()
        for slot in self.slots.values():
            if slot.running and slot.running.is_alive:
                continue
            if slot.running and not slot.not_before:
                slot.running.send_group(signal.SIGKILL)
                slot.not_before = now + _BACK_OFF_SECONDS
            if now >= slot.not_before:
                slot.running, slot.not_before = slot.begin(), 0.0
                slot.starts += 1

    def alive(self, names: tuple[str, ...], dice: random.Random) -> Running | None:
        """Return one of these processes, if any runs."""
        found = [one for name in names if (one := self.slots[name].running) and one.is_alive]
        return dice.choice(found) if found else None

    @property
    def redis_is_well(self) -> bool:
        return time.monotonic() > self.redis_back_at

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something after a while, or at once when chaos ends."""
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def note(self, kind: str, start: float) -> None:
        """Write down a spell that ends now."""
        self.spells.append(Spell(kind, start, time.time()))

    def calm_down(self) -> None:
        """Wait for the faults that are under way to end, and wake everybody up."""
        for timer in self._timers:
            timer.join()
        with self.hands, contextlib.suppress(FileNotFoundError):
            (self.plant.folder / "failpoint").unlink()
        for slot in self.slots.values():
            if slot.running and slot.running.is_alive:
                slot.running.send_group(signal.SIGCONT)

    def end(self) -> None:
        """Start nothing any more; whoever made the plant ends its processes."""
        self._over.set()
        if self._tender.is_alive():
            self._tender.join()
        for timer in self._timers:
            timer.join()

    def logs(self) -> str:
        """Return what the workers have said."""
        files = (self.plant.folder / f"{name}.log" for name in WORKERS)
        return "".join(file.read_text(errors="replace") for file in files if file.exists())


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started; none when it is gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return []


def kill_one(pid: int) -> None:
    """Kill a process alone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
