"""The tables of what was counted of a series (sessions, gaps, when the next ones close), and of corrected calendars."""

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Boolean,
    Double,
    Integer,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.types import JsonText, Moment
from webapp.extensions import Base


class SeriesFigures(Base):
    """What costs a coverage report of a series, counted now and then (``coverage.completeness``).

    ``sessions`` are those expected so far, ``missing`` those of them that are gaps, ``confirmed`` those that are empty,
    says the source; all None when the calendar could not be had. ``closings`` are the instants (epoch seconds,
    ascending) from which on the source has a session that is not stored yet; ``due_at`` is the first of them and
    ``later_at`` the second, so that how far behind a series is follows from the time of day alone. ``candles`` is how
    many candles are kept ready, ``vanishes_at`` until when (epoch seconds) the source serves the oldest bar that is
    still missing, see ``coverage.deadlines``. As with bars, no foreign key.
    """

    __tablename__ = "series_figures"

    series_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    counted_at: Mapped[dt.datetime] = mapped_column(Moment)
    recount_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    sessions: Mapped[int | None]
    missing: Mapped[int | None]
    confirmed: Mapped[int | None]
    completeness: Mapped[float | None] = mapped_column(Double)
    closings: Mapped[list[int]] = mapped_column(JsonText)
    due_at: Mapped[int | None] = mapped_column(BigInteger)
    later_at: Mapped[int | None] = mapped_column(BigInteger)
    candles: Mapped[int] = mapped_column(BigInteger)
    vanishes_at: Mapped[int | None] = mapped_column(BigInteger, index=True)


class CorrectedDay(Base):
    """A day on which an exchange is open or closed, other than its calendar has it: a person said so.

    ``calendar`` is the calendar's code, ``day`` the date (00:00 UTC, epoch seconds).
    """

    __tablename__ = "corrected_day"

    calendar: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    is_open: Mapped[bool] = mapped_column(Boolean)
    corrected_at: Mapped[dt.datetime] = mapped_column(Moment)
