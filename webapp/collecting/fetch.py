"""Fetching a chunk: again when its answer has blanks, and with stored bars when their basis may have changed."""

import dataclasses
import logging
from collections.abc import Callable

from webapp.collecting.rules_steps import Fetch
from webapp.context import Context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError
from webapp.gateways import saved
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.bars import Bar
from webapp.kernel.gateways import GATEWAY_SOURCE, Gateway
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.spans import Span
from webapp.restating import restatement
from webapp.sources.base import Answer, ChunkRequest, SourceError

log = logging.getLogger(__name__)

TRIES_WHEN_IN_DOUBT = 3


def fetch_chunk(context: Context, step: Fetch, is_interrupted: Callable[[], bool]) -> list[Answer]:
    """Return a chunk's answer, then those to what had to be asked about bars that are stored already.

    :param is_interrupted: tells whether it is time to look at the job again before more is asked.
    :return: empty when the job was interrupted in between.
    :raises SourceError: when the source did not answer, or answered nonsense.
    """
    answers: list[Answer] = []
    span: Span | None = step.span
    while span:
        answer = _fetch(context, step.job, span, is_interrupted)
        if answer is None:
            return []
        answers.append(answer)
        with reading() as connection:
            span = restatement.next_verification_span(connection, step.job, step.span, answers, context.now())
        if span:
            log.info("asking for stored bars again: has the source changed its history?")
    return answers


def _fetch(context: Context, job: JobRow, span: Span, is_interrupted: Callable[[], bool]) -> Answer | None:
    """Ask for a span, up to three times when the answer has blanks; a bar that any answer has is taken.

    None when the job was interrupted in between. Each answer is checked before anything believes it.

    :raises SourceError: when the source did not answer, or answered nonsense.
    """
    client = context.open_client(job.source)
    request = ChunkRequest(job.symbol, job.interval, span, job.options, _choose_gateway(context, job))
    bars: dict[int, Bar] = {}
    for _ in range(TRIES_WHEN_IN_DOUBT):
        answer = client.fetch(request).checked(request, context.now().timestamp())
        bars.update((bar[0], bar) for bar in answer.bars)
        if not answer.blank_rows:
            break
        if is_interrupted():
            return None
        log.info("asking again: %s rows without prices", answer.blank_rows)
    return dataclasses.replace(answer, bars=[bars[start] for start in sorted(bars)])


def _choose_gateway(context: Context, job: JobRow) -> Gateway | None:
    """Return the gateway that a job asks; None for a source that has none.

    :raises SourceError: when the one that the job names has been deleted.
    """
    if job.source != GATEWAY_SOURCE:
        return None
    try:
        return saved.chosen(context, job.options)
    except InvalidRequestError as err:
        raise SourceError(ErrorKind.BAD_REQUEST, err.message) from err
