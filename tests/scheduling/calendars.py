"""A world in which instruments trade at exchanges of their own, and schedules that are made in a line."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.world import FACTS, Clock, HandSource, World, good
from webapp.context import EXTENSION
from webapp.database.transactions import reading
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter
from webapp.kernel.closing import closed_until
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import HOUR, Interval
from webapp.kernel.job_states import DUE
from webapp.kernel.requests import CollectRequest
from webapp.scheduling import queries_runs
from webapp.scheduling.definitions import ScheduleDraft
from webapp.scheduling.queries_runs import RunRow
from webapp.scheduling.rules_timing import TimingTexts
from webapp.scheduling.schedules import create_schedule, run_clock_work
from webapp.sources.base import Answer, ChunkRequest
from webapp.sources.yahoo.offer import YahooOffer

NEW_YORK = FACTS
PARIS = dataclasses.replace(
    FACTS, exchange="PAR", timezone="Europe/Paris", session_open=9 * HOUR, session_close=17 * HOUR + 1800
)
TOKYO = dataclasses.replace(
    FACTS, exchange="JPX", timezone="Asia/Tokyo", session_open=9 * HOUR, session_close=15 * HOUR
)
COIN = InstrumentFacts(name="Coin", kind="CRYPTOCURRENCY", currency="USD", timezone="UTC", first_trade=0)
CURRENCY = InstrumentFacts(name="Pair", kind="CURRENCY", currency="USD", timezone="Europe/London", first_trade=0)
FACTS_OF = {"MC.PA": PARIS, "7203.T": TOKYO, "BTC-USD": COIN, "EURUSD=X": CURRENCY}


@dataclass
class ExchangeSource(HandSource):
    """A source that tells of each symbol where it trades."""

    facts: dict[str, InstrumentFacts] = field(default_factory=lambda: dict(FACTS_OF))

    def fetch(self, request: ChunkRequest) -> Answer:
        self.asked.append(request)
        facts = self.facts.get(request.symbol, FACTS)
        last = int(self.now().timestamp())
        return dataclasses.replace(_full(request, self.now, facts), facts=dataclasses.replace(facts, last_trade=last))


def _full(request: ChunkRequest, now: Callable[[], dt.datetime], facts: InstrumentFacts) -> Answer:
    answer = good(request)
    closed = find_closed(request, now(), facts)
    bars = [bar for bar in answer.bars if bar[0] < closed]
    return dataclasses.replace(answer, bars=bars, known_until=min(request.span.end, max(closed, request.span.start)))


def find_closed(request: ChunkRequest, now: dt.datetime, facts: InstrumentFacts) -> int:
    return closed_until(request.interval, facts, now.timestamp(), YahooOffer.finality_delay)


def draft(  # noqa: PLR0913 -- the fields of a form
    *symbols: str,
    interval: Interval = Interval.D1,
    kind: str = "close",
    minutes: str = "45",
    cron: str = "",
    zone: str = "",
    overlap: str = "wait",
    fresh: str = "",
    period: str = "1mo",
    name: str = "",
) -> ScheduleDraft:
    request = CollectRequest("yahoo", symbols or ("AAPL",), interval, period=period)
    return ScheduleDraft(request, TimingTexts(kind, minutes, cron, zone), name, overlap, fresh)


@dataclass
class ScheduleWorld:
    """A world with schedules; ``tick`` is what the clock does for them."""

    world: World
    source: ExchangeSource

    @property
    def clock(self) -> Clock:
        return self.world.clock

    def create(self, *symbols: str, **fields: str | Interval) -> int:
        return create_schedule(self.world.context, draft(*symbols, **fields))  # type: ignore[arg-type]

    def go_to(self, text: str) -> None:
        self.clock.at = dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)

    def tick(self) -> None:
        run_clock_work(self.world.context)

    def work(self) -> int:
        """Let a worker do all jobs that are due, and return how many requests it made."""
        before = len(self.source.asked)
        with reading() as connection:
            ids = queries_jobs.ids(connection, JobFilter(states=tuple(DUE)))
        for job_id in ids:
            self.world.work(job_id)
        return len(self.source.asked) - before

    def runs(self, schedule_id: int) -> list[RunRow]:
        """The runs of a schedule, oldest first by when they were due."""
        with reading() as connection:
            runs = queries_runs.page(connection, schedule_id, limit=10_000)
        return sorted(runs, key=lambda run: (run.due_at, run.exchange))

    def states(self, schedule_id: int) -> list[str]:
        return [run.state.value for run in self.runs(schedule_id)]


def schedule_world(world: World) -> ScheduleWorld:
    source = ExchangeSource(now=world.clock)
    world.context = dataclasses.replace(world.context, open_client=lambda _name: source)
    world.app.extensions[EXTENSION] = world.context
    return ScheduleWorld(world, source)
