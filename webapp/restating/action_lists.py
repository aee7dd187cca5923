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
from webapp.restating.list_bases import find_price_doubts, find_spans_of_bars, mend_bases
from webapp.restating.rebasing import RebaseContext, rebase_payouts
from webapp.restating.rules_list_doubts import (
    Doubt,
    find_action_doubts,
    find_finding_doubts,
    find_quarter_doubts,
    find_undecided_days,
    is_due,
    note_looks,
)
from webapp.restating.rules_quarters import QuarterFactors, compare_quarters, find_doubtful, find_remainders
from webapp.restating.rules_withdrawal import find_undone
from webapp.restating.waiting import close_ended_waits
from webapp.series import queries_action_findings, queries_action_looks, queries_actions, queries_rebasing
from webapp.series.queries_action_looks import Looks
from webapp.series.queries_series import SeriesRow
from webapp.series.rules_split_basis import BasisMove
from webapp.sources.base import Answer
from webapp.sources.rules_answers import find_horizon

_NOISE = 1e-7  # adjusted closes are rounded
_NEW = "new "
"""Begins the key of a doubt about an action new to us, before its ex-date."""
_DAYS_BEFORE = 7 * DAY
"""So much more is asked before a day in doubt: what was paid on it shows beside the close before."""


@dataclass(frozen=True, slots=True)
class ListComparison:
    """A list beside what is stored of the instrument: the actions that are lacking, and what the days must decide."""

    lacking: tuple[Action, ...]
    doubts: tuple[Doubt, ...]
    due: tuple[Doubt, ...]
    """Those of the doubts whose days are to be asked now."""

    def span_to_ask(self, horizon: int) -> Span | None:
        """Return the dates to ask at once, None without any doubt; nothing beyond the horizon can be answered."""
        if not self.due:
            return None
        start, end = min(doubt.span.start for doubt in self.due), max(doubt.span.end for doubt in self.due)
        return Span(start - _DAYS_BEFORE, min(end, horizon)) or None


def compare_list(connection: Connection, row: SeriesRow, listed: ActionList, now: dt.datetime) -> ListComparison:
    """Return what a list says beside what is stored."""
    recorded = queries_actions.read_record(connection, row.instrument_id)
    looks = queries_action_looks.read(connection, row.instrument_id).looks
    stored = {(record.action.kind, record.action.time) for record in recorded}
    lacking = tuple(action for action in listed.actions if (action.kind, action.time) not in stored)
    ours = [*(record.action for record in recorded if record.withdrawn_at is None), *lacking]
    factors = compare_quarters(listed.quarters, convert_payouts(connection, row, ours), horizon_of(row, now))
    new = _find_new_doubts(connection, row, listed, lacking, looks)
    doubts = (*_find_doubts(connection, row, listed, factors, now), *new)
    horizon = horizon_of(row, now)  # the day of what is only announced cannot be answered
    due = (doubt for doubt in doubts if doubt.span.start < horizon and is_due(doubt, looks, now))
    return ListComparison(lacking, doubts, tuple(due))


def _find_doubts(
    connection: Connection, row: SeriesRow, listed: ActionList, factors: Sequence[QuarterFactors], now: dt.datetime
) -> list[Doubt]:
    """Return in what a list and what is stored disagree."""
    return [
        *find_action_doubts(queries_actions.read_record(connection, row.instrument_id), listed, now),
        *find_finding_doubts(queries_action_findings.of_instrument(connection, row.instrument_id)),
        *find_quarter_doubts(find_doubtful(factors)),
        *find_price_doubts(connection, row, listed.quarters, horizon_of(row, now)),
    ]


