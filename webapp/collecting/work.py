"""Working on a job: chunk by chunk, each committed in one transaction, until it is over, must wait, or had its turn."""

import dataclasses
import datetime as dt
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from webapp.collecting import commit
from webapp.collecting.doubts import describe_doubts, find_doubts
from webapp.collecting.fetch import fetch_chunk, fetch_seams
from webapp.collecting.job_delivery import deliver_jobs
from webapp.collecting.list_actions import give_up_list, is_list_due, list_actions
from webapp.collecting.plan import chunks_left
from webapp.collecting.refresh import refresh_after_job
from webapp.collecting.rules_steps import Fetch, ListActions, Signals, next_step
from webapp.context import Context
from webapp.database.transactions import DATABASE_FAILURES, reading, writing
from webapp.errors import LeaseLostError, sentence
from webapp.failpoints import Failpoint, hit
from webapp.inquiring import queries_inquiries
from webapp.inquiring.inquiries import PATIENCE
from webapp.jobs import queries_claims, queries_deliveries, queries_jobs, retry
from webapp.jobs.claims import Claim, Release
from webapp.jobs.lease import Heartbeat
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import Intent, JobState
from webapp.kernel.spans import Span
from webapp.logs import current_job
from webapp.sources.base import Answer, SourceError
from webapp.sources.registry import offer

log = logging.getLogger(__name__)


def run(context: Context, job_id: int, owner: str, is_draining: Callable[[], bool]) -> None:
    """Claim a job and work on it; does nothing when it is not there to be taken.

    :param owner: names the worker's process in the lease.
    :param is_draining: tells whether the worker has been asked to stop.
    """
    token = current_job.set(str(job_id))
    try:
        lease = dt.timedelta(seconds=context.rules.lease)
        with writing() as connection:
            claim = queries_claims.claim(connection, job_id, owner, context.now(), lease)
        if claim is None:
            log.info("not taken: another worker has it, it is over, or it is not time yet")
            return
        hit(Failpoint.CLAIMED)
        with Heartbeat(context, claim) as heartbeat:
            _Work(context, claim, heartbeat, is_draining).run()
        refresh_after_job(context, job_id)
    except LeaseLostError as lost:
        log.warning("%s", lost)
    finally:
        current_job.reset(token)


