"""The table of series whose deletion has begun."""

import datetime as dt

from sqlalchemy import (
    Integer,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.types import Moment
from webapp.extensions import Base


class SeriesDeletion(Base):
    """A series that nobody sees any more while its bars are deleted, a slice at a time.

    ``series_id`` is never used again. The row goes with the last bar.
    """

    __tablename__ = "series_deletion"

    series_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(Moment)
