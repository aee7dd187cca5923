"""A source's list of all actions of an instrument: which days it gives reason to ask, and what is taken of it.

Actions belong to the instrument, not to the span of its bars: a split after the last bar, and a dividend that was told
late, count for what is stored. A list adds what is lacking and takes nothing away; where it and its adjusted closes
do not agree with what is stored, the days of those quarters are asked, and their answers decide.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.errors import sentence
from webapp.jobs import queries_events
from webapp.kernel.adjusted_closes import ActionList
from webapp.kernel.bars import SPLIT, Action
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span
from webapp.reading.payouts import convert_payouts
from webapp.restating.action_record import ActionRecorder
from webapp.restating.rebasing import RebaseContext, rebase_payouts
from webapp.restating.rules_list_doubts import (
    find_days_in_doubt,
    find_settled_values,
    find_undecided_days,
    has_decided,
)
from webapp.restating.rules_quarters import (
    QuarterFactors,
    compare_quarters,
    find_doubtful,
    find_remainders,
)
from webapp.restating.rules_withdrawal import find_undone
from webapp.restating.waiting import close_ended_waits
from webapp.series import queries_action_findings, queries_action_looks, queries_actions, queries_rebasing
from webapp.series.queries_series import SeriesRow
from webapp.series.rules_split_basis import BasisMove
from webapp.sources.base import Answer
from webapp.sources.rules_answers import find_horizon

_NOISE = 1e-7  # adjusted closes are rounded
_DAYS_BEFORE = 7 * DAY
"""So much more is asked before a day in doubt: what was paid on it shows beside the close before."""


@dataclass(frozen=True, slots=True)
class ListComparison:
    """A list beside what is stored of the instrument: the actions that are lacking, and what the days must decide."""

    lacking: tuple[Action, ...]
    doubtful: tuple[QuarterFactors, ...]
    days: tuple[int, ...]
    """Ex-dates of single actions in doubt."""

    def span_to_ask(self, horizon: int) -> Span | None:
        """Return the dates to ask at once, None without any doubt; nothing beyond the horizon can be answered."""
        spans = [*(quarter.span for quarter in self.doubtful), *(Span(day, day + DAY) for day in self.days)]
        if not spans:
            return None
        span = Span(min(span.start for span in spans) - _DAYS_BEFORE, min(max(span.end for span in spans), horizon))
        return span or None


def compare_list(connection: Connection, row: SeriesRow, listed: ActionList, now: dt.datetime) -> ListComparison:
    """Return what a list says beside what is stored."""
    recorded = queries_actions.read_record(connection, row.instrument_id)
    look = queries_action_looks.read(connection, row.instrument_id)
    stored = {(record.action.kind, record.action.time) for record in recorded}
    lacking = tuple(action for action in listed.actions if (action.kind, action.time) not in stored)
    ours = [*(record.action for record in recorded if record.withdrawn_at is None), *lacking]
    factors = compare_quarters(listed.quarters, convert_payouts(connection, row, ours), horizon_of(row, now))
    days = [*find_days_in_doubt(recorded, listed, look, now), *_find_explained(connection, row, lacking)]
    return ListComparison(lacking, tuple(find_doubtful(factors, look.settled)), tuple(days))


def _find_explained(connection: Connection, row: SeriesRow, lacking: Iterable[Action]) -> list[int]:
    """Return the ex-dates of actions new to us that may explain what none explained before; their days tell."""
    findings = queries_action_findings.of_instrument(connection, row.instrument_id)
    return [a.time for a in lacking if any(finding.span.start < a.time <= finding.span.end for finding in findings)]


def horizon_of(row: SeriesRow, now: dt.datetime) -> int:
    """Return the end of the exchange's day."""
    return find_horizon(Interval.D1, row.facts, now.timestamp())


def take_list(context: RebaseContext, listed: ActionList, answers: Sequence[Answer]) -> None:
    """Write down what a list tells that is lacking, and what the days told that were asked because of it.

    :param answers: those of the days in doubt.
    """
    connection, row, now = context.connection, context.row, context.now
    comparison = compare_list(connection, row, listed, now)
    _rebase_older_payouts(context, comparison.lacking, [action for answer in answers for action in answer.actions])
    queries_actions.upsert(connection, row.instrument_id, comparison.lacking, context.claim.job_id, now)
    recorded = queries_actions.read_record(connection, row.instrument_id)
    undone = find_undone(recorded, queries_rebasing.rebasings(connection, row.id))
    for answer in answers:
        ActionRecorder(context).record(answer, undone)
    close_ended_waits(context)
    undecided = find_undecided_days(comparison.days, answers)
    queries_actions.mark_listed(connection, row.instrument_id, listed.actions, now, undecided)
    factors = _compare_again(context, listed)
    _keep_remainders(context, factors)
    before = queries_action_looks.read(connection, row.instrument_id).settled
    values = find_settled_values(queries_actions.read_record(connection, row.instrument_id), listed)
    differing = {quarter.key: quarter.compared for quarter in find_doubtful(factors, {})} | values
    settled = differing if has_decided(answers) else {key: before[key] for key in differing if key in before}
    queries_action_looks.finish(connection, row.instrument_id, settled, now)
    if comparison.lacking:
        message = sentence(
            "The source's list of all dividends and splits has %(actions)d that were not known yet.",
            actions=len(comparison.lacking),
        )
        queries_events.append_event(connection, context.claim, "actions", now, message)


def _rebase_older_payouts(context: RebaseContext, lacking: Iterable[Action], of_days: Iterable[Action]) -> None:
    """Bring payouts that were told before a split that is new to us to its basis."""
    fresh = tuple(action for action in lacking if action.kind == SPLIT)
    if fresh:
        rebase_payouts(context, BasisMove(None, None, fresh), {(action.kind, action.time) for action in of_days})


def _compare_again(context: RebaseContext, listed: ActionList) -> list[QuarterFactors]:
    """Return the factors of all quarters, now that what list and days tell is taken."""
    connection, row = context.connection, context.row
    ours = convert_payouts(connection, row, queries_actions.read(connection, row.instrument_id))
    return compare_quarters(listed.quarters, ours, horizon_of(row, context.now))


def _keep_remainders(context: RebaseContext, factors: Sequence[QuarterFactors]) -> None:
    """Write down what part of a price each payout leaves, for bars that end before it."""
    connection, instrument_id = context.connection, context.row.instrument_id
    recorded = queries_actions.read_record(connection, instrument_id)
    remainders = {(record.action.kind, record.action.time): record.remainder for record in recorded}
    for key, remainder in find_remainders(factors).items():
        before = remainders[key]
        if before is None or abs(remainder - before) > _NOISE:
            queries_actions.write_remainder(connection, instrument_id, key, remainder)
