"""All tables. Bars and coverage speak epoch seconds (UTC); jobs speak moments."""

import datetime as dt

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.errors import Sentence
from webapp.extensions import Base
from webapp.store.types import JsonText, Moment, SentenceText

_ACTIVE_STATES = text("state IN ('pending', 'waiting', 'running', 'paused')")


class Instrument(Base):
    """What is traded, as its source names it, with what the source says of it (``domain.instruments``)."""

    __tablename__ = "instrument"
    __table_args__ = (UniqueConstraint("source", "symbol"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(16))
    symbol: Mapped[str] = mapped_column(String(64))
    name: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(String(32))
    currency: Mapped[str | None] = mapped_column(String(8))
    exchange: Mapped[str | None] = mapped_column(String(64))
    timezone: Mapped[str | None] = mapped_column(String(64))
    session_open: Mapped[int | None]
    session_close: Mapped[int | None]
    first_trade: Mapped[int | None] = mapped_column(BigInteger)
    last_trade: Mapped[int | None] = mapped_column(BigInteger)
    price_decimals: Mapped[int | None]
    contract_id: Mapped[int | None] = mapped_column(BigInteger)
    calendar: Mapped[str | None] = mapped_column(String(8))
    checked_at: Mapped[dt.datetime | None] = mapped_column(Moment)


class Series(Base):
    """Instrument × interval × variant: what is stored, covered, charted, exported."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("instrument_id", "interval", "variant"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"))
    interval: Mapped[str] = mapped_column(String(4))
    variant: Mapped[str] = mapped_column(String(64), default="")
    rows: Mapped[int] = mapped_column(BigInteger, default=0)
    first_bar: Mapped[int | None] = mapped_column(BigInteger)
    last_bar: Mapped[int | None] = mapped_column(BigInteger)
    updated_at: Mapped[dt.datetime | None] = mapped_column(Moment)


class Bar(Base):
    """One bar. No row id, no foreign key, no per-row bookkeeping: 71 bytes a row on SQLite."""

    __tablename__ = "bar"
    __table_args__ = ({"sqlite_with_rowid": False},)

    series_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    count: Mapped[int | None] = mapped_column(Integer)
    time: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    open: Mapped[float] = mapped_column(Double)
    high: Mapped[float] = mapped_column(Double)
    low: Mapped[float] = mapped_column(Double)
    close: Mapped[float] = mapped_column(Double)
    volume: Mapped[float] = mapped_column(Double)
    wap: Mapped[float | None] = mapped_column(Double)


class Action(Base):
    """A dividend, split or capital gain, by ex-date, as the source delivers it."""

    __tablename__ = "action"

    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    time: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    value: Mapped[float] = mapped_column(Double)
    first_seen_at: Mapped[dt.datetime] = mapped_column(Moment)
    told_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    job_id: Mapped[int | None] = mapped_column(Integer)


class Coverage(Base):
    """What is known of a series: disjoint spans with a verdict. Written only for what a source truly answered."""

    __tablename__ = "coverage"

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True, autoincrement=False)
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    end: Mapped[int] = mapped_column(BigInteger)
    verdict: Mapped[str] = mapped_column(String(8))
    checked_at: Mapped[int] = mapped_column(BigInteger)


class Batch(Base):
    """Jobs that were submitted together."""

    __tablename__ = "batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    origin: Mapped[str] = mapped_column(String(16))


class Job(Base):
    """The collection of one series over one span. This row is the truth; Redis carries its id and nothing else."""

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


class ApiToken(Base):
    """A bearer token of the JSON API: its hash, and a prefix that is no secret, to find it by."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JsonText)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    last_used_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Moment)


class IdempotencyKey(Base):
    """A request that its sender may repeat without doing it twice, with the answer once there is one."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        UniqueConstraint("token_id", "key"),
        {"sqlite_autoincrement": True},  # an id is never used again: a late answer must not land on another request
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id"))
    key: Mapped[str] = mapped_column(String(255))
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    expires_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(Text)


class SavedGateway(Base):
    """A TWS or IB Gateway that a person saved; jobs may name one."""

    __tablename__ = "gateway"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int]
    client_id: Mapped[int]
    is_default: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[dt.datetime] = mapped_column(Moment)


class Inquiry(Base):
    """A question that a page asks of a worker, since no page asks a source itself; the answer comes into the row."""

    __tablename__ = "inquiry"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    asked: Mapped[dict[str, str]] = mapped_column(JsonText)
    asked_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    answered_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    answer: Mapped[list[dict[str, str]] | None] = mapped_column(JsonText)
    message: Mapped[Sentence | None] = mapped_column(SentenceText)
    hint: Mapped[Sentence | None] = mapped_column(SentenceText)
