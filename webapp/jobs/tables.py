"""Batches, jobs, their chunks and events, and the processes that show themselves. Moments are UTC."""

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Double,
    ForeignKey,
    Index,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.types import JsonText, Moment, SentenceText
from webapp.errors import Sentence
from webapp.extensions import Base

_ACTIVE_STATES = text("state IN ('pending', 'waiting', 'running', 'paused')")


class Batch(Base):
    """Jobs that were submitted together."""

    __tablename__ = "batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    origin: Mapped[str] = mapped_column(String(16))


class Job(Base):
    """The collection of one series over one span. This row is the truth; Redis carries its id and nothing else.

    ``message`` and ``hint`` say what went wrong, ``note`` what is worth knowing of a job that succeeded.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_state_due", "state", "due_at"),
        Index(
            "uq_job_active_dedupe_key",
            "dedupe_key",
            unique=True,
            sqlite_where=_ACTIVE_STATES,
            postgresql_where=_ACTIVE_STATES,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), index=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    start: Mapped[int] = mapped_column(BigInteger)
    end: Mapped[int] = mapped_column(BigInteger)
    options: Mapped[dict[str, str]] = mapped_column(JsonText)
    refresh: Mapped[bool] = mapped_column(default=False)
    priority: Mapped[int]
    dedupe_key: Mapped[str] = mapped_column(String(96))

    state: Mapped[str] = mapped_column(String(12))
    intent: Mapped[str] = mapped_column(String(8))
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    started_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    finished_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    due_at: Mapped[dt.datetime] = mapped_column(Moment)
    delivered_at: Mapped[dt.datetime | None] = mapped_column(Moment)

    attempt: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(128))
    lease_expires_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    heartbeat_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    progress_at: Mapped[dt.datetime | None] = mapped_column(Moment)

    chunks_done: Mapped[int] = mapped_column(default=0)
    chunks_total: Mapped[int] = mapped_column(default=0)
    reached: Mapped[int | None] = mapped_column(BigInteger)
    rows_written: Mapped[int] = mapped_column(BigInteger, default=0)
    worked_seconds: Mapped[float] = mapped_column(Double, default=0.0)

    errors_in_row: Mapped[int] = mapped_column(default=0)
    crashes_in_row: Mapped[int] = mapped_column(default=0)
    error_kind: Mapped[str | None] = mapped_column(String(16))
    message: Mapped[Sentence | None] = mapped_column(SentenceText)
    hint: Mapped[Sentence | None] = mapped_column(SentenceText)
    choices: Mapped[list[dict[str, str]] | None] = mapped_column(JsonText)
    note: Mapped[Sentence | None] = mapped_column(SentenceText)


class SharedJob(Base):
    """A job that was at work for an earlier batch when a later one asked for the same: it serves both."""

    __tablename__ = "shared_job"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), primary_key=True, autoincrement=False)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), primary_key=True, autoincrement=False, index=True)


class Chunk(Base):
    """A chunk that a job committed, in the transaction of its bars.

    It says what the job need not ask again, and which job wrote which bars when: those that start before ``answered``
    (None: ``end``), since the last bars of an answer may not have been closed yet.
    """

    __tablename__ = "chunk"

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), primary_key=True, autoincrement=False)
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    end: Mapped[int] = mapped_column(BigInteger)
    answered: Mapped[int | None] = mapped_column(BigInteger)
    attempt: Mapped[int]
    rows: Mapped[int]
    done_at: Mapped[dt.datetime] = mapped_column(Moment)


class JobEvent(Base):
    """What happened to a job, append only: every move, every chunk, every error."""

    __tablename__ = "job_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(Moment)
    attempt: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(128))
    message: Mapped[Sentence | None] = mapped_column(SentenceText)


class Process(Base):
    """A long-running process that beats into the database (the clock), so that the site can say when none does."""

    __tablename__ = "process"

    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[dt.datetime] = mapped_column(Moment)
    beat_at: Mapped[dt.datetime] = mapped_column(Moment)
