"""Working on a job: chunk by chunk, each committed in one transaction, until it is over, must wait, or had its turn."""

import dataclasses
import datetime as dt
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from webapp.collecting import commit, queries_inquiries
from webapp.collecting.inquiries import PATIENCE
from webapp.collecting.plan import chunks_left
from webapp.collecting.refresh import refresh_after_job
from webapp.collecting.submit import deliver
from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import InvalidRequestError, LeaseLostError, sentence
from webapp.failpoints import Failpoint, reach
from webapp.gateways import saved
from webapp.jobs import queries_jobs, queries_moves, retry
from webapp.jobs.lease import Pulse
from webapp.jobs.queries_jobs import JobRow
from webapp.jobs.queries_moves import Claim, Leaving
from webapp.kernel.bars import Bar
from webapp.kernel.gateways import GATEWAY_SOURCE, Gateway
from webapp.kernel.job_states import ErrorKind, Intent, JobState
from webapp.kernel.spans import Span
from webapp.logs import current_job
from webapp.restating import restatement
from webapp.sources.base import Answer, ChunkRequest, SourceError
from webapp.sources.registry import offer

log = logging.getLogger(__name__)

TRIES_WHEN_IN_DOUBT = 3
SHORT_WAIT = 3.0
"""Seconds for which a worker keeps its slot rather than hand the job back."""


