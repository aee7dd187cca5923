"""Instruments, series, bars, actions, coverage, and what is kept beside bars. Times are epoch seconds (UTC)."""

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.types import JsonText, Moment, SentenceText
from webapp.errors import Sentence
from webapp.extensions import Base


class BarFlag(Base):
    """A suspicious bar: the rules it breaks, its values when they were judged, and what became of it.

    As with bars, no foreign keys. While it is ``excluded`` the bar stands here and not in ``bar``. ``answer`` says what
    came of asking its source again (``flagging.rules_suspicion.Reply``); ``came`` are the open, high, low, close and
    volume that settled it.
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


class SplitWait(Base):
    """That a series waits for the basis of a split: its source has not brought the bars before the ex-date to it.

    ``split`` is the ex-date (label), ``ratio`` new shares per old one, ``since`` when we noticed. As with bars, no
    foreign keys.
    """

    __tablename__ = "split_wait"

    series_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    split: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    ratio: Mapped[float] = mapped_column(Double)
    since: Mapped[dt.datetime] = mapped_column(Moment)


class BarDifference(Base):
    """A bar that came with other values than were stored: open, high, low, close, volume, before and after."""

    __tablename__ = "bar_difference"

    restatement_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    time: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    old: Mapped[list[float]] = mapped_column(JsonText)
    new: Mapped[list[float]] = mapped_column(JsonText)


class Rollup(Base):
    """A candle kept ready for charts: what the bars of ``level`` seconds from ``time`` amount to.

    See ``reading.rules_resolutions``. Daily ones have the exchange's date at 00:00 UTC. ``rows`` is how many bars it
    stands for. Derived from bars, and right wherever no ``RollupStale`` says otherwise.
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


class Instrument(Base):
    """What is traded, as its source names it, with what the source says of it (``kernel.instruments``)."""

    __tablename__ = "instrument"
    __table_args__ = (UniqueConstraint("source", "symbol"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(16))
    symbol: Mapped[str] = mapped_column(String(64))
    name: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(String(32))
    currency: Mapped[str | None] = mapped_column(String(8))
    exchange: Mapped[str | None] = mapped_column(String(64))
    timezone: Mapped[str | None] = mapped_column(String(64))
    session_open: Mapped[int | None]
    session_close: Mapped[int | None]
    first_trade: Mapped[int | None] = mapped_column(BigInteger)
    last_trade: Mapped[int | None] = mapped_column(BigInteger)
    price_decimals: Mapped[int | None]
    contract_id: Mapped[int | None] = mapped_column(BigInteger)
    calendar: Mapped[str | None] = mapped_column(String(8))
    checked_at: Mapped[dt.datetime | None] = mapped_column(Moment)


class Series(Base):
    """Instrument × interval × variant: what is stored, covered, charted, exported."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("instrument_id", "interval", "variant"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"))
    interval: Mapped[str] = mapped_column(String(4))
    variant: Mapped[str] = mapped_column(String(64), default="")
    rows: Mapped[int] = mapped_column(BigInteger, default=0)
    first_bar: Mapped[int | None] = mapped_column(BigInteger)
    last_bar: Mapped[int | None] = mapped_column(BigInteger)
    updated_at: Mapped[dt.datetime | None] = mapped_column(Moment)


class Bar(Base):
    """One bar. No row id, no foreign key, no per-row bookkeeping: 71 bytes a row on SQLite."""

    __tablename__ = "bar"
    __table_args__ = ({"sqlite_with_rowid": False},)

    series_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    count: Mapped[int | None] = mapped_column(Integer)
    time: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    open: Mapped[float] = mapped_column(Double)
    high: Mapped[float] = mapped_column(Double)
    low: Mapped[float] = mapped_column(Double)
    close: Mapped[float] = mapped_column(Double)
    volume: Mapped[float] = mapped_column(Double)
    wap: Mapped[float | None] = mapped_column(Double)


class Action(Base):
    """A dividend, split or capital gain, by ex-date, as the source delivers it; ``currency`` where it says one.

    ``told_at`` is when an answer with bars told it last, or a re-basing changed it; ``listed_at`` when the list of all
    actions did, None when the last one did not. ``remainder`` is the part of a price that a payout leaves, by that
    list. ``no_longer_told_at`` is when an answer over its day first left it out; it is not applied once it is
    ``withdrawn_at``. ``reason`` says why it was withdrawn, or why it is not.
    """

    __tablename__ = "action"

    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    time: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    value: Mapped[float] = mapped_column(Double)
    currency: Mapped[str | None] = mapped_column(String(8))
    first_seen_at: Mapped[dt.datetime] = mapped_column(Moment)
    told_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    listed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    remainder: Mapped[float | None] = mapped_column(Double)
    no_longer_told_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    reason: Mapped[Sentence | None] = mapped_column(SentenceText)
    job_id: Mapped[int | None] = mapped_column(Integer)


class ActionFinding(Base):
    """That a source's adjusted closes contain what no action explains, or lack what one says.

    ``start`` and ``time`` are the dates of two days in a row: from one to the other the part of a price that remains
    differs by ``size`` (relatively) from what our actions leave, so that ``all`` differs by it for all bars before
    ``time``. ``series_id`` is the series that was collected when it showed.
    """

    __tablename__ = "action_finding"

    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"), primary_key=True, autoincrement=False)
    time: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    start: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[float] = mapped_column(Double)
    series_id: Mapped[int] = mapped_column(Integer)
    job_id: Mapped[int] = mapped_column(Integer)
    found_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)


class ActionLook(Base):
    """When a source was last asked for its list of all actions of an instrument, and by which job that is being done.

    ``listed_at`` is when it answered last; ``asked_at`` also counts a question that was given up. ``settled`` says of
    each disagreement when and how often its days have been asked already, see ``restating.rules_list_doubts``.
    """

    __tablename__ = "action_look"

    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"), primary_key=True, autoincrement=False)
    job_id: Mapped[int | None] = mapped_column(Integer)
    claimed_at: Mapped[dt.datetime] = mapped_column(Moment)
    asked_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    listed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    settled: Mapped[dict[str, list[float]] | None] = mapped_column(JsonText)


class Coverage(Base):
    """What is known of a series: disjoint spans with a verdict. Written only for what a source truly answered.

    ``looks`` counts how often a doubted span was looked at (``kernel.plans.Covered``).
    """

    __tablename__ = "coverage"

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True, autoincrement=False)
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    end: Mapped[int] = mapped_column(BigInteger)
    verdict: Mapped[str] = mapped_column(String(8))
    checked_at: Mapped[int] = mapped_column(BigInteger)
    looks: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
