"""What an export would hold, told before it is made: bars, bytes, and the first rows as they will be written."""

import dataclasses
import zlib
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection

from webapp.coverage.answered import describe_empty
from webapp.database.transactions import reading
from webapp.errors import Sentence
from webapp.exporting.archive import LEVEL, is_compressed
from webapp.exporting.counts import count_rows, rows_of, span_of
from webapp.exporting.files import open_export
from webapp.exporting.rules_exports import ExportRequest, is_large
from webapp.kernel.intervals import Interval
from webapp.kernel.spans import Span
from webapp.reading import adjusting
from webapp.reading.adjustment_findings import describe_findings
from webapp.reading.rules_adjustment import Adjust
from webapp.series import queries_bar_pages, queries_bars
from webapp.series.queries_series import SeriesRow

_ROWS_SHOWN = 5
_SAMPLED_ROWS = {"csv": 1_000, "parquet": 20_000, "arrow": 5_000}
"""Enough to tell a row's bytes within some percents; Parquet compresses long columns better."""
_SAMPLED_SERIES = 3
_MOST_READ = 50_000
_MOST_REMARKS = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """``size`` is in bytes, and about right; None while there is nothing to measure.

    ``rows`` is exact, but about right when bars are merged (``is_about``). ``head`` and ``lines`` are the first rows of
    the series ``symbol``, cell by cell as CSV has them. ``is_large``: a worker makes the file.
    """

    series: int
    rows: int
    is_about: bool
    size: int | None
    symbol: str
    head: list[str]
    lines: list[list[str]]
    is_large: bool
    remarks: list[Sentence]
    """What prices are not adjusted for, and why there are no bars at all."""


def preview(request: ExportRequest) -> Preview:
    """Return what an export would hold.

    :raises NotFoundError: when a series is not there.
    :raises InvalidRequestError: with the name of the field that is wrong.
    """
    rows = rows_of(request)
    counts = _counts(rows, request)
    full = [(row, count) for row, count in zip(rows, counts, strict=True) if count]
    total = sum(counts)
    head, lines = _first_rows(full[0][0] if full else rows[0], request)
    return Preview(
        series=len(rows),
        rows=total,
        is_about=request.step is not None,
        size=_size([row for row, _ in full[:_SAMPLED_SERIES]], request, total),
        symbol=(full[0][0] if full else rows[0]).symbol,
        head=head,
        lines=lines,
        is_large=is_large(len(rows), total),
        remarks=[*_remarks([row for row, _ in full], request), *_say_empty(rows)],
    )


def rows_in(request: ExportRequest) -> int:
    """Return how many bars an export would hold; with a larger interval about how many.

    :raises NotFoundError: when a series is not there.
    """
    return sum(_counts(rows_of(request), request))


def _remarks(rows: list[SeriesRow], request: ExportRequest) -> list[Sentence]:
    """Return what must be said of adjusted prices, of the first series of which something must."""
    if request.adjust != Adjust.ALL:
        return []
    with reading() as connection:
        remarks = (remark for row in rows for remark in _remarks_of(connection, row))
        return list(islice(remarks, _MOST_REMARKS))


def _say_empty(rows: list[SeriesRow]) -> list[Sentence]:
    """Say why a single series has no bars at all; an archive's list says how many each of its files has."""
    with reading() as connection:
        empty = describe_empty(connection, rows[0]) if len(rows) == 1 else None
    return [empty] if empty else []


def _remarks_of(connection: Connection, row: SeriesRow) -> list[Sentence]:
    return [*adjusting.find_omitted(connection, row), *describe_findings(connection, row, Adjust.ALL)]


def _counts(rows: list[SeriesRow], request: ExportRequest) -> list[int]:
    with reading() as connection:
        return [count_rows(connection, row, request) for row in rows]


def _first_rows(row: SeriesRow, request: ExportRequest) -> tuple[list[str], list[list[str]]]:
    span = span_of(row, request)
    with reading() as connection:
        beyond = queries_bar_pages.nth_time(connection, row.id, span, _stored_rows(row, request, _ROWS_SHOWN))
    shown = Span(span.start, span.end if beyond is None else beyond)
    text, _ = _written(row, dataclasses.replace(request, fmt="csv"), shown)
    head, *lines = [line.split(",") for line in text.decode().splitlines()[: _ROWS_SHOWN + 1]]
    return head, lines


def _size(rows: list[SeriesRow], request: ExportRequest, total: int) -> int | None:
    """Return about how many bytes the file has, by what the last bars of some of the series take."""
    sampled, sampled_bytes = 0, 0
    for row in rows:
        span = span_of(row, request)
        limit = _stored_rows(row, request, _SAMPLED_ROWS[request.fmt])
        with reading() as connection:
            times = queries_bars.last_times(connection, row.id, span.end, limit)
        text, count = _written(row, request, Span(max(span.start, times[-1] if times else span.start), span.end))
        empty, _ = _written(row, request, Span(span.end, span.end))
        sampled += count
        sampled_bytes += _bytes(text, request) - _bytes(empty, request)
    return total * sampled_bytes // sampled if sampled else None


def _bytes(text: bytes, request: ExportRequest) -> int:
    return len(zlib.compress(text, LEVEL)) if request.is_archive and is_compressed(request.fmt) else len(text)


def _written(row: SeriesRow, request: ExportRequest, span: Span) -> tuple[bytes, int]:
    step = Interval(request.step) if request.step and request.step != row.interval else None
    opened = open_export(
        row.id, request.fmt, request.adjust, span, zone=request.zone, step=step, complete_only=request.complete_only
    )
    text = b"".join(opened.chunks)
    return text, opened.tally.rows


def _stored_rows(row: SeriesRow, request: ExportRequest, count: int) -> int:
    """Return how many stored bars make about so many rows of the file."""
    ratio = -(-Interval(request.step).seconds // row.interval.seconds) if request.step else 1
    return min(_MOST_READ, count * ratio)
