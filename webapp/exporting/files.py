"""A series as a file: CSV, Parquet or Arrow, streamed, with little memory and no transaction left open."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from webapp.errors import InvalidRequestError, sentence
from webapp.exporting import arrow, csv_text
from webapp.exporting.names import file_name
from webapp.exporting.rules_exports import UTC
from webapp.exporting.zones import ZonedLines, zone_for
from webapp.kernel.bars import Bar, ShortBar
from webapp.kernel.intervals import Interval
from webapp.kernel.spans import EVER, Span
from webapp.reading.bars import StoredBars, open_bars
from webapp.series.queries_series import SeriesRow

_CSV_ROWS = 2_000
_TABLE_ROWS = {"parquet": 50_000, "arrow": 10_000}  # a Parquet row group of few rows compresses badly
MIMETYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.file",
}
_Row = TypeVar("_Row", Bar, ShortBar)


@dataclass(slots=True)
class Tally:
    """What has gone into a file so far: bars, and the first and last one's start (epoch seconds)."""

    rows: int = 0
    first: int | None = None
    last: int | None = None

    def over(self, pages: Iterable[list[_Row]]) -> Iterator[list[_Row]]:
        """Yield the pages and count them."""
        for page in pages:
            if not page:
                continue
            self.rows += len(page)
            self.first = page[0][0] if self.first is None else self.first
            self.last = page[-1][0]
            yield page


@dataclass(frozen=True, slots=True)
class Export:
    """A file on its way. ``chunks`` may be read after the request's application context has gone."""

    filename: str
    mimetype: str
    chunks: Iterator[bytes]
    tally: Tally = field(default_factory=Tally)


def open_export(  # noqa: PLR0913 -- the fields of an export
    series_id: int,
    fmt: str,
    adjust: str = "splits",
    span: Span = EVER,
    *,
    zone: str = UTC,
    step: Interval | None = None,
    complete_only: bool = False,
) -> Export:
    """Return the bars that start in ``span`` as a ``csv``, ``parquet`` or ``arrow`` file, prices adjusted as asked.

    :param zone: the time zone that times are written in, by its name or ``exchange``; dates stay dates.
    :param step: a larger interval that the bars are merged into; a column ``partial`` says of each whether something is
        missing in it.
    :param complete_only: whether those that are partial are left out.
    :raises NotFoundError: when there is no series of this id.
    :raises InvalidRequestError: with the field ``format``, ``adjust``, ``zone`` or ``interval`` for an unknown one.
    """
    _require_format(fmt)
    return export_of(open_bars(series_id, adjust, span, step, complete_only=complete_only), fmt, adjust, zone)


def export_of(stored: StoredBars, fmt: str, adjust: str, zone: str = UTC) -> Export:
    """Return bars that are opened already, adjusted as ``adjust`` says, as a file; the rest as for ``open_export``.

    :raises InvalidRequestError: with the field ``format`` or ``zone`` for an unknown one.
    """
    _require_format(fmt)
    row, interval = stored.series, stored.interval
    local = zone_for(zone, row)
    name = named(row, fmt, adjust, interval.value)
    tally = Tally()
    if fmt == "csv":
        lines = None if interval.is_dated or local.key == UTC else ZonedLines(local)
        return Export(name, MIMETYPES[fmt], _csv(stored, tally, lines, is_dated=interval.is_dated), tally)
    facts = facts_of(row, interval, adjust)
    table = arrow.Table(
        facts, is_dated=interval.is_dated, has_wap=stored.has_wap, zone=local.key, partial=stored.partial
    )
    return Export(name, MIMETYPES[fmt], arrow.stream(_pages(stored, tally, fmt), table, fmt), tally)


def _require_format(fmt: str) -> None:
    if fmt not in MIMETYPES:
        message = sentence(
            "“%(format)s” is not a format. Use one of: %(formats)s.", format=fmt[:20], formats=", ".join(MIMETYPES)
        )
        raise InvalidRequestError({"format": message})


def named(row: SeriesRow, fmt: str, adjust: str, step: str | None = None) -> str:
    """Return the file name of a series' export."""
    return file_name(row.source, row.symbol, step or row.interval.value, row.variant, adjust, fmt)


def _pages(stored: StoredBars, tally: Tally, fmt: str) -> Iterator[Sequence[Bar] | Sequence[ShortBar]]:
    size = _TABLE_ROWS[fmt]
    if stored.has_wap:
        yield from tally.over(stored.adjusted(size))
    else:
        yield from tally.over(stored.adjusted_short(size))


def _csv(stored: StoredBars, tally: Tally, zoned: ZonedLines | None, *, is_dated: bool) -> Iterator[bytes]:
    yield csv_text.header(has_wap=stored.has_wap, has_partial=stored.partial is not None)
    stamps = csv_text.Stamps(is_dated=is_dated)
    if stored.has_wap:
        for page in tally.over(stored.adjusted(_CSV_ROWS)):
            yield _finish_lines(csv_text.long_lines(page, stamps), [bar[0] for bar in page], stored, zoned)
        return
    for short in tally.over(stored.adjusted_short(_CSV_ROWS)):
        yield _finish_lines(csv_text.short_lines(short, stamps), [bar[0] for bar in short], stored, zoned)


def _finish_lines(lines: bytes, times: list[int], stored: StoredBars, zoned: ZonedLines | None) -> bytes:
    local = zoned.of(lines, times) if zoned else lines
    return local if stored.partial is None else csv_text.mark_partial(local, times, stored.partial)


def facts_of(row: SeriesRow, interval: Interval, adjust: str) -> Mapping[str, str]:
    """Return what a file's metadata say of a series; what is not known is left out."""
    facts = {
        "symbol": row.symbol,
        "source": row.source,
        "interval": interval.value,
        "variant": row.variant,
        "currency": row.facts.currency or "",
        "timezone": row.facts.timezone or "",
        "adjustment": adjust,
    }
    return {name: fact for name, fact in facts.items() if fact}
