"""Which single actions a source's list of all puts in doubt, so that their days must be asked.

A list is not complete, so that what it lacks says nothing by itself; that it lacks what it had before does.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from webapp.kernel.adjusted_closes import ActionList
from webapp.kernel.bars import SPLIT
from webapp.restating.rules_quarters import is_same_value
from webapp.series.queries_action_looks import ActionLookRow
from webapp.series.queries_actions import RecordedAction
from webapp.sources.base import Answer


def find_days_in_doubt(
    recorded: Iterable[RecordedAction], listed: ActionList, look: ActionLookRow, now: dt.datetime
) -> Iterator[int]:
    """Yield the ex-dates of actions in doubt.

    =====================================================  =====================================================
    An action on record that                               is in doubt when
    =====================================================  =====================================================
    the list has with another value                        its days have not decided of these two values
    was withdrawn or is no longer told, and the list has   the last list had it not
    the list lacks                                         the last list had it, or it is a split and the first
                                                           list of all, since no prices show a split
    is no longer told, without a word why it stays         it was noticed on another day (UTC)
    =====================================================  =====================================================

    :param look: what was answered before.
    """
    values = {(action.kind, action.time): action.value for action in listed.actions}
    since = listed.quarters[0].last.time if listed.quarters else None
    for record in recorded:
        value = values.get((record.action.kind, record.action.time))
        if value is None:
            is_doubtful = record.withdrawn_at is None and _is_missed(record, since, is_first=look.listed_at is None)
        else:
            is_old_news = record.no_longer_told_at is None or record.listed_at is not None
            is_doubtful = not is_old_news or _differs(record, value, look)
        if is_doubtful or _is_undecided(record, now):
            yield record.action.time


def find_settled_values(recorded: Iterable[RecordedAction], listed: ActionList) -> dict[str, list[float]]:
    """Return the values in which record and list differ once the days were asked, to be kept with the quarters."""
    values = {(action.kind, action.time): action.value for action in listed.actions}
    return {
        _key(record): [record.action.value, value]
        for record in recorded
        if (value := values.get((record.action.kind, record.action.time))) is not None
        and not is_same_value(record.action.value, value)
    }


def find_undecided_days(days: Iterable[int], answers: Sequence[Answer]) -> set[int]:
    """Return the ex-dates in doubt of which no answer says anything: it was empty, or their row came blank.

    Nothing is decided of them, so that they stay in doubt.
    """
    if not has_decided(answers):
        return set(days)
    return {day for day in days if all(_is_blank(day, answer) for answer in answers)}


def has_decided(answers: Sequence[Answer]) -> bool:
    """Tell whether the days that were asked were answered: an empty answer decides nothing."""
    return any(answer.bars for answer in answers)


def _is_blank(day: int, answer: Answer) -> bool:
    return any(hole.start <= day < hole.end for hole in answer.holes)


def _differs(record: RecordedAction, value: float, look: ActionLookRow) -> bool:
    if is_same_value(record.action.value, value):
        return False
    before = look.settled.get(_key(record))
    pairs = zip(before or (), (record.action.value, value), strict=False)
    return before is None or not all(is_same_value(now, then) for then, now in pairs)


def _key(record: RecordedAction) -> str:
    return f"{record.action.kind} {record.action.time}"


def _is_missed(record: RecordedAction, since: int | None, *, is_first: bool) -> bool:
    """Tell whether a list should have had an action that it lacks; one reaches from its first quarter on."""
    if record.listed_at is not None:
        return True
    return is_first and record.action.kind == SPLIT and since is not None and record.action.time >= since


def _is_undecided(record: RecordedAction, now: dt.datetime) -> bool:
    if record.no_longer_told_at is None or record.withdrawn_at is not None or record.reason is not None:
        return False
    return record.no_longer_told_at.astimezone(dt.UTC).date() < now.astimezone(dt.UTC).date()
