"""In what a source's list of all actions and what is stored disagree, and when its days are to be asked for that.

A list is not complete, so that what it lacks says little by itself; that it lacks what it had before, or a split, which
no adjusted close shows, does. The days decide, but they may err as well: as long as both disagree, the days are looked
at again, at growing distances.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from webapp.kernel.adjusted_closes import ActionList
from webapp.kernel.bars import SPLIT
from webapp.kernel.intervals import DAY
from webapp.kernel.plans import LOOK_DELAYS
from webapp.kernel.spans import Span
from webapp.restating.rules_quarters import TOLERANCE, QuarterFactors, is_same_value
from webapp.series.queries_action_findings import FindingRow
from webapp.series.queries_action_looks import Looks
from webapp.series.queries_actions import RecordedAction
from webapp.sources.base import Answer


@dataclass(frozen=True, slots=True)
class Doubt:
    """A disagreement: its ``key``, the dates to ask (at 00:00 UTC), and the numbers that were ``compared``.

    Other numbers are another disagreement. ``since`` is when days showed it first (epoch seconds), where they did.
    """

    key: str
    span: Span
    compared: tuple[float, ...] = ()
    since: float | None = None
    is_of_action: bool = False
    """Whether it is about a single action, on the first day of the span."""


def find_action_doubts(recorded: Iterable[RecordedAction], listed: ActionList, now: dt.datetime) -> Iterator[Doubt]:
    """Yield what is doubtful of single actions.

    =====================================================  =====================================================
    An action on record                                    is in doubt when the list
    =====================================================  =====================================================
    that counts                                            has it with another value
    that was withdrawn or is no longer told                has it
    that counts                                            lacks it and had it before, or lacks a split of its time
    that is no longer told, without a word why it stays    says whatever it says, when it was noticed on another day
    =====================================================  =====================================================
    """
    values = {(action.kind, action.time): action.value for action in listed.actions}
    since = listed.quarters[0].last.time if listed.quarters else None
    for record in recorded:
        value = values.get((record.action.kind, record.action.time))
        compared = _compare(record, since) if value is None else _compare_value(record, value)
        if compared is None and _is_undecided(record, now):
            compared = ()
        if compared is not None:
            day = record.action.time
            yield Doubt(f"{record.action.kind} {day}", Span(day, day + DAY), compared, is_of_action=True)


def find_finding_doubts(findings: Iterable[FindingRow]) -> list[Doubt]:
    """Return the days whose adjusted closes and actions did not agree when they were answered."""
    return [
        Doubt(f"finding {f.span.end}", Span(f.span.start, f.span.end + DAY), (f.size,), f.found_at.timestamp())
        for f in findings
    ]


def find_quarter_doubts(quarters: Iterable[QuarterFactors]) -> list[Doubt]:
    """Return the quarters whose payouts do not agree."""
    return [Doubt(quarter.key, quarter.span, tuple(quarter.compared)) for quarter in quarters]


def is_due(doubt: Doubt, looks: Looks, now: dt.datetime) -> bool:
    """Tell whether the days of a doubt are to be asked: at once, and then after 6 hours, 1, 2, and each 4 days."""
    looked_at, count = _read_look(doubt, looks)
    return count == 0 or now.timestamp() >= looked_at + LOOK_DELAYS[min(count, len(LOOK_DELAYS)) - 1]


def note_looks(doubts: Iterable[Doubt], before: Looks, answered: Span | None, now: dt.datetime) -> Looks:
    """Return how often and when what is still in doubt was looked at, once the days of a span were asked.

    A look that was not due does not count, so that the next one is due when it was.
    """
    looks = {}
    for doubt in doubts:
        looked_at, count = _read_look(doubt, before)
        is_asked = answered is not None and answered.start <= doubt.span.start < answered.end
        if is_asked and is_due(doubt, before, now):
            looked_at, count = now.timestamp(), count + 1
        if count:
            looks[doubt.key] = [looked_at, float(count), *doubt.compared]
    return looks


def _read_look(doubt: Doubt, looks: Mapping[str, Sequence[float]]) -> tuple[float, int]:
    """Return when a doubt was looked at last, and how often; what was compared then must be the same."""
    looked_at, count, *compared = looks.get(doubt.key, (0.0, 0.0))
    is_same = len(compared) == len(doubt.compared) and all(
        abs(now - then) <= TOLERANCE * abs(then) for now, then in zip(doubt.compared, compared, strict=True)
    )
    if is_same and count:
        return looked_at, int(count)
    return doubt.since or 0.0, int(doubt.since is not None)


def find_undecided_days(days: Iterable[int], answers: Sequence[Answer]) -> set[int]:
    """Return the ex-dates in doubt of which no answer says anything: it was empty, or their row came blank.

    Nothing is decided of them, so that they stay in doubt.
    """
    if not any(answer.bars for answer in answers):
        return set(days)
    return {day for day in days if all(_is_blank(day, answer) for answer in answers)}


def _is_blank(day: int, answer: Answer) -> bool:
    return any(hole.start <= day < hole.end for hole in answer.holes)


def _compare(record: RecordedAction, since: int | None) -> tuple[float, ...] | None:
    """Return what is compared of an action that a list lacks; None when that says nothing.

    :param since: the first day of what a list tells of.
    """
    if record.withdrawn_at is not None:
        return None
    is_of_its_time = since is not None and record.action.time >= since
    is_missed = record.listed_at is not None or (record.action.kind == SPLIT and is_of_its_time)
    return (record.action.value, float(record.no_longer_told_at is not None)) if is_missed else None


def _compare_value(record: RecordedAction, value: float) -> tuple[float, ...] | None:
    """Return what is compared of an action that a list has; None when both agree."""
    if record.no_longer_told_at is not None:
        return (0.0, value)
    return None if is_same_value(record.action.value, value) else (record.action.value, value)


def _is_undecided(record: RecordedAction, now: dt.datetime) -> bool:
    if record.no_longer_told_at is None or record.withdrawn_at is not None or record.reason is not None:
        return False
    return record.no_longer_told_at.astimezone(dt.UTC).date() < now.astimezone(dt.UTC).date()
