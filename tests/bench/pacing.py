"""How much of IBKR's request budget is used: 5-second bars of three symbols by two workers, beside what is allowed.

``python -m tests.bench.pacing`` starts the whole product against the offline TWS, with windows fifty times shorter than
the real ones at both ends, and prints the ratio; ``make bench`` runs it.
"""

import datetime as dt
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.plant import Plant, plant, succeeded
from tests.servers import RedisServer, start_market
from webapp.kernel.intervals import Interval

RULES = {"window_seconds": 12.0, "identical_seconds": 0.5, "burst_seconds": 0.2}
SETTINGS = {
    "IB_PACING_WINDOW_SECONDS": "12",
    "IB_PACING_IDENTICAL_SECONDS": "0.5",
    "IB_PACING_BURST_SECONDS": "0.2",
    "CLOCK_TICK_SECONDS": "0.1",
}
SYMBOLS = ("AAPL", "MSFT", "SPY")
_DAYS = 14


@dataclass(frozen=True)
class Pacing:
    """What was measured. ``floor`` is the least that any scheduler needs (seconds) from first request to last."""

    requests: int
    violations: int
    seconds: float
    floor: float

    @property
    def ratio(self) -> float:
        """The time it took beside the floor."""
        return self.seconds / self.floor


def measure(stage: Plant) -> Pacing:
    """Collect two weeks of 5-second bars of each symbol with two workers."""
    stage.market.tws.set(pacing=RULES)
    stage.worker("one"), stage.worker("two"), stage.clock()
    today = dt.datetime.now(dt.UTC).date()
    first = today - dt.timedelta(days=30 + (today.weekday() - 2) % 7)
    span = {"start": first, "end": first + dt.timedelta(days=_DAYS - 1)}
    ids = [stage.submit(one, source="ibkr", interval=Interval.S5, **span)[0] for one in SYMBOLS]
    jobs = stage.wait(*ids, timeout=300)
    assert succeeded(jobs), [str(job.message) for job in jobs]
    strict = [float(one["time"]) for one in stage.market.tws.log() if one["kind"] in ("history", "head")]
    violations = len(stage.market.tws.violations())
    return Pacing(len(strict), violations, max(strict) - min(strict), floor(len(strict)))


def floor(requests: int) -> float:
    """Return the least time: whole windows of 60, and in the last one bursts of five a symbol."""
    windows, rest = divmod(requests - 1, 60)
    return windows * RULES["window_seconds"] + rest // (5 * len(SYMBOLS)) * RULES["burst_seconds"]


def main() -> int:
    """Measure, and print a line for people and one for programs."""
    with tempfile.TemporaryDirectory(prefix="moisson-bench-") as name:
        folder = Path(name)
        redis = RedisServer(folder)
        redis.start()
        market = start_market(folder)
        try:
            with plant(folder, redis, market, **SETTINGS) as stage:
                found = measure(stage)
        finally:
            market.running.end()
            redis.end()
    sys.stdout.write(
        f"IBKR under pacing: {found.requests} requests by two workers in {found.seconds:.1f} s, the rules allow "
        f"{found.floor:.1f} s: ratio {found.ratio:.3f} (limit 1.05), {found.violations} violations\n"
        f"{json.dumps({**asdict(found), 'ratio': found.ratio})}\n"
    )
    return 0 if found.ratio <= 1.05 and not found.violations else 1


if __name__ == "__main__":
    sys.exit(main())
