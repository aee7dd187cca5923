"""How fast bars are written, beside what people would write by hand: five thousand a batch, each batch committed.

``python -m tests.bench.writing`` writes into tables that hold five million bars already (``--quick``: half a million);
``make bench`` runs it. On PostgreSQL the server does the work, and so the time on the wall is compared there.
"""

import datetime as dt
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from tests.bench.beside import ROUNDS, Row, cpu_seconds, in_turns, is_quick, speed, tell
from tests.bench.peers import PEERS, Peer
from tests.bench.stock import FIRST, minutes
from tests.servers import postgres
from tests.stored import Store, opened
from webapp.collecting import commit
from webapp.collecting.submit import find
from webapp.database import schema
from webapp.database.engine import database_url
from webapp.database.transactions import writing
from webapp.extensions import db
from webapp.jobs import queries_claims
from webapp.jobs.claims import Claim
from webapp.kernel.bars import Bar
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState
from webapp.kernel.spans import Span
from webapp.series import queries_bars
from webapp.sources.base import Answer

BATCH, BATCHES = 5_000, 10
_SIZES = (
    "SELECT sum(pgsize) FILTER (WHERE name = 'bar'), sum(pgsize) FILTER (WHERE name LIKE 'rollup%'),"
    " (SELECT count(*) FROM bar) FROM dbstat"
)


def batch(start: int) -> list[Bar]:
    """Five thousand minutes as a source delivers them: a walk, in which now and then a price leaps a little."""
    order = random.Random(start)  # noqa: S311 -- the same prices each time
    several: list[Bar] = []
    price = 100.0
    for time_of in range(start, start + 60 * BATCH, 60):
        last, price = price, max(1.0, round(price * (1 + order.gauss(0, 0.0005)), 2))
        high, low = max(last, price) + 0.02, min(last, price) - 0.02
        several.append((time_of, last, high, low, price, float(order.randrange(100_000)), None, None))
    return several


@dataclass
class Pile:
    """Where batches are written, each after the last one; they are made before the clock runs."""

    starts: Iterator[int] = field(default_factory=lambda: itertools.count(FIRST, 60 * BATCH))
    ready: list[list[Bar]] = field(default_factory=list)
    last: list[list[Bar]] = field(default_factory=list)

    def fill(self, count: int) -> None:
        """Make batches."""
        self.ready = [batch(next(self.starts)) for _ in range(count)]

    def take(self) -> list[list[Bar]]:
        """Return as many batches as are written at a time."""
        self.last, self.ready = self.ready[:BATCHES], self.ready[BATCHES:]
        return self.last


@dataclass(frozen=True)
class Ours:
    """The product's ways to write."""

    store: Store
    series: int
    pile: Pile
    claim: Claim
    chunk_pile: Pile

    def upsert(self) -> None:
        """Write through the store."""
        for several in self.pile.take():
            self._write(several)

    def again(self) -> None:
        """Write what was just written."""
        for several in self.pile.last:
            self._write(several)

    def _write(self, several: list[Bar]) -> None:
        with writing() as connection:
            queries_bars.upsert(connection, self.series, several)

    def chunk(self) -> None:
        """Commit whole chunks: fence, restatement, flags, bars, facts, coverage, progress and log."""
        job = find(self.claim.job_id)
        for several in self.chunk_pile.take():
            span = Span(several[0][0], several[-1][0] + 60)
            answer = Answer(several, [], InstrumentFacts(timezone="America/New_York"), span.end)
            with writing() as connection:
                commit.commit(connection, commit.FetchedChunk(self.claim, job, span, answer, 5, 0.1), self.store.now)


@contextmanager
def ours(store: Store, rounds: int) -> Iterator[Ours]:
    """Make two series and a job at work."""
    series_id, collected = store.series("OURS", Interval.M1), store.series("CHUNK", Interval.M1)
    job_id = store.job(collected, FIRST, chunks=10**6)
    with writing() as connection:
        claim = queries_claims.claim(connection, job_id, "bench", store.now, dt.timedelta(hours=1))
    assert claim
    pile, chunk_pile = Pile(), Pile()
    for one in (pile, chunk_pile):
        one.fill(rounds * BATCHES)
    yield Ours(store, series_id, pile, claim, chunk_pile)
    assert find(job_id).state is JobState.RUNNING


def _written(peer: Callable[[list[Bar]], None], pile: Pile) -> Callable[[], None]:
    def write() -> None:
        for several in pile.take():
            peer(several)

    return write


def measure(store: Store, kind: str, rounds: int) -> list[Row]:
    """Write in turns, and compare."""
    peers: list[Peer] = [peer(db.engine) for peer in PEERS[kind]]
    with ours(store, rounds) as mine:
        works: dict[str, Callable[[], object]] = {"store": mine.upsert, "again": mine.again, "chunk": mine.chunk}
        for peer in peers:
            pile = Pile()
            pile.fill(rounds * BATCHES)
            works[peer.name] = _written(peer.write, pile)
        taken = in_turns(works, rounds, cpu_seconds if kind == "sqlite" else time.perf_counter)
    by_hand, popular = (peer.name for peer in peers)
    name = "SQLite" if kind == "sqlite" else "PostgreSQL"
    return [
        speed(f"{name}: bars through the store", taken, "store", by_hand, 1.0 if kind == "sqlite" else 0.9),
        speed(f"{name}: a whole chunk", taken, "chunk", by_hand, 0.55 if kind == "sqlite" else None),
        speed(f"{name}: a whole chunk", taken, "chunk", popular, None),
        speed(f"{name}: bars through the store", taken, "store", popular, 3.0),
        speed(f"{name}: the same bars again", taken, "again", "store", 1.0),
    ]


def sizes() -> list[Row]:
    """Tell how much room a bar takes in the file, and what its candles add."""
    with db.engine.connect() as connection:
        stored, ready, count = connection.execute(text(_SIZES)).one()
    return [
        Row("SQLite: bytes a bar", stored / count, "B", "", None, stored / count, 75),
        Row("SQLite: bytes a bar, with candles", (stored + ready) / count, "B", "", None, (stored + ready) / count, 75),
    ]


def main() -> int:
    """Measure on both databases, and tell."""
    rounds, most = (3, 500_000) if is_quick() else (ROUNDS, 5_000_000)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="moisson-bench-") as name, postgres() as served:
        folder = Path(name)
        for kind, url in (("sqlite", f"sqlite:///{folder / 'bench.db'}"), ("postgresql", database_url(served))):
            with opened(folder, url) as store:
                schema.upgrade()
                if kind == "sqlite":
                    minutes(store, most)
                    rows += sizes()
                rows += measure(store, kind, rounds)
    return tell(rows)


if __name__ == "__main__":
    sys.exit(main())
