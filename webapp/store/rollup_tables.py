"""The tables of candles that are kept ready, and of what is stale among them."""

from sqlalchemy import BigInteger, Double, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Base


class Rollup(Base):
    """A candle kept ready for charts: what the bars of ``level`` seconds from ``time`` amount to (``domain.rollups``).

    Daily ones have the exchange's date at 00:00 UTC. ``rows`` is how many bars it stands for. Derived from bars, and
    right wherever no ``RollupStale`` says otherwise.
    """

    __tablename__ = "rollup"
    __table_args__ = ({"sqlite_with_rowid": False},)

    series_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    time: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    open: Mapped[float] = mapped_column(Double)
    high: Mapped[float] = mapped_column(Double)
    low: Mapped[float] = mapped_column(Double)
    close: Mapped[float] = mapped_column(Double)
    volume: Mapped[float] = mapped_column(Double)
    rows: Mapped[int] = mapped_column(Integer)


class RollupStale(Base):
    """A span whose kept candles are not to be trusted: bars in it were written, changed or deleted since."""

    __tablename__ = "rollup_stale"

    series_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    until: Mapped[int] = mapped_column(BigInteger)


class RollupState(Base):
    """That candles of a series are kept, and by which clock they were made. Without a row nothing of it is kept."""

    __tablename__ = "rollup_state"

    series_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    clock: Mapped[str] = mapped_column(String(80))