def _find_new_doubts(
    connection: Connection, row: SeriesRow, listed: ActionList, lacking: Iterable[Action], looks: Looks
) -> list[Doubt]:
    """Return what actions new to us give reason to ask, and what those did whose days were not answered.

    One may explain what none explained before. A split between stored bars may have moved those before it, by which
    the prices of its quarter need not lie elsewhere than before.
    """
    findings = queries_action_findings.of_instrument(connection, row.instrument_id)
    explained = {
        a.time for a in lacking if any(finding.span.start < a.time <= finding.span.end for finding in findings)
    }
    spans = find_spans_of_bars(connection, row)
    moved = {a.time for a in lacking if a.kind == SPLIT and any(span.start < a.time < span.end for span in spans)}
    days = explained | moved | {int(key.removeprefix(_NEW)) for key in looks if key.startswith(_NEW)}
    starts = [quarter.last.time for quarter in listed.quarters]
    return [
        Doubt(f"{_NEW}{day}", Span(max((start for start in starts if start <= day), default=day), day + DAY))
        for day in sorted(days)
    ]


def horizon_of(row: SeriesRow, now: dt.datetime) -> int:
    """Return the end of the exchange's day."""
    return find_horizon(Interval.D1, row.facts, now.timestamp())


def take_list(
    context: RebaseContext, listed: ActionList, answers: Sequence[Answer]
) -> tuple[tuple[SeriesRow, Span], ...]:
    """Write down what a list tells that is lacking, and what the days told that were asked because of it.

    :param answers: those of the days in doubt.
    :return: the bars whose source must be asked again, since they hold days of two bases.
    """
    connection, row, now = context.connection, context.row, context.now
    comparison = compare_list(connection, row, listed, now)
    events = [action for answer in answers for action in answer.actions]
    _rebase_older_payouts(context, comparison.lacking, events)
    queries_actions.upsert(connection, row.instrument_id, comparison.lacking, context.claim.job_id, now)
    recorded = queries_actions.read_record(connection, row.instrument_id)
    splits = [*(record.action for record in recorded), *events]
    mended = mend_bases(context, answers, listed.quarters, splits, horizon_of(row, now))
    undone = (*mended.undone, *find_undone(recorded, queries_rebasing.rebasings(connection, row.id)))
    for answer in answers:
        ActionRecorder(context).record(answer, undone)
    close_ended_waits(context)
    undecided = _find_undecided(comparison, answers)
    queries_actions.mark_listed(connection, row.instrument_id, listed.actions, now, undecided)
    factors = _compare_again(context, listed)
    _keep_remainders(context, factors)
    span = comparison.span_to_ask(horizon_of(row, now)) if answers else None
    before = queries_action_looks.read(connection, row.instrument_id).looks
    doubts = _find_remaining_doubts(context, listed, comparison, answers, factors)
    queries_action_looks.finish(connection, row.instrument_id, note_looks(doubts, before, span, now), now)
    if comparison.lacking:
        message = sentence(
            "The source's list of all dividends and splits has %(actions)d that were not known yet.",
            actions=len(comparison.lacking),
        )
        queries_events.append_event(connection, context.claim, "actions", now, message)
    return mended.mixed


def _find_remaining_doubts(
    context: RebaseContext,
    listed: ActionList,
    comparison: ListComparison,
    answers: Sequence[Answer],
    factors: Sequence[QuarterFactors],
) -> Sequence[Doubt]:
    """Return in what both disagree still, once what list and days tell is taken."""
    if not answers and not comparison.lacking:
        return comparison.doubts
    doubts = _find_doubts(context.connection, context.row, listed, factors, context.now)
    if any(answer.bars for answer in answers):
        return doubts
    return [*doubts, *(doubt for doubt in comparison.doubts if doubt.key.startswith(_NEW))]


def _find_undecided(comparison: ListComparison, answers: Sequence[Answer]) -> set[int]:
    """Return the ex-dates of single actions in doubt of which no answer says anything, now or before."""
    days = {doubt: doubt.span.start for doubt in comparison.doubts if doubt.is_of_action}
    waiting = {day for doubt, day in days.items() if doubt not in comparison.due}
    return waiting | find_undecided_days([days[doubt] for doubt in comparison.due if doubt in days], answers)


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
