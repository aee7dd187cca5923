"""What is read of many series at once: a statement for hundreds of them, and not one for each."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, exists, func, select, text, tuple_

from webapp.database.raw_rows import fetched
from webapp.kernel.bars import SPLIT
from webapp.kernel.bars import Action as ActionValue
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.series import queries_actions
from webapp.series.queries_series import PLAIN, SeriesRow, series_of
from webapp.series.tables import Action, ActionFinding, Bar, Instrument, Restatement, Series, SplitWait

_T = TypeVar("_T")
_AT_ONCE = 2000
"""So many values go into one statement: SQLite takes 32,766."""
_NEWEST = 1000
_ACTIONS = (
    "SELECT instrument_id, kind, time, value, currency FROM action WHERE instrument_id IN ({ids})"
    " AND withdrawn_at IS NULL{kinds} ORDER BY time"
)
_LAST_CLOSES = (
    "WITH points(ident, before) AS (VALUES {points}), timed AS (SELECT ident, before, (SELECT max(time) FROM bar"
    " WHERE series_id = ident AND time < before) AS time FROM points)"
    " SELECT ident, before, bar.time, close FROM timed JOIN bar ON bar.series_id = ident AND bar.time = timed.time"
)
"""Numbers stand in these statements themselves: binding tens of thousands takes longer than all the rest."""


def read_series(connection: Connection, names: Iterable[tuple[str, str]]) -> list[SeriesRow]:
    """Return all series of instruments by source and symbol."""
    rows: list[SeriesRow] = []
    for part in _parts(names):
        query = PLAIN.where(tuple_(Instrument.source, Instrument.symbol).in_(part))
        rows += [series_of(row) for row in connection.execute(query)]
    return rows


def read_actions(
    connection: Connection, instruments: Collection[int], *, has_payouts: bool = True
) -> dict[int, list[ActionValue]]:
    """Return the actions of instruments that count, each by ex-date.

    :param has_payouts: False for splits alone.
    """
    actions: defaultdict[int, list[ActionValue]] = defaultdict(list)
    kinds = "" if has_payouts else f" AND kind = '{SPLIT}'"
    for part in _parts(instruments):
        ids = ", ".join(str(int(instrument)) for instrument in part)
        for instrument, *action in fetched(connection, text(_ACTIONS.format(ids=ids, kinds=kinds)), {}):
            actions[instrument].append(ActionValue(*action))
    return actions


def read_remainders(connection: Connection, instruments: Collection[int]) -> dict[int, dict[int, float]]:
    """Return what ``queries_actions.remainders`` does, by instruments."""
    rows: defaultdict[int, list[tuple[int, float | None]]] = defaultdict(list)
    for part in _parts(instruments):
        query = select(Action.instrument_id, Action.time, Action.remainder)
        query = query.where(Action.instrument_id.in_(part), Action.kind != SPLIT, Action.withdrawn_at.is_(None))
        for instrument, time, remainder in connection.execute(query):
            rows[instrument].append((time, remainder))
    return {instrument: queries_actions.agreed_remainders(parts) for instrument, parts in rows.items()}


def read_waiting(connection: Connection, series: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the ex-dates of the splits that series wait for, of those that wait for any."""
    waiting: defaultdict[int, set[int]] = defaultdict(set)
    for part in _parts(series):
        query = select(SplitWait.series_id, SplitWait.split).where(SplitWait.series_id.in_(part))
        for series_id, split in connection.execute(query):
            waiting[series_id].add(split)
    return {series_id: frozenset(splits) for series_id, splits in waiting.items()}


def count_rebasings(connection: Connection, series: Collection[int]) -> dict[int, int]:
    """Return how often each series was re-based, of those that were."""
    counts: dict[int, int] = {}
    for part in _parts(series):
        query = select(Restatement.series_id, func.count()).where(Restatement.series_id.in_(part))
        query = query.where(Restatement.kind == RestatementKind.REBASED.value).group_by(Restatement.series_id)
        counts |= {row[0]: row[1] for row in connection.execute(query)}
    return counts


def existing(connection: Connection, series: Collection[int]) -> set[int]:
    """Return which series are there."""
    ids: set[int] = set()
    for part in _parts(series):
        ids |= set(connection.execute(select(Series.id).where(Series.id.in_(part))).scalars())
    return ids


def instruments_with_findings(connection: Connection) -> set[int]:
    """Return the instruments whose payouts the source's own prices contradict."""
    return set(connection.execute(select(ActionFinding.instrument_id).distinct()).scalars())


def last_closes(connection: Connection, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], tuple[int, float]]:
    """Return start and close of the last bar before each instant of a series, where there is one.

    :param pairs: series and instants (epoch seconds).
    """
    closes: dict[tuple[int, int], tuple[int, float]] = {}
    for part in _parts(pairs):
        points = ", ".join(f"({int(series)}, {int(before)})" for series, before in part)
        rows = fetched(connection, text(_LAST_CLOSES.format(points=points)), {})
        closes |= {(series, before): (time, close) for series, before, time, close in rows}
    return closes


def with_averages(connection: Connection, series: Collection[int]) -> set[int]:
    """Return the series whose source gives average prices and counts of trades (``queries_bar_pages.has_wap``)."""
    ids: set[int] = set()
    for part in _parts(series):
        newest = (
            select(Bar.wap, Bar.count)
            .where(Bar.series_id == Series.id)
            .order_by(Bar.time.desc())
            .limit(_NEWEST)
            .correlate(Series)
            .subquery("newest")
        )
        has_any = exists().where(newest.c.wap.is_not(None) | newest.c.count.is_not(None)).correlate(Series)
        ids |= set(connection.execute(select(Series.id).where(Series.id.in_(part), has_any)).scalars())
    return ids


def _parts(items: Iterable[_T]) -> Iterator[list[_T]]:
    remaining = iter(items)
    while part := list(islice(remaining, _AT_ONCE)):
        yield part
