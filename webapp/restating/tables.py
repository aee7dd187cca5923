"""The table of which job brought which bars."""

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Integer,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.types import Moment
from webapp.extensions import Base


class BarOrigin(Base):
    """What the chunks of deleted jobs told of a series: disjoint spans ``[start, end)`` of bars' starts.

    ``job_id`` is the last job that brought bars of the span, ``written_at`` when; ``first_job_id`` and ``first_at``
    are the first one on record. As with bars, no foreign keys: it outlives the jobs.
    """

    __tablename__ = "bar_origin"
    __table_args__ = ({"sqlite_with_rowid": False},)

    series_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    end: Mapped[int] = mapped_column(BigInteger)
    job_id: Mapped[int] = mapped_column(Integer)
    written_at: Mapped[dt.datetime] = mapped_column(Moment)
    first_job_id: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[dt.datetime] = mapped_column(Moment)
