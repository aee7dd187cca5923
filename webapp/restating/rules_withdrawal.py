"""When an action that a source no longer tells is withdrawn (docs/data.md#actions).

Only an answer of days that was asked with all events can be silent about an action of one of its days. Silence alone
is a reason to look again on another day; what the source's own prices say decides at once.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from webapp.errors import Sentence, sentence
from webapp.kernel.adjusted_closes import AdjustedClose
from webapp.kernel.bars import SPLIT, Action
from webapp.restating.rules_payout_steps import TOLERANCE, list_steps
from webapp.series.queries_actions import RecordedAction
from webapp.series.rules_split_basis import Rebasing

_CLEAR = 3 * TOLERANCE
STILL_CONTAINED: Sentence = sentence("The source's own adjusted prices still contain it.")
SECOND_SILENCE: Sentence = sentence("The source did not tell it when it was asked again on another day.")
CONTRADICTED: Sentence = sentence("The source's own prices no longer contain it.")


class PriceVerdict(StrEnum):
    """What a source's prices say of an action that it no longer tells."""

    NOTHING = "nothing"
    CONTAINED = "contained"
    CONTRADICTED = "contradicted"


class NextMove(StrEnum):
    """What follows for an action that was left out by an answer over its day."""

    NOTE = "note"
    KEEP = "keep"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class UntoldAction:
    """An action that an answer over its day left out, and what the answer's prices say of it."""

    record: RecordedAction
    verdict: PriceVerdict

    @property
    def key(self) -> tuple[str, int]:
        """Its kind and ex-date."""
        return self.record.action.kind, self.record.action.time


def find_untold(
    recorded: Iterable[RecordedAction],
    delivered: Iterable[Action],
    closes: Sequence[AdjustedClose],
    undone: Collection[Action] = (),
) -> list[UntoldAction]:
    """Return the actions on record that an answer of days should have told and did not.

    :param closes: the days of the answer.
    :param undone: splits that the answer's prices no longer contain.
    """
    days = {close.time for close in closes}
    keys = {(action.kind, action.time) for action in delivered}
    active = [record for record in recorded if record.withdrawn_at is None]
    silent = [r for r in active if r.action.time in days and (r.action.kind, r.action.time) not in keys]
    if not silent:
        return []
    verdicts = _weigh_payouts([record.action for record in active], {record.action for record in silent}, closes)
    verdicts |= dict.fromkeys(undone, PriceVerdict.CONTRADICTED)
    return [UntoldAction(record, verdicts.get(record.action, PriceVerdict.NOTHING)) for record in silent]


def _weigh_payouts(
    actions: Iterable[Action], silent: Collection[Action], closes: Sequence[AdjustedClose]
) -> dict[Action, PriceVerdict]:
    """Return what prices say of payouts, by whether they fit with or without those that are not told."""
    verdicts: dict[Action, PriceVerdict] = {}
    for step in list_steps(closes, actions):
        untold = [payout for payout in step.payouts if payout in silent]
        with_it = step.remainder(step.payouts)
        without = step.remainder(payout for payout in step.payouts if payout not in silent)
        if not untold or abs(with_it / without - 1) < _CLEAR:
            continue
        if step.agrees(without):
            verdicts |= dict.fromkeys(untold, PriceVerdict.CONTRADICTED)
        elif step.agrees(with_it):
            verdicts |= dict.fromkeys(untold, PriceVerdict.CONTAINED)
    return verdicts


def decide_move(untold: UntoldAction, now: dt.datetime) -> tuple[NextMove, Sentence | None]:
    """Return what follows, and why.

    ==============================================  ========
    When                                            Then
    ==============================================  ========
    the source's prices contradict it               withdraw
    they contain it, or last did                    keep
    it was left out on another day (UTC) before     withdraw
    none of these                                   note
    ==============================================  ========
    """
    if untold.verdict is PriceVerdict.CONTRADICTED:
        return NextMove.WITHDRAW, CONTRADICTED
    if untold.verdict is PriceVerdict.CONTAINED or untold.record.reason == STILL_CONTAINED:
        return NextMove.KEEP, STILL_CONTAINED
    since = untold.record.no_longer_told_at
    if since is not None and since.astimezone(dt.UTC).date() < now.astimezone(dt.UTC).date():
        return NextMove.WITHDRAW, SECOND_SILENCE
    return NextMove.NOTE, None


def is_undone(split: Action, ratio: float) -> bool:
    """Tell whether prices that moved by ``ratio`` (stored over delivered) moved back by just this split."""
    return split.kind == SPLIT and ratio != 1.0 and abs(ratio * split.value - 1) <= 10 * TOLERANCE


def find_undone(recorded: Iterable[RecordedAction], done: Iterable[Rebasing]) -> tuple[Action, ...]:
    """Return the splits that a re-basing without a split of its own has undone since they were told."""
    unexplained = [rebasing for rebasing in done if rebasing.split is None]
    return tuple(
        record.action
        for record in recorded
        for rebasing in unexplained
        if is_undone(record.action, rebasing.ratio) and record.told_at is not None and record.told_at <= rebasing.at
    )
