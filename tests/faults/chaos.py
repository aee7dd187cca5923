"""Seeded chaos: the whole product under random faults, judged by the invariants at the end.

``python -m tests.faults.chaos --seed 7 --minutes 5`` tries the same kinds of faults in the same order each time; what
they hit depends on the machine. It ends with status 1, and says the seed, when an invariant does not hold.
"""

import argparse
import datetime as dt
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.faults.chaos_calm import measure
from tests.faults.chaos_faults import Faults
from tests.faults.chaos_judge import count
from tests.faults.chaos_stage import LEASE, SETTINGS, Stage
from tests.faults.chaos_web import Visitor
from tests.faults.story import check
from tests.plant import Plant, plant
from tests.servers import ROOT, RedisServer, start_market
from webapp.collecting.plan import make_plan
from webapp.collecting.validation import validate_request
from webapp.context import context
from webapp.kernel.intervals import Interval
from webapp.kernel.requests import CollectRequest
from webapp.kernel.spans import Span

_AT_WORK = 6
"""So many jobs are kept active: more than there are slots for them."""
_KINDS: tuple[tuple[Interval, str], ...] = (
    *[(Interval.M1, "max")] * 6,
    *[(Interval.M5, "1mo")] * 2,
    *[(Interval.D1, "10y")] * 2,
)
_MOST_JOBS = 650
_PATIENCE = 300.0


class Chaos:
    """One run."""

    def __init__(self, stage: Stage, options: argparse.Namespace) -> None:
        self._dice = random.Random(options.seed)  # noqa: S311 -- repeatable, not secret
        self._order = random.Random(f"order {options.seed}")  # noqa: S311 -- its own, so that no state changes it
        self._options = options
        self._stage, self._plant = stage, stage.plant
        self._visitor = Visitor(stage)
        self._faults = Faults(stage, self._visitor, self._dice)
        self._planned: dict[int, Span] = {}

    def run(self) -> dict[str, Any]:
        """Break things for as long as asked, let everything come to an end, and return the figures."""
        started = dt.datetime.now(dt.UTC)
        self._stage.begin()
        calm = measure(self._stage, self._options.rounds)
        self._visitor.begin()
        self._spoil_the_market()
        until = time.monotonic() + 60 * self._options.minutes
        while time.monotonic() < until:
            self._keep_busy()
            self._faults.inject(self._order)
            self._faults.make_good()
            self._pause()
        self._stage.calm_down()
        self._faults.look_at_the_failpoint()
        self._plant.market.heal()
        stuck = self._wait_for_the_end()
        self._visitor.end()
        self._stage.end()
        self._plant.end()
        return {
            "seed": self._options.seed,
            "pool": self._options.pool,
            "minutes": self._options.minutes,
            "commit": commit(),
            "date": started.isoformat(timespec="seconds"),
            "lease": LEASE,
            "faults": self._faults.done.total() + int(str(calm["faults"])),
            "faults_by_kind": dict(sorted(self._faults.done.items())),
            "calm": calm,
            "stuck": stuck,
            "pages": self._visitor.figures(),
            **count(self._stage, self._faults.kills, self._planned),
        }

    def _spoil_the_market(self) -> None:
        self._plant.market.fault(random={"p": 0.1, "seed": self._options.seed})
        self._plant.market.fault(slow=0.25, match={"path": "/v8/finance/chart/"})

    def _pause(self) -> None:
        """Wait one to four seconds for the next fault, with an eye on the failpoint."""
        until = time.monotonic() + self._order.uniform(*self._options.every)
        while time.monotonic() < until:
            self._faults.look_at_the_failpoint()
            time.sleep(0.05)

    def _keep_busy(self) -> None:
        """Submit so that there is always more to do than slots to do it in; each job collects a series of its own."""
        active = sum(job.is_active for job in self._plant.jobs())
        number = len(self._planned)
        for _ in range(active, _AT_WORK if number < self._options.jobs else active):
            number = len(self._planned)
            interval, period = self._dice.choice(_KINDS)
            request = CollectRequest("yahoo", (f"SIM{number:03}",), interval, period=period)
            with self._plant.app.app_context():
                chunks = make_plan(context(), validate_request(request, context().now())).series[0].chunks
            [job_id] = self._plant.submit(*request.symbols, interval=interval, period=period)
            self._planned[job_id] = Span(chunks[0].start, chunks[-1].end)

    def _wait_for_the_end(self) -> list[str]:
        """Wait until all jobs are over; return those that are not."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            self._faults.make_good()
            if not any(job.is_active for job in self._plant.jobs()):
                return []
            time.sleep(0.5)
        return [f"{job.id}: {job.state} {job.message}" for job in self._plant.jobs() if job.is_active]


def commit() -> str:
    """Return the commit that this code is, with a mark when it was changed since."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10", "--exclude", "*"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


def judge(plant: Plant, figures: dict[str, Any]) -> list[str]:
    """Return the invariants that do not hold."""
    broken = [f"{figures['stuck']} not over"] if figures["stuck"] else []
    bars = figures["bars"]
    zero = {name: figures[name] for name in ("jobs_lost", "chunks_committed_twice", "fenced_commits")}
    zero |= {f"bars {name}": number for name, number in bars.items() if name != "bars"}
    broken += [f"{name}: {number}" for name, number in zero.items() if number]
    try:
        check(plant)
    except AssertionError as error:
        broken.append(str(error))
    return broken


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that what we started ends too
    _say(f"seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="moisson-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        market, redis = start_market(folder), RedisServer(folder)
        try:
            redis.start()
            with plant(folder, redis, market, **SETTINGS) as made:
                stage = Stage(made, options.pool)
                try:
                    figures = Chaos(stage, options).run()
                finally:
                    stage.end()
                broken = judge(made, figures)
        finally:
            redis.end()
            market.running.end()
    figures["broken"] = broken
    text = json.dumps(figures, indent=2, ensure_ascii=False)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    _say(text)
    _say(f"seed {options.seed}: " + ("all invariants hold" if not broken else "; ".join(broken)))
    return 1 if broken else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 100_000))
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--jobs", type=int, default=_MOST_JOBS, help="submit no more than so many")
    parser.add_argument("--pool", choices=["prefork", "threads"], default="prefork")
    parser.add_argument("--every", type=float, nargs=2, default=(1.0, 4.0), help="seconds between two faults")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of one fault at a time before")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
