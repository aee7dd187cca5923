"""The table of exports that a worker makes."""

import datetime as dt
from typing import Any

from sqlalchemy import (
    BigInteger,
    Index,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.types import JsonText, Moment, SentenceText
from webapp.errors import Sentence
from webapp.extensions import Base


class Export(Base):
    """A file that a worker makes and that is kept for a while. This row is the truth; Redis carries its id.

    ``asked`` is an ``exporting.rules_exports.ExportRequest``; ``file`` the file's name in the folder of exports,
    ``filename`` the one that a person gets it by. ``attempt`` fences off a worker that came back from the dead.
    """

    __tablename__ = "export"
    __table_args__ = (
        Index("ix_export_state", "state"),
        {"sqlite_autoincrement": True},  # an id is never used again: it is part of a file's name
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asked: Mapped[dict[str, Any]] = mapped_column(JsonText)
    filename: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    revision: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(BigInteger, default=0)
    rows_total: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    delivered_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    started_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    heartbeat_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    finished_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    expires_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    attempt: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)
    file: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int | None] = mapped_column(BigInteger)
    message: Mapped[Sentence | None] = mapped_column(SentenceText)
