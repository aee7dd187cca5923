"""What a worker holds of a job, what it adds to it, and how it gives it up."""

import datetime as dt
from dataclasses import dataclass

from webapp.errors import Sentence
from webapp.kernel.job_states import JobState
from webapp.kernel.spans import Span


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on a job: good for as long as the job's attempt is this one."""

    job_id: int
    attempt: int
    owner: str


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """What a committed chunk adds to its job.

    ``blanks`` counts rows that came without prices and were left out; ``reached`` is the end of what is done (epoch
    seconds); ``seconds`` is how long the source took; bars were answered before ``answered`` (None: the span's end).
    """

    span: Span
    rows: int
    blanks: int
    chunks_left: int
    reached: int
    seconds: float
    answered: int | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Where a worker releases a running job to, and what is said of it."""

    state: JobState
    due_at: dt.datetime | None = None
    error_kind: str | None = None
    message: Sentence | None = None
    hint: Sentence | None = None
    choices: list[dict[str, str]] | None = None
    errors_in_row: int | None = None
    note: Sentence | None = None
    """What is worth knowing of a job that succeeded; no error."""
