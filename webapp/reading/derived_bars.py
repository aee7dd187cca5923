"""Larger bars: 5m, 1h, days, weeks and months are aggregated of smaller stored bars here, while they are read.

They stand where the source's own would (its manifest says the rule): shorter than a day they count from the opening of
the session or from the clock's midnight, and none reaches across midnight; a day is the exchange's date, where sessions
open the evening before the trade date; weeks begin on Mondays. Prices are adjusted before bars are merged that an
ex-date lies between. A bar with a hole inside, or cut at the edge of what was collected, is partial.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from sqlalchemy import Connection

from webapp.coverage import queries_calendars
from webapp.coverage.rules_exchanges import calendar_of
from webapp.errors import InvalidRequestError, sentence
from webapp.kernel.bars import Bar, ShortBar, aggregated
from webapp.kernel.closing import closed_until, local_date_label, local_instant
from webapp.kernel.day_runs import ExchangeClock, day_runs
from webapp.kernel.intervals import DAY, HOUR, Interval, next_start, period_start
from webapp.kernel.plans import answered_spans
from webapp.kernel.spans import Span
from webapp.reading.clocks import exchange_clock, source_clock
from webapp.reading.kept_candles import open_candle_source
from webapp.reading.rules_adjustment import Adjustment, parts, scale_bar
from webapp.reading.rules_derivation import Finished, Trading, finished, finished_dates, makes
from webapp.reading.session_parts import has_extended_hours, place_of
from webapp.series import queries_bar_pages, queries_bars, queries_coverage
from webapp.series.queries_aggregates import aggregate_bars, aggregate_candles
from webapp.series.queries_bar_pages import Reading
from webapp.series.queries_series import SeriesRow
from webapp.sources.choices import variant_of
from webapp.sources.registry import capabilities_of

_BARS_A_READING = 200_000
"""How many stored bars are read at once at most, if a market were open day and night: a tenth of a second's work."""
_DATED_PAGE = 10_000
_HALF_HOUR = 1800
_LONGEST_OF_HOURS = 2 * HOUR
_FAR = 2**33
"""Seconds beyond which no calendar reaches."""


