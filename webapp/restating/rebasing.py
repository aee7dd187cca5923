"""Carrying out what a chunk shows of its source's history, in its transaction and before its bars are written."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from sqlalchemy import Connection

from webapp.errors import Sentence, sentence
from webapp.flagging import queries_flags
from webapp.jobs import queries_events
from webapp.jobs.claims import Claim
from webapp.kernel.bars import SPLIT, Action, Bar
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.restatement_kinds import Kind
from webapp.reading.adjusting import zone_of
from webapp.restating import queries_restatements
from webapp.restating.queries_restatements import NewRestatement
from webapp.restating.restatement import comparison, missing_splits, stored_beside
from webapp.restating.rules_restatement import Basis, Comparison, differences, exact, judge, pairs
from webapp.series import queries_rebasing
from webapp.series.queries_series import SeriesRow
from webapp.series.rules_split_basis import Moved, ToldAction, factor
from webapp.sources.base import Answer, SourceError
from webapp.sources.registry import offer

_CHANGING_OVER = 120.0
"""Seconds to leave a source alone that contradicts itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What answers show of the stored bars: divide by ``ratio`` (1.0: nothing is to be done), because of ``splits``."""

    basis: Basis
    ratio: float
    is_volume_too: bool
    splits: tuple[Action, ...]
    shared: int


@dataclass(frozen=True, slots=True)
class Change:
    """One claim's change of one series, now."""

    connection: Connection
    claim: Claim
    row: SeriesRow
    now: dt.datetime

    def write_down(self, new: NewRestatement) -> None:
        """Keep a restatement, and say it in the job's log."""
        queries_restatements.add(self.connection, new, self.now)
        queries_events.append_event(self.connection, self.claim, "restated", self.now, new.message)


def restate(change: Change, answers: Sequence[Answer]) -> None:
    """Re-base what is stored when the source has moved to another basis, and keep what else came otherwise.

    :param answers: the chunk's first, then those that were asked for to be sure.
    :raises SourceError: when the source contradicts itself, or one answer alone speaks of another basis.
    """
    connection, row = change.connection, change.row
    seen = [comparison(connection, row, answer.bars) for answer in answers]
    found = _finding(connection, row, answers[0], seen)
    old = stored_beside(connection, row, answers[0].bars)
    _rebase_payouts(change, answers[0], found)
    if found.ratio != 1.0:
        _rebase_bars(change, found)
    _keep_differences(change, answers[0], old, found)


def _finding(connection: Connection, row: SeriesRow, answer: Answer, seen: Sequence[Comparison]) -> Finding:
    basis, ratio = judge(one.ratio for one in seen)
    if basis in (Basis.UNCONFIRMED, Basis.CONTRADICTED):
        raise SourceError(ErrorKind.UNAVAILABLE, _contradiction(row), retry_after=_CHANGING_OVER)
    splits = tuple(missing_splits(connection, row, answer.actions))
    whole = prod(split.value for split in splits)
    if basis is Basis.UNPROVEN and splits and answer.bars:
        return Finding(basis, whole, is_volume_too=True, splits=splits, shared=0)
    if basis is not Basis.MOVED:
        return Finding(basis, 1.0, is_volume_too=False, splits=(), shared=0)
    told = [action for action in answer.actions if action.kind == SPLIT]
    ratio = exact(ratio, [whole, *(split.value for split in told)])
    named = splits if whole == ratio else tuple(split for split in told if split.value == ratio)[-1:]
    is_volume_too = next(one.is_volume_too for one in seen if one.ratio is not None)
    return Finding(basis, ratio, is_volume_too, named, len({time for one in seen for time in one.shared}))


def _rebase_bars(change: Change, found: Finding) -> None:
    row = change.row
    rows = queries_rebasing.rebase_bars(change.connection, row.id, found.ratio, is_volume_too=found.is_volume_too)
    queries_flags.rebase(change.connection, row.id, found.ratio, is_volume_too=found.is_volume_too)
    new = NewRestatement(
        series_id=row.id,
        job_id=change.claim.job_id,
        kind=Kind.REBASED,
        start=row.first_bar,
        end=row.last_bar,
        bars=rows,
        message=_rebased(found, rows),
        ratio=found.ratio,
        split=found.splits[-1].time if found.splits else None,
    )
    change.write_down(new)


def _rebase_payouts(change: Change, answer: Answer, found: Finding) -> None:
    """Bring payouts that were told before a split to its basis; those of the answer are on it already."""
    row, connection = change.row, change.connection
    known = {(one.action.kind, one.action.time) for one in queries_rebasing.told(connection, row.instrument_id)}
    now_told = {(action.kind, action.time) for action in answer.actions}
    fresh = tuple(a for a in answer.actions if a.kind == SPLIT and a.value > 0 and (a.kind, a.time) not in known)
    is_proven = found.basis is not Basis.UNPROVEN
    moved = Moved(found.ratio if is_proven else None, row.updated_at if is_proven else None, fresh)
    zone = zone_of(row)

    def by(one: ToldAction) -> float:
        return 1.0 if (one.action.kind, one.action.time) in now_told else factor(one, moved, zone)

    changed = queries_rebasing.rebase_payouts(connection, row.instrument_id, by, change.now)
    if changed:
        message = sentence(
            "%(payouts)d payouts that were told before a split now count in new shares.", payouts=changed
        )
        change.write_down(NewRestatement(row.id, change.claim.job_id, Kind.PAYOUTS, None, None, 0, message))


def _keep_differences(change: Change, answer: Answer, old: Sequence[Bar], found: Finding) -> None:
    several = differences(pairs(old, answer.bars), found.ratio, is_volume_too=found.is_volume_too)
    if not several:
        return
    kind = Kind.PRICES if any(one.is_price for one in several) else Kind.VOLUMES
    new = NewRestatement(
        series_id=change.row.id,
        job_id=change.claim.job_id,
        kind=kind,
        start=several[0].time,
        end=several[-1].time,
        bars=len(several),
        message=_corrected(kind, len(several), several[0].time),
        differences=several,
    )
    change.write_down(new)


def _contradiction(row: SeriesRow) -> Sentence:
    return sentence(
        "%(source)s contradicts itself about the prices of %(symbol)s: one answer is on another basis than the next, "
        "as around a split. Nothing was changed.",
        source=offer(row.source).label,
        symbol=row.symbol,
    )


def _rebased(found: Finding, rows: int) -> Sentence:
    ratio = f"{found.ratio:.9g}"
    if not found.splits:
        return sentence(
            "%(bars)d stored bars were divided by %(ratio)s: the prices of %(shared)d bars that were asked for twice "
            "differ by this factor, as after a split.",
            bars=rows,
            ratio=ratio,
            shared=found.shared,
        )
    last = found.splits[-1]
    day = dt.datetime.fromtimestamp(last.time, dt.UTC).strftime("%Y-%m-%d")
    if found.basis is Basis.UNPROVEN:
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
        shared=found.shared,
    )


def _corrected(kind: Kind, bars: int, first: int) -> Sentence:
    day = dt.datetime.fromtimestamp(first, dt.UTC).strftime("%Y-%m-%d %H:%M")
    if kind is Kind.VOLUMES:
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
