"""Carrying out what a chunk shows of its source's history, in its transaction and before its bars are written."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.errors import Sentence, sentence
from webapp.flagging import queries_flags
from webapp.jobs import queries_events
from webapp.jobs.claims import Claim
from webapp.kernel.bars import SPLIT, Action, Bar
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.kernel.spans import EVER
from webapp.reading.adjusting import zone_of
from webapp.restating import queries_restatements
from webapp.restating.queries_restatements import NewRestatement
from webapp.restating.restatement import StoredSeries
from webapp.restating.rules_assessment import Accept, Evidence, Rebase, assess
from webapp.restating.rules_basis import Difference, differences
from webapp.restating.rules_withdrawal import PriceVerdict, find_untold, is_undone
from webapp.series import queries_actions, queries_rebasing
from webapp.series.queries_series import SeriesRow
from webapp.series.rules_split_basis import BasisMove, StoredAction, came_to_pass, factor
from webapp.sources.base import Answer, SourceError
from webapp.sources.registry import offer

_CHANGING_OVER = 120.0
"""Seconds to leave a source alone that contradicts itself."""


@dataclass(frozen=True, slots=True)
class RebaseContext:
    """One claim's change of one series, now."""

    connection: Connection
    claim: Claim
    row: SeriesRow
    now: dt.datetime

    def write_down(self, new: NewRestatement) -> None:
        """Keep a restatement, and say it in the job's log."""
        queries_restatements.add(self.connection, new, self.now)
        queries_events.append_event(self.connection, self.claim, "restated", self.now, new.message)


@dataclass(frozen=True, slots=True)
class Restated:
    """What came of answers: the bars to write now, ascending, and the splits that their prices do not contain."""

    bars: Sequence[Bar]
    undone: tuple[Action, ...]


def restate(context: RebaseContext, answers: Sequence[Answer]) -> Restated:
    """Re-base what is stored when the source has moved to another basis, and keep what else came otherwise.

    :param answers: the chunk's first, then those that were asked for to be sure.
    :raises SourceError: when the source contradicts itself, or one answer alone speaks of another basis.
    """
    evidence = Evidence(context.row, StoredSeries(context.connection, context.row), tuple(answers))
    decision = assess(evidence)
    if not isinstance(decision, Accept | Rebase):
        raise SourceError(ErrorKind.UNAVAILABLE, _contradiction_message(context.row), retry_after=_CHANGING_OVER)
    undone = _find_undone(context, evidence, decision)
    shared = evidence.shared  # as it stands now, before anything is divided
    _rebase_payouts(context, answers[0], decision, undone)
    if isinstance(decision, Rebase):
        _rebase_bars(context, decision)
        changed = differences(shared, decision.ratio, is_volume_too=decision.is_volume_too)
    else:
        changed = differences(shared, 1.0, is_volume_too=False)
    _keep_differences(context, changed)
    return Restated(decision.bars, undone)


def _find_undone(context: RebaseContext, evidence: Evidence, decision: Accept | Rebase) -> tuple[Action, ...]:
    """Return the stored splits that bars in common show to have never been, or to be no more.

    The prices moved back by just that split, or they did not move although bars of before it came again.
    """
    if not decision.is_proven:
        return ()
    if isinstance(decision, Accept):
        now = context.now
        return tuple(split for split in evidence.missing_splits if came_to_pass(split, zone_of(context.row)) <= now)
    if decision.splits:
        return ()
    stored = queries_actions.read(context.connection, context.row.instrument_id)
    return tuple(action for action in stored if is_undone(action, decision.ratio))


def _rebase_bars(context: RebaseContext, decision: Rebase) -> None:
    row = context.row
    rows = queries_rebasing.rebase_bars(
        context.connection, row.id, decision.ratio, is_volume_too=decision.is_volume_too
    )
    queries_flags.rebase(context.connection, row.id, decision.ratio, is_volume_too=decision.is_volume_too)
    new = NewRestatement(
        series_id=row.id,
        job_id=context.claim.job_id,
        kind=RestatementKind.REBASED,
        start=row.first_bar,
        end=row.last_bar,
        bars=rows,
        message=_rebasing_message(decision, rows),
        ratio=decision.ratio,
        split=decision.splits[-1].time if decision.splits else None,
    )
    context.write_down(new)