def run(context: Context, job_id: int, owner: str, is_draining: Callable[[], bool]) -> None:
    """Claim a job and work on it; does nothing when it is not there to be taken.

    :param owner: names the worker's process in the lease.
    :param is_draining: tells whether the worker has been asked to stop.
    """
    token = current_job.set(str(job_id))
    try:
        lease = dt.timedelta(seconds=context.rules.lease)
        with writing() as connection:
            claim = queries_moves.claim(connection, job_id, owner, context.now(), lease)
        if claim is None:
            log.info("not taken: another worker has it, it is over, or it is not time yet")
            return
        reach(Failpoint.CLAIMED)
        with Pulse(context, claim) as pulse:
            _Work(context, claim, pulse, is_draining).go()
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
    pulse: Pulse
    is_draining: Callable[[], bool]
    note: Answer | None = None
    delivered: float = dataclasses.field(default_factory=time.monotonic)
    began: float = dataclasses.field(default_factory=time.monotonic)
    is_planned: bool = False

    def go(self) -> None:
        """Work until the job is over or must be let go.

        :raises LeaseLostError: when another worker has taken over.
        """
        while (end := self._step()) is None:
            continue
        reach(Failpoint.FINISHING)
        with writing() as connection:
            queries_moves.leave(connection, self.claim, end, self.context.now())
        reach(Failpoint.LEFT)
        log.info("left as %s", end.state)
        if end.state is JobState.PENDING and not self.is_draining():
            deliver(self.context, [self.claim.job_id])

    def _step(self) -> Leaving | None:
        """Do one chunk; return how to leave the job, or None to go on."""
        try:
            job, left = self._left()
            end = self._wish(job)
            if end is None and not left:
                end = retry.finished(job, self.note, self.context.now().timestamp())
            if end is None and self._turn_is_over(job):
                end = Leaving(JobState.PENDING)
            if end is None:
                self._collect(job, left)
        except SourceError as error:
            return self._after(error)
        except SQLAlchemyError:
            log.exception("the database failed")
            return retry.database_failed(self.context.now())
        except LeaseLostError:
            raise
        except Exception as error:
            log.exception("a defect of ours")
            return self._after(retry.defect(error))
        return end

    def _left(self) -> tuple[JobRow, list[Span]]:
        with reading() as connection:
            job = queries_jobs.get(connection, self.claim.job_id)
            if job is None:
                raise LeaseLostError(sentence("Job %(id)d was deleted.", id=self.claim.job_id))
            left = chunks_left(connection, job, offer(job.source), self.context.now().timestamp())
        if not self.is_planned:
            with writing() as connection:
                queries_moves.plan_left(connection, self.claim, len(left))
            self.is_planned = True
            reach(Failpoint.PLANNED)
        return job, left

    def _wish(self, job: JobRow) -> Leaving | None:
        """Return how to leave the job when a person wants it to end or to rest.

        :raises LeaseLostError: when another worker may have it.
        """
        if self.pulse.is_lost:
            raise LeaseLostError(sentence("The lease of job %(id)d has run out.", id=job.id))
        wanted = job.intent if job.intent is not Intent.RUN else self.pulse.intent
        ends = {Intent.CANCEL: Leaving(JobState.CANCELLED), Intent.PAUSE: Leaving(JobState.PAUSED)}
        return ends.get(wanted)

    def _turn_is_over(self, job: JobRow) -> bool:
        """Tell whether to put the job back into the queue.

        The worker stops, a page waits for the answer to a question, or other jobs have waited long enough.
        """
        if self.is_draining() or time.monotonic() - self.delivered > self.context.rules.time_limit / 2:
            return True
        if self.note is None:
            return False
        if self._somebody_asks():
            return True
        if time.monotonic() - self.began <= self.context.rules.slice_seconds:
            return False
        self.began = time.monotonic()
        with reading() as connection:
            return queries_jobs.others_due(connection, job.id, self.context.now())

    def _somebody_asks(self) -> bool:
        """Tell whether a question waits that an idle worker would have taken by now; its message goes before ours."""
        now = self.context.now()
        with reading() as connection:
            return queries_inquiries.is_waiting(connection, now - PATIENCE, now - dt.timedelta(seconds=1))

    def _collect(self, job: JobRow, left: list[Span]) -> None:
        """Fetch the next chunk and commit it.

        :raises SourceError: when the source did not answer.
        :raises LeaseLostError: when another worker has taken over.
        """
        started = time.monotonic()
        answers = self._answers(job, left[0])
        if not answers:
            return
        answer, *more = answers
        seconds = time.monotonic() - started
        reach(Failpoint.FETCHED)
        with writing() as connection:
            done = commit.Done(self.claim, job, left[0], answer, len(left) - 1, seconds, tuple(more))
            self.pulse.intent = commit.commit(connection, done, self.context.now())
        reach(Failpoint.COMMITTED)
        self.note = answer

    def _answers(self, job: JobRow, span: Span) -> list[Answer]:
        """Return a chunk's answer, then those to what had to be asked about bars that are stored already.

        Empty when the job was interrupted in between.
        """
        answers: list[Answer] = []
        question: Span | None = span
        while question:
            answer = self._fetch(job, question)
            if answer is None:
                return []
            answers.append(answer)
            with reading() as connection:
                question = restatement.next_question(connection, job, span, answers, self.context.now())
            if question:
                log.info("asking for stored bars again: has the source changed its history?")
        return answers

    def _fetch(self, job: JobRow, span: Span) -> Answer | None:
        """Ask for a chunk, up to three times when the answer has blanks; a bar that any answer has is taken.

        None when the job was interrupted in between.
        """
        client = self.context.open_client(job.source)
        request = ChunkRequest(job.symbol, job.interval, span, job.options, self._gateway(job))
        bars: dict[int, Bar] = {}
        for _ in range(TRIES_WHEN_IN_DOUBT):
            answer = client.fetch(request)
            bars.update((bar[0], bar) for bar in answer.bars)
            if not answer.doubts:
                break
            if self.pulse.is_lost or self.pulse.intent is not Intent.RUN:
                return None
            log.info("asking again: %s rows without prices", answer.doubts)
        return dataclasses.replace(answer, bars=[bars[start] for start in sorted(bars)])

    def _gateway(self, job: JobRow) -> Gateway | None:
        """Return the gateway that a job asks; None for a source that has none.

        :raises SourceError: when the one that the job names has been deleted.
        """
        if job.source != GATEWAY_SOURCE:
            return None
        try:
            return saved.chosen(self.context, job.options)
        except InvalidRequestError as err:
            raise SourceError(ErrorKind.BAD_REQUEST, err.message) from err

    def _after(self, error: SourceError) -> Leaving | None:
        """Return how to leave the job after an error; None when the wait is so short that the slot is kept."""
        with reading() as connection:
            job = queries_jobs.get(connection, self.claim.job_id)
        if job is None or job.intent is Intent.CANCEL:
            return Leaving(JobState.CANCELLED)
        log.warning("%s: %s", error.kind, error)
        verdict = retry.after_error(job, error, self.context.rules, random.random())  # noqa: S311 -- jitter
        if verdict.wait is None or verdict.wait > SHORT_WAIT:
            return verdict.leaving(self.context.now())
        with writing() as connection:
            queries_moves.note_error(connection, self.claim, verdict.leaving(self.context.now()), self.context.now())
        self.pulse.sleep(verdict.wait)
        return None
