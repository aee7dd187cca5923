"""Which series are late: those of which a schedule promises more than is there."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.collecting.validation import ValidRequest
from webapp.context import Context
from webapp.coverage import queries_completeness
from webapp.coverage.calendar_files import CalendarError
from webapp.coverage.queries_completeness import Figures
from webapp.database.transactions import reading
from webapp.errors import MoissonError
from webapp.kernel.intervals import Interval
from webapp.scheduling import queries_schedules
from webapp.scheduling.definitions import moment_at, request_of, validate_schedule_request
from webapp.scheduling.markets import Exchanges
from webapp.scheduling.rules_lateness import Promise, late_since
from webapp.scheduling.rules_runs import Timetable, next_runs
from webapp.scheduling.rules_timing import Timing, TimingKind
from webapp.series import queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.registry import offer

SeriesName = tuple[str, str, Interval, str]
"""Source, symbol, interval and variant."""
_SERIES_A_STATEMENT = 1000


@dataclass(frozen=True, slots=True)
class LateSeries:
    """A series that is late, since when, and the schedule that promised more. ``series_id``: None of one never had."""

    series_id: int | None
    source: str
    symbol: str
    interval: Interval
    variant: str
    since: dt.datetime
    schedule_id: int


@dataclass(frozen=True, slots=True)
class PromisedRequest:
    """A promise, with the request whose series it is of."""

    promise: Promise
    request: ValidRequest

    def names(self) -> Iterable[SeriesName]:
        """Return the series that it is of."""
        request = self.request
        return ((request.source, symbol, request.interval, request.variant_of(symbol)) for symbol in request.symbols)


def list_promises(context: Context) -> list[PromisedRequest]:
    """Return what schedules promise that are not paused; one whose instruments cannot be had promises nothing."""
    with reading() as connection:
        rows = queries_schedules.promising(connection)
    promised: list[PromisedRequest] = []
    for row in rows:
        if row.definition.fresh_minutes is None:
            continue
        promise = Promise(row.id, row.definition.fresh_minutes, int(row.changed_at.timestamp()))
        try:
            promised.append(PromisedRequest(promise, validate_schedule_request(context, request_of(row.definition))))
        except MoissonError:  # its next run says why
            continue
    return promised


def find_late(context: Context, series: Collection[SeriesRow]) -> dict[int, LateSeries]:
    """Return which of many series that hold bars are late, by their ids, and since when."""
    if not series:
        return {}
    promises = _by_name(list_promises(context))
    meant = [row for row in series if _name_of(row) in promises] if promises else []
    if not meant:
        return {}
    with reading() as connection:
        figures = queries_completeness.read(connection, [row.id for row in meant])
    now = context.now().timestamp()
    judged = (_judge(row, figures.get(row.id), promises[_name_of(row)], now) for row in meant)
    return {late.series_id: late for late in judged if late is not None and late.series_id is not None}


def list_late(context: Context) -> list[LateSeries]:
    """Return all series that are late, those first that have been for longest; also those that never had a bar."""
    promised = list_promises(context)
    promises = _by_name(promised)
    now = context.now().timestamp()
    with reading() as connection:
        rows = {_name_of(row): row for row in _read_series(connection, promised)}
        filled = [row.id for row in rows.values() if row.rows]
        figures = _read_figures(connection, filled)
        late = [_judge(row, figures.get(row.id), promises[name], now) for name, row in rows.items() if row.rows]
        missing = {name for name in promises if name not in rows or not rows[name].rows}
        late += _judge_missing(Exchanges(connection, now), promised, missing, now)
    return sorted(filter(None, late), key=lambda each: (each.since, each.symbol, each.interval.seconds))


def _name_of(row: SeriesRow) -> SeriesName:
    return (row.source, row.symbol, row.interval, row.variant)


def _by_name(promised: Iterable[PromisedRequest]) -> Mapping[SeriesName, list[Promise]]:
    promises: dict[SeriesName, list[Promise]] = defaultdict(list)
    for each in promised:
        for name in each.names():
            promises[name].append(each.promise)
    return promises


def _read_series(connection: Connection, promised: Iterable[PromisedRequest]) -> list[SeriesRow]:
    symbols: dict[str, dict[str, None]] = defaultdict(dict)
    names: set[SeriesName] = set()
    for each in promised:
        symbols[each.request.source].update(dict.fromkeys(each.request.symbols))
        names.update(each.names())
    return [
        row
        for source, some in symbols.items()
        for row in queries_series.of_symbols(connection, source, list(some))
        if _name_of(row) in names
    ]


def _read_figures(connection: Connection, series_ids: Sequence[int]) -> dict[int, Figures]:
    figures: dict[int, Figures] = {}
    for first in range(0, len(series_ids), _SERIES_A_STATEMENT):
        figures |= queries_completeness.read(connection, list(series_ids[first : first + _SERIES_A_STATEMENT]))
    return figures


def _judge(row: SeriesRow, figures: Figures | None, promises: Sequence[Promise], now: float) -> LateSeries | None:
    """Tell whether a series is late; while its sessions are being counted nobody knows."""
    if figures is None:
        return None
    delay = offer(row.source).finality_delay
    broken = [
        (since, promise.schedule_id)
        for promise in promises
        if (since := late_since(promise, figures.closings, delay, now)) is not None
    ]
    if not broken:
        return None
    since, schedule_id = min(broken)
    name = (row.source, row.symbol, row.interval, row.variant)
    return LateSeries(row.id, *name, moment_at(since), schedule_id)


def _judge_missing(
    exchanges: Exchanges, promised: Iterable[PromisedRequest], missing: Collection[SeriesName], now: float
) -> list[LateSeries]:
    """Return the series without any bar that were to have some after the first close since their promise."""
    late: dict[SeriesName, LateSeries] = {}
    for each in promised:
        request = each.request
        names = {name[1]: name for name in each.names() if name in missing}
        venues = exchanges.look_up(request.source, names)
        for code in {venue.code for venue in venues.values()}:
            some = [symbol for symbol in names if venues[symbol].code == code]
            since = _first_deadline(exchanges, each, some)
            if since is None or since > now:
                continue
            for symbol in some:
                series = LateSeries(None, *names[symbol], moment_at(since), each.promise.schedule_id)
                before = late.get(names[symbol])
                if before is None or series.since < before.since:
                    late[names[symbol]] = series
    return list(late.values())


def _first_deadline(exchanges: Exchanges, promised: PromisedRequest, symbols: Sequence[str]) -> int | None:
    request, promise = promised.request, promised.promise
    markets = exchanges.markets(request.source, request.interval, symbols)
    timing = Timing(TimingKind.CLOSE, promise.minutes)
    try:
        runs = next_runs(Timetable(timing, request.interval, markets), promise.since, 1)
    except CalendarError:
        return None
    return runs[0].due if runs else None
