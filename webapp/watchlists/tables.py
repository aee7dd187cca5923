"""The tables of watchlists and of what stands in them."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.types import JsonText, Moment
from webapp.extensions import Base


class WatchlistHead(Base):
    """A watchlist's name and texts. ``key`` is the name as it is compared; each change counts ``revision`` up."""

    __tablename__ = "watchlist"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(1000))
    revision: Mapped[int]
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)


class WatchlistEntry(Base):
    """An instrument in a watchlist, in the place that ``position`` says."""

    __tablename__ = "watchlist_entry"
    __table_args__ = (
        UniqueConstraint("watchlist_id", "source", "symbol"),
        Index("ix_watchlist_entry_position", "watchlist_id", "position"),
        {"sqlite_autoincrement": True},  # a page that still shows a removed entry must not mean a new one
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlist.id"))
    position: Mapped[int]
    source: Mapped[str] = mapped_column(String(16))
    symbol: Mapped[str] = mapped_column(String(64))
    options: Mapped[dict[str, str]] = mapped_column(JsonText)
    section: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(500))
