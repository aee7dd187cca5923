"""Jobs that were submitted together, and what came of asking several, as scripts hold them."""

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.jobs.records import JobRecord


@dataclass(frozen=True, slots=True)
class Batch:
    """Jobs that were submitted together, one a symbol in the order asked.

    ``repeated`` are those that were at work already and belong to an earlier batch.
    """

    id: int
    job_ids: tuple[int, ...]
    repeated: frozenset[int]


Picked = int | Iterable[int] | Batch


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking several jobs: those that changed, as they stand now, and a sentence for each that did not."""

    changed: list[JobRecord]
    refused: dict[int, str]
