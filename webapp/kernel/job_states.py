"""Jobs as values: their states, the legal moves between them, kinds of errors and what follows from each."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class JobState(StrEnum):
    """Where a job stands (docs/jobs.md#states)."""

    PENDING = "pending"
    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Intent(StrEnum):
    """What a person wants of a running job; the worker obeys at the next chunk."""

    RUN = "run"
    PAUSE = "pause"
    CANCEL = "cancel"


class Priority(IntEnum):
    """Order in the queue; Redis serves the smallest number first."""

    HIGH = 0
    NORMAL = 3
    LOW = 6


class ErrorKind(StrEnum):
    """Why a job failed or waits; the kind decides what is done about it."""

    UNKNOWN_SYMBOL = "unknown_symbol"
    NO_PERMISSION = "no_permission"
    BAD_REQUEST = "bad_request"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    GATEWAY_DOWN = "gateway_down"
    NONSENSE = "nonsense"
    CRASHED = "crashed"


LEGAL_MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.PENDING: frozenset({JobState.RUNNING, JobState.PAUSED, JobState.CANCELLED}),
    JobState.WAITING: frozenset({JobState.RUNNING, JobState.PENDING, JobState.PAUSED, JobState.CANCELLED}),
    JobState.RUNNING: frozenset(
        {
            JobState.PENDING,
            JobState.WAITING,
            JobState.PAUSED,
            JobState.SUCCEEDED,
            JobState.FAILED,
            JobState.CANCELLED,
        }
    ),
    JobState.PAUSED: frozenset({JobState.PENDING, JobState.CANCELLED}),
    JobState.SUCCEEDED: frozenset(),
    JobState.FAILED: frozenset({JobState.PENDING}),
    JobState.CANCELLED: frozenset({JobState.PENDING}),
}

FINAL = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})
ACTIVE = frozenset(JobState) - FINAL
DUE = frozenset({JobState.PENDING, JobState.WAITING})


def states_before(target: JobState) -> frozenset[JobState]:
    """Return the states from which a job may move to ``target``."""
    return frozenset(state for state, targets in LEGAL_MOVES.items() if target in targets)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How errors of a kind are retried; seconds."""

    retried: bool
    counted: bool = True
    """Whether it uses up one of the job's attempts."""
    base: float = 4.0
    cap: float = 300.0


POLICIES: dict[ErrorKind, RetryPolicy] = {
    ErrorKind.UNKNOWN_SYMBOL: RetryPolicy(retried=False),
    ErrorKind.NO_PERMISSION: RetryPolicy(retried=False),
    ErrorKind.BAD_REQUEST: RetryPolicy(retried=False),
    ErrorKind.RATE_LIMITED: RetryPolicy(retried=True, counted=False, base=60.0, cap=3600.0),
    ErrorKind.UNAVAILABLE: RetryPolicy(retried=True),
    ErrorKind.TIMEOUT: RetryPolicy(retried=True),
    ErrorKind.GATEWAY_DOWN: RetryPolicy(retried=True, counted=False, base=5.0, cap=60.0),
    ErrorKind.NONSENSE: RetryPolicy(retried=True),
    ErrorKind.CRASHED: RetryPolicy(retried=True),
}


def retry_delay(policy: RetryPolicy, failures: int, jitter: float, retry_after: float | None = None) -> float:
    """Return the seconds to wait after ``failures`` (≥ 1) errors in a row.

    Exponential with full jitter (``jitter`` in [0, 1)): anything from nothing to a whole step, so that jobs which
    failed together do not come back together. What the source asked for (``retry_after``, seconds) is honoured.
    """
    if retry_after is not None:
        return retry_after
    step = min(policy.cap, policy.base * 2.0 ** (min(failures, 30) - 1))
    return step * jitter


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is, counted in chunks."""

    done: int
    total: int
    finished: bool

    @property
    def percent(self) -> int:
        """Whole percent; 100 only for a job that succeeded."""
        if self.finished:
            return 100
        if not self.total:
            return 0
        return min(99, 100 * self.done // self.total)
