"""When a series trades, by its exchange's calendar and its own hours: what larger bars are judged and labelled by."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from webapp.coverage.calendars import calendar_in
from webapp.coverage.rules_expected import Session
from webapp.kernel.closing import local_instant
from webapp.kernel.day_runs import ExchangeClock, day_runs
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span
from webapp.reading import adjusting
from webapp.reading.clocks import exchange_clock
from webapp.series.queries_series import SeriesRow
from webapp.sources.choices import variant_of
from webapp.sources.registry import capabilities_of


@dataclass(frozen=True, slots=True)
class TradingDay:
    """A session: its date (00:00 UTC, epoch seconds) and the spans in which the series has bars, ascending."""

    label: int
    parts: tuple[Span, ...]


def has_extended_hours(row: SeriesRow) -> bool:
    """Tell whether the series holds bars from around the session, of which no calendar tells when they begin."""
    by_trade_date = row.facts.instrument_kind in capabilities_of(row.source).kinds_by_trade_date
    return variant_of(row.source, row.variant).is_at_all_hours and not by_trade_date


def trading_days(connection: Connection, row: SeriesRow, dates: Span) -> list[TradingDay]:
    """Return the sessions of a span of dates, oldest first.

    :raises CalendarError: when the exchange's calendar is not there yet and cannot be made.
    """
    sessions = calendar_in(connection, row.instrument_id, row.facts).sessions(dates)
    if has_extended_hours(row):
        clock = exchange_clock(row)
        days = [Span(clock.midnight(session.label), clock.midnight(session.label + DAY)) for session in sessions]
        return [TradingDay(session.label, (day,)) for session, day in zip(sessions, days, strict=True)]
    zone = adjusting.zone_of(row)
    return [TradingDay(session.label, _own_parts(session, row, zone)) for session in sessions]


def _own_parts(session: Session, row: SeriesRow, zone: ZoneInfo) -> tuple[Span, ...]:
    """Return the parts of a session that lie in the instrument's regular hours, where these are known."""
    opens, closes = row.facts.session_open, row.facts.session_close
    is_by_day = opens is not None and closes is not None and opens < closes
    if not is_by_day or variant_of(row.source, row.variant).is_at_all_hours:
        return session.parts
    hours = Span(local_instant(session.label, opens or 0, zone), local_instant(session.label, closes or DAY, zone))
    return tuple(part for span in session.parts if (part := span.intersection(hours)))


def late_starts(days: Sequence[TradingDay], clock: ExchangeClock, step: Interval) -> dict[int, int]:
    """Return where bars of a source's clock begin later than their place on it: with the trading.

    The keys are the places, the values the starts: an hour that opens at half past has the place 9:00, and begins at
    9:30. A halt in the middle of a bar moves nothing.
    """
    starts: dict[int, int] = {}
    traded_until = -(2**62)
    for part in (part for day in days for part in day.parts):
        place = place_of(clock, part.start, step)
        if traded_until <= place < part.start:
            starts[place] = part.start
        traded_until = part.end
    return starts


def place_of(clock: ExchangeClock, time: int, step: Interval) -> int:
    """Return where the bar of a length below a day begins that an instant lies in."""
    runs = day_runs(clock, Span(time, time + 1))
    return next(run.bucket(time, step.seconds) for run in runs if time < run.span.end)
