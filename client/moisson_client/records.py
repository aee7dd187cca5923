"""What is handed over as plain values: batches, jobs, and what came of asking several jobs."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NotRequired, TypedDict

IntervalName = Literal[
    "1s", "5s", "10s", "15s", "30s", "1m", "2m", "3m", "5m", "10m", "15m", "20m", "30m",
    "1h", "2h", "3h", "4h", "8h", "1d", "1wk", "1mo",
]  # fmt: skip
ColumnName = Literal[
    "open", "high", "low", "close", "volume", "wap", "count", "partial", "dividends", "splits", "capital_gains",
]  # fmt: skip
FrameKind = Literal["pandas", "polars", "arrow"]
OnFailure = Literal["raise", "keep"]
AdjustName = Literal["none", "splits", "all"]
PriorityName = Literal["high", "normal", "low"]
Moment = str | dt.date | dt.datetime


class JobProgress(TypedDict):
    """How far a job is, counted in requests to its source; ``reached`` is the start of the last bar (ISO 8601)."""

    done: int
    total: int
    percent: int
    reached: str | None
    eta_seconds: float | None


class JobError(TypedDict):
    """Why a job failed or waits: its kind, a sentence, a hint, and instruments that may have been meant."""

    kind: str | None
    message: str | None
    hint: str | None
    choices: list[dict[str, str]]


class JobRecord(TypedDict):
    """The collection of one series over one span; times are ISO 8601, UTC, and None for what is not known."""

    id: int
    batch_id: int
    source: str
    symbol: str
    interval: str
    variant: str
    start: str
    end: str
    state: Literal["pending", "running", "waiting", "paused", "succeeded", "failed", "cancelled"]
    progress: JobProgress
    rows_written: int
    attempt: int
    error: JobError | None
    note: NotRequired[str | None]
    due_at: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None


class SourceOptions(TypedDict, total=False):
    """The options of sources that type checkers know; a source says itself which are its own."""

    prepost: bool
    sec_type: str
    exchange: str
    currency: str
    primary_exchange: str
    expiry: str
    strike: str
    right: str
    what: str
    rth: bool
    gateway: str


class BarsArguments(SourceOptions, total=False):
    """What ``bars`` takes by name, besides ``as_``."""

    source: str | None
    interval: IntervalName
    adjust: AdjustName
    start: Moment | None
    end: Moment | None
    complete_only: bool
    field: ColumnName | None
    columns: Iterable[ColumnName] | None
    actions: bool
    zone: str
    partial: OnFailure


class GetArguments(SourceOptions, total=False):
    """What ``get`` takes by name, besides ``as_``."""

    source: str
    interval: IntervalName
    start: Moment | None
    end: Moment | None
    period: str | None
    priority: PriorityName
    refresh: bool
    adjust: AdjustName
    complete_only: bool
    field: ColumnName | None
    columns: Iterable[ColumnName] | None
    actions: bool
    zone: str
    partial: OnFailure
    timeout: float | None
    progress: bool | None


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
