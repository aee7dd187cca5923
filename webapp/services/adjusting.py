"""The adjustment of a stored series: the one place that charts, exports and notebooks get their factors from."""

from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from webapp.domain import adjustment
from webapp.domain.adjustment import Adjust, Adjustment
from webapp.domain.bars import Action
from webapp.domain.closing import local_instant
from webapp.domain.intervals import Interval
from webapp.errors import InvalidRequestError, NotFoundError, sentence
from webapp.store import actions, bar_pages, series
from webapp.store.series import SeriesRow


def understood(adjust: str) -> Adjust:
    """Return which prices are meant.

    :raises InvalidRequestError: with the field ``adjust`` for an unknown word.
    """
    try:
        return Adjust(adjust)
    except ValueError as err:
        message = sentence(
            "“%(adjust)s” is not an adjustment. Use none (as traded), splits or all (splits and dividends).",
            adjust=adjust[:20],
        )
        raise InvalidRequestError({"adjust": message}) from err


def found(connection: Connection, series_id: int) -> SeriesRow:
    """Return a series.

    :raises NotFoundError: when there is none of this id.
    """
    row = series.get(connection, series_id)
    if row is None:
        raise NotFoundError(sentence("There is no series %(id)d.", id=series_id))
    return row


def zone_of(row: SeriesRow) -> ZoneInfo:
    """Return the exchange's time zone; UTC while it is not known."""
    return ZoneInfo(row.facts.timezone or "UTC")


def adjustment_of(
    connection: Connection, row: SeriesRow, adjust: Adjust, known: list[Action] | None = None
) -> Adjustment:
    """Return the factors that the stored bars of a series need.

    :param known: the instrument's actions, when the caller has read them already.
    """
    if adjust is Adjust.SPLITS:
        return Adjustment()
    zone = zone_of(row)
    daily = _daily(connection, row)
    return adjustment.make(
        adjust,
        actions.read(connection, row.instrument_id) if known is None else known,
        first_bar=lambda ex_date: adjustment.first_ex_bar(ex_date, row.interval, zone),
        close_before=lambda ex_date: _close_before(connection, row, daily, zone, ex_date),
    )


def _daily(connection: Connection, row: SeriesRow) -> SeriesRow | None:
    if row.interval is Interval.D1:
        return None
    found_row = series.find(connection, row.source, row.symbol, Interval.D1, "")
    return found_row if found_row and found_row.rows else None


def _close_before(
    connection: Connection, row: SeriesRow, daily: SeriesRow | None, zone: ZoneInfo, ex_date: int
) -> float | None:
    """Return the newest close before an ex-date.

    The official daily close is preferred to the last minute's; where the daily series ends earlier, the series' own.
    """
    own = bar_pages.last_close(connection, row.id, _end_of_own(row.interval, zone, ex_date))
    if daily is None:
        return own[1] if own else None
    official = bar_pages.last_close(connection, daily.id, ex_date)
    if official is None or (own and own[0] >= local_instant(official[0], 86_400, zone)):
        return own[1] if own else None
    return official[1]


def _end_of_own(interval: Interval, zone: ZoneInfo, ex_date: int) -> int:
    """Return before which instant a bar of the series' own must start to close before the ex-date."""
    return adjustment.first_ex_bar(ex_date, interval, zone)
