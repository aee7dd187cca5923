"""Which splits stored values do not know yet: those that came to pass after they were written."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from zoneinfo import ZoneInfo

from webapp.kernel.bars import SPLIT, Action
from webapp.kernel.closing import local_instant
from webapp.kernel.intervals import DAY

_SAME_FACTOR = 1e-2


@dataclass(frozen=True, slots=True)
class Rebasing:
    """A re-basing that was done: when, by what ratio, and the ex-date (label) of its split where that was known."""

    at: dt.datetime
    ratio: float
    split: int | None


@dataclass(frozen=True, slots=True)
class StoredAction:
    """An action as stored, and when a source last told it (or we last re-based it)."""

    action: Action
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class BasisMove:
    """What a commit learned of the basis.

    ``ratio`` is that of the source's move since ``since``, the last time before it that bars were written; 1.0 when
    bars in common showed that there was none, None when nothing showed anything. ``splits`` are new to us.
    """

    ratio: float | None
    since: dt.datetime | None
    splits: tuple[Action, ...]


def came_to_pass(action: Action, zone: ZoneInfo) -> dt.datetime:
    """Return the moment from which an action holds: the beginning of its ex-date at the exchange."""
    return dt.datetime.fromtimestamp(local_instant(action.time, 0, zone), dt.UTC)


def pending(
    actions: Iterable[Action], written: dt.datetime | None, done: Iterable[Rebasing], zone: ZoneInfo
) -> list[Action]:
    """Return the splits that bars last written at ``written`` do not contain, unless they were re-based since.

    Those that are only announced are among them: some sources change over in the evening before.
    """
    if written is None:
        return []
    later = [
        action
        for action in actions
        if action.kind == SPLIT and action.value > 0 and came_to_pass(action, zone) > written
    ]
    return [split for split in later if not any(_is_of(rebased, split, zone) for rebased in done)]


def factor(stored: StoredAction, moved: BasisMove, zone: ZoneInfo) -> float:
    """Return by what a stored payout must be divided to stand on the basis of today.

    What bars in common showed decides for all that was told before they were last written; for the rest, a split that
    is new to us and came to pass after the payout was told.
    """
    if moved.ratio is not None and moved.since is not None and stored.at <= moved.since:
        return moved.ratio
    return prod(split.value for split in moved.splits if _is_missing(stored, split, moved, zone))


def _is_missing(stored: StoredAction, split: Action, moved: BasisMove, zone: ZoneInfo) -> bool:
    moment = came_to_pass(split, zone)
    is_late = moved.ratio == 1.0 and moved.since is not None and moved.since < moment
    return stored.action.time < split.time and stored.at < moment and not is_late


def _is_of(done: Rebasing, split: Action, zone: ZoneInfo) -> bool:
    """Tell whether a re-basing was that of the split: some sources change over in the evening before."""
    if done.split is not None:
        return done.split == split.time
    early = came_to_pass(split, zone) - dt.timedelta(seconds=DAY)
    return done.at >= early and abs(done.ratio / split.value - 1) <= _SAME_FACTOR
