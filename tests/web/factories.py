"""Series, bars and jobs made straight in the database, for pages to show; no worker and no source takes part."""

import datetime as dt
import math
from dataclasses import dataclass, field

from sqlalchemy import Connection

from webapp.database.transactions import writing
from webapp.errors import Sentence, sentence
from webapp.gateways import queries_gateways
from webapp.inquiring import queries_inquiries
from webapp.jobs import queries_batches, queries_claims, queries_events, queries_jobs
from webapp.jobs.claims import ChunkRecord, Claim, Release
from webapp.jobs.queries_batches import NewJob
from webapp.kernel.bars import DIVIDEND, SPLIT, Action, Bar
from webapp.kernel.gateways import Gateway
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import ErrorKind, JobState, Priority
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_actions, queries_bars, queries_coverage, queries_series

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(minutes=10)
LEASE = dt.timedelta(hours=10)
MICROSOFT = InstrumentFacts(
    name="Microsoft Corporation",
    kind="EQUITY",
    currency="USD",
    exchange="NasdaqGS",
    timezone="America/New_York",
    session_open=34_200,
    session_close=57_600,
    price_decimals=2,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a made job collects."""

    symbol: str = "MSFT"
    interval: Interval = Interval.D1
    days: int = 365
    chunks: int = 10
    priority: Priority = Priority.NORMAL
    options: dict[str, str] = field(default_factory=dict)
    created: dt.datetime = NOW

    @property
    def span(self) -> Span:
        """The span, which ends on the day of ``created``."""
        end = int(self.created.timestamp()) // DAY * DAY
        return Span(end - self.days * DAY, end)


def waves(span: Span, interval: Interval, level: float = 100.0) -> list[Bar]:
    """Return bars on weekdays, deterministic and pleasant to look at."""
    made: list[Bar] = []
    for time in range(span.start, span.end, interval.seconds):
        if dt.datetime.fromtimestamp(time, dt.UTC).weekday() > 4:
            continue
        index = time // interval.seconds
        open_, close = (_wave(index + step, level) for step in (-1, 0))
        high, low = max(open_, close) * 1.012, min(open_, close) * 0.988
        volume = 20e6 * (1.2 + math.sin(index / 9))
        made.append((time, open_, high, low, close, volume, None, None))
    return made


def _wave(index: int, level: float) -> float:
    return level * (1 + 0.2 * math.sin(index / 150) + 0.09 * math.sin(index / 23) + 0.03 * math.sin(index / 4.1))


def make_series(asked: Asked, facts: InstrumentFacts = MICROSOFT, *, with_bars: bool = True) -> int:
    """Make a series of an instrument, with bars and coverage of the span when asked, and return its id."""
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", asked.symbol, asked.interval, "")
        row = queries_series.get(connection, series_id)
        assert row
        queries_series.update_facts(connection, row.instrument_id, facts, NOW)
        if with_bars:
            add_bars(connection, series_id, asked.span, asked.interval)
            stored_actions = Action(DIVIDEND, asked.span.start, 0.75), Action(SPLIT, asked.span.start + 90 * DAY, 4.0)
            queries_actions.upsert(connection, row.instrument_id, stored_actions, 1, NOW)
    return series_id


def add_bars(connection: Connection, series_id: int, span: Span, interval: Interval) -> int:
    """Write bars of a span as a chunk would, and return how many."""
    made = waves(span, interval)
    added = queries_bars.upsert(connection, series_id, made)
    queries_series.extend_range(connection, series_id, added, made[0][0], made[-1][0], NOW)
    queries_coverage.record(connection, series_id, Covered(span, Verdict.HAVE, int(NOW.timestamp())))
    return len(made)


def make_job(asked: Asked | None = None, *, batch_id: int | None = None) -> int:
    """Make a pending job and return its id."""
    asked = asked or Asked()
    series_id = make_series(asked, with_bars=False)
    with writing() as connection:
        batch = batch_id or queries_batches.new_batch(connection, "test", asked.created)
        new = NewJob(series_id, asked.span, asked.options, False, asked.priority, asked.chunks)  # noqa: FBT003
        job_id, _ = queries_batches.insert_job(connection, batch, new, asked.created)
        queries_events.append_event(connection, job_id, "submitted", asked.created, actor="web")
    return job_id


def start(job_id: int, at: dt.datetime = NOW) -> Claim:
    """Claim a job as a worker does."""
    with writing() as connection:
        claim = queries_claims.claim(connection, job_id, "worker@host:1", at, LEASE)
    assert claim
    return claim


def advance(claim: Claim, asked: Asked, done: int, count: int = 1) -> None:
    """Commit chunks ``done`` to ``done + count`` of a running job, with their bars."""
    step = (asked.span.seconds // asked.chunks) // DAY * DAY
    for index in range(done, done + count):
        span = Span(asked.span.start + index * step, asked.span.start + (index + 1) * step)
        with writing() as connection:
            job = queries_jobs.get(connection, claim.job_id)
            assert job
            rows = add_bars(connection, job.series_id, span, asked.interval)
            record = ChunkRecord(
                span=span,
                rows=rows,
                blanks=0,
                chunks_left=asked.chunks - index - 1,
                reached=span.end - DAY,
                seconds=2.2,
            )
            queries_claims.commit_chunk(connection, claim, record, NOW + dt.timedelta(seconds=2 * index))


def finish(claim: Claim, state: JobState = JobState.SUCCEEDED, told: Release | None = None) -> None:
    """Let go of a running job."""
    with writing() as connection:
        queries_claims.release(connection, claim, told or Release(state), NOW + dt.timedelta(minutes=3))


def clock_beats(at: dt.datetime | None = None) -> None:
    """Let a clock be alive."""
    with writing() as connection:
        queries_events.process_beat(connection, "clock@host", "clock", at or dt.datetime.now(dt.UTC))


def make_gateway(name: str = "paper", host: str = "127.0.0.1", port: int = 4002) -> int:
    """Save a gateway and return its id."""
    with writing() as connection:
        return queries_gateways.save(connection, Gateway(name, host, port, 21), NOW)


def make_inquiries() -> tuple[int, int]:
    """Write down a search (id 1 in an empty table) and a test of a gateway (id 2), asked now."""
    now = dt.datetime.now(dt.UTC)
    place = {"name": "paper", "host": "127.0.0.1", "port": "4002", "client_id": "21"}
    with writing() as connection:
        search = queries_inquiries.insert_new(
            connection, "search", {"source": "ibkr", "text": "lvmh", "gateway": ""}, now
        )
        return search, queries_inquiries.insert_new(connection, "check", place, now)


UNKNOWN: Sentence = sentence("Yahoo does not know the symbol %(symbol)s.", symbol="NOPE")


def one_of_each() -> dict[JobState, int]:
    """Make a job in every state, and return their ids."""
    made: dict[JobState, int] = {}
    for state, symbol in zip(JobState, ("AAPL", "MC.PA", "MSFT", "VOD.L", "^GSPC", "NOPE", "BTC-USD"), strict=True):
        asked = Asked(symbol=symbol, created=NOW - dt.timedelta(hours=len(made)))
        job_id = made[state] = make_job(asked)
        _bring(job_id, asked, state)
    return made


def _bring(job_id: int, asked: Asked, state: JobState) -> None:
    """Bring a pending job into a state, the way it would get there."""
    if state is JobState.PENDING:
        return
    claim = start(job_id)
    done = {JobState.RUNNING: 4, JobState.WAITING: 3, JobState.SUCCEEDED: 10, JobState.FAILED: 0}.get(state, 2)
    advance(claim, asked, 0, done)
    if state is JobState.WAITING:
        message = sentence("Yahoo asks us to slow down (429). All workers pause.")
        due = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2)
        finish(claim, told=Release(state, due, ErrorKind.RATE_LIMITED.value, message))
    elif state is JobState.FAILED:
        hint = sentence("Look the symbol up at finance.yahoo.com and correct it.")
        finish(claim, told=Release(state, None, ErrorKind.UNKNOWN_SYMBOL.value, UNKNOWN, hint))
    elif state is not JobState.RUNNING:
        finish(claim, state)
