"""What the adjustment of a series is made of, as ``adjusting`` asks for it: each answer from the database.

For many series at once the answers are there already (``PreloadedRecords``): a statement for each of them would take
longer than the bars.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from webapp.kernel.bars import SPLIT, Action
from webapp.series import queries_actions, queries_bar_pages, queries_many_series, queries_split_waits
from webapp.series.queries_series import SeriesRow

LastClose = tuple[int, float]
"""Start and close of a bar."""


@dataclass(frozen=True, slots=True)
class AdjustmentRecords:
    """Answers from the database, each when it is needed."""

    connection: Connection

    def read_actions(self, row: SeriesRow) -> Sequence[Action]:
        """Return the actions of the instrument that count, by ex-date."""
        return queries_actions.read(self.connection, row.instrument_id)

    def read_waiting(self, row: SeriesRow) -> frozenset[int]:
        """Return the ex-dates of the splits that a series waits for."""
        return frozenset(wait.split.time for wait in queries_split_waits.read(self.connection, row.id))

    def read_remainders(self, row: SeriesRow) -> Mapping[int, float]:
        """Return what part of a price payouts leave by the source's own list, by ex-date."""
        return queries_actions.remainders(self.connection, row.instrument_id)

    def read_last_close(self, row: SeriesRow, before: int) -> LastClose | None:
        """Return start and close of the last bar of a series that starts before an instant, or None."""
        return queries_bar_pages.last_close(self.connection, row.id, before)


@dataclass(frozen=True, slots=True)
class PreloadedRecords(AdjustmentRecords):
    """Answers for many daily series, read by a few statements; what is not among them is asked singly."""

    actions: Mapping[int, Sequence[Action]] = field(default_factory=dict)
    """By instruments."""
    waiting: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """By series."""
    remainders: Mapping[int, Mapping[int, float]] | None = None
    """By instruments; None when no payouts are taken out, so that nobody asks."""
    closes: Mapping[tuple[int, int], LastClose] = field(default_factory=dict)
    """By series and instant; None is no answer here, since a bar may be stored all the same."""

    def read_actions(self, row: SeriesRow) -> Sequence[Action]:
        """Return the actions of the instrument that count, by ex-date."""
        return self.actions.get(row.instrument_id, ())

    def read_waiting(self, row: SeriesRow) -> frozenset[int]:
        """Return the ex-dates of the splits that a series waits for."""
        return self.waiting.get(row.id, frozenset())

    def read_remainders(self, row: SeriesRow) -> Mapping[int, float]:
        """Return what part of a price payouts leave by the source's own list, by ex-date."""
        return (self.remainders or {}).get(row.instrument_id, {})

    def read_last_close(self, row: SeriesRow, before: int) -> LastClose | None:
        """Return start and close of the last bar of a series that starts before an instant, or None."""
        close = self.closes.get((row.id, before))
        return close or queries_bar_pages.last_close(self.connection, row.id, before)


def preload(connection: Connection, rows: Sequence[SeriesRow], *, has_payouts: bool) -> PreloadedRecords:
    """Return the records of daily series.

    :param has_payouts: whether payouts are taken out of the prices, so that the closes before them are needed.
    """
    instruments = {row.instrument_id for row in rows}
    actions = queries_many_series.read_actions(connection, instruments, has_payouts=has_payouts)
    waiting = queries_many_series.read_waiting(connection, {row.id for row in rows})
    if not has_payouts:
        return PreloadedRecords(connection, actions, waiting)
    remainders = queries_many_series.read_remainders(connection, instruments)
    closes = queries_many_series.last_closes(connection, _ex_dates(rows, actions))
    return PreloadedRecords(connection, actions, waiting, remainders, closes)


def _ex_dates(rows: Iterable[SeriesRow], actions: Mapping[int, Sequence[Action]]) -> list[tuple[int, int]]:
    """Return each series with each ex-date of a payout: that of a daily bar is its start."""
    pairs = {
        (row.id, action.time) for row in rows for action in actions.get(row.instrument_id, ()) if action.kind != SPLIT
    }
    return sorted(pairs)
