"""Claims, heartbeats, expiries, crashes, cancels and duplicates in any order, on a clock that the machine moves.

The moves are the real ones, on a real SQLite database. What must hold is checked from the event log as well as from the
rows: a lost fence can leave the right rows behind by luck, but not the right log.
"""

import dataclasses
import datetime as dt
import tempfile
from pathlib import Path

import flask_migrate
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from sqlalchemy import select

from tests import commands
from tests.databases import empty_tables
from tests.faults.story import Line, check_story
from tests.properties import examples
from webapp.app import create_app
from webapp.collecting.rescue import rescue_lost
from webapp.config import load_settings
from webapp.context import EXTENSION, Context, JobRules
from webapp.database.transactions import reading, writing
from webapp.errors import ConflictError, LeaseLostError
from webapp.extensions import db
from webapp.jobs import queries_batches, queries_claims, queries_events, queries_jobs
from webapp.jobs.claims import ChunkRecord, Claim, Release
from webapp.jobs.queries_batches import NewJob
from webapp.jobs.tables import Chunk, Job, JobEvent
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import JobState, Priority
from webapp.kernel.spans import Span
from webapp.series import queries_series

LEASE = 60
_folder = tempfile.TemporaryDirectory(prefix="moisson-test-")
_app = create_app(
    dataclasses.replace(
        load_settings(Path(_folder.name), read_dotenv=False), database_url=f"sqlite:///{_folder.name}/machine.db"
    )
)
with _app.app_context():
    flask_migrate.upgrade()


class NoQueue:
    """Takes every message and delivers none: the machine itself is the courier."""

    def enqueue(self, *_: object) -> None:
        return

    def length(self) -> int:
        return 0


class Jobs(RuleBasedStateMachine):
    """Workers that may be slow, dead or doubled; a rescuer; a person who changes their mind."""

    job_ids = Bundle("job_ids")
    claims = Bundle("claims")

    @initialize()
    def begin(self) -> None:
        self.surroundings = _app.app_context()
        self.surroundings.push()
        self.now = dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)
        self.context: Context = dataclasses.replace(
            _app.extensions[EXTENSION],
            now=lambda: self.now,
            queue=NoQueue(),
            rules=JobRules(lease=LEASE, max_attempts=3),
        )
        self.refused: set[Claim] = set()
        empty_tables()

    def teardown(self) -> None:
        if hasattr(self, "surroundings"):
            db.session.remove()
            self.surroundings.pop()

    @rule(target=job_ids, symbol=st.sampled_from("ABC"))
    def submit(self, symbol: str) -> int:
        with writing() as connection:
            series_id = queries_series.ensure(connection, "yahoo", symbol, Interval.D1, "")
            batch = queries_batches.new_batch(connection, "test", self.now)
            span = Span(0, 100 * DAY)
            new = NewJob(series_id, span, {}, refresh=False, priority=Priority.NORMAL, chunks_total=100)
            job_id, is_new = queries_batches.insert_job(connection, batch, new, self.now)
            if is_new:
                queries_events.append_event(connection, job_id, "submitted", self.now)
        return job_id

    @rule(target=claims, job_id=job_ids, worker=st.sampled_from(["x", "y"]))
    def deliver(self, job_id: int, worker: str) -> Claim:
        with writing() as connection:
            lease = dt.timedelta(seconds=LEASE)
            claimed = queries_claims.claim(connection, job_id, worker, self.now, lease)
        return claimed or Claim(job_id, -1, worker)  # a claim that was refused must never work

    @rule(seconds=st.sampled_from([1, 30, 61, 600]))
    def time_passes(self, seconds: int) -> None:
        self.now += dt.timedelta(seconds=seconds)

    @rule(claim=claims)
    def beat(self, claim: Claim) -> None:
        self._as(claim, lambda c: queries_claims.renew_lease(c, claim, self.now, dt.timedelta(seconds=LEASE)))

    @rule(claim=claims)
    def commit_a_chunk(self, claim: Claim) -> None:
        with reading() as connection:
            done = len(queries_jobs.chunks(connection, claim.job_id))
        span = Span(done * DAY, (done + 1) * DAY)
        chunk = ChunkRecord(span, 1, 0, chunks_left=99 - done, reached=span.end, seconds=0.1)
        self._as(claim, lambda c: queries_claims.commit_chunk(c, claim, chunk, self.now))

    @rule(
        claim=consumes(claims),
        state=st.sampled_from([JobState.SUCCEEDED, JobState.FAILED, JobState.WAITING, JobState.PENDING]),
        wait=st.sampled_from([0, 90]),
    )
    def release(self, claim: Claim, state: JobState, wait: int) -> None:
        end = Release(state, due_at=self.now + dt.timedelta(seconds=wait), errors_in_row=1)
        self._as(claim, lambda c: queries_claims.release(c, claim, end, self.now))

    @rule()
    def rescuers_pass_twice(self) -> None:
        rescue_lost(self.context)
        assert rescue_lost(self.context) == 0

    @rule(
        job_id=job_ids,
        wish=st.sampled_from([commands.cancel, commands.pause, commands.resume, commands.retry]),
    )
    def a_person_asks(self, job_id: int, wish: object) -> None:
        try:
            wish(self.context, job_id, "me")  # type: ignore[operator]
        except ConflictError as refused:
            self.last_refusal = str(refused)

    def _as(self, claim: Claim, act: object) -> None:
        """Let a worker act; once refused, it is refused for ever."""
        try:
            with writing() as connection:
                act(connection)  # type: ignore[operator]
        except LeaseLostError:
            self.refused.add(claim)
        else:
            assert claim not in self.refused

    @invariant()
    def what_is_counted_is_what_was_committed(self) -> None:
        if not hasattr(self, "now"):
            return
        with reading() as connection:
            for job in connection.execute(select(Job.id, Job.chunks_done, Job.state)):
                spans = queries_jobs.chunks(connection, job.id)
                assert job.chunks_done == len(spans) == len({span.start for span in spans})
                row = queries_jobs.get(connection, job.id)
                assert row is not None
                assert (row.progress.percent == 100) == (job.state == JobState.SUCCEEDED)
            attempts = connection.execute(select(Chunk.job_id, Chunk.attempt).order_by(Chunk.job_id, Chunk.start)).all()
            assert attempts == sorted(attempts)

    @invariant()
    def a_running_job_has_a_lease_and_others_have_none(self) -> None:
        if not hasattr(self, "now"):
            return
        with reading() as connection:
            for job in connection.execute(select(Job.state, Job.lease_owner, Job.lease_expires_at)):
                assert (job.state == JobState.RUNNING) == (job.lease_expires_at is not None)

    @invariant()
    def the_log_tells_a_legal_story(self) -> None:
        if not hasattr(self, "now"):
            return
        with reading() as connection:
            lines = connection.execute(select(JobEvent.job_id, JobEvent.kind, JobEvent.attempt).order_by(JobEvent.id))
            check_story(Line(*line) for line in lines)


Jobs.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=40, deadline=None)
TestJobs = Jobs.TestCase