def _rebase_payouts(
    context: RebaseContext, answer: Answer, decision: Accept | Rebase, undone: Sequence[Action]
) -> None:
    """Bring payouts that were told before a split to its basis; those of the answer are on it already.

    What the answer no longer tells stays as it was told, and so does what was paid after a split that is no more.
    """
    row, connection = context.row, context.connection
    entries = queries_rebasing.read_actions(connection, row.instrument_id)
    stored = {(entry.action.kind, entry.action.time) for entry in entries}
    fresh = tuple(a for a in answer.actions if a.kind == SPLIT and a.value > 0 and (a.kind, a.time) not in stored)
    ratio = decision.ratio if isinstance(decision, Rebase) else 1.0
    moved = BasisMove(ratio, row.updated_at, fresh) if decision.is_proven else BasisMove(None, None, fresh)
    rebase_payouts(context, moved, _find_fixed(context, answer, undone))


def _find_fixed(context: RebaseContext, answer: Answer, undone: Sequence[Action]) -> set[tuple[str, int]]:
    """Return kind and ex-date of the actions that no re-basing concerns."""
    fixed = {(action.kind, action.time) for action in answer.actions}
    if answer.adjusted_closes or undone:
        recorded = queries_actions.read_record(context.connection, context.row.instrument_id)
        untold = find_untold(recorded, answer.actions, answer.adjusted_closes)
        fixed |= {action.key for action in untold if action.verdict is not PriceVerdict.CONTAINED}
        since = min((split.time for split in undone), default=EVER.end)
        fixed |= {(record.action.kind, record.action.time) for record in recorded if record.action.time >= since}
    return fixed


def rebase_payouts(context: RebaseContext, moved: BasisMove, delivered: Collection[tuple[str, int]]) -> None:
    """Bring payouts to the basis that something new of it shows, and write that down.

    :param delivered: kind and ex-date of the payouts that stand on it already.
    """
    row, connection, zone = context.row, context.connection, zone_of(context.row)

    def divisor(payout: StoredAction) -> float:
        return 1.0 if (payout.action.kind, payout.action.time) in delivered else factor(payout, moved, zone)

    changed = queries_rebasing.rebase_payouts(connection, row.instrument_id, divisor, context.now)
    if changed:
        message = sentence(
            "%(payouts)d payouts that were told before a split now count in new shares.", payouts=changed
        )
        context.write_down(
            NewRestatement(row.id, context.claim.job_id, RestatementKind.PAYOUTS, None, None, 0, message)
        )


def _keep_differences(context: RebaseContext, changed: Sequence[Difference]) -> None:
    if not changed:
        return
    kind = RestatementKind.PRICES if any(difference.is_price for difference in changed) else RestatementKind.VOLUMES
    new = NewRestatement(
        series_id=context.row.id,
        job_id=context.claim.job_id,
        kind=kind,
        start=changed[0].time,
        end=changed[-1].time,
        bars=len(changed),
        message=_correction_message(kind, len(changed), changed[0].time),
        differences=changed,
    )
    context.write_down(new)


def _contradiction_message(row: SeriesRow) -> Sentence:
    return sentence(
        "%(source)s contradicts itself about the prices of %(symbol)s: one answer is on another basis than the next, "
        "as around a split. Nothing was changed.",
        source=offer(row.source).label,
        symbol=row.symbol,
    )


def _rebasing_message(decision: Rebase, rows: int) -> Sentence:
    ratio = f"{decision.ratio:.9g}"
    if not decision.splits:
        return sentence(
            "%(bars)d stored bars were divided by %(ratio)s: the prices of %(shared)d bars that were asked for twice "
            "differ by this factor, as after a split.",
            bars=rows,
            ratio=ratio,
            shared=decision.shared,
        )
    last = decision.splits[-1]
    day = dt.datetime.fromtimestamp(last.time, dt.UTC).strftime("%Y-%m-%d")
    if not decision.is_proven:
        return sentence(
            "%(bars)d stored bars were divided by %(ratio)s for the split of %(day)s (%(new)s for 1); the source has "
            "none of them any more that could show it.",
            bars=rows,
            ratio=ratio,
            day=day,
            new=f"{last.value:.9g}",
        )
    return sentence(
        "%(bars)d stored bars were divided by %(ratio)s for the split of %(day)s (%(new)s for 1), as %(shared)d bars "
        "that were asked for twice show.",
        bars=rows,
        ratio=ratio,
        day=day,
        new=f"{last.value:.9g}",
        shared=decision.shared,
    )


def _correction_message(kind: RestatementKind, bars: int, first: int) -> Sentence:
    day = dt.datetime.fromtimestamp(first, dt.UTC).strftime("%Y-%m-%d %H:%M")
    if kind is RestatementKind.VOLUMES:
        return sentence(
            "%(bars)d stored bars since %(first)s (UTC) came with another volume; the new one was taken.",
            bars=bars,
            first=day,
        )
    return sentence(
        "%(bars)d stored bars since %(first)s (UTC) came with other prices; the new ones were taken, and both are kept "
        "on record.",
        bars=bars,
        first=day,
    )
