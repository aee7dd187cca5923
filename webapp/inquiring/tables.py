"""The table of inquiries: what a page wants to know of a source."""

import datetime as dt

from sqlalchemy import (
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.types import JsonText, Moment, SentenceText
from webapp.errors import Sentence
from webapp.extensions import Base


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
