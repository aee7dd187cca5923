"""Filling gaps: jobs for what is missing and can be had, no more of them than it takes."""

from collections.abc import Sequence

from webapp.collecting import submit
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
from webapp.sources.registry import offer

MOST_JOBS = 50
"""How many jobs one click makes at most; the newest gaps come first."""


def fill(context: Context, row: SeriesRow) -> list[int]:
    """Submit jobs for what is missing and can be had, and return their ids, newest gap first.

    Gaps between which everything is known already share a job, which makes no request but theirs.
    """
    coverage_report = report(context, row)
    spans = _merge_adjacent(coverage_report, context.now().timestamp())
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
