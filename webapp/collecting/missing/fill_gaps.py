"""Filling gaps: jobs for what is missing and can be had, no more of them than it takes."""

from collections.abc import Sequence

from webapp.collecting import submit
from webapp.collecting.rules_chunks import join_pieces
from webapp.collecting.validation import validate_request
from webapp.context import Context
from webapp.coverage.gaps import CoverageReport, report
from webapp.coverage.rules_expected import known_seconds
from webapp.kernel.days import moments_of
from webapp.kernel.job_states import Priority
from webapp.kernel.plans import believed
from webapp.kernel.requests import CollectRequest
from webapp.kernel.spans import Span, subtract
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import SeriesQuery
from webapp.sources.registry import offer

MOST_JOBS = 50
"""How many jobs one click makes at most; the newest gaps come first."""


def fill(context: Context, row: SeriesRow) -> list[int]:
    """Submit jobs for what is missing and can be had, and return their ids, newest gap first.

    Gaps between which everything is known already share a job, which makes no request but theirs.
    """
    coverage_report = report(context, row)
    return _submit(context, row, _merge_adjacent(coverage_report, context.now().timestamp()))


def look_again(context: Context, row: SeriesRow) -> list[int]:
    """Submit jobs for what is doubted, before its next look is due, and return their ids, newest span first.

    Such a look brings what the source has by now, and confirms nothing.
    """
    query = SeriesQuery(row.symbol, row.interval, offer(row.source).options_of(row.variant), row.facts)
    doubted = [(found_gap.gap.span, True) for found_gap in reversed(report(context, row).doubted)]
    joined = join_pieces(doubted, lambda span: offer(row.source).cut(query, span))
    return _submit(context, row, [span for span, _ in reversed(joined)], refresh=True)


def _submit(context: Context, row: SeriesRow, spans: Sequence[Span], *, refresh: bool = False) -> list[int]:
    ids: list[int] = []
    for span in spans[:MOST_JOBS]:
        start, end = moments_of(span, row.interval)
        request = CollectRequest(
            source=row.source,
            symbols=(row.symbol,),
            interval=row.interval,
            start=start,
            end=end,
            options=offer(row.source).options_of(row.variant),
            priority=Priority.HIGH,
            refresh=refresh,
        )
        ids.extend(submit.submit(context, validate_request(request, context.now()), "web").job_ids)
    return ids


def _merge_adjacent(coverage_report: CoverageReport, now: float) -> list[Span]:
    """Return the spans of jobs, newest first."""
    believed_spans, answered = believed(coverage_report.covered, now), coverage_report.coverage.answered
    spans: list[Span] = []
    for gap in coverage_report.fillable:
        between = Span(gap.span.end, spans[-1].start) if spans else None
        if between and _asks_for_no_more(between, believed_spans, answered):
            spans[-1] = Span(gap.span.start, spans[-1].end)
        else:
            spans.append(gap.span)
    return spans


def _asks_for_no_more(between: Span, settled: Sequence[Span], answered: Sequence[Span]) -> bool:
    """Tell whether a job over two gaps asks only for them: what else is unknown touches one, as a weekend does.

    What the source has called empty is not asked again for the sake of a gap beside it.
    """
    rest = subtract([between], settled)
    touches = all(piece.start == between.start or piece.end == between.end for piece in rest)
    return touches and not any(known_seconds(answered, piece) for piece in rest)
