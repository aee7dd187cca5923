"""What a series should have by its exchange's calendar: cells by year, gaps."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from webapp.context import Context
from webapp.coverage import calendars
from webapp.coverage import queries_expectations as store
from webapp.coverage.calendars import Calendar
from webapp.coverage.expected_years import AROUND, expected_in, year_of, year_span
from webapp.coverage.rules_expected import CellState, Expected, Gap, KnownCoverage, gaps, state_of
from webapp.database.transactions import reading
from webapp.errors import Sentence
from webapp.kernel.closing import closed_until
from webapp.kernel.intervals import Interval, period_start
from webapp.kernel.plans import Covered, Verdict, answered_spans
from webapp.kernel.requests import EARLIEST
from webapp.kernel.spans import Span, subtract, union, within
from webapp.series import queries_coverage
from webapp.series.queries_series import SeriesRow
from webapp.series.source_limits import servable_part
from webapp.sources.registry import capabilities_of, offer


@dataclass(frozen=True, slots=True)
class Cell:
    """A session, week or month of the calendar with what is known of it; ``rows`` bars of ``bars`` expected."""

    label: int
    state: CellState
    rows: int
    bars: int
    is_short: bool


@dataclass(frozen=True, slots=True)
class FoundGap:
    """A gap, and why its source cannot fill it (None when it can).

    ``next_look`` is when a doubted one is asked for again (epoch seconds), None for one that was never answered.
    """

    gap: Gap
    refusal: Sentence | None
    next_look: int | None = None

    def is_fillable(self, now: float) -> bool:
        """Tell whether asking for it now can fill it."""
        return self.refusal is None and (self.next_look is None or now >= self.next_look)


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """All there is to say of a series' coverage at one moment."""

    row: SeriesRow
    calendar: Calendar
    coverage: KnownCoverage
    covered: Sequence[Covered]
    gaps: tuple[FoundGap, ...]
    """Newest first."""
    reported_at: float
    """Epoch seconds."""

    @property
    def fillable(self) -> tuple[Gap, ...]:
        """The gaps that the source can fill now, newest first; what is doubted waits for its next look."""
        return tuple(gap.gap for gap in self.gaps if gap.is_fillable(self.reported_at))

    @property
    def doubted(self) -> tuple[FoundGap, ...]:
        """The gaps of which the source answered what nobody believes yet, and that it can fill, newest first."""
        return tuple(gap for gap in self.gaps if gap.next_look is not None and gap.refusal is None)

    @property
    def years(self) -> range:
        """The years (UTC) in which anything was asked for."""
        if not self.coverage.frame:
            return range(0)
        return range(year_of(self.coverage.frame.start), year_of(self.coverage.frame.end - 1) + 1)


def report(context: Context, row: SeriesRow) -> CoverageReport:
    """Return what is known of a series and what is missing by its calendar."""
    now = context.now().timestamp()
    calendar = calendars.calendar(row.instrument_id, row.facts)
    with reading() as connection:
        covered = queries_coverage.read(connection, row.id)
        unfinished = store.unfinished(connection, row.id)
    coverage = KnownCoverage(
        answered=union(answered_spans(covered)),
        doubted=union(part.span for part in covered if part.verdict is Verdict.DOUBTED),
        empty=union(part.span for part in covered if part.verdict is Verdict.EMPTY),
        failed=union(_clamped(part.span, row, covered) for part in unfinished if part.has_failed),
        frame=_frame([part.span for part in covered], [_clamped(part.span, row, covered) for part in unfinished]),
        closed=closed_until(row.interval, row.facts, now, offer(row.source).finality_delay),
    )
    coverage = replace(coverage, frame=_extend_to_session_end(row, calendar, coverage, _first_day(row)))
    missing = _gaps(row, calendar, coverage)
    doubted = [part for part in covered if part.verdict is Verdict.DOUBTED]
    newest_first = tuple(_with_look(_with_refusal(row, gap, now), doubted) for gap in reversed(missing))
    return CoverageReport(row, calendar, coverage, covered, newest_first, now)


