"""Which runs may be submitted now: none while its predecessor is at work, and of several that wait only the last."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from webapp.scheduling.queries_runs import RunRow
from webapp.scheduling.rules_timing import OverlapPolicy


@dataclass(frozen=True, slots=True)
class Decisions:
    """What becomes of runs that are due: ids, but for those that are ready."""

    ready: tuple[RunRow, ...]
    waiting: tuple[int, ...]
    skipped: tuple[int, ...]
    superseded: tuple[int, ...]


def decide(
    runs: Iterable[RunRow], policies: Mapping[int, OverlapPolicy], at_work: Collection[tuple[int, str]]
) -> Decisions:
    """Decide of runs, oldest first.

    :param policies: by the schedules' ids.
    :param at_work: schedules and exchanges of which a run is at work. A run of all instruments has none, and is in the
        way of every other one of its schedule. Who asks for a run by hand waits, and skips nothing.
    """
    groups: dict[tuple[int, str], list[RunRow]] = defaultdict(list)
    for run in runs:
        groups[run.schedule_id, run.exchange].append(run)
    newest = [group[-1] for group in groups.values()]
    superseded = [run.id for group in groups.values() for run in group[:-1]]
    blocked = [run for run in newest if _is_blocked(run, at_work)]
    skipped = [run.id for run in blocked if policies.get(run.schedule_id) is OverlapPolicy.SKIP and not run.is_by_hand]
    waiting = [run.id for run in blocked if run.id not in skipped]
    ready = [run for run in newest if run not in blocked]
    return Decisions(tuple(ready), tuple(waiting), tuple(skipped), tuple(superseded))


def _is_blocked(run: RunRow, at_work: Collection[tuple[int, str]]) -> bool:
    if run.exchange:
        return (run.schedule_id, run.exchange) in at_work or (run.schedule_id, "") in at_work
    return any(schedule_id == run.schedule_id for schedule_id, _ in at_work)


def in_slices(runs: Sequence[RunRow], size: int) -> list[Sequence[RunRow]]:
    """Return runs in parts of so many."""
    return [runs[first : first + size] for first in range(0, len(runs), size)]
