"""The table of bars that look wrong, and of what a person decided of them."""

import datetime as dt

from sqlalchemy import BigInteger, Double, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Base
from webapp.store.types import JsonText, Moment


class BarFlag(Base):
    """A suspicious bar: the rules it breaks, its values when they were judged, and what became of it.

    As with bars, no foreign keys. While it is ``excluded`` the bar stands here and not in ``bar``. ``answer`` says what
    came of asking its source again (``domain.suspicion.Reply``); ``came`` are the open, high, low, close and volume
    that settled it.
    """

    __tablename__ = "bar_flag"
    __table_args__ = (Index("ix_bar_flag_state_raised_at", "state", "raised_at"),)

    series_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    time: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    rules: Mapped[list[str]] = mapped_column(JsonText)
    open: Mapped[float] = mapped_column(Double)
    high: Mapped[float] = mapped_column(Double)
    low: Mapped[float] = mapped_column(Double)
    close: Mapped[float] = mapped_column(Double)
    volume: Mapped[float] = mapped_column(Double)
    wap: Mapped[float | None] = mapped_column(Double)
    count: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    raised_at: Mapped[dt.datetime] = mapped_column(Moment)
    job_id: Mapped[int | None] = mapped_column(Integer)
    asked_job: Mapped[int | None] = mapped_column(Integer)
    answer: Mapped[str | None] = mapped_column(String(8))
    came: Mapped[list[float] | None] = mapped_column(JsonText)
    decided_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(String(64))