def cells(report: CoverageReport, year: int) -> list[Cell]:
    """Return the cells of a year, oldest first."""
    expected = _expected(report.row, report.calendar, year_span(year))
    if not expected:
        return []
    # From the first to the last: on a grid that goes on through lunch, a bar may begin before trading does.
    spans = [Span(period.start, period.end) for period in expected]
    with reading() as connection:
        rows = store.row_counts(connection, report.row.id, spans)
    return [
        Cell(period.label, state_of(period, report.coverage, count), count, period.bars, period.is_short)
        for period, count in zip(expected, rows, strict=True)
    ]


def all_gaps(report: CoverageReport) -> list[Gap]:
    """Return the gaps of a report from end to end, oldest first, also where the source cannot fill them any more."""
    return _gaps(report.row, report.calendar, report.coverage)


def expected_sessions(report: CoverageReport, span: Span) -> list[Expected]:
    """Return what is expected of the periods that begin in a span of labels, oldest first."""
    return _expected(report.row, report.calendar, span)


def _gaps(row: SeriesRow, calendar: Calendar, coverage: KnownCoverage) -> list[Gap]:
    """Return what is missing, oldest first; what is doubted is a gap of its own."""
    frame = [coverage.frame] if coverage.frame else []
    never = subtract(frame, [*coverage.answered, *coverage.doubted])
    unknown = sorted([*never, *(part for span in frame for part in within(coverage.doubted, span))])
    around = union(_around(span) for span in unknown)
    return gaps(unknown, [period for span in around for period in _expected(row, calendar, span)], coverage)


def _with_refusal(row: SeriesRow, gap: Gap, now: float) -> FoundGap:
    """Say why a gap cannot be filled; of one that can be in part, keep the part that can."""
    part = servable_part(row, gap.span, now)
    return FoundGap(replace(gap, span=part), None) if isinstance(part, Span) else FoundGap(gap, part)


def _with_look(found_gap: FoundGap, doubted: Sequence[Covered]) -> FoundGap:
    span = found_gap.gap.span
    looks = [part.next_look for part in doubted if part.span.intersection(span)]
    return replace(found_gap, next_look=min(looks)) if looks else found_gap


def _expected(row: SeriesRow, calendar: Calendar, span: Span) -> list[Expected]:
    """Return what is expected of the periods that begin in a span of labels."""
    from_opening = capabilities_of(row.source).opens_with_session
    return expected_in(calendar, row.interval, span, from_opening=from_opening)


def _first_day(row: SeriesRow) -> int:
    """Return the label of the period in which an instrument was first traded, as far as that is known."""
    first = row.facts.first_trade
    return EARLIEST if first is None else period_start(first, row.interval if row.interval.is_dated else Interval.D1)


def _around(span: Span) -> Span:
    return Span(span.start - AROUND, span.end + AROUND)


def _clamped(span: Span, row: SeriesRow, covered: Sequence[Covered]) -> Span:
    """Return what a job was to collect, without the years before anything was traded."""
    if span.start > EARLIEST:
        return span
    covered_from = [covered[0].span.start] if covered else []
    starts = [row.facts.first_trade] if row.facts.first_trade is not None else covered_from
    return Span(starts[0] if starts else span.end, span.end)


def _frame(answered: Iterable[Span], unfinished: Iterable[Span]) -> Span:
    """Return the hull of what was ever asked for."""
    spans = [span for span in (*answered, *unfinished) if span]
    if not spans:
        return Span(0, 0)
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def _extend_to_session_end(row: SeriesRow, calendar: Calendar, coverage: KnownCoverage, earliest: int) -> Span:
    """Begin the frame with the first trade, and end it with a whole session: one that was begun is expected whole."""
    start, end = max(coverage.frame.start, earliest), coverage.frame.end
    expected = _expected(row, calendar, _around(Span(end, end)))
    place = bisect_right(expected, end, key=lambda period: period.end)
    if place < len(expected) and expected[place].start < end and expected[place].end <= coverage.closed:
        end = expected[place].end
    return Span(start, end)
