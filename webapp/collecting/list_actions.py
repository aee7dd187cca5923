"""Asking a source for its list of all actions of an instrument: once a day, by the first job of it that fetched bars.

The days that the list puts in doubt are asked, too (``restating.action_lists``); all is committed together.
"""

import logging
from typing import cast

from webapp.collecting.job_delivery import deliver_jobs
from webapp.collecting.rechecks import insert_rechecks_of
from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.jobs import queries_claims, queries_events
from webapp.jobs.claims import Claim
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.adjusted_closes import ActionList
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.spans import Span
from webapp.restating.action_lists import compare_list, horizon_of, take_list
from webapp.restating.rebasing import RebaseContext
from webapp.series import queries_action_looks, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import ActionListClient, Answer, ChunkRequest, Client, SeriesQuery, SourceError
from webapp.sources.registry import capabilities_of, offer
from webapp.sources.rules_answers import find_actions_fault

log = logging.getLogger(__name__)


def is_list_due(context: Context, job: JobRow) -> bool:
    """Tell whether a job that has fetched something is to ask for the list, as far as can be told before it claims."""
    if not job.progress.done or not capabilities_of(job.source).has_action_list:
        return False
    with reading() as connection:
        return queries_action_looks.is_due(connection, job.source, job.symbol, context.now())


def list_actions(context: Context, claim: Claim, job: JobRow) -> None:
    """Ask for the list and for the days that it puts in doubt, and write down what they tell.

    Does nothing when another job does it.

    :raises SourceError: when the source did not answer, or answered nonsense.
    :raises LeaseLostError: when another worker has taken over.
    """
    now = context.now()
    with writing() as connection:
        row = _require_row(queries_series.get(connection, job.series_id), job)
        if not queries_action_looks.claim(connection, row.instrument_id, job.id, now):
            return
    client = context.open_client(job.source)
    listed = _check(cast("ActionListClient", client).list_actions(job.symbol))
    with reading() as connection:
        span = compare_list(connection, row, listed, now).span_to_ask(horizon_of(row, now))
    answers = _ask_days(context, client, row, span) if span else []
    with writing() as connection:
        queries_claims.record_answer(connection, claim, context.now())
        queries_series.lock_for_write(connection, row.id)
        mixed = take_list(RebaseContext(connection, claim, row, context.now()), listed, answers)
        rechecks = insert_rechecks_of(connection, mixed, context.now())
    if rechecks:
        deliver_jobs(context, rechecks)


def give_up_list(context: Context, claim: Claim, job: JobRow, error: SourceError) -> None:
    """Leave the list for tomorrow, since the source did not answer; the job's bars are all there, and its log says it.

    :raises LeaseLostError: when another worker has taken over.
    """
    log.warning("without a list of all actions: %s", error)
    with writing() as connection:
        queries_claims.record_answer(connection, claim, context.now())
        row = _require_row(queries_series.get(connection, job.series_id), job)
        queries_action_looks.give_up(connection, row.instrument_id, context.now())
        queries_events.append_event(connection, claim, "unlisted", context.now(), error.message)


def _require_row(row: SeriesRow | None, job: JobRow) -> SeriesRow:
    if row is None:
        raise LookupError(f"series {job.series_id}")
    return row


def _check(listed: ActionList) -> ActionList:
    fault = find_actions_fault(listed.actions)
    if fault is not None:
        raise SourceError(ErrorKind.NONSENSE, fault)
    return listed


def _ask_days(context: Context, client: Client, row: SeriesRow, span: Span) -> list[Answer]:
    """Ask for the days of a span, with all that happened on them."""
    log.info("asking for days that the list of all actions puts in doubt")
    now = context.now().timestamp()
    serving, query = offer(row.source), SeriesQuery(row.symbol, Interval.D1, {}, row.facts)
    servable, _ = serving.split_servable(query, span, now)
    requests = [ChunkRequest(row.symbol, Interval.D1, chunk) for chunk in serving.cut(query, servable)]
    return [client.fetch(request).checked(request, now) for request in requests]
