"""The tables of schedules and of their runs. Moments are UTC."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.types import JsonText, Moment, SentenceText
from webapp.errors import Sentence
from webapp.extensions import Base


class Schedule(Base):
    """A collection that is submitted again and again.

    ``symbols`` are as typed; ``start`` (ISO 8601) stands in the place of ``period``. ``checked_until`` is the moment up
    to which it was seen what was due; at ``look_at`` a clock looks again. ``exchanges`` are the codes of the calendars
    that its symbols had at the last look. ``fresh_minutes``: so long after a close its series are promised to be fresh.
    """

    __tablename__ = "schedule"
    __table_args__ = (
        Index("ix_schedule_look_at", "is_paused", "look_at"),
        {"sqlite_autoincrement": True},  # an id is never used again: batches name it as their origin
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(String(16))
    symbols: Mapped[list[str]] = mapped_column(JsonText)
    interval: Mapped[str] = mapped_column(String(8))
    period: Mapped[str | None] = mapped_column(String(8))
    start: Mapped[str | None] = mapped_column(String(40))
    options: Mapped[dict[str, str]] = mapped_column(JsonText)
    priority: Mapped[int]

    kind: Mapped[str] = mapped_column(String(8))
    minutes: Mapped[int]
    cron: Mapped[str] = mapped_column(String(100))
    zone: Mapped[str] = mapped_column(String(64))
    overlap: Mapped[str] = mapped_column(String(8))
    fresh_minutes: Mapped[int | None]

    is_paused: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)
    checked_until: Mapped[dt.datetime] = mapped_column(Moment)
    look_at: Mapped[dt.datetime] = mapped_column(Moment)
    exchanges: Mapped[list[str]] = mapped_column(JsonText)


class ScheduleRun(Base):
    """A run of a schedule: one row for each instant at which it is due, so that two clocks fire once.

    ``exchange`` is the code of the calendar whose instruments it asks for; empty for all of them. ``batch_id`` has no
    foreign key: batches are cleaned up, and what came of them is kept here.
    """

    __tablename__ = "schedule_run"
    __table_args__ = (
        UniqueConstraint("schedule_id", "due_at", "exchange"),
        Index("ix_schedule_run_state", "state"),
        Index("ix_schedule_run_batch_id", "batch_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedule.id"))
    due_at: Mapped[dt.datetime] = mapped_column(Moment)
    exchange: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12))
    is_late: Mapped[bool] = mapped_column(default=False)
    is_by_hand: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    ended_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    batch_id: Mapped[int | None]
    jobs: Mapped[int] = mapped_column(default=0)
    reason: Mapped[Sentence | None] = mapped_column(SentenceText)
