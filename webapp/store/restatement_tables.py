"""The tables of what became of stored values (see ``tables`` for all others)."""

import datetime as dt

from sqlalchemy import BigInteger, Double, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.errors import Sentence
from webapp.extensions import Base
from webapp.store.types import JsonText, Moment, SentenceText


class Restatement(Base):
    """That stored values of a series were changed by what came later: re-based, or other values for the same bars.

    ``start`` and ``end`` are the starts of the first and last bar concerned. As with bars, no foreign keys: it outlives
    the job, and deleting a job is quick.
    """

    __tablename__ = "restatement"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(Integer, index=True)
    job_id: Mapped[int] = mapped_column(Integer)
    at: Mapped[dt.datetime] = mapped_column(Moment)
    kind: Mapped[str] = mapped_column(String(16))
    start: Mapped[int | None] = mapped_column(BigInteger)
    end: Mapped[int | None] = mapped_column(BigInteger)
    bars: Mapped[int] = mapped_column(BigInteger)
    ratio: Mapped[float | None] = mapped_column(Double)
    split: Mapped[int | None] = mapped_column(BigInteger)
    message: Mapped[Sentence] = mapped_column(SentenceText)


class BarDifference(Base):
    """A bar that came with other values than were stored: open, high, low, close, volume, before and after."""

    __tablename__ = "bar_difference"

    restatement_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    time: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    old: Mapped[list[float]] = mapped_column(JsonText)
    new: Mapped[list[float]] = mapped_column(JsonText)
