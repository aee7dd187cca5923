"""Fetching a chunk: again when its answer has blanks, and with stored bars when their basis may have changed."""

import logging
from collections.abc import Callable, Sequence

from webapp.collecting.rules_blanks import has_many_blanks, put_together
from webapp.collecting.rules_steps import Fetch
from webapp.context import Context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError
from webapp.gateways import saved
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.gateways import Gateway
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.spans import Span
from webapp.restating import restatement
from webapp.series import queries_coverage
from webapp.sources.base import Answer, ChunkRequest, SourceError
from webapp.sources.registry import capabilities_of

log = logging.getLogger(__name__)

TRIES_WHEN_IN_DOUBT = 3


def fetch_chunk(context: Context, step: Fetch, is_interrupted: Callable[[], bool]) -> list[Answer]:
    """Return a chunk's answer, then those to what had to be asked about bars that are stored already.

    :param is_interrupted: tells whether it is time to look at the job again before more is asked.
    :return: empty when the job was interrupted in between.
    :raises SourceError: when the source did not answer, or answered nonsense.
    """
    return _fetch_verified(context, step.job, step.span, is_interrupted)


def fetch_seams(
    context: Context, step: Fetch, answers: Sequence[Answer], is_interrupted: Callable[[], bool]
) -> list[tuple[Answer, ...]]:
    """Return stored bars around the splits that a series waits for, each with the answers that confirm it.

    They are asked for once an update, with its last chunk, unless its own ``answers`` have enough of them. What the
    source does not answer now, or once so and once so, is asked at the next update.
    """
    if step.chunks_left:
        return []
    with reading() as connection:
        spans = restatement.find_seam_spans(connection, step.job, answers, context.now())
    seams = []
    for span in spans:
        try:
            seams.append(tuple(_fetch_verified(context, step.job, span, is_interrupted)))
        except SourceError as err:
            log.warning("the bars before a split were not answered, they are asked for at the next update: %s", err)
    with reading() as connection:
        return [seam for seam in seams if seam and not restatement.is_contradiction(connection, step.job, seam)]


def _fetch_verified(
    context: Context, job: JobRow, first_span: Span, is_interrupted: Callable[[], bool]
) -> list[Answer]:
    """Return the answer for a span, then those to what had to be asked about bars that are stored already."""
    answers: list[Answer] = []
    span: Span | None = first_span
    while span:
        answer = _fetch(context, job, span, is_interrupted)
        if answer is None:
            return []
        answers.append(answer)
        with reading() as connection:
            span = restatement.next_verification_span(connection, job, first_span, answers, context.now())
        if span:
            log.info("asking for stored bars again: has the source changed its history?")
    return answers


def _fetch(context: Context, job: JobRow, span: Span, is_interrupted: Callable[[], bool]) -> Answer | None:
    """Ask for a span, up to three times when the answer has many blanks; a bar that any answer has is taken.

    When asking again is refused for its rate, the bars that came are enough, with their blanks: else a source that
    refuses every second request would be asked for ever. A blank or two are not worth a request: they are holes, which
    later looks ask for again (``kernel.plans.LOOK_DELAYS``), and so is what is looked at again here. None when the job
    was interrupted in between. Each answer is checked before anything believes it.

    :raises SourceError: when the source did not answer, or answered nonsense.
    """
    client = context.open_client(job.source)
    request = ChunkRequest(job.symbol, job.interval, span, job.options, _choose_gateway(context, job))
    answers: list[Answer] = []
    for _ in range(TRIES_WHEN_IN_DOUBT):
        try:
            answers.append(client.fetch(request).checked(request, context.now().timestamp()))
        except SourceError as err:
            if err.kind is not ErrorKind.RATE_LIMITED or not any(answer.bars for answer in answers):
                raise
            log.info("keeping an answer with blanks, since asking again was refused: %s", err)
            break
        if not has_many_blanks(answers[-1]) or _is_a_later_look(job, span):
            break
        if is_interrupted():
            return None
        log.info("asking again: %s rows without prices", answers[-1].blank_rows)
    return put_together(answers)


def _is_a_later_look(job: JobRow, span: Span) -> bool:
    """Tell whether the span was doubted before, so that it is asked again in hours and not at once."""
    with reading() as connection:
        return bool(queries_coverage.doubted(connection, job.series_id, span))


def _choose_gateway(context: Context, job: JobRow) -> Gateway | None:
    """Return the gateway that a job asks; None for a source that has none.

    :raises SourceError: when the one that the job names has been deleted.
    """
    if not capabilities_of(job.source).has_gateways:
        return None
    try:
        return saved.chosen(context, job.options)
    except InvalidRequestError as err:
        raise SourceError(ErrorKind.BAD_REQUEST, err.message) from err