@dataclass(frozen=True, slots=True)
class DerivedBars:
    """The larger bars of a series that start in ``span`` (dates for bars of a day and longer), none cut by it.

    They are adjusted already. The last ones, whose time is not over or not known to its end, are left out.
    """

    row: SeriesRow
    step: Interval
    factors: Adjustment
    has_wap: bool
    span: Span
    finished: Finished
    reading: Reading
    late_starts: Mapping[int, int]
    """Where bars begin with the trading, later than at their place on the source's clock."""
    partial: frozenset[int]
    """The starts of partial bars, among others of which there are no bars."""
    complete_only: bool = False
    """Whether partial bars are left out."""

    @property
    def is_last_finished(self) -> bool:
        """Whether the bar that the last stored ones are in is among them: all that the time alone changes of them."""
        last = self.row.last_bar
        if last is None:
            return False
        if not self.row.interval.is_dated:
            clock = _clock_of(self.row, self.step)
            last = clock.label(last) if self.step.is_dated else place_of(clock, last, self.step)
        start = period_start(last, self.step) if self.step.is_dated else self.late_starts.get(last, last)
        return self.finished.is_finished(start)

    def pages(self, size: int) -> Iterator[list[Bar]]:
        """Yield them, ascending, ``size`` a page; only the last page holds less."""
        page: list[Bar] = []
        for bar in self._bars():
            page.append(bar)
            if len(page) == size:
                yield page
                page = []
        if page:
            yield page

    def short_pages(self, size: int) -> Iterator[list[ShortBar]]:
        """Yield them up to their volume, as ``pages`` does."""
        for page in self.pages(size):
            yield [bar[:6] for bar in page]

    def _bars(self) -> Iterator[Bar]:
        pieces = self._days() if self.row.interval.is_dated else self._candles()
        bars: Iterator[Bar] = chain.from_iterable(pieces)
        if self.step.seconds > DAY:
            bars = aggregated(bars, lambda time: period_start(time, self.step))
        since, until = self.span.start, self.span.end
        for bar in bars:
            if bar[0] >= until or not self.finished.is_finished(bar[0]):
                return
            if bar[0] >= since and not (self.complete_only and bar[0] in self.partial):
                yield bar

    def _days(self) -> Iterator[Iterable[Bar]]:
        """Yield stored days, adjusted, from the first one of the first period on."""
        dates = self._dates(self.row.first_bar, self.row.last_bar)
        is_full = bool(dates)
        while is_full:
            with self.reading() as connection:
                page = queries_bar_pages.page(connection, self.row.id, dates, _DATED_PAGE)
            yield _adjusted(page, self.factors)
            is_full = len(page) == _DATED_PAGE
            dates = Span(page[-1][0] + 1, dates.end) if is_full else dates

    def _candles(self) -> Iterator[Iterable[Bar]]:
        """Yield bars of ``step``, a day at most, adjusted; each reading is of whole days of the exchange."""
        clock, step = _clock_of(self.row, self.step), min(self.step.seconds, DAY)
        factors = self.factors
        if step == DAY:
            factors = replace(factors, edges=tuple(clock.label(edge) for edge in factors.edges))
        for days in self._readings(clock):
            with self.reading() as connection:
                bars = self._merged(connection, clock, days, step)
                if not self.step.is_dated:
                    bars = [(self._start(connection, bar[0]), *bar[1:]) for bar in bars]
            yield _adjusted(bars, factors)

    def _merged(self, connection: Connection, clock: ExchangeClock, days: Span, step: int) -> list[Bar]:
        if self.has_wap:  # candles that are kept ready know nothing of averages
            return aggregate_bars(connection, self.row.id, day_runs(clock, days), step, days)
        if clock == exchange_clock(self.row):
            candles = open_candle_source(connection, self.row, days).candles(step)
        else:
            candles = aggregate_candles(connection, self.row.id, day_runs(clock, days), step, days)
        return [(t, o, h, lo, c, v, None, None) for t, o, h, lo, c, v, _ in candles]

    def _start(self, connection: Connection, place: int) -> int:
        """Return where a short bar begins: at its place, or with the trading.

        No calendar tells when extended hours begin. They do on a full hour that only long bars may reach across, and
        after a night, so there it is the first stored bar's half hour.
        """
        is_on_clock = not capabilities_of(self.row.source).opens_with_session
        if self.step.seconds <= _LONGEST_OF_HOURS or not is_on_clock or not has_extended_hours(self.row):
            return self.late_starts.get(place, place)
        first = queries_bars.first_times(connection, self.row.id, place, 1)[0]
        before = queries_bars.last_times(connection, self.row.id, place, 1)
        is_after_night = not before or place - before[0] > _LONGEST_OF_HOURS
        return max(place, first - first % _HALF_HOUR) if is_after_night else place

    def _readings(self, clock: ExchangeClock) -> Iterator[Span]:
        """Yield spans of whole days, oldest first, that hold all stored bars of what was asked for."""
        first, last = self.row.first_bar, self.row.last_bar
        if first is None or last is None:
            return
        if self.step.is_dated:
            dates = self._dates(clock.label(first), clock.label(last))
        else:
            edges = [clock.label(min(max(time, first), last)) for time in (self.span.start, self.span.end - 1)]
            dates = Span(edges[0], edges[1] + DAY)
        days = max(1, _BARS_A_READING * self.row.interval.seconds // DAY) * DAY
        for label in range(dates.start, dates.end, days):
            yield Span(clock.midnight(label), clock.midnight(min(label + days, dates.end)))

    def _dates(self, first: int | None, last: int | None) -> Span:
        """Return the dates, of those between the first and last stored, that bars starting in the span are made of."""
        if first is None or last is None or not self.span:
            return Span(0, 0)
        start, end = (min(max(time, first), last) for time in (self.span.start, self.span.end - 1))
        whole = Span(period_start(start, self.step), next_start(end, self.step))
        return whole.intersection(Span(period_start(first, Interval.D1), next_start(last, Interval.D1)))


def _clock_of(row: SeriesRow, step: Interval) -> ExchangeClock:
    return exchange_clock(row) if step.is_dated else source_clock(row)


def _adjusted(bars: list[Bar], factors: Adjustment) -> list[Bar]:
    if not factors.edges:
        return bars
    return [scale_bar(bar, price, volume) for part, price, volume in parts(bars, factors) for bar in part]


def larger_intervals(row: SeriesRow) -> list[Interval]:
    """Return the larger intervals that the bars of a series make, ascending; those of averages make none."""
    return [] if variant_of(row.source, row.variant).is_averaged else makes(row.interval)


def step_of(row: SeriesRow, step: Interval | None) -> Interval | None:
    """Return the interval to which the bars of a series are to be merged; None when they are taken as they are.

    :raises InvalidRequestError: with the field ``interval`` when bars of the series make none of it.
    """
    if step is None or step is row.interval:
        return None
    possible = larger_intervals(row)
    if step in possible:
        return step
    if not possible and makes(row.interval):
        message = sentence(
            "Opens and closes of this series are averages over each bar's time, and of those no larger bars are made. "
            "Collect %(step)s bars, or leave the interval out.",
            step=step.value,
        )
    elif not possible:
        message = sentence("Nothing can be made of bars of %(own)s. Leave the interval out.", own=row.interval.value)
    else:
        message = sentence(
            "Bars of %(step)s cannot be made of those of %(own)s. Possible are: %(possible)s.",
            step=step.value,
            own=row.interval.value,
            possible=", ".join(interval.value for interval in (row.interval, *possible)),
        )
    raise InvalidRequestError({"interval": message})


def starts(row: SeriesRow, step: Interval, span: Span) -> Span:
    """Return in which span derived bars start: an edge that is a midnight of the exchange's is meant as its date."""
    if row.interval.is_dated or not step.is_dated:
        return span
    zone = exchange_clock(row).zone

    def date(edge: int) -> int:
        if abs(edge) > _FAR:
            return edge
        label = local_date_label(edge, zone)
        return label if local_instant(label, 0, zone) == edge else edge

    return Span(date(span.start), date(span.end))


def finished_of(connection: Connection, row: SeriesRow, step: Interval, now: int) -> Finished:
    """Return what tells finished bars (docs/data.md#closed-bars): their time is over, the series known to its end.

    A stored bar was closed when it was stored. Where no coverage is kept, as of a file, the clock alone decides.
    """
    zone = exchange_clock(row).zone
    code = queries_calendars.chosen(connection, row.instrument_id) or calendar_of(row.facts)
    trading = Trading(row.facts, code, variant_of(row.source, row.variant).is_at_all_hours)
    answered = answered_spans(queries_coverage.read(connection, row.id))
    known_until = max((span.end for span in answered), default=None)
    if row.interval.is_dated:
        over = closed_until(Interval.D1, replace(row.facts, timezone=zone.key), now, 0)
        stored = (row.last_bar or 0) + DAY
        return finished_dates(step, trading, zone, over if known_until is None else min(over, max(known_until, stored)))
    stored = (row.last_bar or 0) + row.interval.seconds
    return finished(step, trading, zone, now if known_until is None else min(now, max(known_until, stored)))