@dataclass(slots=True)
class _Work:
    """One claim's work on its job."""

    context: Context
    claim: Claim
    heartbeat: Heartbeat
    is_draining: Callable[[], bool]
    last_answer: Answer | None = None
    is_planned: bool = False
    """Whether the row says how many chunks there are; once a claim is enough."""
    is_list_done: bool = False
    """Whether the source was asked for its list of actions, or another job does it."""
    delivery_started: float = dataclasses.field(default_factory=time.monotonic)
    slice_started: float = dataclasses.field(default_factory=time.monotonic)

    def run(self) -> None:
        """Work until the job is over or must be released, and release it.

        :raises LeaseLostError: when another worker has taken over.
        """
        while (release := self._work_once()) is None:
            continue
        hit(Failpoint.FINISHING)
        with writing() as connection:
            queries_claims.release(connection, self.claim, release, self.context.now())
        hit(Failpoint.LEFT)
        log.info("released as %s", release.state)
        if release.state is JobState.PENDING and not self.is_draining():
            deliver_jobs(self.context, [self.claim.job_id])

    def _work_once(self) -> Release | None:
        """Collect until the job is to be released; None after an error that has been waited out meanwhile."""
        try:
            return self._collect()
        except LeaseLostError:
            raise
        except Exception as error:  # noqa: BLE001 -- logged, and said in the job's row
            return self._handle_error(error)

    def _collect(self) -> Release:
        """Plan, then do step after step; return how to release the job.

        :raises SourceError: when the source did not answer.
        :raises LeaseLostError: when another worker has taken over.
        """
        job, remaining = self._load_remaining()
        if not self.is_planned:
            with writing() as connection:
                queries_claims.record_plan(connection, self.claim, len(remaining))
            self.is_planned = True
            hit(Failpoint.PLANNED)
        while not isinstance(step := next_step(job, remaining, self._read_signals(job, remaining)), Release):
            if isinstance(step, Fetch):
                self._fetch_and_commit(step)
            else:
                self._list_actions(step)
            job, remaining = self._load_remaining()
        if step.state is JobState.SUCCEEDED:
            return retry.success(job, self.last_answer, self.context.now().timestamp(), describe_doubts(job))
        return step

    def _load_remaining(self) -> tuple[JobRow, list[Span]]:
        """Return the job as it stands, and the chunks that it still needs."""
        with reading() as connection:
            job = queries_jobs.get(connection, self.claim.job_id)
            if job is None:
                raise LeaseLostError(sentence("Job %(id)d was deleted.", id=self.claim.job_id))
            return job, chunks_left(connection, job, offer(job.source), self.context.now().timestamp())

    def _read_signals(self, job: JobRow, remaining: list[Span]) -> Signals:
        """Return what happens around the job; others that wait are asked for only where that can decide.

        A slice that is used begins anew, so that whether others are due is asked once a slice.
        """
        now = time.monotonic()
        signals = Signals(
            is_lease_lost=self.heartbeat.is_lost,
            is_draining=self.is_draining(),
            is_delivery_used=now - self.delivery_started > self.context.rules.time_limit / 2,
            has_fetched=self.last_answer is not None,
            is_list_due=not remaining and not self.is_list_done and is_list_due(self.context, job),
        )
        step = next_step(job, remaining, signals)
        if not (isinstance(step, Fetch) and signals.has_fetched):
            return signals
        is_slice_used = now - self.slice_started > self.context.rules.slice_seconds
        if is_slice_used:
            self.slice_started = now
        return dataclasses.replace(
            signals,
            inquiry_waits=self._inquiry_waits(),
            is_slice_used=is_slice_used,
            others_due=is_slice_used and self._others_due(),
        )

    def _inquiry_waits(self) -> bool:
        """Tell whether a question waits that an idle worker would have taken by now; its message goes before ours."""
        now = self.context.now()
        with reading() as connection:
            return queries_inquiries.is_waiting(connection, now - PATIENCE, now - dt.timedelta(seconds=1))

    def _others_due(self) -> bool:
        with reading() as connection:
            return queries_deliveries.others_due(connection, self.claim.job_id, self.context.now())

    def _fetch_and_commit(self, step: Fetch) -> None:
        """Do a chunk; nothing is committed when the job was interrupted meanwhile.

        :raises SourceError: when the source did not answer.
        :raises LeaseLostError: when another worker has taken over.
        """
        started = time.monotonic()
        answers = fetch_chunk(self.context, step, lambda: self.heartbeat.is_interrupted)
        if not answers:
            return
        answer, *repeated = answers
        seams = fetch_seams(self.context, step, answers, lambda: self.heartbeat.is_interrupted)
        seconds = time.monotonic() - started
        hit(Failpoint.FETCHED)
        doubts = find_doubts(step.job, step.span, answer)
        verified = (tuple(repeated), tuple(seams))
        chunk = commit.FetchedChunk(
            *(self.claim, step.job, step.span, answer, step.chunks_left, seconds, doubts, *verified)
        )
        with writing() as connection:
            rechecks = commit.commit(connection, chunk, self.context.now())
        hit(Failpoint.COMMITTED)
        if rechecks:
            deliver_jobs(self.context, rechecks)
        self.last_answer = answer

    def _list_actions(self, step: ListActions) -> None:
        """Ask for the list of actions; a source that does not give it keeps no job from succeeding.

        :raises SourceError: when the source did not answer and a retry can help.
        :raises LeaseLostError: when another worker has taken over.
        """
        try:
            list_actions(self.context, self.claim, step.job)
        except SourceError as error:
            if retry.decide(step.job, error, self.context.rules, 0.0).wait is not None:
                raise
            give_up_list(self.context, self.claim, step.job, error)
        self.is_list_done = True

    def _handle_error(self, error: Exception) -> Release | None:
        """Return how to release the job after an error; None when the wait was so short that the slot was kept."""
        if isinstance(error, DATABASE_FAILURES):
            log.error("the database failed", exc_info=error)
            return retry.database_failure(self.context.now())
        if not isinstance(error, SourceError):
            log.error("a defect of ours", exc_info=error)
            error = retry.defect(error)
        with reading() as connection:
            job = queries_jobs.get(connection, self.claim.job_id)
        if job is None or job.intent is Intent.CANCEL:
            return Release(JobState.CANCELLED)
        log.warning("%s: %s", error.kind, error)
        decision = retry.decide(job, error, self.context.rules, random.random())  # noqa: S311 -- jitter
        release = decision.to_release(self.context.now())
        if decision.wait is None or decision.wait > self.context.rules.short_wait:
            return release
        with writing() as connection:
            queries_claims.record_error(connection, self.claim, release, self.context.now())
        self.heartbeat.sleep(decision.wait)
        return None
