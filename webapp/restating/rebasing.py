"""Carrying out what a chunk shows of its source's history, in its transaction and before its bars are written."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import Connection

from webapp.errors import Sentence, sentence
from webapp.flagging import queries_flags
from webapp.jobs import queries_events
from webapp.jobs.claims import Claim
from webapp.kernel.bars import SPLIT, Action, Bar
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.kernel.spans import EVER, Span
from webapp.reading.adjusting import zone_of
from webapp.restating import queries_restatements
from webapp.restating.queries_restatements import NewRestatement
from webapp.restating.restatement import EvidencePart, split_evidence
from webapp.restating.rules_assessment import Accept, Rebase
from webapp.restating.rules_basis import Difference, differences
from webapp.restating.rules_seams import Move, Segment
from webapp.restating.rules_withdrawal import PriceVerdict, find_untold, is_undone
from webapp.series import queries_actions, queries_bars, queries_rebasing, queries_split_waits
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
    """What became of a chunk: the ``bars`` to write now, ascending, and how stored ones were ``moves``-d before.

    ``undone`` are the splits that prices moved back by. ``unmoved`` are the ex-dates of splits that the source, as bars
    that came again show, has not moved its history for: it is late, or they have never been.
    """

    bars: Sequence[Bar]
    moves: tuple[Move, ...] = ()
    undone: tuple[Action, ...] = ()
    unmoved: frozenset[int] = frozenset()


def restate(context: RebaseContext, answers: Sequence[Answer]) -> Restated:
    """Re-base what is stored when the source has moved to another basis, and keep what else came otherwise.

    :param answers: the chunk's first, then those that were asked for to be sure.
    :raises SourceError: when the source contradicts itself, or one answer alone speaks of another basis.
    """
    parts = split_evidence(context.connection, context.row, answers)
    decisions = [_decide(context, part) for part in parts]
    shared = [part.evidence.shared if part.evidence else [] for part in parts]  # as it stands, before it is divided
    unmoved = [_find_unmoved(context, part, decision) for part, decision in zip(parts, decisions, strict=True)]
    undone = [_find_undone(context, decision) for decision in decisions]
    moves = []
    for part, decision, pairs, taken_back in zip(parts, decisions, shared, undone, strict=True):
        _rebase_payouts(context, part, decision, taken_back)
        if isinstance(decision, Rebase):
            moves.append(_rebase_bars(context, part.segment, decision))
            changed = differences(pairs, decision.ratio, is_volume_too=decision.is_volume_too)
        else:
            changed = differences(pairs, 1.0, is_volume_too=False)
        _keep_differences(context, changed)
    bars = decisions[0].bars if len(decisions) == 1 else [bar for decision in decisions for bar in decision.bars]
    return Restated(bars, tuple(moves), tuple(chain(*undone)), frozenset().union(*unmoved))


def _decide(context: RebaseContext, part: EvidencePart) -> Accept | Rebase:
    """Return what to do about a segment.

    :raises SourceError: when the source contradicts itself about it.
    """
    decision = part.decide()
    if not isinstance(decision, Accept | Rebase):
        raise SourceError(ErrorKind.UNAVAILABLE, _contradiction_message(context.row), retry_after=_CHANGING_OVER)
    return decision


def _find_undone(context: RebaseContext, decision: Accept | Rebase) -> tuple[Action, ...]:
    """Return the stored splits that prices moved back by, as bars in common show."""
    if not isinstance(decision, Rebase) or not decision.is_proven or decision.splits:
        return ()
    stored = queries_actions.read(context.connection, context.row.instrument_id)
    return tuple(action for action in stored if is_undone(action, decision.ratio))


def _find_unmoved(context: RebaseContext, part: EvidencePart, decision: Accept | Rebase) -> frozenset[int]:
    if part.evidence is None or not isinstance(decision, Accept) or not decision.is_proven:
        return frozenset()
    zone = zone_of(context.row)
    return frozenset(split.time for split in part.evidence.missing_splits if came_to_pass(split, zone) <= context.now)


def _rebase_bars(context: RebaseContext, segment: Segment, decision: Rebase) -> Move:
    split = decision.splits[-1].time if decision.splits else None
    move = Move(segment, decision.ratio, split, decision.is_volume_too, decision.is_proven)
    move_bars(context, context.row, move, lambda rows: _rebasing_message(decision, rows))
    return move


def move_bars(context: RebaseContext, row: SeriesRow, move: Move, describe: Callable[[int], Sentence]) -> None:
    """Divide a segment of a series' bars and flags, and write that down.

    :param describe: from the number of bars to what is said of it.
    """
    span, connection = move.segment.bars, context.connection
    first = queries_bars.first_times(connection, row.id, span.start, 1)
    last = queries_bars.last_times(connection, row.id, span.end, 1)
    rows = queries_rebasing.rebase_bars(connection, row.id, move.ratio, is_volume_too=move.is_volume_too, span=span)
    queries_flags.rebase(connection, row.id, move.ratio, is_volume_too=move.is_volume_too, span=span)
    new = NewRestatement(
        series_id=row.id,
        job_id=context.claim.job_id,
        kind=RestatementKind.REBASED,
        start=first[0] if first else None,
        end=last[0] if last else None,
        bars=rows,
        message=describe(rows),
        ratio=move.ratio,
        split=move.split,
    )
    context.write_down(new)


def _rebase_payouts(
    context: RebaseContext, part: EvidencePart, decision: Accept | Rebase, undone: Sequence[Action]
) -> None:
    """Bring payouts that were told before a split to its basis; those of the answer are on it already.

    What the answer no longer tells stays as it was told, and so does what was paid after a split that is no more.
    """
    answer, days = part.answers[0], part.segment.days
    row, connection = context.row, context.connection
    entries = queries_rebasing.read_actions(connection, row.instrument_id)
    stored = {(entry.action.kind, entry.action.time) for entry in entries}
    fresh = tuple(a for a in answer.actions if a.kind == SPLIT and a.value > 0 and (a.kind, a.time) not in stored)
    ratio = decision.ratio if isinstance(decision, Rebase) else 1.0
    is_whole = days.end == EVER.end
    waited = None if is_whole else queries_split_waits.last_written(connection, row.instrument_id, days.end)
    since = waited or row.updated_at
    moved = BasisMove(ratio, since, fresh) if decision.is_proven else BasisMove(None, None, fresh)
    rebase_payouts(context, moved, _find_fixed(context, answer, undone), days)


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


def rebase_payouts(
    context: RebaseContext, moved: BasisMove, delivered: Collection[tuple[str, int]], days: Span = EVER
) -> None:
    """Bring payouts to the basis that something new of it shows, and write that down.

    :param delivered: kind and ex-date of the payouts that stand on it already.
    :param days: the ex-dates (labels) of the payouts that it concerns.
    """
    row, connection, zone = context.row, context.connection, zone_of(context.row)

    def divisor(payout: StoredAction) -> float:
        action = payout.action
        is_elsewhere = not days.start <= action.time < days.end
        return 1.0 if is_elsewhere or (action.kind, action.time) in delivered else factor(payout, moved, zone)

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
