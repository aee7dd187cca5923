"""Where a run of a schedule stands, and how it ended."""

from enum import StrEnum


class RunState(StrEnum):
    """Where a run stands."""

    DUE = "due"
    """Its time has come; a clock submits it."""
    WAITING = "waiting"
    """It waits until its predecessor is over."""
    RUNNING = "running"
    """Its batch is at work."""
    SUCCEEDED = "succeeded"
    PARTLY = "partly"
    """Some of its jobs succeeded, some did not."""
    FAILED = "failed"
    """None of its jobs succeeded."""
    UP_TO_DATE = "up_to_date"
    """Nothing was missing, so nothing was asked."""
    REFUSED = "refused"
    """It could not be submitted; its reason says why."""
    MISSED = "missed"
    """Everything was off when it was due, and a later run has caught up."""
    SKIPPED = "skipped"
    """Its predecessor was still at work, or a later run took its place."""


OPEN = frozenset({RunState.DUE, RunState.WAITING})
"""Runs that are still to be submitted."""


def ended_as(succeeded: int, others: int) -> RunState:
    """Return how a run ended whose jobs are over: so many succeeded, so many did not."""
    if not others:
        return RunState.SUCCEEDED
    return RunState.PARTLY if succeeded else RunState.FAILED
